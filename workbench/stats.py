"""Intervals: pure arithmetic on counts and sorted values, no data frames."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from workbench.errors import BadInput

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Vector = TypeVar("Vector", "np.ndarray", "pd.Series")  # a number a group


def _z(level: float) -> float:
    if not 0 < level < 1:
        raise BadInput("stats.bad_level", asked=level)
    return NormalDist().inv_cdf((1 + level) / 2)


def student(groups: int, level: float = 0.95) -> float:
    """By how many standard errors a mean lies from the ends of its interval where the error is told from so many `groups`: the
    quantile of Student's t with groups − 1 degrees of freedom, to 0.004 at 95 % (exact for 2 and 3 groups, else
    Cornish–Fisher: Abramowitz and Stegun 1964, 26.7.5). nan for fewer than 2."""
    x, v = _z(level), groups - 1
    if v < 1:
        return math.nan
    if v == 1:
        return math.tan(math.pi * level / 2)
    if v == 2:
        return level * math.sqrt(2 / (1 - level * level))
    terms = (
        (x**3 + x) / 4,
        (5 * x**5 + 16 * x**3 + 3 * x) / 96,
        (3 * x**7 + 19 * x**5 + 17 * x**3 - 15 * x) / 384,
        (79 * x**9 + 776 * x**7 + 1482 * x**5 - 1920 * x**3 - 945 * x) / 92160,
    )
    return x + sum(term / v**power for power, term in enumerate(terms, 1))


def wilson(k: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Score interval of a share: `k` of `n`. (nan, nan) for n = 0. Wilson 1927; without continuity correction."""
    if not 0 <= k <= n:
        raise BadInput("stats.bad_count", k=k, n=n)
    z = _z(level)
    return _score(k / n, n, z) if n else (math.nan, math.nan)


def _score(p: float, n: float, z: float) -> tuple[float, float]:
    z2 = z * z
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = z / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    # at the ends the formula gives 0 and 1 exactly, but for rounding
    return 0.0 if p == 0 else centre - half, 1.0 if p == 1 else centre + half


class Cases(NamedTuple):
    """What an interval asks for about the share `k` of `n` whose cases come in independent `groups`: group i holds n_i cases,
    k_i of the `k`; `kk`, `kn`, `nn` are the sums over the groups of k_i², k_i·n_i and n_i². `own`: where groups are lots of
    units (customers) thrown together by chance, the sum of n_i² over the units, exactly or by `squares_of_units`; None: the
    groups are the units."""

    k: int
    n: int
    groups: int
    kk: int
    kn: int
    nn: int
    own: int | None = None

    @property
    def told(self) -> bool:
        """Whether the groups tell the variance: not where all or no cases count."""
        return 0 < self.k < self.n

    @property
    def met(self) -> float:
        """Of all pairs of cases of different units, the share that are in one lot."""
        own = self.nn if self.own is None else self.own
        return (self.nn - own) / (self.n**2 - own) if own < self.nn < self.n**2 else 0.0


class Credited(NamedTuple):
    """The mean `share` of a number from 0 to 1 a unit, of `n` units in independent `groups`, with its `variance` between them:
    see `wilson_credited`; `nn` and `own` as in `Cases`."""

    share: float
    n: int
    groups: int
    variance: float
    nn: int
    own: int | None = None

    @property
    def told(self) -> bool:
        """As of `Cases`."""
        return 0 < self.share < 1


def design_effect(k: int, n: int, groups: int, kk: int, kn: int, nn: int, own: int | None = None) -> float:
    """By how much the variance of the share `k` of `n` is larger than that of `n` independent cases, when cases come in
    independent `groups` (a customer's journeys; see `Cases`). The linearised variance of a ratio (Cochran 1977, section 6.4)
    over p(1 − p)/(n − 1); never below 1, and 1 where each group is one case. Where all or no cases count, or there is one
    group, the groups' likeness can't be seen: the cases of a group are taken to be alike, nn / n (Kish 1965), but where all or
    none count not those of strangers in a lot: `own` / n. nan for n = 0."""
    if not (0 <= k <= n and 0 <= groups <= n and kk <= kn <= nn and (own is None or n <= own <= nn)):
        raise BadInput("stats.bad_count", k=k, n=n)
    if n == 0:
        return math.nan
    if k in (0, n):
        return (nn if own is None else own) / n
    if groups == 1:
        return nn / n
    p = k / n
    apart = max(kk - 2 * p * kn + p * p * nn, 0.0)
    return max(1.0, groups / (groups - 1) * apart * (n - 1) / (n * n * p * (1 - p)))


