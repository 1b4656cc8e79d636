"""The journey map of the company of twelve, worked out by hand; its canvas in three languages; notes and drags on it."""

from __future__ import annotations

import dataclasses
import json
import math

import company
import pandas as pd
import pytest

import workbench as wb
from workbench import engine, stats
from workbench.engine.reductions import stages
from workbench.errors import BadInput, NotEnoughData, SmallGroup
from workbench.journeys import Plan, PlannedStep
from workbench.locale import texts
from workbench.store.notes import Notes

j = wb.journeys
PLAN = Plan(
    "Buying",
    (
        PlannedStep("search", "Discover", 1, within_s=60.0, goal="Find it", owner="Marketing"),
        PlannedStep("Product page", "Choose", 2, within_s=240.0),
        PlannedStep("Cart", "Buy", 3, owner="Shop"),
        PlannedStep("Payment", "Buy", 4, owner="Shop", pain="Fails"),
        PlannedStep("One-tap", "Buy", 4, optional=True),
        PlannedStep("Delivery", "Use", 5),
    ),
)


@pytest.fixture(scope="module")
def found(study):
    return j.map(study, plan=PLAN, least=1)


def by(frame: pd.DataFrame, column: str, name: str) -> pd.Series:
    (row,) = frame.index[frame[column] == name]
    return frame.loc[row]


def test_stages_in_the_order_of_the_plan_else_by_their_place_in_journeys(study, found):
    assert list(found.stages["stage"]) == ["Discover", "Choose", "Buy", "Use"]
    assert list(j.map(study).stages["stage"]) == ["Discover", "Choose", "Buy", "Use"]
    other = Plan("x", (PlannedStep("Cart", "Buy", 1), PlannedStep("Chat", "Talk", 2)))
    assert list(j.map(study, plan=other).stages["stage"]) == ["Buy", "Talk", "Discover", "Choose", "Use"]


def test_who_reaches_a_stage_and_who_ends_there(found):
    # without Search: k06, k14. Ending with Search: k10, k12; with Product page: k03; in Buy: k04, k06, k07; else in Use
    stages = found.stages.set_index("stage")
    assert dict(stages["n"]) == {"Discover": 12, "Choose": 11, "Buy": 9, "Use": 8}
    assert dict(stages["n_customers"]) == {"Discover": 11, "Choose": 10, "Buy": 8, "Use": 6}
    assert dict((stages["leave_share"] * stages["n"]).round(9)) == {"Discover": 2, "Choose": 1, "Buy": 3, "Use": 8}
    one = stages.loc["Discover"]
    assert one["share"] == 12 / 14
    # journeys by customer: c01 2 (both reach it), c02 2 (one does), c06 1 (not), the nine others 1: sums 4+1+9, 4+2+9, 4+4+10
    assert (one["low"], one["high"]) == stats.wilson_grouped(12, 14, 12, 14, 15, 18)
    # of those reaching it: c01 2, ten others 1; ending there c10 and c12
    assert (one["leave_low"], one["leave_high"]) == stats.wilson_grouped(2, 12, 11, 2, 2, 14)


def test_time_to_the_next_stage(found):
    # minutes from a Search to another stage: 1 1 2 2 2 2 2 2 4 6 7 (k04 counts its second Search, k07 both)
    one = by(found.stages, "stage", "Discover")
    assert (one["n_next"], one["next_median_s"], one["next_q1_s"], one["next_q3_s"]) == (11, 120, 120, 180)
    # from a Product page: 1 1 2 2 3 3 3 3 5 6 10
    one = by(found.stages, "stage", "Choose")
    assert (one["n_next"], one["next_median_s"]) == (11, 180)
    assert by(found.stages, "stage", "Use")["n_next"] == 0
    # Search to the next step, k04's second Search too: 1 1 2 2 2 2 2 2 3 4 6 7
    one = by(found.frame, "touchpoint", "Search")
    assert (one["n"], one["n_next"], one["next_median_s"], one["next_q3_s"]) == (14, 12, 120, 195)


def test_three_layers(found):
    layers = found.frame.set_index("touchpoint")["layer"]
    assert dict(layers) == {
        "Search": "both", "Product page": "both", "Cart": "both", "Payment": "both", "One-tap": "planned",
        "Pay again": "mined", "Delivery": "both", "Support call": "mined",
    }  # fmt: skip
    assert list(found.frame[found.frame["stage"] == "Buy"]["touchpoint"]) == ["Cart", "Payment", "One-tap", "Pay again"]
    one = by(found.frame, "touchpoint", "One-tap")
    assert (one["n"], one["n_journeys"], one["n_customers"], one["share"], one["low"]) == (0, 0, 0, 0, 0)
    assert one["high"] == stats.wilson_grouped(0, 14, 12, 0, 0, 18)[1]
    assert len(found.customers(int(one.name))) == 0


