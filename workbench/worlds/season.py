"""When journeys begin: weekdays, hours, months of the year, and peaks on certain days."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import weakref
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.worlds import seen
from workbench.worlds.company import YEAR
from workbench.worlds.estimates import Z
from workbench.worlds.people import counted
from workbench.worlds.reader import Reader
from workbench.worlds.truths import Measured, Truth

if TYPE_CHECKING:
    from workbench.worlds.declaration import World


@dataclasses.dataclass(frozen=True)
class Peak:
    id: str
    says: str
    start: dt.date
    end: dt.date  # included
    factor: float  # multiplies the number of journeys that begin on these days


@dataclasses.dataclass(frozen=True)
class Season:
    weekday: tuple[float, ...]  # relative weights, Monday first, that add up to 1
    hour: tuple[float, ...]  # of the local day, that add up to 1
    month: tuple[float, ...]  # January first, mean 1
    peaks: tuple[Peak, ...]


def read(reader: Reader, declared: Mapping, world: World) -> Season:
    """The section [season]; what is left out is even."""
    table = reader.get(declared, "season", dict, {})
    reader.only(table, "season", "weekday", "hour", "month", "peaks")
    peaks = []
    for number, one in enumerate(reader.get(table, "season.peaks", list, []), start=1):
        entry = f"season.peaks[{number}]"
        reader.only(one, entry, "id", "says", "start", "end", "factor")
        start, end = reader.day(one, f"{entry}.start"), reader.day(one, f"{entry}.end")
        if not world.start <= start <= end <= world.end:
            raise reader.wrong(f"{entry}.end", "not_within", found=f"{start} – {end}", start=world.start, end=world.end)
        peaks.append(
            Peak(
                reader.get(one, f"{entry}.id", str),
                reader.get(one, f"{entry}.says", str),
                start,
                end,
                reader.number(one, f"{entry}.factor", 0.01, 100),
            )
        )
    month = _weights(reader, table, "season.month", 12)
    return Season(
        weekday=_weights(reader, table, "season.weekday", 7),
        hour=_weights(reader, table, "season.hour", 24),
        month=tuple(12 * one for one in month),
        peaks=tuple(peaks),
    )


def _weights(reader: Reader, table: Mapping, entry: str, length: int) -> tuple[float, ...]:
    found = reader.get(table, entry, list, [1] * length)
    numeric = all(isinstance(one, int | float) and not isinstance(one, bool) and 0 <= one <= 1e6 for one in found)
    if len(found) != length or not numeric or not sum(found):
        raise reader.wrong(entry, "wrong_kind", found=repr(found))
    return tuple(float(one) / sum(found) for one in found)


def day_weights(world: World) -> np.ndarray:
    """Of each day of the period, how many journeys begin on it, against a day that is even in all: its weekday's, its month's
    and its peaks' weights multiplied."""
    season = world.season
    n = (world.end - world.start).days + 1
    dates = [world.start + dt.timedelta(days=number) for number in range(n)]
    return np.array(
        [7 * season.weekday[day.weekday()] * season.month[day.month - 1] * peak_factor(season, day) for day in dates]
    )


def peak_factor(season: Season, day: dt.date) -> float:
    """What the peaks multiply the day with."""
    factor = 1.0
    for peak in season.peaks:
        if peak.start <= day <= peak.end:
            factor *= peak.factor
    return factor


def truths(world: World) -> list[Truth]:
    """The weights that differ: each weekday's and hour's share, each month's weight against those of the period, each peak."""
    season, found = world.season, []
    if len(set(season.weekday)) > 1:
        for number, share in enumerate(season.weekday, start=1):
            found.append(Truth(f"season.weekday.{number}", "weekday", {"weekday": number}, share, "share"))
    if len(set(season.hour)) > 1:
        for number, share in enumerate(season.hour):
            found.append(Truth(f"season.hour.{number}", "hour", {"hour": number}, share, "share"))
    if len(set(season.month)) > 1:
        covered = _months(world)
        mean = sum(season.month[month - 1] for month in covered) / len(covered)
        for month in covered if mean else ():
            found.append(Truth(f"season.month.{month}", "month", {"month": month}, season.month[month - 1] / mean, "ratio"))
    for peak in season.peaks:
        place = {"peak": peak.id, "start": peak.start.isoformat(), "end": peak.end.isoformat()}
        found.append(Truth(f"season.peak.{peak.id}", "peak", place, peak.factor, "ratio", peak.says))
    return found


def _dates(world: World) -> list[dt.date]:
    return [world.start + dt.timedelta(days=number) for number in range((world.end - world.start).days + 1)]


def _months(world: World) -> list[int]:
    return sorted({day.month for day in _dates(world)})


@dataclasses.dataclass(frozen=True, eq=False)
class Exposure:
    """Journeys that began, and how many were to be expected of those who were there: by customer, and by day before that day's
    weight. Days on which a customer leaves count for neither."""

    journeys: np.ndarray  # by customer
    expected: np.ndarray  # by customer
    day: np.ndarray  # of each counted journey
    hour: np.ndarray  # of each counted journey, local
    rate: np.ndarray  # by day: sum of the daily rates of who was there


