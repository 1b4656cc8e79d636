"""How far the log lies from the plan, and how customers felt: by hand, and on a company with planted differences."""

from __future__ import annotations

import math
import shutil

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from workbench import stats, worlds
from workbench.journeys import Plan, PlannedStep
from workbench.journeys.disagreement import disagreement, feeling
from workbench.settings import SAMPLES

NAN = float("nan")


def touchpoints(*rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["stage", "touchpoint", "n_journeys", "n_next", "next_median_s"])


def moves(*rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["source", "target", "n"])


def of(plan: list[PlannedStep], met: pd.DataFrame, moved: pd.DataFrame, n: int = 100, felt: float = NAN) -> pd.Series:
    """The only stage of these."""
    stages = pd.DataFrame({"stage": ["S"], "n_journeys": [n], "felt": [felt]})
    return disagreement(Plan("x", tuple(plan)), met, moved, stages).iloc[0]


@pytest.mark.parametrize(
    ("emotion", "value"),
    [
        ("2", 2), ("-1,5", -1.5), ("−1", -1), ("+1", 1), ("3", None), ("", None), ("purple", None), ("Neutral", 0),
        ("Anxious, then relieved", 0), ("позитивная", 1), ("Тревога", -1), ("тревога, злость", -1.5),
        ("Bardzo  negatywnie", -2),
        ("spokój", 1), ("++", 2), ("🙂", 1), ("not happy", None), ("very positive", 2),
    ],
)  # fmt: skip
def test_a_planned_emotion_as_a_number(emotion, value):
    assert feeling(emotion) == value


def test_order_counts_moves_against_the_plan():
    plan = [
        PlannedStep("A", "S", 1),
        PlannedStep("B", "S", 2),
        PlannedStep("C", "S", 2),
        PlannedStep("D", "S", 3, repeatable=True),
    ]
    met = touchpoints(*(("S", name, 100, 50, NAN) for name in "ABCD"))
    # forwards 10, parallel either way 4 + 3, the repeatable again 5; backwards 6 and 2; A again, which may not repeat, 8;
    # to and from what isn't planned 99
    moved = moves(
        ("A", "B", 10), ("B", "C", 4), ("C", "B", 3), ("D", "D", 5), ("B", "A", 6), ("D", "A", 2), ("A", "A", 8),
        ("A", "X", 99), ("X", "A", 99),
    )  # fmt: skip
    found = of(plan, met, moved)
    assert found["n_moves"] == 38 and found["order"] == 16 / 38
    assert (found["share"], found["disagreement"]) == (0, 8 / 38)


def test_order_belongs_to_the_stage_a_move_leaves():
    plan = Plan("x", (PlannedStep("A", "S", 1), PlannedStep("B", "T", 2)))
    met = touchpoints(("S", "A", 9, 9, NAN), ("T", "B", 9, 9, NAN))
    stages = pd.DataFrame({"stage": ["S", "T"], "n_journeys": [9, 9], "felt": [NAN, NAN]})
    found = disagreement(plan, met, moves(("A", "B", 9), ("B", "A", 3)), stages)
    assert list(found["order"]) == [0, 1] and list(found["n_moves"]) == [9, 3]


def test_share_weighs_what_is_unplanned_and_what_is_missing():
    plan = [PlannedStep("A", "S", 1), PlannedStep("B", "S", 2), PlannedStep("O", "S", 3, optional=True)]
    met = touchpoints(("S", "A", 90, 0, NAN), ("S", "B", 0, 0, NAN), ("S", "O", 30, 0, NAN), ("S", "X", 40, 0, NAN))
    # Σ min = 0.9 + 0 + 0.3 + 0 = 1.2; Σ max = 1 + 1 + 0.3 + 0.4 = 2.7
    assert of(plan, met, moves())["share"] == pytest.approx(1 - 1.2 / 2.7)
    assert of([PlannedStep("Z", "T", 1)], met, moves())["share"] == 1  # a stage nobody planned
    assert of(plan[2:], met[met["touchpoint"] == "O"], moves())["share"] == 0  # an optional one is right either way
    assert math.isnan(of(plan, met.assign(n_journeys=0), moves(), n=0)["disagreement"])  # nobody comes here


