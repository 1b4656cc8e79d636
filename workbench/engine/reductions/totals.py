"""How much there is: totals of the whole, touchpoints one by one, and facts that the caveats are made of."""

from __future__ import annotations

import dataclasses

import pandas as pd

from workbench.engine import clock
from workbench.engine.opening import Prepared

_OVERVIEW = """
    WITH length AS (SELECT avg(ended - started) / 1e6 AS mean, median(ended - started) / 1e6 AS middle, count(*) AS n,
        count(DISTINCT customer) AS people, count(DISTINCT (shape, n_steps)) AS shapes FROM journeys),
    events AS (SELECT count(*) AS n, count(DISTINCT code) AS kinds, min(happened) AS first, max(happened) AS last FROM steps),
    ends AS (
        SELECT count(*) FILTER (happened = first) AS n_first, count(DISTINCT customer) FILTER (happened = first) AS p_first,
            count(*) FILTER (happened = last) AS n_last, count(DISTINCT customer) FILTER (happened = last) AS p_last
        FROM steps, events WHERE happened = first OR happened = last
    )
    SELECT unnest(['events', 'journeys', 'customers', 'touchpoints', 'variants', 'throughput_mean', 'throughput_median',
            'first_at', 'last_at']) AS measure,
        unnest([e.n, l.n, people, kinds, shapes, mean, middle, first / 1e6, last / 1e6]::DOUBLE[]) AS value,
        unnest(['count', 'count', 'count', 'count', 'count', 'seconds', 'seconds', 'time', 'time']) AS unit,
        unnest([e.n, l.n, people, e.n, l.n, l.n, l.n, n_first, n_last]) AS n,
        unnest([people, people, people, people, people, people, people, p_first, p_last]) AS n_customers
    FROM length AS l, events AS e, ends"""


def overview(p: Prepared) -> pd.DataFrame:
    """measure, value, unit, n, n_customers: see `workbench.journeys.overview`."""
    return p.query(_OVERVIEW)


def overview_members(p: Prepared, measure: str) -> pd.DataFrame:
    """The customers behind a measure: n counts what the measure's n counts."""
    if measure in ("events", "touchpoints"):
        return p.members("SELECT customer, count(*) AS n FROM steps GROUP BY customer")
    if measure == "customers":
        return p.members("SELECT DISTINCT customer, 1 AS n FROM journeys")
    if measure in ("first_at", "last_at"):
        which = "min" if measure == "first_at" else "max"
        return p.members(
            f"""SELECT customer, count(*) AS n FROM steps WHERE happened = (SELECT {which}(happened) FROM steps)
                GROUP BY customer"""
        )
    return p.members("SELECT customer, count(*) AS n FROM journeys GROUP BY customer")


# Which touchpoints a journey meets is a number with a bit for each, as long as they fit into one; sets are many times dearer.
_MET_FEW = """
    masks AS (SELECT customer, journey, bit_or(1::BIGINT << code::BIGINT) AS mask FROM steps GROUP BY customer, journey),
    people AS (SELECT bit_or(mask) AS mask FROM masks GROUP BY customer),
    of_journeys AS (
        SELECT code, sum(m)::BIGINT AS n_journeys FROM (SELECT mask, count(*) AS m FROM masks GROUP BY mask)
        JOIN touchpoints ON mask & (1::BIGINT << code::BIGINT) <> 0 GROUP BY code
    ),
    of_people AS (
        SELECT code, sum(m)::BIGINT AS n_customers FROM (SELECT mask, count(*) AS m FROM people GROUP BY mask)
        JOIN touchpoints ON mask & (1::BIGINT << code::BIGINT) <> 0 GROUP BY code
    ),
    met AS (SELECT code, n_journeys, n_customers FROM of_journeys JOIN of_people USING (code))"""
_MET_MANY = """
    met AS (
        SELECT code, count(DISTINCT journey) AS n_journeys, count(DISTINCT customer) AS n_customers FROM steps GROUP BY code
    )"""
