"""Intervals against published values, the binomial distribution and each other."""

import itertools
import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

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


def test_square_and_add():
    # distances 3 and 4 below, 5 and 12 above: 10 − 7 − 5 and 10 − 7 + 13
    assert stats.square_and_add((10, 7, 15), (7, -5, 11)) == (-2, 16)
    assert all(math.isnan(one) for one in stats.square_and_add((10, math.nan, math.nan), (7, 6, 8)))


def alone(k, n):
    """Cases of one each: the sums of squares are the counts."""
    return stats.Cases(k, n, n, k, k, n)


def test_score_test_by_hand():
    # 60 and 40 of 100: (0.6 − 0.4)² / (0.5 · 0.5 · 2/100) = 8; the chi-square table of a degree of freedom has 0.00468 there
    assert stats.score_test(alone(60, 100), alone(40, 100)) == pytest.approx(0.004678, abs=5e-7)
    assert stats.score_test(alone(40, 100), alone(60, 100)) == stats.score_test(alone(60, 100), alone(40, 100))
    # 30 of 100 and 30 of 50: pooled 0.4; 0.09 / (0.24 · 0.03) = 12.5: chance 0.000407
    assert stats.score_test(alone(30, 100), alone(30, 50)) == pytest.approx(0.000407, abs=5e-7)
    assert stats.expected_cases(alone(30, 100), alone(30, 50)) == pytest.approx(0.4 * 50)
    # none of them: nothing to tell apart
    assert stats.score_test(alone(0, 9), alone(0, 8)) == 1 and stats.score_test(alone(9, 9), alone(8, 8)) == 1
    assert math.isnan(stats.score_test(alone(0, 0), alone(3, 8))) and math.isnan(stats.expected_cases(alone(3, 8), alone(0, 0)))


def test_score_test_of_groups():
    # a customer's case told four times: squares of 16 a customer. A side's own design effect is 4 · (n − 1) / n · g / (g − 1)
    # with n = 400 of g = 100: 4 · 0.9975 / 0.99 = 4.0303; of cases wholly alike it is 4. So 8 · 4 / 4.0303 = 7.94, not 32
    fourfold = [stats.Cases(4 * k, 400, 100, 16 * k, 16 * k, 1600) for k in (60, 40)]
    assert stats.score_test(*fourfold) == pytest.approx(math.erfc(math.sqrt(8 * 4 / 4.030303 / 2)), rel=1e-5)
    assert stats.expected_cases(*fourfold) == pytest.approx(200 / 4.030303)

    # none of the second side's: its own likeness can't be seen, the one of both sides is used. Of 20 and 30 customers with two
    # cases each, 5 of the first count with both: 10 of 40 and 0 of 60, together 0.1. Sum of squares about it: 20 − 0.2 · 20 +
    # 0.01 · 200 = 18, times 50/49, over 0.09: 204.08; (204.08 − 100) / 100 > 1, so 1: a design effect of 2. The first's own is
    # 20/19 · (20 − 0.5 · 20 + 0.0625 · 80) · 39 / (1600 · 0.1875) = 2.0526. So 19.487 and 30 cases: 0.0625 / (0.09 · (1/19.487
    # + 1/30)) = 8.2037
    half = stats.Cases(10, 40, 20, 20, 20, 80), stats.Cases(0, 60, 30, 0, 0, 120)
    assert stats.score_test(*half) == pytest.approx(math.erfc(math.sqrt(8.2037 / 2)), rel=1e-4)
    assert stats.expected_cases(*half) == pytest.approx(1.9487, rel=1e-4)


def test_what_groups_do_on_one_side_only():
    # ten groups with a case on either side, of which one counts: in seven the first, in three the second. Together each has
    # 1 of 2: sums of k² 10, k·n 20, n² 40
    first, second, together = alone(7, 10), alone(3, 10), stats.Cases(10, 20, 10, 10, 20, 40)
    assert stats.opposed(first, second, together) == pytest.approx(-1)
    # McNemar: (7 − 3)² / 10
    assert stats.score_test(first, second, -1) == pytest.approx(math.erfc(math.sqrt(1.6 / 2)))
    # with a case that counts on both sides or on neither in each, sides go along, which isn't relied on: sums 20, 20, 40
    assert stats.opposed(alone(5, 10), alone(5, 10), stats.Cases(10, 20, 10, 20, 20, 40)) == 0
    # the distances to the ends, 3 and 4, 8 and 12, go into one direction
    assert stats.square_and_add((10, 7, 15), (7, -5, 11), -1) == (3 - 7, 3 + 17)


def test_what_is_done_once_raises_no_false_alarms():
    # 200 customers with a journey in either period, of which one by lot holds what they do once
    draw = np.random.default_rng(4)
    alarms = {"allowed": 0, "independent": 0}
    for _ in range(2000):
        k1 = (draw.random(200) < 0.5).astype(int)
        n, k2 = np.ones(200, dtype=int), 1 - k1
        first, second, together = (cases(k, m) for k, m in ((k1, n), (k2, n), (k1 + k2, 2 * n)))
        alarms["allowed"] += stats.score_test(first, second, stats.opposed(first, second, together)) <= 0.05
        alarms["independent"] += stats.score_test(first, second) <= 0.05
    # of 2,000 at 5 % a binomial gives at most 131 but once in 1,000 times
    assert alarms["allowed"] <= 131 and alarms["independent"] > 200, alarms


