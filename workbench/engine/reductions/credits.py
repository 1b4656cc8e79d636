"""What a touch is before a conversion, and what each touch is credited with.

A journey that has the target converts once: at its first step there, the conversion. Its touches are the steps before; where
nothing precedes the conversion, that step itself is the only touch, so that every conversion has one. Of a journey without the
target all steps are touches. What follows a conversion doesn't count.
"""

from __future__ import annotations

import dataclasses

import pandas as pd

from workbench import stats
from workbench.engine.marks import code
from workbench.engine.opening import Prepared

NONE = "(none)"  # the channel of events that name none

#: credits that are sums over touches, as the columns of `credits` are named
ADDITIVE = ("first", "last", "linear", "position", "time_decay", "shapley")

# journey, m (touches of the journey before its conversion), until (time of the last of them)
_WON = """won AS MATERIALIZED (
    SELECT journey, min(seq) AS m, arg_min(happened, seq) AS until FROM steps JOIN journeys USING (journey)
    WHERE nxt = {goal} AND entry <> {goal} GROUP BY journey
    UNION ALL SELECT journey, 1, started FROM journeys WHERE entry = {goal})"""


def won(p: Prepared, target: str) -> str:
    """SQL of the table `won`: the journeys that convert."""
    return _WON.format(goal=p.touchpoints[target])


def kinds(p: Prepared, by: str) -> list[str]:
    """What can be credited, by code: the touchpoints, or the values of a mark of the events and `NONE` for events without."""
    if by == "touchpoint":
        return list(p.touchpoints)
    return [name for name in p.marks[by] if name != NONE] + [NONE]


def touches(p: Prepared, by: str) -> str:
    """SQL of all steps with what they can be credited to as `who` (a place in `kinds`)."""
    if by == "touchpoint":
        return "SELECT journey, customer, seq, happened, code AS who FROM steps"
    return f"SELECT journey, customer, seq, happened, {_who(p, by)} AS who FROM steps"


def _who(p: Prepared, mark: str) -> str:
    # events without a value come last, with those whose value happens to be called so
    value, told = code(mark), p.marks[mark]
    if NONE in told:
        at = told.index(NONE)
        value = f"CASE WHEN {value} = {at} THEN NULL WHEN {value} > {at} THEN {value} - 1 ELSE {value} END"
    return f"coalesce({value}, {len(kinds(p, mark)) - 1})"


@dataclasses.dataclass(frozen=True)
class Credits:
    """`frame`: who (a name), n (converting journeys that have it before), n_customers, and for each of `ADDITIVE` the credit
    (not rounded), and <model>_kk and <model>_kn, sums over customers i (where there are very many: over `Prepared.cluster`)
    of k_i² and k_i·n_i, k_i being their credit and n_i their conversions. `n`: conversions; `groups`: customers (or groups)
    with any; `nn`: the sum of n_i²; `lots`: of `Prepared.lots`; `n_alone`:
    conversions that nothing precedes; `n_several`: those of two touches or more."""

    frame: pd.DataFrame
    n: int
    groups: int
    nn: int
    n_alone: int
    n_several: int
    lots: int

    def mean(self, share: float, variance: float) -> stats.Credited:
        """What `stats` asks for about a share of the conversions with that variance."""
        own = stats.squares_of_units(self.n, self.nn, self.lots)
        return stats.Credited(float(share), self.n, self.groups, float(variance), self.nn, own)