def wilson_grouped(
    k: int, n: int, groups: int, kk: int, kn: int, nn: int, own: int | None = None, level: float = 0.95
) -> tuple[float, float]:
    """Score interval of a share whose cases come in groups: Wilson's, with n divided by the `design_effect` (Dean and Pagano
    2015, Journal of Survey Statistics and Methodology 3:484). With one case a group it is `wilson`. With few groups, or a
    few that hold most cases, it covers less than `level`. (nan, nan) for n = 0."""
    z, effect = _z(level), design_effect(k, n, groups, kk, kn, nn, own)
    return _score(k / n, n / effect, z) if n else (math.nan, math.nan)


def wilson_credited(
    share: float, n: int, groups: int, variance: float, nn: int, own: int | None = None, level: float = 0.95
) -> tuple[float, float]:
    """Score interval of a share of `n` units that may each be split (conversions shared out among channels), estimated with
    `variance` between independent `groups` of n_i units, `nn` the sum of n_i²: Wilson's, with as many cases as would give that
    variance. For shares of whole units that is `wilson_grouped` but for its bound of a design effect of 1: split units vary
    less than whole ones. Never more than groups² cases: that groups are all alike can't be seen closer than to one of them.
    At a share of 0 or 1, and with one group, n² / nn cases; at 0 or 1 of lots n² / `own`. (nan, nan) for n = 0."""
    z = _z(level)
    if not (0 <= share <= 1 and 0 <= groups <= n <= nn):
        raise BadInput("stats.bad_share", share=share, n=n)
    if n == 0:
        return math.nan, math.nan
    if share in (0, 1):
        return _score(share, n * n / (nn if own is None else own), z)
    if groups == 1:
        return _score(share, n * n / nn, z)
    widest, most = n * share * (1 - share), groups * groups
    return _score(share, widest / (variance * (n - 1)) if widest < most * variance * (n - 1) else most, z)


def newcombe(k1: int, n1: int, k2: int, n2: int, level: float = 0.95) -> tuple[float, float]:
    """Interval of the difference k1/n1 − k2/n2 of two independent shares, from their Wilson intervals. (nan, nan) where one
    has no cases. Newcombe 1998, method 10."""
    ends1, ends2 = wilson(k1, n1, level), wilson(k2, n2, level)
    if n1 == 0 or n2 == 0:
        return math.nan, math.nan
    return square_and_add((k1 / n1, *ends1), (k2 / n2, *ends2))


def square_and_add(
    first: tuple[float, float, float], second: tuple[float, float, float], correlation: float = 0.0
) -> tuple[float, float]:
    """Interval of the difference first − second of two estimates, each with the ends of its interval of the same level:
    (estimate, low, high). From the distances to the ends, so that it is as lopsided as they are; nan where one of the numbers
    is. Newcombe 1998, method 10, for shares; for any estimates ("MOVER") Zou and Donner 2008, Statistics in Medicine 27:1693;
    with a `correlation` of the estimates Zou 2007, Psychological Methods 12:399."""
    x, low_x, high_x = first
    y, low_y, high_y = second

    def apart(one: float, other: float) -> float:
        return math.sqrt(max(one * one + other * other - 2 * correlation * one * other, 0.0))

    return x - y - apart(x - low_x, high_y - y), x - y + apart(high_x - x, y - low_y)


#: of a mean: n cases of the sum x, and the sums over independent groups of n_i², n_i·x_i and x_i²
Summed = tuple[float, float, float, float, float]


