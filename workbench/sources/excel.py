"""Excel workbooks (.xlsx, .xlsm), read without running anything in them.

Row numbers count the sheet's rows below the one with the column names, empty ones too: with the names in sheet row 1, data
row 1 is sheet row 2. "book.xlsx#Sheet2" names a sheet; else the first one with cells is read. Formulas give the value that
was last saved with them.
"""

from __future__ import annotations

import datetime as dt
import itertools
import zipfile
from collections.abc import Iterator

import pyarrow as pa

from workbench.errors import BadInput, NotFound
from workbench.result import Caveat
from workbench.sources import detect
from workbench.sources.origin import Origin
from workbench.sources.parts import ROW, Detected, Limits, Overrides, Raw, Watch

_SHEET_ROWS = 1_048_576  # what a sheet can have; a file may say anything
_EXACT = 1e15  # a spreadsheet keeps fifteen digits


def read(origin: Origin, overrides: Overrides, limits: Limits, watch: Watch) -> Raw:
    """One sheet's cells as text."""
    check_archive(origin, limits)
    import openpyxl

    try:
        book = openpyxl.load_workbook(origin.path, read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # whatever is wrong inside, openpyxl says it in a dozen ways
        raise BadInput("sources.xlsx_bad", file=origin.name, found=_short(error)) from None
    try:
        return _sheet(book, origin, overrides, limits, watch)
    finally:
        book.close()


def check_archive(origin: Origin, limits: Limits) -> None:
    """BadInput for what isn't a workbook, or would fill the memory once unpacked. Only the archive's index is read, and the
    first bytes of each part: a part can't be longer than the index says, for reading stops there."""
    try:
        with zipfile.ZipFile(origin.path) as archive:
            parts = archive.infolist()
            total = sum(part.file_size for part in parts)
            packed = max(1, origin.path.stat().st_size)
            if len(parts) > limits.xlsx_entries:
                raise BadInput("sources.xlsx_entries", file=origin.name, found=len(parts), allowed=limits.xlsx_entries)
            if total > limits.xlsx_bytes:
                raise BadInput("sources.xlsx_size", file=origin.name, found=total >> 20, allowed=limits.xlsx_bytes >> 20)
            if total > limits.xlsx_ratio * packed:
                raise BadInput("sources.xlsx_ratio", file=origin.name, found=total // packed, allowed=limits.xlsx_ratio)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as stream:
                        if b"<!DOCTYPE" in stream.read(4096):
                            raise BadInput("sources.doctype", file=origin.name, line=1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise BadInput("sources.xlsx_bad", file=origin.name, found=_short(error)) from None


def _short(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _sheet(book: object, origin: Origin, overrides: Overrides, limits: Limits, watch: Watch) -> Raw:
    names = [sheet.title for sheet in book.worksheets]
    if origin.part and origin.part not in names:
        raise NotFound("sources.no_sheet", asked=origin.part, exists=names, file=origin.path.name)
    for name in [origin.part] if origin.part else names:
        rows = _rows(book[name], origin, limits, watch)
        head = list(itertools.islice(rows, 60))
        if any(cells for _, cells in head):
            break
    else:
        raise BadInput("sources.no_cells", file=origin.name)
    header = _header(head, overrides.header_row, origin)
    top = head[header][0] if header >= 0 else 0
    below = head[header + 1 :]
    width = max([len(cells) for _, cells in head[max(header, 0) :]] + [1])
    titles = (head[header][1] if header >= 0 else [])[:width]
    columns: list[list[str | None]] = [[] for _ in range(max(width, len(titles)))]
    numbers: list[int] = []
    for number, cells in itertools.chain(below, rows):
        if not any(cell is not None for cell in cells):
            continue
        while len(columns) < len(cells):
            columns.append([None] * len(numbers))
        numbers.append(number - top)
        if len(numbers) * len(columns) > limits.xlsx_cells:
            raise BadInput(
                "sources.too_many_cells",
                file=origin.name,
                rows=len(numbers),
                columns=len(columns),
                allowed=limits.xlsx_cells,
            )
        for place, column in enumerate(columns):
            column.append(cells[place] if place < len(cells) else None)
    used = [place for place, column in enumerate(columns) if (place < len(titles) and titles[place]) or any(column)]
    unique, twins = detect.unique_names([(titles[place] or "") if place < len(titles) else "" for place in used])
    table = pa.table(
        [*(pa.array(columns[place], pa.string()) for place in used), pa.array(numbers, pa.int64())], names=[*unique, ROW]
    )
    notes = []
    others = [other for other in names if other != name]
    if others and not origin.part:
        notes.append(Caveat("sources.other_sheets", {"sheets": ", ".join(others)}))
    if twins:
        notes.append(Caveat("sources.twin_columns", {"columns": ", ".join(dict.fromkeys(twins))}))
    return Raw(table, Detected(header_row=top), notes=tuple(notes))


def _header(head: list[tuple[int, list[str | None]]], asked: int | None, origin: Origin) -> int:
    # the place in `head` of the row with the column names, -1 where there is none
    if asked == 0:
        return -1
    if asked is not None:
        for place, (number, _) in enumerate(head):
            if number == asked:
                return place
        raise BadInput("sources.no_cells", file=origin.name)
    filled = [[cell or "" for cell in cells] for _, cells in head]
    width = max(map(len, filled))
    place = detect.header([cells + [""] * (width - len(cells)) for cells in filled])
    return place


def _rows(sheet: object, origin: Origin, limits: Limits, watch: Watch) -> Iterator[tuple[int, list[str | None]]]:
    """Sheet row number and cells as text, without the empty cells at the end of a row."""
    if not hasattr(sheet, "reset_dimensions"):  # a sheet that holds only a chart
        return
    sheet.reset_dimensions()  # the size a workbook declares may be any
    try:
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
            if number > _SHEET_ROWS:
                raise BadInput("sources.too_many_rows", file=origin.name, found=number, allowed=_SHEET_ROWS)
            if number % 5000 == 0:
                watch.at(min(0.9, number / 200_000), "reading")
            cells = [_text(cell) for cell in row]
            while cells and cells[-1] is None:
                cells.pop()
            if len(cells) > limits.columns:
                raise BadInput("sources.too_many_columns", file=origin.name, found=len(cells), allowed=limits.columns)
            yield number, cells
    except BadInput:
        raise
    except Exception as error:  # damaged XML inside, in the words of whichever parser met it
        raise BadInput("sources.xlsx_bad", file=origin.name, found=_short(error)) from None


def _text(cell: object) -> str | None:
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        if cell.is_integer() and abs(cell) < _EXACT:
            return str(int(cell))
        return f"{cell:.15g}"
    if isinstance(cell, int):
        return str(cell) if abs(cell) < _EXACT else f"{float(cell):.14E}"
    if isinstance(cell, dt.datetime | dt.date | dt.time):
        return cell.isoformat(" ") if isinstance(cell, dt.datetime) else cell.isoformat()
    if isinstance(cell, dt.timedelta):
        return f"{cell.total_seconds():.15g}"
    return str(cell)
