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
_BITS = 60  # of a BIGINT, that tell what a customer did
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
    def when(self) -> str:
        return f"period BETWEEN {self.first} AND {self.last}"

    @property
    def sql(self) -> str:
        return f"{self.when} AND {self.moves}"


def stretches(p: Prepared, by: str, moves: Moves, asked: Sequence[Stretch]) -> list[int]:
    """n_customers of each stretch, in one pass."""
    each = list(dict.fromkeys(asked))
    told, who = _customers(each, "customer", _moved(p, by))
    found = dict(zip(each, p.row(f"SELECT {', '.join(told)} FROM ({who})", moves.bound), strict=True))
    return [found[one] for one in asked]


def stretch_members(p: Prepared, by: str, moves: Moves, asked: Stretch) -> pd.DataFrame:
    """Who made the moves of a stretch."""
    return p.members(f"SELECT customer, count(*) AS n FROM ({_moved(p, by)}) WHERE {asked.sql} GROUP BY customer", moves.bound)


def stretches_by_period(p: Prepared, by: str, moves: Moves, asked: Sequence[Stretch]) -> pd.DataFrame:
    """n_customers of each stretch (`customers0`, `customers1`, …) in each period of the length `by`, whatever their own
    periods; a period in which nobody made such a move has no row."""
    told, who = _customers(asked, "customer, period", _moved(p, by))
    named = ", ".join(f"{one} AS customers{i}" for i, one in enumerate(told))
    return p.query(f"SELECT period, {named} FROM ({who}) GROUP BY period ORDER BY period", moves.bound)


def _customers(asked: Sequence[Stretch], each: str, moved: str) -> tuple[list[str], str]:
    # SQL of the number of customers of each stretch, and of the rows that are counted: one of `each`, with a bit a stretch that
    # tells of moves in it. So customers are gathered once; to count the different ones of each stretch takes far longer
    places = range(0, len(asked), _BITS)
    masks = ", ".join(f"{_mask(asked[i : i + _BITS], 'period' in each)} AS m{i // _BITS}" for i in places)
    gathered = ", ".join(f"bit_or(m{i // _BITS}) AS m{i // _BITS}" for i in places)
    some = " OR ".join(f"m{i // _BITS} <> 0" for i in places)
    who = f"SELECT {each}, {gathered} FROM (SELECT {each}, {masks} FROM ({moved})) WHERE {some} GROUP BY {each}"
    return [f"count(*) FILTER ((m{i // _BITS} & {1 << i % _BITS}) <> 0)" for i in range(len(asked))], who


def _mask(asked: Sequence[Stretch], whenever: bool) -> str:
    # the period is asked only of the moves that have stretches
    bits: dict[str, list[str]] = {}
    for i, one in enumerate(asked):
        bit = str(1 << i)
        bits.setdefault(one.moves, []).append(bit if whenever else f"CASE WHEN {one.when} THEN {bit} ELSE 0 END")
    told = (f"CASE WHEN {moves} THEN {' | '.join(found)} ELSE 0 END" for moves, found in bits.items())
    return f"({' | '.join(told)})::BIGINT"
