"""Opening a study: kept files, memory where they can't be, filters, stopping, and what a query may not do."""

import os
import pathlib
import shutil
import threading
import time

import company
import duckdb
import pandas as pd
import pytest

import workbench as wb
from workbench import engine
from workbench.engine import opening, reductions
from workbench.errors import BadInput, Cancelled, NotFound, StoreError


@pytest.fixture
def fresh(monkeypatch):
    """As in a process that has opened nothing yet."""

    def forget():
        monkeypatch.setattr(opening, "_bases", opening.Kept(opening._BASES_KEPT))
        monkeypatch.setattr(opening, "_narrowed", opening.Kept(opening._NARROWED_KEPT))

    forget()
    return forget


@pytest.fixture
def study(tmp_path, fresh):
    wb.load([pd.DataFrame(company.rows()), pd.DataFrame(company.customers())], into=tmp_path / "store", name="Twelve")
    shutil.rmtree(tmp_path / "store" / "prepared", ignore_errors=True)  # a load may prepare what it loaded
    fresh()
    return wb.open(tmp_path / "store")


def kept(study):
    return sorted(pathlib.Path(study.store).glob("prepared/*"))


def test_prepared_once_then_read_from_the_file(study, fresh):
    assert engine.prepared(study).n_events == 54
    (file,) = kept(study)
    assert file.name.startswith("000001-")
    written = file.stat().st_mtime_ns
    fresh()
    assert engine.prepared(study).n_journeys == 14
    assert engine.prepared(study.where(channel="phone")).n_journeys == 4
    assert file.stat().st_mtime_ns == written and kept(study) == [file]
    assert engine.prepared(study.by_customer()).n_journeys == 12
    assert len(kept(study)) == 2


def test_a_damaged_file_is_made_anew(study, fresh):
    engine.prepared(study)
    (file,) = kept(study)
    fresh()
    file.write_bytes(b"not a database" * 1000)
    assert engine.prepared(study).n_events == 54
    fresh()
    file.write_bytes(file.read_bytes()[: 300 * 1024])
    assert engine.prepared(study).n_events == 54


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), duckdb.IOException("no space")])
def test_without_room_or_right_to_write_in_memory(study, monkeypatch, error):
    def fail(*_):
        raise error

    monkeypatch.setattr(opening, "_write_file", fail)
    p = engine.prepared(study)
    assert p.n_events == 54 and not kept(study)
    assert engine.prepared(study.matching("Cart -> Payment")).n_journeys == 7