_TOUCHPOINTS = """
    WITH timed AS (SELECT code, count(*) AS n, median(dt) / 1e6 AS median_s FROM steps GROUP BY code),
    %s,
    entries AS (SELECT entry AS code, count(*) AS entered FROM journeys GROUP BY entry),
    exits AS (SELECT "exit" AS code, count(*) AS left_here FROM journeys GROUP BY "exit"),
    whole AS (SELECT count(*) AS journeys FROM journeys)
    SELECT touchpoint, stage, n, n_journeys, n_customers, n_journeys / journeys AS share,
        coalesce(entered, 0) / journeys AS entry_share, coalesce(left_here, 0) / journeys AS exit_share, median_s
    FROM timed JOIN met USING (code) JOIN touchpoints USING (code)
    LEFT JOIN entries USING (code) LEFT JOIN exits USING (code), whole
    ORDER BY n_journeys DESC, n DESC, touchpoint"""


def touchpoints(p: Prepared) -> pd.DataFrame:
    """touchpoint, stage, n, n_journeys, n_customers, share, entry_share, exit_share, median_s."""
    return p.query(_TOUCHPOINTS % (_MET_FEW if len(p.touchpoints) < 63 else _MET_MANY))


def touchpoint_members(p: Prepared, touchpoint: str) -> pd.DataFrame:
    """Who was at a touchpoint, and how often."""
    return p.members("SELECT customer, count(*) AS n FROM steps WHERE code = ? GROUP BY customer", [p.touchpoints[touchpoint]])


def touchpoint_journeys(p: Prepared, touchpoint: str) -> pd.DataFrame:
    """Who was at a touchpoint, and in how many journeys."""
    return p.members(
        "SELECT customer, count(DISTINCT journey) AS n FROM steps WHERE code = ? GROUP BY customer", [p.touchpoints[touchpoint]]
    )


@dataclasses.dataclass(frozen=True)
class Facts:
    """Of the journeys a question is about."""

    n_events: int
    n_journeys: int
    n_customers: int
    n_variants: int
    first: int  # microseconds since 1970, UTC: the first event
    last: int  # … the last
    n_ties: int  # events at the same time as the one before in their journey
    n_repeated: int  # events beyond the first with the same journey, touchpoint and time
    n_single: int  # journeys of one event
    usual_pause: int | None  # microseconds: 95 % of the pauses inside journeys are no longer; None without any
    n_open: int  # journeys whose last event lies less than that before the last event of all
    n_shared: int  # journeys with events of several customers; each counts as that of its first


_FACTS = """
    WITH steps_seen AS (
        SELECT count(*) AS n, min(happened) AS first, max(happened) AS last, count(*) FILTER (dt = 0) AS ties,
            quantile_disc(dt, 0.95) AS usual
        FROM steps
    ),
    tied AS (
        SELECT journey, code, happened FROM steps SEMI JOIN (SELECT journey, happened FROM steps WHERE dt = 0) AS first
            USING (journey, happened)
    ),
    again AS (
        SELECT coalesce(sum(n - 1), 0)::BIGINT AS repeated
        FROM (SELECT count(*) AS n FROM tied GROUP BY journey, code, happened)
    ),
    shaped AS (
        SELECT count(*) AS journeys, count(DISTINCT customer) AS people, count(DISTINCT (shape, n_steps)) AS shapes,
            count(*) FILTER (n_steps = 1) AS single, count(*) FILTER (last - ended < usual) AS open
        FROM journeys, steps_seen
    )
    SELECT n, journeys, people, shapes, first, last, ties, repeated, single, usual, open,
        (SELECT count(*) FROM shared)
    FROM steps_seen, again, shaped"""


def facts(p: Prepared) -> Facts:
    """Counts that the denominators and caveats of every analysis need; read once for the same tables."""
    return Facts(*p.once("facts", _FACTS))


def months(p: Prepared) -> pd.DataFrame:
    """month (its first day, in the study's zone) and n, the journeys that began in it: the small series of a headline."""
    first, last = p.once("started", "SELECT min(started), max(started) FROM journeys")
    day = f"(DATE '1970-01-01' + {clock.day_sql('started', p.timezone, first, last)})"
    return p.query(
        f"SELECT date_trunc('month', {day})::DATE AS month, count(*) AS n FROM journeys GROUP BY month ORDER BY month"
    )
