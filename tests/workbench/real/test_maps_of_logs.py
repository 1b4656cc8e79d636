"""Journey maps of public logs, against a reckoning by pandas on the events as they were loaded."""

import json
from pathlib import Path

import pandas as pd
import pytest

import workbench as wb
from workbench.locale import texts
from workbench.store import files

REAL = Path(__file__).parent
ORDERS = "olist/olist_orders_dataset.csv.gz", "olist/olist_order_reviews_dataset.csv.gz"
LOGS = ["bpic2012/bpic2012.xes.gz", "receipt/receipt.csv.gz", "helpdesk/helpdesk_full.csv.gz"]


@pytest.mark.parametrize("name", LOGS)
def test_touchpoints_and_channels_of_a_log(loaded, name):
    agrees(loaded(name)[1])


@pytest.fixture
def orders(loaded):
    """A marketplace, its plan not beside it."""
    return loaded(*ORDERS, mapping="olist_scores.toml", timezone="America/Sao_Paulo")[1]


def test_touchpoints_of_orders(orders):
    agrees(orders)


def agrees(study):
    """What the map of `study` says of touchpoints and channels, against pandas."""
    events = pd.concat([pd.read_parquet(file) for file in files(study, "events")])
    events = events.sort_values(["occurred_at", "row_order"], kind="stable")
    found = wb.journeys.map(study)
    ours = found.frame.set_index("touchpoint").sort_index()
    met = events.drop_duplicates(["case_id", "touchpoint"]).groupby("touchpoint")["case_id"].size()
    last = events.groupby("case_id")["touchpoint"].last().value_counts().reindex(met.index, fill_value=0)
    wait = -events.groupby("case_id")["occurred_at"].diff(-1).dt.total_seconds()
    assert ours["n_journeys"].to_dict() == met.to_dict()
    assert (ours["leave_share"] * ours["n_journeys"]).round(6).to_dict() == last.to_dict()
    quartiles = wait.groupby(events["touchpoint"]).quantile([0.25, 0.5, 0.75]).unstack()
    for column, q in (("next_q1_s", 0.25), ("next_median_s", 0.5), ("next_q3_s", 0.75)):
        expected = quartiles[q].dropna()
        assert ours[column].dropna().to_dict() == pytest.approx(expected.to_dict(), abs=1e-5)
    if "channel" in events:
        counted = events.groupby(["touchpoint", "channel"])["customer_id"].agg(["size", "nunique"])
        theirs = found.channels.set_index(["touchpoint", "channel"])
        assert theirs["n"].to_dict() == counted["size"].to_dict()
        assert theirs["n_customers"].to_dict() == counted["nunique"].to_dict()
    for language in ("en", "ru", "pl"):
        json.dumps(found.canvas(texts(language)), allow_nan=False)


def test_the_receipts_have_channels(loaded):
    assert len(wb.journeys.map(loaded(LOGS[1])[1]).canvas(texts("en"))["channels"]) >= 3


def test_the_usual_way_of_a_service_desk_as_its_plan(loaded):
    # as found in the log: plan and log agree better than with the same steps the other way round
    _, study = loaded(LOGS[2])
    order = ["Assign seriousness", "Take in charge ticket", "Resolve ticket", "Closed"]
    scores = []
    for names in (order, order[::-1]):
        plan = wb.journeys.plan(pd.DataFrame({"stage": "Ticket", "touchpoint": names}), name="Ticket")
        scores.append(wb.journeys.map(study, plan=plan).stages.set_index("stage").loc["Ticket"])
    right, wrong = scores
    assert right["order_part"] < 0.15 and wrong["order_part"] > 0.85
    assert right["share_part"] == wrong["share_part"] < 0.1


def test_stages_and_scores_of_orders(orders, real_data):
    """From the two files themselves: who comes to a stage, whose last step is there, and what they gave."""
    plan = wb.journeys.plan(REAL / "plans" / "olist.csv")
    found = wb.journeys.map(orders, plan=plan)
    ours = found.stages.set_index("stage")
    told, answered = (pd.read_csv(real_data / name, dtype=str) for name in ORDERS)
    at = told.set_index("order_id").filter(like="order_").drop(columns=["order_status"])
    at = at.apply(pd.to_datetime)
    at.columns = ["Order placed", "Payment approved", "Handed to carrier", "Delivered", "Promised day"]
    asked = answered.set_index("order_id")[["review_creation_date", "review_answer_timestamp"]].apply(pd.to_datetime)
    asked.columns = ["Survey sent", "Review written"]
    steps = pd.concat([at.stack(), asked.stack()]).dropna().rename_axis(["order", "touchpoint"]).rename("at").reset_index()
    steps["stage"] = steps["touchpoint"].map({one.touchpoint: one.stage for one in plan.steps})
    met = steps.drop_duplicates(["order", "stage"])["stage"].value_counts()
    assert ours["n"].to_dict() == met.to_dict()
    # an order whose last moment is shared by two stages has its last step in either
    last = steps[steps["at"] == steps.groupby("order")["at"].transform("max")].groupby("order")["stage"].agg(set)
    for stage in plan.stages:
        ended = ours["leave_share"][stage] * ours["n"][stage]
        assert sum(one == {stage} for one in last) - 1e-6 <= ended <= sum(stage in one for one in last) + 1e-6
    assert (ours["leave_share"] * ours["n"]).sum() == pytest.approx(len(told))
    first = answered.drop_duplicates("review_id")["review_score"].astype(float)
    assert ours["n_scores"].to_dict() == {"Order": 0, "Send": 0, "Receive": 0, "Rate": len(first)}
    assert ours["score"]["Rate"] == pytest.approx(first.mean(), abs=1e-9)
    assert ours["score"].isna().tolist() == [True, True, True, False]
