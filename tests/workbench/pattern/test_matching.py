"""Which journeys hold a pattern: the SQL against a search that tries everything, and by hand on the twelve customers."""

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.engine.matching import journeys_matching
from workbench.errors import NotFound
from workbench.pattern import Choice, Link, Pattern, Step, parse

NAMES, CHANNELS = "ABC", "xy"
CODES = {name: code for code, name in enumerate(NAMES)}


def holds(journey, pattern):
    """The meaning of a pattern, tried occurrence by occurrence. A journey is [(touchpoint, channel, seconds)]."""

    def meets(place, choices):
        touchpoint, channel, _ = journey[place]
        return any(
            choice.touchpoint in (None, touchpoint) and all(channel in values for _, values in choice.where)
            for choice in choices
        )

    def occurrences(step):
        if step.repeat is None:
            return [(place, place) for place in range(len(journey)) if meets(place, step.choices)]
        least, most = step.repeat
        found = []
        for head in range(len(journey)):
            for tail in range(head, len(journey)):
                whole = all(meets(place, step.choices) for place in range(head, tail + 1))
                longest = not (head > 0 and meets(head - 1, step.choices))
                longest = longest and not (tail + 1 < len(journey) and meets(tail + 1, step.choices))
                if whole and longest and least <= tail - head + 1 <= (most or len(journey)):
                    found.append((head, tail))
        return found

    def linked(tail, head, link):
        if head <= tail or (link.direct and head != tail + 1):
            return False
        if link.within is not None and journey[head][2] - journey[tail][2] > link.within:
            return False
        return not any(meets(place, link.without) for place in range(tail + 1, head))

    def goes_on(number, tail):
        if number == len(pattern.links):
            return not pattern.to_end or tail == len(journey) - 1
        return any(
            linked(tail, head, pattern.links[number]) and goes_on(number + 1, then)
            for head, then in occurrences(pattern.steps[number + 1])
        )

    found = any(goes_on(0, tail) for head, tail in occurrences(pattern.steps[0]) if head == 0 or not pattern.from_start)
    return found != pattern.negated


def meets_sql(conditions):
    (_, values), *rest = conditions
    assert not rest
    return f"channel IN ({', '.join('?' * len(values))})", list(values)


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect(config={"threads": 1}) as found:
        found.execute(
            "CREATE TABLE steps (journey BIGINT, seq INTEGER, code SMALLINT, nxt SMALLINT, happened BIGINT, channel VARCHAR)"
        )
        found.execute("CREATE TABLE journeys (journey BIGINT)")
        yield found


def matching(connection, journeys, pattern):
    rows = [
        (number, seq, CODES[touchpoint], None if seq == len(steps) else CODES[steps[seq][0]], age * 1_000_000, channel)
        for number, steps in enumerate(journeys)
        for seq, (touchpoint, channel, age) in enumerate(steps, 1)
    ]
    connection.execute("DELETE FROM steps; DELETE FROM journeys")
    connection.executemany("INSERT INTO steps VALUES (?, ?, ?, ?, ?, ?)", rows[::-1])
    connection.executemany("INSERT INTO journeys VALUES (?)", [(number,) for number in range(len(journeys))])
    sql, values = journeys_matching(pattern, CODES, meets_sql)
    found = [row[0] for row in connection.execute(sql, values).fetchall()]
    assert len(found) == len(set(found))
    return set(found)


@st.composite
def journeys(draw):
    steps = st.lists(
        st.tuples(st.sampled_from(NAMES), st.sampled_from(CHANNELS), st.sampled_from([0, 0, 1, 10])), min_size=1, max_size=9
    )
    found = []
    for journey in draw(st.lists(steps, min_size=1, max_size=8)):
        age, made = 0, []
        for number, (touchpoint, channel, wait) in enumerate(journey):
            age += wait if number else 0
            made.append((touchpoint, channel, age))
        found.append(made)
    return found


CHOICES = st.lists(
    st.builds(Choice, st.sampled_from([*NAMES, *NAMES, None]), st.sampled_from([(), (), (("channel", ("x",)),)])),
    min_size=1,
    max_size=2,
).map(tuple)
STEPS = st.builds(Step, CHOICES, st.sampled_from([None, None, None, (1, 1), (2, None), (1, 2)]))
LINKS = st.builds(
    Link, st.just(False), st.sampled_from([None, None, 1.0, 10.0]), st.just(()) | CHOICES
) | st.builds(Link, st.just(True), st.sampled_from([None, 1.0]))  # fmt: skip


@st.composite
def patterns(draw):
    found = draw(st.lists(STEPS, min_size=1, max_size=4))
    links = draw(st.lists(LINKS, min_size=len(found) - 1, max_size=len(found) - 1))
    edges = st.sampled_from([False, False, False, True])
    return Pattern(tuple(found), tuple(links), draw(edges), draw(edges), draw(edges))


@settings(deadline=None)  # a busy machine is no failure
@given(journeys(), patterns())
def test_the_sql_finds_what_trying_everything_finds(connection, made, pattern):
    assert matching(connection, made, pattern) == {number for number, one in enumerate(made) if holds(one, pattern)}


@st.composite
def two_steps(draw):
    plain = st.lists(st.sampled_from([*NAMES, None]).map(Choice), min_size=1, max_size=2).map(tuple)
    link = draw(
        st.builds(Link, st.just(False), st.sampled_from([None, 1.0, 10.0]), st.just(()) | plain)
        | st.builds(Link, st.just(True), st.sampled_from([None, 1.0]))
    )
    return Pattern(
        (Step(draw(plain)), Step(draw(plain))), (link,), draw(st.booleans()), draw(st.booleans()), draw(st.booleans())
    )


@settings(deadline=None)  # a busy machine is no failure
@given(journeys(), two_steps())
def test_the_common_form_finds_what_trying_everything_finds(connection, made, pattern):
    assert matching(connection, made, pattern) == {number for number, one in enumerate(made) if holds(one, pattern)}


def test_a_long_journey_costs_no_pairs(connection):
    # 100,000 steps at A and B in turn: every B follows up to 50,000 As; pairs would be 1.25 billion
    connection.execute("DELETE FROM steps; DELETE FROM journeys")
    connection.execute("""
        INSERT INTO steps
        SELECT 0, i + 1, i % 2, CASE WHEN i < 99999 THEN (i + 1) % 2 END, i * 1000000, 'x' FROM range(100000) steps(i)""")
    for text, held in {
        "A -> B -> A -> B within 1s": True,
        "A -> C": False,
        "B -> A within 0.5s": False,
        "B -> B without A": False,
        "A -> A {2,} -> B": False,
        "any {9999,} -> A": False,
    }.items():
        sql, values = journeys_matching(parse(text), {**CODES}, meets_sql)
        assert bool(connection.execute(sql, values).fetchall()) is held, text


def test_an_unknown_touchpoint_is_named_with_the_nearest():
    with pytest.raises(NotFound, match="Paymnet") as caught:
        journeys_matching(parse("Cart -> Paymnet"), {"Cart": 0, "Payment": 1}, meets_sql)
    assert caught.value.key == "pattern.unknown_touchpoint"
    assert caught.value.values["nearest"] == "Payment"


def test_an_unknown_touchpoint_between_is_named():
    with pytest.raises(NotFound, match="Help"):
        journeys_matching(parse("Cart -> Payment without Help"), {"Cart": 0, "Payment": 1}, meets_sql)
