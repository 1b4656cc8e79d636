"""Rejected rows, kept as a CSV file that a spreadsheet opens, with the reason and the row as it was."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from workbench.store.disk import write_atomic

REASON = "same key, other contents"
_SCHEMA = pa.schema(
    [("row", pa.int64()), ("column", pa.string()), ("found", pa.string()), ("reason", pa.string()), ("raw", pa.string())]
)


def clashing(rows: pa.Table, key: str, numbers: pa.ChunkedArray, places: np.ndarray) -> pa.Table:
    """Rows at `places`, whose key is taken by other contents, as quarantine rows."""
    import json

    chosen = rows.take(pa.array(places)) if len(places) else rows.slice(0, 0)
    raw = [json.dumps(row, ensure_ascii=False, default=str) for row in chosen.to_pylist()]
    n = len(raw)
    return pa.table(
        {
            "row": numbers.take(pa.array(places)).cast(pa.int64()) if n else pa.array([], pa.int64()),
            "column": pa.array([key] * n, pa.string()),
            "found": chosen[key].cast(pa.string()) if n else pa.array([], pa.string()),
            "reason": pa.array([REASON] * n, pa.string()),
            "raw": pa.array(raw, pa.string()),
        },
        schema=_SCHEMA,
    )


def joined(quarantined: pa.Table | None, taken: pa.Table) -> tuple[pa.Table, int]:
    """Rows rejected by the source's checks and by the store's, and how many different rows they are."""
    if quarantined is None or not quarantined.num_rows:
        return taken, taken.num_rows
    n = len(pc.unique(quarantined["row"])) + taken.num_rows
    return pa.concat_tables([quarantined, taken], promote_options="permissive"), n


def write(folder: Path, rejected: pa.Table, origin, table: str) -> str:
    """Writes the file and returns its name relative to the store. The same rows of the same source give the same file. A text
    that a spreadsheet would take for a formula gets an apostrophe in front."""
    for place, field in enumerate(rejected.schema):
        if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
            rejected = rejected.set_column(place, field.name, _harmless(rejected[field.name]))
    sink = pa.BufferOutputStream()
    csv.write_csv(rejected, sink)
    content = b"\xef\xbb\xbf" + sink.getvalue().to_pybytes()
    stem = re.sub(r"[^\w.-]+", "_", Path(origin.name).stem)[:60] or "source"
    name = f"{stem}-{table}-{hashlib.sha256(content).hexdigest()[:10]}.csv"
    (folder / "quarantine").mkdir(exist_ok=True)
    write_atomic(folder / "quarantine" / name, content, mode=0o600)
    return f"quarantine/{name}"


def _harmless(column: pa.ChunkedArray) -> pa.ChunkedArray:
    number = pc.fill_null(pc.match_substring_regex(column, r"^[-+]?[0-9][0-9.,\s]*$"), False)
    return pc.if_else(number, column, pc.replace_substring_regex(column, r"^([=+@＝＋－＠\t\r\n-])", r"'\1"))