#: what was asked for last: its table of events, and the answer
_LAST: list[tuple[weakref.ref, Exposure]] = []


def exposure(tables: Mapping[str, pd.DataFrame], key: Mapping[str, pd.DataFrame], world: World) -> Exposure:
    """What the tables, and the rates in the key, say of when journeys begin; kept, since every truth asks for it."""
    if not _LAST or _LAST[0][0]() is not tables["events"]:
        _LAST[:] = [(weakref.ref(tables["events"]), _exposure(tables, key, world))]
    return _LAST[0][1]


def _exposure(tables: Mapping[str, pd.DataFrame], key: Mapping[str, pd.DataFrame], world: World) -> Exposure:
    customers, made, midnight = tables["customers"], seen.steps(tables, world), seen.midnights(world)
    n_days = len(midnight) - 1
    joined = np.searchsorted(midnight, seen.seconds(world, customers["joined_at"]))
    left_at = pd.Series(customers["left_at"])
    left = np.full(len(customers), n_days)
    gone = left_at.notna().to_numpy()
    left[gone] = np.searchsorted(midnight, seen.seconds(world, left_at[gone]), side="right") - 1
    left = np.clip(left, 0, n_days)
    joined = np.minimum(joined, left)
    daily = key["customers"]["rate"].to_numpy() / YEAR
    past = np.concatenate([[0.0], np.cumsum(day_weights(world))])
    at, person = made.at_s[made.first], made.customer[made.first]
    day = np.searchsorted(midnight, at, side="right") - 1
    whole = day < left[person]
    rate = np.bincount(joined, weights=daily, minlength=n_days + 1) - np.bincount(left, weights=daily, minlength=n_days + 1)
    local = pd.DatetimeIndex(tables["events"]["occurred_at"].iloc[_firsts(tables)]).tz_convert(world.timezone)
    return Exposure(
        journeys=np.bincount(person[whole], minlength=len(customers)),
        expected=daily * (past[left] - past[joined]),
        day=day[whole],
        hour=local.hour.to_numpy()[whole],
        rate=np.cumsum(rate)[:n_days],
    )


def _firsts(tables: Mapping[str, pd.DataFrame]) -> np.ndarray:
    # the row of each journey's first event, in the order in which journeys are numbered
    return np.flatnonzero(~tables["events"]["case_id"].duplicated().to_numpy())


def measure(truth: Truth, tables: Mapping[str, pd.DataFrame], key: Mapping[str, pd.DataFrame], world: World) -> Measured:
    """Counts of journeys over the number expected of who was there if only the other weights held: Poisson counts."""
    season, shown = world.season, exposure(tables, key, world)
    days = _dates(world)
    if truth.kind == "hour":
        # days on which the clock changes have no such hour, or two
        even = np.diff(seen.midnights(world))[shown.day] == 86400
        return counted(truth, int((shown.hour[even] == truth.place["hour"]).sum()), int(even.sum()))
    weekday = np.array([season.weekday[day.weekday()] for day in days])
    month = np.array([season.month[day.month - 1] for day in days])
    peak = np.array([peak_factor(season, day) for day in days])
    if truth.kind == "weekday":
        group, rest = np.array([day.weekday() for day in days]), month * peak
        return _relative(truth, shown, group, rest, truth.place["weekday"] - 1, whole=1.0)
    if truth.kind == "month":
        covered = _months(world)
        group, rest = np.array([covered.index(day.month) for day in days]), weekday * peak
        return _relative(truth, shown, group, rest, covered.index(truth.place["month"]), whole=float(len(covered)))
    within = np.array([truth.place["start"] <= day.isoformat() <= truth.place["end"] for day in days])
    rest = weekday * month * peak / np.where(within, truth.size, 1.0)
    counts, expected = _by(shown, within.astype(int), rest)
    if min(counts) == 0:
        return Measured(truth, math.nan, math.nan, math.nan, int(counts[1]))
    value, wide = counts[1] / expected[1] / (counts[0] / expected[0]), math.exp(Z * math.sqrt(1 / counts[0] + 1 / counts[1]))
    return Measured(truth, value, value / wide, value * wide, int(counts[1]))


def _by(shown: Exposure, group: np.ndarray, rest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    n = int(group.max()) + 1
    return np.bincount(group[shown.day], minlength=n), np.bincount(group, weights=shown.rate * rest, minlength=n)


def _relative(truth: Truth, shown: Exposure, group: np.ndarray, rest: np.ndarray, place: int, whole: float) -> Measured:
    # a group's rate against the sum of all groups' rates, times `whole`; linearised variance
    counts, expected = _by(shown, group, rest)
    if not counts.all() or len(counts) < 2:
        return Measured(truth, math.nan, math.nan, math.nan, int(counts.sum()))
    rate, variance = counts / expected, counts / expected**2
    share = rate[place] / rate.sum()
    slope = (np.arange(len(rate)) == place) - share
    wide = Z * math.sqrt((slope**2 * variance).sum()) / rate.sum()
    return Measured(truth, whole * share, whole * (share - wide), whole * (share + wide), int(counts.sum()))
