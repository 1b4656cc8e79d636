"""When journeys begin: weekdays, hours, months of the year, and peaks on certain days."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from workbench.worlds.reader import Reader

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
    numeric = all(isinstance(one, int | float) and not isinstance(one, bool) and one >= 0 for one in found)
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
