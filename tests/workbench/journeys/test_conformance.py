"""Conformance: worked out by hand, planted departures found again, and what holds for any log."""

import math

import company
import pandas as pd
import pytest

import workbench as wb
from workbench import engine, stats
from workbench.errors import BadInput, Cancelled, NotEnoughData, NotFound, SmallGroup
from workbench.journeys import Plan, PlannedStep
from workbench.journeys.alignment import Aligner

j = wb.journeys
MINUTE = 60
START = "(start)"
BUYING = Plan(
    "Buying",
    tuple(
        PlannedStep(name, "", order) for order, name in enumerate(("Search", "Product page", "Cart", "Payment", "Delivery"), 1)
    ),
)


def line(*names, **how):
    return Plan("Line", tuple(PlannedStep(name, "", order, **how.get(name, {})) for order, name in enumerate(names, 1)))


@pytest.fixture(scope="module")
def found(study):
    return j.conformance(study, plan=BUYING)


def departures(result):
    rows = result.frame.set_index(["kind", "touchpoint", "follows"])
    return rows[["n", "n_journeys", "n_customers", "cost"]].T.to_dict("list")


def test_departures_of_the_twelve(found):
    # k01, k05, k13 fit. Skipped: Delivery in k03, k04, k06 … k10, k12, k14; Payment in k03, k04, k07, k08, k10, k12, k14;
    # Cart in k03, k08, k10, k12, k14; Product page in k08, k10, k14; Search in k06, k14. k12 is Product page, Search: the
    # first is kept, and Search comes after it. Pay again: once in k02, twice in k09. Calls: k08, k09, k11, k14.
    # k04 searches twice; k07 is Search, Product page, Search, Product page, Cart: of two the earlier is kept.
    assert departures(found) == {
        ("skipped", "Delivery", "Payment"): [9, 9, 9, 9],
        ("skipped", "Payment", "Cart"): [7, 7, 7, 7],
        ("skipped", "Cart", "Product page"): [5, 5, 5, 5],
        ("skipped", "Product page", "Search"): [3, 3, 3, 3],
        ("extra", "Pay again", "Payment"): [3, 2, 2, 3],
        ("skipped", "Search", START): [2, 2, 2, 2],
        ("extra", "Product page", "Product page"): [1, 1, 1, 1],
        ("extra", "Search", "Product page"): [1, 1, 1, 1],
        ("extra", "Search", "Search"): [1, 1, 1, 1],
        ("extra", "Support call", START): [1, 1, 1, 1],
        ("extra", "Support call", "Delivery"): [1, 1, 1, 1],
        ("extra", "Support call", "Payment"): [1, 1, 1, 1],
        ("extra", "Support call", "Search"): [1, 1, 1, 1],
        ("out_of_order", "Search", "Product page"): [1, 1, 1, 2],
    }
    # the most frequent first, then by name
    assert list(found.frame["n_journeys"]) == sorted(found.frame["n_journeys"], reverse=True)
    top = found.frame.iloc[0]
    assert found.customers(0).to_dict("list") == {
        "customer_id": ["c02", "c03", "c04", "c06", "c07", "c08", "c09", "c10", "c12"],
        "n": [1] * 9,
    }
    # k of n by customer: c01 0/2, c02 1/2, eight 1/1, two 0/1
    assert top["share"] == 9 / 14
    assert (top["low"], top["high"]) == stats.wilson_grouped(9, 14, 12, 9, 2 + 8, 4 + 4 + 10)
    # minutes from first to last: with 0 0 1 1 7 8 11 15 31, without 1440 2880 2880 2940 4320; five are too few for an interval
    assert top["extra_s"] == (7 - 2880) * MINUTE and math.isnan(top["extra_low_s"])


