"""By what each channel knows a customer: cookies that are renewed, an app, a phone, an e-mail address, a loyalty card.

[identities]
kinds         channel -> cookie, app_id, phone, email or card; a channel that isn't named knows customers by their number
cookie_life   how long a cookie lives on average; its end comes at any moment alike
household     share of customers who share their browser and their phone with one other
card          share of customers who have a loyalty card; the others stay unknown where the card is asked for
log_in        share of journeys on the web, among those that come to one of `log_in_at`, in which the customer logs in there:
              what comes before is known by the cookie alone
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.worlds import seen
from workbench.worlds.company import NEVER, Company
from workbench.worlds.estimates import Z
from workbench.worlds.people import counted
from workbench.worlds.reader import By, Reader
from workbench.worlds.truths import Measured, Truth

if TYPE_CHECKING:
    from workbench.worlds.declaration import World

KINDS = ("cookie", "app_id", "phone", "email", "card")
#: how an identity is written; no phone number begins with +999, and example.org takes no mail
WRITTEN = {
    "cookie": "ck-{:08x}",
    "app_id": "app-{:08x}",
    "phone": "+999{:010d}",
    "email": "{:08x}@example.org",
    "card": "L{:010d}",
}


@dataclasses.dataclass(frozen=True)
class Identities:
    """The section; lives in seconds."""

    kinds: Mapping[str, str]  # by channel
    cookie_life_s: float
    household: float
    card: By
    log_in: float
    log_in_at: tuple[str, ...]


def read(reader: Reader, declared: Mapping, world: World) -> Identities | None:
    """The section [identities]; None where there is none: then all channels know customers by their number."""
    if "identities" not in declared:
        return None
    table = reader.get(declared, "identities", dict)
    reader.only(table, "identities", "kinds", "cookie_life", "household", "card", "log_in", "log_in_at")
    kinds = reader.get(table, "identities.kinds", dict)
    channels = {one.channel for one in world.touchpoints.values()} | set(world.journeys.begin)
    reader.known(kinds, "identities.kinds", channels - {""})
    reader.known(kinds.values(), "identities.kinds", KINDS)
    log_in_at = reader.get(table, "identities.log_in_at", list, [])
    reader.known(log_in_at, "identities.log_in_at", world.touchpoints)
    return Identities(
        dict(kinds),
        reader.duration(table, "identities.cookie_life", "90d", least_s=3600),
        reader.number(table, "identities.household", 0, 1, 0.0),
        reader.by(table, "identities.card", world.attributes, 0, 1, 1.0),
        reader.number(table, "identities.log_in", 0, 1, 0.0),
        tuple(log_in_at),
    )


def give(company: Company, rng: np.random.Generator) -> None:
    """Fills people's `household` (number of the pair that shares; −1: none) and each identity they have, events' `identity` and
    journeys' `logged_in_s`."""
    own, people, events = company.world.identities, company.people, company.events
    if own is None:
        return
    n = company.n
    partner, household = _households(n, own.household, rng)
    people["household"] = household
    has_card = rng.random(n) < own.card.of(people)
    salt = int(rng.integers(0, 2**31)) | 1
    for kind in KINDS[1:]:
        # who shares is known by what belongs to the first of the two
        number = partner if kind == "phone" else np.arange(n)
        text = _written(kind, number, salt)
        people[kind] = np.where(has_card, text, None) if kind == "card" else text
    kind_of = _kinds(company)
    identity = np.full(len(events), -1, dtype=np.int64)
    texts: list[np.ndarray] = []
    known = 0
    for place, kind in enumerate(KINDS):
        chosen = np.flatnonzero(kind_of == place)
        if kind == "card":
            # who has none is nobody where the card is asked for
            chosen = chosen[has_card[events["person"].to_numpy()[chosen]]]
        person = events["person"].to_numpy()[chosen]
        if kind == "cookie":
            shown, code = np.unique(
                _cookies(company, own, partner[person], events["at_s"].to_numpy()[chosen], rng), return_inverse=True
            )
            texts.append(_written(kind, shown, salt))
        else:
            shown, code = np.unique(partner[person] if kind == "phone" else person, return_inverse=True)
            texts.append(people[kind].to_numpy(dtype=object)[shown])
        identity[chosen] = code + known
        known += len(shown)
    events["identity"] = pd.Categorical.from_codes(identity.astype(np.int32), np.concatenate(texts))
    company.journeys["logged_in_s"] = _log_ins(company, own, kind_of, rng)


