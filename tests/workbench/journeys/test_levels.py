"""Levels of times and shares hold the truth about as often as they say, also where few customers are behind them."""

import numpy as np
import pytest
from scipy.stats import binom

from workbench.journeys.levels import _time


@pytest.mark.parametrize("groups", [2, 3, 6, 30])
def test_times_of_few_customers(groups):
    # one wait a customer, so that Student's t is exact: of 1,000 intervals of 95 % fewer (more) come once in a thousand times
    draw = np.random.default_rng(1)
    held = 0
    for _ in range(1000):
        _, low, high = _time(0.0, draw.normal(0, 1, groups), np.ones(groups))
        held += low <= 1 <= high
    assert binom.ppf(0.001, 1000, 0.95) <= held <= binom.ppf(0.999, 1000, 0.95)