def test_costs_and_fitness_of_the_twelve(found):
    costs = {
        "k01": 0, "k02": 1, "k03": 3, "k04": 3, "k05": 0, "k06": 2, "k07": 4, "k08": 5, "k09": 4, "k10": 4, "k11": 1, "k12": 5,
        "k13": 0, "k14": 6,
    }  # fmt: skip
    told = found.costs.set_index("cost")
    assert told["n"].to_dict() == {cost: list(costs.values()).count(cost) for cost in range(7)}
    assert list(found.costs["kind"]) == ["fits"] + ["departs"] * 6
    # of cost 0: k01 and k13 of c01, k05 of c05
    assert told.loc[0, "n_customers"] == 2
    assert found.customers(0, of="costs").to_dict("list") == {"customer_id": ["c01", "c05"], "n": [2, 1]}
    assert found.conforming == 3 / 14 and found.mean_cost == pytest.approx(38 / 14) and found.n_aligned == 14
    assert (found.conforming_low, found.conforming_high) == (told.loc[0, "low"], told.loc[0, "high"])
    # the worst: all steps are left out and five are missing
    fits = [1 - costs[case] / (len(steps) + 5) for _, case, steps in company.CASES]
    assert found.fitness == pytest.approx(sum(fits) / 14)
    assert 0 < found.fitness_low < found.fitness < found.fitness_high < 1


def test_optional_repeatable_and_parallel_steps(study):
    free = Plan(
        "Free",
        (
            PlannedStep("Search", "", 1, repeatable=True),
            PlannedStep("Product page", "", 1, repeatable=True),
            PlannedStep("Cart", "", 2),
            PlannedStep("Payment", "", 3),
            PlannedStep("Pay again", "", 4, optional=True, repeatable=True),
            PlannedStep("Delivery", "", 5),
            PlannedStep("Support call", "", 6, optional=True),
        ),
    )
    result = j.conformance(study, plan=free)
    # fit: k01, k02, k05, k11, k13; k04, k07 miss Payment and Delivery, k09 Delivery, k12 (in any order) Cart and what follows
    assert result.costs.set_index("cost")["n"].to_dict() == {
        0: 5, 1: 1, 2: 3, 3: 2, 4: 2, 5: 1,
    }  # fmt: skip
    assert set(result.frame["kind"]) == {"skipped"}
    # k06, k14: Search; k08, k10, k14: Product page; 2 of k06: Search and Delivery
    assert result.frame.set_index("touchpoint")["n"].to_dict() == {
        "Delivery": 9, "Payment": 7, "Cart": 5, "Product page": 3, "Search": 2,
    }  # fmt: skip


def test_what_is_said(found):
    assert found.explain()[:4] == [
        "21% of journeys follow the plan “Buying” without a departure",
        f"3 of 14 journeys fit entirely (95% interval {found.conforming_low:.1%} to {found.conforming_high:.0%}).",
        f"Mean fitness over 14 journeys is {found.fitness:.3f} (95% interval {found.fitness_low:.3f} to"
        f" {found.fitness_high:.3f}); on average 2.71 steps a journey are too many or missing.",
        "Most frequent departure: “Delivery” skipped, in 9 of 14 journeys (95% interval"
        f" {found.frame.loc[0, 'low']:.0%} to {found.frame.loc[0, 'high']:.0%}).",
    ]
    assert found.explain("ru")[0] == "21\xa0% путей следуют плану «Buying» без отклонений"
    assert found.explain("pl")[0] == "21% ścieżek przebiega według planu „Buying” bez odchyleń"
    assert found.chart().to_dict()["usermeta"]["title"] == found.explain()[0]
    assert {"conformance.caveat.beside", "journeys.caveat.open"} <= {one.key for one in found.caveats}
    assert all("not_aligned" not in one.key for one in found.caveats)


def test_the_plan_kept_beside_the_store(study, tmp_path):
    events = pd.DataFrame(company.rows())
    wb.load(events, into=tmp_path / "store", name="Twelve")
    mine = wb.open(tmp_path / "store")
    with pytest.raises(NotEnoughData, match="No planned journey is kept"):
        j.conformance(mine)
    BUYING.save(mine)
    result = j.conformance(mine)
    assert result.plan == BUYING and result.code().endswith("wb.journeys.conformance(study)")
    scope = {}
    exec(j.conformance(mine, plan=line("Search", "Cart")).code().replace("\nwb.", "\nresult = wb."), scope)
    assert scope["result"].plan.touchpoints == ("Search", "Cart")


