"""Who leaves when: a hazard a month, moved by drivers of known odds ratios.

[churn]                 base = 0.01: the share that leaves in 30 days when no driver holds
[[churn.drivers]]       id, says, from = a cause (see causes.py), odds_ratio; except = { age_band = "18-29", odds_ratio = 0.6 }
                        for customers with whom it is another. An odds ratio of 1 is a confounder: declared in `people` as drawn
                        along with a driver, it looks like one and isn't.
[churn.leak]            column, says, caught (share of those who left that carry it), wrong (share of those who stayed)

Months are periods of 30 days from the world's first day. At the beginning of each, a customer who has joined and is still here
leaves within it with probability h, where logit h = logit base + the sum of log odds ratios of the drivers that hold then:
those are odds ratios of a discrete-time hazard (Allison 1982), and logistic regression on the key's `months` is the right model
of them.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.worlds import causes, estimates
from workbench.worlds.causes import Cause, History
from workbench.worlds.declaration import TAKEN
from workbench.worlds.truths import Measured, Truth

if TYPE_CHECKING:
    from workbench.worlds.company import Company
    from workbench.worlds.declaration import World
    from workbench.worlds.reader import Reader

PERIOD_S = 30 * 86400
#: odds ratios that can be declared
RATIOS = (0.01, 100)
#: columns of the key's `months`, and what truths are called, that no driver may be named after
MONTHS = ("person", "customer_id", "period", "left", "base", "leak")
#: the column of the key's `months` for customers with whom a driver is another
EXCEPT = "{}_except"


@dataclasses.dataclass(frozen=True)
class Driver:
    id: str
    says: str
    cause: Cause
    odds_ratio: float
    but: Cause | None = None  # for these customers …
    but_odds_ratio: float = 1.0  # … it is this


@dataclasses.dataclass(frozen=True)
class Leak:
    column: str
    says: str
    caught: float
    wrong: float


@dataclasses.dataclass(frozen=True)
class Churn:
    base: float
    drivers: tuple[Driver, ...]
    leak: Leak | None = None


def read(reader: Reader, declared: Mapping, world: World) -> Churn | None:
    """The section [churn], or None where there is none."""
    if "churn" not in declared:
        return None
    section = reader.get(declared, "churn", dict)
    reader.only(section, "churn", "base", "drivers", "leak")
    if (world.end - world.start).days < 31:
        raise reader.wrong("churn", "too_short")
    base = reader.number(section, "churn.base", 1e-4, 0.5)
    drivers: list[Driver] = []
    for number, table in enumerate(reader.get(section, "churn.drivers", list, []), start=1):
        entry = f"churn.drivers[{number}]"
        driver = _driver(reader, table, entry, world)
        if (
            not driver.id.isidentifier()
            or driver.id.endswith(EXCEPT.format(""))
            or driver.id in (*MONTHS, *(one.id for one in drivers))
        ):
            raise reader.wrong(f"{entry}.id", "wrong_kind", found=repr(driver.id))
        drivers.append(driver)
    return Churn(base, tuple(drivers), _leak(reader, section, world))


def _driver(reader: Reader, table: Mapping, entry: str, world: World) -> Driver:
    reader.only(table, entry, "id", "says", "from", "odds_ratio", "except")
    but, but_ratio = None, 1.0
    if "except" in table:
        others = dict(reader.get(table, f"{entry}.except", dict))
        but_ratio = reader.number(others, f"{entry}.except.odds_ratio", *RATIOS)
        but = causes.read(
            reader, {name: value for name, value in others.items() if name != "odds_ratio"}, f"{entry}.except", world
        )
    return Driver(
        reader.get(table, f"{entry}.id", str),
        reader.get(table, f"{entry}.says", str),
        causes.read(reader, reader.get(table, f"{entry}.from", dict), f"{entry}.from", world),
        reader.number(table, f"{entry}.odds_ratio", *RATIOS),
        but,
        but_ratio,
    )


def _leak(reader: Reader, section: Mapping, world: World) -> Leak | None:
    if "leak" not in section:
        return None
    table = reader.get(section, "churn.leak", dict)
    reader.only(table, "churn.leak", "column", "says", "caught", "wrong")
    column = reader.get(table, "churn.leak.column", str)
    if not column.isidentifier() or column in world.attributes or column in TAKEN:
        raise reader.wrong("churn.leak.column", "wrong_kind", found=repr(column))
    return Leak(
        column,
        reader.get(table, "churn.leak.says", str),
        reader.number(table, "churn.leak.caught", 0, 1),
        reader.number(table, "churn.leak.wrong", 0, 1),
    )


def leave(company: Company, rng: np.random.Generator) -> None:
    """Fills `people.left_s` and the leak's column, and writes the key's `months`: customer_id, period (from
    0), for each driver a column of its id (1 where it held at the period's beginning) and, where it has exceptions,
    `<id>_except` (1 where it held and the customer is one of those), and left (1: within this period)."""
    section = company.world.churn
    if section is None:
        return
    people, history = company.people, History(company)
    joined, left = people["joined_s"].to_numpy(), people["left_s"].to_numpy().copy()
    slopes = [math.log(ratio) for _, ratio in _columns(section)]
    stays, months = np.ones(company.n, dtype=bool), []
    for period in range(company.end_s // PERIOD_S):
        begins = period * PERIOD_S
        at_risk = np.flatnonzero(stays & (joined <= begins))
        held = _held(section, history, at_risk, begins)
        log_odds = math.log(section.base / (1 - section.base)) + sum(
            (slope * one for slope, one in zip(slopes, held.values(), strict=True)), np.zeros(len(at_risk))
        )
        leaves = rng.random(len(at_risk)) < 1 / (1 + np.exp(-log_odds))
        gone = at_risk[leaves]
        left[gone] = begins + rng.integers(0, PERIOD_S, size=len(gone))
        stays[gone] = False
        months.append(pd.DataFrame({"person": at_risk, "period": np.int16(period), **held, "left": leaves.astype(np.int8)}))
    people["left_s"] = left
    company.key["months"] = _named(pd.concat(months, ignore_index=True), people)
    if section.leak is not None:
        chance = np.where(stays, section.leak.wrong, section.leak.caught)
        people[section.leak.column] = rng.random(company.n) < chance


def _columns(section: Churn) -> list[tuple[str, float]]:
    """The columns of `months` and by how much each multiplies the odds."""
    found = []
    for driver in section.drivers:
        found.append((driver.id, driver.odds_ratio))
        if driver.but is not None:
            found.append((EXCEPT.format(driver.id), driver.but_odds_ratio / driver.odds_ratio))
    return found


def _held(section: Churn, history: History, person: np.ndarray, begins: int) -> dict[str, np.ndarray]:
    at = np.full(len(person), begins - 1)
    held = {}
    for driver in section.drivers:
        holds = history.had(driver.cause, person, at)
        held[driver.id] = holds.astype(np.int8)
        if driver.but is not None:
            held[EXCEPT.format(driver.id)] = (holds & history.had(driver.but, person, at)).astype(np.int8)
    return held


def _named(months: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    ids = pd.Categorical.from_codes(months.pop("person").to_numpy(), pd.Index(people["customer_id"].to_numpy()))
    months.insert(0, "customer_id", ids)
    return months


def truths(world: World) -> list[Truth]:
    """The base hazard, each driver's odds ratio (one for the exceptions, if any), how many the leak's column marks."""
    section = world.churn
    if section is None:
        return []
    found = [Truth("churn.base", "churn_base", {}, section.base, "share")]
    for driver in section.drivers:
        kind = "churn_confounder" if driver.odds_ratio == 1 and driver.but is None else "churn_driver"
        place = {"driver": driver.id, "cause": driver.cause.place}
        found.append(Truth(f"churn.{driver.id}", kind, place, driver.odds_ratio, "ratio", driver.says))
        if driver.but is not None:
            place |= {"who": dict(driver.but.attributes)}
            found.append(
                Truth(f"churn.{driver.id}.except", "churn_exception", place, driver.but_odds_ratio, "ratio", driver.says)
            )
    if section.leak is not None:
        place, says = {"column": section.leak.column}, section.leak.says
        found.append(Truth("churn.leak.caught", "churn_leak_caught", place, section.leak.caught, "share", says))
        found.append(Truth("churn.leak.wrong", "churn_leak_wrong", place, section.leak.wrong, "share", says))
    return found


def measure(truth: Truth, tables: Mapping[str, pd.DataFrame], key: Mapping[str, pd.DataFrame], world: World) -> Measured:
    """How large a truth of this part is in a company: odds ratios and the base from logistic regression on `months`, the leak
    from the customers table."""
    part, _, rest = truth.id.removeprefix("churn.").partition(".")
    if part == "leak":
        customers = tables["customers"]
        of = customers["left_at"].notna() if rest == "caught" else customers["left_at"].isna()
        flag = customers.loc[of, truth.place["column"]].to_numpy(dtype=float)
        found = estimates.count(flag)
    else:
        # an exception has a column of its own, the driver's is then for the others only
        months = key["months"]
        columns = {name: months[name].to_numpy() for name, _ in _columns(world.churn)}
        for driver in world.churn.drivers:
            if driver.but is not None:
                columns[driver.id] = columns[driver.id] - columns[EXCEPT.format(driver.id)]
        name = "" if part == "base" else EXCEPT.format(part) if rest else part
        log_odds = estimates.logistic(columns, months["left"].to_numpy())[name]
        turned = (lambda x: 1 / (1 + math.exp(-x))) if part == "base" else math.exp
        found = estimates.Estimate(*(turned(x) for x in log_odds[:3]), log_odds.n)
    return Measured(truth, *found)
