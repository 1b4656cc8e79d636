"""Returns to a touchpoint, and journeys that end where others go on."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from workbench.engine.clock import DAY
from workbench.engine.opening import Prepared

# Every step at a touchpoint that the journey has met before is a return; how far back the last meeting lies says of which kind:
# next to it a repeat, one other step between a back-track, more a loop. So each return is counted once.
_RETURNS = """
    SELECT journey, customer, code, CASE WHEN back = 2 THEN via END AS via, took,
        CASE back WHEN 1 THEN 'repeat' WHEN 2 THEN 'back_track' ELSE 'loop' END AS kind
    FROM (
        SELECT journey, customer, code, seq - (lag(seq) OVER w) AS back, happened - (lag(happened) OVER w) AS took,
            lag(nxt) OVER w AS via
        FROM steps WINDOW w AS (PARTITION BY journey, code ORDER BY seq)
    ) WHERE back IS NOT NULL"""

# touchpoints where journeys end though most of what happens there is followed by another step
_DEAD_ENDS = "SELECT code FROM steps GROUP BY code HAVING 2 * count(*) FILTER (nxt IS NULL) < count(*)"


def _dead(p: Prepared, dead_ends: Sequence[str] | None = None) -> str:
    given = None if dead_ends is None else ", ".join(str(p.touchpoints[name]) for name in dead_ends) or "NULL"
    return f"""
        SELECT journey, journeys.customer, "exit" AS code, NULL AS via, ended - started AS took, 'dead_end' AS kind
        FROM journeys WHERE "exit" IN ({_DEAD_ENDS if given is None else given})"""


def dead_ends(p: Prepared) -> list[str]:
    """Touchpoints where in fewer than half of all cases a journey ends."""
    found = p.query(f"SELECT touchpoint FROM ({_DEAD_ENDS}) JOIN touchpoints USING (code) ORDER BY touchpoint")
    return list(found["touchpoint"])


def returns(p: Prepared, dead_ends: Sequence[str] | None = None) -> pd.DataFrame:
    """kind (repeat, back_track, loop, dead_end), touchpoint, via (of a back-track), n, n_journeys, n_customers, cost_s, n_long
    (those of n that took more than 24 hours), kk and kn (sums over customers of the square of their n_journeys and of its
    product with all their journeys; see `spread`); the dearest first. `dead_ends`: the touchpoints whose exits are told (None:
    those of these journeys)."""
    return p.query(
        f"""WITH told AS ({_RETURNS} UNION ALL {_dead(p, dead_ends)}),
        theirs AS (
            SELECT kind, code, via, customer, count(*) AS n, count(DISTINCT journey) AS k, sum(took)::BIGINT AS took,
                count(*) FILTER (took > {DAY}) AS n_long
            FROM told GROUP BY kind, code, via, customer
        ),
        counted AS (
            SELECT kind, code, via, sum(theirs.n)::BIGINT AS n, sum(k)::BIGINT AS n_journeys, count(*) AS n_customers,
                sum(took)::BIGINT / 1e6 AS cost_s, sum(n_long)::BIGINT AS n_long, sum(k * k)::BIGINT AS kk,
                sum(k * had.n)::BIGINT AS kn
            FROM theirs JOIN (SELECT customer, count(*) AS n FROM journeys GROUP BY customer) AS had USING (customer)
            GROUP BY kind, code, via
        )
        SELECT kind, t.touchpoint AS touchpoint, v.touchpoint AS via, n, n_journeys, n_customers, cost_s, n_long, kk, kn
        FROM counted JOIN touchpoints AS t USING (code) LEFT JOIN touchpoints AS v ON v.code = via
        ORDER BY cost_s DESC, n DESC, kind, touchpoint, via"""
    )


def return_members(p: Prepared, kind: str, touchpoint: str, via: str | None, journeys: bool = False) -> pd.DataFrame:
    """Who came back so (or ended there), and how often; with `journeys`: in how many journeys."""
    counted = "count(DISTINCT journey)" if journeys else "count(*)"
    return p.members(
        f"""SELECT customer, {counted} AS n FROM ({_dead(p, [touchpoint]) if kind == "dead_end" else _RETURNS})
            WHERE kind = ? AND code = ? AND via IS NOT DISTINCT FROM ? GROUP BY customer""",
        [kind, p.touchpoints[touchpoint], None if via is None else p.touchpoints[via]],
    )