def test_channels_of_a_touchpoint(found):
    # Search: web in k01 k03 k05 k08 k09 k11 k12; app in k02, k04 and k07 twice, k10, k13
    here = found.channels[found.channels["touchpoint"] == "Search"]
    assert [tuple(one) for one in here[["channel", "n", "n_customers", "share"]].itertuples(index=False)] == [
        ("app", 7, 5, 0.5), ("web", 7, 7, 0.5),
    ]  # fmt: skip


def test_how_far_the_log_lies_from_the_plan(found):
    stages = found.stages.set_index("stage")
    # order: Search → Product page 10 times, → Search once (not repeatable). Product page → Cart 9, back to Search in k07, k12.
    # Cart → Payment 7, Payment → Delivery 4; what isn't planned (Pay again, Support call) says nothing about the order
    assert list(stages["n_moves"]) == [11, 11, 11, 0]
    assert list(stages["order_part"])[:3] == [1 / 11, 2 / 11, 0]
    assert math.isnan(stages["order_part"]["Use"])
    # share: in Buy (9 journeys) Cart 9, Payment 7, Pay again 2, One-tap optional: 1 − (1 + 7/9) / (1 + 1 + 2/9) = 0.2
    # in Use (8) Delivery 5, Support call 4: 1 − 5/8 / (1 + 4/8) = 7/12
    assert list(stages["share_part"]) == pytest.approx([0, 0, 0.2, 7 / 12])
    # time: Search takes 2 min, planned 1: 1 − 1/2; Product page 3, planned 4: nothing
    assert list(stages["time_part"])[:2] == [0.5, 0]
    assert stages["time_part"][2:].isna().all() and stages["feeling_part"].isna().all()
    assert list(stages["disagreement"]) == pytest.approx([(1 / 11 + 0.5) / 3, 2 / 11 / 3, 0.1, 7 / 12])
    assert "Use" in found.explain("en")[0]


def test_too_few_journeys_to_say_so(study):
    found = j.map(study, plan=PLAN)
    assert found.stages["disagreement"].isna().all() and found.stages["share_part"].isna().all()
    cells = found.canvas(texts("en"))["cells"]["agree"]
    assert cells["Buy"]["small"] == "not shown: n 9"
    assert j.map(study, plan=PLAN, least=9).stages["disagreement"].notna().sum() == 3


def test_the_touchpoints_agree_with_their_own_analysis(study, found):
    ours = found.frame[found.frame["n"] > 0].set_index("touchpoint").sort_index()
    theirs = j.touchpoints(study).frame.set_index("touchpoint").sort_index()
    for name, other in (("n", "n"), ("n_journeys", "n_journeys"), ("n_customers", "n_customers"), ("share", "share"),
                        ("low", "low"), ("high", "high"), ("next_median_s", "median_s")):  # fmt: skip
        pd.testing.assert_series_equal(ours[name], theirs[other], check_names=False)
    ended = (ours["leave_share"] * ours["n_journeys"]).round(9)
    pd.testing.assert_series_equal(ended, (theirs["exit_share"] * 14).round(9), check_names=False)


@pytest.mark.parametrize("of", ["frame", "stages", "channels"])
def test_every_row_opens_its_customers(found, of):
    frame = found.frame if of == "frame" else getattr(found, of)
    for row in frame.index:
        behind = found.customers(row, of=of)
        assert len(behind) == frame["n_customers"][row] and behind["n"].sum() == frame["n"][row]


def test_the_order_of_rows_and_a_stranger_change_nothing(study, found, tmp_path):
    events = pd.DataFrame(company.rows()).sample(frac=1, random_state=3)
    events = events.sort_values(
        "occurred_at", kind="stable"
    )  # ties keep the order of the sample, so the tie of k05 is put right
    tie = events.index[(events["case_id"] == "k05") & events["touchpoint"].isin(["Cart", "Payment"])]
    events.loc[tie] = events.loc[tie].sort_values("touchpoint").to_numpy()
    wb.load([events], into=tmp_path / "again", name="Again")
    again = j.map(wb.open(tmp_path / "again"), plan=PLAN, least=1)
    pd.testing.assert_frame_equal(again.frame, found.frame)
    pd.testing.assert_frame_equal(again.stages, found.stages)


