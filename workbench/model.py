"""The model: the six tables, how journeys are cut, and Study, an immutable handle on a store.

This is the only place where tables and columns are written down. Times are UTC inside; ids are text.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from workbench import pattern
from workbench.errors import BadInput, NotFound
from workbench.settings import LANGUAGES, ROOT, SAMPLE, Settings

Kind = Literal["id", "text", "time", "number", "flag"]


@dataclasses.dataclass(frozen=True)
class Column:
    name: str
    kind: Kind
    required: bool = False  # a row without it is quarantined
    allowed: tuple[str, ...] = ()  # the only values, where there are such


@dataclasses.dataclass(frozen=True)
class Table:
    """A table: its key and its columns, the required ones among them."""

    name: str
    key: str  # derived from the row's contents where a source has none
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)


def _columns(*specs: str, **allowed: tuple[str, ...]) -> tuple[Column, ...]:
    # "name kind" or "name kind!" where the value is required
    made = []
    for spec in specs:
        name, kind = spec.split()
        made.append(Column(name, kind.rstrip("!"), kind.endswith("!"), allowed.get(name, ())))
    return tuple(made)


TABLES: Mapping[str, Table] = MappingProxyType(
    {
        "events": Table(
            "events",
            "event_id",
            _columns(
                "event_id id", "customer_id id!", "occurred_at time!", "touchpoint text!", "channel text", "stage text",
                "case_id id", "product text", "owner text", "amount number", "duration number",
            ),
        ),
        "customers": Table(
            "customers",
            "customer_id",
            _columns("customer_id id!", "joined_at time", "left_at time", "vip flag", "consent flag"),
        ),
        "surveys": Table(
            "surveys",
            "response_id",
            _columns(
                "response_id id", "customer_id id", "answered_at time!", "instrument text!", "level text", "score number!",
                "scale_min number", "scale_max number", "touchpoint text", "channel text", "product text", "comment text",
                "language text",
                instrument=("nps", "csat", "ces", "other"),
                level=("relationship", "interaction"),
            ),
        ),
        "reviews": Table(
            "reviews",
            "review_id",
            _columns(
                "review_id id", "customer_id id", "posted_at time", "source text", "rating number", "rating_max number",
                "title text", "text text!", "language text", "replied_at time",
            ),
        ),
        "orders": Table(
            "orders",
            "order_id",
            _columns("order_id id", "customer_id id!", "ordered_at time!", "amount number!", "product text", "quantity number"),
        ),
        "contacts": Table(
            "contacts",
            "contact_id",
            _columns(
                "contact_id id", "customer_id id!", "contacted_at time!", "campaign text!", "channel text", "arm text!",
                "propensity number", "outcome number", "revenue number", "cost number",
                arm=("treatment", "control"),
            ),
        ),
    }
)  # fmt: skip


def table(name: str) -> Table:
    """The table of that name; NotFound names the six."""
    if name not in TABLES:
        raise NotFound("unknown_table", asked=name, exists=TABLES)
    return TABLES[name]


_UNITS = {
    "s": 1,
    "sec": 1,
    "min": 60,
    "h": 3600,
    "d": 86400,
    "day": 86400,
    "days": 86400,
    "w": 604800,
    "week": 604800,
    "weeks": 604800,
}


def seconds(duration: object) -> float:
    """Seconds of "30min", "2h", "7d", "1.5 h", or of anything with `total_seconds()`; a bare number is refused."""
    if hasattr(duration, "total_seconds"):
        found = float(duration.total_seconds())
    else:
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*", duration) if isinstance(duration, str) else None
        if not match or match[2] not in _UNITS:
            raise BadInput("bad_duration", asked=repr(duration))
        found = float(match[1]) * _UNITS[match[2]]
    if not 0 < found < 1e11:
        raise BadInput("bad_duration", asked=repr(duration))
    return found


def microseconds(duration: object) -> int:
    """The same in whole microseconds."""
    return round(seconds(duration) * 1_000_000)


def written(duration: object) -> str:
    """A duration as text that says the same."""
    return duration.strip() if isinstance(duration, str) else f"{seconds(duration):g}s"


@dataclasses.dataclass(frozen=True)
class Rule:
    """How events become journeys. Steps of a journey are in time order, ties in the order of the file."""

    kind: Literal["case", "customer", "gap", "window", "anchor"]
    gap: str = ""  # gap: a new journey begins after this long without an event
    window: str = ""  # window: a journey holds this long from its first event; the next event begins another
    touchpoint: str = ""  # anchor: a journey is what lies around each such event …
    before: str = ""  # … from this long before it
    after: str = ""  # … to this long after it

    def code(self) -> str:
        given = [
            (f.name, getattr(self, f.name)) for f in dataclasses.fields(self) if f.name != "kind" and getattr(self, f.name)
        ]
        return f".by_{self.kind}({', '.join(f'{name}={value!r}' for name, value in given)})"


@dataclasses.dataclass(frozen=True)
class Between:
    """Whole journeys whose first step lies in the period; a bare date means its whole day, in the study's zone."""

    start: str | None
    end: str | None

    def code(self) -> str:
        return f".between({self.start!r}, {self.end!r})"


