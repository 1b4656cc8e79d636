"""Frames as rows of text a person reads: how a column is written follows from its name (see DESIGN: endings of names)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import zoneinfo
from collections.abc import Mapping, Sequence
from types import MappingProxyType

NOTHING = "–"
#: interval columns and the rate they belong to, in the order in which they are looked for
_INTERVALS = {
    **{(f"{name}_low", f"{name}_high"): (f"{name}_share",) for name in ("reach", "entry", "exit", "leave", "alone")},
    ("low", "high"): ("step_rate", "single_share", "share"),
    ("share_low", "share_high"): ("share",),
    **{(f"extra_low_{name}", f"extra_high_{name}"): (f"extra_{name}",) for name in ("s", "amount", "score")},
    ("median_low_s", "median_high_s"): ("median_s", "value"),
    ("next_low_s", "next_high_s"): ("next_median_s",),
    ("score_low", "score_high"): ("score",),
    **{(f"{name}_low", f"{name}_high"): (f"{name}_share",) for name in ("before", "after")},
    **{(f"{name}_low_s", f"{name}_high_s"): (f"{name}_s",) for name in ("before", "after")},
    **{(f"{name}_low_day", f"{name}_high_day"): (f"{name}_day",) for name in ("from", "back")},
}
#: columns of words, and where these are written
_WORDS = {name: f"widgets.{name}" for name in ("kind", "measure", "unit", "layer")} | {
    "model": "journeys.attribution.model",
    "table": "journeys.inventory.table",
}
_MARKS = {"(start)": "widgets.mark.start", "(end)": "widgets.mark.end", "(none)": "widgets.mark.none", "(other)": "map.other"}


@dataclasses.dataclass(frozen=True)
class Column:
    name: str
    label: str
    number: bool
    hint: str = ""


@dataclasses.dataclass(frozen=True)
class Cell:
    text: str
    value: object  # what is sorted by; None last


@dataclasses.dataclass(frozen=True)
class Row:
    key: int
    cells: tuple[Cell, ...]
    quiet: bool = False  # says nothing to be looked at


@dataclasses.dataclass(frozen=True)
class Grid:
    """A frame as a person reads it: columns, rows of cells, and the language they are written in."""

    columns: Sequence[Column]
    rows: Sequence[Row]
    texts: object  # of the language it is written in

    def ordered(self, column: int, down: bool) -> list[int]:
        """Positions of the rows in that order; rows without a value come last, equal ones as they came."""
        if column < 0:
            return list(range(len(self.rows)))

        def value(i: int):
            return self.rows[i].cells[column].value

        known = [i for i in range(len(self.rows)) if value(i) is not None]
        empty = [i for i in range(len(self.rows)) if value(i) is None]
        return sorted(known, key=value, reverse=down) + empty


def grid(frame, t, *, names: Mapping[str, str] = MappingProxyType({}), timezone: str = "UTC") -> Grid:
    """A frame (any with `.columns`, `.index` and `.itertuples`) as a Grid; an interval is written beside its estimate.
    `names`: other headings than the usual ones; `timezone`: in which days of measures are told."""
    found = [str(name) for name in frame.columns]
    bounds = {}  # estimate -> (low, high)
    for pair, owners in _INTERVALS.items():
        owner = next((name for name in owners if name in found and name not in bounds), None)
        if owner and set(pair) <= set(found):
            bounds[owner] = pair
    taken = {name for pair in bounds.values() for name in pair}
    shown = [name for name in found if name not in taken]
    records = [[plain(one) for one in record] for record in frame.itertuples(index=True, name=None)]
    columns = tuple(
        Column(
            name,
            names.get(name) or heading(name, t),
            numeric(name, [one[1 + found.index(name)] for one in records]),
            hint(name, t),
        )
        for name in shown
    )
    rows = []
    for record in records:
        values = dict(zip(found, record[1:], strict=True))
        cells = []
        for name in shown:
            written = cell(name, values, t, timezone)
            if name in bounds and all(values[one] is not None for one in bounds[name]):
                written = Cell(_sure(written.text, bounds[name], values, t), written.value)
            cells.append(written)
        rows.append(Row(int(record[0]), tuple(cells)))
    return Grid(columns, tuple(rows), t)


def _sure(text: str, pair: tuple[str, str], values: dict, t) -> str:
    if pair[0].startswith("extra_"):
        return t("widgets.extra", x=text, low=cell(pair[0], values, t).text, high=cell(pair[1], values, t).text)
    if pair[0].endswith("_s"):
        return t("widgets.between", x=text, between=t.durations(values[pair[0]], values[pair[1]]))
    low, high = (cell(one, values, t).text for one in pair)
    return t("widgets.interval", x=text, low=low, high=high)


def plain(value: object) -> object:
    """A value of a frame as a Python value; missing ones (None, NaN, NaT) as None."""
    if hasattr(value, "item"):
        value = value.item()
    return None if value is None or value != value else value


def numeric(name: str, values: Sequence[object]) -> bool:
    """Whether a column is of numbers: all its values are, or where it has none its name says so."""
    known = [one for one in values if one is not None]
    if known:
        return all(isinstance(one, int | float) and not isinstance(one, bool) for one in known)
    return name.startswith("n_") or name.endswith(("_share", "_rate", "_s"))


def cell(name: str, values: dict, t, timezone: str = "UTC") -> Cell:
    """Column `name` of a row (`values` by column) as text, and what it is sorted by."""
    value = values[name]
    if name == "value" and "unit" in values:
        return measured(value, str(values["unit"]), t, timezone)
    if value is None:
        return Cell(NOTHING, None)
    if isinstance(value, str):
        key = _MARKS.get(value, f"{_WORDS[name]}.{value}" if name in _WORDS else "")
        text = t(key) if key and t.has(key) else value
        return Cell(text, text.casefold())
    if name.startswith("extra_"):
        return Cell(t.signed_duration(value) if name.endswith("_s") else t.signed(value, 2), value)
    if name.endswith("_s"):
        return Cell(t.duration(value), value)
    if name in {"score", "score_low", "score_high"}:
        return Cell(t.number(value), value)
    if name in {"share", "low", "high"} or name.endswith(("_share", "_rate", "_low", "_high")):
        return Cell(t.percent(value), value)
    if hasattr(value, "year"):
        if name.endswith("_day"):
            return Cell(t.day(value).replace(" ", "\u00a0"), value)  # beside its interval a date stays in one piece
        return Cell(t.day(value) if name == "cohort" else t.time(value), value)
    if isinstance(value, bool):
        return Cell(t("widgets.yes" if value else "widgets.no"), value)
    if isinstance(value, int) or float(value).is_integer():
        return Cell(t.count(value), value)
    return Cell(t.number(value), value)


def measured(value: object, unit: str, t, timezone: str) -> Cell:
    """A value whose unit stands beside it: seconds, epoch seconds (`at`), or a count."""
    if value is None:
        return Cell(NOTHING, None)
    if unit in {"s", "seconds"}:
        return Cell(t.duration(value), value)
    if unit in {"at", "epoch", "epoch_s", "time"}:
        return Cell(t.day(dt.datetime.fromtimestamp(value, zoneinfo.ZoneInfo(timezone))), value)
    return Cell(t.count(value) if float(value).is_integer() else t.number(value), value)


def heading(name: str, t) -> str:
    key = f"widgets.column.{name}"
    return t(key) if t.has(key) else name.replace("_", " ")


def hint(name: str, t) -> str:
    key = f"widgets.hint.{name}"
    return t(key) if t.has(key) else ""
