"""The estimators of planted truths, by hand."""

import math

import numpy as np
import pytest

from workbench.worlds import estimates
from workbench.worlds.estimates import Z


def half(found):
    """Half the interval's width in standard errors' units: the standard error."""
    return (found.high - found.low) / 2 / Z


def test_log_odds_of_a_fourfold_table():
    # 10 of 30 with, 5 of 45 without: odds ratio (10 × 40) / (20 × 5) = 4, Woolf's error √(1/10 + 1/20 + 1/5 + 1/40)
    column = np.repeat([1, 0], [30, 45])
    outcome = np.r_[np.repeat([1, 0], [10, 20]), np.repeat([1, 0], [5, 40])]
    found = estimates.logistic({"driver": column}, outcome)
    assert found["driver"].value == pytest.approx(math.log(4))
    assert half(found["driver"]) == pytest.approx(math.sqrt(0.375))
    assert found[""].value == pytest.approx(math.log(5 / 40)) and half(found[""]) == pytest.approx(math.sqrt(1 / 5 + 1 / 40))
    assert (found["driver"].n, found[""].n) == (30, 75)


def test_two_columns_without_interaction_are_told_apart():
    # odds 1/4 with none, twice that with the first, three times with the second, six times with both: logarithms add up
    cells = [((0, 0), 20, 80), ((1, 0), 50, 100), ((0, 1), 60, 80), ((1, 1), 60, 40)]
    rows = [(x, left) for x, gone, stay in cells for left, times in ((1, gone), (0, stay)) for _ in range(times)]
    x, left = np.array([one for one, _ in rows]), np.array([one for _, one in rows])
    found = estimates.logistic({"a": x[:, 0], "b": x[:, 1]}, left)
    assert [math.exp(found[name].value) for name in ("", "a", "b")] == pytest.approx([0.25, 2, 3])


def test_what_a_table_cannot_tell_stays_untold():
    outcome = np.array([0, 1, 0, 1, 0, 0])
    columns = {"never": np.zeros(6), "always": np.ones(6), "all_left": np.array([0, 1, 0, 1, 0, 0])}
    found = estimates.logistic(columns, outcome)
    assert all(math.isnan(found[name].low) for name in columns)
    assert found["never"].n == 0 and found["all_left"].n == 2
    assert math.isnan(estimates.logistic({"x": outcome}, np.zeros(6))[""].value)
    assert math.isnan(estimates.linear({"x": np.zeros(4)}, np.arange(4.0), np.arange(4))["x"].value)
    assert math.isnan(estimates.gap(np.arange(3.0), np.ones(3), np.arange(3)).value)
    assert math.isnan(estimates.share(np.array([]), np.array([])).value)


def test_a_slope_is_a_difference_of_means_with_errors_by_group():
    # means 2 and 6; residuals −1, 1, 0, −2, 2, 0
    x, y = np.array([0, 0, 0, 1, 1, 1]), np.array([1.0, 3.0, 2.0, 4.0, 8.0, 6.0])
    alone = estimates.linear({"x": x}, y, np.arange(6))["x"]
    # (1 + 1)/9 + (4 + 4)/9, for few groups times 6/5 · 5/4
    assert alone.value == pytest.approx(4) and half(alone) == pytest.approx(math.sqrt(5 / 3))
    paired = estimates.linear({"x": x}, y, np.array([0, 1, 2, 0, 1, 2]))["x"]
    # a group's parts first: 1/3 − 2/3, −1/3 + 2/3 and 0; squares add up to 2/9, for few groups times 3/2 · 5/4
    assert paired.value == pytest.approx(4) and half(paired) == pytest.approx(math.sqrt(2 / 9 * 15 / 8))
    # as many groups as numbers to be found leave nothing to judge the errors by
    assert math.isnan(estimates.linear({"x": x}, y, np.array([0, 0, 0, 1, 1, 1]))["x"].low)


def test_a_share_and_a_gap_by_group():
    flag = np.array([1, 0, 1, 1])
    found = estimates.share(flag, np.arange(4))
    # Σ (f − 3/4)² / 4² = 0.75/16, times 4/3
    assert (found.value, found.n) == (0.75, 4) and half(found) == pytest.approx(0.25)
    score = np.array([1.0, 2.0, 3.0, 4.0])
    gap = estimates.gap(score, np.array([0, 0, 1, 1]), np.arange(4))
    # parts: 1.5, 0.5, −1.5, −0.5 (chosen: twice what lies off 3.5, less what lies off 2.5), each over 4; times 4/3
    assert (gap.value, gap.n) == (1.0, 2) and half(gap) == pytest.approx(math.sqrt(5 / 16 * 4 / 3))
    assert estimates.count(flag)[:3] == pytest.approx((0.75, 0.3006, 0.9544), abs=1e-4)
