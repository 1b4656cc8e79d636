"""Intervals against published values, the binomial distribution and each other."""

import itertools
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench import stats
from workbench.errors import BadInput


# Newcombe 1998 (Statistics in Medicine 17:857, table I), method 3: score interval without continuity correction
@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_published(k, n, low, high):
    assert stats.wilson(k, n) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(0, 500), st.integers(1, 500), st.floats(0.5, 0.999))
def test_wilson_inverts_the_score_test(k, n, level):
    k = min(k, n)
    low, high = stats.wilson(k, n, level)
    assert 0 <= low <= k / n <= high <= 1
    z = -stats._z(1 - level) if level < 0.5 else stats._z(level)
    for bound in (low, high):
        if 1e-9 < bound < 1 - 1e-9:
            assert abs(k / n - bound) == pytest.approx(z * math.sqrt(bound * (1 - bound) / n), rel=1e-6, abs=1e-9)
    # the other answer has the mirrored interval
    assert stats.wilson(n - k, n, level) == pytest.approx((1 - high, 1 - low), abs=1e-12)


# Newcombe 1998 (Statistics in Medicine 17:873, table II), method 10: five of its contrasts
@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((10, 10, 0, 10), 0.6075, 1.0),
    ],
)
def test_newcombe_as_published(counts, low, high):
    assert stats.newcombe(*counts) == pytest.approx((low, high), abs=5e-5)


def test_newcombe_is_antisymmetric():
    low, high = stats.newcombe(9, 40, 20, 55)
    assert stats.newcombe(20, 55, 9, 40) == pytest.approx((-high, -low))


def coverage(n, q, low, high):
    return sum(math.comb(n, i) * q**i * (1 - q) ** (n - i) for i in range(low, high))


@pytest.mark.parametrize(("n", "q", "level"), list(itertools.product((6, 9, 25, 100, 401), (0.5, 0.25, 0.9), (0.9, 0.95))))
def test_quantile_ranks_cover_and_no_narrower_ones_do(n, q, level):
    ranks = stats.quantile_ranks(n, q, level)
    tail = (1 - level) / 2
    below = [sum(math.comb(n, i) * q**i * (1 - q) ** (n - i) for i in range(k)) for k in range(n + 2)]  # P(B < k)
    lows = [k for k in range(1, n + 1) if below[k] <= tail]
    highs = [k for k in range(1, n + 1) if 1 - below[k] <= tail + 1e-15]
    assert ranks == ((max(lows), min(highs)) if lows and highs else None)
    if ranks:
        assert coverage(n, q, *ranks) >= level


def test_quantile_interval_of_the_median():
    # of 6 values the extremes: 1 − 2/64 = 96.9 %; of 10 ranks 2 and 9: 97.9 % (Conover, table A3); 5 are too few
    assert stats.quantile_interval([1, 2, 3, 4, 5, 6]) == (1, 6)
    assert stats.quantile_interval(list(range(1, 11))) == (2, 9)
    assert all(math.isnan(one) for one in stats.quantile_interval([1, 2, 3, 4, 5]))


def test_quantile_interval_of_many():
    # large n: ranks n/2 ± 1.96 √n/2, rounded outwards
    low, high = stats.quantile_ranks(1_000_000)
    assert low == pytest.approx(500_000 - 980, abs=2) and high == pytest.approx(500_000 + 981, abs=2)


def test_quantile_interval_holds_its_level():
    seeded = random.Random(7)
    hits = 0
    for _ in range(2000):
        low, high = stats.quantile_interval(sorted(seeded.expovariate(1) for _ in range(30)))
        hits += low <= math.log(2) <= high
    assert 0.945 <= hits / 2000 <= 0.975  # exact coverage for n = 30: 95.7 %


def test_median_ranks_of_one_value_a_group():
    # no narrower than the exact ranks, and wider by one at most
    for n in range(6, 300):
        k = (n + 1) // 2
        low, high = stats.median_ranks(k, n, n, k, k, n)
        exact = stats.quantile_ranks(n)
        assert exact[0] - 1 <= low <= exact[0] and high == n + 1 - low
    assert stats.median_ranks(5, 10, 10, 5, 5, 10) == (2, 9)
    assert stats.median_ranks(3, 5, 5, 3, 3, 5) is None


def test_median_ranks_of_groups():
    # seven customers with four alike values each, the median that of the fourth: k = 16 of 28, sums 64, 64, 112; the design
    # effect is 7/6 · (64 − 8/7 · 64 + 16/49 · 112) · 27 / (784 · 12/49) = 4.5; of 28/4.5 = 6.22 cases the least and the largest
    # are the ends, so that the ranks 4 and 25 are still the first and the last customer's
    assert stats.median_ranks(16, 28, 7, 64, 64, 112) == (4, 25)
    # ten values of one customer tell no more than one; a hundred of five customers no more than five
    assert stats.median_ranks(5, 10, 1, 25, 50, 100) is None
    assert stats.median_ranks(50, 100, 5, 500, 1000, 2000) is None
    # all values the same: whether customers are alike can't be seen, so they are taken to be: 20 cases, not 100; 20 ·
    # (0.5 − 0.98/√23.84) = 5.99 → 5, five values each
    assert stats.median_ranks(100, 100, 20, 500, 500, 500) == (25, 76)


def test_no_cases_no_interval():
    assert all(math.isnan(one) for one in (*stats.wilson(0, 0), *stats.newcombe(0, 0, 1, 2)))


@pytest.mark.parametrize("call", [lambda: stats.wilson(3, 2), lambda: stats.wilson(-1, 2), lambda: stats.wilson(1, 2, 95)])
def test_impossible_counts_and_levels(call):
    with pytest.raises(BadInput):
        call()
    with pytest.raises(BadInput, match="quantile"):
        stats.quantile_ranks(9, 50)
