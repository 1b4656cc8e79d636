"""Columns as the store keeps them: five kinds, nothing else; a column that is empty throughout is left out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.model import TABLES

ORDER = "row_order"  # the order of loading; not offered as a column of the model
SOURCE_ROW = "source_row"  # the row number in the source; said in reports, not stored

_TIME = pa.timestamp("us", tz="UTC")
STORED = {"id": pa.string(), "text": pa.string(), "time": _TIME, "number": pa.float64(), "flag": pa.bool_()}
# in memory texts have 64-bit offsets, so that no column is too long to be gathered
HELD = {**STORED, "id": pa.large_string(), "text": pa.large_string()}


def kind_of(table: str, name: str, type_: pa.DataType) -> str:
    """The kind a column has: the model's, else by its Arrow type."""
    known = TABLES[table].column(name) if table in TABLES else None
    if known is not None:
        return known.kind
    if pa.types.is_timestamp(type_) or pa.types.is_date(type_):
        return "time"
    if pa.types.is_boolean(type_):
        return "flag"
    if pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_):
        return "number"
    return "text"


def held(conformed, stored: Mapping[str, str]) -> tuple[pa.Table, dict[str, str], pa.ChunkedArray]:
    """Rows in the store's own types, with their kinds, and the source's row numbers. Columns that are null throughout and that
    the store doesn't know are left out; a column whose name is taken by the order of loading gets another name."""
    rows, table = conformed.rows, TABLES[conformed.table]
    numbers = rows[SOURCE_ROW] if SOURCE_ROW in rows.column_names else pa.chunked_array([np.arange(1, rows.num_rows + 1)])
    said = getattr(conformed, "columns", {})
    needed = {column.name for column in table.columns if column.required} | {table.key}
    kinds: dict[str, str] = {}
    columns = {}
    for name in rows.column_names:
        column = rows[name]
        empty = column.null_count == len(column)
        kept = name + "_" if name == ORDER else name
        if name == SOURCE_ROW or (empty and kept not in stored and name not in needed):
            continue
        kind = stored[kept] if empty and kept in stored else said.get(name) or kind_of(table.name, name, column.type)
        kinds[kept] = kind
        columns[kept] = column.cast(HELD[kind])
    return pa.table(columns).combine_chunks(), kinds, numbers


def as_text(column: pa.ChunkedArray, kind: str) -> pa.ChunkedArray:
    """A column of any kind as text: whole numbers without a point, times as ISO."""
    if kind == "time":
        written = pc.strftime(column, format="%Y-%m-%dT%H:%M:%SZ")
        return pc.replace_substring_regex(written, r"\.0+Z$", "Z").cast(HELD["text"])
    if kind == "number":
        whole = pc.and_(pc.equal(pc.floor(column), column), pc.less(pc.abs(column), 2.0**53))
        digits = pc.if_else(whole, column, pa.scalar(None, pa.float64())).cast(pa.int64()).cast(HELD["text"])
        return pc.coalesce(digits, column.cast(HELD["text"]))
    return column.cast(HELD["text"])


def clashes(kinds: Mapping[str, str], stored: Mapping[str, str]) -> list[str]:
    """Columns that the store keeps as another type."""
    return [name for name, kind in kinds.items() if name in stored and STORED[stored[name]] != STORED[kind]]


def same(left: pa.Table, right: pa.Table) -> np.ndarray:
    """For each pair of rows whether all columns that both tables have are equal; null equals null, NaN equals NaN."""
    equal = np.ones(left.num_rows, bool)
    for name in left.column_names:
        if name not in right.column_names:
            continue
        one, other = left[name], right[name].cast(left[name].type)
        alike = pc.fill_null(pc.equal(one, other), False)
        if one.null_count and other.null_count:
            alike = pc.or_(alike, pc.and_(pc.is_null(one), pc.is_null(other)))
        if pa.types.is_floating(one.type):
            nans = pc.and_(pc.fill_null(pc.is_nan(one), False), pc.fill_null(pc.is_nan(other), False))
            alike = pc.or_(alike, nans)
        equal &= np.asarray(alike)
    return equal
