"""The intervals of planted truths hold them about 95 times in 100, whatever the kind of truth."""

import math
import runpy
from pathlib import Path

import feeling
import pandas as pd
import pytest

HARNESS = runpy.run_path(str(Path(__file__).with_name("coverage.py")))
measured, by_kind, table = (HARNESS[name] for name in ("measured", "by_kind", "table"))


def chance(k, n, p=0.95):
    """That of n intervals of level p k or fewer hold what they should: a binomial distribution's."""

    def term(i):
        ways = math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1)
        return math.exp(ways + i * math.log(p) + (n - i) * math.log1p(-p))

    return sum(term(i) for i in range(k + 1))


def too_rare(kinds, least=1e-4):
    return [
        f"{one.kind}: {one.covered} of {one.intervals}"
        for one in kinds.itertuples()
        if chance(one.covered, one.intervals) < least
    ]


def test_a_chance_by_hand():
    # of 3 intervals at most 2: 1 − 0.95³
    assert chance(2, 3) == pytest.approx(0.142625)
    assert chance(3, 3) == pytest.approx(1)


def test_counts_by_kind_by_hand():
    rows = pd.DataFrame(
        [("a", "x", True, True), ("a", "x", True, False), ("b", "x", False, False), ("c", "y", True, True)],
        columns=["id", "kind", "told", "covers"],
    )
    x, y = by_kind(rows).itertuples()
    assert (x.kind, x.truths, x.intervals, x.covered, x.share, x.untold) == ("x", 2, 2, 1, 0.5, 1)
    assert (y.kind, y.truths, y.intervals, y.covered, y.share, y.untold) == ("y", 1, 1, 1, 1.0, 0)
    # Wilson's for 1 of 2: 0.0945 to 0.9055
    assert (x.low, x.high) == pytest.approx((0.0945, 0.9055), abs=1e-4)
    assert "| x | 2 | 2 | 1 | 50.0% | 9.5%–90.5% | 1 |" in table(by_kind(rows)).splitlines()


def test_leaving_and_answering_are_held_in_20_companies():
    rows = measured(feeling.world(), 1000, range(1, 21))
    kinds = by_kind(rows[rows["kind"].str.startswith(("churn", "experience"))])
    assert len(kinds) == 12
    assert not too_rare(kinds)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_every_kind_of_truth_is_held_in_100_companies():
    kinds = by_kind(measured(HARNESS["whole"](), 3000, range(101, 201)))
    print(table(kinds))
    assert not too_rare(kinds)
    # all kinds together neither too rarely nor too often: what one kind gains another may not lose
    assert 0.94 < kinds["covered"].sum() / kinds["intervals"].sum() < 0.96
