"""A disk that fills for real while prepared tables are written, and events at the ends of the calendar."""

import os
import pathlib
import shutil
import stat
import time

import company
import pandas as pd
import pytest

import workbench as wb
from workbench.engine import clock, opening, running

resource = pytest.importorskip("resource", reason="no limit on the size of files here")


@pytest.mark.parametrize("most", [1_000, 100_000, 270_000])
def test_a_disk_that_fills_leaves_memory_and_no_rest(tmp_path, monkeypatch, most):
    wb.load(pd.DataFrame(company.rows()), into=tmp_path / "store", name="Twelve")
    shutil.rmtree(tmp_path / "store" / "prepared", ignore_errors=True)
    monkeypatch.setattr(opening, "_bases", opening.Kept(1))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        found = wb.journeys.overview(wb.open(tmp_path / "store")).frame.set_index("measure")["value"]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert found["events"] == len(company.rows())
    assert list((tmp_path / "store" / "prepared").iterdir()) == []


def test_what_spills_is_for_the_owner_only():
    folder = pathlib.Path(running._spill().name)
    assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700 and folder.name != "cxw-spill"


@pytest.mark.timeout(60)
def test_the_year_9999_costs_no_more_than_another(tmp_path):
    events = pd.DataFrame(
        {
            "customer_id": ["a", "a", "b"],
            "occurred_at": ["2024-03-31 01:30:00", "9999-12-31 23:59:59", "0001-01-02 12:00:00"],
            "touchpoint": ["A", "B", "A"],
        }
    )
    wb.load(events, into=tmp_path / "store", name="Far", timezone="Europe/Warsaw")
    began = time.monotonic()
    found = wb.journeys.overview(wb.open(tmp_path / "store")).frame.set_index("measure")["value"]
    assert found["events"] == 3 and time.monotonic() - began < 10
    # 200 years with two changes in nearly each at the most, not 8,000
    first, last = clock.span("0001-01-02", "UTC")[0], clock.span("9999-12-30", "UTC")[0]
    assert clock.local_sql("x", "Europe/Warsaw", first, last).count("WHEN") < 400