def test_benjamini_hochberg_by_hand():
    # times 5 over the rank: 0.005·5, 0.01·5/2, 0.03·5/3, 0.04·5/4, 0.5; from the last, none above the one after
    assert stats.benjamini_hochberg([0.03, 0.005, 0.5, 0.01, 0.04]) == pytest.approx([0.05, 0.025, 0.5, 0.025, 0.05])
    assert stats.benjamini_hochberg([0.04, 0.05]) == pytest.approx([0.05, 0.05])
    assert stats.benjamini_hochberg([0.2]) == [0.2] and stats.benjamini_hochberg([]) == []


# Benjamini and Hochberg 1995, section 4.1: fifteen p-values; at 0.05 the procedure rejects the four smallest
def test_benjamini_hochberg_as_published():
    ps = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    assert [q <= 0.05 for q in stats.benjamini_hochberg(ps)] == [True] * 4 + [False] * 11


def test_no_difference_no_alarm():
    # a family: where journeys begin, of six touchpoints, some of them rare; a customer's are alike. Two groups of the same
    # company, 40 and 120 customers
    seeded = np.random.default_rng(20260401)
    usual, families, alarms = np.array([0.4, 0.25, 0.15, 0.1, 0.07, 0.03]), 1500, 0
    for _ in range(families):
        sides = []
        for customers in (40, 120):
            n = seeded.integers(1, 7, customers)
            sides.append((seeded.multinomial(n, seeded.dirichlet(2 * usual, customers)), n))
        rows = [[cases(k[:, item], n) for k, n in sides] for item in range(6)]
        ps = [stats.score_test(*row) for row in rows if stats.expected_cases(*row) >= 5]
        assert len(ps) > 1
        alarms += min(stats.benjamini_hochberg(ps)) <= 0.05
    assert alarms <= 0.05 * families


def cases(k, n):
    return stats.Cases(int(k.sum()), int(n.sum()), len(n), int(k @ k), int(k @ n), int(n @ n))


def by_lots(k, n, lot):
    """The same from sums over 4,096 lots of customers."""
    one = cases(np.bincount(lot, k, 4096).astype(int), np.bincount(lot, n, 4096).astype(int))
    return one._replace(own=stats.squares_of_units(one.n, one.nn, 4096))