def means_apart(
    first: Summed, second: Summed, along: tuple[float, float, float, float], groups: tuple[int, int, int], level: float = 0.95
) -> tuple[float, float, float]:
    """Difference of two means, first − second, with its interval, where cases come in independent `groups` (how many have some
    on the first side, on the second, on either) that may have some on both sides (a customer's journeys with and without
    something): `along` are the sums over the groups of n1·n2, n1·x2, x1·n2 and x1·x2. Linearised variance of a difference of
    ratios (Cochran 1977, section 6.4) and Student's t (`student`) with Welch's degrees of freedom, from each side's own
    variance and groups (Satterthwaite 1946, Biometrics Bulletin 2:110; Welch 1947, Biometrika 34:28), but no more than the
    groups on either side − 1, as of pairs; the smaller side's number − 1 where nothing varies. With one value a group it is
    Welch's interval. Where values are lopsided it covers less than `level` with a few dozen groups on a side. nan where a side
    has no case, for the ends also where it has one group."""
    (n1, x1, nn1, nx1, xx1), (n2, x2, nn2, nx2, xx2), (n1n2, n1x2, x1n2, x1x2) = first, second, along
    if n1 <= 0 or n2 <= 0:
        return math.nan, math.nan, math.nan
    m1, m2 = x1 / n1, x2 / n2
    on_first, on_second, on_either = groups
    if min(on_first, on_second) < 2:
        return m1 - m2, math.nan, math.nan
    scales = on_first / (on_first - 1), on_second / (on_second - 1)
    own1 = max(xx1 - 2 * m1 * nx1 + m1 * m1 * nn1, 0.0) / n1**2 * scales[0]
    own2 = max(xx2 - 2 * m2 * nx2 + m2 * m2 * nn2, 0.0) / n2**2 * scales[1]
    common = (x1x2 - m2 * x1n2 - m1 * n1x2 + m1 * m2 * n1n2) / (n1 * n2) * math.sqrt(math.prod(scales))
    spread = own1**2 / (on_first - 1) + own2**2 / (on_second - 1)
    free = (own1 + own2) ** 2 / spread if spread else min(on_first, on_second) - 1
    half = student(1 + min(free, on_either - 1), level) * math.sqrt(max(own1 + own2 - 2 * common, 0.0))
    return m1 - m2, m1 - m2 - half, m1 - m2 + half


def squares_of_units(n: int, nn: int, lots: int) -> int:
    """Of units (customers) with n_i of `n` cases, thrown by chance into so many `lots`, `nn` being the sum of the lots'
    squares: the sum of n_i², to about n·√(2 / lots). Two strangers share a lot once in `lots` times, which is taken off; 0
    `lots`: `nn` is that sum already."""
    return min(max(n, round((nn - n * n / lots) / (1 - 1 / lots))), nn) if lots else nn


def expected_cases(first: Cases, second: Cases) -> float:
    """The least of the four counts that a comparison of two shares expects if they are the same: those that count and those
    that don't, on either side, in independent cases (see `score_test`). nan where a side has no cases."""
    if first[1] == 0 or second[1] == 0:
        return math.nan
    share, sizes = _independent(first, second)
    return min(sizes) * min(share, 1 - share)


def opposed(first: Cases, second: Cases, together: Cases) -> float:
    """Correlation, −1 to 0, of two shares whose cases, none of them on both sides, come in the same groups (customers of two
    periods); `together` are the cases of both. What a group does on one side instead of the other makes it negative. From the
    sums over the groups, as if both shares were one (Cochran 1977, section 6.4). Never above 0: that groups do alike on both
    sides would make a comparison sharper, which is not relied on."""
    if first.n == 0 or second.n == 0:
        return 0.0
    share, sizes = _independent(first, second)
    if not 0 < share < 1:
        return 0.0
    along = (_apart(together, share) - _apart(first, share) - _apart(second, share)) / (2 * first.n * second.n)
    return min(max(along * math.sqrt(sizes[0] * sizes[1]) / (share * (1 - share)), -1.0), 0.0)


def score_test(first: Cases, second: Cases, correlation: float = 0.0) -> float:
    """p-value, two-sided, of two shares being the same, each of cases that come in groups: the score test of two proportions,
    each n divided by a design effect (Rao and Scott 1992, Biometrics 48:577). That is the larger of the side's own
    `design_effect` and of the one it has if the cases of a group are as alike on both sides (one intraclass correlation:
    Donner and Klar 1994, American Journal of Epidemiology 140:279). Either alone raises too many false alarms where one side
    has few groups. With one case a group it is the chi-square test of a fourfold table without correction; with one on either
    side and the `correlation` of `opposed`, where each counts on one side only, McNemar's. 1 where all or no cases count on
    both sides; nan where a side has none. Rough where `expected_cases` are below 5."""
    if first[1] == 0 or second[1] == 0:
        return math.nan
    share, sizes = _independent(first, second)
    if not 0 < share < 1:
        return 1.0
    apart = first[0] / first[1] - second[0] / second[1]
    variance = sum(1 / size for size in sizes) - 2 * correlation / math.sqrt(math.prod(sizes))
    z = abs(apart) / math.sqrt(share * (1 - share) * variance)
    return math.erfc(z / math.sqrt(2))


