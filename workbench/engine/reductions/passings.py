"""From one value of a column of events to another: channels that customers cross, owners who hand them on.

A passing leads from a step that has a value to the journey's next step that has one; steps without a value between them are
passed over. Where both values are the same the customer stays: that counts among all who go on from a value, and is no row.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

import pandas as pd

from workbench.engine.marks import code
from workbench.engine.opening import Prepared
from workbench.engine.reductions.bits import masks, met
from workbench.engine.reductions.middles import Middles, middles

_MOST_BITS = 248  # with more, a table of who passed how is the faster way


def _passed(column: str) -> str:
    return f"""SELECT * FROM (
            SELECT journey, customer, {code(column)} AS source, lead({code(column)}) OVER w AS target,
                (lead(happened) OVER w) - happened AS dt
            FROM steps WHERE {code(column)} IS NOT NULL WINDOW w AS (PARTITION BY journey ORDER BY seq)
        ) WHERE target IS NOT NULL"""


def passed(p: Prepared, column: str) -> AbstractContextManager[Prepared]:
    """The tables with one more that `passings`, `passings_spread` and `passings_middles` read: every step that has a value with
    what follows."""
    return p.holding("passed", _passed(column))


def has_values(p: Prepared, column: str) -> bool:
    """Whether any event of these journeys has a value in that column."""
    some = f"SELECT 1 FROM steps WHERE {code(column)} IS NOT NULL LIMIT 1"
    return bool(p.once(f"has {column}", f"SELECT count(*) FROM ({some})")[0])


def passings(p: Prepared, column: str) -> pd.DataFrame:
    """source, target, n, n_journeys, n_customers, median_s (exact). The most frequent first. `p`: of `passed`."""
    counted = p.query(
        """SELECT source::INTEGER AS source, target::INTEGER AS target, count(*) AS n, median(dt) / 1e6 AS median_s FROM passed
            WHERE source <> target GROUP BY source, target ORDER BY n DESC, source, target"""
    )
    told = p.marks[column]
    pairs = list(counted[["source", "target"]].itertuples(index=False, name=None))
    people = _different(p, "customer", pairs, len(told))
    journeys = people if p.n_customers == p.n_journeys else _different(p, "journey", pairs, len(told))
    for place, (name, n) in enumerate((("n_journeys", journeys), ("n_customers", people)), start=3):
        counted.insert(place, name, [n[pair] for pair in pairs])
    for name in ("source", "target"):
        counted[name] = [told[one] for one in counted[name]]
    return counted


def _different(p: Prepared, whose: str, pairs: Sequence[tuple[int, int]], n: int) -> dict[tuple[int, int], int]:
    # pair -> how many different customers (or journeys) passed so, of pairs of n values
    if n * n > _MOST_BITS:
        sql = f"SELECT DISTINCT source, target, {whose} FROM passed WHERE source <> target"
        found = p.query(f"SELECT source, target, count(*) AS n FROM ({sql}) GROUP BY source, target")
        return {(source, target): told for source, target, told in found.itertuples(index=False, name=None)}
    if not pairs:
        return {}
    number = f"(source::INTEGER * {n} + target::INTEGER)"
    told = ", ".join(f"count(*) FILTER ({met([source * n + target])})" for source, target in pairs)
    each = f"SELECT {masks(number, n * n)} FROM passed WHERE source <> target GROUP BY {whose}"
    return dict(zip(pairs, p.row(f"SELECT {told} FROM ({each})"), strict=True))


def passing_members(p: Prepared, column: str, source: str, target: str) -> pd.DataFrame:
    """Who went from one to the other, and how often."""
    return p.members(
        f"""SELECT customer, count(*) AS n FROM ({_passed(column)}) WHERE source = $source AND target = $target
            GROUP BY customer""",
        {"source": p.marks[column].index(source), "target": p.marks[column].index(target)},
    )


def passings_middles(p: Prepared, column: str) -> Middles:
    """Of the time from the last step at one to the first at the other: items (source, target). `p`: of `passed`."""
    crossed = f"SELECT source AS item, target AS part, {p.cluster} AS cluster, dt AS x FROM passed WHERE source <> target"
    found = middles(p, crossed)
    told = p.marks[column]
    return {(told[source], told[target]): ends for (source, target), ends in found.items()}


_KIND = "CASE WHEN several THEN 'several' WHEN several IS NULL THEN 'none' ELSE 'one' END AS kind"


def _used(column: str) -> str:
    return f"SELECT journey, min({code(column)}) <> max({code(column)}) AS several FROM steps GROUP BY journey"


def used(p: Prepared, column: str) -> pd.DataFrame:
    """How many different values journeys have: kind ("several", "one", "none"), n (journeys), n_customers, kk and kn (sums over
    customers of the square of their n and of its product with all their journeys; see `spread`). Kinds that don't occur have
    no row."""
    if p.n_customers == p.n_journeys:
        return p.query(
            f"""SELECT {_KIND}, n, n AS n_customers, n AS kk, n AS kn
            FROM (SELECT several, count(*) AS n FROM ({_used(column)}) GROUP BY several) ORDER BY kind DESC"""
        )
    return p.query(
        f"""WITH theirs AS (
            SELECT several, customer, count(*) AS k FROM journeys JOIN ({_used(column)}) USING (journey) GROUP BY ALL
        )
        SELECT {_KIND}, sum(k)::BIGINT AS n, count(*) AS n_customers, sum(k * k)::BIGINT AS kk, sum(k * had.n)::BIGINT AS kn
        FROM theirs JOIN (SELECT customer, count(*) AS n FROM journeys GROUP BY customer) AS had USING (customer)
        GROUP BY several ORDER BY kind DESC"""
    )


def used_members(p: Prepared, column: str, kind: str) -> pd.DataFrame:
    """Whose journeys are of that kind, and how many of theirs."""
    return p.members(
        f"""SELECT customer, count(*) AS n FROM (SELECT customer, {_KIND} FROM journeys JOIN ({_used(column)}) USING (journey))
            WHERE kind = $kind GROUP BY customer""",
        {"kind": kind},
    )
