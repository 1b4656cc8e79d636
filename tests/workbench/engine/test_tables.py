"""The prepared tables: columns by hand, rules against the slow way, order of rows."""

import datetime as dt
import random

import company
import naive
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.engine import clock
from workbench.errors import BadInput, NotEnoughData, NotFound
from workbench.model import Rule

MINUTE = 60_000_000

QUICK = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

#: few customers, few touchpoints, few moments: many ties, repeats and empty cases
EVENTS = st.fixed_dictionaries(
    {
        "customer_id": st.sampled_from(["NA", "9007199254740993", "9007199254740992", *"abcdefg"]),
        "case_id": st.sampled_from(["NA", "1e5", *"klmnopq", None]),
        "touchpoint": st.sampled_from(["A", "B", "C"]),
        "at": st.integers(0, 12).map(lambda n: n * 60),
    }
)
LOGS = st.lists(EVENTS, min_size=1, max_size=80)


def journeys_of(p):
    """Journeys as the slow way writes them, in no order."""
    rows = p.query(
        """SELECT journey, customer_id, epoch_us(make_timestamp(happened)) // 1000000 AS at, touchpoint
            FROM steps JOIN touchpoints USING (code) JOIN customers USING (customer) ORDER BY journey, seq"""
    )
    start = int(company.START.timestamp())
    found = {}
    for journey, customer, at, touchpoint in rows.itertuples(index=False, name=None):
        found.setdefault(journey, (customer, []))[1].append((int(at) - start, touchpoint))
    return sorted(found.values())


def test_columns_by_hand(twelve):
    # c05: Search 0, Product page 2 min, Cart 4 min, Payment 4 min (a tie, after Cart in the file), Delivery next day
    rows = twelve.query(
        """SELECT touchpoint, seq, dt, lday FROM steps JOIN touchpoints USING (code) JOIN customers USING (customer)
            WHERE customer_id = 'c05' ORDER BY seq"""
    )
    assert list(rows["touchpoint"]) == ["Search", "Product page", "Cart", "Payment", "Delivery"]
    assert list(rows["seq"]) == [1, 2, 3, 4, 5]
    day = 1440 * MINUTE
    assert list(rows["dt"])[:4] == [2 * MINUTE, 2 * MINUTE, 0, day - 4 * MINUTE]
    assert rows["dt"].isna()[4]
    assert list(rows["lday"]) == [False, False, False, True, True]


def test_touchpoints_have_their_stage_and_codes_in_order(twelve):
    rows = twelve.query("SELECT * FROM touchpoints ORDER BY code")
    assert list(rows["touchpoint"]) == sorted(company.STAGES)
    assert dict(zip(rows["touchpoint"], rows["stage"], strict=True)) == company.STAGES
    assert twelve.touchpoints == {name: code for code, name in enumerate(sorted(company.STAGES))}


def test_stage_of_most_events_then_first_by_name(prepare):
    log = [
        {"customer_id": "c", "touchpoint": touchpoint, "stage": stage, "at": 0}
        for touchpoint, stages in {"A": "yxx", "B": "yx", "C": [None, None, "z"]}.items()
        for stage in stages
    ]
    found = prepare(log).query("SELECT touchpoint, stage FROM touchpoints ORDER BY touchpoint")
    assert list(found["stage"]) == ["x", "x", "z"]


def test_details_keep_other_columns_and_the_customers_theirs(twelve):
    assert twelve.columns == ("case_id", "channel", "stage")
    found = twelve.query("SELECT case_id, channel FROM details JOIN steps USING (journey, seq) WHERE nxt IS NULL AND seq = 7")
    assert found.values.tolist() == [["k09", "phone"]]
    people = twelve.query("SELECT customer_id, plan, city FROM customers ORDER BY customer_id")
    assert [tuple(row) for row in people.itertuples(index=False)] == company.CUSTOMERS


def test_a_log_may_have_columns_named_like_ours(prepare):
    log = [
        {"customer_id": "c", "touchpoint": "A", "at": at, "journey": "x", "Seq": 5, "ord": 3, "customer": "y"} for at in (2, 1)
    ]
    p = prepare(log, people=[{"customer_id": "c", "customer": "z", "seq": 1}])
    assert p.columns == ("customer",)
    assert p.row("SELECT count(*), min(details.customer) FROM details JOIN steps USING (journey, seq)") == (2, "y")


@QUICK
@given(LOGS)
def test_rules_cut_as_the_slow_way_does(prepare_in_duckdb, log):
    check_rules(prepare_in_duckdb, log)


@pytest.mark.spark
def test_rules_cut_as_the_slow_way_does_on_spark(prepare_on_spark):
    chance = random.Random(3)
    values = {"customer_id": ["NA", "9007199254740993", "9007199254740992", *"abcde"], "case_id": ["NA", "1e5", *"klm", None]}
    log = [
        {name: chance.choice(of) for name, of in values.items()}
        | {"touchpoint": chance.choice("ABC"), "at": 60 * chance.randrange(13)}
        for _ in range(80)
    ]
    check_rules(prepare_on_spark, log)


def check_rules(prepare, log):
    cases = {
        Rule("case"): naive.by_case(log),
        Rule("customer"): naive.by_customer(log),
        Rule("gap", gap="2min"): naive.by_gap(log, 120),
        Rule("window", window="3min"): naive.by_window(log, 180),
    }
    if any(event["touchpoint"] == "B" for event in log):
        cases[Rule("anchor", touchpoint="B", before="2min", after="3min")] = naive.by_anchor(log, "B", 120, 180)
    for rule, wanted in cases.items():
        assert journeys_of(prepare(log, rule)) == sorted(wanted), rule


