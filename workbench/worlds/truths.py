"""What is planted in a company, and how large it came out: the answer key's content.

Each number of a declaration that plants something is a Truth, so defined that a plain estimator on the generated data is
unbiased for its size. A part of a world (a module named in PARTS) has `truths(world)`, what it plants, and
`measure(truth, tables, key, world)`, how large that is in the tables of one generated company.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import importlib
import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from babel import numbers

from workbench.locale import Texts, texts

if TYPE_CHECKING:
    import pandas as pd

    from workbench.worlds.declaration import World

#: the modules that plant something, in the order in which a report tells of them
PARTS: tuple[str, ...] = (
    "people",
    "identities",
    "season",
    "walk_truths",
    "churn",
    "orders",
    "experience",
    "campaigns",
    "texts",
)
#: what a size counts, and how it is written: a share of 1; a difference of shares; a multiple (odds ratios, wait factors);
#: steps of an instrument's scale; money; seconds; a plain number
UNITS = ("share", "difference", "ratio", "points", "money", "seconds", "number")


@dataclasses.dataclass(frozen=True)
class Truth:
    """One planted number. `id` is unique in its world and begins with what it is about ("churn.price"; the heading
    `worlds.part.churn` stands above its like); `kind` is what sort of truth it is (told by the text `worlds.truth.<kind>`);
    `place` holds where it is (touchpoint, attributes, days as ISO text, …) and all other values of the sentence, as JSON can
    hold them; `says` is the declaration's own sentence, if there is one."""

    id: str
    kind: str
    place: Mapping[str, object]
    size: float
    unit: str
    says: str = ""

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise ValueError(f"{self.id}: {self.unit!r} is none of {UNITS}")


@dataclasses.dataclass(frozen=True)
class Measured:
    """How large a truth is in one generated company: `estimate`, its 95 % interval, and the `n` it rests on. The three numbers
    are nan where this company is too small to tell."""

    truth: Truth
    estimate: float
    low: float
    high: float
    n: int

    @property
    def told(self) -> bool:
        """Whether the company is large enough for an interval."""
        return not (math.isnan(self.low) or math.isnan(self.high))

    @property
    def covers(self) -> bool:
        """Whether the interval holds the planted size."""
        return self.told and self.low <= self.truth.size <= self.high


def truths(world: World) -> list[Truth]:
    """All that is planted in `world`, part by part."""
    return [truth for part in PARTS for truth in _part(part).truths(world)]


def report(tables: Mapping[str, pd.DataFrame], key: Mapping[str, pd.DataFrame], world: World) -> list[Measured]:
    """Each truth of `world`, measured in a company generated from it: its tables and the tables of its key."""
    return [_part(part).measure(truth, tables, key, world) for part in PARTS for truth in _part(part).truths(world)]


def _part(name: str):
    # parts name their truths with this module's classes, so it meets them only when asked
    return importlib.import_module(f"workbench.worlds.{name}")


def sentence(measured: Measured, language: str) -> str:
    """One line a facilitator reads: what is planted where, how much, and how much it came to in this company."""
    t, truth = texts(language), measured.truth
    values = {name: _value(value, t) for name, value in truth.place.items()}
    told = t(f"worlds.truth.{truth.kind}", **values)
    if told.startswith(tuple(values[name] for name in ("attributes", "who") if name in values)):
        told = told[0].upper() + told[1:]
    planted = written(truth.size, truth.unit, t)
    if not measured.told:
        return t("worlds.planted_untold", told=told, planted=planted, n=measured.n)
    return t(
        "worlds.planted",
        told=told,
        planted=planted,
        estimate=written(measured.estimate, truth.unit, t),
        low=written(measured.low, truth.unit, t, bare=True),
        high=written(measured.high, truth.unit, t, bare=True),
        n=measured.n,
    )


def _value(value: object, t: Texts) -> object:
    if isinstance(value, Mapping):
        listed = ", ".join(f"{name} {one}" for name, one in value.items())
        return t("worlds.who", listed=listed) if listed else t("worlds.everyone")
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return dt.date.fromisoformat(value)
    return value


def written(size: float, unit: str, t: Texts, *, bare: bool = False) -> str:
    """A size as a person reads it: 22 %, +18.0 points, ×1.60. `bare`: without the unit, for the estimate's interval."""
    if unit == "seconds":
        return t.duration(size)
    if unit in ("share", "difference"):
        x = _fixed(100 * size, 2 if abs(size) < 0.01 else 1, t, signed=unit == "difference" and not bare)
        return x if bare else t(f"worlds.unit.{unit}", x=x)
    x = _fixed(size, 2, t, signed=unit == "points" and not bare)
    return f"×{x}" if unit == "ratio" and not bare else x


def _fixed(x: float, digits: int, t: Texts, *, signed: bool) -> str:
    # so many digits, zeros too: numbers one below the other are read as equally exact
    number = numbers.format_decimal(abs(round(x, digits)), format="#,##0." + digits * "0", locale=t.locale)
    return ("−" if round(x, digits) < 0 else "+" if signed and round(x, digits) > 0 else "") + number