def test_time_is_held_against_the_planned_one():
    plan = [PlannedStep("A", "S", 1, within_s=60), PlannedStep("B", "S", 2, within_s=60), PlannedStep("C", "S", 3)]
    met = touchpoints(("S", "A", 100, 30, 240), ("S", "B", 100, 10, 20), ("S", "C", 100, 50, 9999))
    # A takes four times as long: 0.75, 30 steps; B is sooner: 0, 10 steps; C has no planned time
    found = of(plan, met, moves())
    assert found["time"] == pytest.approx(0.75 * 30 / 40) and found["disagreement"] == pytest.approx(0.5625 / 2)
    assert math.isnan(of(plan[2:], met, moves())["time"])


def test_feeling_is_the_way_between_the_planned_and_the_felt():
    plan = [PlannedStep("A", "S", 1, emotion="2"), PlannedStep("B", "S", 2, emotion="neutral"), PlannedStep("C", "S", 3)]
    met = touchpoints(*(("S", name, 100, 0, NAN) for name in "ABC"))
    # planned 1 on average; felt a quarter of the scale: −1; two of four steps apart
    assert of(plan, met, moves(), felt=0.25)["feeling"] == 0.5
    assert of(plan, met, moves(), felt=0.75)["feeling"] == 0
    assert math.isnan(of(plan, met, moves())["feeling"]) and math.isnan(of(plan[2:], met, moves(), felt=0.5)["feeling"])


# --- the felt layer ------------------------------------------------------------------------------------------------------

EVENTS = [("a", "Call", "Help"), ("a", "Chat", "Help"), ("b", "Call", "Help"), ("b", "Buy", "Shop"), ("c", "Buy", "Shop")]


def company(folder, answers: list[tuple]) -> wb.Study:
    events = pd.DataFrame(EVENTS, columns=["customer_id", "touchpoint", "stage"])
    events["occurred_at"] = pd.date_range("2026-03-02", periods=len(events), freq="D", tz="UTC")
    names = ["customer_id", "answered_at", "instrument", "score", "touchpoint", "scale_min", "scale_max"]
    usual = {"nps": (0.0, 10.0), "csat": (1.0, 5.0), "ces": (1.0, 7.0)}
    surveys = pd.DataFrame([one if len(one) > 5 else (*one, *usual[one[2]]) for one in answers], columns=names)
    surveys["answered_at"] = pd.to_datetime(surveys["answered_at"], utc=True)
    wb.load([events, surveys], folder, name="Felt")
    return wb.open(folder)


NPS = [
    ("a", "2026-03-03", "nps", 10, "Call"), ("a", "2026-03-04", "nps", 3, "Chat"),
    ("b", "2026-03-05", "nps", 10, "Call", 1, 11),
    ("c", "2026-04-01", "nps", 7, "Buy"), ("a", "2026-03-03", "csat", 1, "Call"), ("b", "2026-03-03", "nps", 0, None),
    (None, "2026-03-03", "nps", 0, "Call"), ("b", "2026-03-03", "nps", 11, "Call", None, None),
    ("b", "2026-03-03", "nps", 2, "Fax"),
]  # fmt: skip


