"""How far two groups go as planned: by hand, as the view alone tells it, and where customers are in both."""

import inspect
import math

import pandas as pd
import pytest

import workbench as wb
from workbench.errors import BadInput, NotEnoughData

j = wb.journeys
Z = 1.959964
PLAN = j.Plan("Order", tuple(j.PlannedStep(name, "", order) for order, name in enumerate(["Look", "Cart", "Pay"], 1)))


def load(folder, ways, name="Planned"):
    """`ways`: (customer, group, day, touchpoints), an hour between steps."""
    rows = [
        {"customer_id": who, "case_id": f"{who} {day}", "group": group, "touchpoint": one}
        | {"occurred_at": pd.Timestamp(f"{day}T09:00Z") + pd.Timedelta(hours=at)}
        for who, group, day, names in ways
        for at, one in enumerate(names)
    ]
    wb.load(pd.DataFrame(rows), into=folder, name=name)
    return wb.open(folder).by_case()


@pytest.fixture(scope="module")
def hundreds(tmp_path_factory):
    # of a 80 of 100 do as planned and 20 skip the cart, of b 60 and 40
    ways = [
        (f"{group}{i:02}", group, "2026-01-10", ["Look", *["Cart"] * (i < fit), "Pay"])
        for group, fit in (("a", 80), ("b", 60))
        for i in range(100)
    ]
    study = load(tmp_path_factory.mktemp("plan") / "s", ways)
    return study.where(group="a"), study.where(group="b")


def wilson(p, n):
    half = Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    centre = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
    return centre - half, centre + half


def test_by_hand(hundreds):
    found = j.compare(*hundreds, of="conformance", plan=PLAN)
    frame = found.frame.set_index("kind")
    assert sorted(frame.index) == ["fitness", "fits", "skipped"]
    counts = ["n_a", "total_a", "n_b", "total_b", "n_customers"]
    assert tuple(frame.loc["fits", counts]) == (80, 100, 60, 100, 140)
    assert tuple(frame.loc["skipped", counts]) == (20, 100, 40, 100, 60)
    # a journey a customer: the chi-square test of a fourfold table, for both the same
    p = math.erfc(math.sqrt((0.2**2 / (0.7 * 0.3 * 2 / 100)) / 2))
    assert frame.loc[["fits", "skipped"], "p"].tolist() == pytest.approx([p, p], rel=1e-9)
    # without the cart a journey has 2 steps and costs 1 of 2 + 3: fitness 0.8. Means 0.8 + 0.2 · 0.8 = 0.96 and 0.6 + 0.4 · 0.8
    # = 0.92; a journey's varies by 0.8 · 0.04² + 0.2 · 0.16² = 0.0064 and by 0.6 · 0.08² + 0.4 · 0.12² = 0.0096
    one = frame.loc["fitness"]
    assert tuple(one[counts]) == (100, 100, 100, 100, 200)
    assert (one["share_a"], one["share_b"]) == pytest.approx((0.96, 0.92))
    a, b = 100 * 0.96 * 0.04 / 0.0064, 100 * 0.92 * 0.08 / 0.0096
    (low_a, high_a), (low_b, high_b) = wilson(0.96, a), wilson(0.92, b)
    assert one["low"] == pytest.approx(0.04 - math.hypot(0.96 - low_a, high_b - 0.92), rel=1e-4)
    assert one["high"] == pytest.approx(0.04 + math.hypot(high_a - 0.96, 0.92 - low_b), rel=1e-4)
    alike = 200 / (100 / a + 100 / b)
    z = 0.04 / math.sqrt(0.94 * 0.06 * (1 / min(a, alike) + 1 / min(b, alike)))
    assert one["p"] == pytest.approx(math.erfc(z / math.sqrt(2)), rel=1e-9)
    assert found.n_tested == 3
    golden = {
        "en": "Largest difference shown: journeys that go entirely as planned, 80% (group a) and 60% (group b)",
        "ru": "Самое большое выявленное различие: пути, идущие целиком по плану, 80\xa0% (group a) и 60\xa0% (group b)",
        "pl": "Największa wykazana różnica: ścieżki całkowicie zgodne z planem, 80% (group a) i 60% (group b)",
    }
    for language, said in golden.items():
        assert found.explain(language)[0] == said
    # who is behind the fitness are all whose journeys are compared with the plan
    members = found.customers(found.frame.index[found.frame["kind"] == "fitness"][0])
    assert len(members) == 200 and (members["n_a"].sum(), members["n_b"].sum()) == (100, 100)
    assert "wb.journeys.Plan.from_dict(" in found.code()


