"""How the counts behind a share spread over customers: what an interval needs that doesn't take one customer's journeys for
independent of each other.

A share is k of n: an item (a touchpoint, a target …) among a whole (all journeys, all that leave a source …). Customer i (where
there are very many: group i of them, `Prepared.cluster`) has k_i of the item's and n_i of the whole's; the sums of k_i²,
k_i·n_i and n_i² are all that `stats.wilson_grouped` asks for.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable, Mapping, Sequence

from workbench import stats
from workbench.engine.opening import FEWER, USUAL, Prepared
from workbench.engine.reductions.moves import END, START
from workbench.engine.reductions.pauses import SESSIONS
from workbench.engine.reductions.positions import placed
from workbench.engine.reductions.shapes import CHOSEN

#: wholes of which each case goes to one item
_ALL_PARTS = "SELECT whole, cluster, sum(k)::BIGINT AS n FROM parts GROUP BY whole, cluster"
ALL = ""  # the whole of all journeys, or of all sessions


@dataclasses.dataclass(frozen=True)
class Spread:
    """`wholes`: whole -> n, customers (or groups) with any, sum of n_i². `items`: (whole, item) -> sums of k_i² and k_i·n_i;
    None where every customer has one case, so that both are k. `lots`: of `Prepared.lots`."""

    wholes: Mapping[Hashable, tuple[int, int, int]]
    items: Mapping[tuple[Hashable, Hashable], tuple[int, int]] | None
    lots: int = 0

    def cases(self, whole: Hashable, item: Hashable, k: int) -> stats.Cases:
        """What `stats` asks for about the item's share, `k` of the whole."""
        n, customers, nn = self.wholes.get(whole, (0, 0, 0))
        kk, kn = (k, k) if self.items is None else self.items.get((whole, item), (0, 0))
        return stats.Cases(k, n, customers, kk, kn, nn, stats.squares_of_units(n, nn, self.lots))

    def interval(self, whole: Hashable, item: Hashable, k: int) -> tuple[float, float]:
        """95 % interval of the item's share, `k` of the whole."""
        return stats.wilson_grouped(*self.cases(whole, item, k))


def _spread(
    p: Prepared,
    items: str,
    wholes: str,
    values: object = None,
    named: Callable[[Hashable, Hashable, Hashable], tuple] = lambda *key: key,
    most: int = USUAL,
) -> Spread:
    # items (as `parts`): whole, item, part, cluster, k; wholes: whole, cluster, n; named: how the first three are told; most:
    # of `Prepared.groups`
    found = p.query(
        f"""WITH parts AS MATERIALIZED ({items}), size AS MATERIALIZED ({wholes})
        SELECT true AS one, whole, item, part, sum(k * k)::BIGINT AS a, sum(k * n)::BIGINT AS b, NULL AS c
        FROM parts JOIN size USING (whole, cluster) GROUP BY whole, item, part
        UNION ALL SELECT false, whole, NULL, NULL, sum(n)::BIGINT, count(*), sum(n * n)::BIGINT FROM size GROUP BY whole""",
        values,
    )
    rows = list(found.itertuples(index=False, name=None))
    return Spread(
        {named(whole, None, None)[0]: (int(a), int(b), int(c)) for one, whole, _, _, a, b, c in rows if not one},
        {_placed(*named(*key)): (int(a), int(b)) for one, *key, a, b, _ in rows if one},
        p.lots(most),
    )


def _placed(whole: Hashable, item: Hashable, part: Hashable) -> tuple[Hashable, tuple[Hashable, Hashable]]:
    return whole, (item, part)


def _journeys(p: Prepared) -> str:
    return f"SELECT '{ALL}' AS whole, {p.cluster} AS cluster, count(*) AS n FROM journeys GROUP BY cluster"


def journeys_spread(p: Prepared) -> tuple[int, int, int]:
    """How all journeys spread over customers, however many: n, customers, sum of n_i²."""
    return p.once(
        "spread",
        """SELECT sum(n)::BIGINT, count(*), sum(n * n)::BIGINT
            FROM (SELECT count(*) AS n FROM journeys GROUP BY customer)""",
    )


def _of_journeys(p: Prepared, items: str, values: object = None) -> Spread:
    if p.n_journeys == p.n_customers:
        return Spread({ALL: (p.n_journeys, p.n_journeys, p.n_journeys)}, None)
    return _spread(p, items, _journeys(p), values)