def _squares(first: Cases | Credited, second: Cases | Credited) -> list[int]:
    # of the groups that tell how alike cases are on both sides; where one of them doesn't, units are alike, not strangers
    as_lots = first.told and second.told
    return [side.nn if as_lots or side.own is None else side.own for side in (first, second)]


def _apart(side: Cases, share: float) -> float:
    # the sum over the units of (k_i − share · n_i)²; strangers in a lot seem alike where the side has another share
    lots = side.kk - 2 * share * side.kn + share * share * side.nn
    return (lots - side.met * (side.k - share * side.n) ** 2) / (1 - side.met)


def _independent(first: Cases, second: Cases) -> tuple[float, list[float]]:
    # the share of both sides together, and how many independent cases each side is worth
    k, n, groups = (a + b for a, b in zip(first[:3], second[:3], strict=True))
    share = k / n
    apart = _apart(first, share) + _apart(second, share)
    alike, squares = 0.0, _squares(first, second)
    if sum(squares) > n and groups > 1:
        alike = (apart * groups / (groups - 1) / (share * (1 - share)) - n) / (sum(squares) - n) if 0 < share < 1 else 1.0
    sizes = []
    for side, own in zip((first, second), squares, strict=True):
        effect = 1 + min(max(alike, 0.0), 1.0) * (own / side.n - 1)
        sizes.append(side.n / max(effect, design_effect(*side) if side.told else 1.0))
    return share, sizes


def credited_mean(mean: float, sums: Vector, sizes: Vector, own: int | None = None) -> tuple[Credited, Vector]:
    """The mean of a number from 0 to 1 a unit, with the linearised variance of a ratio, and by how much each group moves it.
    `sums` and `sizes`: of each group's numbers and units; `own`: as in `Cases`."""
    n, groups, mean = int(sizes.sum()), int((sizes > 0).sum()), min(max(mean, 0.0), 1.0)
    moves = (sums - mean * sizes) / n
    variance = groups / max(groups - 1, 1) * float((moves**2).sum())
    return Credited(mean, n, groups, variance, int((sizes**2).sum()), own), moves


def expected_credited(first: Credited, second: Credited) -> float:
    """`expected_cases` of two shares of units that may be split (`credited_test`). nan where a side has none."""
    if first[1] == 0 or second[1] == 0:
        return math.nan
    share, sizes = _worth(first, second)
    return min(sizes) * min(share, 1 - share)


def credited_test(first: Credited, second: Credited, correlation: float = 0.0) -> float:
    """p-value, two-sided, of two shares being the same, each of units that may be split, estimated with a variance between
    groups (`wilson_credited`): the score test of two proportions, with as many cases a side as would give its variance. That
    variance is the larger of the side's own and of the one it has if a group's units vary on both sides alike, by the square of
    their number; either alone raises too many false alarms where one side has few groups (see `score_test`). `correlation`:
    of the two estimates, where groups are on both sides. 1 where both shares are 0 or 1; nan where a side has no unit."""
    if first[1] == 0 or second[1] == 0:
        return math.nan
    share, (size, other) = _worth(first, second)
    if not 0 < share < 1:
        return 1.0
    variance = 1 / size + 1 / other - 2 * correlation / math.sqrt(size * other)
    return math.erfc(abs(first[0] - second[0]) / math.sqrt(2 * share * (1 - share) * variance))


