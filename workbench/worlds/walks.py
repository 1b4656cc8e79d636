"""Journeys and their events: how many journeys each customer has and when, and how each one goes from step to step."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.worlds import steps
from workbench.worlds.company import YEAR, Company
from workbench.worlds.people import days, draw
from workbench.worlds.reader import By, Reader
from workbench.worlds.season import day_weights
from workbench.worlds.steps import Matrices, Waits

if TYPE_CHECKING:
    from workbench.worlds.declaration import World

#: journeys that go on at the same time in memory
CHUNK = 400_000


@dataclasses.dataclass(frozen=True)
class Journeys:
    yearly: By  # journeys a year a customer begins on average
    uneven: float  # variance of a customer's own rate around that average, as a share of its square
    channel: Mapping[str, Mapping[str, float]]  # of a journey, by the customer's device
    begin: Mapping[str, Mapping[str, float]]  # its first touchpoint, by its channel


def read(reader: Reader, declared: Mapping, world: World) -> Journeys:
    """The section [journeys]."""
    table = reader.get(declared, "journeys", dict)
    reader.only(table, "journeys", "yearly", "uneven", "channel", "begin")
    reader.known(["device"], "attributes", world.attributes)
    channel = _tables(reader, table, "journeys.channel")
    reader.known(world.attributes["device"], "journeys.channel", channel)
    begin = _tables(reader, table, "journeys.begin")
    for name, shares in begin.items():
        reader.known(shares, f"journeys.begin.{name}", world.touchpoints)
    for device, shares in channel.items():
        reader.known(shares, f"journeys.channel.{device}", begin)
    return Journeys(
        reader.by(table, "journeys.yearly", world.attributes, 0, 1000),
        reader.number(table, "journeys.uneven", 0, 20, 0.5),
        channel,
        begin,
    )


def _tables(reader: Reader, table: Mapping, entry: str) -> dict[str, dict[str, float]]:
    return {name: reader.shares(shares, f"{entry}.{name}") for name, shares in reader.get(table, entry, dict).items()}


def walk(company: Company, check: Callable[[float], None] = lambda share: None) -> None:
    """Fills `company.journeys` and `company.events`, and people's `rate`. `check` is told the share that is done."""
    company.journeys = _journeys(company)
    company.events = _events(company, check)


def _journeys(company: Company) -> pd.DataFrame:
    # Each customer's journeys are a Poisson process from the day of joining on, with the season's weight of each day.
    world, people, rng = company.world, company.people, company.rng("journeys")
    own, season, n = world.journeys, world.season, company.n
    uneven = rng.gamma(1 / own.uneven, own.uneven, size=n) if own.uneven else np.ones(n)
    people["rate"] = own.yearly.of(people) * uneven
    midnight = np.array([company.seconds(day) for day in days(world)], dtype=np.int64)
    past = np.concatenate([[0.0], np.cumsum(day_weights(world))])
    first = np.searchsorted(midnight, people["joined_s"].to_numpy())
    rest = past[-1] - past[np.minimum(first, len(midnight))]
    count = rng.poisson(people["rate"].to_numpy() / YEAR * rest)
    person = np.repeat(np.arange(n, dtype=np.int32), count)
    weight = past[-1] - rng.random(len(person)) * rest[person]
    day = np.clip(np.searchsorted(past, weight, side="left") - 1, 0, len(midnight) - 1)
    hour = np.searchsorted(np.cumsum(season.hour)[:-1], rng.random(len(person)), side="right")
    within = rng.integers(0, 3600, size=len(person))
    begins = _at_hour(company, midnight, day, hour) + within
    order = np.argsort(begins, kind="stable")
    frame = pd.DataFrame({"person": person[order], "begins_s": begins[order]})
    frame["device"] = people["device"].array.take(frame["person"].to_numpy())
    channels = list(dict.fromkeys(name for shares in own.channel.values() for name in shares))
    frame["channel"] = _drawn(own.channel, frame["device"], channels, rng)
    return frame[["person", "channel", "device", "begins_s"]]


def _at_hour(company: Company, midnight: np.ndarray, day: np.ndarray, hour: np.ndarray) -> np.ndarray:
    # when the clock on the wall shows the hour; where the night of the change skips or doubles one, the nearest that exists
    starts = pd.DatetimeIndex([pd.Timestamp(date) for date in days(company.world)])
    table = np.empty((len(midnight), 24), dtype=np.int64)
    for number in range(24):
        local = (starts + pd.Timedelta(hours=number)).tz_localize(
            company.zone, ambiguous=np.ones(len(starts), bool), nonexistent="shift_forward"
        )
        table[:, number] = company.from_utc(local)
    return table[day, hour]


def _drawn(shares: Mapping[str, Mapping[str, float]], given: pd.Series, names: list, rng) -> pd.Categorical:
    codes = np.zeros(len(given), dtype=np.int16)
    for value, table in shares.items():
        met = (given == value).to_numpy()
        chosen = draw(table, int(met.sum()), rng)
        codes[met] = np.array([names.index(name) for name in chosen.categories], dtype=np.int16)[chosen.codes]
    return pd.Categorical.from_codes(codes, names)