def test_parts_lie_between_0_and_1_and_stages_hold_their_touchpoints(found):
    for name in ("disagreement", "order_part", "share_part", "time_part"):
        assert found.stages[name].dropna().between(0, 1).all()
    for stage, here in found.frame.groupby("stage"):
        n = by(found.stages, "stage", stage)["n"]
        assert here["n_journeys"].max() <= n <= here["n_journeys"].sum()


# --- canvas --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ru", "pl"])
def test_the_canvas_is_whole_in_every_language(found, language):
    canvas = found.canvas(texts(language))
    assert json.loads(json.dumps(canvas, allow_nan=False)) == canvas
    stages = [one["key"] for one in canvas["stages"]]
    assert stages == ["Discover", "Choose", "Buy", "Use"]
    assert [one["key"] for one in canvas["lanes"]] == list(canvas["cells"])
    assert all(list(cells) == stages for cells in canvas["cells"].values())
    assert canvas["title"] == canvas["sentences"][0] == found.explain(language)[0] and len(canvas["sentences"]) <= 5
    cards = canvas["cells"]["touchpoints"]["Buy"]["cards"]
    assert [(card["key"], card["layer"], card["row"] < 0) for card in cards] == [
        ("Cart", "both", False), ("Payment", "both", False), ("One-tap", "planned", True), ("Pay again", "mined", False),
    ]  # fmt: skip
    # Cart: web in k01 k05 k09 k11, app in k02 k04 k07 k13, store in k06
    assert cards[0]["figure"] == "9" and cards[0]["fill"] == 9 / 12
    assert [one["share"] for one in cards[0]["mix"]] == [4 / 9, 4 / 9, 1 / 9]
    for card in cards[:2]:
        assert found.frame["touchpoint"][card["row"]] == card["key"]
    assert canvas["cells"]["owner"]["Buy"]["planned"] == "Shop" and canvas["cells"]["pain"]["Buy"]["planned"] == "Fails"
    assert [one["name"] for one in canvas["channels"]][:2] == ["web", "app"]


def test_a_time_says_what_it_counts(found):
    # k10 and k12 of the twelve end there, k07 goes on twice: eleven steps of ten journeys
    said = found.canvas(texts("en"))["cells"]["next"]["Discover"]["hint"]
    assert said.endswith("; steps that another stage follows: 11.")


def test_agreement_is_what_disagreement_leaves(found):
    cell = found.canvas(texts("en"))["cells"]["agree"]["Use"]
    assert cell["text"] == "disagree 0.42" and cell["tone"] == "bad" and found.stages["stage"][cell["row"]] == "Use"  # 1 − 7/12
    assert found.canvas(texts("en"))["cells"]["agree"]["Buy"]["text"] == "agree 0.9"


def test_the_stage_where_journeys_are_meant_to_end_is_none_that_they_leave_early(study):
    # Delivery alone is its stage, met by 5 of 14; Support call (4, of which all end there) has none and stands last
    own = {"Delivery": "Have", "Support call": "(other)"}
    plan = Plan("x", tuple(PlannedStep(name, own.get(name, "Buy"), 1) for name in engine.prepared(study).touchpoints))
    found = j.map(study, plan=plan)
    assert found.order == ("Buy", "Have", "(other)")
    tones = {stage: cell["tone"] for stage, cell in found.canvas(texts("en"))["cells"]["leave"].items()}
    assert (tones["Have"], tones["(other)"]) == ("plain", "bad")
    # a stage that few come to is left out of the sentence; the last one isn't told in its stead
    few = dataclasses.replace(found, stages=found.stages.assign(n=[300, 400, 2], leave_share=[0.1, 0.9, 1.0]))
    assert "that come to “Buy” end there" in " ".join(few.explain("en"))


def test_without_a_plan_nothing_is_tinted_and_nothing_agrees(study):
    canvas = j.map(study).canvas(texts("en"))
    assert {"agree", "goal", "owner"}.isdisjoint(canvas["cells"])
    assert {card["layer"] for cell in canvas["cells"]["touchpoints"].values() for card in cell["cards"]} == {"both"}


def test_small_groups_are_hidden_but_their_place_is_kept(study):
    canvas = j.map(study.guarded(7), plan=PLAN, least=1).guarded().canvas(texts("en"))
    use = canvas["stages"][3]  # six customers
    assert (use["key"], use["figure"], use["row"]) == ("Use", "<7", -1)
    (delivery,) = canvas["cells"]["touchpoints"]["Use"]["cards"]
    assert (delivery["key"], delivery["figure"], delivery["row"]) == ("Delivery", "<7", -1)
    assert all(canvas["cells"][lane]["Use"]["text"] == "–" for lane in ("next", "leave", "agree"))
    found = j.map(study.guarded(7), plan=PLAN)
    with pytest.raises(SmallGroup):
        found.customers(3, of="stages")


