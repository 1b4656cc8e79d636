"""A store in a temporary folder, and rows as the sources hand them over."""

from __future__ import annotations

from collections.abc import Callable

import company
import pyarrow as pa
import pytest

from workbench.model import TABLES
from workbench.sources.parts import Conformed
from workbench.store import Appended, Origin, Store, parts


def conform(table: str, rows: list[dict], personal: tuple[str, ...] = (), rejected: tuple[int, ...] = ()) -> Conformed:
    """Rows of one table; the key is numbered where a row has none. `rejected`: row numbers that the checks refused."""
    key = TABLES[table].key
    rows = [{key: f"k{place}", **row} for place, row in enumerate(rows)]
    names = dict.fromkeys(name for row in rows for name in row)
    made = pa.table({name: [row.get(name) for row in rows] for name in names})
    made = made.append_column("source_row", pa.array(range(1, len(rows) + 1), pa.int64()))
    refused = [{"row": row, "column": "occurred_at", "found": "?", "reason": "no time", "raw": "{}"} for row in rejected]
    schema = pa.schema([("row", pa.int64()), *((name, pa.string()) for name in ("column", "found", "reason", "raw"))])
    quarantine = pa.Table.from_pylist(refused, schema)
    return Conformed(table, made, quarantine, (), len(rows) + len(rejected), len(rejected), {}, personal)


@pytest.fixture(scope="session")
def conformed() -> Callable[..., Conformed]:
    return conform


@pytest.fixture
def store(tmp_path) -> Store:
    return Store.create(tmp_path / "store", name="Twelve")


@pytest.fixture
def put(store) -> Callable[..., Appended]:
    """Appends rows of one table as a version of their own, if they change anything."""

    def append(table: str, rows: list[dict], name: str = "log.csv", **more) -> Appended:
        with store.writing() as writer:
            return writer.append(conform(table, rows, **more), Origin(name))

    return append


@pytest.fixture
def read(store) -> Callable[..., list[dict]]:
    """The rows of a table, in the order of loading."""

    def rows(table: str, version: int | None = None) -> list[dict]:
        entry = store.manifest(version).tables[table]
        return parts.whole(entry).sort_by("row_order").to_pylist()

    return rows


@pytest.fixture
def events() -> list[dict]:
    return company.rows()
