"""Conformance on the journey page: what journeys are compared with, and what a row is called."""

from __future__ import annotations

import functools

import workbench as wb
from widgets.work import Task
from workbench import engine
from workbench.journeys import Discovered
from workbench.journeys.conformance import Conformance, departed
from workbench.model import Study
from workbench.result import Result

VIEW = "conformance"


def asked(study: Study, task: Task) -> dict[str, object]:
    """What the analysis is called with: nothing where a plan is kept beside the store, else the usual way of all journeys as
    the plan, so that there is something to see and filters don't move what is compared with."""
    if wb.journeys.Plan.of(study) is not None:
        return {}
    whole = study.unfiltered()
    task.stoppers.append(lambda: engine.interrupt(whole))
    return {"plan": _usual(whole)}


@functools.lru_cache(maxsize=4)
def _usual(whole: Study) -> Discovered:
    # filters don't move it: it is looked for once, not with every question
    return wb.journeys.discover(whole)


def note(result: Result, t) -> str:
    """What the page says where journeys are compared with the usual way."""
    plan = getattr(result, "plan", None) or result.params.get("plan")
    return t("widgets.conformance.usual") if isinstance(plan, wb.journeys.Discovered) else ""


def named(result: Conformance, of: str, row: int, t) -> str:
    """What a row is called, with its share."""
    one = getattr(result, of).loc[row]
    if of == "frame":
        name = departed(t, one)
    else:
        known = one["cost"] == one["cost"]
        name = t(f"widgets.conformance.{one['kind']}", n=int(one["cost"]) if known else 0)
    return t("widgets.who.named", name=name, rate=t.percent(one["share"]))
