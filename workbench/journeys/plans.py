"""The planned journey: which touchpoints are meant to happen, in which stages, in which order, and how they should feel."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import BadInput
from workbench.locale import Texts, texts
from workbench.model import Study
from workbench.store import Store
from workbench.store.beside import beside
from workbench.store.disk import clear_errors, write_atomic

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

    from workbench.engine import Prepared

FILE = "plan.json"  # beside the store's versions
MOST_STEPS = 500
MOST_NAME = 200  # characters of a touchpoint, a stage, a channel, an owner
MOST_WORDS = 2_000  # of a goal, a pain point …
MOST_ORDER = 10**9
#: the columns of words that a plan may have beside its touchpoints
WORDS = ("owner", "goal", "emotion", "pain", "opportunity")
_NAMES = ("touchpoint", "stage", "channel", "owner")
#: the stage of touchpoints that have none
OTHER = "(other)"
#: what no screen shows, and what turns the direction of the text around it
_UNSHOWN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@dataclasses.dataclass(frozen=True)
class PlannedStep:
    """One touchpoint of the planned journey. Steps with the same `order` are parallel: all are to happen, in any order.
    Alternatives (A or B) have the same order and are both optional."""

    touchpoint: str
    stage: str  # empty where the plan has no stages
    order: int  # from 1
    optional: bool = False  # may be left out
    repeatable: bool = False  # may happen several times in a row
    channel: str = ""
    owner: str = ""
    goal: str = ""
    emotion: str = ""
    pain: str = ""
    opportunity: str = ""
    within_s: float | None = None  # planned time to the next step, seconds

    def __post_init__(self) -> None:
        for name in (*_NAMES, *WORDS):
            text, most = getattr(self, name), MOST_NAME if name in _NAMES else MOST_WORDS
            if not isinstance(text, str):
                raise BadInput("journeys.plan_value", column=name, found=repr(text)[:MOST_NAME])
            if len(text) > most:
                raise BadInput("journeys.plan_long", column=name, found=len(text), allowed=most)
            _whole(name, text)
        if not self.touchpoint.strip():
            raise BadInput("journeys.plan_value", column="touchpoint", found=repr(self.touchpoint))
        if isinstance(self.order, bool) or not isinstance(self.order, int) or not 1 <= self.order <= MOST_ORDER:
            raise BadInput("journeys.plan_value", column="order", found=repr(self.order)[:MOST_NAME])
        for name in ("optional", "repeatable"):
            if not isinstance(getattr(self, name), bool):
                raise BadInput("journeys.plan_value", column=name, found=repr(getattr(self, name))[:MOST_NAME])
        within = self.within_s
        if within is not None and (
            isinstance(within, bool) or not isinstance(within, int | float) or not 0 < within < 1e11 or math.isnan(within)
        ):
            raise BadInput("journeys.plan_value", column="within_s", found=repr(within)[:MOST_NAME])


@dataclasses.dataclass(frozen=True)
class Plan:
    """A planned journey; its steps stand in their order. BadInput where a touchpoint stands in it twice, or where there is
    none. `unread`: columns of the spreadsheet that were not understood."""

    name: str
    steps: tuple[PlannedStep, ...]
    unread: tuple[str, ...] = dataclasses.field(default=(), compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or len(self.name) > MOST_NAME:
            raise BadInput("journeys.plan_value", column="name", found=repr(self.name)[:MOST_NAME])
        _whole("name", self.name)
        steps = list(self.steps) if isinstance(self.steps, Iterable) else [self.steps]
        for one in steps:
            if one is self.steps or not isinstance(one, PlannedStep):
                raise BadInput("journeys.plan_value", column="steps", found=repr(one)[:MOST_NAME])
        object.__setattr__(self, "steps", tuple(sorted(steps, key=lambda one: one.order)))
        if not 1 <= len(self.steps) <= MOST_STEPS:
            raise BadInput("journeys.plan_size", found=len(self.steps), allowed=MOST_STEPS)
        names = [one.touchpoint for one in self.steps]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise BadInput("journeys.plan_twice", touchpoint=twice[0])

    @property
    def stages(self) -> tuple[str, ...]:
        """In the order of their first touchpoint; without the empty one."""
        return tuple(dict.fromkeys(one.stage for one in self.steps if one.stage))

    @property
    def touchpoints(self) -> tuple[str, ...]:
        return tuple(one.touchpoint for one in self.steps)

    def step(self, touchpoint: str) -> PlannedStep | None:
        """The step of that touchpoint, or None."""
        return next((one for one in self.steps if one.touchpoint == touchpoint), None)

    @property
    def frame(self) -> pd.DataFrame:
        """A row a step, a column a field of `PlannedStep`."""
        import pandas as pd

        return pd.DataFrame([dataclasses.asdict(one) for one in self.steps])

    def canvas(self, t: Texts) -> dict[str, object]:
        """The map with the planned layer only, as ready texts in the language of `t` (see `JourneyMap.canvas`)."""
        from workbench.journeys.canvas import of_plan

        return of_plan(self, t)

    def chart(self, language: str = "en", **options: object) -> alt.Chart:
        """The planned touchpoints, a column a stage."""
        from workbench.charts import journeys as charts

        drawn = self.canvas(texts(language))
        around = {name: drawn[name] for name in ("title", "subtitle", "source")}
        names = {one["key"]: one["name"] for one in drawn["stages"]}
        stages = [names[one.stage or OTHER] for one in self.steps]
        return charts.map(self.frame.assign(stage=stages, layer="both"), texts(language), **(around | options))

    def to_dict(self) -> dict[str, object]:
        """As JSON can hold it; fields that say nothing are left out."""
        fields = [field for field in dataclasses.fields(PlannedStep) if field.name not in ("touchpoint", "stage", "order")]
        steps = []
        for one in self.steps:
            said = {field.name: getattr(one, field.name) for field in fields if getattr(one, field.name) != field.default}
            steps.append({"touchpoint": one.touchpoint, "stage": one.stage, "order": one.order, **said})
        return {"name": self.name, "steps": steps}

    @classmethod
    def from_dict(cls, given: Mapping[str, object]) -> Plan:
        """The plan that `to_dict` wrote; BadInput for anything else."""
        known = {field.name for field in dataclasses.fields(PlannedStep)}
        if not isinstance(given, Mapping) or not isinstance(given.get("steps"), list | tuple):
            raise BadInput("journeys.plan_value", column="steps", found=repr(given)[:MOST_NAME])
        steps = []
        for one in given["steps"]:
            if not isinstance(one, Mapping) or not {"touchpoint", "stage", "order"} <= set(one) <= known:
                raise BadInput("journeys.plan_value", column="steps", found=repr(one)[:MOST_NAME])
            steps.append(PlannedStep(**one))
        return cls(given.get("name", ""), tuple(steps))

    def save(self, store: str | Path | Study) -> None:
        """Keeps the plan beside the store's versions, in place of the one that was there; loading and repairing don't touch it.
        That of a shipped sample lies in data/private/ (`workbench.store.beside`). StoreError where there is no store, or it
        can't be written."""
        folder = _folder(store)
        Store.open(folder)  # says in its own words where there is no store
        self.write(beside(folder))

    def write(self, folder: str | Path) -> None:
        """Writes the plan's file into a folder, as `save` does into the store's; StoreError where it can't be written, BadInput
        where it holds characters that no screen shows."""
        _shown(self)
        with clear_errors(Path(folder)):
            Path(folder).mkdir(parents=True, exist_ok=True)
            content = json.dumps(self.to_dict(), ensure_ascii=False, indent=1) + "\n"
            write_atomic(Path(folder) / FILE, content.encode())

    @classmethod
    def of(cls, store: str | Path | Study) -> Plan | None:
        """The plan kept beside a store, else (of a sample) the one it is shipped with; None where there is none, BadInput where
        the file is damaged."""
        for folder in (beside(_folder(store)), _folder(store)):
            try:
                kept = cls.from_dict(json.loads((folder / FILE).read_text(encoding="utf-8")))
                _shown(kept)
                return kept
            except FileNotFoundError:
                continue
            except BadInput as error:
                raise BadInput("journeys.plan_damaged", file=str(folder / FILE), found=error) from None
            except (ValueError, RecursionError, OSError) as error:
                raise BadInput("journeys.plan_damaged", file=str(folder / FILE), found=str(error)[:MOST_NAME]) from None
        return None

    @classmethod
    def remove(cls, store: str | Path | Study) -> None:
        """Deletes the plan kept beside a store, if there is one; a sample then has the one it is shipped with again. StoreError
        where that can't be written."""
        into = beside(_folder(store))
        with clear_errors(into):
            (into / FILE).unlink(missing_ok=True)


