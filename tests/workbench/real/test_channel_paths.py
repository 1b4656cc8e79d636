"""Attribution on 10,000 public marketing paths: the totals that their package's own heuristics give."""

import gzip

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from workbench.journeys.attribution import MODELS


@pytest.fixture(scope="module")
def found(real_data, tmp_path_factory):
    """Each path as so many customers as it has conversions, with a sale at the end, and as it has nulls, without one."""
    file = real_data / "channel_paths" / "Data.csv.gz"
    if not file.is_file():
        pytest.skip("no channel_paths/Data.csv.gz in the real data")
    with gzip.open(file) as opened:
        paths = pd.read_csv(opened)
    converted, nulls = (paths[name].astype(int) for name in ("total_conversions", "total_null"))
    touches = paths["path"].str.split(" > ")
    ways = pd.concat([(touches + [["Sale"]] * len(touches)).repeat(converted), touches.repeat(nulls)], ignore_index=True)
    events = ways.rename("channel").explode().rename_axis("customer_id").reset_index()
    step = events.groupby("customer_id").cumcount().to_numpy()
    events["occurred_at"] = pd.Timestamp("2026-01-01T00:00:00Z") + step * np.timedelta64(1, "m")
    events["touchpoint"] = np.where(events["channel"] == "Sale", "Sale", "Contact")
    folder = tmp_path_factory.mktemp("paths") / "store"
    wb.load(events, into=folder, name="Channel paths")
    return wb.journeys.attribution(wb.open(folder).by_customer(), target="Sale")


def test_the_published_totals(found):
    assert found.n_conversions == 19_785 and found.whole.n_journeys == 19_785 + 68_602
    credit = found.frame.set_index(["model", "channel"])["credit"]
    for name, first, last, linear in (
        ("alpha", 6_308, 8_447, 7_574.7),
        ("eta", 3_164, 4_167, 3_540.0),
        ("iota", 4_606, 3_355, 3_857.1),
    ):
        assert credit["first", name] == first and credit["last", name] == last
        assert credit["linear", name] == pytest.approx(linear, abs=0.05)


def test_every_model_shares_out_all_conversions(found):
    totals = found.frame.groupby("model")["credit"].sum()
    assert totals.to_dict() == dict.fromkeys(MODELS, 19_785.0)
