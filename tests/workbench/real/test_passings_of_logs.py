"""Channels and owners of public logs, against a reckoning by pandas on the file."""

import pandas as pd
import pytest

import workbench as wb

RECEIPT, HELPDESK = "receipt/receipt.csv.gz", "helpdesk/helpdesk_full.csv.gz"


def test_a_permit_application_stays_in_its_channel(loaded):
    # the channel is the case's: Internet, Desk, Post, e-mail or Intern
    result = wb.journeys.crossings(loaded(RECEIPT)[1])
    assert result.frame.empty and result.used[["kind", "n"]].to_numpy().tolist() == [["one", 1_434]]
    assert "No journey uses more than one channel" in result.explain()[0]


def test_handoffs_of_a_service_desk(loaded, real_data):
    _, study = loaded(HELPDESK)
    log = pd.read_csv(real_data / HELPDESK, dtype=str)
    when = pd.to_datetime(log["Complete Timestamp"], format="%Y/%m/%d %H:%M:%S.%f")
    log = log.assign(when=when).sort_values(["Case ID", "when"], kind="stable")
    by = log.groupby("Case ID", sort=False)
    log = log.assign(target=by["Resource"].shift(-1), took=by["when"].diff(-1).dt.total_seconds().abs()).dropna(subset="target")
    moved = log[log["Resource"] != log["target"]].groupby(["Resource", "target"])["took"].agg(["size", "median"])
    found = wb.journeys.handoffs(study).frame.set_index(["source", "target"])
    assert found["n"].to_dict() == moved["size"].to_dict()
    assert found["median_s"].to_dict() == pytest.approx(moved["median"].to_dict())
    left = log.groupby("Resource").size()
    assert (found["n"] / found["share"]).round().groupby("source").first().to_dict() == left[found.index.unique(0)].to_dict()
