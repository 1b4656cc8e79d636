"""A company while it is made: the parts fill it one after another; then it holds the tables and their key."""

from __future__ import annotations

import dataclasses
import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from workbench.worlds.declaration import World
from workbench.worlds.streams import stream

YEAR = 365  # days
#: left_s of who stays
NEVER = np.iinfo(np.int64).max // 4


@dataclasses.dataclass(eq=False)
class Company:
    """Times inside are whole seconds that have passed since the local midnight with which `world.start` begins.

    people    one row a person, numbered from 0: customer_id, joined_s (may be negative), left_s (NEVER: stays), the declared
              attributes, value (money a year), vip, consent, language, income_band; never exported: mood (0–1), rate (journeys
              a year)
    journeys  one row a journey, numbered from 0: person, channel, device, begins_s
    events    in the order of time: journey, person, code (of the touchpoint: its place in `world.touchpoints`), at_s, waited_s
              (since the step before; −1 at the first), next_code (−1: the journey ended here), incident (place in
              `world.incidents` of the one that changed what followed; −1: none), identity (what the channel knew them by)
    tables    the model's tables, under its names and column names
    key       what no analysis may see: frames by name
    """

    world: World
    n: int
    seed: int
    people: pd.DataFrame = dataclasses.field(default_factory=pd.DataFrame)
    journeys: pd.DataFrame = dataclasses.field(default_factory=pd.DataFrame)
    events: pd.DataFrame = dataclasses.field(default_factory=pd.DataFrame)
    tables: dict[str, pd.DataFrame] = dataclasses.field(default_factory=dict)
    key: dict[str, pd.DataFrame] = dataclasses.field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.world.timezone)

    def seconds(self, day: dt.date) -> int:
        """When the local day begins."""
        return int((_midnight(day, self.zone) - _midnight(self.world.start, self.zone)).total_seconds())

    @property
    def end_s(self) -> int:
        """When the last day, `world.end`, is over: nothing is known from here on."""
        return self.seconds(self.world.end + dt.timedelta(days=1))

    def utc(self, seconds: np.ndarray) -> pd.DatetimeIndex:
        """Moments in UTC, to the second."""
        start = np.datetime64(_midnight(self.world.start, self.zone).tz_convert(None), "s")
        return pd.DatetimeIndex(start + np.asarray(seconds, dtype="timedelta64[s]")).tz_localize("UTC")

    def from_utc(self, moments: pd.Series | pd.DatetimeIndex) -> np.ndarray:
        """The reverse of `utc`: whole seconds."""
        index = pd.DatetimeIndex(moments).tz_convert("UTC").tz_localize(None).as_unit("s")
        start = _midnight(self.world.start, self.zone).tz_convert(None)
        return index.asi8 - int(start.timestamp())

    def code(self, touchpoint: str) -> int:
        """The code of a touchpoint."""
        return list(self.world.touchpoints).index(touchpoint)

    def rng(self, part: str) -> np.random.Generator:
        """The random numbers of a part of this company."""
        return stream(self.seed, part)


def numbered(prefix: str, n: int, width: int) -> np.ndarray:
    """`n` ids, from 1 on, with zeros in front up to so many digits or as many as it takes."""
    if not n:
        return np.empty(0, dtype=object)
    return np.char.add(prefix, np.char.zfill(np.arange(1, n + 1).astype(str), max(width, len(str(n))))).astype(object)


def _midnight(day: dt.date, zone: ZoneInfo) -> pd.Timestamp:
    # where the clock changes at midnight, the first of two; the moment of the change where there is none
    return pd.Timestamp(dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC))
