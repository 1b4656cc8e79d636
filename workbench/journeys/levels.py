"""From what followed each touchpoint by period to series whose level may shift, and to levels with their intervals."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator

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

    def cases(self, a: int, b: int) -> int:
        """How many there are in the periods from `a` to before `b`: moves to the target, or waits."""
        of = self.series.of if self.measure == "time" else self.series.seen
        return round(float(of[:, a:b].sum()))

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
    """The series of what followed. `first`: the number of the first period; `n_periods`: how many there are; `held`: the places
    of those in which there is something."""

    def __init__(self, moves: Moves, names: list[str], weekly: bool) -> None:
        cells = moves.cells
        period = cells["period"].to_numpy(dtype=np.int64)
        self.first, self.n_periods = int(period.min()), int(period.max() - period.min() + 1)
        self.held = np.flatnonzero(np.bincount(period - self.first)).tolist()
        self._names = names
        # cells lie move by move: those of a move, and of all that leave a touchpoint, are then looked at without a search
        code, nxt = (cells[name].to_numpy(dtype=np.int64) for name in ("code", "nxt"))
        width = len(names) + 1
        move = (code - BEGIN) * width + nxt + 1
        # of small numbers sorting is far quicker
        order = np.argsort(move.astype(np.uint16 if width * width < 2**16 else np.int64), kind="stable")
        self._part, period = (one[order] for one in (cells["part"].to_numpy(dtype=np.int64), period))
        self._cell = self._part * self.n_periods + period - self.first
        self._n, self._log, self._y, self._yy = (cells[name].to_numpy(dtype=float)[order] for name in ("n", "log", "y", "yy"))
        counts = np.bincount(move)
        ends = counts.cumsum().tolist()
        self._moves = {
            (int(one) // width + BEGIN, int(one) % width - 1): slice(ends[one] - int(counts[one]), ends[one])
            for one in np.flatnonzero(counts)
        }
        # 1 January 1970 was a Thursday
        self.weekday = (np.arange(self.n_periods) + self.first + 3) % 7 if weekly else None
        self._left: dict[int, np.ndarray] = {}

    def touchpoints(self) -> Iterator[Told]:
        """Each touchpoint's share of all steps, what comes before them held equal, and the time from it to the next step, what
        follows held equal."""
        all_steps = sum(self._n[here].sum() for (_, nxt), here in self._moves.items() if nxt >= 0)
        for code, name in enumerate(self._names):
            into = {source: here for (source, nxt), here in self._moves.items() if nxt == code}
            part, cell, n = (self._joined(one, into.values()) for one in (self._part, self._cell, self._n))
            if self._enough(part, n):
                hoped = sum(self._hoped(source, here) for source, here in into.items())
                of = sum(self._leaving(source) for source in into)
                yield self._told("share", "", name, (None, code), self._grid(cell, n), hoped, of, float(n.sum() / all_steps))
            out = [here for (source, nxt), here in self._moves.items() if source == code and nxt >= 0]
            if out and self._enough(*self._around(out, self._part, self._n)):
                yield self._waits("time", name, "", (code, None), out)

    def moves(self) -> Iterator[Told]:
        """Each move's share of all that leave its source, and how long it takes."""
        for (source, target), here in self._moves.items():
            n = self._n[here]
            if not self._enough(self._part[here], n):
                continue
            names = START if source == BEGIN else self._names[source], END if target < 0 else self._names[target]
            of = self._leaving(source)
            usual = float(n.sum() / of.sum())
            yield self._told("share", *names, (source, target), self._grid(self._cell[here], n), of * usual, of, usual)
            if source != BEGIN and target >= 0:
                yield self._waits("time", *names, (source, target), [here])

    @staticmethod
    def _enough(part: np.ndarray, n: np.ndarray) -> bool:
        return n.sum() >= CASES and np.count_nonzero(np.bincount(part)) >= PARTS

    @staticmethod
    def _joined(values: np.ndarray, moves: Iterable[slice]) -> np.ndarray:
        return np.concatenate([values[:0], *(values[here] for here in moves)])

    @staticmethod
    def _around(moves: list[slice], *values: np.ndarray) -> Iterator[np.ndarray]:
        # of moves that lie side by side
        return (one[moves[0].start : moves[-1].stop] for one in values)

    def _grid(self, cell: np.ndarray, values: np.ndarray) -> np.ndarray:
        size = GROUPS * self.n_periods
        return np.bincount(cell, weights=values, minlength=size).reshape(GROUPS, self.n_periods)

    def _leaving(self, source: int) -> np.ndarray:
        if source not in self._left:
            out = [here for (code, _), here in self._moves.items() if code == source]
            self._left[source] = self._grid(*self._around(out, self._cell, self._n))
        return self._left[source]

    def _hoped(self, source: int, move: slice) -> np.ndarray:
        leaving = self._leaving(source)
        return leaving * (self._n[move].sum() / leaving.sum())

    def _told(self, measure, source, target, codes, seen, hoped, of, usual) -> Told:
        series = Series(seen, without_weekdays(seen, hoped, self.weekday), of)
        return Told(measure, source, target, codes, series, hoped, usual, spread(series, self.weekday))

    def _waits(self, measure: str, source: str, target: str, codes: tuple, moves: list[slice]) -> Told:
        # the moves of one touchpoint, side by side
        square, away, away_plain = 0.0, [], []
        for here in moves:
            n, log, y, yy = (one[here].sum() for one in (self._n, self._log, self._y, self._yy))
            away.append(self._y[here] - self._n[here] * (y / n))
            away_plain.append(self._log[here] - self._n[here] * (log / n))
            square += yy - y * y / n
        cell, n, log = self._around(moves, self._cell, self._n, self._log)
        seen, plain, of = (self._grid(cell, one) for one in (np.concatenate(away), np.concatenate(away_plain), n))
        usual = float(log.sum() / of.sum())
        # what a day of the week has beside the others is taken off, so that nothing is left to expect
        rest = seen if self.weekday is None else seen - without_weekdays(seen, of, self.weekday)
        series = Series(rest, np.zeros_like(rest), of, max(square / of.sum(), 1e-9))
        return Told(measure, source, target, codes, series, plain, usual, spread(series, self.weekday))