def touchpoints_spread(p: Prepared) -> Spread:
    """Of all journeys those that have a touchpoint, begin or end there: items (touchpoint, "share" | "entry" | "exit")."""
    return _of_journeys(
        p,
        f"""SELECT '{ALL}' AS whole, touchpoint AS item, part, cluster, k FROM (
            SELECT code, 'share' AS part, {p.cluster} AS cluster, count(*) AS k
            FROM (SELECT DISTINCT code, customer, journey FROM steps) GROUP BY code, cluster
            UNION ALL SELECT entry, 'entry', {p.cluster} AS cluster, count(*) FROM journeys GROUP BY entry, cluster
            UNION ALL SELECT "exit", 'exit', {p.cluster} AS cluster, count(*) FROM journeys GROUP BY "exit", cluster
        ) JOIN touchpoints USING (code)""",
    )


def moves_spread(p: Prepared) -> Spread:
    """Of all that leave a source those that go to a target, of all journeys (whole "(start)") those that begin there: items
    (target, "")."""
    names = dict(enumerate(p.touchpoints))
    cluster = p.groups(FEWER)
    return _spread(
        p,
        f"""SELECT code AS whole, coalesce(nxt, -1) AS item, 0 AS part, {cluster} AS cluster, count(*) AS k FROM steps
            GROUP BY ALL
            UNION ALL SELECT -1, entry, 0, {cluster} AS cluster, count(*) FROM journeys GROUP BY entry, cluster""",
        _ALL_PARTS,
        named=lambda whole, item, part: (names.get(whole, START), names.get(item, END), ""),
        most=FEWER,
    )


def passings_spread(p: Prepared, column: str) -> Spread:
    """Of all that go on from a value of the column, those who stay too, those that go to another: items (target, ""). `p`: of
    `passed`."""
    names = dict(enumerate(p.marks[column]))
    return _spread(
        p,
        f"""SELECT source AS whole, target AS item, 0 AS part, {p.cluster} AS cluster, count(*) AS k FROM passed
            GROUP BY ALL""",
        _ALL_PARTS,
        named=lambda whole, item, part: (names[whole], names.get(item), ""),
    )


def variants_spread(p: Prepared, shapes: Sequence[str]) -> Spread:
    """Of all journeys those of a variant: items (shape as text, number of steps)."""
    return _of_journeys(
        p,
        f"""SELECT '{ALL}' AS whole, shape::VARCHAR AS item, n_steps AS part, {p.cluster} AS cluster, count(*) AS k
            FROM journeys WHERE {CHOSEN} GROUP BY ALL""",
        {"shapes": list(shapes)},
    )


def steps_spread(p: Prepared, anchor: str, before: int, after: int) -> Spread:
    """Of the journeys that have the anchor those at a touchpoint at a position: items (touchpoint, position)."""
    return _spread(
        p,
        f"""SELECT '{ALL}' AS whole, touchpoint AS item, position AS part, cluster, k FROM (
            SELECT position, code, {p.cluster} AS cluster, count(*) AS k FROM ({placed(p, anchor)})
            WHERE position BETWEEN {-before} AND {after} GROUP BY ALL) JOIN touchpoints USING (code)""",
        f"""SELECT '{ALL}' AS whole, {p.cluster} AS cluster, count(*) AS n FROM ({placed(p, anchor)})
            WHERE position = 0 GROUP BY ALL""",
    )


def sessions_spread(p: Prepared, pause: int) -> Spread:
    """Of all sessions those that begin with a touchpoint: items (touchpoint, "share"); of these (whole: the touchpoint)
    those of one step: items (touchpoint, "single")."""
    begun = f"""SELECT touchpoint, cluster, n, single FROM (
            SELECT code, {p.cluster} AS cluster, count(*) AS n, count(*) FILTER (n_steps = 1) AS single
            FROM ({SESSIONS}) GROUP BY code, cluster
        ) JOIN touchpoints USING (code)"""
    return _spread(
        p,
        f"""WITH begun AS ({begun}) SELECT '{ALL}' AS whole, touchpoint AS item, 'share' AS part, cluster, n AS k FROM begun
            UNION ALL SELECT touchpoint, touchpoint, 'single', cluster, single FROM begun""",
        f"""WITH begun AS ({begun}) SELECT '{ALL}' AS whole, cluster, sum(n)::BIGINT AS n FROM begun GROUP BY cluster
            UNION ALL SELECT touchpoint, cluster, n FROM begun""",
        {"pause": pause},
    )