def test_what_cannot_be_answered(study):
    with pytest.raises(NotEnoughData, match="no event of this company is at any of them"):
        j.conformance(study, plan=line("Nowhere", "Elsewhere"))
    # what is planned and in no event is missing everywhere, and said to be so
    result = j.conformance(study, plan=line("Search", "Thanks"))
    assert result.frame.loc[0, ["touchpoint", "n"]].tolist() == ["Thanks", 14]
    assert result.caveats[0].text() == (
        "No event of this company is at 1 planned touchpoint that every journey is to have, so that every journey misses it:"
        " Thanks."
    )
    for seconds in (0, -1, True, "20"):
        with pytest.raises(BadInput, match="not a time to stop after"):
            j.conformance(study, plan=BUYING, seconds=seconds)
    hidden = j.conformance(study.guarded(100), plan=BUYING)
    with pytest.raises(SmallGroup):
        hidden.customers(0)
    assert hidden.guarded().frame.empty and "too few customers" in hidden.guarded().explain()[-1]


def test_what_the_time_did_not_allow(study):
    # the most frequent variant is always aligned: that of k01, k05 and k13
    result = j.conformance(study, plan=BUYING, seconds=1e-9)
    assert result.frame.empty and result.n_aligned == 3 and (result.conforming, result.fitness) == (1, 1)
    assert result.costs[["kind", "n", "n_customers", "share"]].to_numpy().tolist() == [
        ["fits", 3, 2, 3 / 14],
        ["not_computed", 11, 10, 11 / 14],  # k02 and k14 are both of c02
    ]
    assert result.customers(1, of="costs")["n"].sum() == 11
    said = next(one for one in result.caveats if "not_aligned" in one.key)
    # of the other eleven journeys none has the same steps as another
    assert said.values == {"n": 11, "total": 14, "share": 11 / 14, "variants": 11}
    assert "11 of 14 journeys (79%) are not compared with the plan" in said.text()


def test_a_walk_too_long_is_not_computed(tmp_path):
    at = pd.date_range("2026-03-02", periods=5_001, freq="min", tz="UTC")
    long = pd.DataFrame({"customer_id": "long", "occurred_at": at, "touchpoint": "A"})
    wb.load(pd.concat([long, long.head(2).assign(customer_id="short")]), into=tmp_path / "store", name="Long")
    study = wb.open(tmp_path / "store").by_customer()
    result = j.conformance(study, plan=line("A", A={"repeatable": True}))
    assert list(result.costs["kind"]) == ["fits", "not_computed"] and result.n_aligned == 1
    with pytest.raises(NotEnoughData, match="The 1 journey could not be compared"):
        j.conformance(study.where(customer_id="long"), plan=line("A"))