def _households(n: int, share: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    # customers are paired at random; each pair shares with the declared chance
    order = rng.permutation(n)
    one, other = order[: n // 2], order[n // 2 : 2 * (n // 2)]
    shares = rng.random(n // 2) < share
    partner, household = np.arange(n), np.full(n, -1)
    partner[other[shares]] = one[shares]
    household[one[shares]] = household[other[shares]] = np.flatnonzero(shares)
    return partner, household


def _kinds(company: Company) -> np.ndarray:
    # of each event: the place in KINDS of what its channel knows customers by; −1: their number
    own, journeys, events = company.world.identities, company.journeys, company.events
    place = {channel: KINDS.index(kind) for channel, kind in own.kinds.items()}
    of_journey = np.array([place.get(name, -1) for name in journeys["channel"].cat.categories], dtype=np.int8)
    fixed = [-2 if not one.channel else place.get(one.channel, -1) for one in company.world.touchpoints.values()]
    code, journey = events["code"].to_numpy(), events["journey"].to_numpy()
    found = np.array(fixed, dtype=np.int8)[code]
    return np.where(found == -2, of_journey[journeys["channel"].cat.codes.to_numpy()[journey]], found)


def _cookies(company: Company, own: Identities, owner: np.ndarray, at: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    # a browser's cookies end as a Poisson process: the cookie at a moment is the count of ends before it
    span = company.end_s + 1
    ends = rng.poisson(span / own.cookie_life_s, size=company.n)
    whose = np.repeat(np.arange(company.n, dtype=np.int64), ends)
    moments = np.sort(whose * span + rng.integers(0, span, size=len(whose)))
    return np.searchsorted(moments, owner.astype(np.int64) * span + at, side="right") + owner


def _written(kind: str, numbers: np.ndarray, salt: int) -> np.ndarray:
    # numbers below 2³² are turned around so that neither neighbours' nor one's own in
    # other channels look alike; no two become the same
    begin = np.uint64(1 + 521288629 * KINDS.index(kind))
    mixed = (np.asarray(numbers, dtype=np.uint64) + begin) * np.uint64(2654435761 + 2 * (salt % 997)) % np.uint64(2**32)
    form = WRITTEN[kind]
    return np.array([form.format(one) for one in mixed.tolist()], dtype=object)


def _log_ins(company: Company, own: Identities, kind_of: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    codes = [company.code(name) for name in own.log_in_at]
    events, n = company.events, len(company.journeys)
    at = np.flatnonzero(np.isin(events["code"].to_numpy(), codes) & (kind_of == KINDS.index("cookie")))
    journey = events["journey"].to_numpy()[at]
    logs_in = rng.random(n) < own.log_in
    found = np.full(n, NEVER, dtype=np.int64)
    first = np.unique(journey, return_index=True)
    found[first[0]] = events["at_s"].to_numpy()[at[first[1]]]
    return np.where(logs_in, found, NEVER)


def keep(company: Company) -> None:
    """Into the key: `identities` (who was seen under which identity, on how many steps), and journeys' log-ins."""
    own, events = company.world.identities, company.events
    if own is None:
        return
    chosen = events["identity"].cat.codes.to_numpy() >= 0
    pairs = events["identity"].cat.codes.to_numpy()[chosen].astype(np.int64) * company.n + events["person"].to_numpy()[chosen]
    shown, n = np.unique(pairs, return_counts=True)
    names = events["identity"].cat.categories.to_numpy()
    company.key["identities"] = pd.DataFrame(
        {
            "identity": names[shown // company.n],
            "customer_id": company.people["customer_id"].to_numpy()[shown % company.n],
            "n_steps": n,
        }
    )
    order = np.argsort(events["journey"].to_numpy(), kind="stable")
    company.key["sightings"] = _sightings(company, order)
    logged = company.journeys["logged_in_s"].to_numpy()
    moments = pd.Series(company.utc(np.where(logged < NEVER, logged, 0))).where(logged < NEVER)
    company.key["journeys"]["logged_in_at"] = moments


def _sightings(company: Company, order: np.ndarray) -> pd.DataFrame:
    # one row a journey that a cookie was seen in: whose browser, when first, under which cookie
    events, kind_of = company.events, _kinds(company)
    order = order[kind_of[order] == KINDS.index("cookie")]
    journey = events["journey"].to_numpy()[order]
    order = order[np.unique(journey, return_index=True)[1]]
    return pd.DataFrame(
        {
            "customer_id": company.people["customer_id"].to_numpy()[events["person"].to_numpy()[order]],
            "seen_at": company.utc(events["at_s"].to_numpy()[order]),
            "identity": events["identity"].array[order],
        }
    )


def truths(world: World) -> list[Truth]:
    """How many share, who has a card, how long a cookie lives, how many log in."""
    own = world.identities
    if own is None:
        return []
    found = [Truth("identities.household", "household", {}, own.household, "share")]
    for who, share in own.card.each():
        found.append(Truth(".".join(["identities.card", *who.values()]), "card_share", {"attributes": who}, share, "share"))
    if "cookie" in own.kinds.values():
        found.append(Truth("identities.cookie_life", "cookie_life", {}, own.cookie_life_s, "seconds"))
        if own.log_in_at:
            place = {"touchpoints": ", ".join(own.log_in_at)}
            found.append(Truth("identities.log_in", "log_in", place, own.log_in, "share"))
    return found


def measure(truth: Truth, tables: Mapping[str, pd.DataFrame], key: Mapping[str, pd.DataFrame], world: World) -> Measured:
    """Shares by Wilson; the life of a cookie by maximum likelihood from who was seen again under the same one."""
    customers, own = key["customers"], world.identities
    if truth.kind == "household":
        return counted(truth, int((customers["household"] >= 0).sum()) // 2, len(customers) // 2)
    if truth.kind == "card_share":
        chosen = np.ones(len(customers), dtype=bool)
        for name, value in truth.place["attributes"].items():
            chosen &= (tables["customers"][name] == value).to_numpy()
        return counted(truth, int(customers["card"].notna()[chosen].sum()), int(chosen.sum()))
    if truth.kind == "log_in":
        made, codes = seen.steps(tables, world), [list(world.touchpoints).index(name) for name in own.log_in_at]
        by_cookie = [channel for channel, kind in own.kinds.items() if kind == "cookie"]
        came = np.isin(made.code, codes) & np.isin(_channels(tables, made, world, key), by_cookie)
        reached = np.unique(made.case[came])
        return counted(truth, int(key["journeys"]["logged_in_at"].notna().to_numpy()[reached].sum()), len(reached))
    return _life(truth, key)


def _channels(tables, made: seen.Steps, world: World, key) -> np.ndarray:
    # of each step in the order of journeys: the touchpoint's own channel, else the journey's
    fixed = np.array([one.channel for one in world.touchpoints.values()], dtype=object)[made.code]
    own = key["journeys"]["channel"].to_numpy(dtype=object)[made.case]
    return np.where(fixed == "", own, fixed)


def _life(truth: Truth, key: Mapping[str, pd.DataFrame]) -> Measured:
    # A cookie that lives L on average is still there after t with chance exp(−t/L). Only who shares with nobody is looked at.
    alone = key["customers"].loc[key["customers"]["household"] < 0, "customer_id"]
    sighted = key["sightings"][key["sightings"]["customer_id"].isin(alone)]
    sighted = sighted.sort_values(["customer_id", "seen_at"], kind="stable")
    again = (sighted["customer_id"] == sighted["customer_id"].shift()).to_numpy()
    gap = sighted["seen_at"].diff().dt.total_seconds().to_numpy()[again]
    same = (sighted["identity"].astype(object) == sighted["identity"].astype(object).shift()).to_numpy()[again]
    gap, same = gap[gap > 0], same[gap > 0]
    if same.all() or not same.any():
        return Measured(truth, math.nan, math.nan, math.nan, len(gap))
    log_rate = -math.log(gap.mean())
    for _ in range(100):
        # score and information of the logarithm of 1/L (Bernoulli outcomes with a complementary log-log link)
        x = gap * math.exp(log_rate)
        gone = -np.expm1(-x)
        score = (np.where(same, -x, x * np.exp(-x) / gone)).sum()
        information = (x**2 * np.exp(-x) / gone).sum()
        move = max(-1.0, min(1.0, score / information))
        log_rate += move
        if abs(move) < 1e-10:
            break
    wide = Z / math.sqrt(information)
    return Measured(truth, math.exp(-log_rate), math.exp(-log_rate - wide), math.exp(-log_rate + wide), len(gap))