def _events(company: Company, check: Callable[[float], None]) -> pd.DataFrame:
    world, journeys, rng = company.world, company.journeys, company.rng("walks")
    first = _drawn(world.journeys.begin, journeys["channel"], list(world.touchpoints), rng).codes.astype(np.int16)
    made, met = steps.matrices(world), Met(company)
    parts: list[dict[str, np.ndarray]] = []
    for start in range(0, max(1, len(journeys)), CHUNK):
        parts.append(_chunk(company, start, first[start : start + CHUNK], made, met, rng))
        check(min(1.0, (start + CHUNK) / max(1, len(journeys))))
    at = np.concatenate([part["at_s"] for part in parts])
    order = np.argsort(at, kind="stable")
    frame = {name: np.concatenate([part.pop(name) for part in parts])[order] for name in list(parts[0])}
    frame["person"] = journeys["person"].to_numpy()[frame["journey"]]
    return pd.DataFrame(frame, copy=False)[["journey", "person", "code", "at_s", "waited_s", "next_code", "incident"]]


class Met:
    """Which incident, if any, a step meets: the last declared of those that hold."""

    def __init__(self, company: Company) -> None:
        world, self.journeys, self.people = company.world, company.journeys, company.people
        self.rules = [
            (
                place,
                list(world.touchpoints).index(one.touchpoint),
                company.seconds(one.start),
                company.seconds(one.end + pd.Timedelta(days=1)),
                one,
            )
            for place, one in enumerate(world.incidents)
        ]

    def incident(self, journey: np.ndarray, code: np.ndarray, at: np.ndarray) -> np.ndarray:
        """Its place in `world.incidents`, or −1."""
        found = np.full(len(journey), -1, dtype=np.int16)
        for place, touchpoint, start, end, one in self.rules:
            chosen = np.flatnonzero((code == touchpoint) & (at >= start) & (at < end))
            if one.channel:
                chosen = chosen[(self.journeys["channel"].array.take(journey[chosen]) == one.channel)]
            person = self.journeys["person"].to_numpy()[journey[chosen]]
            holds = np.ones(len(chosen), dtype=bool)
            for name, value in one.attributes.items():
                holds &= np.asarray(self.people[name].array.take(person) == value)
            found[chosen[holds]] = place
        return found


def _chunk(company: Company, start: int, first: np.ndarray, made: Matrices, met: Met, rng) -> dict[str, np.ndarray]:
    # all journeys of the chunk go one step at a time, until none is left or what follows comes after the end of the data
    world, end = company.world, company.end_s
    n = len(world.touchpoints)
    edges = (np.arange(len(made.edges))[:, None] + made.edges).ravel()
    journey = np.arange(start, start + len(first), dtype=np.int32)
    code, at = first, company.journeys["begins_s"].to_numpy()[journey]
    waited = np.full(len(first), -1, dtype=np.int32)
    taken: list[tuple[np.ndarray, ...]] = []
    # one turn at least: a company without journeys has a table of events too
    while len(journey) or not taken:
        incident = met.incident(journey, code, at)
        row = np.where(incident >= 0, n + incident, code).astype(np.int32)
        following = np.searchsorted(edges, row + rng.random(len(row)), side="right") - row * n
        stays = following < n
        taken.append((journey, code, at, waited, np.where(stays, following, -1).astype(np.int16), incident))
        row, code, journey = row[stays], following[stays].astype(np.int16), journey[stays]
        wait = made.median[row, code]
        pause = wait * made.factor[row, code] * _factor(world.waits, wait, made.longest[row], rng)
        waited = np.maximum(1, np.rint(pause)).astype(np.int32)
        at = at[stays] + waited
        known = at < end
        journey, code, at, waited = journey[known], code[known], at[known], waited[known]
    names = ("journey", "code", "at_s", "waited_s", "next_code", "incident")
    return {name: np.concatenate([one[place] for one in taken]) for place, name in enumerate(names)} if taken else {}


def _factor(waits: Waits, wait: np.ndarray, longest: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What the median wait is multiplied with: see `steps`."""
    normal = rng.standard_normal(len(wait))
    beyond = normal > waits.tail_begins
    ratio = (longest / wait / waits.tail_from) ** -waits.tail_index
    tail = waits.tail_from * (1 - rng.random(len(wait)) * (1 - ratio)) ** (-1 / waits.tail_index)
    return np.where(beyond, tail, np.exp(waits.spread * normal))


def cut(company: Company) -> None:
    """Takes out the journeys that begin after their customer has left, and numbers the others anew. A journey that was under
    way goes on to its end, so that what follows a touchpoint doesn't depend on who leaves."""
    journeys, events = company.journeys, company.events
    left = company.people["left_s"].to_numpy()[journeys["person"].to_numpy()]
    kept = journeys["begins_s"].to_numpy() < left
    if kept.all():
        return
    number = (np.cumsum(kept) - 1).astype(np.int32)
    company.journeys = journeys[kept].reset_index(drop=True)
    company.events = events[kept[events["journey"].to_numpy()]].reset_index(drop=True)
    company.events["journey"] = number[company.events["journey"].to_numpy()]