@pytest.fixture(scope="module")
def brought(tmp_path_factory):
    """Three customers, cases that overlap, orders and answers by the minute."""
    moment = lambda minute: company.START + pd.Timedelta(minutes=minute)  # noqa: E731
    steps = [
        ("u", "a", 0, "A"), ("u", "a", 100, "B"), ("u", "b", 50, "A"), ("u", "b", 60, "B"), ("v", "c", 0, "A"),
        ("v", "c", 10, "B"), ("w", "d", 0, "A"), ("w", "d", 5, "X"), ("w", "d", 10, "B"),
    ]  # fmt: skip
    events = [{"customer_id": c, "case_id": k, "occurred_at": moment(at), "touchpoint": name} for c, k, at, name in steps]
    # u: 7 in b (which began last), 5 in a, 3 before both; v: 20 in c; w: 2 in d, and 90 after its end
    orders = [("u", 55, 7), ("u", 70, 5), ("u", -1, 3), ("v", 10, 20), ("w", 0, 2), ("w", 11, 90), ("nobody", 5, 1)]
    # answers: u in b, u after a (the last begun, b, ended 2 days before), w after d, v long after c
    answers = [("u", 60, 4.0), ("u", 60 + 2 * 1440, 5.0), ("w", 11, 1.0), ("v", 10 + 8 * 1440, 3.0), ("w", 12, 9.0)]
    tables = [
        pd.DataFrame(events),
        pd.DataFrame([{"customer_id": c, "ordered_at": moment(at), "amount": x} for c, at, x in orders]),
        pd.DataFrame(
            [
                {"customer_id": c, "answered_at": moment(at), "instrument": "nps" if x == 9 else "csat", "score": x,
                 "scale_min": 0 if x == 9 else 1, "scale_max": 10 if x == 9 else 5}
                for c, at, x in answers
            ]
        ),
    ]  # fmt: skip
    folder = tmp_path_factory.mktemp("brought") / "store"
    wb.load(tables, into=folder, name="Brought")
    return wb.open(folder).by_case()


def test_money_and_scores_by_hand(brought):
    result = j.conformance(brought, plan=line("A", "B"))
    # d alone departs: X is extra. Money: a 5, b 7, c 20, d 2. Answers: b 4 and 5, d 1; that of v is too late
    assert len(result.frame) == 1
    row = result.frame.iloc[0]
    assert row["extra_amount"] == pytest.approx(2 - 32 / 3) and row["extra_score"] == pytest.approx(1 - 4.5)
    assert (
        row["n_scores"] == 1
        and row[["extra_low_amount", "extra_high_amount", "extra_low_score", "extra_high_score"]].isna().all()
    )
    # d 10 minutes; a 100, b 10, c 10
    assert row["extra_s"] == 0
    said = {one.key: one.values for one in result.caveats}
    assert said["conformance.caveat.money"] == {"n": 4, "total": 7}
    assert said["conformance.caveat.scores"] == {
        "n": 3, "total": 5, "instrument": "csat", "low": 1.0, "high": 5.0, "within": 604_800.0,
    }  # fmt: skip
    assert result.provenance.tables[-2:] == ("orders", "surveys")
    # where a filter leaves b out, what belongs to b doesn't become that of a
    less = j.conformance(brought.where(case_id=["a", "d"]), plan=line("A", "B"))
    assert less.n_aligned == 2 and less.frame["extra_amount"].item() == 2 - 5 and less.frame["extra_score"].isna().all()


@pytest.mark.parametrize(("amounts", "apart"), [((1, 2, 3), 3 + 3 - 1 - 2), ((7, 7, 5), 5 - 7)])
def test_amounts_of_events(tmp_path, amounts, apart):
    # u: A then B; v: A only. Amounts that differ within a journey are summed; one that every event repeats counts once
    first, second, third = amounts
    rows = [("u", 0, "A", first), ("u", 1, "B", second), ("v", 0, "A", third), ("v", 1, "A", third)]
    at = company.START
    events = [
        {"customer_id": c, "occurred_at": at + pd.Timedelta(minutes=m), "touchpoint": n, "amount": x} for c, m, n, x in rows
    ]
    wb.load(pd.DataFrame(events), into=tmp_path / "store", name="Amounts")
    result = j.conformance(wb.open(tmp_path / "store").by_customer(), plan=line("A", "B", A={"repeatable": True}))
    assert result.frame[["kind", "touchpoint", "extra_amount"]].to_numpy().tolist() == [["skipped", "B", apart]]


def test_a_person_can_stop_it(study, monkeypatch):
    # stopped while walks are aligned, between two questions to the engine
    align = Aligner.align

    def stopping(self, walk, touchpoints):
        engine.interrupt(study)
        return align(self, walk, touchpoints)

    monkeypatch.setattr(Aligner, "align", stopping)
    with pytest.raises(Cancelled):
        j.conformance(study, plan=BUYING)


