"""Reads the declaration of a synthetic company (`data/worlds/<name>.toml`) and says what is wrong with it, and where."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from workbench.errors import BadInput, NotFound
from workbench.settings import ROOT
from workbench.worlds.reader import Reader

if TYPE_CHECKING:
    from workbench.worlds.people import People
    from workbench.worlds.season import Season
    from workbench.worlds.steps import Incident, Touchpoint, Waits
    from workbench.worlds.walks import Journeys

FOLDER = ROOT / "data" / "worlds"
MOST_CUSTOMERS = 5_000_000
MOST_SEED = 2**63 - 1
#: what a company's days may be: clocks before were set by decrees that no library knows for sure
EARLIEST, LATEST = dt.date(1990, 1, 1), dt.date(2100, 12, 31)
#: names of customers' other columns, of what is hidden, and of words in causes: no attribute can be called so
TAKEN = frozenset(
    ("customer_id", "joined_at", "left_at", "joined_s", "left_s", "value", "vip", "consent", "loyalty_member")
    + ("mood", "rate", "household", "app_id", "phone", "email", "card", "by", "other", "given", "odds_ratio")
    + ("touchpoint", "incident", "hand_off", "wait_above", "times", "within")
)


@dataclasses.dataclass(frozen=True)
class World:
    """A declared company. What a part of it makes of its section stands under the part's name; None: not declared."""

    name: str
    timezone: str
    customers: int
    seed: int
    start: dt.date
    end: dt.date  # included
    attributes: Mapping[str, Mapping[str, float]]  # all of them, with the shares of their values among all customers
    people: People | None = None
    season: Season | None = None
    touchpoints: Mapping[str, Touchpoint] = dataclasses.field(default_factory=dict)
    waits: Waits | None = None
    incidents: tuple[Incident, ...] = ()
    journeys: Journeys | None = None
    identities: object | None = None
    churn: object | None = None
    orders: object | None = None
    experience: object | None = None
    campaigns: object | None = None
    texts: object | None = None


def names() -> list[str]:
    """The companies that are declared."""
    return sorted(file.stem for file in FOLDER.glob("*.toml"))


def place(name: str | Path) -> Path:
    """The file of the world declared under `name`, or the TOML file of that path."""
    return Path(name) if str(name).endswith(".toml") else FOLDER / f"{name}.toml"


def read(name: str | Path) -> World:
    """The world declared under `name`, or in a TOML file of that path. BadInput names the line and the entry that is wrong."""
    file = place(name)
    if not file.is_file():
        raise NotFound("worlds.unknown", asked=str(name), exists=names())
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput("worlds.not_toml", file=file.name, line=1, found=str(error)) from None
    return parse(text, file.name)


def parse(text: str, file: str = "declaration") -> World:
    """The world that a TOML text declares; `file` is what errors call it."""
    try:
        declared = tomllib.loads(text)
    # tables a thousand deep, numbers of thousands of digits
    except (ValueError, RecursionError) as error:
        line = re.search(r"line (\d+)", str(error))
        raise BadInput("worlds.not_toml", file=file, line=line[1] if line else "?", found=str(error)) from None
    return _world(Reader(file, text), declared)


def _world(reader: Reader, declared: Mapping) -> World:
    # the parts' modules know World, so they are met only here
    from workbench.worlds import people, steps
    from workbench.worlds.parts import SECTIONS

    fields = [field.name for field in dataclasses.fields(World)]
    reader.only(declared, "", *fields)
    tables = reader.get(declared, "attributes", dict)
    own = {name: reader.shares(reader.get(tables, f"attributes.{name}", dict), f"attributes.{name}") for name in tables}
    zone = reader.get(declared, "timezone", str, "UTC")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise reader.wrong("timezone", "wrong_kind", found=repr(zone)) from None
    start, end = reader.day(declared, "start"), reader.day(declared, "end")
    if end < start:
        raise reader.wrong("end", "wrong_kind", found=repr(str(end)))
    if start < EARLIEST or end > LATEST:
        place, found = ("start", start) if start < EARLIEST else ("end", end)
        raise reader.wrong(place, "out_of_range", found=str(found), low=str(EARLIEST), high=str(LATEST))
    for name in own:
        if name in TAKEN:
            raise reader.wrong(f"attributes.{name}", "wrong_kind", found=repr(name))

    def whole(entry: str, low: int, high: int, default: int | None = None) -> int:
        reader.number(declared, entry, low, high, default)
        return reader.get(declared, entry, int, default)

    world = World(
        name=reader.get(declared, "name", str),
        timezone=zone,
        customers=whole("customers", 1, MOST_CUSTOMERS),
        seed=whole("seed", 0, MOST_SEED, 0),
        start=start,
        end=end,
        attributes=people.marginal(own, people.correlated(reader, declared)),
    )
    for section, part in SECTIONS.items():
        world = dataclasses.replace(world, **{section: part(reader, declared, world)})
    if not steps.ends(world):
        raise reader.wrong("touchpoints", "endless")
    return world