def test_nps_by_stage_an_answer_a_case_a_customer_a_group(tmp_path):
    found = wb.journeys.map(company(tmp_path / "felt", NPS), least=1)
    felt = found.felt.set_index("stage")
    assert list(felt["n"]) == [3, 1] and list(felt["n_customers"]) == [2, 1] and set(felt["instrument"]) == {"nps"}
    # Help: a 10 and a 9 (the tenth step of 1 … 11) recommend, a 3 does not: (2 − 1) / 3; Shop: a 7 is neither
    assert felt["score"]["Help"] == pytest.approx(100 / 3) and felt["score"]["Shop"] == 0
    # a share of 2/3 of the scale; a has 1 of 2, b 1 of 1: Σ(x − m n)² = (1 − 4/3)² + (1 − 2/3)² = 2/9, times 2/1, over 3²
    low, high = stats.wilson_credited(2 / 3, 3, 2, 4 / 81, 5)
    assert felt.loc["Help", ["low", "high"]].tolist() == pytest.approx([-100 + 200 * low, -100 + 200 * high])
    # left out, and said: no customer (1), off the scale (1). No touchpoint, or one that isn't on the map: not its business
    assert any("1 with a score off its scale, 1 without a customer (2 in all)" in one.text() for one in found.caveats)
    assert found.customers(0, of="felt").to_dict("list") == {"customer_id": ["a", "b"], "n": [2, 1]}
    assert "surveys" in found.provenance.tables


def test_csat_where_nobody_was_asked_for_nps(tmp_path):
    answers = [
        ("a", "2026-03-03", "csat", 4, "Call", None, None),
        ("a", "2026-03-05", "csat", 2, "Chat"),
        ("b", "2026-03-03", "csat", 10, "Call", 0, 10),
        ("b", "2026-03-03", "ces", 7, "Buy"),
        ("b", "2026-03-03", "csat", 0, "Call"),
        ("b", "2026-03-04", "csat", 0, "Call", None, None),
    ]
    found = wb.journeys.map(company(tmp_path / "felt", answers), least=1)
    # 4 of 1 … 5 (as usual where no scale is said) is 3/4 of it, 2 is 1/4, 10 of 0 … 10 all: 2/3 of 1 … 5; 0 is off it
    assert found.felt[["stage", "instrument", "n", "score"]].to_numpy().tolist() == [
        ["Help", "csat", 3, pytest.approx(1 + 4 * 2 / 3)]
    ]
    assert found.scale == (1, 5) and found.stages.set_index("stage")["n_scores"].to_dict() == {"Help": 3, "Shop": 0}


def test_answers_of_people_without_a_journey_count_nowhere(tmp_path):
    found = wb.journeys.map(company(tmp_path / "felt", [*NPS, ("nobody", "2026-03-05", "nps", 0, "Call")]), least=1)
    assert found.felt.set_index("stage")["n"].to_dict() == {"Help": 3, "Shop": 1}
    assert list(found.customers(0, of="felt")["customer_id"]) == ["a", "b"]


def test_answers_follow_customers_and_periods(tmp_path):
    study = company(tmp_path / "felt", NPS)
    of = lambda asked: wb.journeys.map(asked, least=1).felt.set_index("stage")["n"].to_dict()  # noqa: E731
    assert of(study.where(touchpoint="Buy")) == {"Help": 1, "Shop": 1}  # b and c
    assert of(study.between("2026-03-02", "2026-03-31")) == {"Help": 3}  # c answered in April
    assert of(study.between("2026-03-04", None)) == {"Help": 1, "Shop": 1}  # a's journey begins on 2 March
    assert of(study.between(None, "2026-03-04")) == {"Help": 2}  # b's journey too, but b answered on the 5th


def test_a_score_of_too_few_is_not_shown(tmp_path):
    study = company(tmp_path / "felt", NPS)
    found = wb.journeys.map(study, least=3)
    assert found.stages.set_index("stage")["score"].notna().to_dict() == {"Help": True, "Shop": False}
    assert wb.journeys.map(study.guarded(3), least=3).stages["score"].isna().all()  # three answers of two customers


# --- planted differences -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    """A copy of the shipped bank, without what its reader may have planned or written."""
    folder = tmp_path_factory.mktemp("worlds") / "bank"
    shutil.copytree(SAMPLES / "bank", folder, ignore=shutil.ignore_patterns("prepared", "lock", "plan.json", "notes*"))
    return wb.open(folder)


def declared(orders: dict[str, int] | None = None, **changed: dict[str, object] | None) -> Plan:
    """A plan of all that the bank is declared to have, any way round; `orders` of some, `changed` fields or None: left out."""
    steps = []
    for name, one in worlds.read("bank").touchpoints.items():
        said = changed.get(name.replace(" ", "_"), {})
        if said is not None:
            fields = {"optional": True, "repeatable": True, **said}
            steps.append(PlannedStep(name, one.stage, (orders or {}).get(name, 1), **fields))
    return Plan("declared", tuple(steps))


