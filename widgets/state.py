"""What a journey screen shows, as a value: frozen, checked, written into the link and read from it. No browser, no widgets.

A link is written by strangers: every part of it is checked against what there is (`Allowed`), and a part that doesn't fit
falls back to the default and is named.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from widgets.shipped import NAME
from workbench import pattern
from workbench.errors import WorkbenchError
from workbench.model import Study
from workbench.settings import LANGUAGES

#: the views, by what one looks for
VIEW_GROUPS = {
    "map": ("map", "conformance"),
    "ways": ("flow", "sankey", "steps", "variants"),
    "stops": ("funnel", "loops", "sessions"),
    "channels": ("crossings", "handoffs", "attribution", "inventory"),
    "time": ("retention", "changes"),
}
VIEWS = tuple(view for views in VIEW_GROUPS.values() for view in views)
LANES = ("touchpoints", "felt", "next", "leave", "agree", "owner", "goal", "emotion", "pain", "opportunity", "notes")
CREDITED = ("channel", "touchpoint")
SHAPES = ("picture", "table")
VERSUS = ("rest", "before", "period", "where")
RULES = ("case", "customer", "gap", "window", "anchor")
PERIODS = ("week", "month", "quarter")
EACH, SEEN = ("day", "week", "month"), ("touchpoints", "moves")
GAPS = ("10min", "30min", "1h", "4h", "1d", "7d", "30d")
SPANS = ("1h", "1d", "7d", "30d", "90d", "365d")
LONGEST_LINK = 6000
MOST_STEPS, MOST_VALUES, MOST_PATTERNS = 8, 200, 3
OWN = re.compile(r"[0-9a-f]{32}")


@dataclasses.dataclass(frozen=True)
class Allowed:
    """What a state may name: the touchpoints, the columns one can filter by with their values, the rules."""

    touchpoints: tuple[str, ...] = ()
    values: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    rules: tuple[str, ...] = ("customer", "gap", "window", "anchor")
    first: str = ""  # days of the first and the last event, ISO
    last: str = ""


@dataclasses.dataclass(frozen=True)
class State:
    """All that a link of the journey page holds."""

    view: str = "map"
    shape: str = "picture"
    lang: str = ""  # empty: the settings' language
    company: str = ""  # name of a shipped store or opaque id of one loaded from a browser; empty: the page's own
    rule: str = "customer"
    gap: str = "30min"  # rule gap
    window: str = "30d"  # rule window
    around: str = ""  # rule anchor: its touchpoint …
    around_before: str = "7d"
    around_after: str = "7d"
    start: str = ""  # period, ISO days
    end: str = ""
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    patterns: tuple[str, ...] = ()
    coverage: int = 80  # flow: share of transitions drawn, percent
    anchor: str = "first"  # sankey, steps: "first", "last" or a touchpoint
    before: int = 0
    after: int = 5
    steps: tuple[str, ...] = ()  # funnel
    within: str = "7d"
    pause: str = "30min"  # sessions
    top: int = 20  # variants
    target: str = ""  # attribution: the conversion; empty: one that we choose
    credited: str = "channel"
    half_life: str = "7d"
    order: int = 1
    by: str = "month"  # retention
    each: str = "day"  # changes: to which period they are dated
    seen: str = "touchpoints"  # changes: what is looked at
    versus: str = ""  # compared with: nothing, the rest, the period before, another period, other values of columns
    other_start: str = ""  # versus period
    other_end: str = ""
    other: tuple[tuple[str, tuple[str, ...]], ...] = ()  # versus where
    hidden: tuple[str, ...] = ()  # map: lanes that are not shown
    row: int = -1  # the picked number

    def but(self, **changes: object) -> State:
        return dataclasses.replace(self, **changes)

    def filtered(self, column: str, values: tuple[str, ...]) -> State:
        """The same with that column narrowed to `values`; none: not narrowed."""
        others = [one for one in self.where if one[0] != column]
        return self.but(where=tuple(sorted([*others, (column, values)] if values else others)), row=-1)

    def patterned(self, index: int, text: str) -> State:
        """The same with pattern `index` replaced, added behind the last, or taken out where `text` is empty."""
        made = list(self.patterns)
        made[index : index + 1] = [text] if text else []
        return self.but(patterns=tuple(dict.fromkeys(made))[:MOST_PATTERNS], row=-1)

    def compared(self, versus: str, start: str = "", end: str = "", other: tuple = ()) -> State:
        """The same compared with another group; none: with nothing."""
        return self.but(versus=versus, other_start=start, other_end=end, other=other, row=-1)

    @property
    def can_compare(self) -> bool:
        """Whether what the comparison asks for is there, and nothing else."""
        match self.versus:
            case "rest":
                fits = bool(self.where or self.patterns or self.start or self.end)
            case "before":
                fits = bool(self.start)
            case "period":
                fits = not (self.other_start and self.other_end and self.other_start > self.other_end)
            case _:
                fits = True
        has_period, has_values = bool(self.other_start or self.other_end), bool(self.other)
        return fits and has_period == (self.versus == "period") and has_values == (self.versus == "where")

    def study(self, base: Study) -> Study:
        """`base` cut and narrowed as the state says, in its language, guarding small groups."""
        study = base.unfiltered()
        if self.rule == "case":
            study = study.by_case()
        elif self.rule == "gap":
            study = study.by_gap(self.gap)
        elif self.rule == "window":
            study = study.by_window(self.window)
        elif self.rule == "anchor" and self.around:
            study = study.by_anchor(self.around, before=self.around_before, after=self.around_after)
        else:
            study = study.by_customer()
        if self.start or self.end:
            study = study.between(self.start or None, self.end or None)
        for column, values in self.where:
            study = study.where(**{column: list(values)})
        for text in self.patterns:
            study = study.matching(text)
        return (study.speaking(self.lang) if self.lang else study).guarded()

    def params(self) -> dict[str, object]:
        """What the view's analysis is called with."""
        match self.view:
            case "sankey" | "steps":
                return {"anchor": self.anchor, "before": self.before, "after": self.after}
            case "variants":
                return {"top": self.top}
            case "funnel":
                return {"steps": list(self.steps), "within": self.within}
            case "attribution":
                chosen = {"target": self.target, "by": self.credited}
                return chosen | {"half_life": self.half_life, "order": self.order}
            case "sessions":
                return {"gap": self.pause}
            case "retention":
                return {"by": self.by}
            case "changes":
                return {"by": self.each, "of": self.seen}
        return {}

    @property
    def call(self) -> str:
        """The analysis that the view shows."""
        return {"sankey": "steps", "retention": "cohorts"}.get(self.view, self.view)

    def link(self, default: State) -> str:
        """The part of the address after `#`: what differs from `default`."""
        parts = []
        for field in dataclasses.fields(self):
            name, value = field.name, getattr(self, field.name)
            if value == getattr(default, name):
                continue
            if name in {"where", "other"}:
                parts += [(f"{name}.{column}", one) for column, values in value for one in values]
            elif isinstance(value, tuple):
                parts += [(name, one) for one in value]
            else:
                parts.append((name, str(value)))
        return urlencode(parts)


