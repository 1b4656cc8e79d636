"""Who the customers are: attributes (some of them drawn together), when they joined, value, VIP, consent, latent mood."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench import stats
from workbench.worlds import seen
from workbench.worlds.company import NEVER, Company, numbered
from workbench.worlds.reader import By, Reader
from workbench.worlds.truths import Measured, Truth

if TYPE_CHECKING:
    from workbench.worlds.declaration import World

DAY = 86400
#: drawn where a company declares no attribute of this name
USUAL = {"language": {"en": 1.0}, "income_band": {"low": 0.3, "middle": 0.5, "high": 0.2}}


@dataclasses.dataclass(frozen=True)
class Correlated:
    """An attribute whose shares differ by the value of another one."""

    given: str
    shares: Mapping[str, Mapping[str, float]]


@dataclasses.dataclass(frozen=True)
class People:
    prefix: str  # of customer ids
    newcomers: float  # share of customers who join within the period, on any of its days alike …
    joined_before_s: float  # … the others within so long before it
    vip: By  # share
    consent: By  # share of those who may be contacted
    value: By  # median of money a year, log-normal …
    value_spread: float  # … with this standard deviation of the logarithm
    mood: By  # mean of the latent satisfaction, a share of the scale
    mood_concentration: float  # of its Beta distribution: the larger the more alike
    correlated: Mapping[str, Correlated]


def read(reader: Reader, declared: Mapping, world: World) -> People:
    """The section [people]; each entry has a default."""
    table = reader.get(declared, "people", dict, {})
    names = {field.name.removesuffix("_s") for field in dataclasses.fields(People)}
    reader.only(table, "people", *sorted(names))
    known = world.attributes
    return People(
        prefix=reader.get(table, "people.prefix", str, "c"),
        newcomers=reader.number(table, "people.newcomers", 0, 1, 0.0),
        joined_before_s=reader.duration(table, "people.joined_before", "900d"),
        vip=reader.by(table, "people.vip", known, 0, 1, 0.0),
        consent=reader.by(table, "people.consent", known, 0, 1, 1.0),
        value=reader.by(table, "people.value", known, 0.01, 1e9, 100.0),
        value_spread=reader.number(table, "people.value_spread", 0, 3, 0.6),
        mood=reader.by(table, "people.mood", known, 0.01, 0.99, 0.7),
        mood_concentration=reader.number(table, "people.mood_concentration", 0.5, 1000, 8.0),
        correlated=correlated(reader, declared),
    )


def correlated(reader: Reader, declared: Mapping) -> dict[str, Correlated]:
    """[people.correlated.NAME]: given = another attribute, and a table of shares for each of its values."""
    own = reader.get(declared, "attributes", dict)
    found = {}
    tables = reader.get(reader.get(declared, "people", dict, {}), "people.correlated", dict, {})
    for name in tables:
        entry = f"people.correlated.{name}"
        table = reader.get(tables, entry, dict)
        given = reader.get(table, f"{entry}.given", str)
        reader.known([given], f"{entry}.given", [one for one in own if one not in tables])
        reader.only(table, entry, "given", *own[given])
        shares = {value: reader.shares(reader.get(table, f"{entry}.{value}", dict), f"{entry}.{value}") for value in own[given]}
        found[name] = Correlated(given, shares)
    return found


def marginal(attributes: Mapping[str, Mapping[str, float]], drawn: Mapping[str, Correlated]) -> dict[str, dict[str, float]]:
    """All attributes with the shares of their values among all customers."""
    found = {name: dict(shares) for name, shares in attributes.items()}
    for name, one in drawn.items():
        total: dict[str, float] = {}
        for value, shares in one.shares.items():
            for own, share in shares.items():
                total[own] = total.get(own, 0.0) + share * attributes[one.given][value]
        found[name] = total
    return found


def make(company: Company) -> None:
    """Fills `company.people`."""
    world, n, rng = company.world, company.n, company.rng("people")
    own = world.people
    frame = pd.DataFrame({"customer_id": numbered(own.prefix, n, 6)})
    day = rng.integers(0, _days(world), size=n)
    before = rng.integers(1, max(2, int(own.joined_before_s // DAY) + 1), size=n)
    midnight = np.array([company.seconds(date) for date in days(world)], dtype=np.int64)
    frame["joined_s"] = np.where(rng.random(n) < own.newcomers, midnight[day], -before * DAY)
    frame["left_s"] = np.full(n, NEVER, dtype=np.int64)
    for name, shares in world.attributes.items():
        if name not in own.correlated:
            frame[name] = draw(shares, n, rng)
    for name, one in own.correlated.items():
        codes = np.zeros(n, dtype=np.int16)
        values = list(world.attributes[name])
        for value, shares in one.shares.items():
            met = (frame[one.given] == value).to_numpy()
            codes[met] = [values.index(own) for own in draw(shares, int(met.sum()), rng)]
        frame[name] = pd.Categorical.from_codes(codes, values)
    for name, shares in USUAL.items():
        if name not in frame:
            frame[name] = draw(shares, n, rng)
    frame["vip"] = rng.random(n) < own.vip.of(frame)
    frame["consent"] = rng.random(n) < own.consent.of(frame)
    frame["value"] = np.round(own.value.of(frame) * np.exp(own.value_spread * rng.standard_normal(n)), 2)
    mean = own.mood.of(frame)
    frame["mood"] = rng.beta(mean * own.mood_concentration, (1 - mean) * own.mood_concentration)
    company.people = frame


def draw(shares: Mapping[str, float], n: int, rng: np.random.Generator) -> pd.Categorical:
    """`n` values with these shares."""
    edges = np.cumsum(list(shares.values()))
    codes = np.searchsorted(edges / edges[-1], rng.random(n), side="right")
    return pd.Categorical.from_codes(codes.astype(np.int16), list(shares))


def days(world: World) -> list:
    """The days of the period."""
    return [stamp.date() for stamp in pd.date_range(world.start, world.end)]


def _days(world: World) -> int:
    return (world.end - world.start).days + 1


def truths(world: World) -> list[Truth]:
    """Shares of attributes, of newcomers, of VIPs and of those who consent; the median value."""
    own, found = world.people, []
    for name, shares in world.attributes.items():
        if name in own.correlated:
            one = own.correlated[name]
            for value, given in one.shares.items():
                found += [_share("given_share", name, label, share, {one.given: value}) for label, share in given.items()]
        else:
            found += [_share("attribute_share", name, label, share, {}) for label, share in shares.items()]
    found.append(Truth("people.newcomers", "newcomers", {}, own.newcomers, "share"))
    for column in ("vip", "consent"):
        for who, share in getattr(own, column).each():
            found.append(Truth(_id(column, who), f"{column}_share", {"attributes": who}, share, "share"))
    for who, median in own.value.each():
        found.append(Truth(_id("value", who), "value_median", {"attributes": who}, median, "money"))
    return found


def _id(name: str, who: Mapping[str, str]) -> str:
    return ".".join(["people", name, *who.values()])


def _share(kind: str, attribute: str, value: str, share: float, who: Mapping[str, str]) -> Truth:
    place = {"attribute": attribute, "value": value, "attributes": who}
    return Truth(".".join(["people", attribute, value, *who.values()]), kind, place, share, "share")


def measure(truth: Truth, tables: Mapping[str, pd.DataFrame], key: Mapping[str, pd.DataFrame], world: World) -> Measured:
    """Shares with Wilson's interval, medians with that of order statistics."""
    customers = tables["customers"]
    for name, value in truth.place.get("attributes", {}).items():
        customers = customers[customers[name] == value]
    if truth.kind == "value_median":
        values = np.sort(customers["value"].to_numpy())
        middle = float(np.median(values)) if len(values) else float("nan")
        return Measured(truth, middle, *stats.quantile_interval(values), len(values))
    if truth.kind == "newcomers":
        met = pd.Series(seen.seconds(world, customers["joined_at"]) >= 0)
    elif truth.kind in ("vip_share", "consent_share"):
        met = customers[truth.kind.removesuffix("_share")]
    else:
        met = customers[truth.place["attribute"]] == truth.place["value"]
    return counted(truth, int(met.sum()), len(met))


def counted(truth: Truth, k: int, n: int) -> Measured:
    """A share as measured: `k` of `n`."""
    return Measured(truth, k / n if n else float("nan"), *stats.wilson(k, n), n)
