"""What a company's tables show of its journeys: each step with what followed it, when, and which incident it met."""

from __future__ import annotations

import dataclasses
import datetime as dt
import weakref
from collections.abc import Mapping
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from workbench.worlds.declaration import World


@dataclasses.dataclass(frozen=True, eq=False)
class Steps:
    """Events in the order of their journeys. Times are seconds since the local midnight with which the world begins."""

    code: np.ndarray  # of the touchpoint
    at_s: np.ndarray
    next_code: np.ndarray  # −1: nothing more in this journey
    wait_s: np.ndarray  # to what followed; 0 where nothing did
    first: np.ndarray  # whether the journey begins with it
    case: np.ndarray  # number of the journey in the order of first steps
    customer: np.ndarray  # row of the table of customers
    incident: np.ndarray  # place in `world.incidents`; −1: none
    end_s: int


_LAST: list[tuple[weakref.ref, Steps]] = []


def steps(tables: Mapping[str, pd.DataFrame], world: World) -> Steps:
    """The steps in these tables; kept for the tables that were asked for last, since every truth asks for them."""
    events = tables["events"]
    if _LAST and _LAST[0][0]() is events:
        return _LAST[0][1]
    made = _steps(events, tables["customers"], world)
    _LAST[:] = [(weakref.ref(events), made)]
    return made


def seconds(world: World, moments: pd.Series | pd.DatetimeIndex) -> np.ndarray:
    """Moments as whole seconds since the world began."""
    index = pd.DatetimeIndex(moments).tz_convert("UTC").as_unit("s")
    return index.asi8 - int(dt.datetime.combine(world.start, dt.time(), ZoneInfo(world.timezone)).timestamp())


def midnights(world: World) -> np.ndarray:
    """When each day of the period begins, and the one after it, in seconds since the world began."""
    zone, days = ZoneInfo(world.timezone), range((world.end - world.start).days + 2)
    local = [dt.datetime.combine(world.start + dt.timedelta(days=day), dt.time(), zone) for day in days]
    return np.array([int(one.timestamp() - local[0].timestamp()) for one in local], dtype=np.int64)


def _steps(events: pd.DataFrame, customers: pd.DataFrame, world: World) -> Steps:
    case = pd.factorize(events["case_id"])[0].astype(np.int64)
    order = np.argsort(case, kind="stable")
    case = case[order]
    code = _codes(events["touchpoint"], list(world.touchpoints))[order]
    at = seconds(world, events["occurred_at"])[order]
    row = pd.Index(customers["customer_id"].to_numpy(dtype=object)).get_indexer(events["customer_id"].to_numpy(dtype=object))
    row = row[order]
    follows = np.zeros(len(case), dtype=bool)
    follows[:-1] = case[1:] == case[:-1]
    later = np.minimum(np.arange(len(case)) + 1, max(0, len(case) - 1))
    first = np.ones(len(case), dtype=bool)
    first[1:] = case[1:] != case[:-1]
    bounds = midnights(world)
    met = np.full(len(case), -1, dtype=np.int16)
    channel = events["channel"].to_numpy(dtype=object)
    for place, one in enumerate(world.incidents):
        start = bounds[(one.start - world.start).days]
        end = bounds[(one.end - world.start).days + 1]
        chosen = np.flatnonzero((code == list(world.touchpoints).index(one.touchpoint)) & (at >= start) & (at < end))
        if one.channel:
            chosen = chosen[channel[order[chosen]] == one.channel]
        for name, value in one.attributes.items():
            chosen = chosen[(customers[name] == value).to_numpy()[row[chosen]]]
        met[chosen] = place
    return Steps(
        code=code,
        at_s=at,
        next_code=np.where(follows, code[later], -1),
        wait_s=np.where(follows, at[later] - at, 0),
        first=first,
        case=case,
        customer=row,
        incident=met,
        end_s=int(bounds[-1]),
    )


def _codes(values: pd.Series, names: list[str]) -> np.ndarray:
    return pd.Categorical(values, categories=names).codes.astype(np.int16)
