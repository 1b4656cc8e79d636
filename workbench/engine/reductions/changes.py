"""What follows each touchpoint, and how soon, by period: counts in random groups of customers, for finding when it changed."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import pandas as pd

from workbench.engine import clock
from workbench.engine.opening import Prepared
from workbench.engine.reductions.retention import last_seen, number_sql, span

#: random groups of customers, a power of two: their sums tell a standard error to some 2 % (see `Prepared.groups`)
GROUPS = 256
BEGIN = -1  # stands for the code of what comes before a journey's first step


@dataclasses.dataclass(frozen=True)
class Moves:
    """What followed. `cells`: part (group of customers), period, code (`BEGIN`: before the first step), nxt (-1: nothing within
    `within_s` of that touchpoint), n, log (sum of the logarithm of the seconds to the next step, at least 1), y and yy (sums of
    the same and of its square, where a wait farther than two standard deviations from the mean logarithm of all such moves
    counts as that far, so that a few don't look like a change). Periods are numbers (`begins`), counted from the one that the
    step before lies in. `within_s`: of every touchpoint, in the order of codes, how many seconds what follows it is waited for:
    slow ones have time, quick ones are known sooner. `seen`: microseconds, the last step of all; steps whose time ends after it
    are left out, as it isn't known yet what follows them (of the first steps of journeys those of the last day)."""

    cells: pd.DataFrame
    within_s: Mapping[str, int]
    seen: int

    @property
    def bound(self) -> dict[str, object]:
        """What the SQL of moves is bound to."""
        return {"within": [one * clock.SECOND for one in self.within_s.values()], "seen": self.seen}


_LOG = f"ln(greatest(dt, {clock.SECOND}) / 1e6)"


def moved(p: Prepared, by: str) -> Moves:
    """What followed every step, in three passes. `by`: "day", "week" or "month"."""
    first, last = span(p)
    waits = p.query(
        f"""SELECT dt // {clock.DAY} + 1 AS days, code, nxt, count(*) AS n, sum({_LOG}) AS y, sum({_LOG} ** 2) AS yy
        FROM steps WHERE nxt IS NOT NULL GROUP BY ALL"""
    )
    days = [_within(waits[waits["code"] == code], last - first) for code in range(len(p.touchpoints))]
    within = {name: n * clock.DAY // clock.SECOND for name, n in zip(p.touchpoints, days, strict=True)}
    told = Moves(waits[:0], within, last_seen(p))
    kept = waits[waits["days"] <= waits["code"].map(dict(enumerate(days)))].groupby(["code", "nxt"])[["n", "y", "yy"]].sum()
    middle = kept["y"] / kept["n"]
    wide = 2 * (kept["yy"] / kept["n"] - middle**2).clip(lower=0) ** 0.5
    cells = p.query(
        f"""WITH usual AS (
            SELECT unnest($codes) AS code, unnest($nexts) AS nxt, unnest($lows) AS low, unnest($highs) AS high
        ),
        told AS (
            SELECT customer, period, m.code, m.nxt, m.y AS log, least(greatest(m.y, low), high) AS y
            FROM ({_moved(p, by)}) AS m LEFT JOIN usual ON usual.code = m.code AND usual.nxt = m.nxt
        )
        SELECT customer & {GROUPS - 1} AS part, period, code, coalesce(nxt, -1) AS nxt, count(*) AS n,
            coalesce(sum(log), 0) AS log, coalesce(sum(y), 0) AS y, coalesce(sum(y * y), 0) AS yy
        FROM told GROUP BY ALL""",
        told.bound
        | {
            "codes": [int(code) for code, _ in kept.index],
            "nexts": [int(nxt) for _, nxt in kept.index],
            "lows": list(middle - wide),
            "highs": list(middle + wide),
        },
    )
    return dataclasses.replace(told, cells=cells)


def _within(waits: pd.DataFrame, covered: int) -> int:
    # in how many whole days 99 % of a touchpoint's next steps follow; at most a quarter of the time covered, at least one day
    counted = waits.groupby("days")["n"].sum().cumsum()
    most = int(counted.index[counted >= 0.99 * counted.iloc[-1]][0]) if len(counted) else 1
    return max(1, min(most, covered // (4 * clock.DAY)))


def _moved(p: Prepared, by: str) -> str:
    # every step with the one it follows, dated by that one; a journey's first step follows nothing and is dated by itself
    of = {name: number_sql(clock.day_sql(name, p.timezone, *span(p)), by) for name in ("happened", "started")}
    # a list begins with 1
    return f"""SELECT customer, {of["happened"]} AS period, code, CASE WHEN dt <= $within[code + 1] THEN nxt END AS nxt,
            CASE WHEN dt <= $within[code + 1] THEN {_LOG} END AS y
        FROM steps WHERE happened <= $seen - $within[code + 1]
        UNION ALL SELECT customer, {of["started"]}, {BEGIN}, entry, NULL FROM journeys WHERE started <= $seen - {clock.DAY}"""


@dataclasses.dataclass(frozen=True)
class Stretch:
    """Moves from a touchpoint to a touchpoint (None: any that is one; `BEGIN`, -1: see `Moves`) in the periods from `first` to
    `last`."""

    code: int | None
    nxt: int | None
    first: int
    last: int

    @property
    def moves(self) -> str:
        """SQL of which moves, in whatever period; the numbers in it are ours."""
        code = "" if self.code is None else f" AND code = {self.code}"
        nxt = "nxt IS NOT NULL" if self.nxt is None else "nxt IS NULL" if self.nxt < 0 else f"nxt = {self.nxt}"
        return nxt + code

    @property
    def sql(self) -> str:
        return f"period BETWEEN {self.first} AND {self.last} AND {self.moves}"


def stretches(p: Prepared, by: str, moves: Moves, asked: Sequence[Stretch]) -> list[tuple[int, int]]:
    """n and n_customers of each stretch, in one pass."""
    told = ", ".join(f"count(*) FILTER ({one.sql}), count(DISTINCT customer) FILTER ({one.sql})" for one in asked)
    found = p.row(f"SELECT {told} FROM ({_moved(p, by)})", moves.bound)
    return list(zip(found[::2], found[1::2], strict=True))


def stretch_members(p: Prepared, by: str, moves: Moves, asked: Stretch) -> pd.DataFrame:
    """Who made the moves of a stretch."""
    return p.members(f"SELECT customer, count(*) AS n FROM ({_moved(p, by)}) WHERE {asked.sql} GROUP BY customer", moves.bound)


def stretches_by_period(p: Prepared, by: str, moves: Moves, asked: Sequence[Stretch]) -> pd.DataFrame:
    """n and n_customers of each stretch (`n0`, `customers0`, `n1`, …) in each period of the length `by`, whatever their own
    periods."""
    told = ", ".join(
        f"count(*) FILTER ({one.moves}) AS n{i}, count(DISTINCT customer) FILTER ({one.moves}) AS customers{i}"
        for i, one in enumerate(asked)
    )
    return p.query(f"SELECT period, {told} FROM ({_moved(p, by)}) GROUP BY period ORDER BY period", moves.bound)