def test_shares_are_those_of_the_view_alone(study):
    plan = j.Plan("", tuple(j.PlannedStep(name, "", order) for order, name in enumerate(["Search", "Cart", "Delivery"], 1)))
    a, b = study.where(channel="app"), study.where(channel="web")
    found = j.compare(a, b, of="conformance", plan=plan)
    frame = found.frame.set_index(["kind", "touchpoint", "follows"])
    for side, group in (("a", a), ("b", b)):
        alone = j.conformance(group, plan=plan)
        assert frame.loc[("fits", "", ""), f"share_{side}"] == pytest.approx(alone.conforming)
        assert frame.loc[("fitness", "", ""), f"share_{side}"] == pytest.approx(alone.fitness)
        told = alone.frame.set_index(["kind", "touchpoint", "follows"])
        own = frame.loc[told.index]
        assert own[f"n_{side}"].tolist() == told["n_journeys"].tolist() and len(told)
        assert own[f"n_customers_{side}"].tolist() == told["n_customers"].tolist()
        assert own[f"share_{side}"].tolist() == pytest.approx(told["share"].tolist())
        assert (frame[f"n_{side}"] > 0).sum() == len(told) + 1 + (alone.conforming > 0)
    usual = j.compare(a, b, of="conformance", plan=j.discover(study))
    assert "conformance.caveat.discovered" in {one.key for one in usual.caveats}
    assert "wb.journeys.discover(" in usual.code()


def test_what_each_does_once_is_compared_as_pairs_are(tmp_path):
    # sixty come in January and in February: 40 skip the cart in January only, 20 in February only
    ways = [
        (f"c{i:02}", "all", day, ["Look", *["Cart"] * ((i < 40) != first), "Pay"])
        for i in range(60)
        for day, first in (("2026-01-10", True), ("2026-02-10", False))
    ]
    study = load(tmp_path / "s", ways)
    found = j.compare(study.between(None, "2026-01-31"), study.between("2026-02-01", None), of="conformance", plan=PLAN)
    frame = found.frame.set_index("kind")
    # McNemar's (40 − 20)² / 60
    for kind in ("fits", "skipped"):
        assert frame.loc[kind, "p"] == pytest.approx(math.erfc(math.sqrt(400 / 60 / 2)), rel=1e-6)
    # fitness is 0.8 or 1 and one is all that the other isn't: a correlation of −1 of the two means, which makes the variance of
    # the difference the square of the sum of both errors. A journey's varies by 0.04 · 2/9 in either; means 13/15 and 14/15
    worth = [mean * (1 - mean) / (0.04 * 2 / 9) for mean in (13 / 15, 14 / 15)]
    both = 2 / (1 / worth[0] + 1 / worth[1])
    sizes = [60 * min(one, both) for one in worth]
    z = (1 / 15) / math.sqrt(0.9 * 0.1) / (sizes[0] ** -0.5 + sizes[1] ** -0.5)
    assert frame.loc["fitness", "p"] == pytest.approx(math.erfc(z / math.sqrt(2)), rel=1e-6)
    assert "shares allow" in found.caveats[0].text()


def test_journeys_that_are_not_aligned_are_in_no_share(tmp_path, monkeypatch):
    monkeypatch.setattr(inspect.getmodule(j.conformance), "LONGEST", 3)
    ways = [
        (f"{group}{i}", group, "2026-01-10", ["Look", "Cart", "Pay", *["Pay"] * (i == 0)]) for group in "ab" for i in range(4)
    ]
    study = load(tmp_path / "s", ways)
    found = j.compare(study.where(group="a"), study.where(group="b"), of="conformance", plan=PLAN)
    assert set(found.frame["kind"]) == {"fits", "fitness"} and set(found.frame["total_a"]) == {3}
    (told,) = (one for one in found.caveats if one.key == "conformance.caveat.not_aligned")
    assert told.values["n"] == 2


def test_what_is_refused(hundreds):
    with pytest.raises(NotEnoughData):
        j.compare(*hundreds, of="conformance")
    with pytest.raises(BadInput, match="seconds"):
        j.compare(*hundreds, of="conformance", plan=PLAN, seconds=0)
    with pytest.raises(BadInput, match="they are: plan, seconds"):
        j.compare(*hundreds, of="conformance", noise=0.1)
