"""From what followed each touchpoint by period to series whose level may shift, and to levels with their intervals."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

import numpy as np

from workbench import stats
from workbench.engine.reductions import BEGIN, END, GROUPS, START, Moves
from workbench.journeys.shifts import Series, spread, without_weekdays

#: cases that a series needs to be looked at, and groups of customers that have them
CASES, PARTS = 50, 10


@dataclasses.dataclass(frozen=True)
class Told:
    """A series with its names: a share has a target, a time a source, a move both (`START`, `END` where there is none).
    `codes` of both, None for any. `plain`, before days of the week are taken out: of a share what is expected, of a time what
    was seen (with far waits as they are). `usual`: the share of all periods, or the mean logarithm of their waits."""

    measure: str
    source: str
    target: str
    codes: tuple[int | None, int | None]
    series: Series
    plain: np.ndarray
    usual: float
    effect: np.ndarray

    def level(self, a: int, b: int) -> tuple[float, float, float]:
        """The level of the periods from `a` to before `b` with its 95 % interval: a share, or seconds; nan: none."""
        seen, plain, of = (one[:, a:b].sum(axis=1) for one in (self.series.seen, self.plain, self.series.of))
        return _time(self.usual, plain, of) if self.measure == "time" else _share(self.usual, seen, plain)


def _share(usual: float, seen: np.ndarray, hoped: np.ndarray) -> tuple[float, float, float]:
    total = hoped.sum()
    if total <= 0:
        return math.nan, math.nan, math.nan
    level = seen.sum() / total
    known = hoped > 0
    groups = int(known.sum())
    apart = ((seen - level * hoped) ** 2).sum() / total**2 * groups / max(groups - 1, 1)
    # in units of which the usual share is seen
    units = hoped[known] / usual
    n = max(round(units.sum()), groups)
    share = min(usual * level, 1.0)
    return share, *stats.wilson_credited(share, n, groups, usual**2 * apart, max(n, round((units**2).sum())))


def _time(usual: float, seen: np.ndarray, of: np.ndarray) -> tuple[float, float, float]:
    total, groups = of.sum(), int((of > 0).sum())
    if not total:
        return math.nan, math.nan, math.nan
    level = seen.sum() / total
    if groups < 2:
        return math.exp(usual + level), math.nan, math.nan
    wide = stats.student(groups) * math.sqrt(((seen - level * of) ** 2).sum() * groups / (groups - 1)) / total
    return tuple(math.exp(usual + level + one * wide) for one in (0, -1, 1))


class Levels:
    """The series of what followed. `first`: the number of the first period; `n_periods`: how many there are."""

    def __init__(self, moves: Moves, names: list[str], weekly: bool) -> None:
        cells = moves.cells
        period = cells["period"].to_numpy(dtype=np.int64)
        self.first, self.n_periods = int(period.min()), int(period.max() - period.min() + 1)
        self._names = names
        self._cell = cells["part"].to_numpy(dtype=np.int64) * self.n_periods + period - self.first
        self._code, self._nxt = (cells[name].to_numpy(dtype=np.int64) for name in ("code", "nxt"))
        self._n, self._log, self._y, self._yy = (cells[name].to_numpy(dtype=float) for name in ("n", "log", "y", "yy"))
        # 1 January 1970 was a Thursday
        self.weekday = (np.arange(self.n_periods) + self.first + 3) % 7 if weekly else None
        self._left: dict[int, np.ndarray] = {}

    def touchpoints(self) -> Iterator[Told]:
        """Each touchpoint's share of all steps, what comes before them held equal, and the time from it to the next step, what
        follows held equal."""
        all_steps = self._n[self._nxt >= 0].sum()
        for code, name in enumerate(self._names):
            into = self._nxt == code
            if self._enough(into):
                sources = [int(one) for one in np.unique(self._code[into])]
                hoped = sum(self._hoped(source, into) for source in sources)
                of = sum(self._leaving(source) for source in sources)
                usual = float(self._n[into].sum() / all_steps)
                yield self._told("share", "", name, (None, code), self._grid(into, self._n), hoped, of, usual)
            out = (self._code == code) & (self._nxt >= 0)
            if self._enough(out):
                yield self._waits("time", name, "", (code, None), out)

    def moves(self) -> Iterator[Told]:
        """Each move's share of all that leave its source, and how long it takes."""
        for source, target in sorted(set(zip(self._code.tolist(), self._nxt.tolist(), strict=True))):
            here = (self._code == source) & (self._nxt == target)
            if not self._enough(here):
                continue
            names = START if source == BEGIN else self._names[source], END if target < 0 else self._names[target]
            of = self._leaving(source)
            usual = float(self._n[here].sum() / of.sum())
            yield self._told("share", *names, (source, target), self._grid(here, self._n), of * usual, of, usual)
            if source != BEGIN and target >= 0:
                yield self._waits("time", *names, (source, target), here)

    def _enough(self, here: np.ndarray) -> bool:
        return self._n[here].sum() >= CASES and len(np.unique(self._cell[here] // self.n_periods)) >= PARTS

    def _grid(self, here: np.ndarray, values: np.ndarray) -> np.ndarray:
        size = GROUPS * self.n_periods
        return np.bincount(self._cell[here], weights=values[here], minlength=size).reshape(GROUPS, self.n_periods)

    def _leaving(self, source: int) -> np.ndarray:
        if source not in self._left:
            self._left[source] = self._grid(self._code == source, self._n)
        return self._left[source]

    def _hoped(self, source: int, into: np.ndarray) -> np.ndarray:
        leaving = self._leaving(source)
        return leaving * (self._n[into & (self._code == source)].sum() / leaving.sum())

    def _told(self, measure, source, target, codes, seen, hoped, of, usual) -> Told:
        series = Series(seen, without_weekdays(seen, hoped, self.weekday), of)
        return Told(measure, source, target, codes, series, hoped, usual, spread(series, self.weekday))

    def _waits(self, measure: str, source: str, target: str, codes: tuple, here: np.ndarray) -> Told:
        seen, plain = np.zeros((2, GROUPS, self.n_periods))
        square = 0.0
        for nxt in np.unique(self._nxt[here]):
            of_move = here & (self._nxt == nxt)
            n, log, y, yy = (one[of_move].sum() for one in (self._n, self._log, self._y, self._yy))
            seen += self._grid(of_move, self._y - self._n * (y / n))
            plain += self._grid(of_move, self._log - self._n * (log / n))
            square += yy - y * y / n
        of = self._grid(here, self._n)
        usual = float(self._log[here].sum() / of.sum())
        # what a day of the week has beside the others is taken off, so that nothing is left to expect
        rest = seen if self.weekday is None else seen - without_weekdays(seen, of, self.weekday)
        series = Series(rest, np.zeros_like(rest), of, max(square / of.sum(), 1e-9))
        return Told(measure, source, target, codes, series, plain, usual, spread(series, self.weekday))
