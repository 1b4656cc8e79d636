"""XES, plain or gz: a stream through expat, one row an event.

Attributes of a case become columns "case:<key>"; attributes inside attributes "<key>/<inner key>"; what occurs several
times in one event is joined by "; ". An event outside of any case has no case attributes. Attributes of the log
itself, its globals and classifiers are not rows and are left out.
Row numbers count the events from 1 in the order of the file.
"""

from __future__ import annotations

import xml.parsers.expat
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.errors import BadInput
from workbench.result import Caveat
from workbench.sources import detect, frames
from workbench.sources import origin as origins
from workbench.sources.parts import ROW, Detected, Limits, Overrides, Raw, Watch

_VALUED = {"string": "", "date": "time", "int": "number", "float": "number", "boolean": "flag", "id": "id"}
_FOLDERS = frozenset(("list", "container", "values"))


class _Columns:
    """The attributes of events, or of cases: key -> values, None where a row has none."""

    def __init__(self, prefix: str, grown: Callable[[], None]) -> None:
        self.prefix, self.grown = prefix, grown
        self.values: dict[str, list[str | None]] = {}
        self.kinds: dict[str, str] = {}
        self.again: dict[tuple[str, int], list[str]] = {}  # (key, row) -> all values, of what occurs several times there
        self.n = 0  # rows that are finished

    def put(self, key: str, tag: str, value: str) -> None:
        values = self.values.get(key)
        if values is None:
            values = self.values[key] = []
            self.kinds[self.prefix + key] = _VALUED[tag]
            self.grown()
        missing = self.n - len(values)
        if missing >= 0:
            if missing:
                values.extend([None] * missing)
            values.append(value)
        else:
            self.again.setdefault((key, self.n), [values[-1]]).append(value)

    def arrays(self, n: int) -> dict[str, pa.Array]:
        for (key, row), several in self.again.items():
            self.values[key][row] = "; ".join(several)
        for values in self.values.values():
            values.extend([None] * (n - len(values)))
        return {self.prefix + key: pa.array(values, pa.string()) for key, values in self.values.items()}


