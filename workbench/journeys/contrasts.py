"""Journeys with something beside those without it: shares, medians and means with their intervals, on arrays of a number a
journey. Sums over customers (or groups of them) are kept, so that each comparison costs as much as the journeys with it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from workbench import stats
from workbench.journeys.outcomes import Outcome

#: customers (or groups) with a case that each side of a difference of means needs for an interval
LEAST = 30
Ends = tuple[float, float, float]  # estimate, low, high


@dataclasses.dataclass(frozen=True)
class With:
    """Journeys with something: their `rows`, how often it is in all of them, by how many customers, journeys by group."""

    rows: np.ndarray
    n: int
    n_customers: int
    sizes: np.ndarray


@dataclasses.dataclass(frozen=True)
class Whole:
    """Journeys by group, and the sum of the squares of their numbers by customer."""

    sizes: np.ndarray
    own: int


class Beside:
    """Of `walkers` (see `reductions.walkers`) the journeys whose variant is `known` are compared; `n` of them. `groups`: the
    clusters, in the order of all sums by group."""

    def __init__(self, walkers: pd.DataFrame, known: np.ndarray) -> None:
        self.place = walkers["place"].to_numpy()
        self._took = walkers["took"].to_numpy()
        names, self._customer = np.unique(walkers["customer"].to_numpy(), return_inverse=True)
        self.groups, self._group = np.unique(walkers["cluster"].to_numpy(), return_inverse=True)
        self._n_customers, self._n_groups = len(names), len(self.groups)
        self._order = np.argsort(self.place, kind="stable")
        self._starts = np.searchsorted(self.place[self._order], np.arange(len(known) + 1))
        here = known[self.place]
        self.n = int(here.sum())
        self.total = len(here)
        self.whole, self.all = self._whole(np.flatnonzero(here)), self._whole(np.arange(self.total))
        by_time = np.argsort(self._took, kind="stable")
        self._by_time = by_time[here[by_time]]
        self._rank = np.full(self.total, -1)
        self._rank[self._by_time] = np.arange(self.n)
        self._lengths = self._took[self._by_time]
        self._until, self._counted = 0, np.zeros(self._n_groups, dtype=np.int64)
        self._outcomes: dict[str, tuple[np.ndarray, np.ndarray]] = {}

    def _by_group(self, rows: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        found = np.bincount(self._group[rows], None if weights is None else weights[rows], minlength=self._n_groups)
        return found if weights is None else found.astype(float)

    def _whole(self, rows: np.ndarray) -> Whole:
        each = np.bincount(self._customer[rows])
        return Whole(self._by_group(rows), int(each @ each))

    def of(self, places: np.ndarray, times: np.ndarray | None = None) -> With:
        """The journeys of the variants at these places, with something in each that many `times`."""
        each = self._starts[places + 1] - self._starts[places]
        shift = np.repeat(self._starts[places] - np.cumsum(each) + each, each)
        rows = self._order[shift + np.arange(each.sum())]
        seen = np.zeros(self._n_customers, dtype=bool)
        seen[self._customer[rows]] = True
        n = len(rows) if times is None else int((times * each).sum())
        return With(rows, n, int(seen.sum()), self._by_group(rows))

    def share(self, one: With, whole: Whole) -> Ends:
        """Of the journeys of `whole` those of `one`, with the ends of its interval."""
        cases = self.cases(one, whole)
        return cases.k / cases.n, *stats.wilson_grouped(*cases)

    def cases(self, one: With, whole: Whole) -> stats.Cases:
        """The same, as what `stats` asks for about it."""
        sizes, n = one.sizes, whole.sizes
        sums = (int(sizes @ sizes), int(sizes @ n), int(n @ n))
        return stats.Cases(len(one.rows), int(n.sum()), int((n > 0).sum()), *sums, whole.own)

    def mean(self, each: np.ndarray) -> Ends:
        """The mean of a number from 0 to 1 a journey (of all of them; those compared count), with its interval."""
        found = self.credited(each)[0]
        return found[0], *stats.wilson_credited(*found)

    def credited(self, each: np.ndarray) -> tuple[stats.Credited, np.ndarray]:
        """The same, as what `stats` asks for about it, and by how much each of `groups` moves the mean."""
        here = self._by_time  # in an order of their own, but always the same
        sums = self._by_group(here, each)
        return stats.credited_mean(float(sums.sum() / self.n), sums, self.whole.sizes, self.whole.own)

    def time_apart(self, one: With) -> Ends:
        """Seconds: the median length of the journeys of `one` minus that of the others compared, with its interval."""
        places = np.sort(self._rank[one.rows])
        m, rest = len(places), self.n - len(places)
        if not rest:
            return (float("nan"),) * 3
        # how many of the others come before each: the r-th of the others stands behind so many of these
        before = places - np.arange(m)
        others = lambda ranks: ranks + np.searchsorted(before, ranks, side="right")  # noqa: E731
        sides = []
        for n, at, sizes in ((m, lambda ranks: places[ranks], one.sizes), (rest, others, self.whole.sizes - one.sizes)):
            middle = float(self._lengths[at(np.array([(n - 1) // 2, n // 2]))].mean())
            upto = int(np.searchsorted(self._lengths, middle, side="right"))
            low = np.bincount(self._group[self._by_time[places[places < upto]]], minlength=self._n_groups)
            low = low if sizes is one.sizes else self._upto(upto) - low
            sums = (int(low @ low), int(low @ sizes), int(sizes @ sizes))
            ranks = stats.median_ranks(int(low.sum()), n, int((sizes > 0).sum()), *sums)
            ends = self._lengths[at(np.array(ranks) - 1)].tolist() if ranks else [float("nan")] * 2
            sides.append((middle / 1e6, *(end / 1e6 for end in ends)))
        first, second = sides
        return first[0] - second[0], *stats.square_and_add(first, second)

    def _upto(self, until: int) -> np.ndarray:
        # the compared journeys by group, the shortest so many; counted on from the last answer, which is near
        first, last = sorted((self._until, until))
        between = np.bincount(self._group[self._by_time[first:last]], minlength=self._n_groups)
        self._counted = self._counted + between if until > self._until else self._counted - between
        self._until = until
        return self._counted

    def _sums(self, brought: Outcome) -> tuple[np.ndarray, np.ndarray]:
        # cases and what they brought, of all journeys compared, by group
        if brought.what not in self._outcomes:
            self._outcomes[brought.what] = tuple(self._by_group(self._by_time, one) for one in (brought.n, brought.total))
        return self._outcomes[brought.what]

    def mean_apart(self, one: With, brought: Outcome) -> Ends:
        """The mean of what the journeys of `one` brought minus that of the others compared, with its interval."""
        n1, x1 = self._by_group(one.rows, brought.n), self._by_group(one.rows, brought.total)
        n, x = self._sums(brought)
        n2, x2 = n - n1, x - x1
        sides = ((n1, x1), (n2, x2))
        first, second = ((float(n.sum()), float(x.sum()), float(n @ n), float(n @ x), float(x @ x)) for n, x in sides)
        along = (float(n1 @ n2), float(n1 @ x2), float(x1 @ n2), float(x1 @ x2))
        groups = int((n1 > 0).sum()), int((n2 > 0).sum()), int((n > 0).sum())
        found = stats.means_apart(first, second, along, groups)
        if min(groups[:2]) < LEAST:
            return found[0], float("nan"), float("nan")
        return found
