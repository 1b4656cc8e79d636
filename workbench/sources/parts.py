"""What the sources pass around: how a source is written, what was found in it, and what became of its rows."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal

from workbench.errors import Cancelled
from workbench.locale import texts
from workbench.result import Caveat

if TYPE_CHECKING:
    import pyarrow as pa

Progress = Callable[[float, str], None]
ROW = "source_row"  # the column of row numbers in every raw table


@dataclasses.dataclass(frozen=True)
class Limits:
    """Above these a source is refused before it can fill the memory. `inspect` takes larger ones where they are in the way."""

    bytes: int = 4 << 30  # of a file, unpacked
    gzip_ratio: int = 300  # unpacked : packed, looked at above 64 MB
    columns: int = 2_000
    rows: int = 60_000_000
    cells: int = 400_000_000  # rows times columns: even an empty cell takes room
    cell: int = 1_000_000  # characters in one cell
    faults: int = 100_000  # rows that are no records
    text_bytes: int = (2 << 30) - 1  # of a column written out as text: what one array of it can hold
    xlsx_bytes: int = 100 << 20  # of an Excel file, unpacked
    xlsx_ratio: int = 100
    xlsx_entries: int = 1_000
    xlsx_cells: int = 40_000_000  # of a sheet, the empty ones between others too
    depth: int = 60  # of nested XML attributes


LIMITS = Limits()


@dataclasses.dataclass(frozen=True)
class Overrides:
    """What a person knows better than the detection. None: as detected."""

    encoding: str | None = None
    separator: str | None = None
    decimal: Literal[".", ","] | None = None
    day_first: bool | None = None
    timezone: str | None = None  # in which times without an offset are read; UTC where nothing is said
    epoch_unit: Literal["s", "ms", "us", "ns"] | None = None
    header_row: int | None = None  # line (CSV) or sheet row (Excel) of the column names; 0: there are none


@dataclasses.dataclass(frozen=True)
class Detected:
    """How the source is written, after the overrides. None: doesn't apply, or nothing in the data tells."""

    encoding: str | None = None
    separator: str | None = None
    decimal: str | None = None
    day_first: bool | None = None
    timezone: str = "UTC"
    epoch_unit: str | None = None
    header_row: int | None = None


@dataclasses.dataclass(frozen=True)
class ColumnInfo:
    """A column of the source. `kind` is what most of its filled cells are; `format` how a time or number is written
    ("year first", "day first", "month first", "compact", "epoch ms", "decimal point", "decimal comma" …)."""

    name: str
    kind: Literal["id", "text", "time", "number", "flag"]
    format: str
    examples: tuple[str, ...]
    n_empty: int
    clean: bool = True  # every filled cell is of that kind
    unique: bool = False  # no cell empty, none twice


@dataclasses.dataclass(frozen=True)
class Fault:
    """A row the reader could not make a record of: its number, why, and what stands there."""

    row: int
    kind: str  # too_many_fields, too_few_fields, cut_row, bad_json
    found: str
    text: str


@dataclasses.dataclass(frozen=True)
class Raw:
    """What a reader returns: a table of text columns and `source_row`, faults beside it."""

    table: pa.Table
    detected: Detected
    faults: tuple[Fault, ...] = ()
    notes: tuple[Caveat, ...] = ()
    kinds: Mapping[str, str] = dataclasses.field(default_factory=dict)  # of columns whose kind the source declares


@dataclasses.dataclass(frozen=True)
class Problem:
    """One thing wrong in one column: how many rows, which first, what was found, what is allowed, what to do.
    `quarantined` rows were not loaded; the others are kept as they are."""

    table: str
    column: str
    kind: str
    n: int
    rows: tuple[int, ...]  # the first row numbers, at most ten
    found: str  # an example; masked in personal columns
    quarantined: bool
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def text(self, language: str = "en") -> str:
        """One sentence or two: where, what was found, what is allowed, what to do."""
        t = texts(language)
        rows = ", ".join(str(row) for row in self.rows) + (", …" if self.n > len(self.rows) else "")
        where = t("sources.where", table=self.table, column=self.column, n=self.n, rows=rows or "–")
        fate = t("sources.quarantined" if self.quarantined else "sources.kept", n=self.n)
        allowed = t("sources.allowed", allowed=self._part("allowed", language))
        return " ".join([where, self._part("found", language), allowed, fate, self._part("todo", language)])

    def _part(self, part: str, language: str) -> str:
        return texts(language)(f"sources.{self.kind}.{part}", **{**self.values, "found": self.found, "n": self.n})

    def allowed_in(self, language: str) -> str:
        """What is allowed, in words."""
        return self._part("allowed", language)

    def todo_in(self, language: str) -> str:
        """What to do, in words."""
        return self._part("todo", language)

    @property
    def allowed(self) -> str:
        return self.allowed_in("en")

    @property
    def todo(self) -> str:
        return self.todo_in("en")


@dataclasses.dataclass(frozen=True)
class Conformed:
    """The rows of one model table, and those that were refused.

    `rows` has the model's columns, the kept ones under their own names, and `source_row`. `quarantine` has one line a fault:
    row, column, found, reason, raw (the row as JSON; personal values masked). A source row is loaded or quarantined, never
    both and never neither: n_in == distinct source_row in `rows` + n_quarantined. A timeline makes several rows of one source
    row, all or none; elsewhere n_out == n_in − n_quarantined.
    """

    table: str
    rows: pa.Table
    quarantine: pa.Table
    problems: tuple[Problem, ...]
    n_in: int
    n_quarantined: int  # different source rows in `quarantine`
    columns: Mapping[str, str]  # column of `rows` -> kind, without source_row
    personal: tuple[str, ...]  # columns of `rows` that hold hashed or masked personal data

    @property
    def n_out(self) -> int:
        return self.rows.num_rows


class Watch:
    """Progress and cancelling, for all readers."""

    def __init__(self, progress: Progress | None = None, cancel: threading.Event | None = None) -> None:
        self._progress = progress
        self._cancel = cancel

    def at(self, share: float, key: str) -> None:
        """Report `share` (0–1) of what `key` (a text of sources.po) names; raises Cancelled if asked to stop."""
        if self._cancel is not None and self._cancel.is_set():
            raise Cancelled("sources.cancelled")
        if self._progress is not None:
            self._progress(min(1.0, max(0.0, share)), "sources." + key)
