"""The planned journey: which touchpoints are meant to happen, in which stages, in which order, and how they should feel."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
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
        object.__setattr__(self, "steps", tuple(sorted(self.steps, key=lambda one: one.order)))
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
        """Writes the plan's file into a folder, as `save` does into the store's; StoreError where it can't be written."""
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
                return cls.from_dict(json.loads((folder / FILE).read_text(encoding="utf-8")))
            except FileNotFoundError:
                continue
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


def _whole(name: str, text: str) -> None:
    # JSON can spell half a letter, which no file, no store and no browser takes
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadInput("journeys.plan_value", column=name, found=ascii(text)[:MOST_NAME]) from None


def _folder(store: str | Path | Study) -> Path:
    return Path(store.store if isinstance(store, Study) else store)
