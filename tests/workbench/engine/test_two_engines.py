"""Every reduction gives the same numbers on DuckDB and on Spark: one body, one log, two engines."""

import datetime as dt
import functools
import inspect
import math
import pathlib
import random
import tempfile

import company
import pandas as pd
import pytest

from workbench.engine import reductions as r
from workbench.model import Rule

pytestmark = [pytest.mark.spark, pytest.mark.timeout(900)]
DAY = 86400 * 1_000_000


def log():
    chance = random.Random(4)
    rows = []
    for _ in range(420):
        touchpoint = chance.choices("ABCDE", [4, 3, 2, 2, 1])[0]
        rows.append(
            {
                "customer_id": f"c{chance.randrange(30):02}",
                "touchpoint": touchpoint,
                "occurred_at": company.START + dt.timedelta(minutes=30 * chance.randrange(48 * 90)),
                "channel": chance.choice(["app", "web", "shop", "(none)", None]),
                "amount": chance.choice([10.5, 99.0, None]),
                "owner": chance.choice(["sales", "care", None]),
                "stage": {"A": "find", "B": "find", "C": "buy"}.get(touchpoint),
            }
        )
    return rows + rows[:6]  # some twice


@pytest.fixture(scope="module")
def several(prepare_in_duckdb, prepare_on_spark):
    """The same journeys on both engines, several a customer."""
    return [make(log(), Rule("gap", gap="6d"), timezone="Europe/Warsaw") for make in (prepare_in_duckdb, prepare_on_spark)]


@pytest.fixture(scope="module")
def one_each(prepare_in_duckdb, prepare_on_spark):
    """The same with one journey a customer."""
    return [make(log(), Rule("customer")) for make in (prepare_in_duckdb, prepare_on_spark)]


@functools.cache
def answers():
    """A table beside the events, with somebody unknown and somebody without a name."""
    folder = tempfile.TemporaryDirectory()
    file = pathlib.Path(folder.name) / "answers.parquet"
    who, channels = ["c01", "c02", "c02", "zz", None], ["app", "web", None, "web", "web"]
    at = [company.START + dt.timedelta(hours=hour) for hour in range(5)]
    pd.DataFrame({"customer_id": who, "channel": channels, "answered_at": at}).to_parquet(file)
    return r.Beside((file,), "customer_id", "channel", "answered_at"), folder


def shapes(p):
    return list(r.top_variants(p, 8)["shape"])


def named(found, p):
    """With variants by their text: shapes are other numbers on another engine."""
    texts = dict(r.top_variants(p, 8)[["shape", "variant"]].itertuples(index=False, name=None))
    return {tuple(texts.get(one, one) for one in key): value for key, value in found.items()}


def spread(found, renamed=lambda items: items):
    return found.wholes, renamed({(whole, *item): sums for (whole, item), sums in (found.items or {}).items()})


def variant(p):
    shape, n_steps = r.top_variants(p, 1)[["shape", "n_steps"]].iloc[0]
    return shape, int(n_steps)


def walk_members(p):
    # which of two equally frequent variants comes first is another matter on another engine
    n = [int(one) for one in r.walks(p)["n"]]
    return r.walk_members(p, range(len(n)), n)


def long_ones(p):
    return p.query("SELECT journey FROM journeys WHERE n_steps > 2")["journey"].tolist()


def stretch_calls(p, call):
    return call(p, "month", r.moved(p, "month"))


def spans(p):
    # customers and journeys have other numbers on another engine
    named = p.query("SELECT customer, customer_id FROM customers")
    return r.spans(p).merge(named, on="customer")[["customer_id", "started", "ended"]].sort_values(["customer_id", "started"])


def whose(p, found):
    # customers have other numbers on another engine
    named = found.merge(p.query("SELECT customer, customer_id FROM customers"), on="customer").drop(columns="customer")
    return named.sort_values(list(named)[::-1], ignore_index=True)


def places(p):
    names = r.customer_names(p)
    found = r.customer_places(names, pd.concat([names["customer_id"].iloc[::-1], pd.Series(["nobody"])]))
    return [names["customer"].is_monotonic_increasing, found.tolist()]


def chained(p, steps, ask, within=7 * DAY):
    with r.reached(p, steps, within) as asked:
        return ask(asked)


def held(p, column, ask):
    with r.passed(p, column) as asked:
        return ask(asked)


def moved(p):
    # the random groups are others on another engine; what they add up to is not
    found = r.moved(p, "week")
    cells = found.cells.groupby(["period", "code", "nxt"], as_index=False)[["n", "y", "yy"]].sum()
    return cells, found.within_s, found.seen


