"""`wb.open(…, engine="spark")`: the same analyses, the same frames, on the twelve customers and on a sample."""

import dataclasses
import json
import shutil
import threading
import time
from pathlib import Path

import pandas as pd
import pytest

import workbench as wb
from workbench import engine
from workbench.engine.spark import session
from workbench.errors import BadInput, Cancelled, NotFound
from workbench.settings import SAMPLE, Settings

spark = [pytest.mark.spark, pytest.mark.timeout(900)]
STEPS = ["Search", "Product page", "Cart", "Payment"]

CALLS = {
    "overview": lambda study: wb.journeys.overview(study),
    "touchpoints": lambda study: wb.journeys.touchpoints(study),
    "flow": lambda study: wb.journeys.flow(study),
    "variants": lambda study: wb.journeys.variants(study),
    "funnel": lambda study: wb.journeys.funnel(study, steps=STEPS, within="7d"),
    "steps": lambda study: wb.journeys.steps(study, anchor="Cart"),
    "sessions": lambda study: wb.journeys.sessions(study, gap="1h"),
    "loops": lambda study: wb.journeys.loops(study),
    "crossings": lambda study: wb.journeys.crossings(study),
    "cohorts": lambda study: wb.journeys.cohorts(study, by="week"),
    "attribution": lambda study: wb.journeys.attribution(study, target="Payment"),
    "map": lambda study: wb.journeys.map(study),
}
STUDIES = {
    "phone": lambda study: study.where(channel="phone"),
    "pattern": lambda study: study.matching("Cart -> Payment within 7d without Support call"),
    "three steps": lambda study: study.matching("Search -> Product page -> Cart"),
    "rest": lambda study: study.where(touchpoint="Support call").rest(),
    "period": lambda study: study.between("2026-03-02", "2026-03-09"),
    "city": lambda study: study.where(city="Warsaw").by_gap("2d"),
}


@pytest.fixture(scope="module")
def both(study, spark_master):
    return study, wb.open(study.store, engine="spark", master=spark_master)


@pytest.mark.parametrize("name", [pytest.param(name, marks=spark) for name in CALLS])
def test_the_same_frames(both, name):
    here, there = (CALLS[name](study) for study in both)
    same(here.frame, there.frame)
    assert here.explain() == there.explain()
    if "n_customers" in here.frame and len(here.frame):
        row = here.frame.index[0]
        same(here.customers(row), there.customers(row))


@pytest.mark.parametrize("name", [pytest.param(name, marks=spark) for name in STUDIES])
def test_the_same_journeys_pass_a_filter(both, name):
    here, there = (engine.prepared(STUDIES[name](study)) for study in both)
    asked = """SELECT customer_id, n_steps, started, ended FROM journeys JOIN customers USING (customer)
        ORDER BY customer_id, started, n_steps"""
    found = here.query(asked)
    assert len(found)
    same(found, there.query(asked))


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples") / "retailer"
    return shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("prepared"))


@pytest.mark.parametrize("name", [pytest.param(name, marks=spark) for name in ("overview", "flow")])
def test_the_same_frames_of_a_sample(spark_master, sample, name):
    here = wb.open(sample)
    there = wb.open(sample, engine="spark", master=spark_master)
    same(CALLS[name](here).frame, CALLS[name](there).frame)


def same(here, there):
    drop = [name for name in ("shape",) if name in here]
    pd.testing.assert_frame_equal(here.drop(columns=drop), there.drop(columns=drop), check_dtype=False, rtol=1e-9, atol=1e-12)


@pytest.mark.spark
@pytest.mark.timeout(900)
def test_tables_lie_beside_the_store_and_are_read_from_there(both):
    _, there = both
    assert engine.prepared(there).n_events == 54
    folders = list(Path(there.store).glob("prepared/*.spark"))  # one a rule
    assert folders
    for folder in folders:
        told = json.loads((folder / "whole.json").read_text(encoding="utf-8"))
        assert {"main__walked", "main__journeys", "main__customers"} <= set(told["tables"])
    assert not list(Path(there.store).glob("prepared/*.tmp"))
    assert there.code().startswith(f'wb.open({there.store!r}, engine="spark", master="local[2]")')


@pytest.mark.spark
@pytest.mark.timeout(900)
def test_interrupt_stops_what_runs_and_what_follows(both):
    _, there = both
    p, stopped = engine.prepared(there), []

    def long():
        try:
            p.query(f"SELECT sum(a.seq * b.seq) AS x FROM {', '.join(f'steps AS {one}' for one in 'abcdef')}")
        except Cancelled as error:
            stopped.append(error)

    thread = threading.Thread(target=long)
    thread.start()
    deadline = time.monotonic() + 120
    while not stopped and time.monotonic() < deadline:
        engine.interrupt(there)
        thread.join(0.2)
    assert len(stopped) == 1
    with pytest.raises(Cancelled):
        p.query("SELECT 1 AS one")
    assert engine.prepared(there).row("SELECT 1 AS one") == (1,)
    assert engine.progress(there) == -1


def test_what_is_missing_is_said(study, monkeypatch):
    with pytest.raises(NotFound, match="duckdb, spark"):
        Settings(engine="polars")
    there = dataclasses.replace(study, settings=Settings(engine="spark", master="local[7]"))
    with monkeypatch.context() as patch:
        patch.setattr(session.importlib.util, "find_spec", lambda name: None)
        with pytest.raises(BadInput, match="PySpark is not installed"):
            engine.prepared(there)
    monkeypatch.setattr(session.importlib.util, "find_spec", lambda name: True)
    monkeypatch.setattr(session, "java", lambda: "")
    with pytest.raises(BadInput, match="Java 17"):
        engine.prepared(there)


@pytest.mark.spark
@pytest.mark.timeout(900)
def test_another_master_is_refused(study, spark_master):
    with pytest.raises(BadInput, match=r"local\[2\]"):
        engine.prepared(wb.open(study.store, engine="spark", master="local[3]"))
