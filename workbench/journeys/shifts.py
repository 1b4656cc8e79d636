"""Change points of a series: where its level shifts, from when to when, and how surely. Arithmetic on arrays, no tables.

A series has a value of what was seen and one of what was expected for every period, both as sums in random groups of customers.
A stretch of periods is compared with all others of its segment; the stretch that stands out most splits the segment at its
ends, and the parts are searched in turn (circular binary segmentation: Olshen, Venkatraman, Lucito and Wigler 2004,
Biostatistics 5:557). What is largest of very many comparisons is held against the largest of as many where nothing changes.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
from collections.abc import Iterator

import numpy as np

DRAWS = 2000
_FEW = 50  # of them at a time
#: 95 % of a change point's likelihood ratio about where it was found: Hansen 2000, Econometrica 68:575, table 1
DATED = 7.35
#: the least that is expected in a stretch and outside of it, moves or waits; fewer tell nothing
LEAST, LEAST_WAITS = 2.0, 20


@dataclasses.dataclass(frozen=True)
class Series:
    """`seen`, `expected` and `of`: parts × periods. A share: moves to it, those expected, all that could have been. A time:
    sums of logarithms beside their expectation, nothing (zeros), waits; `variance` is then that of one wait, 0 for a share."""

    seen: np.ndarray
    expected: np.ndarray
    of: np.ndarray
    variance: float = 0.0

    @property
    def n_periods(self) -> int:
        return self.seen.shape[1]

    @functools.cached_property
    def sums(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of seen, expected and of: summed up to each period, from 0."""
        return tuple(np.concatenate([[0.0], one.sum(axis=0).cumsum()]) for one in (self.seen, self.expected, self.of))

    @functools.cached_property
    def weights(self) -> np.ndarray:
        """The variance of each period if all moves were independent."""
        expected, of = self.expected.sum(axis=0), self.of.sum(axis=0)
        if self.variance:
            return self.variance * of
        return expected * (1 - np.divide(expected, of, out=np.zeros_like(of), where=of > 0))


@dataclasses.dataclass(frozen=True)
class Shift:
    """A change at the beginning of period `at`, or of one from `low` to `high`; z and p of the search that found it."""

    at: int
    low: int
    high: int
    z: float
    p: float


def without_weekdays(seen: np.ndarray, expected: np.ndarray, weekday: np.ndarray | None) -> np.ndarray:
    """What is expected, scaled so that in all it is what was seen, on each day of the week by itself where `weekday` tells the
    day of each period."""
    days = np.zeros(seen.shape[1], dtype=int) if weekday is None else weekday
    total, hoped = (np.bincount(days, weights=one.sum(axis=0)) for one in (seen, expected))
    return expected * np.divide(total, hoped, out=np.zeros_like(hoped), where=hoped > 0)[days]


