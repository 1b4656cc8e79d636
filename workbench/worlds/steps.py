"""What follows a touchpoint and after how long: the declared shares and waits, and the incidents that change them.

A wait has the declared median exactly: it is the median times a factor whose logarithm is normal below and around the middle,
and whose upper end is a Pareto tail up to the longest wait. No wait is longer, so what happened `horizon` before the end of the
data is fully seen.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from workbench.worlds.reader import Reader

if TYPE_CHECKING:
    from workbench.worlds.declaration import World


@dataclasses.dataclass(frozen=True)
class Touchpoint:
    name: str
    stage: str
    channel: str  # empty: the journey's own
    owner: str
    next: Mapping[str, float]  # shares of what follows; what is missing from 1 leaves
    wait_s: float  # median time to what follows …
    waits_s: Mapping[str, float]  # … where it differs by what follows
    longest_s: float  # of its waits; 0: the world's


@dataclasses.dataclass(frozen=True)
class Waits:
    """The shape that all waits share, in medians."""

    spread: float  # standard deviation of the logarithm below the tail
    tail_share: float  # of waits in the tail
    tail_index: float  # Pareto's: the smaller the heavier
    longest_s: float

    @property
    def tail_begins(self) -> float:
        """Where the tail begins, in standard deviations of the logarithm …"""
        return NormalDist().inv_cdf(1 - self.tail_share)

    @property
    def tail_from(self) -> float:
        """… and in medians."""
        return float(np.exp(self.spread * self.tail_begins))


@dataclasses.dataclass(frozen=True)
class Incident:
    id: str
    says: str
    start: dt.date
    end: dt.date  # included
    attributes: Mapping[str, str]
    channel: str  # of the journey; empty: any
    touchpoint: str
    next: Mapping[str, float] | None  # replaces the touchpoint's shares
    slower: Mapping[str, float]  # multiplies waits


def touchpoints(reader: Reader, declared: Mapping, world: World) -> dict[str, Touchpoint]:
    """The section [touchpoints]: one table a touchpoint."""
    tables = reader.get(declared, "touchpoints", dict)
    return {name: _touchpoint(reader, name, reader.get(tables, f"touchpoints.{name}", dict), tables) for name in tables}


def _touchpoint(reader: Reader, name: str, table: Mapping, exists: Mapping) -> Touchpoint:
    entry = f"touchpoints.{name}"
    reader.only(table, entry, "stage", "channel", "owner", "next", "wait", "waits", "longest")
    follows = reader.shares(reader.get(table, f"{entry}.next", dict, {}), f"{entry}.next", whole=False)
    waits = reader.get(table, f"{entry}.waits", dict, {})
    reader.known(follows, f"{entry}.next", exists)
    reader.known(waits, f"{entry}.waits", follows)
    return Touchpoint(
        name,
        reader.get(table, f"{entry}.stage", str),
        reader.get(table, f"{entry}.channel", str, ""),
        reader.get(table, f"{entry}.owner", str, ""),
        follows,
        reader.duration(table, f"{entry}.wait"),
        {to: reader.duration({to: wait}, f"{entry}.waits.{to}") for to, wait in waits.items()},
        reader.duration(table, f"{entry}.longest") if "longest" in table else 0.0,
    )


def waits(reader: Reader, declared: Mapping, world: World) -> Waits:
    """The section [waits]; and every wait's tail must fit below the longest."""
    table = reader.get(declared, "waits", dict, {})
    reader.only(table, "waits", "spread", "tail_share", "tail_index", "longest")
    found = Waits(
        reader.number(table, "waits.spread", 0.05, 3, 0.9),
        reader.number(table, "waits.tail_share", 0.001, 0.4, 0.12),
        reader.number(table, "waits.tail_index", 0.1, 10, 0.9),
        reader.duration(table, "waits.longest", "21d"),
    )
    for one in world.touchpoints.values():
        longest = one.longest_s or found.longest_s
        if 1.2 * found.tail_from * max([one.wait_s, *one.waits_s.values()]) > longest:
            entry = f"touchpoints.{one.name}.wait"
            most = longest / found.tail_from / 1.2 / 3600
            raise reader.wrong(entry, "wait_too_long", most=f"{most:.0f}h")
    return found


def incidents(reader: Reader, declared: Mapping, world: World) -> tuple[Incident, ...]:
    """The list [[incidents]]."""
    tables = reader.get(declared, "incidents", list, [])
    return tuple(_incident(reader, f"incidents[{i}]", table, world) for i, table in enumerate(tables, start=1))


