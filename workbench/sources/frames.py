"""Frames of any library (through narwhals), and the one way from typed columns to text that loses nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.errors import BadInput
from workbench.sources import detect
from workbench.sources.parts import ROW, Detected, Limits, Raw, Watch

_EXACT = 1e15  # above this a float no longer holds an id as it was written


def read(frame: object, limits: Limits, watch: Watch) -> Raw:
    """The frame's columns as text; row 1 is its first row. An index is not a column."""
    import narwhals as nw

    try:
        known = nw.from_native(frame)
    except TypeError:
        raise BadInput("sources.unknown_frame", found=type(frame).__name__) from None
    except Exception as error:
        raise BadInput("sources.bad_frame", found=str(error).splitlines()[0][:200]) from None
    if isinstance(known, nw.LazyFrame):
        known = known.collect("pyarrow")
    watch.at(0.2, "reading")
    check_size(known.shape[0], known.shape[1], "frame", limits)
    columns = []
    for place, name in enumerate(known.columns):
        series = known.get_column(name)
        try:
            column = series.to_arrow()
        except (pa.ArrowException, UnicodeError):  # a column of mixed Python objects
            column = texts([None if _nothing(value) else str(value) for value in series.to_list()])
        columns.append(column)
        watch.at(0.2 + 0.3 * place / known.shape[1], "reading")
    return raw([sound(str(name)) for name in known.columns], columns, "frame", limits, watch)


def sound(text: str) -> str:
    """The text with a question mark for each half of a letter, which no file can hold."""
    return text.encode("utf-8", "replace").decode()


def texts(values: list[str | None]) -> pa.Array:
    """The values as an array of sound text."""
    try:
        return pa.array(values, pa.string())
    except UnicodeError:
        return pa.array([None if value is None else sound(value) for value in values], pa.string())


def _nothing(value: object) -> bool:
    return value is None or (value is not None and value != value)


def check_size(n_rows: int, n_columns: int, name: str, limits: Limits) -> None:
    """BadInput above the limits on rows, columns, and both together."""
    if n_columns > limits.columns:
        raise BadInput("sources.too_many_columns", file=name, found=n_columns, allowed=limits.columns)
    if n_rows > limits.rows:
        raise BadInput("sources.too_many_rows", file=name, found=n_rows, allowed=limits.rows)
    if n_rows * n_columns > limits.cells:
        raise BadInput("sources.too_many_cells", file=name, rows=n_rows, columns=n_columns, allowed=limits.cells)


def raw(names: list[str], columns: list[pa.Array | pa.ChunkedArray], name: str, limits: Limits, watch: Watch) -> Raw:
    """The raw table of typed columns."""
    unique, _ = detect.unique_names(names)
    kinds, written, size = {}, [], 0
    for place, (column_name, column) in enumerate(zip(unique, columns, strict=True)):
        kinds[column_name] = kind_of(column.type)
        written.append(as_text(column, column_name, name, limits))
        size += written[-1].nbytes
        if size > limits.bytes:
            raise BadInput("sources.too_big", file=name, found=size >> 20, allowed=limits.bytes >> 20)
        watch.at(0.5 + 0.4 * place / max(1, len(columns)), "reading")
    n = len(columns[0]) if columns else 0
    table = pa.table([*written, pa.array(np.arange(1, n + 1), pa.int64())], names=[*unique, ROW])
    return Raw(table, Detected(), kinds={key: kind for key, kind in kinds.items() if kind})


def kind_of(found: pa.DataType) -> str:
    """The kind a typed column declares; "" for text, which may hold anything."""
    if pa.types.is_boolean(found):
        return "flag"
    if pa.types.is_timestamp(found) or pa.types.is_date(found):
        return "time"
    return ""


