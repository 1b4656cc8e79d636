"""Reads the declaration of a synthetic company (`data/worlds/<name>.toml`) and says what is wrong with it, and where."""

from __future__ import annotations

import dataclasses
import datetime as dt
import tomllib
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from workbench.errors import BadInput, NotFound
from workbench.model import seconds
from workbench.settings import ROOT

FOLDER = ROOT / "data" / "worlds"
#: slack for shares written with two digits
ROUNDING = 1e-6


@dataclasses.dataclass(frozen=True)
class Touchpoint:
    name: str
    stage: str
    channel: str  # empty: the journey's own
    owner: str
    next: Mapping[str, float]  # shares of what follows; what is missing from 1 leaves
    wait_s: float  # median time to what follows …
    waits_s: Mapping[str, float]  # … where it differs by what follows


@dataclasses.dataclass(frozen=True)
class Incident:
    id: str
    says: str
    start: dt.date
    end: dt.date  # included
    attributes: Mapping[str, str]
    channel: str
    touchpoint: str
    next: Mapping[str, float] | None  # replaces the touchpoint's shares
    slower: Mapping[str, float]  # multiplies waits


@dataclasses.dataclass(frozen=True)
class World:
    name: str
    timezone: str
    customers: int
    seed: int
    start: dt.date
    end: dt.date
    attributes: Mapping[str, Mapping[str, float]]
    more: Mapping[str, float]
    channel: Mapping[str, Mapping[str, float]]
    begin: Mapping[str, Mapping[str, float]]
    weekday: tuple[float, ...]
    hour: tuple[float, ...]
    touchpoints: Mapping[str, Touchpoint]
    incidents: tuple[Incident, ...]


def names() -> list[str]:
    """The companies that are declared."""
    return sorted(file.stem for file in FOLDER.glob("*.toml"))


def read(name: str | Path) -> World:
    """The world declared under `name`, or in a TOML file of that path. BadInput names the entry that is wrong."""
    file = Path(name) if str(name).endswith(".toml") else FOLDER / f"{name}.toml"
    if not file.is_file():
        raise NotFound("worlds.unknown", asked=str(name), exists=names())
    try:
        declared = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadInput("worlds.not_toml", file=file.name, found=str(error)) from None
    return _Reader(file.name).world(declared)