def credits(p: Prepared, target: str, by: str, half_life: int) -> Credits:
    """What each touchpoint or channel is credited with for the conversions at `target`. `half_life`: microseconds."""
    names = kinds(p, by)
    squares = ", ".join(f"sum({m}) AS {m}, sum({m} * {m}) AS {m}_kk, sum({m} * had) AS {m}_kn" for m in ADDITIVE)
    found = p.query(
        f"""WITH {_parts(p, target, by)},
        people AS (SELECT who, count(*) AS n, count(DISTINCT customer) AS n_customers FROM parts GROUP BY who),
        shared AS (SELECT who, {squares} FROM ({_SUMMED}) JOIN size USING (cluster) GROUP BY who)
        SELECT whole.*, people.*, shared.* EXCLUDE (who)
        FROM (
            SELECT coalesce(sum(had), 0)::BIGINT AS total, count(*) AS n_groups, coalesce(sum(had * had), 0)::BIGINT AS nn,
                (SELECT count(*) FROM journeys WHERE entry = {p.touchpoints[target]}) AS n_alone,
                (SELECT count(*) FROM won WHERE m > 1) AS n_several
            FROM size
        ) AS whole LEFT JOIN people ON true LEFT JOIN shared USING (who)""",
        {"half_life": half_life},
    )
    once = ["total", "n_groups", "nn", "n_alone", "n_several"]
    frame = found.drop(columns=once).dropna(subset=["who"])
    frame["who"] = [names[int(code)] for code in frame["who"]]
    frame = frame.astype({"n": int, "n_customers": int}).sort_values("who", ignore_index=True)
    return Credits(frame, *(int(found[name].iloc[0]) for name in once), p.lots())


def credits_by_group(p: Prepared, target: str, by: str, half_life: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The credits of each customer (where there are very many: of each `Prepared.cluster`): cluster, who (a name) and a column
    for each of `ADDITIVE`; and their conversions: cluster, had."""
    names = kinds(p, by)
    found = p.each_customer(f"WITH {_parts(p, target, by)} {_SUMMED}", {"half_life": half_life})
    found["who"] = [names[int(code)] for code in found["who"]]
    return found, p.each_customer(f"WITH {won(p, target)}, {_size(p)} SELECT cluster, had FROM size")


_SUMMED = f"SELECT who, cluster, {', '.join(f'sum({one}) AS {one}' for one in ADDITIVE)} FROM parts GROUP BY who, cluster"


def _size(p: Prepared) -> str:
    return f"""size AS MATERIALIZED (
            SELECT {p.cluster} AS cluster, count(*) AS had FROM won JOIN journeys USING (journey) GROUP BY cluster)"""


def _parts(p: Prepared, target: str, by: str) -> str:
    # what each touchpoint or channel is credited with in each converting journey, and conversions by customer. Weights of time
    # are relative to the last touch, so that they don't vanish however long before the conversion all touches were
    return f"""{won(p, target)},
        each AS MATERIALIZED (
            SELECT journey, customer, who, m, count(*) / m AS linear, count(*) FILTER (seq = 1) AS first,
                count(*) FILTER (seq = m) AS last,
                sum(CASE WHEN m < 3 THEN 1 / m WHEN seq IN (1, m) THEN 0.4::DOUBLE ELSE 0.2::DOUBLE / (m - 2) END) AS position,
                sum(exp(ln(2) * (happened - until) / $half_life)) AS weight
            FROM ({touches(p, by)}) JOIN won USING (journey) WHERE seq <= m GROUP BY journey, customer, who, m
        ),
        whole AS (SELECT journey, sum(weight) AS weights, count(*) AS n_kinds FROM each GROUP BY journey),
        parts AS MATERIALIZED (
            SELECT {p.cluster} AS cluster, customer, who, linear, first, last, position, weight / weights AS time_decay,
                1 / n_kinds AS shapley
            FROM each JOIN whole USING (journey)
        ),
        {_size(p)}"""


def credit_members(p: Prepared, target: str, by: str, who: str) -> pd.DataFrame:
    """Who has `who` before a conversion, and in how many converting journeys."""
    return p.members(
        f"""WITH {won(p, target)}
        SELECT customer, count(DISTINCT journey) AS n FROM ({touches(p, by)}) JOIN won USING (journey)
        WHERE seq <= m AND who = $who GROUP BY customer""",
        {"who": kinds(p, by).index(who)},
    )
