"""Tables: CSV, and workbooks for a spreadsheet, in which no text can become a formula or a link."""

from __future__ import annotations

import dataclasses
import io
import math
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from workbench.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd

    from workbench.journeys.maps import JourneyMap

SHEET_ROWS, CELL_CHARS, EXACT = 1_048_575, 32_767, 2**53
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")  # the wide ones count in East Asian spreadsheets


def missing(value: object) -> bool:
    return value is None or type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and math.isnan(value))


def to_csv(frame: pd.DataFrame) -> bytes:
    """The table as CSV: comma, UTF-8 with its mark (spreadsheets need it), no index. Text that a spreadsheet would take for a
    formula (beginning with = + - @, tab or line break) gets a leading apostrophe; numbers stay as they are."""
    made = frame.copy()
    made.columns = [_defused(str(name)) for name in frame.columns]
    for place, kind in enumerate(frame.dtypes):
        if not _plain(kind):
            made.isetitem(place, made.iloc[:, place].map(_written, na_action="ignore").astype(object))
    return made.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def _plain(kind: object) -> bool:
    from pandas.api import types

    return types.is_numeric_dtype(kind) or types.is_datetime64_any_dtype(kind) or types.is_timedelta64_dtype(kind)


def _written(value: object) -> object:
    """A value of a column that isn't numbers or times throughout; real numbers among the text stay numbers."""
    if missing(value) or (isinstance(value, int | float) and not isinstance(value, str)):
        return value
    return _defused(str(value))


def _defused(text: str) -> str:
    return "'" + text if text.startswith(FORMULA) else text


def to_xlsx(sheets: Mapping[str, pd.DataFrame]) -> bytes:
    """A workbook: a sheet a frame, bold frozen header, shares as percent, times in UTC. No text becomes a formula or a link.

    BadInput where there is no sheet, or a frame has more rows than a sheet can hold."""
    import xlsxwriter

    if not sheets:
        raise BadInput("export.no_sheets")
    for name, frame in sheets.items():
        if len(frame) > SHEET_ROWS:
            raise BadInput("export.too_many_rows", sheet=name, n=len(frame), most=SHEET_ROWS)
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        formats = {code: book.add_format({"num_format": code}) for code in ("0.0%", "#,##0", "#,##0.00", "yyyy-mm-dd hh:mm:ss")}
        taken: set[str] = set()
        for name, frame in sheets.items():
            sheet = book.add_worksheet(_sheet_name(str(name), taken))
            sheet.freeze_panes(1, 0)
            for place, column in enumerate(frame.columns):
                sheet.write_string(0, place, str(column)[:CELL_CHARS], bold)
                series = frame.iloc[:, place]
                style = formats.get(_number_format(str(column), series.dtype))
                for row, value in enumerate(series, start=1):
                    _write(sheet, row, place, value, style)
            sheet.autofit(320)
    return out.getvalue()


def said_as_rows(title: tuple[str, str], said: Mapping[str, Iterable[str]]) -> pd.DataFrame:
    """A frame for a sheet of words: `title` as its header, then a row for each line of `said` with its heading before it."""
    import pandas as pd

    rows = [(heading, line) for heading, lines in said.items() for line in lines]
    return pd.DataFrame(rows, columns=list(title))


def map_sheets(found: JourneyMap) -> dict[str, pd.DataFrame]:
    """The sheets of a `journeys.map` for `to_xlsx`: touchpoints, stages, channels, felt, and the notes with who wrote them and
    when. Counts of customers, none of them by name."""
    import pandas as pd

    columns = ["stage", "lane", "text", "author", "at", "added_by", "added_at"]
    notes = pd.DataFrame([dataclasses.asdict(one) for one in found.notes], columns=["id", *columns])[columns]
    return {"touchpoints": found.frame, "stages": found.stages, "channels": found.channels, "felt": found.felt, "notes": notes}


def _write(sheet, row: int, place: int, value: object, style) -> None:
    import pandas as pd

    if missing(value):
        return
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool):
        sheet.write_boolean(row, place, value)
    elif isinstance(value, int | float) and math.isfinite(value) and abs(value) <= EXACT:
        sheet.write_number(row, place, value, style)
    elif isinstance(value, pd.Timestamp) and value.year >= 1900:
        sheet.write_datetime(
            row, place, (value.tz_convert("UTC").tz_localize(None) if value.tzinfo else value).to_pydatetime(), style
        )
    else:
        text = str(value)
        sheet.write_string(row, place, text if len(text) <= CELL_CHARS else text[: CELL_CHARS - 4] + " […]")


def _number_format(column: str, kind: object) -> str:
    from pandas.api import types

    if types.is_datetime64_any_dtype(kind):
        return "yyyy-mm-dd hh:mm:ss"
    if types.is_bool_dtype(kind) or not types.is_numeric_dtype(kind):
        return ""
    if column in ("share", "low", "high") or column.endswith(("_share", "_rate", "_low", "_high")):
        return "0.0%"
    return "#,##0" if types.is_integer_dtype(kind) else "#,##0.00"


def _sheet_name(name: str, taken: set[str]) -> str:
    """A name spreadsheets allow: at most 31 characters, none of []:*?/\\, no apostrophe around it, not "History", not taken."""
    clean = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", name).strip().strip("'").strip()[:31].rstrip("' ") or "Sheet"
    if clean.lower() == "history":
        clean = "History 1"
    made, number = clean, 2
    while made.lower() in taken:
        made = f"{clean[: 30 - len(str(number))]} {number}"
        number += 1
    taken.add(made.lower())
    return made
