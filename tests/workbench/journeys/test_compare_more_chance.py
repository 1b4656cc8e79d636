"""How often a comparison of who comes back, credits, plan and map shows a difference where groups were drawn by lot; the long
version is `tests/chances.py`. And the test behind credits, fitness and scores, on drawn numbers."""

import chances
import numpy as np
import pytest

import workbench as wb
from workbench import stats

FAMILIES = 40


@pytest.fixture(scope="module")
def families(tmp_path_factory):
    """View -> the comparisons of groups by lot. A pair of groups is asked for all views before the next one is cut out."""
    study = chances.drawn(tmp_path_factory.mktemp("lots") / "s", 0.5, FAMILIES, seed=61, customers=500)
    found = {of: [] for of in ("cohorts", "attribution", "conformance", "map")}
    for i in range(FAMILIES):
        pair = [study.where(**{f"lot{i}": one}) for one in "ab"]
        for of, told in found.items():
            told.append(wb.journeys.compare(*pair, of=of, **chances.VIEWS[of]))
    return found


@pytest.mark.parametrize("of", ["cohorts", "attribution", "conformance", "map"])
def test_groups_by_lot_seldom_differ(families, of):
    told = families[of]
    assert all(one.n_tested > 1 for one in told)
    # at a rate of 5 % eight of forty or more come up in 7 of 10,000 times
    assert sum(one.n_shown > 0 for one in told) <= 7
    # without the correction far more would: the rows are many
    assert sum(min(one.frame["p"].dropna()) <= 0.05 for one in told) > sum(one.n_shown > 0 for one in told)


#: what a unit counts: answers of one to five; conversions credited not at all, in part or whole; journeys mostly as planned
UNITS = {
    "scores": lambda rng, size, own: rng.binomial(4, 0.3 + 0.6 * own, size) / 4,
    "credits": lambda rng, size, own: np.array([0, 0.5, 1])[np.searchsorted([0.75, 0.9], rng.random(size))],
    "fitness": lambda rng, size, own: 1 - np.array([0, 0.1, 0.5])[np.searchsorted([0.6, 0.9], rng.random(size))],
}


@pytest.mark.parametrize("sizes", [(200, 200), (40, 400)])
@pytest.mark.parametrize("kind", UNITS)
def test_means_of_the_same_customers_seldom_differ(kind, sizes):
    rng = np.random.default_rng(62)
    alarms = 0
    for _ in range(1000):
        sides = []
        for groups in sizes:
            n = rng.integers(1, 4, groups)  # units of a customer; customers differ
            each = UNITS[kind](rng, (groups, 3), rng.random((groups, 1)))
            k, total = (each * (np.arange(3) < n[:, None])).sum(axis=1), int(n.sum())
            mean = float(k.sum() / total)
            variance = groups / (groups - 1) * float(((k - mean * n) ** 2).sum()) / total**2
            sides.append(stats.Credited(mean, total, groups, variance, int((n * n).sum())))
        alarms += stats.credited_test(*sides) <= 0.05
    # at a rate of 5 % more than 75 come up in 3 of 10,000 times; fewer than 20 would be a test that sees nothing
    assert 20 <= alarms <= 75