@dataclasses.dataclass(frozen=True)
class Where:
    """Whole journeys with at least one step that meets all conditions on columns of events at once,
    of customers who meet all conditions on columns of customers."""

    conditions: tuple[tuple[str, tuple[str, ...]], ...]

    def code(self) -> str:
        """The call on a Study that makes this filter."""

        def written(values: tuple[str, ...]) -> str:
            return repr(values[0]) if len(values) == 1 else repr(list(values))

        if all(name.isidentifier() for name, _ in self.conditions):
            return f".where({', '.join(f'{name}={written(values)}' for name, values in self.conditions)})"
        return f".where(**{{{', '.join(f'{name!r}: {written(values)}' for name, values in self.conditions)}}})"


@dataclasses.dataclass(frozen=True)
class Matching:
    """Whole journeys that hold the pattern (see `workbench.pattern`)."""

    pattern: str

    def code(self) -> str:
        return f".matching({self.pattern!r})"


@dataclasses.dataclass(frozen=True)
class Rest:
    """All journeys of the customers of whom no journey passes these filters."""

    filters: tuple[Between | Where | Matching | Rest, ...]

    def code(self) -> str:
        return "".join(one.code() for one in self.filters) + ".rest()"


Filter = Between | Where | Matching | Rest


@dataclasses.dataclass(frozen=True)
class Study:
    """Which store, which version of it, cut into journeys how, and which journeys of them. Never changed: every method
    returns a new one. Two equal studies give equal numbers."""

    store: str  # the folder, as it was asked for
    version: int
    name: str  # of the company
    columns: Mapping[str, Mapping[str, str]]  # table -> column -> kind, of what is loaded
    rule: Rule
    timezone: str = "UTC"
    synthetic: bool = False
    filters: tuple[Filter, ...] = ()
    settings: Settings = Settings()
    min_group: int = 1  # groups of fewer customers are not opened; screens use the settings' bound

    def __hash__(self) -> int:
        return hash((self.store, self.version, self.rule, self.timezone, self.filters, self.min_group))

    @property
    def language(self) -> str:
        return self.settings.language

    def between(self, start: object = None, end: object = None) -> Study:
        """Journeys that begin in the period, both ends included: dates ("2026-04-01": the whole day) or times."""
        return self._with(Between(_moment(start), _moment(end)))

    def where(self, **conditions: object) -> Study:
        """Journeys with a step that meets all conditions at once: `where(channel="app", touchpoint=["Cart", "Payment"])`.
        Columns are those of events, else of customers. NotFound names the columns there are."""
        if not conditions:
            return self
        exists = {**self.columns.get("customers", {}), **self.columns.get("events", {})}
        found = []
        for name, value in sorted(conditions.items()):
            if name not in exists:
                raise NotFound("unknown_column", asked=name, exists=exists)
            values = list(value) if isinstance(value, list | tuple | set | frozenset) else [value]
            if not values:
                raise BadInput("empty_condition", name=name)
            found.append((name, tuple(sorted({str(one) for one in values}))))
        return self._with(Where(tuple(found)))

    def matching(self, text: str) -> Study:
        """Journeys that hold the pattern, such as `"Cart -> Payment within 7d without Support call"`.
        BadPattern points at the place."""
        pattern.parse(text)
        return self._with(Matching(text))

    def rest(self) -> Study:
        """All journeys of the customers who have none in this study. BadInput where nothing is filtered: there is no rest."""
        if not self.filters:
            raise BadInput("no_rest")
        return dataclasses.replace(self, filters=(Rest(self.filters),))

    def unfiltered(self) -> Study:
        """The same journeys, all of them."""
        return dataclasses.replace(self, filters=())

    def by_case(self) -> Study:
        """One journey a `case_id`; events without one form a journey per customer."""
        if "case_id" not in self.columns.get("events", {}):
            raise NotFound("unknown_column", asked="case_id", exists=self.columns.get("events", {}))
        return dataclasses.replace(self, rule=Rule("case"))

    def by_customer(self) -> Study:
        """One journey a customer."""
        return dataclasses.replace(self, rule=Rule("customer"))

    def by_gap(self, gap: str = "30min") -> Study:
        """A customer's events with no pause longer than `gap`."""
        seconds(gap)
        return dataclasses.replace(self, rule=Rule("gap", gap=written(gap)))

    def by_window(self, window: str = "30d") -> Study:
        """A customer's events within `window` of the journey's first; the next event after that begins another."""
        seconds(window)
        return dataclasses.replace(self, rule=Rule("window", window=written(window)))

    def by_anchor(self, touchpoint: str, before: str = "7d", after: str = "7d") -> Study:
        """A customer's events around each `touchpoint`; an event near two anchors belongs to the earlier."""
        seconds(before), seconds(after)
        return dataclasses.replace(
            self, rule=Rule("anchor", touchpoint=str(touchpoint), before=written(before), after=written(after))
        )

    def speaking(self, language: str) -> Study:
        """The same study with sentences and charts in "en", "ru" or "pl"."""
        if language not in LANGUAGES:
            raise NotFound("unknown_language", asked=language, exists=LANGUAGES)
        return dataclasses.replace(self, settings=dataclasses.replace(self.settings, language=language))

    def guarded(self, min_group: int | None = None) -> Study:
        """The same study, not opening groups of fewer than `min_group` customers (default: the settings')."""
        return dataclasses.replace(self, min_group=max(1, self.settings.min_group if min_group is None else int(min_group)))

    def code(self) -> str:
        """The Python that makes this study."""
        spark = self.settings.engine == "spark"
        engine = f', engine="spark", master={json.dumps(self.settings.master)}' if spark else ""
        return f"wb.open({_place(self.store)}{engine})" + self.rule.code() + "".join(one.code() for one in self.filters)

    def _with(self, one: Filter) -> Study:
        return self if one in self.filters else dataclasses.replace(self, filters=(*self.filters, one))


def _place(store: str) -> str:
    # the sample needs no name, a store inside the project is named from its top: no path of this machine on a screen
    path = Path(store).absolute()
    if path == SAMPLE:
        return ""
    return repr(path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else store)


def _moment(value: object) -> str | None:
    # a date or time as ISO text; its zone, if any, is kept
    if value is None or value == "":
        return None
    text = value.isoformat() if hasattr(value, "isoformat") else str(value).strip()
    if not re.fullmatch(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?", text):
        raise BadInput("bad_moment", asked=repr(value))
    return text