def as_text(column: pa.Array | pa.ChunkedArray, column_name: str, name: str, limits: Limits) -> pa.ChunkedArray:
    """The column as text: whole floats as integers, times in ISO 8601, durations in seconds, nested values as JSON."""
    found = column.type
    if pa.types.is_dictionary(found):
        check_decoded(column, column_name, name, limits)
        column = column.cast(found.value_type)
        return as_text(column, column_name, name, limits)
    if pa.types.is_string(found):
        made = column
    elif pa.types.is_large_string(found) or pa.types.is_string_view(found):
        check_length(column, column_name, name, limits)
        made = column.cast(pa.string())
    elif pa.types.is_floating(found):
        made = _floats(column)
    elif pa.types.is_timestamp(found):
        made = column.cast(pa.timestamp("us", "UTC" if found.tz else None), safe=False).cast(pa.string())
    elif pa.types.is_duration(found):
        seconds = pc.divide(column.cast(pa.duration("us"), safe=False).cast(pa.int64()).cast(pa.float64()), 1e6)
        made = _floats(seconds)
    elif pa.types.is_nested(found) or pa.types.is_binary(found) or pa.types.is_large_binary(found):
        made = pa.array(_all_written(column, column_name, name, limits), pa.string())
    else:
        made = column.cast(pa.string())
    return made if isinstance(made, pa.ChunkedArray) else pa.chunked_array([made])


def _all_written(column: pa.Array | pa.ChunkedArray, column_name: str, name: str, limits: Limits) -> list[str | None]:
    made, size = [], 0
    for value in column:
        made.append(_written(value.as_py()))
        size += len(made[-1] or "")
        if size > limits.text_bytes:
            _refuse(size, column_name, name, limits)
    return made


def _written(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return json.dumps(value, ensure_ascii=False, default=str, sort_keys=True)


def _floats(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    column = column.cast(pa.float64())
    column = pc.if_else(pc.is_nan(column), None, column)
    whole = pc.and_(pc.equal(pc.floor(column), column), pc.less(pc.abs(column), _EXACT))
    integers = pc.if_else(whole, column, 0.0).cast(pa.int64()).cast(pa.string())
    return pc.if_else(whole, integers, column.cast(pa.string()))


def check_decoded(column: pa.Array | pa.ChunkedArray, column_name: str, name: str, limits: Limits) -> None:
    """BadInput for a dictionary-coded column that would fill the memory once written out."""
    total = 0
    for chunk in column.chunks if isinstance(column, pa.ChunkedArray) else [column]:
        if not (pa.types.is_string(chunk.type.value_type) or pa.types.is_large_string(chunk.type.value_type)):
            return
        lengths = pc.binary_length(chunk.dictionary)
        total += pc.sum(lengths.cast(pa.int64()).take(chunk.indices)).as_py() or 0
    if total > limits.text_bytes:
        _refuse(total, column_name, name, limits)


def check_length(column: pa.Array | pa.ChunkedArray, column_name: str, name: str, limits: Limits) -> None:
    """BadInput for a text column longer than one array of text can be."""
    total = pc.sum(pc.binary_length(column).cast(pa.int64())).as_py() or 0
    if total > limits.text_bytes:
        _refuse(total, column_name, name, limits)


def _refuse(size: int, column_name: str, name: str, limits: Limits) -> NoReturn:
    raise BadInput("sources.text_bomb", file=name, column=column_name, found=size >> 20, allowed=limits.text_bytes >> 20)


def content_hash(table: pa.Table, kinds: Mapping[str, str]) -> str:
    """A hash of names and contents, the same whatever library held them."""
    digest = hashlib.sha256(json.dumps([table.column_names, sorted(kinds.items())]).encode())
    for column in table.columns:
        text = column.cast(pa.large_string())
        joined = pc.binary_join_element_wise(
            pc.fill_null(pc.binary_length(text), -1).cast(pa.large_string()),
            pc.fill_null(text, ""),
            pa.scalar(":", pa.large_string()),
        )
        for chunk in joined.chunks:
            for start in range(0, len(chunk), 100_000):
                digest.update("\n".join(chunk.slice(start, 100_000).to_pylist()).encode())
                digest.update(b"\n")
    return digest.hexdigest()