def test_of_a_plan_alone():
    for language in ("en", "ru", "pl"):
        canvas = PLAN.canvas(texts(language))
        assert json.loads(json.dumps(canvas, allow_nan=False)) == canvas
        assert list(canvas["cells"]) == ["touchpoints", "owner", "goal", "pain"] and canvas["channels"] == []
        assert [card["key"] for card in canvas["cells"]["touchpoints"]["Buy"]["cards"]] == ["Cart", "Payment", "One-tap"]
        assert PLAN.chart(language).to_dict()["usermeta"]["title"] == canvas["title"]


# --- plan, notes and drags -----------------------------------------------------------------------------------------------


@pytest.fixture
def own(tmp_path):
    wb.load([pd.DataFrame(company.rows())], into=tmp_path / "own", name="Own")
    return wb.open(tmp_path / "own")


def test_the_plan_kept_beside_the_store_is_the_usual_one(own):
    assert j.map(own).plan is None
    PLAN.save(own)
    found = j.map(own)
    assert found.plan.touchpoints[0] == "Search"  # as the log writes it
    assert found.code().endswith("wb.journeys.map(study)")
    given = j.map(own, plan=PLAN, least=1)
    answer = {}
    exec(given.code().replace("wb.journeys.map", "answer['map'] = wb.journeys.map"), {"answer": answer})
    pd.testing.assert_frame_equal(answer["map"].stages, given.stages)


def test_cards_and_notes_of_people(own):
    kept = Notes(own.store)
    kept.place("Support call", "Buy", 0, "Ada")
    note = kept.add("Buy", "pain", "Asks twice", "Ada")
    found = j.map(own)
    assert found.stage_of["Support call"] == "Buy"
    assert list(found.frame[found.frame["stage"] == "Buy"]["touchpoint"]) == ["Support call", "Cart", "Payment", "Pay again"]
    canvas = found.canvas(texts("pl"))
    (shown,) = canvas["cells"]["pain"]["Buy"]["notes"]
    assert (shown["id"], shown["text"], shown["author"]) == (note.id, "Asks twice", "Ada")
    kept.undo("Ada"), kept.undo("Ada")
    assert j.map(own).stage_of["Support call"] == "Use"
    kept.place("Delivery", "Choose", 0, "Ada")
    assert j.map(own, plan=PLAN).stage_of["Delivery"] == "Use"  # the plan's word counts


def test_a_damaged_line_of_notes_is_said(own):
    Notes(own.store).add("Buy", "pain", "Asks twice", "Ada")
    with (Notes(own.store).path / "notes.jsonl").open("a") as stream:
        stream.write("?\n")
    assert any("can’t be read: 1" in one.text() for one in j.map(own).caveats)


def test_touchpoints_without_a_stage(tmp_path):
    events = pd.DataFrame(company.rows()).drop(columns="stage")
    wb.load([events], into=tmp_path / "bare", name="Bare")
    found = j.map(wb.open(tmp_path / "bare"))
    assert list(found.stages["stage"]) == ["(other)"] and found.stages["n"][0] == 14
    assert [one["name"] for one in found.canvas(texts("ru"))["stages"]] == ["Все точки контакта"]
    assert any("have no stage" in one.text() for one in found.caveats)


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """Five customers of each walk, a step a day, and no stages."""
    walks = {"a": ("In", "Look", "Out"), "b": ("In", "Out"), "c": ("Look",), "d": ("In", "Look", "Out")}
    rows = [
        (f"{who}{i}", f"2026-01-0{day}T00:00", name)
        for who, names in walks.items()
        for i in range(5)
        for day, name in enumerate(names, start=1)
    ]
    events = pd.DataFrame(rows, columns=["customer_id", "occurred_at", "touchpoint"])
    into = tmp_path_factory.mktemp("bare") / "store"
    wb.load([events], into=into, name="Bare")
    return wb.open(into)


