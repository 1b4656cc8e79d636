"""The pattern language: what is read, how it is written back, and where errors point."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench import pattern
from workbench.errors import BadPattern
from workbench.pattern import Choice, Link, Pattern, Step, parse


def steps(*names):
    return tuple(Step((Choice(name),)) for name in names)


DAY = 86400.0
READ = {
    "Cart": Pattern(steps("Cart")),
    "not Payment": Pattern(steps("Payment"), negated=True),
    "Payment not received": Pattern(steps("Payment not received")),
    "Cart -> Payment within 7d without Support call": Pattern(
        steps("Cart", "Payment"), (Link(within=7 * DAY, without=(Choice("Support call"),)),)
    ),
    "Cart→Payment without Support call within 168 h": Pattern(
        steps("Cart", "Payment"), (Link(within=7 * DAY, without=(Choice("Support call"),)),)
    ),
    '"Add to cart" -> Payment': Pattern(steps("Add to cart", "Payment"), (Link(),)),
    '"Pay without account" -> “a -> b” -> «в "1С"»': Pattern(
        steps("Pay without account", "a -> b", 'в "1С"'), (Link(), Link())
    ),
    "start -> Search": Pattern(steps("Search"), from_start=True),
    "start => Search -> end": Pattern(steps("Search"), from_start=True, to_end=True),
    "start trial -> end of trial": Pattern(steps("start trial", "end of trial"), (Link(),)),
    '"start" -> "end" -> "any"': Pattern(steps("start", "end", "any"), (Link(), Link())),
    "Cart | Wishlist -> any": Pattern(
        (Step((Choice("Cart"), Choice("Wishlist"))), Step((Choice(None),))), (Link(),)
    ),
    "Cart=>Payment within 90 sec": Pattern(steps("Cart", "Payment"), (Link(direct=True, within=90.0),)),
    "Pay again {2,}": Pattern((Step((Choice("Pay again"),), (2, None)),)),
    "Pay again{2}": Pattern((Step((Choice("Pay again"),), (2, 2)),)),
    "Cart | Wishlist {2, 5}": Pattern((Step((Choice("Cart"), Choice("Wishlist")), (2, 5)),)),
    "A -> B within 7d without C -> D within 1h": Pattern(
        steps("A", "B", "D"), (Link(within=7 * DAY, without=(Choice("C"),)), Link(within=3600.0))
    ),
    "Search@app": Pattern((Step((Choice("Search", (("channel", ("app",)),)),)),)),
    "Search[channel=app]": Pattern((Step((Choice("Search", (("channel", ("app",)),)),)),)),
    "any@call centre[stage=Use|Buy, amount=1.5]": Pattern(
        (Step((Choice(None, (("amount", ("1.5",)), ("channel", ("call centre",)), ("stage", ("Buy", "Use")))),)),)
    ),
    "Оплата картой -> Звонок в поддержку": Pattern(steps("Оплата картой", "Звонок в поддержку"), (Link(),)),
    "Zgłoszenie  reklamacji@e-mail": Pattern((Step((Choice("Zgłoszenie reklamacji", (("channel", ("e-mail",)),)),)),)),
    **dict.fromkeys(
        [
            "Cart, then Payment within 7 days, without Support call between",
            "Cart , then Payment, without Support call in between within 168 hours",
            "Cart, затем Payment в течение 7 дней, без Support call между ними",
            "Cart, потом Payment, без Support call между, в течение 1 недели",
            "Cart, potem Payment w ciągu 7 dni, bez Support call między nimi",
            "Cart, następnie Payment, w ciągu 1 tydzień, bez Support call",
        ],
        Pattern(steps("Cart", "Payment"), (Link(within=7 * DAY, without=(Choice("Support call"),)),)),
    ),
    "start, then Search => Cart, then end": Pattern(
        steps("Search", "Cart"), (Link(direct=True),), from_start=True, to_end=True
    ),
    "A, then B within 90 minutes -> C without D | E@app between, then F within 1.5 h": Pattern(
        steps("A", "B", "C", "F"),
        (
            Link(within=5400.0),
            Link(without=(Choice("D"), Choice("E", (("channel", ("app",)),)))),
            Link(within=5400.0),
        ),
    ),
    "A, then B without any between": Pattern(steps("A", "B"), (Link(without=(Choice(None),)),)),
    "then -> between -> затем": Pattern(steps("then", "between", "затем"), (Link(), Link())),
    "Оплата без карты -> Zakup bez konta": Pattern(steps("Оплата без карты", "Zakup bez konta"), (Link(),)),
    "Звонок в течение дня -> Wizyta w ciągu dnia": Pattern(
        steps("Звонок в течение дня", "Wizyta w ciągu dnia"), (Link(),)
    ),
    "Meeting between -> A without Between two jobs between": Pattern(
        steps("Meeting between", "A"), (Link(without=(Choice("Between two jobs"),)),)
    ),
    'A -> B without "In between"': Pattern(steps("A", "B"), (Link(without=(Choice("In between"),)),)),
    '"Ответ в течение 3 дней"': Pattern(steps("Ответ в течение 3 дней")),
    "A_SUBMITTED -> T02 Check 5.1/a": Pattern(steps("A_SUBMITTED", "T02 Check 5.1/a"), (Link(),)),
}  # fmt: skip


@pytest.mark.parametrize("text", READ)
def test_text_is_read(text):
    assert parse(text) == READ[text]


@pytest.mark.parametrize("text", READ)
def test_canonical_text_is_read_back(text):
    assert parse(str(READ[text])) == READ[text]


WRONG = {
    "": (0, "step", ""),
    "Cart -> ": (8, "step", ""),
    "-> Cart": (0, "step", "->"),
    "Cart within 3d": (5, "link_before", "within"),
    "Cart -> Pay within": (18, "duration", ""),
    "Cart -> Pay within 7": (19, "duration", "7"),
    "Cart -> Pay within 0d": (19, "duration", "0d"),
    "Cart -> Pay within ٧d": (19, "duration", "٧d"),
    "Cart -> Pay within 1e3d": (19, "duration", "1e3d"),
    "Cart -> Pay within 999999999w": (19, "duration", "999999999w"),
    "Cart -> Pay within 2d within 3d": (22, "once", "within"),
    "Cart -> Pay without A without B": (22, "once", "without"),
    "Cart => Pay without A": (12, "later_link", "without"),
    "Cart -> Pay without A {2}": (22, "arrow", "{"),
    "Cart, Payment": (6, "after_comma", "Payment"),
    "Cart,": (5, "after_comma", ""),
    "Cart -> Pay, , without A": (13, "after_comma", ","),
    "Cart, within 3d": (6, "link_before", "within"),
    "Cart, без A": (6, "link_before", "без"),
    "Cart, then": (10, "step", ""),
    "Cart, then Pay, then": (20, "step", ""),
    "Cart, then Pay, в течение вчера": (26, "duration", "вчера"),
    "Cart -> Pay w ciągu 3 lat": (20, "duration", "3"),
    "Cart -> Pay without between": (20, "step", "between"),
    "Cart -> Pay without A between without B": (30, "once", "without"),
    "Cart -> Pay, without A, без B": (24, "once", "без"),
    "Cart -> Pay, w ciągu 3 dni, within 3d": (28, "once", "within"),
    "Cart -> Pay without A between | B": (30, "arrow", "|"),
    "Cart => Pay, bez A": (13, "later_link", "bez"),
    "Cart -> end, then Pay": (11, "nothing", ","),
    "start Cart -> start": (14, "edge", "start"),
    "start -> end": (9, "edge", "end"),
    "Cart -> end -> Pay": (12, "nothing", "->"),
    'Cart "Pay"': (5, "arrow", "Pay"),
    'Cart -> "Pay': (8, "closing_quote", '"'),
    'Cart -> ""': (8, "name", '"'),
    "Cart (again)": (5, "quotes", "("),
    "Cart; DROP TABLE steps": (4, "quotes", ";"),
    "Cart {0}": (6, "number", "0"),
    "Cart {3,2}": (8, "number", "2"),
    "Cart {99999}": (6, "number", "99999"),
    "Cart {2": (7, "brace", ""),
    "Cart@": (5, "name", ""),
    "Cart[channel]": (12, "equals", "]"),
    "Cart[channel=]": (13, "name", "]"),
    "Cart[channel=app": (16, "bracket", ""),
    "Cart@app[channel=web]": (9, "once", "channel"),
    "A |": (3, "step", ""),
    " -> ".join("A" * 13): (60, "fewer_steps", "A"),
    " | ".join("A" * 21): (80, "fewer_choices", "A"),
    "a" * 1001: (1000, "shorter", ""),
    '"a\ud800"': (2, "text", "'\\ud800'"),
}


@pytest.mark.parametrize("text", WRONG)
def test_errors_point_at_the_place(text):
    position, wanted, found = WRONG[text]
    with pytest.raises(BadPattern) as caught:
        parse(text)
    assert (caught.value.values["position"], caught.value.values["wanted"], caught.value.values["found"]) == (
        position,
        wanted,
        found,
    )
    for language in ("en", "ru", "pl"):
        assert caught.value.text(language)


def test_caret_stands_under_the_place():
    with pytest.raises(BadPattern) as caught:
        parse("Корзина -> Оплата within вчера")
    sentence, line, caret = str(caught.value).split("\n")
    assert line[caret.index("^") :] == "вчера"
    assert "place 26" in sentence  # 25 characters stand before it


def test_caret_of_a_long_text():
    with pytest.raises(BadPattern) as caught:
        parse("Search -> " * 11 + "Search -> Cart )" + " " * 100)
    line, caret = caught.value.values["excerpt"].split("\n")
    assert line[caret.index("^")] == ")" and line[0] == line[-1] == "…" and len(line) < 90


HERE = {"Cart", "Payment", "Pay again", "Support call"}
UNKNOWN = {
    # the place, how it is said, which names are offered: those that hold what was asked, then those spelled much like it
    "Cart -> Paymnet": (8, "near", "Payment"),
    "cart": (0, "near", "Cart"),
    "Pay": (0, "near", "Pay again, Payment"),
    "Cart, then Payment, without Suport call between": (28, "near", "Support call"),
    "not Корзина": (4, "known", "Cart, Pay again, Payment, Support call"),
    "Cart | call": (7, "near", "Support call"),
}


@pytest.mark.parametrize("text", UNKNOWN)
def test_an_unknown_touchpoint_is_refused_where_it_stands_and_the_nearest_are_named(text):
    place, wanted, near = UNKNOWN[text]
    with pytest.raises(BadPattern) as caught:
        parse(text, HERE)
    values = caught.value.values
    assert (values["position"], values["wanted"], values["near"]) == (place, wanted, near)
    for language in ("en", "ru", "pl"):
        sentence = caught.value.text(language).split("\n")[0]
        assert near in sentence and values["asked"] in sentence and str(place + 1) in sentence


def test_touchpoints_that_are_there_are_read_as_ever():
    text = "start -> Cart@app -> any[stage=Nowhere] without Support call between"
    assert parse(text, HERE) == parse(text)


def test_what_is_not_text_is_refused():
    with pytest.raises(BadPattern, match="text"):
        parse(7)


NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12) | st.sampled_from(
    [
        "start",
        "end",
        "any",
        "not",
        "not x",
        "within",
        "a without b",
        "->",
        "a->b",
        "→",
        "x=>y",
        '"',
        "\\",
        '\\"',
        "e-mail",
        "A  B",
        " A",
        "then",
        "A then B",
        "between",
        "A in between",
        "между ними",
        "между ними двумя",
        "Оплата без карты",
        "в течение",
        "ответ в течение 3 дней",
        "w ciągu",
        "w ciągu 2",
        "2",
    ]
)
VALUES = st.lists(NAMES, min_size=1, max_size=3, unique=True).map(lambda found: tuple(sorted(found)))
CHOICES = st.lists(
    st.builds(
        Choice,
        st.none() | NAMES,
        st.dictionaries(NAMES | st.just("channel"), VALUES, max_size=2).map(lambda found: tuple(sorted(found.items()))),
    ),
    min_size=1,
    max_size=3,
).map(tuple)
REPEATS = st.none() | st.tuples(st.integers(1, 9), st.none() | st.integers(9, 9999))
LINKS = st.builds(
    Link,
    st.just(False),
    st.none() | st.integers(1, 10**10).map(lambda ms: ms / 1000) | st.integers(1, 1000).map(lambda days: days * DAY),
    st.just(()) | CHOICES,
) | st.builds(Link, st.just(True), st.none() | st.integers(1, 10**8).map(float))


@st.composite
def patterns(draw):
    found = draw(st.lists(st.builds(Step, CHOICES, REPEATS), min_size=1, max_size=4))
    links = draw(st.lists(LINKS, min_size=len(found) - 1, max_size=len(found) - 1))
    return Pattern(tuple(found), tuple(links), draw(st.booleans()), draw(st.booleans()), draw(st.booleans()))


@settings(deadline=None)  # a busy machine is no failure
@given(patterns())
def test_every_pattern_survives_writing_and_reading(made):
    text = str(made)
    if len(text) <= pattern.LONGEST:
        assert parse(text) == made


WORDS = ("then", "without", "between", "in", "в", "течение", "w", "ciągu", "7", "dni", "без", "между", "ними")


@settings(deadline=None)  # a busy machine is no failure
@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from(['"', "->", "=>", "A", "within", "3d", "|", "{", "}", "[", "]", "@", "=", ",", *WORDS])).map(
        " ".join
    )
)
def test_any_text_is_read_or_refused_with_a_place(text):
    try:
        found = parse(text)
    except BadPattern as error:
        assert 0 <= error.values["position"] <= len(text)
    else:
        assert parse(str(found)) == found


@pytest.mark.parametrize(
    "unit",
    ['"', "{", "[", "A|", "-", "->", "@", "\\", "A ", "1", "«", "A{1,", "not ", "A[b=", " ", "between ", "в течение ", ", "],
)
def test_hostile_texts_cost_nothing(unit):
    begin = time.process_time()
    for _ in range(10):
        try:
            parse((unit * pattern.LONGEST)[: pattern.LONGEST])
        except BadPattern:
            continue
    assert time.process_time() - begin < 1  # 10 of the longest texts; milliseconds each
