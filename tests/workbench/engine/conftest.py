"""Prepared tables of small logs, without a store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import company
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench import engine
from workbench.engine import Prepared
from workbench.model import Rule

ENGINES = ["duckdb", pytest.param("spark", marks=pytest.mark.spark)]


@pytest.fixture(scope="session", params=ENGINES)
def prepare(request, tmp_path_factory) -> Callable[..., Prepared]:
    """Prepared tables of events given as dicts; `at` in seconds after 2 March 2026, 09:00 UTC, or `occurred_at`."""
    return _prepare(request.param, request, tmp_path_factory)


@pytest.fixture(scope="session")
def prepare_in_duckdb(request, tmp_path_factory) -> Callable[..., Prepared]:
    """The same on one engine."""
    return _prepare("duckdb", request, tmp_path_factory)


@pytest.fixture(scope="session")
def prepare_on_spark(request, tmp_path_factory) -> Callable[..., Prepared]:
    """The same on the other."""
    return _prepare("spark", request, tmp_path_factory)


def _prepare(name: str, request, tmp_path_factory) -> Callable[..., Prepared]:
    folder = tmp_path_factory.mktemp("logs")
    chosen = {"engine": "spark", "master": request.getfixturevalue("spark_master")} if name == "spark" else {"threads": 2}

    def make(log: list[dict], rule: Rule | None = None, people: list[dict] | None = None, **more) -> Prepared:
        rows = [
            {"occurred_at": company.START + dt.timedelta(seconds=event["at"])} | {k: v for k, v in event.items() if k != "at"}
            if "at" in event
            else event
            for event in log
        ]
        pq.write_table(pa.Table.from_pylist(rows), folder / "events.parquet")
        files = []
        if people:
            files = [folder / "customers.parquet"]
            pq.write_table(pa.Table.from_pylist(people), files[0])
        return engine.build(folder / "events.parquet", rule, customers=files, **chosen, **more)

    return make


@pytest.fixture(scope="session")
def twelve(prepare) -> Prepared:
    """The twelve customers, one journey a case."""
    return prepare(company.rows(), Rule("case"), company.customers())
