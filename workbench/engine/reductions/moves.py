"""Transitions from touchpoint to touchpoint."""

from __future__ import annotations

import pandas as pd

from workbench.engine.opening import Prepared

START, END = "(start)", "(end)"


def pairs(p: Prepared) -> pd.DataFrame:
    """source, target, n, mean_s, median_s (exact) of every transition; the largest first."""
    return p.query(
        """WITH counted AS (
            SELECT code, nxt, count(*) AS n, avg(dt) / 1e6 AS mean_s, median(dt) / 1e6 AS median_s
            FROM steps WHERE nxt IS NOT NULL GROUP BY code, nxt
        )
        SELECT s.touchpoint AS source, t.touchpoint AS target, n, mean_s, median_s
        FROM counted JOIN touchpoints AS s USING (code) JOIN touchpoints AS t ON t.code = nxt
        ORDER BY n DESC, source, target"""
    )


def pair_counts(p: Prepared) -> pd.DataFrame:
    """The same without the median, in one pass."""
    return p.query(
        """WITH counted AS (
            SELECT code, nxt, count(*) AS n, avg(dt) / 1e6 AS mean_s FROM steps WHERE nxt IS NOT NULL GROUP BY code, nxt
        )
        SELECT s.touchpoint AS source, t.touchpoint AS target, n, mean_s
        FROM counted JOIN touchpoints AS s USING (code) JOIN touchpoints AS t ON t.code = nxt
        ORDER BY n DESC, source, target"""
    )


# who made each transition, where a customer has one journey and where several
_ONE_EACH = """
    SELECT code, nxt, count(DISTINCT journey) AS n_journeys, n_journeys AS n_customers FROM steps GROUP BY code, nxt"""
_SEVERAL = """
    SELECT code, nxt, sum(n)::BIGINT AS n_journeys, count(*) AS n_customers FROM (
        SELECT code, nxt, customer, count(*) AS n FROM (SELECT DISTINCT code, nxt, customer, journey FROM steps)
        GROUP BY code, nxt, customer
    ) GROUP BY code, nxt"""
_TIMED = "SELECT code, nxt, count(*) AS n, avg(dt) / 1e6 AS mean_s, median(dt) / 1e6 AS median_s FROM steps GROUP BY code, nxt"
_MOVES = f"""
    WITH people AS (%s),
    left_from AS (SELECT code, sum(n) AS total FROM moved GROUP BY code),
    entries AS (SELECT entry, count(*) AS n, count(DISTINCT customer) AS n_customers FROM journeys GROUP BY entry),
    told AS (
        SELECT 0 AS place, '{START}' AS source, touchpoint AS target, n, n AS n_journeys, n_customers,
            n / (SELECT count(*) FROM journeys) AS share, NULL AS mean_s, NULL AS median_s
        FROM entries JOIN touchpoints ON code = entry
        UNION ALL
        SELECT CASE WHEN moved.nxt IS NULL THEN 2 ELSE 1 END, s.touchpoint, coalesce(t.touchpoint, '{END}'), n,
            n_journeys, n_customers, n / total, mean_s, median_s
        FROM moved JOIN people ON people.code = moved.code AND people.nxt IS NOT DISTINCT FROM moved.nxt
        JOIN left_from ON left_from.code = moved.code
        JOIN touchpoints AS s ON s.code = moved.code LEFT JOIN touchpoints AS t ON t.code = moved.nxt
    )
    SELECT ['entry', 'step', 'exit'][place + 1] AS kind, source, target, n, n_journeys, n_customers, share, mean_s, median_s
    FROM told ORDER BY place, n DESC, source, target"""


def moves(p: Prepared) -> pd.DataFrame:
    """kind (entry, step, exit), source, target, n, n_journeys, n_customers, share, mean_s, median_s."""
    people = _ONE_EACH if p.n_customers == p.n_journeys else _SEVERAL
    # one after the other: medians hold all times in memory, different journeys all pairs
    with p.holding("moved", _TIMED) as held:
        return held.query(_MOVES % people)


def move_members(p: Prepared, kind: str, source: str, target: str) -> pd.DataFrame:
    """Who made a transition, and how often; for entry and exit rows: how many of their journeys."""
    if kind == "entry":
        return p.members(
            "SELECT customer, count(*) AS n FROM journeys WHERE entry = ? GROUP BY customer", [p.touchpoints[target]]
        )
    if kind == "exit":
        return p.members(
            'SELECT customer, count(*) AS n FROM journeys WHERE "exit" = ? GROUP BY customer', [p.touchpoints[source]]
        )
    return p.members(
        "SELECT customer, count(*) AS n FROM steps WHERE code = ? AND nxt = ? GROUP BY customer",
        [p.touchpoints[source], p.touchpoints[target]],
    )
