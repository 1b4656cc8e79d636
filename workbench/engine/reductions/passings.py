"""From one value of a column of events to another: channels that customers cross, owners who hand them on.

A passing leads from a step that has a value to the journey's next step that has one; steps without a value between them are
passed over. Where both values are the same the customer stays: that counts among all who go on from a value, and is no row.
"""

from __future__ import annotations

import pandas as pd

from workbench.engine.marks import code, names
from workbench.engine.opening import Prepared
from workbench.engine.reductions.middles import Middles, middles


def _passed(column: str) -> str:
    return f"""passed AS MATERIALIZED (
            SELECT journey, customer, {code(column)} AS source, lead({code(column)}) OVER w AS target,
                (lead(happened) OVER w) - happened AS dt
            FROM steps WHERE {code(column)} IS NOT NULL WINDOW w AS (PARTITION BY journey ORDER BY seq)
        )"""


def has_values(p: Prepared, column: str) -> bool:
    """Whether any event of these journeys has a value in that column."""
    some = f"SELECT 1 FROM steps WHERE {code(column)} IS NOT NULL LIMIT 1"
    return bool(p.once(f"has {column}", f"SELECT count(*) FROM ({some})")[0])


def passings(p: Prepared, column: str) -> pd.DataFrame:
    """source, target, n, n_journeys, n_customers, median_s (exact); n_left (all who go on from source, those who stay among
    them), n_groups, kk, kn, nn: how n of n_left spreads over customers, for `stats.wilson_grouped`. The most frequent first."""
    several = "count(*) AS n_customers, sum(n)::BIGINT AS n_journeys"
    each = (
        "SELECT source, target, customer, count(*) AS n FROM (SELECT DISTINCT source, target, customer, journey FROM crossed)"
    )
    if p.n_customers == p.n_journeys:
        each = "SELECT DISTINCT source, target, customer, 1 AS n FROM crossed"
    return p.query(
        f"""WITH {_passed(column)},
        crossed AS (SELECT * FROM passed WHERE target IS NOT NULL AND target <> source),
        parts AS MATERIALIZED (
            SELECT source, target, {p.cluster} AS cluster, count(*) AS n FROM passed WHERE target IS NOT NULL GROUP BY ALL
        ),
        size AS MATERIALIZED (SELECT source, cluster, sum(n)::BIGINT AS n FROM parts GROUP BY ALL),
        wholes AS (
            SELECT source, sum(n)::BIGINT AS n_left, count(*) AS n_groups, sum(n * n)::BIGINT AS nn FROM size GROUP BY source
        ),
        counted AS (
            SELECT source, target, sum(parts.n)::BIGINT AS n, sum(parts.n * parts.n)::BIGINT AS kk,
                sum(parts.n * size.n)::BIGINT AS kn
            FROM parts JOIN size USING (source, cluster) WHERE source <> target GROUP BY source, target
        ),
        times AS (SELECT source, target, median(dt) / 1e6 AS median_s FROM crossed GROUP BY source, target),
        people AS (SELECT source, target, {several} FROM ({each} GROUP BY ALL) GROUP BY source, target)
        SELECT s.{column} AS source, t.{column} AS target, n, n_journeys, n_customers, median_s, n_left, n_groups, kk, kn, nn
        FROM counted JOIN times USING (source, target) JOIN people USING (source, target) JOIN wholes USING (source)
        JOIN {names(column)} AS s ON s.{code(column)} = source JOIN {names(column)} AS t ON t.{code(column)} = target
        ORDER BY n DESC, source, target"""
    )


def passing_members(p: Prepared, column: str, source: str, target: str) -> pd.DataFrame:
    """Who went from one to the other, and how often."""
    return p.members(
        f"""WITH {_passed(column)}
        SELECT customer, count(*) AS n FROM passed WHERE source = $source AND target = $target GROUP BY customer""",
        {"source": p.marks[column].index(source), "target": p.marks[column].index(target)},
    )


def passings_middles(p: Prepared, column: str) -> Middles:
    """Of the time from the last step at one to the first at the other: items (source, target)."""
    found = middles(
        p,
        f"""WITH {_passed(column)}
        SELECT source AS item, target AS part, {p.cluster} AS cluster, dt AS x FROM passed WHERE source <> target""",
    )
    told = p.marks[column]
    return {(told[source], told[target]): ends for (source, target), ends in found.items()}


def _kinds(column: str) -> str:
    one = code(column)
    return f"""WITH met AS (SELECT journey, min({one}) <> max({one}) AS several FROM steps GROUP BY journey),
        kinds AS MATERIALIZED (
            SELECT customer, CASE WHEN several THEN 'several' WHEN several IS NULL THEN 'none' ELSE 'one' END AS kind
            FROM journeys JOIN met USING (journey)
        )"""


def used(p: Prepared, column: str) -> pd.DataFrame:
    """How many different values journeys have: kind ("several", "one", "none"), n (journeys), n_customers, kk and kn (sums over
    customers of the square of their n and of its product with all their journeys; see `spread`). Kinds that don't occur have
    no row."""
    return p.query(
        f"""{_kinds(column)},
        theirs AS (SELECT kind, customer, count(*) AS k FROM kinds GROUP BY kind, customer)
        SELECT kind, sum(k)::BIGINT AS n, count(*) AS n_customers, sum(k * k)::BIGINT AS kk, sum(k * had.n)::BIGINT AS kn
        FROM theirs JOIN (SELECT customer, count(*) AS n FROM journeys GROUP BY customer) AS had USING (customer)
        GROUP BY kind ORDER BY kind DESC"""
    )


def used_members(p: Prepared, column: str, kind: str) -> pd.DataFrame:
    """Whose journeys are of that kind, and how many of theirs."""
    return p.members(
        f"{_kinds(column)} SELECT customer, count(*) AS n FROM kinds WHERE kind = $kind GROUP BY customer", {"kind": kind}
    )
