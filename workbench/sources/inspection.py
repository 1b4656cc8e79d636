"""Inspection: what a source holds and how it is written, before anything is decided about it."""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import NotFound
from workbench.result import Caveat
from workbench.sources import detect, frames
from workbench.sources import origin as origins
from workbench.sources.parts import LIMITS, ColumnInfo, Detected, Fault, Limits, Overrides, Progress, Raw, Watch

if TYPE_CHECKING:
    import pyarrow as pa


@dataclasses.dataclass(frozen=True, eq=False)
class Inspection:
    """A source as it was found. Nothing is changed by looking."""

    name: str
    kind: str  # csv, excel, parquet, jsonl, xes, sql, duckdb, frame
    sha256: str  # of the contents: the same file gives the same, wherever it lies
    n_rows: int  # data rows, those that could not be made into records included
    columns: tuple[ColumnInfo, ...]
    detected: Detected
    notes: tuple[Caveat, ...]
    overrides: Overrides
    faults: tuple[Fault, ...]
    _source: object = dataclasses.field(repr=False)
    _raw: Raw = dataclasses.field(repr=False)
    _limits: Limits = dataclasses.field(repr=False, default=LIMITS)

    def table(self) -> pa.Table:
        """All records as text, and `source_row` (int64, data rows from 1)."""
        return self._raw.table

    def column(self, name: str) -> ColumnInfo:
        """The column of that name; NotFound names those there are."""
        for column in self.columns:
            if column.name == name:
                return column
        raise NotFound("sources.no_column", asked=name, exists=[one.name for one in self.columns], file=self.name)

    def again(self, overrides: Overrides, watch: Watch | None = None) -> Inspection:
        """The same source read with other overrides; read anew only where they change how cells are found."""
        merged = Overrides(
            **{
                field.name: mine
                if (mine := getattr(overrides, field.name)) is not None
                else getattr(self.overrides, field.name)
                for field in dataclasses.fields(Overrides)
            }
        )
        if merged == self.overrides:
            return self
        watch = watch or Watch()
        cells = ("encoding", "separator", "header_row")
        if any(getattr(merged, name) != getattr(self.overrides, name) for name in cells):
            return look(self._source, merged, self._limits, watch)
        return _described(self.name, self.kind, self.sha256, self._source, self._raw, merged, self._limits)


def look(source: object, overrides: Overrides, limits: Limits, watch: Watch) -> Inspection:
    """Read the source whole and describe it."""
    if not isinstance(source, str | Path):
        raw = frames.read(source, limits, watch)
        return _described("frame", "frame", frames.content_hash(raw.table, raw.kinds), source, raw, overrides, limits)
    origin = origins.find(source)
    if origin.kind == "csv":
        from workbench.sources import csv_file as reader
    elif origin.kind == "xes":
        from workbench.sources import xes as reader
    elif origin.kind == "excel":
        from workbench.sources import excel as reader
    elif origin.kind == "parquet":
        from workbench.sources import parquet as reader
    elif origin.kind == "jsonl":
        from workbench.sources import jsonl as reader
    elif origin.kind == "duckdb":
        from workbench.sources import duckdb_file as reader
    else:
        from workbench.sources import sql as reader
    raw = reader.read(origin, overrides, limits, watch)
    is_file = origin.kind not in ("sql", "duckdb")
    digest = origins.sha256(origin, watch) if is_file else frames.content_hash(raw.table, raw.kinds)
    for name in raw.table.column_names[:-1]:
        frames.check_length(raw.table.column(name), name, origin.name, limits)
    watch.at(0.95, "detecting")
    return _described(origin.name, origin.kind, digest, source, raw, overrides, limits)


def _described(name: str, kind: str, digest: str, source: object, raw: Raw, overrides: Overrides, limits: Limits) -> Inspection:
    columns, detected = detect.columns(raw.table, dict(raw.kinds), raw.detected, overrides)
    notes = list(raw.notes)
    ambiguous = [column.name for column in columns if column.format == "day first"]
    if ambiguous and overrides.day_first is None and not detect.day_first_shown(raw.table, ambiguous):
        notes.append(Caveat("sources.ambiguous_dates", {"columns": ", ".join(ambiguous)}))
    n_rows = raw.table.num_rows + len(raw.faults)
    return Inspection(name, kind, digest, n_rows, columns, detected, tuple(notes), overrides, raw.faults, source, raw, limits)


def inspect(
    source: object,
    *,
    overrides: Overrides | None = None,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
    limits: Limits = LIMITS,
) -> Inspection:
    """Read `source` and say what it holds. A path ("log.csv", "book.xlsx#Sheet2", "shop.duckdb#orders"), a SQLAlchemy URL
    ("postgresql://…#table" or "…#SELECT …"), or a frame of any library that narwhals knows.

    BadInput for what can't or mustn't be read (with file, row, column and remedy), Cancelled when `cancel` is set."""
    return look(source, overrides or Overrides(), limits, Watch(progress, cancel))