def removed(found):
    # whom a share is moved by has another number on another engine
    return found.frame, found.reached, {who: sorted(moves) for who, moves in found.moves.items()}


STAGES = [0, 0, 1, 2, 2]
FUNNEL = ("A", "B", "C")
MONTHS = (24314, 24316)  # of March to May 2026
STRETCHES = [r.Stretch(code, nxt, *MONTHS) for code, nxt in ((0, 1), (None, None), (-1, 0), (2, -1))]
FIRST = dt.date(2026, 3, 1)

CALLS = {
    "amounts": lambda p: r.amounts(p).drop(columns="journey"),
    "anchored_ends": lambda p: [r.anchored_ends(p, anchor) for anchor in ("first", "last", "B")],
    "channel_counts": r.channel_counts,
    "channel_members": lambda p: r.channel_members(p, "A", "app"),
    "cohort_members": lambda p: r.cohort_members(p, "month", FIRST, 1),
    "cohorts": lambda p: [r.cohorts(p, by) for by in r.PERIODS],
    "credit_members": lambda p: r.credit_members(p, "C", "channel", "app"),
    "credits": lambda p: [r.credits(p, "C", by, 7 * DAY) for by in ("touchpoint", "channel")],
    "credits_by_group": lambda p: [one.drop(columns="cluster") for one in r.credits_by_group(p, "C", "channel", 7 * DAY)],
    "customer_ids": lambda p: sorted(r.customer_ids(p)),
    "customer_names": lambda p: sorted(r.customer_names(p)["customer_id"]),
    "customer_places": places,
    "dead_ends": r.dead_ends,
    "facts": r.facts,
    "features": r.features,
    "funnel": lambda p: chained(p, FUNNEL, lambda q: r.funnel(q, FUNNEL)),
    "funnel_counts": lambda p: r.funnel_counts(p, FUNNEL, 7 * DAY),
    "funnel_members": lambda p: [r.funnel_members(p, FUNNEL, 7 * DAY, 2), r.funnel_members(p, FUNNEL, 7 * DAY, 2, "A")],
    "funnel_middles": lambda p: chained(p, ("A", "B"), r.funnel_middles, 90 * DAY),
    "funnel_open": lambda p: chained(p, FUNNEL, lambda q: r.funnel_open(q, FUNNEL, 7 * DAY)),
    "has_values": lambda p: [r.has_values(p, one) for one in ("channel", "owner", "stage")],
    "journey_members": lambda p: r.journey_members(p, long_ones(p)),
    "journeys_middle": r.journeys_middle,
    "journeys_spread": r.journeys_spread,
    "last_seen": r.last_seen,
    "leave_members": lambda p: r.leave_members(p, [0, 2]),
    "link_members": lambda p: r.link_members(p, "B", 2, 2, (0, "B", "A")),
    "months": r.months,
    "move_members": lambda p: [
        r.move_members(p, "step", "A", "B"),
        r.move_members(p, "entry", r.START, "A"),
        r.move_members(p, "exit", "A", r.END),
    ],
    "moved": moved,
    "moves": r.moves,
    "moves_middles": r.moves_middles,
    "moves_spread": lambda p: spread(r.moves_spread(p)),
    "overview": r.overview,
    "overview_members": lambda p: [r.overview_members(p, one) for one in ("events", "customers", "first_at", "variants")],
    "pair_counts": r.pair_counts,
    "pairs": r.pairs,
    "passing_members": lambda p: r.passing_members(p, "channel", "app", "web"),
    "passed": lambda p: held(p, "channel", lambda q: q.query("SELECT source, target, dt FROM passed")),
    "passings": lambda p: held(p, "channel", lambda q: r.passings(q, "channel")),
    "passings_middles": lambda p: held(p, "owner", lambda q: r.passings_middles(q, "owner")),
    "passings_spread": lambda p: held(p, "channel", lambda q: spread(r.passings_spread(q, "channel"))),
    "place_counts": lambda p: r.place_counts(p, STAGES),
    "place_leavers": lambda p: r.place_leavers(p, STAGES),
    "place_times": lambda p: r.place_times(p, STAGES),
    "reached": lambda p: chained(p, FUNNEL, lambda q: q.query("SELECT level, took, last, latest FROM reached ORDER BY ALL")),
    "removal": lambda p: [removed(r.removal(p, "C")), removed(r.removal(p, "C", "channel", 2))],
    "return_members": lambda p: [
        r.return_members(p, "repeat", "A", None),
        r.return_members(p, "back_track", "A", "B", journeys=True),
        r.return_members(p, "dead_end", "B", None),
    ],
    "return_period_members": lambda p: r.return_period_members(p, "month", 1, MONTHS[1]),
    "returns": r.returns,
    "returns_by_customer": lambda p: r.returns_by_customer(p).drop(columns="customer"),
    "session_members": lambda p: r.session_members(p, 2 * DAY, "A"),
    "seen": lambda p: whose(p, r.seen(p)),
    "seen_members": lambda p: [r.seen_members(p, channel) for channel in (-1, 0, 1)],
    "sessions": lambda p: r.sessions(p, 2 * DAY),
    "sessions_middles": lambda p: r.sessions_middles(p, 2 * DAY),
    "sessions_spread": lambda p: spread(r.sessions_spread(p, 2 * DAY)),
    "source_members": lambda p: [r.source_members(p, table, "web") for table in (None, answers()[0])],
    "sources": lambda p: r.sources(p, {"answers": answers()[0]}),
    "spans": spans,
    "stage_members": lambda p: r.stage_members(p, [0, 2]),
    "step_links": lambda p: r.step_links(p, "B", 2, 3),
    "step_matrix": lambda p: r.step_matrix(p, "B", 2, 3),
    "step_members": lambda p: r.step_members(p, "last", -1, "A"),
    "steps_spread": lambda p: spread(r.steps_spread(p, "first", 0, 3)),
    "stretch_members": lambda p: stretch_calls(p, lambda *of: r.stretch_members(*of, STRETCHES[1])),
    "stretches": lambda p: stretch_calls(p, lambda *of: r.stretches(*of, STRETCHES)),
    "stretches_by_period": lambda p: stretch_calls(p, lambda *of: r.stretches_by_period(*of, STRETCHES)),
    "top_variants": lambda p: r.top_variants(p, 8).drop(columns="shape"),
    "touchpoint_journeys": lambda p: r.touchpoint_journeys(p, "A"),
    "touchpoint_members": lambda p: r.touchpoint_members(p, "A"),
    "touchpoint_stages": r.touchpoint_stages,
    "touchpoints": r.touchpoints,
    "touchpoints_middles": r.touchpoints_middles,
    "touchpoints_spread": lambda p: spread(r.touchpoints_spread(p)),
    "used": lambda p: r.used(p, "channel"),
    "used_members": lambda p: r.used_members(p, "channel", "several"),
    "variant_counts": lambda p: r.variant_counts(p, shapes(p)).drop(columns="shape"),
    "variant_members": lambda p: r.variant_members(p, *variant(p)),
    "variants_middles": lambda p: named(r.variants_middles(p, shapes(p)), p),
    "variants_once": r.variants_once,
    "variants_spread": lambda p: spread(r.variants_spread(p, shapes(p)), lambda items: named(items, p)),
    "walk_members": walk_members,
    "walked": lambda p: sorted(r.walked(p, list(r.walkers(p)["journey"])).values()),
    "walkers": lambda p: r.walkers(p)[["took"]],
    "walks": lambda p: r.walks(p).drop(columns="journey"),
}
PURE = {"begins", "period"}  # of dates, without tables