class _Reader:
    """Turns the parsed TOML into a World; every complaint names the file and the entry."""

    def __init__(self, file: str) -> None:
        self.file = file

    def wrong(self, entry: str, key: str, **values: object) -> BadInput:
        return BadInput(f"worlds.{key}", file=self.file, entry=entry, **values)

    def get(self, table: Mapping, entry: str, kind: type | tuple[type, ...], default: object = None):
        value = table.get(entry.rsplit(".", 1)[-1], default)
        if value is None:
            raise self.wrong(entry, "missing")
        if not isinstance(value, kind) or isinstance(value, bool):
            raise self.wrong(entry, "wrong_kind", found=repr(value))
        return value

    def day(self, table: Mapping, entry: str) -> dt.date:
        text = self.get(table, entry, str)
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            raise self.wrong(entry, "wrong_kind", found=repr(text)) from None

    def shares(self, table: Mapping, entry: str, whole: bool = True) -> dict[str, float]:
        found = {}
        for name, share in table.items():
            if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
                raise self.wrong(f"{entry}.{name}", "not_share", found=repr(share))
            found[name] = float(share)
        total = sum(found.values())
        if total > 1 + ROUNDING or (whole and abs(total - 1) > ROUNDING):
            raise self.wrong(entry, "bad_sum", found=f"{total:g}")
        return found

    def known(self, names: Mapping, entry: str, exists: Mapping) -> None:
        for name in names:
            if name not in exists:
                raise NotFound("worlds.unknown_name", asked=name, exists=exists, file=self.file, entry=entry)

    def world(self, declared: Mapping) -> World:
        attributes = {
            name: self.shares(shares, f"attributes.{name}") for name, shares in self.get(declared, "attributes", dict).items()
        }
        journeys = self.get(declared, "journeys", dict)
        tables = self.get(declared, "touchpoints", dict)
        touchpoints = {name: self.touchpoint(name, table, tables) for name, table in tables.items()}
        channel = {
            device: self.shares(shares, f"journeys.channel.{device}")
            for device, shares in self.get(journeys, "journeys.channel", dict).items()
        }
        self.known(attributes.get("device", {}), "journeys.channel", channel)
        begin = {
            name: self.shares(shares, f"journeys.begin.{name}")
            for name, shares in self.get(journeys, "journeys.begin", dict).items()
        }
        for name, shares in begin.items():
            self.known(shares, f"journeys.begin.{name}", touchpoints)
        for device, shares in channel.items():
            self.known(shares, f"journeys.channel.{device}", begin)
        more = self.get(journeys, "journeys.more", dict)
        self.known(attributes.get("plan", {}), "journeys.more", more)
        when = self.get(journeys, "journeys.when", dict)
        zone = self.get(declared, "timezone", str, "UTC")
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise self.wrong("timezone", "wrong_kind", found=repr(zone)) from None
        start, end = self.day(declared, "start"), self.day(declared, "end")
        if end < start:
            raise self.wrong("end", "wrong_kind", found=repr(str(end)))
        return World(
            name=self.get(declared, "name", str),
            timezone=zone,
            customers=self.get(declared, "customers", int),
            seed=self.get(declared, "seed", int, 0),
            start=start,
            end=end,
            attributes=attributes,
            more={name: float(self.get(more, f"journeys.more.{name}", (int, float))) for name in more},
            channel=channel,
            begin=begin,
            weekday=self.weights(when, "journeys.when.weekday", 7),
            hour=self.weights(when, "journeys.when.hour", 24),
            touchpoints=touchpoints,
            incidents=tuple(
                self.incident(i, table, touchpoints, attributes)
                for i, table in enumerate(self.get(declared, "incidents", list, []), start=1)
            ),
        )

    def weights(self, table: Mapping, entry: str, length: int) -> tuple[float, ...]:
        found = self.get(table, entry, list)
        numeric = all(isinstance(one, int | float) and one >= 0 for one in found)
        if len(found) != length or not numeric or not sum(found):
            raise self.wrong(entry, "wrong_kind", found=repr(found))
        return tuple(float(one) / sum(found) for one in found)

    def touchpoint(self, name: str, table: Mapping, all_names: Mapping) -> Touchpoint:
        entry = f"touchpoints.{name}"
        follows = self.shares(self.get(table, "next", dict, {}), f"{entry}.next", whole=False)
        waits = self.get(table, "waits", dict, {})
        self.known(follows, f"{entry}.next", all_names)
        self.known(waits, f"{entry}.waits", follows)
        return Touchpoint(
            name,
            self.get(table, f"{entry}.stage", str),
            self.get(table, f"{entry}.channel", str, ""),
            self.get(table, f"{entry}.owner", str, ""),
            follows,
            seconds(self.get(table, f"{entry}.wait", str)),
            {to: seconds(wait) for to, wait in waits.items()},
        )

    def incident(self, number: int, table: Mapping, touchpoints: Mapping, attributes: Mapping) -> Incident:
        entry = f"incidents[{number}]"
        touchpoint = self.get(table, f"{entry}.touchpoint", str)
        self.known({touchpoint: 1}, entry, touchpoints)
        who = self.get(table, f"{entry}.attributes", dict, {})
        self.known(who, f"{entry}.attributes", attributes)
        for name, value in who.items():
            self.known({value: 1}, f"{entry}.attributes.{name}", attributes[name])
        follows = table.get("next")
        if follows is not None:
            follows = self.shares(follows, f"{entry}.next", whole=False)
            self.known(follows, f"{entry}.next", touchpoints)
        slower = self.get(table, f"{entry}.slower", dict, {})
        self.known(slower, f"{entry}.slower", touchpoints)
        return Incident(
            self.get(table, f"{entry}.id", str),
            self.get(table, f"{entry}.says", str),
            self.day(table, f"{entry}.start"),
            self.day(table, f"{entry}.end"),
            who,
            self.get(table, f"{entry}.channel", str, ""),
            touchpoint,
            follows,
            {to: float(factor) for to, factor in slower.items()},
        )
