"""Intervals of medians that don't take one customer's values for independent of each other (Woodruff 1952).

They are asked beside the medians, not with them: customer i (where there are very many: group i of them, `Prepared.cluster`)
has n_i values, k_i of them at most the median; the sums tell between which ranks the median lies (`stats.median_ranks`), and a
second look takes the values at these ranks.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence

from workbench import stats
from workbench.engine.opening import FEWER, Prepared
from workbench.engine.reductions.pauses import SESSIONS
from workbench.engine.reductions.shapes import CHOSEN

#: quantiles that `middles` looks between: of `_LARGE` numbers of values the inner ones about the median
ABOUT = [0.4, 0.48, 0.5, 0.52, 0.6]
_LARGE = 50_000

#: item -> lower and upper end (95 %) of the median of its values, in seconds; items with too few values are absent
Middles = Mapping[Hashable, tuple[float, float]]


def middles(
    p: Prepared,
    values: str,
    bound: Mapping[str, object] | None = None,
    about: Mapping[int, tuple[int, Sequence[float]]] | None = None,
) -> dict[tuple, tuple[float, float]]:
    """(item, part) -> ends, of the SQL `values`: item, part, cluster, x (microseconds, none of them null). `about`: item ->
    number of values and their quantiles `ABOUT`, where they were asked for already and all parts are 0."""
    bound, asked_once = dict(bound or {}), {}
    if about is None:
        middle = f"""SELECT item, part, CASE WHEN size >= {_LARGE} THEN q[2] ELSE q[1] END AS least, q[3] AS m,
                CASE WHEN size >= {_LARGE} THEN q[4] ELSE q[5] END AS most
            FROM (SELECT item, part, count(*) AS size, quantile_cont(x, {ABOUT}) AS q FROM measured GROUP BY item, part)
            WHERE size >= 6"""
    else:
        told = [(item, *_about(size, q)) for item, (size, q) in about.items() if size >= 6]
        if not told:
            return {}
        middle = "SELECT unnest($told) AS item, 0 AS part, unnest($least) AS least, unnest($m) AS m, unnest($most) AS most"
        asked_once = dict(zip(("told", "least", "m", "most"), map(list, zip(*told, strict=True)), strict=True))
    sums = p.query(
        f"""WITH measured AS ({values}),
        middle AS ({middle}),
        each AS (
            SELECT item, part, cluster, count(*) AS n, count(*) FILTER (x <= m) AS k, count(*) FILTER (x < least) AS under
            FROM measured JOIN middle USING (item, part) GROUP BY item, part, cluster
        ),
        summed AS (
            SELECT item, part, sum(under)::BIGINT AS under, sum(k)::BIGINT AS k, sum(n)::BIGINT AS n, count(*) AS groups,
                sum(k * k)::BIGINT AS kk, sum(k * n)::BIGINT AS kn, sum(n * n)::BIGINT AS nn
            FROM each GROUP BY item, part
        )
        SELECT item, part, least, most, under, k, n, groups, kk, kn, nn FROM summed JOIN middle USING (item, part)""",
        bound | asked_once,
    )
    asked = []
    for item, part, least, most, under, *of in sums.itertuples(index=False, name=None):
        ranks = stats.median_ranks(*map(int, of))
        if ranks:
            # the two values lie about the middle: only those there need sorting, unless the interval is wider than that
            near = under < ranks[0] and ranks[1] <= ABOUT[3 if of[1] >= _LARGE else 4] * of[1]
            asked.append((item, part, least, most, under, *ranks) if near else (item, part, 0.0, math.inf, 0, *ranks))
    if not asked:
        return {}
    names = ("items", "parts", "leasts", "mosts", "unders", "lows", "highs")
    lists = dict(zip(names, map(list, zip(*asked, strict=True)), strict=True))
    ends = p.query(
        f"""WITH measured AS ({values}),
        ranks AS (SELECT {", ".join(f"unnest(${name}) AS {name[:-1]}" for name in names)}),
        ordered AS (
            SELECT item, part, any_value(low - under) AS low, any_value(high - under) AS high, list_sort(list(x)) AS xs
            FROM measured JOIN ranks USING (item, part) WHERE x BETWEEN least AND most GROUP BY item, part
        )
        SELECT item, part, xs[low] / 1e6, xs[high] / 1e6 FROM ordered""",
        bound | lists,
    )
    return {(item, part): (low, high) for item, part, low, high in ends.itertuples(index=False, name=None)}


def _about(size: int, quantiles: Sequence[float]) -> tuple[float, float, float]:
    # least, middle and most of the values between which the ends are sought
    low, near_low, middle, near_high, high = map(float, quantiles)
    return (near_low, middle, near_high) if size >= _LARGE else (low, middle, high)


def journeys_middle(p: Prepared) -> tuple[float, float] | None:
    """Of the length of all journeys; None where there are too few."""
    found = middles(p, f"SELECT 0 AS item, 0 AS part, {p.cluster} AS cluster, ended - started AS x FROM journeys")
    return found.get((0, 0))


def touchpoints_middles(p: Prepared) -> Middles:
    """Of the time from a touchpoint to the next step: items are touchpoints."""
    names = list(p.touchpoints)
    found = middles(p, f"SELECT code AS item, 0 AS part, {p.cluster} AS cluster, dt AS x FROM steps WHERE dt IS NOT NULL")
    return {names[code]: ends for (code, _), ends in found.items()}


def moves_middles(p: Prepared) -> Middles:
    """Of the time from step to step: items (source, target)."""
    names = list(p.touchpoints)
    waits = f"SELECT code AS item, nxt AS part, {p.groups(FEWER)} AS cluster, dt AS x FROM steps WHERE nxt IS NOT NULL"
    found = middles(p, waits)
    return {(names[code], names[nxt]): ends for (code, nxt), ends in found.items()}


def variants_middles(p: Prepared, shapes: Sequence[str]) -> Middles:
    """Of the length of a variant's journeys: items (shape as text, number of steps)."""
    return middles(
        p,
        f"""SELECT shape::VARCHAR AS item, n_steps AS part, {p.cluster} AS cluster, ended - started AS x FROM journeys
            WHERE {CHOSEN}""",
        {"shapes": list(shapes)},
    )


def funnel_middles(p: Prepared) -> Middles:
    """Of the time from the step before: items are positions, from 2. `p`: of `reached`."""
    found = middles(p, f"SELECT level AS item, 0 AS part, {p.cluster} AS cluster, took AS x FROM reached WHERE level > 1")
    return {position: ends for (position, _), ends in found.items()}


def sessions_middles(p: Prepared, pause: int) -> Middles:
    """Of the length of sessions: items are the touchpoints they begin with. `pause`: microseconds."""
    names = list(p.touchpoints)
    found = middles(p, f"SELECT code AS item, 0 AS part, {p.cluster} AS cluster, took AS x FROM ({SESSIONS})", {"pause": pause})
    return {names[code]: ends for (code, _), ends in found.items()}