def checked(plan: object) -> None:
    """BadInput unless it is a plan, or none."""
    if plan is not None and not isinstance(plan, Plan):
        raise BadInput("journeys.bad_plan", found=type(plan).__name__)


def as_in_log(p: Prepared, plan: Plan | None) -> Plan | None:
    """The plan (None: the one kept beside the store, if there is one) in the names of the log: a touchpoint that the log
    doesn't have is the one that differs only in capitals and blanks. BadInput where it isn't a plan, where that could be
    several of the log, or where several of the plan would be the same."""
    checked(plan)
    asked = Plan.of(p.study) if plan is None else plan
    return asked and _renamed(asked, p.touchpoints)


def _renamed(plan: Plan, exists: Mapping[str, int]) -> Plan:
    alike: dict[str, list[str]] = {}
    for name in exists:
        alike.setdefault(_plain(name), []).append(name)
    steps: dict[str, PlannedStep] = {}
    for one in plan.steps:
        meant = [one.touchpoint] if one.touchpoint in exists else alike.get(_plain(one.touchpoint), [one.touchpoint])
        if len(meant) > 1:
            raise BadInput("journeys.plan_unclear", touchpoint=one.touchpoint, exists=", ".join(meant[:8]))
        if meant[0] in steps:
            both = {"first": steps[meant[0]].touchpoint, "second": one.touchpoint}
            raise BadInput("journeys.plan_same", touchpoint=meant[0], **both)
        steps[meant[0]] = one
    return dataclasses.replace(plan, steps=tuple(dataclasses.replace(one, touchpoint=name) for name, one in steps.items()))


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _shown(plan: Plan) -> None:
    # BadInput where it holds what no screen shows
    for name, text in (("name", plan.name), *(item for one in plan.steps for item in vars(one).items())):
        if isinstance(text, str) and _UNSHOWN.search(text):
            raise BadInput("journeys.plan_value", column=name, found=ascii(text)[:MOST_NAME])


def _whole(name: str, text: str) -> None:
    # JSON can spell half a letter, which no file, no store and no browser takes
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadInput("journeys.plan_value", column=name, found=ascii(text)[:MOST_NAME]) from None


def _folder(store: str | Path | Study) -> Path:
    if not isinstance(store, str | Path | Study):
        raise BadInput("journeys.plan_store", found=repr(store)[:MOST_NAME])
    return Path(store.store if isinstance(store, Study) else store)
