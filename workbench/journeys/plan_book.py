"""A plan in an Excel workbook: which of its sheets it is, and what cells hold that their texts don't tell."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence

from workbench.errors import BadInput, WorkbenchError
from workbench.sources import Limits, detect, excel
from workbench.sources.origin import Origin

_HEAD = 60  # rows among which the column names are looked for


@dataclasses.dataclass(frozen=True)
class Cells:
    """Of a sheet's rows below the column names: by column, the first row with a formula whose value was never saved; by row and
    column, what is a length of time (seconds), and what is a text without letters, which is more than an empty cell says."""

    unsaved: Mapping[str, int]
    seconds: Mapping[tuple[int, str], float]
    bare: frozenset[tuple[int, str]]


def sheets(origin: Origin, limits: Limits, fit: Callable[[Sequence[str]], float]) -> tuple[str, list[str]]:
    """The sheet to read, of those that are not hidden the first whose column names `fit` best, and all that hold anything.
    BadInput for what is no workbook, would fill the memory, or holds nothing."""
    excel.check_archive(origin, limits)
    with _opened(origin, data_only=True) as book:
        heads = {sheet.title: (sheet.sheet_state == "visible", _head(sheet, limits)) for sheet in book.worksheets}
    fits = {title: (visible, fit(names)) for title, (visible, names) in heads.items() if names is not None}
    if not fits:
        raise BadInput("sources.no_cells", file=origin.name)
    return max(fits, key=fits.get), list(fits)


def cells(origin: Origin, title: str, top: int, columns: Sequence[str]) -> Cells:
    """What the sheet's `columns` (all it has, as the sources name them) hold below sheet row `top`."""
    unsaved: dict[int, int] = {}
    seconds: dict[tuple[int, int], float] = {}
    bare: set[tuple[int, int]] = set()
    used: set[int] = set()
    with _opened(origin, data_only=True) as values, _opened(origin, data_only=False) as formulas:
        for number, (row, written) in enumerate(zip(_rows(values[title]), _rows(formulas[title]), strict=True)):
            number += 1 - top
            if not row:  # a file may begin at any row
                continue
            full = {place for place, cell in enumerate(row) if cell.value not in (None, "")}
            if number >= 0:
                used |= full
            if number <= 0:
                continue
            for place, (cell, source) in enumerate(zip(row, written, strict=True)):
                if source.data_type == "f" and cell.value is None and cell.data_type != "str":  # "str": "" was saved
                    unsaved.setdefault(place, number)
                elif isinstance(cell.value, dt.timedelta):
                    seconds[number, place] = cell.value.total_seconds()
                elif cell.value == "" and full:
                    bare.add((number, place))
        names = dict(zip(sorted(used), columns, strict=True))
    return Cells(
        {names[place]: number for place, number in unsaved.items() if place in names},
        {(number, names[place]): value for (number, place), value in seconds.items()},
        frozenset((number, names[place]) for number, place in bare if place in names),
    )


@contextlib.contextmanager
def _opened(origin: Origin, **options: bool) -> Iterator:
    import openpyxl

    try:
        with contextlib.closing(openpyxl.load_workbook(origin.path, read_only=True, keep_links=False, **options)) as book:
            yield book
    except WorkbenchError:
        raise
    except Exception as error:  # whatever is wrong inside, openpyxl says it in a dozen ways
        raise BadInput("sources.xlsx_bad", file=origin.name, found=" ".join(str(error).split())[:200]) from None


def _rows(sheet: object, **options: object) -> Iterator[tuple]:
    sheet.reset_dimensions()  # the size a workbook declares may be any
    return sheet.iter_rows(**options)


def _head(sheet: object, limits: Limits) -> list[str] | None:
    # the column names, none where nothing looks like them; None for a sheet without cells
    rows = itertools.islice(_rows(sheet, max_col=limits.columns, values_only=True), _HEAD)
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
    width = max((place for row in texts for place, text in enumerate(row, 1) if text), default=0)
    if not width:
        return None
    records = [row[:width] for row in texts if any(row)]
    place = detect.header(records)
    return records[place] if place >= 0 else []