def _worth(first: Credited, second: Credited) -> tuple[float, list[float]]:
    # the share of both sides together, and how many independent cases each side is worth
    sides, squares = (first, second), _squares(first, second)
    share = (first.share * first.n + second.share * second.n) / (first.n + second.n)
    own = [
        side.share * (1 - side.share) * side.n / (side.variance * (side.n - 1))
        if side.variance > 0 and side.n > 1 and side.told
        else math.inf
        for side in sides
    ]
    known = [(side.n**2 / size, nn) for side, nn, size in zip(sides, squares, own, strict=True) if size < math.inf]
    # by how much of the square of their number the units of a group vary, against independent ones
    alike = sum(one for one, _ in known) / sum(nn for _, nn in known) if known else 0.0
    sizes = []
    for side, nn, size in zip(sides, squares, own, strict=True):
        common = side.n**2 / (alike * nn) if alike else side.n**2 / nn
        sizes.append(min(size, common, side.groups**2))
    return share, sizes


def benjamini_hochberg(ps: Sequence[float]) -> list[float]:
    """The p-values of a family of tests, corrected for their number, in the order given: who takes those at or below 0.05 for
    differences is wrong in at most 5 % of those so taken, on average; where there is no difference at all, in at most 5 % of
    families. Benjamini and Hochberg 1995 (JRSS B 57:289), for tests that are independent or go along with each other."""
    order = sorted(range(len(ps)), key=lambda i: ps[i])
    found, least = [0.0] * len(ps), 1.0
    for rank in range(len(ps), 0, -1):
        i = order[rank - 1]
        least = min(least, ps[i] * len(ps) / rank)
        found[i] = least
    return found


def quantile_ranks(n: int, q: float = 0.5, level: float = 0.95) -> tuple[int, int] | None:
    """Ranks (from 1) of the two of `n` sorted values between which the `q`-quantile lies with at least `level` confidence,
    whatever the distribution: the largest lower rank l with P(B < l) ≤ (1 − level)/2 and the smallest upper rank u with
    P(B ≥ u) ≤ (1 − level)/2, B binomial(n, q). None where n is too small for it."""
    if not 0 < q < 1:
        raise BadInput("stats.bad_quantile", asked=q)
    _z(level)
    tail = (1 - level) / 2
    low = _largest_below(n, q, tail)
    high = n + 1 - _largest_below(n, 1 - q, tail)
    return (low, high) if low >= 1 and high <= n else None


def _largest_below(n: int, q: float, tail: float) -> int:
    # the largest l with P(B <= l - 1) <= tail; terms are added from where they first matter
    if n < 1:
        return 0
    term = lambda i: math.exp(  # noqa: E731
        math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) + i * math.log(q) + (n - i) * math.log1p(-q)
    )
    total, i = 0.0, max(0, int(n * q - 40 * math.sqrt(n * q * (1 - q)) - 40))
    while i <= n and (total := total + term(i)) <= tail:
        i += 1
    return i


def quantile_interval(values: Sequence[float], q: float = 0.5, level: float = 0.95) -> tuple[float, float]:
    """Interval of the `q`-quantile (default: the median) from sorted `values`, without an assumption about their distribution;
    (nan, nan) where there are too few for the level (of the median at 95 %: fewer than 6). Conover 1999, section 3.2."""
    ranks = quantile_ranks(len(values), q, level)
    if ranks is None:
        return math.nan, math.nan
    return float(values[ranks[0] - 1]), float(values[ranks[1] - 1])


def median_ranks(k: int, n: int, groups: int, kk: int, kn: int, nn: int, level: float = 0.95) -> tuple[int, int] | None:
    """Ranks (from 1) of the two of `n` sorted values between which the median lies, where values come in independent `groups`
    (a customer's waits): group i holds n_i values, k_i of them at most the median of all; sums as in `design_effect`. The
    interval of the share that lies at or below the median, taken over to the values (Woodruff 1952, JASA 47:635), with n
    divided by the `design_effect`; only whole such cases count, so that it is rather too wide. None for fewer than 6 groups or
    6 such cases: not even the least and the largest value are enough then. With a dozen groups it may cover a little less."""
    effect = design_effect(k, n, groups, kk, kn, nn)
    if groups < 6:
        return None
    low, _ = _score(0.5, n / effect, _z(level))
    # no rounding of 6 / 1.2 may take a case away
    below = math.floor(effect * math.floor(n / effect * low + 1e-9) + 1e-9)
    return (below, n + 1 - below) if below >= 1 else None