def apart(study, plan: Plan) -> pd.DataFrame:
    return wb.journeys.map(study, plan=plan).stages.set_index("stage")


def highest(frame: pd.DataFrame, column: str = "disagreement") -> str:
    return str(frame[column].idxmax())


def test_a_plan_of_all_that_happens_agrees(bank):
    assert (apart(bank, declared())["disagreement"] == 0).all()


def test_a_touchpoint_that_nobody_planned_shows_in_its_stage(bank):
    found = apart(bank, declared(Call=None))
    assert highest(found) == "Get help" and found["disagreement"]["Get help"] > 0.2
    assert (found["disagreement"].drop("Get help") == 0).all()


def test_a_planned_touchpoint_that_nobody_meets_shows_in_its_stage(bank):
    plan = declared()
    plan = Plan("more", (*plan.steps, PlannedStep("Video call", "Borrow", 1)))
    found = apart(bank, plan)
    assert highest(found) == "Borrow" and (found["disagreement"].drop("Borrow") == 0).all()


def test_an_order_that_nobody_keeps_shows_in_its_stage(bank):
    # declared: from Loan request to Papers 54 %, from Papers on to Papers 21 %, Loan granted 36 %, Loan refused 24 %
    only = [PlannedStep(name, "Borrow", order, optional=True, repeatable=True) for name, order in
            (("Loan request", 1), ("Papers", 2), ("Loan granted", 3), ("Loan refused", 3))]  # fmt: skip
    swapped = [PlannedStep(one.touchpoint, one.stage, {1: 2, 2: 1}.get(one.order, 3), True, True) for one in only]
    rest = [one for one in declared().steps if one.stage != "Borrow"]
    with_rest = lambda own: Plan("x", (*own, *(PlannedStep(one.touchpoint, one.stage, 9, True, True) for one in rest)))  # noqa: E731
    right, wrong = apart(bank, with_rest(only)), apart(bank, with_rest(swapped))
    # of 100 requests 54 go to Papers; these make 54 / (1 − 0.21) visits of Papers, and each leads on within the plan by 81 % or
    # to something of order 9 by 10 %: against the plan are 54 of 54 + 12 (calls) + 0.91 · 68.4, that is 0.42 of them
    assert right["order_part"]["Borrow"] < 0.02
    assert wrong["order_part"]["Borrow"] == pytest.approx(0.42, abs=0.05)
    assert highest(wrong) == "Borrow" and wrong["disagreement"]["Borrow"] > right["disagreement"]["Borrow"] + 0.15


def test_a_wait_that_grew_shows_in_its_stage_and_period(bank):
    # planted: in December and January cards to the West take twice as long as the declared 5 days (median)
    plan = declared(Card_ordered={"within_s": 5 * 86400.0})
    slow = apart(bank.between("2025-12-01", "2026-01-31").where(region="West"), plan)
    usual = apart(bank.between("2026-02-15", None), plan)
    assert slow["time_part"]["Manage"] == pytest.approx(0.5, abs=0.15) and usual["time_part"]["Manage"] < 0.15
    assert highest(slow) == "Manage"


def test_a_feeling_that_was_planned_otherwise_shows_in_its_stage(bank):
    felt = wb.journeys.map(bank).stages.set_index("stage")["score"]
    reached = (felt["Get help"] - 1) / 4  # CSAT is asked from 1 to 5
    right = apart(bank, declared(Call={"emotion": f"{-2 + 4 * reached:.3f}"}))
    wrong = apart(bank, declared(Call={"emotion": "very negative"}))
    assert right["feeling_part"]["Get help"] < 0.001 and wrong["feeling_part"]["Get help"] == pytest.approx(reached)
    assert highest(wrong) == "Get help" and np.isnan(wrong["feeling_part"]["Check"])