def test_a_full_disk_leaves_nothing_behind(study, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert engine.prepared(study).n_events == 54
    assert not kept(study)


def test_a_store_whose_parts_are_gone(study):

    shutil.rmtree(pathlib.Path(study.store) / "parts")
    with pytest.raises(StoreError, match="load the files again"):
        engine.prepared(study)


def test_queries_touch_no_files(study):
    p = engine.prepared(study)
    for sql in (
        "SELECT * FROM read_csv('/etc/hostname')",
        "COPY steps TO '/tmp/out.csv'",
        "ATTACH '/tmp/other.duckdb'",
        "SET enable_external_access = true",
        "INSERT INTO base.main.touchpoints VALUES (99, 'x', NULL)",
    ):
        with pytest.raises(duckdb.Error):
            p.query(sql)


def test_many_threads_one_making(study, monkeypatch):
    made = []
    write = opening._write_file
    monkeypatch.setattr(opening, "_write_file", lambda *a: (made.append(1), write(*a)))
    found = []
    threads = [threading.Thread(target=lambda: found.append(reductions.moves(engine.prepared(study)))) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(made) == 1 and len(found) == 6
    assert all(frame.equals(found[0]) for frame in found)


def test_interrupt_stops_what_runs_and_what_follows(study):
    p = engine.prepared(study)
    other = engine.prepared(study.by_customer())
    stopped, begun = [], threading.Event()

    def long():
        begun.set()
        try:
            p.query("SELECT sum(sqrt(a.range * b.range)) FROM range(1000000) AS a, range(1000000) AS b")
        except Cancelled as error:
            stopped.append(error)

    thread = threading.Thread(target=long)
    thread.start()
    begun.wait()
    deadline = time.monotonic() + 30
    while not stopped and time.monotonic() < deadline:
        engine.interrupt(study)
        thread.join(0.05)
    assert len(stopped) == 1
    with pytest.raises(Cancelled):  # the same analysis' next query
        p.query("SELECT 1")
    assert other.row("SELECT 1") == (1,)  # another question goes on
    assert engine.prepared(study).row("SELECT 1") == (1,)  # and so does a new asking


def test_an_interrupted_making_is_made_by_the_next(study, monkeypatch):
    def stop(*_):
        engine.interrupt(study)

    with monkeypatch.context() as patch:
        patch.setattr(opening, "write_tables", stop)
        with pytest.raises(Cancelled):
            engine.prepared(study)
    assert not kept(study)
    assert engine.prepared(study).n_events == 54


def test_progress_is_a_share_or_unknown(study):
    assert engine.progress(study) == -1
    assert engine.prepared(study).once("x", "SELECT 1")[0] >= -1


def test_narrowed_tables_go_when_nobody_holds_them(study):
    base = engine.prepared(study)

    def schemas():
        return base.row("SELECT count(*) FROM duckdb_schemas() WHERE schema_name LIKE 'narrowed%'")[0]

    for minute in range(opening._NARROWED_KEPT + 4):
        assert engine.prepared(study.between(f"2026-03-02T09:{minute:02}", None)).n_journeys > 0
    assert schemas() == opening._NARROWED_KEPT


# Filters by hand. Cases that touch the phone: k08, k09, k11, k14.
def test_where_needs_one_step_that_meets_all(study):
    def cases(narrowed):
        found = engine.prepared(narrowed).query("SELECT DISTINCT case_id FROM details ORDER BY case_id")
        return [one[1:] for one in found["case_id"]]

    assert cases(study.where(channel="phone")) == ["08", "09", "11", "14"]
    # Delivery is by courier only: no step is both, though many journeys have both
    assert cases(study.where(channel="web", touchpoint="Delivery")) == []
    assert cases(study.where(channel=["courier", "phone"], touchpoint="Support call")) == ["08", "09", "11", "14"]
    # two filters may be met by different steps
    assert cases(study.where(channel="web").where(touchpoint="Delivery")) == ["01", "05", "11"]
    # customers: plan gold is c01 … c04
    assert cases(study.where(plan="gold")) == ["01", "02", "03", "04", "13", "14"]
    assert cases(study.where(plan="gold", channel="phone")) == ["14"]
    assert cases(study.where(customer_id="c02")) == ["02", "14"]
    assert cases(study.where(case_id=["k03", "k10"])) == ["03", "10"]
    assert cases(study.where(occurred_at="2026-03-22")) == ["14"]
    assert cases(study.where(stage="Use").matching("Support call -> end")) == ["08", "09", "11", "14"]


def test_between_is_about_the_first_step(study):
    def n(*period, zone="UTC"):
        import dataclasses

        return engine.prepared(dataclasses.replace(study, timezone=zone).between(*period)).n_journeys

    # all begin on 2 March but k13 (12 March, 09:00) and k14 (22 March, 09:00)
    assert n("2026-03-02", "2026-03-02") == 12
    assert n("2026-03-03", None) == 2 and n(None, "2026-03-12") == 13
    # k10 begins 09:05, k06 09:10, the rest 09:00, both ends included
    assert n("2026-03-02T09:05", "2026-03-02T09:10") == 2
    assert n("2026-03-02T10:05+01:00", "2026-03-02T09:09Z") == 1
    assert n("2026-03-02T10:05", "2026-03-02T10:10", zone="Europe/Warsaw") == 2
    # 09:00 UTC is 23:00 the day before in Honolulu
    assert n("2026-03-01", "2026-03-01", zone="Pacific/Honolulu") == 12
    with pytest.raises(BadInput, match="ends before it begins"):
        n("2026-03-05", "2026-03-01")


def test_unknown_values_name_the_nearest(study):
    for asked, nearest in ({"channel": "phne"}, "phone"), ({"touchpoint": "payment"}, "Payment"), ({"plan": "Gold"}, "gold"):
        with pytest.raises(NotFound, match=f"Did you mean “{nearest}”"):
            engine.prepared(study.where(**asked))
    with pytest.raises(NotFound, match="event_id"):
        engine.prepared(study.where(event_id="x"))
    with pytest.raises(NotFound, match="Paymnt"):
        engine.prepared(study.matching("Cart -> Paymnt"))
    assert isinstance(engine.prepared(study).n_events, int)  # a refused filter leaves nothing broken


def test_conditions_on_numbers_flags_and_times(tmp_path, fresh):
    log = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c"],
            "touchpoint": ["T"] * 3,
            "occurred_at": pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-03"], utc=True),
            "amount": [1.5, 2.0, None],
        }
    )
    wb.load([log], into=tmp_path / "s", name="S")
    study = wb.open(tmp_path / "s")
    assert engine.prepared(study.where(amount=2)).n_journeys == 1
    assert engine.prepared(study.where(amount=["1.50", "2"])).n_journeys == 2
    with pytest.raises(NotFound, match=r"1\.5, 2"):
        engine.prepared(study.where(amount="much"))


def test_a_filter_that_keeps_nothing(study):
    p = engine.prepared(study.between("2030-01-01", None))
    assert (p.n_journeys, p.n_events, p.n_customers) == (0, 0, 0)


def test_only_the_tables_that_were_read_are_named(tmp_path, fresh):
    rows = pd.DataFrame(company.rows())
    orders = pd.DataFrame({"order_id": ["o1"], "customer_id": ["c01"], "ordered_at": ["2026-03-03T10:00Z"], "amount": [5.0]})
    wb.load([rows, orders], tmp_path / "store", name="Twelve", timezone="UTC")
    study = wb.open(tmp_path / "store")
    assert set(study.columns) == {"events", "orders"}
    assert wb.journeys.flow(study).provenance.tables == ("events",)
