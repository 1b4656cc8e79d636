"""What a randomised contact changed: estimators that know how likely each contact was to be a treated one."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

Z = NormalDist().inv_cdf(0.975)
#: with fewer contacts in an arm than FEWEST, or where fewer than RAREST of them are expected to respond (or not to, whichever
#: is rarer), means are too far from normal: with 10, simulated 95 % intervals hold the truth in 92 %
FEWEST, RAREST = 100, 15


def difference(
    outcome: np.ndarray, treated: np.ndarray, propensity: np.ndarray, customer: np.ndarray, chances: tuple[float, float]
) -> tuple[float, np.ndarray]:
    """Mean outcome of the treated less that of the others, each contact weighted by one over the probability of its arm (Hájek
    1971), and each customer's part in its error: their sum of squares is its variance, also where customers have several
    contacts. `customer` holds numbers from 0; `chances` of an outcome, of the treated and of the others, are those declared:
    (nan, zeros) where by them an arm is too small. What came out has no say in that, or the intervals kept would be bent."""
    weight = np.where(treated, 1 / propensity, 1 / (1 - propensity))
    value, parts = 0.0, np.zeros(len(outcome))
    for arm, sign, chance in ((treated, 1, chances[0]), (~treated, -1, chances[1])):
        n, rarer = int(arm.sum()), min(chance, 1 - chance)
        # who surely responds, or surely doesn't, leaves nothing to chance
        if n < FEWEST or 0 < n * rarer < RAREST:
            return math.nan, np.zeros(int(customer.max(initial=-1)) + 1)
        share = np.where(arm, weight, 0.0) / weight[arm].sum()
        mean = float(share @ outcome)
        value += sign * mean
        parts += sign * share * (outcome - mean)
    return value, np.bincount(customer, weights=parts)


def around(value: float, parts: np.ndarray) -> tuple[float, float, float]:
    """`value` with its 95 % interval, from each customer's part in its error."""
    half = Z * math.sqrt(float(parts @ parts))
    return value, value - half, value + half


def quotient(above: float, parts_above: np.ndarray, below: float, parts_below: np.ndarray) -> tuple[float, float, float]:
    """above / below with Fieller's 95 % interval: all r for which above − r · below is not away from 0 (Fieller 1954). nan
    where `below` itself is not away from 0, since any r may then be true."""
    variance, both, variance_below = parts_above @ parts_above, parts_above @ parts_below, parts_below @ parts_below
    square = below**2 - Z**2 * variance_below
    if math.isnan(above) or math.isnan(below) or square <= 0:
        return math.nan, math.nan, math.nan
    middle = above * below - Z**2 * both
    half = math.sqrt(max(middle**2 - square * (above**2 - Z**2 * variance), 0.0))
    return above / below, (middle - half) / square, (middle + half) / square
