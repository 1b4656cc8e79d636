"""The usual way, found in a log by rule: each part of the rule by hand."""

import company
import pandas as pd
import pytest

import workbench as wb
from workbench.errors import BadInput, NotEnoughData
from workbench.journeys import Plan

j = wb.journeys


@pytest.fixture
def usual(tmp_path):
    def make(ways, noise=0.1):
        """The plan of journeys given as {"A B C": how many}: touchpoint -> (order, optional, repeatable)."""
        rows, who = [], 0
        for names, n in ways.items():
            for _ in range(n):
                who += 1
                rows += [(f"c{who}", company.START + pd.Timedelta(minutes=at), name) for at, name in enumerate(names.split())]
        folder = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        wb.load(pd.DataFrame(rows, columns=["customer_id", "occurred_at", "touchpoint"]), into=folder, name="Ways")
        found = j.discover(wb.open(folder).by_customer(), noise=noise)
        return {one.touchpoint: (one.order, one.optional, one.repeatable) for one in found.steps}

    return make


def test_one_way(usual):
    assert usual({"A B C": 10}) == {"A": (1, False, False), "B": (2, False, False), "C": (3, False, False)}


def test_what_is_seldom_is_left_out_or_optional(usual):
    # X in 1 of 20 is noise; B in 19 is usual, C in 12 optional
    found = usual({"A B C D": 11, "A B D": 7, "A X B C D": 1, "A D": 1})
    assert found == {"A": (1, False, False), "B": (2, False, False), "C": (3, True, False), "D": (4, False, False)}
    assert "X" in usual({"A B C D": 11, "A B D": 7, "A X B C D": 1, "A D": 1}, noise=0.05)


def test_both_orders_are_parallel(usual):
    # C before B in 3 of 10; in 1 of 20 it is noise
    assert [one[0] for one in usual({"A B C D": 7, "A C B D": 3}).values()] == [1, 2, 2, 3]
    assert [one[0] for one in usual({"A B C D": 19, "A C B D": 1}).values()] == [1, 2, 3, 4]
    # what stands between two that are parallel is parallel to both
    assert [one[0] for one in usual({"A B C": 7, "C B A": 3}).values()] == [1, 1, 1]


def test_what_comes_again(usual):
    # B after B is repeated; A again after B is a round: both are parallel and A is repeated within them
    assert usual({"A B B C": 5, "A B C": 5}) == {"A": (1, False, False), "B": (2, False, True), "C": (3, False, False)}
    assert usual({"A B A C": 5, "A B C": 5}) == {"A": (1, False, True), "B": (1, False, False), "C": (2, False, False)}


def test_the_order_does_not_hang_on_how_long_journeys_are(usual):
    # P always comes after B, but only in long journeys: the median place of B is 1/2, that of P 2/6
    found = usual({"A B X": 6, "A B P Q R S T": 5})
    assert found["B"][0] < found["P"][0]


def test_the_plan_is_a_plan(study, tmp_path):
    found = j.discover(study)
    assert isinstance(found, Plan) and found.stages == ("Discover", "Choose", "Buy", "Use")
    assert found == j.discover(study) and Plan.from_dict(found.to_dict()).steps == found.steps
    result = j.conformance(study, plan=found)
    scope = {}
    exec(result.code().replace("\nwb.", "\nresult = wb."), scope)
    assert scope["result"].plan == found and scope["result"].explain() == result.explain()
    assert "usual way" in result.explain()[0] and result.caveats[0].key == "conformance.caveat.discovered"


def test_what_cannot_be_found(study, usual):
    for noise in (-0.1, 0.5, True, "1"):
        with pytest.raises(BadInput, match="not a share"):
            j.discover(study, noise=noise)
    with pytest.raises(NotEnoughData, match="No touchpoint is in 40% of 3 journeys"):
        usual({"A": 1, "B": 1, "C": 1}, noise=0.4)
