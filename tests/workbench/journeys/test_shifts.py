"""Change points of single series: the statistic by hand, dates by a likelihood worked out anew, p-values against chance."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats as scipy_stats

from workbench.journeys.shifts import DATED, Series, apart, chance, shifts, spread, strongest, without_weekdays


def one_part(seen, of, variance=0.0, level=0.4):
    seen, of = (np.array([values], dtype=float) for values in (seen, of))
    return Series(seen, np.zeros_like(seen) if variance else of * level, of, variance)


def test_a_share_by_hand():
    # four periods of ten: 2, 2, 6, 6. In all 16 of 40, so 8 of 20 are expected in either half, and 12 not.
    # 2·(4·ln(4/8) + 16·ln(16/12) + 12·ln(12/8) + 8·ln(8/12)) = 6.9044; its root: 2.6276
    series = one_part([2, 2, 6, 6], [10] * 4)
    by_hand = 2 * (4 * math.log(4 / 8) + 16 * math.log(16 / 12) + 12 * math.log(12 / 8) + 8 * math.log(8 / 12))
    assert by_hand == pytest.approx(6.9044, abs=1e-4)
    assert apart(series, np.ones(5), (0, 2), (2, 4)) == pytest.approx(2.6276, abs=1e-4)
    # four times the variance halves it
    assert apart(series, np.full(5, 4.0), (0, 2), (2, 4)) == pytest.approx(1.3138, abs=1e-4)
    assert strongest(series, np.ones(5))[0] in {(0, 2), (2, 4)}
    # one of 40 in all: half of one is expected in either half, too little to compare
    assert apart(one_part([0, 0, 1, 0], [10] * 4), np.ones(5), (0, 2), (2, 4)) == 0


def test_a_time_by_hand():
    # sums of logarithms 4, 4, 12, 12 over 20 waits each, of variance 2: the last 40 have 24, where 32·40/80 = 16 are expected;
    # 8² · 80 / (40 · 40) / 2 = 1.6, its root 1.2649
    series = one_part([4, 4, 12, 12], [20] * 4, 2.0)
    assert apart(series, np.ones(5), (0, 2), (2, 4)) == pytest.approx(math.sqrt(1.6))
    # ten waits are too few
    assert apart(one_part([4, 4, 12, 12], [5] * 4, 2.0), np.ones(5), (0, 2), (2, 4)) == 0


def drawn(seed, level, n_parts=80, each=2):
    """Shares drawn at random: `level` of each period, in parts that are alike."""
    seeded = np.random.default_rng(seed)
    of = np.full((n_parts, len(level)), each)
    seen = seeded.binomial(of, level)
    return Series(seen.astype(float), without_weekdays(seen, of.astype(float), None), of.astype(float))


def searched(series, weekday=None):
    effect = spread(series, weekday)
    at, best = strongest(series, effect)
    return effect, at, best


def test_a_shift_that_stays_is_one_change():
    series = drawn(1, [0.2] * 40 + [0.32] * 20)
    effect, at, best = searched(series)
    (found,) = shifts(series, effect, best, at, 0.01)
    # the strongest stretch may end a day early: that end doesn't stand up by itself
    assert best.p < 1e-6 and found.low <= 40 <= found.high and abs(found.at - 40) <= 2


def test_an_incident_has_two_ends():
    series = drawn(2, [0.2] * 30 + [0.4] * 6 + [0.2] * 24)
    effect, at, best = searched(series)
    begins, ends = shifts(series, effect, best, at, 0.01)
    assert begins.low <= 30 <= begins.high and ends.low <= 36 <= ends.high
    # what lies before and after isn't told apart
    assert apart(series, effect, (0, begins.at), (ends.at, 60)) < 1.96


def test_the_interval_of_a_date_is_that_of_the_likelihood():
    series = drawn(3, [0.2] * 25 + [0.26] * 25, n_parts=40)
    effect = np.ones(51)  # parts are alike here
    at, best = strongest(series, effect)
    (found,) = shifts(series, effect, best, at, 0.01)
    k, n = series.seen.sum(axis=0), series.of.sum(axis=0)

    def likelihood(day):
        sides = [(k[:day], n[:day]), (k[day:], n[day:])]
        return sum(scipy_stats.binom.logpmf(x, m, x.sum() / m.sum()).sum() for x, m in sides)

    told = np.array([likelihood(day) for day in range(1, 50)])
    assert found.at == told.argmax() + 1
    near = np.flatnonzero(2 * (told.max() - told) <= DATED) + 1
    assert (found.low, found.high) == (near.min(), near.max())


def test_dates_are_covered():
    hits, seen = 0, 0
    for seed in range(80):
        series = drawn(1000 + seed, [0.2] * 30 + [0.27] * 30, n_parts=60)
        effect, at, best = searched(series)
        for found in shifts(series, effect, best, at, 0.01) if best.p <= 0.05 else []:
            if abs(found.at - 30) <= 15:
                seen += 1
                hits += found.low <= 30 <= found.high
    # most are found; so few of the intervals of 95 % hold the date once in a thousand times (binomial)
    assert seen >= 60 and hits / seen >= scipy_stats.binom.ppf(0.001, seen, 0.95) / seen


@pytest.mark.parametrize(("z", "single"), [(2.5, True), (3.0, True), (3.6, False)])
def test_the_largest_of_many_by_chance(z, single):
    # 3,000 series of 30 normal numbers, every stretch of each looked at (single: every single change)
    seeded = np.random.default_rng(4)
    paths = np.pad(seeded.standard_normal((3000, 30)).cumsum(axis=1), ((0, 0), (1, 0)))
    paths -= paths[:, -1:] * np.arange(31) / 30
    most = np.zeros(3000)
    for s in range(1 if single else 30):
        for e in range(s + 1, 31):
            if e - s < 30:
                share = (e - s) / 30
                np.maximum(most, abs(paths[:, e] - paths[:, s]) / math.sqrt(30 * share * (1 - share)), out=most)
    often, p = (most >= z).mean(), chance(z, 30, single=single)
    wide = 4 * math.sqrt(often / 3000) + 4 * math.sqrt(often / 2000)
    assert often - wide <= p <= 1.25 * often + wide
    assert chance(z, 30, least=0.1, single=single) <= p


def test_few_periods_and_few_cases():
    # the shortest segments that there are, with as few cases as can be compared at all
    for n in (2, 3, 5):
        assert 0 < chance(2.0, n, least=0.5) <= chance(2.0, n) and chance(0.0, n, least=0.9, single=True) == 1


def test_far_out_chance_goes_on_falling():
    ps = [chance(z, 100) for z in np.arange(3, 12, 0.25)]
    assert all(a > b > 0 for a, b in itertools.pairwise(ps)) and ps[-1] < 1e-20


def weekly(seed, alike):
    """Ten weeks without a change: at weekends other customers come, and each customer has a chance of its own."""
    seeded = np.random.default_rng(seed)
    days, weekday = 70, np.arange(70) % 7
    of = seeded.poisson(np.where(weekday >= 5, 0.9, 0.3), (120, days))
    own = seeded.beta(0.3 * (1 / alike - 1), 0.7 * (1 / alike - 1), 120)
    chances = np.clip(own[:, None] + np.where(weekday >= 5, 0.15, 0.0), 0, 1)
    seen = seeded.binomial(of, chances).astype(float)
    return seen, of.astype(float), weekday


def test_weekends_and_unlike_customers_are_no_change():
    alarms = plain = 0
    for seed in range(100):
        seen, of, weekday = weekly(seed, 0.3)
        series = Series(seen, without_weekdays(seen, of, weekday), of)
        alarms += searched(series, weekday)[2].p <= 0.05
        series = Series(seen, without_weekdays(seen, of, None), of)
        plain += strongest(series, np.ones(71))[1].p <= 0.05
    # at a rate of 5 % more than 12 of 100 come up once in a thousand times; with days of the week and customers left in most do
    assert alarms <= 12 and plain > 50


def test_days_that_differ_by_more_than_customers_are_no_change():
    alarms = 0
    for seed in range(100):
        seeded = np.random.default_rng(seed)
        level = np.clip(0.3 + seeded.normal(0, 0.06, 60), 0.01, 0.99)
        alarms += searched(drawn(seed, level, n_parts=100))[2].p <= 0.05
    # at 5 % more than 12 of 100 come up once in a thousand times; with a variance of (0.06² + 0.3·0.7/200)/(0.3·0.7/200) = 4.4
    # times that of chance nearly all would
    assert alarms <= 12
