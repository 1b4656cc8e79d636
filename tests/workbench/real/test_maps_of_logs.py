"""Journey maps of public logs, against a reckoning by pandas on the events as they were loaded."""

import json

import pandas as pd
import pytest

import workbench as wb
from workbench.locale import texts
from workbench.store import files

LOGS = ["bpic2012/bpic2012.xes.gz", "receipt/receipt.csv.gz", "helpdesk/helpdesk_full.csv.gz"]


@pytest.mark.parametrize("name", LOGS)
def test_touchpoints_and_channels_of_a_log(loaded, name):
    _, study = loaded(name)
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