@QUICK
@given(
    st.lists(
        st.tuples(st.sampled_from("xyz"), st.sampled_from("AB"), st.integers(0, 10**6)), min_size=1, unique_by=lambda e: e[2]
    )
)
def test_without_ties_the_order_of_rows_changes_nothing(prepare_in_duckdb, events):
    prepare = prepare_in_duckdb
    log = [{"customer_id": c, "touchpoint": t, "at": at} for c, t, at in events]
    assert journeys_of(prepare(log)) == journeys_of(prepare(sorted(log, key=lambda event: event["at"])))


def test_ties_stand_in_the_order_of_the_file_and_of_loading(prepare, tmp_path):
    log = [{"customer_id": "c", "touchpoint": name, "at": 0} for name in "CABBA"]
    assert journeys_of(prepare(log)) == [("c", [(0, name) for name in "CABBA"])]
    # row_order, where a file has it, is the order
    log = [event | {"row_order": 10 - place} for place, event in enumerate(log)]
    assert journeys_of(prepare(log)) == [("c", [(0, name) for name in "ABBAC"])]


def test_variants_keep_the_order_of_steps(prepare):
    # a commutative hash that forgets places would take these two, and the next two, for one
    ways = ["AB", "BA", "AABB", "BBAA", "ABAB"]
    log = [{"customer_id": way, "touchpoint": name, "at": at} for way in ways for at, name in enumerate(way)]
    assert prepare(log).row("SELECT count(DISTINCT shape) FROM journeys") == (5,)


def test_a_case_of_two_customers_is_the_first_ones(prepare):
    log = [{"customer_id": c, "case_id": "k", "touchpoint": "A", "at": at} for c, at in (("late", 9), ("early", 1))]
    p = prepare(log, Rule("case"))
    assert p.row("SELECT customer_id FROM journeys JOIN customers USING (customer)") == ("early",)
    assert p.row("SELECT count(*) FROM shared") == (1,)


def test_what_is_not_there_is_named(prepare):
    log = [{"customer_id": "c", "touchpoint": "Payment", "at": 0}]
    with pytest.raises(NotFound, match="Payment"):
        prepare(log, Rule("anchor", touchpoint="Paymnet", before="1d", after="1d"))
    with pytest.raises(NotFound, match="case_id"):
        prepare(log, Rule("case"))


def test_no_events(tmp_path):
    from workbench import engine

    with pytest.raises(NotEnoughData, match="load a file"):
        engine.build([], Rule("customer"))


def test_a_day_is_the_days_of_its_zone():
    # clocks in Warsaw go forward on 29 March 2026 and back on 25 October: days of 23 and 25 hours
    hours = {"2026-03-28": 24, "2026-03-29": 23, "2026-10-25": 25}
    for day, length in hours.items():
        first, after = clock.span(day, "Europe/Warsaw")
        assert (after - first) / 3_600_000_000 == length
    assert clock.span("2026-03-29", "Europe/Warsaw")[0] == dt.datetime(2026, 3, 28, 23, tzinfo=dt.UTC).timestamp() * 10**6
    # a time of its own zone, and one in the study's
    assert clock.span("2026-07-01T00:00+02:00", "UTC") == clock.span("2026-07-01T00:00", "Europe/Warsaw")
    with pytest.raises(BadInput, match="2026-02-31"):
        clock.span("2026-02-31", "UTC")
    with pytest.raises(BadInput, match="Warszawa"):
        clock.span("2026-02-01", "Europe/Warszawa")


@QUICK
@given(
    st.sampled_from(["UTC", "Europe/Warsaw", "America/St_Johns", "Asia/Kolkata", "Pacific/Apia"]),
    st.lists(st.integers(-(10**9), 2 * 10**9), min_size=1, max_size=20),
)
def test_calendar_days_in_sql_are_those_of_the_zone(prepare_in_duckdb, zone, seconds):
    prepare = prepare_in_duckdb
    micros = [one * 1_000_000 for one in seconds]
    sql = clock.day_sql("happened", zone, min(micros), max(micros))
    p = prepare([{"customer_id": "c", "touchpoint": "A", "at": 0}])
    found = p.query(f"SELECT {sql} AS day FROM (SELECT unnest(?) AS happened)", [micros])
    where = clock.zone(zone)
    wanted = [(dt.datetime.fromtimestamp(one, where).date() - dt.date(1970, 1, 1)).days for one in seconds]
    assert list(found["day"]) == wanted


@QUICK
@given(
    st.sampled_from(["UTC", "Europe/Warsaw", "America/St_Johns", "Asia/Kolkata", "Pacific/Apia"]),
    st.lists(st.tuples(st.integers(-(10**9), 2 * 10**9), st.integers(0, 2 * 86_400)), min_size=1, max_size=20),
)
def test_the_same_day_in_sql_is_that_of_the_zone(prepare, zone, waits):
    micros = [[one * 1_000_000 for one in column] for column in zip(*waits, strict=True)]
    sql = clock.same_day_sql("began", "wait", zone, min(micros[0]), max(at + wait for at, wait in zip(*micros, strict=True)))
    p = prepare([{"customer_id": "c", "touchpoint": "A", "at": 0}])
    found = p.query(
        f"SELECT {sql} AS same FROM (SELECT unnest($begans) AS began, unnest($waits) AS wait)",
        dict(zip(("begans", "waits"), micros, strict=True)),
    )
    where = clock.zone(zone)
    days = [[dt.datetime.fromtimestamp(one, where).date() for one in (at, at + wait)] for at, wait in waits]
    assert list(found["same"]) == [one == other for one, other in days]