def test_a_plan_means_the_touchpoints_that_the_map_takes_it_for(study):
    loose = Plan("Buying", tuple(PlannedStep(f" {one.touchpoint.upper()}", "", one.order) for one in BUYING.steps))
    layer = j.map(study, plan=loose).frame.set_index("touchpoint")["layer"]
    assert layer.to_dict() == dict.fromkeys(BUYING.touchpoints, "both") | {"Pay again": "mined", "Support call": "mined"}
    found, exact = (j.conformance(study, plan=plan) for plan in (loose, BUYING))
    pd.testing.assert_frame_equal(found.frame, exact.frame)
    assert found.fitness == exact.fitness and found.plan == BUYING and found.caveats == exact.caveats
    assert found.replayed().fitness == exact.replayed().fitness
    scope = {}
    exec(found.code().replace("\nwb.", "\nresult = wb."), scope)
    pd.testing.assert_frame_equal(scope["result"].frame, exact.frame)
    of = {"of": "conformance"}
    apps = study.where(channel="app")
    pd.testing.assert_frame_equal(j.compare(apps, plan=loose, **of).frame, j.compare(apps, plan=BUYING, **of).frame)


def test_two_planned_touchpoints_that_are_one_in_the_log_are_refused(study):
    plan = line("search", "SEARCH")
    for ask in (j.conformance, j.map):
        with pytest.raises(BadInput, match=r"“search” and “SEARCH” .* both “Search” in the log"):
            ask(study, plan=plan)
    with pytest.raises(BadInput, match="“search” and “SEARCH”"):
        j.compare(study.where(channel="app"), of="conformance", plan=plan)


@pytest.mark.parametrize("plan", ["touchpoints.xlsx", {}, [], 0, False, ""])
def test_what_is_no_plan_is_refused(study, plan):
    for ask in (j.conformance, j.map):
        with pytest.raises(BadInput, match=f"plan is a {type(plan).__name__}; pass a planned journey"):
            ask(study, plan=plan)
    for of in ("conformance", "map"):
        with pytest.raises(BadInput, match=f"plan is a {type(plan).__name__}; pass a planned journey"):
            j.compare(study.where(channel="app"), of=of, plan=plan)


def test_the_code_of_an_answer_does_not_depend_on_the_plan_that_is_kept(tmp_path):
    wb.load(pd.DataFrame(company.rows()), into=tmp_path / "store", name="Twelve")
    mine = wb.open(tmp_path / "store")
    found = j.conformance(mine, plan=BUYING)
    (tmp_path / "store" / "plan.json").write_text("[]")
    scope = {}
    exec(found.code().replace("\nwb.", "\nresult = wb."), scope)
    assert scope["result"].plan == BUYING


CALLS = {
    "overview": {}, "touchpoints": {}, "flow": {}, "variants": {}, "loops": {}, "crossings": {}, "handoffs": {}, "cohorts": {},
    "discover": {}, "conformance": {"plan": BUYING}, "map": {"plan": BUYING}, "changes": {}, "compare": {}, "headline": {},
    "inventory": {},
    "attribution": {"target": "Cart"}, "sessions": {"gap": "30min"}, "funnel": {"steps": ["Search", "Cart"], "within": "1d"},
    "steps": {"anchor": "Cart", "before": 1, "after": 1},
}  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_a_folder_is_no_study(call):
    with pytest.raises(BadInput, match=r"'stores/mine' is no study; open the store with wb\.open"):
        getattr(j, call)("stores/mine", **CALLS[call])


def test_a_touchpoint_is_a_text(study):
    for target in (["Cart"], {"Cart"}, 5, None):
        with pytest.raises(NotFound, match="There is no touchpoint"):
            j.attribution(study, target=target)
    with pytest.raises(NotFound, match="There is no touchpoint"):
        j.funnel(study, steps=["Search", ["Cart"]], within="1d")
