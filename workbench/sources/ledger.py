"""The book of faults of one table: which rows are refused and why, what is kept but odd, and the quarantine made of it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.locale import texts
from workbench.sources import privacy, quantities
from workbench.sources.inspection import Inspection
from workbench.sources.mapping import TableMapping
from workbench.sources.parts import ROW, Problem
from workbench.sources.times import Times

_FIRST = 10
_EARLIEST = int(dt.datetime(1990, 1, 1, tzinfo=dt.UTC).timestamp()) * 1_000_000
_AHEAD = 2 * 366 * 86400 * 1_000_000  # planned things lie ahead, but not further
SCHEMA = pa.schema(
    [("row", pa.int64()), ("column", pa.string()), ("found", pa.string()), ("reason", pa.string()), ("raw", pa.string())]
)


@dataclasses.dataclass(frozen=True)
class _Entry:
    column: str
    kind: str
    places: np.ndarray  # places in the raw table
    found: list[str]
    values: dict[str, object]


class Ledger:
    """What was found wrong with the rows of a table: which are refused, and what is only said."""

    def __init__(self, table: str, numbers: np.ndarray) -> None:
        self.table, self.numbers = table, numbers
        self.bad = np.zeros(len(numbers), bool)
        self.entries: list[_Entry] = []
        self.odd: list[Problem] = []

    def put(self, where: np.ndarray, column: str, kind: str, cells: pa.Array | None, **values: object) -> None:
        """Refuse the rows `where`; `cells` holds what stands there."""
        places = np.flatnonzero(where)
        if not len(places):
            return
        self.bad |= where
        found = [""] * len(places) if cells is None else [str(cell) for cell in cells.take(pa.array(places)).to_pylist()]
        self.entries.append(_Entry(column, kind, places, found, values))

    def is_bad(self, column: str) -> np.ndarray:
        """Where that column has been refused already."""
        made = np.zeros(len(self.numbers), bool)
        for entry in self.entries:
            if entry.column == column:
                made[entry.places] = True
        return made

    def keep(self, column: str, kind: str, places: np.ndarray, found: str, n: int | None = None, **values: object) -> None:
        """Report something odd that stays as it is."""
        rows = tuple(int(row) for row in self.numbers[places[:_FIRST]])
        self.odd.append(Problem(self.table, column, kind, len(places) if n is None else n, rows, found, False, values))

    def note_spoiled(self, column: str, cells: pa.Array) -> None:
        """Ids that a spreadsheet turned into 5.7E+17 stay, but are said: different ids may have become one."""
        spoiled = np.flatnonzero(
            pc.match_substring_regex(cells, quantities.SPOILED).fill_null(False).to_numpy(zero_copy_only=False)
        )
        if len(spoiled) and not any(one.kind == "spoiled_ids" and one.column == column for one in self.odd):
            self.keep(column, "spoiled_ids", spoiled, cells[int(spoiled[0])].as_py())

    def note_times(self, column: str, found: Times, made: pa.Array, cells: pa.Array) -> None:
        """Times before 1990 or more than two years ahead; offsets that move a time to another day in UTC."""
        filled = made.is_valid().to_numpy(zero_copy_only=False)
        latest = int(dt.datetime.now(dt.UTC).timestamp()) * 1_000_000 + _AHEAD
        absurd = np.flatnonzero(filled & ((found.micros < _EARLIEST) | (found.micros > latest)))
        if len(absurd):
            self.keep(column, "absurd_times", absurd, cells[int(absurd[0])].as_py())
        local = found.micros + found.offset.astype(np.int64) * 60_000_000
        day = 86_400_000_000
        moved = np.flatnonzero(filled & found.aware & (local // day != found.micros // day))
        if len(moved):
            offsets = sorted(
                {f"{minutes // 60:+03d}:{minutes % 60:02d}" for minutes in np.unique(found.offset[filled]).tolist()}
            )
            self.keep(column, "other_day", moved, cells[int(moved[0])].as_py(), offsets=", ".join(offsets))

    def problems(self, inspection: Inspection, mapping: TableMapping) -> list[Problem]:
        """All that was found, the refused first; personal values are not shown."""
        made = []
        kinds = dict.fromkeys(fault.kind for fault in inspection.faults)
        for kind in kinds:
            faults = [fault for fault in inspection.faults if fault.kind == kind]
            shown = "" if mapping.personal and kind in ("cut_row", "bad_json") else faults[0].found
            rows = tuple(fault.row for fault in faults[:_FIRST])
            made.append(Problem(self.table, "–", kind, len(faults), rows, shown, True))
        for entry in self.entries:
            rows = tuple(int(row) for row in self.numbers[entry.places[:_FIRST]])
            found = shown_value(entry.found[0], entry.column, mapping)
            made.append(Problem(self.table, entry.column, entry.kind, len(entry.places), rows, found, True, entry.values))
        for problem in self.odd:
            made.append(dataclasses.replace(problem, found=shown_value(problem.found, problem.column, mapping)))
        return made

    def quarantine(self, inspection: Inspection, mapping: TableMapping, secret: bytes) -> tuple[pa.Table, int]:
        """The refused rows, one line a fault, personal columns treated as in the table; and how many rows they are."""
        t = texts("en")
        lines: list[tuple[int, str, str, str, str]] = []
        for fault in inspection.faults:
            text, found = fault.text, fault.found
            if mapping.personal:  # which cell is which can't be told in a row that is torn
                text, found = privacy.MASKED, found if fault.kind.startswith("too_") else privacy.MASKED
            reason = t(f"sources.{fault.kind}.found", found=found, n=1)
            lines.append((fault.row, "–", found, reason, json.dumps({"text": text}, ensure_ascii=False)))
        raws = self._raws(inspection, mapping, secret)
        for entry in self.entries:
            for place, found in zip(entry.places.tolist(), entry.found, strict=True):
                shown = shown_value(found, entry.column, mapping)
                reason = t(f"sources.{entry.kind}.found", **{**entry.values, "found": shown, "n": 1})
                lines.append((int(self.numbers[place]), entry.column, shown, reason, raws[place]))
        lines.sort(key=lambda line: (line[0], line[1]))
        columns = list(zip(*lines, strict=True)) or [[]] * len(SCHEMA)
        made = pa.table([pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)], schema=SCHEMA)
        return made, int(self.bad.sum()) + len(inspection.faults)

    def _raws(self, inspection: Inspection, mapping: TableMapping, secret: bytes) -> dict[int, str]:
        places = np.flatnonzero(self.bad)
        table = inspection.table().take(pa.array(places))
        columns = {}
        for name in table.column_names:
            if name != ROW:
                column = privacy.treat(quantities.one_array(table.column(name)), mapping.personal.get(name), secret)
                if column is not None:
                    columns[name] = column.to_pylist()
        return {
            place: json.dumps({name: cells[i] for name, cells in columns.items()}, ensure_ascii=False)
            for i, place in enumerate(places.tolist())
        }


def shown_value(found: str, column: str, mapping: TableMapping) -> str:
    """The value as it may be shown: not at all in personal columns."""
    model_name = mapping.columns.get(column, column)
    personal = any(name in mapping.personal for name in (column, model_name, *column.split(" * "), *column.split(" / ")))
    return privacy.MASKED if personal and found else found