class _Log:
    """What has been read so far. Handlers are exchanged when an event begins and ends: most of the file is inside events,
    and every test that is saved there counts."""

    def __init__(self, name: str, limits: Limits) -> None:
        self.name, self.limits = name, limits
        self.events, self.cases = _Columns("", self.check), _Columns("case:", self.check)
        self.sizes: list[int] = []  # events of each case
        self.skip = 0  # depth inside globals and the like
        self.in_case = self.closed = False
        self.case_keys: list[str] = []
        self.parser = xml.parsers.expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.in_event = self.event_handlers()
        self.outside()

    def outside(self) -> None:
        self.parser.StartElementHandler, self.parser.EndElementHandler = self.start, self.end

    def doctype(self, *_: object) -> None:
        raise BadInput("sources.doctype", file=self.name, line=self.parser.CurrentLineNumber)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if self.skip:
            self.skip += 1
        elif tag == "event":
            self.parser.StartElementHandler, self.parser.EndElementHandler = self.in_event
        elif tag == "trace":
            self.in_case = True
            self.sizes.append(-self.events.n)
        elif self.in_case and (tag in _VALUED or tag in _FOLDERS):
            self.opened(self.case_keys, self.cases, tag, attributes)
        elif tag != "log":
            self.skip = 1

    def end(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if self.skip:
            self.skip -= 1
        elif tag == "trace":
            self.in_case = False
            self.sizes[-1] += self.events.n
            self.cases.n += 1
            self.check()
        elif tag == "log":
            self.closed = True
        elif self.case_keys:
            self.case_keys.pop()

    def opened(self, keys: list[str], columns: _Columns, tag: str, attributes: dict[str, str]) -> None:
        """An attribute, at any depth; lists and containers only lend their key to what is in them."""
        keys.append(attributes.get("key", ""))
        if len(keys) > self.limits.depth:
            raise BadInput("sources.too_deep", file=self.name, line=self.parser.CurrentLineNumber, allowed=self.limits.depth)
        if tag in _VALUED and "value" in attributes:
            columns.put("/".join(key for key in keys if key), tag, attributes["value"])

    def event_handlers(self) -> tuple[Callable, Callable]:
        """Handlers for what is inside an event: attributes side by side are the rule, nested ones the exception."""
        keys: list[str] = []  # of the attributes that are open
        events, put, known = self.events, self.events.put, self.events.values.get
        depth = n = 0

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal depth
            depth += 1
            if depth > 1 or tag not in _VALUED or "value" not in attributes:
                keys[depth - 1 :] = []
                opened(tag.rpartition(":")[2], attributes)
                return
            keys[:] = (key := attributes["key"],)
            values = known(key)
            if values is not None and len(values) == n:
                values.append(attributes["value"])
            else:
                put(key, tag, attributes["value"])

        def opened(tag: str, attributes: dict[str, str]) -> None:
            self.opened(keys, events, tag, attributes)

        def end(tag: str) -> None:
            nonlocal depth, n
            if depth:
                depth -= 1
                return
            n += 1
            events.n = n
            if not self.in_case:
                self.alone()
            self.outside()

        return start, end

    def alone(self) -> None:
        """An event outside of any case is a case of its own, without attributes."""
        self.sizes.append(1)
        self.cases.n += 1

    def check(self) -> None:
        frames.check_size(self.events.n, len(self.events.values) + len(self.cases.values), self.name, self.limits)


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
        raise BadInput(key, file=origin.name, line=error.lineno, n=log.events.n, found=found) from None
    except KeyError:
        raise BadInput(
            "sources.xes_bad", file=origin.name, line=log.parser.CurrentLineNumber, n=log.events.n, found="key"
        ) from None
    except (LookupError, ValueError) as error:  # what Python says of the encoding that the file names
        raise BadInput("sources.xes_bad", file=origin.name, line=1, n=0, found=str(error)) from None
    if not log.closed:
        raise BadInput("sources.not_xes", file=origin.name)
    log.check()
    sizes = np.array(log.sizes, np.int64)
    cases = pa.array(np.repeat(np.arange(len(sizes)), sizes))
    columns = {name: array.take(cases) for name, array in log.cases.arrays(len(sizes)).items()}
    columns |= log.events.arrays(log.events.n)
    _check_cells(columns, origin, limits)
    unique, _ = detect.unique_names(list(columns))
    table = pa.table([*columns.values(), pa.array(np.arange(1, log.events.n + 1))], names=[*unique, ROW])
    empty = int((sizes == 0).sum())
    notes = (Caveat("sources.empty_cases", {"n": empty}),) if empty else ()
    watch.at(0.9, "reading")
    kinds = {key: kind for key, kind in (log.cases.kinds | log.events.kinds).items() if kind}
    return Raw(table, Detected(encoding="utf-8"), notes=notes, kinds=kinds)


def _check_cells(columns: dict[str, pa.Array], origin: origins.Origin, limits: Limits) -> None:
    for name, column in columns.items():
        lengths = pc.binary_length(column)
        if (pc.max(lengths).as_py() or 0) > limits.cell:
            row = int(np.argmax(lengths.fill_null(0).to_numpy(zero_copy_only=False))) + 1
            raise BadInput("sources.long_cell", file=origin.name, row=row, column=name, allowed=limits.cell)


def _at_end(error: xml.parsers.expat.ExpatError) -> bool:
    codes = xml.parsers.expat.errors
    ends = (
        codes.XML_ERROR_NO_ELEMENTS,
        codes.XML_ERROR_UNCLOSED_TOKEN,
        codes.XML_ERROR_UNCLOSED_CDATA_SECTION,
        codes.XML_ERROR_PARTIAL_CHAR,
    )
    return xml.parsers.expat.ErrorString(error.code) in ends
