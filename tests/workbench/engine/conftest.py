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


@pytest.fixture(scope="session")
def prepare(tmp_path_factory) -> Callable[..., Prepared]:
    """Prepared tables of events given as dicts; `at` in seconds after 2 March 2026, 09:00 UTC, or `occurred_at`."""
    folder = tmp_path_factory.mktemp("logs")

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
        return engine.build(folder / "events.parquet", rule, customers=files, threads=2, **more)

    return make


@pytest.fixture(scope="session")
def twelve(prepare) -> Prepared:
    """The twelve customers, one journey a case."""
    return prepare(company.rows(), Rule("case"), company.customers())