@pytest.mark.parametrize("customers", [30_000, 600_000])
def test_none_on_a_side_is_as_sure_by_lots_as_by_customer(customers):
    # three journeys a customer; of the first side 12 customers count with all of theirs, of the second none. Half of the
    # customers are on both sides
    seeded = np.random.default_rng(20260502)
    n, k, lot = np.full(customers, 3), np.zeros(customers, dtype=int), seeded.integers(0, 4096, 3 * customers // 2)
    k[:12] = 3
    sides = (k, n, lot[:customers]), (0 * k, n, lot[-customers:])
    exact, found = ([reckoned(*one) for one in sides] for reckoned in (lambda k, n, lot: cases(k, n), by_lots))
    # the lots tell the customers' squares to √(2 / lots): four standard errors
    assert stats.wilson_grouped(*found[1])[1] == pytest.approx(stats.wilson_grouped(*exact[1])[1], rel=0.09)
    # 12 customers of n against none: a chance of 2⁻¹² that they are all on the first side
    p = stats.score_test(*exact)
    assert 1e-4 < p < 2e-3 and stats.score_test(*found) == pytest.approx(p, rel=0.3)
    # a small group has sums over customers, the rest of the company over lots
    small = cases(np.zeros(3000, dtype=int), n[:3000])
    k[: customers // 50] = 3
    whole, lots = cases(k, n), by_lots(k, n, lot[:customers])
    assert stats.expected_cases(small, lots) == pytest.approx(stats.expected_cases(small, whole), rel=0.1)
    assert math.log(stats.score_test(small, lots)) == pytest.approx(math.log(stats.score_test(small, whole)), rel=0.1)
    means = [stats.credited_mean(one.k / one.n, k, n)[0] for one, k, n in ((whole, k, n), (small, 0 * n[:3000], n[:3000]))]
    lotted = stats.credited_mean(lots.k / lots.n, *(np.bincount(lot[:customers], one, 4096) for one in (k, n)), own=lots.own)[0]
    wanted, got = (stats.credited_test(one, means[1]) for one in (means[0], lotted))
    assert math.log(got) == pytest.approx(math.log(wanted), rel=0.1)


@pytest.mark.parametrize("customers", [30_000, 600_000])
def test_what_is_done_in_one_period_alone_is_opposed_by_lots_as_by_customer(customers):
    # a journey in each of two periods; 60 % do it in the second, none in the first: −0.3 / 0.7
    n, lot = np.ones(customers, dtype=int), np.random.default_rng(5).integers(0, 4096, customers)
    k = (np.arange(customers) < 0.6 * customers).astype(int)
    exact = [cases(*one) for one in ((0 * k, n), (k, n), (k, 2 * n))]
    found = [by_lots(*one, lot) for one in ((0 * k, n), (k, n), (k, 2 * n))]
    assert stats.opposed(*exact) == pytest.approx(-0.3 / 0.7)
    # of lots alone, strangers taken for one customer, it would be −0.86 and −0.99
    assert stats.opposed(*found) == pytest.approx(-0.3 / 0.7, abs=0.1)


@pytest.mark.parametrize("customers", [30_000, 600_000])
def test_strangers_in_a_lot_are_not_opposed_where_two_periods_differ(customers):
    # a journey in each of two periods; by chance 30 % of the first and 40 % of the second do it: about the mean, 35 %, a
    # customer's products add up to −0.05² each, over 0.35 · 0.65: −0.011
    seeded = np.random.default_rng(6)
    n, lot = np.ones(customers, dtype=int), seeded.integers(0, 4096, customers)
    k1, k2 = ((seeded.random(customers) < share).astype(int) for share in (0.3, 0.4))
    sides = (k1, n), (k2, n), (k1 + k2, 2 * n)
    # as of one customer a lot: −0.08 and, of twenty times as many, −0.6
    assert stats.opposed(*(by_lots(*one, lot) for one in sides)) == pytest.approx(-0.011, abs=4 / 4096**0.5)


@pytest.mark.parametrize("customers", [30_000, 600_000])
@pytest.mark.parametrize("lotted", [(False, False), (True, False), (True, True)])
def test_opposed_whichever_sides_are_told_by_lots(customers, lotted):
    # a journey in each of two periods: 30 % do it in the first, 50 % in the second, and never the same in both. About the mean,
    # 40 %, the products of a customer are −0.24 · 0.8 + 0.16 · 0.2 = −0.16 each, over 0.4 · 0.6
    n, lot = np.ones(customers, dtype=int), np.random.default_rng(7).integers(0, 4096, customers)
    place = np.arange(customers) / customers
    k1, k2 = (place < 0.3).astype(int), (place >= 0.5).astype(int)
    sides = [by_lots(k, n, lot) if told else cases(k, n) for k, told in zip((k1, k2), lotted, strict=True)]
    exact = stats.opposed(cases(k1, n), cases(k2, n), cases(k1 + k2, 2 * n))
    assert exact == pytest.approx(-0.16 / 0.24)
    assert stats.opposed(*sides, by_lots(k1 + k2, 2 * n, lot)) == pytest.approx(exact, abs=4 / 4096**0.5)


def test_a_customer_alone_and_two_strangers_of_a_lot_are_opposed_as_a_group_is():
    # none of one case against one of one: no pair of strangers can be told from them
    for own in (4, 2):
        assert stats.opposed(stats.Cases(0, 1, 1, 0, 0, 1, 1), alone(1, 1), stats.Cases(1, 2, 1, 1, 2, 4, own)) == -1


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


def test_intervals_of_shared_out_credits():
    # whole units, one a group: the variance is p(1 − p)/(n − 1), the interval Wilson's
    assert stats.wilson_credited(0.3, 20, 20, 0.3 * 0.7 / 19, 20) == pytest.approx(stats.wilson(6, 20))
    # a quarter of that variance is as much as four times the cases, and all groups alike as much as groups², here 400
    assert stats.wilson_credited(0.3, 20, 20, 0.3 * 0.7 / 19 / 4, 20) == pytest.approx(stats.wilson(24, 80))
    assert stats.wilson_credited(0.3, 20, 20, 0.0, 20) == pytest.approx(stats.wilson(120, 400))
    # all to one, or one group: ten units of five customers, two each, nn = 20, tell as much as five
    assert stats.wilson_credited(1.0, 10, 5, 0.0, 20) == pytest.approx(stats.wilson(5, 5))
    assert stats.wilson_credited(0.5, 10, 1, 0.0, 100) == pytest.approx((0.0546, 0.9454), abs=1e-4)  # one case
    assert all(math.isnan(one) for one in stats.wilson_credited(0.5, 0, 0, 0.0, 0))
    with pytest.raises(BadInput, match="share"):
        stats.wilson_credited(1.5, 10, 10, 0.1, 10)


@pytest.mark.parametrize("groups", [2, 3, 4, 5, 10, 41, 1001])
def test_quantiles_of_few_groups(groups):
    assert stats.student(groups) == pytest.approx(scipy_stats.t.ppf(0.975, groups - 1), abs=4e-3)
    assert math.isnan(stats.student(1))


def test_no_cases_no_interval():
    assert all(math.isnan(one) for one in (*stats.wilson(0, 0), *stats.newcombe(0, 0, 1, 2)))


@pytest.mark.parametrize("call", [lambda: stats.wilson(3, 2), lambda: stats.wilson(-1, 2), lambda: stats.wilson(1, 2, 95)])
def test_impossible_counts_and_levels(call):
    with pytest.raises(BadInput):
        call()
    with pytest.raises(BadInput, match="quantile"):
        stats.quantile_ranks(9, 50)
