"""Intervals of medians that don't take one customer's values for independent of each other (Woodruff 1952).

They are asked beside the medians, not with them: customer i has n_i values, k_i of them at most the median; the sums tell
between which ranks the median lies (`stats.median_ranks`), and a second look takes the values at these ranks.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from workbench import stats
from workbench.engine.opening import Prepared
from workbench.engine.reductions.levels import took
from workbench.engine.reductions.pauses import SESSIONS

#: item -> lower and upper end (95 %) of the median of its values, in seconds; items with too few values are absent
Middles = Mapping[Hashable, tuple[float, float]]


def _middles(p: Prepared, values: str, bound: Mapping[str, object] | None = None) -> dict[tuple, tuple[float, float]]:
    # values: item, part, customer, x (microseconds); no null among them
    bound = dict(bound or {})
    sums = p.query(
        f"""WITH measured AS ({values}),
        middle AS (SELECT item, part, median(x) AS m FROM measured GROUP BY item, part HAVING count(*) >= 6),
        each AS (
            SELECT item, part, customer, count(*) AS n, count(*) FILTER (x <= m) AS k
            FROM measured JOIN middle USING (item, part) GROUP BY item, part, customer
        )
        SELECT item, part, sum(k)::BIGINT, sum(n)::BIGINT, count(*), sum(k * k)::BIGINT, sum(k * n)::BIGINT, sum(n * n)::BIGINT
        FROM each GROUP BY item, part""",
        bound,
    )
    found = [(item, part, stats.median_ranks(*map(int, of))) for item, part, *of in sums.itertuples(index=False, name=None)]
    asked = [(item, part, *ranks) for item, part, ranks in found if ranks]
    if not asked:
        return {}
    lists = dict(zip(("items", "parts", "lows", "highs"), map(list, zip(*asked, strict=True)), strict=True))
    ends = p.query(
        f"""WITH measured AS ({values}),
        ranks AS (SELECT unnest($items) AS item, unnest($parts) AS part, unnest($lows) AS low, unnest($highs) AS high),
        ordered AS (
            SELECT item, part, list_sort(list(x)) AS xs FROM measured SEMI JOIN ranks USING (item, part) GROUP BY item, part
        )
        SELECT item, part, xs[low] / 1e6, xs[high] / 1e6 FROM ordered JOIN ranks USING (item, part)""",
        bound | lists,
    )
    return {(item, part): (low, high) for item, part, low, high in ends.itertuples(index=False, name=None)}


def journeys_middle(p: Prepared) -> tuple[float, float] | None:
    """Of the length of all journeys; None where there are too few."""
    found = _middles(p, "SELECT 0 AS item, 0 AS part, customer, ended - started AS x FROM journeys")
    return found.get((0, 0))


def touchpoints_middles(p: Prepared) -> Middles:
    """Of the time from a touchpoint to the next step: items are touchpoints."""
    names = list(p.touchpoints)
    found = _middles(p, "SELECT code AS item, 0 AS part, customer, dt AS x FROM steps WHERE dt IS NOT NULL")
    return {names[code]: ends for (code, _), ends in found.items()}


def moves_middles(p: Prepared) -> Middles:
    """Of the time from step to step: items (source, target)."""
    names = list(p.touchpoints)
    found = _middles(p, "SELECT code AS item, nxt AS part, customer, dt AS x FROM steps WHERE nxt IS NOT NULL")
    return {(names[code], names[nxt]): ends for (code, nxt), ends in found.items()}


def variants_middles(p: Prepared, shapes: Sequence[str]) -> Middles:
    """Of the length of a variant's journeys: items (shape as text, number of steps)."""
    return _middles(
        p,
        """SELECT shape::VARCHAR AS item, n_steps AS part, customer, ended - started AS x FROM journeys
            WHERE shape IN (SELECT unnest($shapes::VARCHAR[])::HUGEINT)""",
        {"shapes": list(shapes)},
    )


def funnel_middles(p: Prepared, steps: Sequence[str], within: int) -> Middles:
    """Of the time from the step before: items are positions, from 2. `within`: microseconds."""
    found = _middles(p, f"SELECT position AS item, 0 AS part, customer, x FROM ({took(p, steps, within)})")
    return {position: ends for (position, _), ends in found.items()}


def sessions_middles(p: Prepared, pause: int) -> Middles:
    """Of the length of sessions: items are the touchpoints they begin with. `pause`: microseconds."""
    names = list(p.touchpoints)
    found = _middles(p, f"SELECT code AS item, 0 AS part, customer, took AS x FROM ({SESSIONS})", {"pause": pause})
    return {names[code]: ends for (code, _), ends in found.items()}