def test_without_stages_touchpoints_stand_as_they_come_and_say_how_it_goes_on(bare):
    # mean place: In 1, Look (2 + 1 + 2) / 3, Out (3 + 2 + 3) / 3; of 15 journeys with Look the 5 of c end there
    found = j.map(bare)
    canvas = found.canvas(texts("en"))
    assert canvas["unstaged"] and [one["key"] for one in canvas["lanes"]] == ["touchpoints", "notes"]
    assert [(one["key"], one["small"]) for one in canvas["cells"]["touchpoints"]["(other)"]["cards"]] == [
        ("In", "next after 1 d"),
        ("Look", "next after 1 d · 33% end here"),
        ("Out", "100% end here"),
    ]
    assert found.explain("en")[0].startswith("The most frequent last touchpoint is “Out”: 15 of 20 journeys end there, 100% of")


# the last touchpoint, and the one met most, with the beginning of its sentence
EVEN = {
    "en": (
        "“End0” (equally often: 3 touchpoints more): 5 of 20 journeys end there",
        "No touchpoint is met by more journeys than “Start0” (equally often: 7 touchpoints more): 5 of 20, 25%",
    ),
    "ru": (
        "«End0» (столько же — ещё 3 точки контакта): 5 из 20",
        "Ни одна точка контакта не встречается в большем числе путей, чем «Start0» (столько же — ещё 7 точек контакта",
    ),
    "pl": (
        "„End0” (równie często: jeszcze 3 punkty styku): 5 z 20",
        "Żaden punkt styku nie występuje w większej liczbie ścieżek niż „Start0” (równie często: jeszcze 7 punktów styku",
    ),
}


@pytest.fixture(scope="module")
def even(tmp_path_factory):
    """Twenty journeys of two steps: a quarter each from Start0 to End0, Start1 to End1, …"""
    first, steps = pd.Timestamp("2026-01-05T08:00Z"), [(i, name) for i in range(20) for name in ("Start", "End")]
    rows = [(f"c{i}", first + pd.Timedelta(hours=i, minutes=int(name == "End")), f"{name}{i % 4}") for i, name in steps]
    into = tmp_path_factory.mktemp("even") / "store"
    wb.load([pd.DataFrame(rows, columns=["customer_id", "occurred_at", "touchpoint"])], into=into, name="Even")
    return wb.open(into)


@pytest.mark.parametrize("language", EVEN)
def test_what_is_met_most_is_no_majority_and_ties_are_told(even, language):
    ends, most = j.map(even).explain(language)
    ended, met = EVEN[language]
    assert ended in ends and most.startswith(met)


def test_what_has_no_stage_is_not_the_finding(bare):
    # all 20 journeys end among what isn't planned: that is how the plan was cut, nothing about a place
    found = j.map(bare, plan=Plan("One", (PlannedStep("In", "Begin", 1),)))
    assert found.order == ("Begin", "(other)") and not found.canvas(texts("en"))["unstaged"]
    assert not any("“Other”" in one for one in found.explain("en"))


def test_what_can_not_be_mapped(study):
    with pytest.raises(BadInput, match="plan is a str"):
        j.map(study, plan="touchpoints.xlsx")
    with pytest.raises(BadInput, match="least=0"):
        j.map(study, least=0)
    with pytest.raises(NotEnoughData):
        j.map(study.between("2030-01-01", None))


def test_very_many_customers_are_counted_another_way(study, found, monkeypatch):
    monkeypatch.setattr(stages, "MANY", 3)
    pd.testing.assert_frame_equal(j.map(study, plan=PLAN, least=1).stages, found.stages)
    # one journey a customer
    alone = j.map(study.by_customer(), plan=PLAN, least=1)
    assert (alone.stages["n"] == alone.stages["n_customers"]).all() and list(alone.stages["n"]) == [11, 10, 8, 6]


def test_more_touchpoints_than_bits(tmp_path):
    # 70 touchpoints in 3 stages: a journey meets t00 … t69 but for those whose number ends with the customer's
    rows = [
        {"customer_id": f"c{who}", "occurred_at": pd.Timestamp("2026-03-02", tz="UTC") + pd.Timedelta(minutes=i),
         "touchpoint": f"t{i:02}", "stage": f"s{i % 3}"}
        for who in range(10) for i in range(70) if i % 10 != who
    ]  # fmt: skip
    wb.load([pd.DataFrame(rows)], into=tmp_path / "many", name="Many")
    found = j.map(wb.open(tmp_path / "many"))
    assert len(found.frame) == 70 and (found.frame["n_journeys"] == 9).all() and (found.stages["n"] == 10).all()
    # who ends at t69: all but c9, who ends at t68
    ended = (found.frame["leave_share"] * found.frame["n_journeys"]).groupby(found.frame["touchpoint"]).sum()
    assert ended["t69"] == 9 and ended["t68"] == 1 and ended.sum() == 10