def _incident(reader: Reader, entry: str, table: Mapping, world: World) -> Incident:
    reader.only(table, entry, *(field.name for field in dataclasses.fields(Incident)))
    touchpoint = reader.get(table, f"{entry}.touchpoint", str)
    reader.known([touchpoint], f"{entry}.touchpoint", world.touchpoints)
    who = reader.get(table, f"{entry}.attributes", dict, {})
    reader.known(who, f"{entry}.attributes", world.attributes)
    for name, value in who.items():
        reader.known([value], f"{entry}.attributes.{name}", world.attributes[name])
    follows = table.get("next")
    if follows is not None:
        follows = reader.shares(reader.get(table, f"{entry}.next", dict), f"{entry}.next", whole=False)
        reader.known(follows, f"{entry}.next", world.touchpoints)
    slower = reader.get(table, f"{entry}.slower", dict, {})
    reader.known(slower, f"{entry}.slower", {**world.touchpoints[touchpoint].next, **(follows or {})})
    start, end = reader.day(table, f"{entry}.start"), reader.day(table, f"{entry}.end")
    if not world.start <= start <= end <= world.end:
        raise reader.wrong(f"{entry}.end", "not_within", found=f"{start} – {end}", start=world.start, end=world.end)
    channel, fixed = reader.get(table, f"{entry}.channel", str, ""), world.touchpoints[touchpoint].channel
    if channel and fixed and channel != fixed:
        raise reader.wrong(f"{entry}.channel", "wrong_kind", found=repr(channel))
    return Incident(
        reader.get(table, f"{entry}.id", str),
        reader.get(table, f"{entry}.says", str),
        start,
        end,
        who,
        "" if fixed else channel,
        touchpoint,
        follows,
        {to: reader.number(slower, f"{entry}.slower.{to}", 0.01, 100) for to in slower},
    )


@dataclasses.dataclass(frozen=True, eq=False)
class Matrices:
    """A row for each touchpoint, then one for each incident: `edges`, the cumulated shares of what follows; `median` wait in
    seconds; `factor` that multiplies it. And the longest wait of each row."""

    edges: np.ndarray
    median: np.ndarray
    longest: np.ndarray
    factor: np.ndarray


def matrices(world: World) -> Matrices:
    """The declared shares and waits as arrays of (touchpoints + incidents) × touchpoints."""
    codes = {name: code for code, name in enumerate(world.touchpoints)}
    rows = [*world.touchpoints, *(incident.touchpoint for incident in world.incidents)]
    shares = np.zeros((len(rows), len(codes)))
    median, factor = np.zeros_like(shares), np.ones_like(shares)
    for row, name in enumerate(rows):
        touchpoint = world.touchpoints[name]
        median[row] = touchpoint.wait_s
        for to, wait in touchpoint.waits_s.items():
            median[row, codes[to]] = wait
        incident = world.incidents[row - len(codes)] if row >= len(codes) else None
        follows = incident.next if incident and incident.next is not None else touchpoint.next
        for to, share in follows.items():
            shares[row, codes[to]] = share
        for to, times in (incident.slower if incident else {}).items():
            factor[row, codes[to]] = times
    longest = np.array([world.touchpoints[name].longest_s or world.waits.longest_s for name in rows])
    return Matrices(np.minimum(shares.cumsum(axis=1), 1.0), median, longest, factor)


def ends(world: World) -> bool:
    """Whether every journey comes to an end, whatever happens, and soon enough: no loop keeps nearly all."""
    made = matrices(world)
    shares = np.diff(made.edges, axis=1, prepend=0.0)
    n = len(world.touchpoints)
    worst = shares[:n].copy()
    for row, incident in enumerate(world.incidents, start=n):
        code = list(world.touchpoints).index(incident.touchpoint)
        worst[code] = np.maximum(worst[code], shares[row])
    return bool(np.abs(np.linalg.eigvals(worst)).max() < 0.97)


def horizon(world: World, touchpoint: str) -> int:
    """Whatever follows the touchpoint has followed after so many seconds."""
    factors = [factor for one in world.incidents if one.touchpoint == touchpoint for factor in one.slower.values()]
    return int((world.touchpoints[touchpoint].longest_s or world.waits.longest_s) * max([1.0, *factors])) + 1