def read(link: object, default: State, allowed: Allowed) -> tuple[State, tuple[str, ...]]:
    """The state that a link asks for, and the names of those parts that can't be had."""
    if not isinstance(link, str) or len(link) > LONGEST_LINK:
        return default, ("link",) if link else ()
    found: dict[str, list[str]] = {}
    try:
        for name, value in parse_qsl(link.lstrip("#"), keep_blank_values=True, max_num_fields=300, errors="strict"):
            found.setdefault(name, []).append(value)
    except (ValueError, UnicodeDecodeError):
        return default, ("link",)
    changes: dict[str, object] = {}
    bad: list[str] = []
    narrowed: dict[str, dict[str, tuple[str, ...]]] = {"where": {}, "other": {}}
    for name, values in found.items():
        field, dot, column = name.partition(".")
        if dot and field in narrowed:
            kept = tuple(sorted({one for one in values if one in allowed.values.get(column, ())}))
            if kept:
                narrowed[field][column] = kept
            if len(kept) < len(set(values)):
                bad.append(name)
            continue
        value = _value(name, values, allowed)
        if value is None:
            bad.append(name)
        else:
            changes[name] = value
    changes |= {field: tuple(sorted(columns.items())) for field, columns in narrowed.items() if columns}
    state = default.but(**changes)
    if state.rule == "anchor" and not state.around:
        state, bad = state.but(rule=default.rule), [*bad, "rule"]
    if state.start and state.end and state.start > state.end:
        state, bad = state.but(start=default.start, end=default.end), [*bad, "start"]
    if not state.can_compare:
        state, bad = state.compared(""), [*bad, "versus"]
    return state, tuple(name[:60] for name in bad[:8])


def _value(name: str, values: list[str], allowed: Allowed) -> object:
    # the checked value of a field, None where it can't be had
    if name == "steps":
        fits = len(values) <= MOST_STEPS and len(set(values)) == len(values) and set(values) <= set(allowed.touchpoints)
        return tuple(values) if fits else None
    if name == "hidden":
        return tuple(one for one in LANES if one in values) if set(values) <= set(LANES) else None
    if name == "patterns":
        return tuple(values) if len(values) <= MOST_PATTERNS and all(readable(one) for one in values) else None
    if len(values) != 1:
        return None
    (value,) = values
    choices = {
        "view": VIEWS, "shape": SHAPES, "lang": LANGUAGES, "rule": allowed.rules, "gap": GAPS, "pause": GAPS, "window": SPANS,
        "within": SPANS, "around": allowed.touchpoints, "around_before": SPANS, "around_after": SPANS,
        "target": allowed.touchpoints, "credited": CREDITED, "half_life": SPANS,
        "anchor": ("first", "last", *allowed.touchpoints), "by": PERIODS,
        "each": EACH, "seen": SEEN, "versus": VERSUS,
    }  # fmt: skip
    bounds = {"coverage": (1, 100), "before": (0, 8), "after": (0, 8), "top": (5, 100), "order": (1, 3), "row": (0, 10**6)}
    if name in choices:
        return value if value in choices[name] else None
    if name in bounds:
        low, high = bounds[name]
        return int(value) if re.fullmatch(r"[0-9]{1,7}", value) and low <= int(value) <= high else None
    if name in {"start", "end", "other_start", "other_end"}:
        return value if _is_day(value) else None
    if name == "company":
        return value if OWN.fullmatch(value) or NAME.fullmatch(value) else None
    return None


def _is_day(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def readable(text: str) -> bool:
    """Whether it is a pattern of a fair length."""
    if not 0 < len(text) <= 500:
        return False
    try:
        pattern.parse(text)
    except WorkbenchError:
        return False
    return True