def spread(series: Series, weekday: np.ndarray | None) -> np.ndarray:
    """By how much the variance of a stretch is larger than if all moves were independent, by its length in periods (from 0):
    customers differ (sums of squares over groups of them, averaged over all stretches of that length), and days differ by more
    than that (differences of neighbouring periods, which a shift of level leaves alone: Rice 1984). Never below 1."""
    days = np.zeros(series.n_periods, dtype=int) if weekday is None else weekday
    weights = series.weights
    apart = series.seen - series.expected
    share = weights / np.maximum(np.bincount(days, weights=weights), 1e-12)[days]
    # what estimating the level of each day of the week takes away from a group's part
    for day in np.unique(days):
        here = days == day
        apart[:, here] -= np.outer(apart[:, here].sum(axis=1), share[here])
    # a row a period. Few of the products of two periods are asked for, and threads for all of them cost more than they spare
    groups = np.zeros((series.n_periods + 1, len(apart)))
    groups[1:] = apart.T.cumsum(axis=0)
    squares = np.einsum("ij,ij->i", groups, groups)
    clock = np.concatenate([[0.0], weights.cumsum()])
    parts = int((series.of.sum(axis=1) > 0).sum())
    lengths = [one for one in _lengths(series.n_periods) if one <= max(1, series.n_periods // 2)]
    found = []
    for length in lengths:
        inside = clock[length:] - clock[:-length]
        even = (inside * (1 - inside / max(clock[-1], 1e-12))).sum()
        # the sum over groups of (sum up to the end − sum up to the beginning)², over all stretches of that length
        products = np.einsum("ij,ij->", groups[length:], groups[:-length])
        seen = squares[length:].sum() + squares[:-length].sum() - 2 * products
        found.append(seen / max(even, 1e-12))
    effect = np.maximum(1.0, np.array(found) * parts / max(parts - 1, 1))
    known = weights > 0
    z = (series.seen - series.expected).sum(axis=0)[known] / np.sqrt(weights[known] * effect[0])
    shocks = max(1.0, (np.diff(z) ** 2).sum() / (2 * (len(z) - 1))) if len(z) > 2 else 1.0
    return np.interp(np.arange(series.n_periods + 1), lengths, effect) * shocks


def shifts(series: Series, effect: np.ndarray, best: Shift, at: tuple[int, int], level: float) -> list[Shift]:
    """All change points, the first found being the stretch `at` with what `best` says; further ones where their p is at most
    `level`; those that don't stand up between their neighbours are dropped again."""
    found: dict[int, tuple[float, float]] = {}
    waiting = [(0, series.n_periods, at, best)]
    while waiting:
        a, b, (s, e), told = waiting.pop()
        for point in (s, e):
            if a < point < b:
                found[point] = (told.z, told.p)
        for c, d in itertools.pairwise(sorted({a, s, e, b})):
            stretch, inner = strongest(series, effect, c, d)
            if stretch and inner.p <= level:
                waiting.append((c, d, stretch, inner))
    return _kept(series, effect, found, level)


def _kept(series: Series, effect: np.ndarray, found: dict[int, tuple[float, float]], level: float) -> list[Shift]:
    # each point against its neighbours alone; the least sure goes first
    while found:
        told = []
        for a, at, b in _between(found, series):
            z = float(_z(series, effect, a, b, np.array([a]), np.array([at]))[0])
            told.append((chance(z, b - a, _least(series, a, b), single=True), at))
        if max(told)[0] <= level:
            break
        del found[max(told)[1]]
    # what is left is put where it divides its neighbours best
    for place in range(len(found)):
        a, at, b = list(_between(found, series))[place]
        ends = np.arange(a + 1, b)
        best = int(ends[_z(series, effect, a, b, np.full(len(ends), a), ends).argmax()])
        found[best] = found.pop(at)
    return [Shift(at, *_dated(series, effect, a, at, b), *found[at]) for a, at, b in _between(found, series)]


def _between(found: dict[int, tuple[float, float]], series: Series) -> Iterator[tuple[int, int, int]]:
    # each point with those before and after it
    points = [0, *sorted(found), series.n_periods]
    return zip(points, points[1:], points[2:], strict=False)


def _dated(series: Series, effect: np.ndarray, a: int, at: int, b: int) -> tuple[int, int]:
    ends = np.arange(a + 1, b)
    z = _z(series, effect, a, b, np.full(len(ends), a), ends, least=False)
    near = ends[z**2 >= z[at - a - 1] ** 2 - DATED]
    return int(near.min()), int(near.max())


def strongest(series: Series, effect: np.ndarray, a: int = 0, b: int | None = None) -> tuple[tuple[int, int] | None, Shift]:
    """The stretch of the periods from `a` to before `b` that stands out most (None: there is none to compare), and how much."""
    b = series.n_periods if b is None else b
    best, most = None, 0.0
    for starts, ends in _stretches(b - a):
        z = _z(series, effect, a, b, starts + a, ends + a)
        if len(z) and z.max() > most:
            best, most = int(z.argmax()), float(z.max())
            where = int(starts[best]) + a, int(ends[best]) + a
    if best is None:
        return None, Shift(a, a, a, 0.0, 1.0)
    s, e = where
    # round about it each stretch is looked at, not only those of the usual lengths
    room = max(2, (e - s) // 6)
    grid = itertools.product(range(max(a, s - room), min(b, s + room) + 1), range(max(a, e - room), min(b, e + room) + 1))
    near = np.array([(i, j) for i, j in grid if j > i and not (i == a and j == b)])
    z = _z(series, effect, a, b, near[:, 0], near[:, 1])
    s, e = (int(one) for one in near[z.argmax()])
    return (s, e), Shift(s, s, e, most, chance(most, b - a, _least(series, a, b)))


def _least(series: Series, a: int, b: int) -> float:
    # the share of a segment's cases that a stretch needs
    place, least = (2, LEAST_WAITS) if series.variance else (0, LEAST)
    return least / max(float(series.sums[place][b] - series.sums[place][a]), 1e-9)


def _z(series: Series, effect: np.ndarray, a: int, b: int, s: np.ndarray, e: np.ndarray, least: bool = True) -> np.ndarray:
    # how far stretches from s to before e lie from the rest of a … b; 0 where there is too little to compare
    inside = [one[e] - one[s] for one in series.sums]
    rest = [one[b] - one[a] - part for one, part in zip(series.sums, inside, strict=True)]
    away = np.minimum(e - s, (b - a) - (e - s))
    return np.sqrt(_ratio(series, inside, rest, least) / effect[away])


def apart(series: Series, effect: np.ndarray, first: tuple[int, int], second: tuple[int, int]) -> float:
    """How far two stretches of periods, (from, to before), lie from each other: the root of the likelihood ratio, over the
    spread. 0 where there is too little to compare."""
    inside, rest = ([one[[b]] - one[[a]] for one in series.sums] for a, b in (first, second))
    shorter = min(b - a for a, b in (first, second))
    return float(np.sqrt(_ratio(series, inside, rest, True) / effect[shorter])[0])


def _ratio(series: Series, inside: list[np.ndarray], rest: list[np.ndarray], least: bool) -> np.ndarray:
    # twice the logarithm of the likelihood ratio of two levels against one; sums of seen, expected and of
    whole = [one + other for one, other in zip(inside, rest, strict=True)]
    if series.variance:
        floor = LEAST_WAITS if least else 1
        fits = (inside[2] >= floor) & (rest[2] >= floor)
        with np.errstate(divide="ignore", invalid="ignore"):
            found = (inside[0] - whole[0] * inside[2] / whole[2]) ** 2 * whole[2] / (inside[2] * rest[2] * series.variance)
        return np.where(fits, found, 0.0)
    level = np.divide(whole[0], whole[1], out=np.zeros_like(whole[0]), where=whole[1] > 0)
    floor = LEAST if least else 1e-9
    fits = (inside[1] * level >= floor) & (rest[1] * level >= floor)
    found = np.zeros_like(level)
    for seen, expected, of in (inside, rest):
        hoped = expected * level
        found += 2 * (_term(seen, hoped) + _term(of - seen, of - hoped))
    return np.where(fits, np.maximum(found, 0.0), 0.0)


def _term(x: np.ndarray, m: np.ndarray) -> np.ndarray:
    # x · log(x / m), 0 where x is 0
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((x > 0) & (m > 0), x * np.log(x / np.where(m > 0, m, 1.0)), 0.0)


def _lengths(n: int) -> list[int]:
    # all short ones, then each an eighth longer
    found, length = [], 1
    while length < n:
        found.append(length)
        length = max(length + 1, length * 9 // 8)
    return found


def _stretches(n: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Where stretches begin and end that are looked at: those of the usual lengths, and all that begin with the first."""
    for length in _lengths(n):
        starts = np.arange(n - length + 1)
        yield starts, starts + length
    yield _prefixes(n)


def chance(z: float, n: int, least: float = 0.0, single: bool = False) -> float:
    """How often the strongest stretch (`single`: the strongest single change) of `n` periods without a change reaches `z`, of
    those with at least the share `least` of the periods inside and outside; by drawn series, beyond their upper 2 % by the tail
    of such maxima, z³φ(z) (zφ(z)): Siegmund 1986, Annals of Statistics 14:361."""
    size = next(one for one in _sizes() if one >= n)
    # the next smaller power of two, which is on the safe side
    drawn = _largest(size, 0 if least <= 0 else math.ceil(-math.log2(min(least, 0.25))), single)
    edge = float(drawn[int(0.98 * DRAWS)])
    if z <= edge:
        return float((drawn >= z).mean()) if z > 0 else 1.0
    return 0.02 * (z / edge) ** (1 if single else 3) * math.exp((edge * edge - z * z) / 2)


def _sizes() -> Iterator[int]:
    # numbers of periods for which series are drawn; in between the next larger one, which is on the safe side
    size = 2
    while True:
        yield size
        size = max(size + 1, size * 6 // 5)


def _largest(n: int, halvings: int, single: bool) -> np.ndarray:
    drawn = _drawn(n)[single]
    # the last is of all stretches: from so many halvings on none is too short, nor is one without any
    return drawn[min(halvings, len(drawn)) - 1]


@functools.cache
def _drawn(n: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    # of n periods without a change, by how many halvings the least share is, from one on: the strongest stretches, and the
    # strongest single changes. Series are drawn once: by the least share only those differ that count
    draw = np.random.default_rng(20_000 + n).standard_normal((DRAWS, n))
    paths = np.pad(draw.cumsum(axis=1), ((0, 0), (1, 0)))
    paths -= paths[:, -1:] * np.arange(n + 1) / n
    lengths = np.array(_lengths(n))
    stretches = np.empty((DRAWS, len(lengths)))
    # a few series at a time, which the processor's own memory holds
    for few in range(0, DRAWS, _FEW):
        own = paths[few : few + _FEW]
        for place, length in enumerate(lengths):
            away = own[:, length:] - own[:, :-length]
            np.maximum(away.max(axis=1), -away.min(axis=1), out=stretches[few : few + _FEW, place])
    ends = np.arange(1, n)
    of_lengths, of_ends = (_strongest(away, of / n, n) for away, of in ((stretches, lengths), (np.abs(paths[:, 1:n]), ends)))
    both = [np.maximum(one, other) for one, other in zip(of_lengths, of_ends, strict=True)]
    return [np.sort(one) for one in both], [np.sort(one) for one in of_ends]


def _strongest(away: np.ndarray, share: np.ndarray, n: int) -> list[np.ndarray]:
    # of each series, over the stretches that hold a half of the periods at least, a quarter, an eighth … one period
    z = away / np.sqrt(n * share * (1 - share))
    leasts = (2.0**-halvings for halvings in range(1, (n - 1).bit_length() + 1))
    return [z[:, np.minimum(share, 1 - share) >= least].max(axis=1, initial=0.0) for least in leasts]


def _prefixes(n: int) -> tuple[np.ndarray, np.ndarray]:
    return np.zeros(n - 1, dtype=int), np.arange(1, n)
