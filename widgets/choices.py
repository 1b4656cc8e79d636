"""What the filters of a page offer, with names for people."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping

from widgets.records import heading
from widgets.state import Allowed
from widgets.work import Task
from workbench import engine
from workbench.engine import choices as offered
from workbench.model import Study

_USUAL = ("channel", "touchpoint")  # always shown as pills where the data have them


@dataclasses.dataclass(frozen=True)
class Choices:
    """Values of columns with the number of journeys, the days the events span, and what a state may therefore name."""

    values: Mapping[str, tuple[tuple[str, int], ...]] = dataclasses.field(default_factory=dict)
    allowed: Allowed = Allowed()
    ready: bool = False

    @property
    def usual(self) -> tuple[str, ...]:
        return tuple(name for name in _USUAL if name in self.values)

    def label(self, column: str, t) -> str:
        return heading(column, t)

    def day(self, iso: str, t) -> str:
        return t.day(dt.date.fromisoformat(iso)) if iso else ""

    def span(self, start: str, end: str, t) -> str:
        """A period in words; an open end is that of the data."""
        first, last = self.day(start or self.allowed.first, t), self.day(end or self.allowed.last, t)
        return t("widgets.filters.span", start=first, end=last)

    def several(self, values: tuple[str, ...], t) -> str:
        """Values as a pill has room for."""
        text = ", ".join(values)
        return text if len(text) <= 48 else t("widgets.filters.several", n=len(values))


def choices(study: Study, task: Task) -> Choices:
    """Learned from the data, all of them, whatever the study's filters."""
    study = study.unfiltered()
    task.stoppers.append(lambda: engine.interrupt(study))
    found = offered.choices(study)
    rules = ("customer", "gap", "window", "anchor")
    if "case_id" in study.columns.get("events", {}):
        rules = ("case", *rules)
    names = {column: tuple(value for value, _ in values) for column, values in found.values.items()}
    return Choices(found.values, Allowed(found.touchpoints, names, rules, found.first, found.last), ready=True)