def test_none_is_left_out():
    functions = {name for name in r.__all__ if inspect.isfunction(getattr(r, name))}
    assert functions == CALLS.keys() | PURE


@pytest.mark.parametrize("name", CALLS)
def test_the_same_numbers(several, name):
    here, there = (CALLS[name](p) for p in several)
    same(here, there)


@pytest.mark.parametrize("name", ["features", "moves", "passings", "touchpoints_spread"])
def test_the_same_numbers_with_one_journey_each(one_each, name):
    here, there = (CALLS[name](p) for p in one_each)
    same(here, there)


def same(here, there):
    """Floats to nine places; frames without regard to the order of their rows."""
    if hasattr(here, "columns"):
        assert list(here.columns) == list(there.columns)
        assert len(here) == len(there) and len(here)
        same(table(here), table(there))
    elif hasattr(here, "__dataclass_fields__"):
        for name in here.__dataclass_fields__:
            same(getattr(here, name), getattr(there, name))
    elif isinstance(here, dict):
        assert here.keys() == there.keys()
        for key in here:
            same(here[key], there[key])
    elif isinstance(here, list | tuple):
        assert len(here) == len(there)
        for one, other in zip(here, there, strict=True):
            same(one, other)
    elif isinstance(here, float):
        assert math.isnan(there) if math.isnan(here) else there == pytest.approx(here, rel=1e-9, abs=1e-12)
    else:
        assert here == there


def table(frame):
    rows = [tuple(plain(one) for one in row) for row in frame.itertuples(index=False, name=None)]
    return sorted(rows, key=lambda row: [f"{one:.6g}" if isinstance(one, float) else str(one) for one in row])


def plain(value):
    if pd.isna(value):
        return float("nan")
    return float(value) if isinstance(value, int) or hasattr(value, "dtype") else value
