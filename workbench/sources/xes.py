"""XES, plain or gz: a stream through expat, one row an event.

Attributes of a case become columns "case:<key>"; attributes inside attributes "<key>/<inner key>"; what occurs several times
in one event is joined by "; ". Attributes of the log itself, its globals and classifiers are not rows and are left out.
Row numbers count the events from 1 in the order of the file.
"""

from __future__ import annotations

import xml.parsers.expat

import numpy as np
import pyarrow as pa

from workbench.errors import BadInput
from workbench.result import Caveat
from workbench.sources import detect, frames
from workbench.sources import origin as origins
from workbench.sources.parts import ROW, Detected, Limits, Overrides, Raw, Watch

_VALUED = {"string": "", "date": "time", "int": "number", "float": "number", "boolean": "flag", "id": "id"}
_FOLDERS = frozenset(("list", "container"))


class _Column:
    """Values with the number of the row each belongs to."""

    __slots__ = ("rows", "values")

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.values: list[str] = []

    def put(self, row: int, value: str) -> None:
        if self.rows and self.rows[-1] == row:
            self.values[-1] += "; " + value
        else:
            self.rows.append(row)
            self.values.append(value)

    def array(self, n: int) -> pa.Array:
        if len(self.rows) == n:
            return pa.array(self.values, pa.string())
        places = np.full(n, -1, np.int64)
        places[self.rows] = np.arange(len(self.rows))
        return pa.array(self.values, pa.string()).take(pa.array(places, mask=places < 0))


class _Log:
    """What has been read so far."""

    def __init__(self, name: str, limits: Limits) -> None:
        self.name, self.limits = name, limits
        self.events: dict[str, _Column] = {}
        self.cases: dict[str, _Column] = {}
        self.kinds: dict[str, str] = {}
        self.n_events = self.n_cases = 0
        self.case_of: list[int] = []
        self.inside = ""  # "", "case" or "event"
        self.skip = 0  # depth inside globals and the like
        self.keys: list[str] = []  # attributes that are open
        self.closed = False
        self.parser = xml.parsers.expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.StartDoctypeDeclHandler = self.doctype

    def doctype(self, *_: object) -> None:
        raise BadInput("sources.doctype", file=self.name, line=self.parser.CurrentLineNumber)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(" ")[2]
        if self.skip:
            self.skip += 1
        elif "key" in attributes and (tag in _VALUED or tag in _FOLDERS):
            if self.inside:
                self.attribute(tag, attributes)
            else:
                self.skip = 1
        elif tag == "event":
            self.inside = "event"
        elif tag == "trace":
            self.inside = "case"
        elif tag not in ("log", "values") or (tag == "values" and not self.inside):
            self.skip = 1

    def attribute(self, tag: str, attributes: dict[str, str]) -> None:
        key = attributes["key"]
        self.keys.append(key)
        if len(self.keys) > 1:
            if len(self.keys) > self.limits.depth:
                raise BadInput(
                    "sources.too_deep", file=self.name, line=self.parser.CurrentLineNumber, allowed=self.limits.depth
                )
            key = "/".join(self.keys)
        value = attributes.get("value")
        if tag in _FOLDERS or value is None:
            return
        if len(value) > self.limits.cell:
            raise BadInput("sources.long_cell", file=self.name, row=self.n_events + 1, column=key, allowed=self.limits.cell)
        in_event = self.inside == "event"
        columns = self.events if in_event else self.cases
        column = columns.get(key)
        if column is None:
            if len(self.events) + len(self.cases) >= self.limits.columns:
                raise BadInput(
                    "sources.too_many_columns", file=self.name, found=self.limits.columns + 1, allowed=self.limits.columns
                )
            column = columns[key] = _Column()
            self.kinds[key if in_event else "case:" + key] = _VALUED[tag]
        column.put(self.n_events if in_event else self.n_cases, value)

    def end(self, tag: str) -> None:
        tag = tag.rpartition(" ")[2]
        if self.skip:
            self.skip -= 1
        elif tag == "event":
            self.inside = "case"
            self.case_of.append(self.n_cases)
            self.n_events += 1
        elif tag == "trace":
            self.inside = ""
            self.n_cases += 1
        elif tag == "log":
            self.closed = True
        elif self.keys and tag != "values":
            self.keys.pop()


def read(origin: origins.Origin, overrides: Overrides, limits: Limits, watch: Watch) -> Raw:
    """All events. BadInput for a DOCTYPE, a file that is cut or not well-formed, or one that is no XES."""
    log = _Log(origin.name, limits)
    try:
        for piece in origins.pieces(origin, limits, watch, 0.8):
            log.parser.Parse(piece, False)
        log.parser.Parse(b"", True)
    except xml.parsers.expat.ExpatError as error:
        key = "sources.xes_cut" if _at_end(error) else "sources.xes_bad"
        found = xml.parsers.expat.ErrorString(error.code)
        raise BadInput(key, file=origin.name, line=error.lineno, n=log.n_events, found=found) from None
    if not log.closed:
        raise BadInput("sources.not_xes", file=origin.name)
    frames.check_size(log.n_events, len(log.events) + len(log.cases), origin.name, limits)
    n_cases = log.n_cases + 1  # one more for events outside of any case
    cases = pa.array(log.case_of, pa.int32())
    names, columns = [], []
    for key, column in log.cases.items():
        names.append("case:" + key)
        columns.append(column.array(n_cases).take(cases))
    for key, column in log.events.items():
        names.append(key)
        columns.append(column.array(log.n_events))
    unique, _ = detect.unique_names(names)
    table = pa.table([*columns, pa.array(np.arange(1, log.n_events + 1), pa.int64())], names=[*unique, ROW])
    empty = log.n_cases - len(set(log.case_of))
    notes = (Caveat("sources.empty_cases", {"n": empty}),) if empty else ()
    watch.at(0.9, "reading")
    return Raw(table, Detected(encoding="utf-8"), notes=notes, kinds={key: kind for key, kind in log.kinds.items() if kind})


def _at_end(error: xml.parsers.expat.ExpatError) -> bool:
    codes = xml.parsers.expat.errors
    ends = (
        codes.XML_ERROR_NO_ELEMENTS,
        codes.XML_ERROR_UNCLOSED_TOKEN,
        codes.XML_ERROR_UNCLOSED_CDATA_SECTION,
        codes.XML_ERROR_PARTIAL_CHAR,
    )
    return xml.parsers.expat.ErrorString(error.code) in ends
