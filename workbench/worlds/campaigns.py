"""Campaigns: whom a company contacts, who by chance is left out, and what the contact changes, which differs by customer.

A campaign goes out in waves. Of those who have joined, haven't left and consent, a share is drawn in each wave, and of these
a share, which may differ by an attribute, is treated: contacted. The others are the control group. Each customer belongs to
one of four groups, for good: who can be persuaded, who is sure to respond, who is lost, who is put off. The group decides
how likely a response is with and without contact. Each contact in the 30 days before, of whatever campaign, multiplies what
a contact changes by `fatigue`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench import stats
from workbench.worlds import trials
from workbench.worlds.company import numbered
from workbench.worlds.truths import Measured, Truth

if TYPE_CHECKING:
    from workbench.worlds.company import Company
    from workbench.worlds.declaration import World
    from workbench.worlds.reader import By, Reader

GROUPS = ("persuadable", "sure", "lost", "put_off")
DAY = 86400
#: how long a contact tires
TIRES_S = 30 * DAY
#: contacts go out between nine and eighteen o'clock
OPENS_S, OPEN_S = 9 * 3600, 9 * 3600
#: what responses bring varies around its mean as a gamma distribution of this shape: half the mean up or down
REVENUE_SHAPE = 4.0


@dataclasses.dataclass(frozen=True)
class Campaign:
    """One declared campaign; chances of a response are those within `within_s` of the contact, or of being left out."""

    id: str
    says: str
    channel: str
    waves: tuple[dt.date, ...]  # days on which it goes out, so early that every outcome is known by the world's end
    contacted: By  # share of those who can be contacted that is drawn in each wave …
    treatment: By  # … and share of the drawn that is treated
    segment: str  # the attribute by which groups' shares differ; empty: they don't
    groups: Mapping[str, Mapping[str, float]]  # value of that attribute ("" where there is none) -> shares of the four groups
    control: Mapping[str, float]  # group -> chance of a response without contact …
    treated: Mapping[str, float]  # … and with the first contact in 30 days
    fatigue: float
    cost: float  # of a contact
    revenue: float  # mean, of a response

    def chances(self, value: str) -> tuple[float, float]:
        """Mean chance of a response in a segment: with contact (the first in 30 days), without."""
        shares = self.groups[value]
        return tuple(sum(shares[group] * chance[group] for group in GROUPS) for chance in (self.treated, self.control))

    def who(self, value: str) -> dict[str, str]:
        """The attribute and value of a segment; {} where there is one for all."""
        return {self.segment: value} if self.segment else {}


def read(reader: Reader, declared: Mapping, world: World) -> tuple[Campaign, ...]:
    """The list [[campaigns]]; empty where there is none."""
    tables = reader.get(declared, "campaigns", list, [])
    found: dict[str, Campaign] = {}
    for number, table in enumerate(tables, start=1):
        campaign = _campaign(reader, table, f"campaigns[{number}]", world)
        if campaign.id in found:
            raise reader.wrong(f"campaigns[{number}].id", "wrong_kind", found=repr(campaign.id))
        found[campaign.id] = campaign
    return tuple(found.values())


def _campaign(reader: Reader, table: Mapping, entry: str, world: World) -> Campaign:
    reader.only(
        table, entry, "id", "says", "channel", "start", "end", "cadence", "within", "contacted", "treatment", "groups",
        "responds", "fatigue", "cost", "revenue",
    )  # fmt: skip
    segment, groups = _groups(reader, reader.get(table, f"{entry}.groups", dict), f"{entry}.groups", world)
    responds = reader.get(table, f"{entry}.responds", dict)
    reader.only(responds, f"{entry}.responds", *GROUPS)
    control, treated = {}, {}
    for group in GROUPS:
        control[group], treated[group] = _chances(reader, responds, f"{entry}.responds.{group}", group)
    return Campaign(
        id=reader.get(table, f"{entry}.id", str),
        says=reader.get(table, f"{entry}.says", str),
        channel=reader.get(table, f"{entry}.channel", str),
        waves=_waves(reader, table, entry, world),
        contacted=reader.by(table, f"{entry}.contacted", world.attributes, 0, 1),
        # someone has to be in either arm, or nothing can be compared
        treatment=reader.by(table, f"{entry}.treatment", world.attributes, 0.01, 0.99),
        segment=segment,
        groups=groups,
        control=control,
        treated=treated,
        fatigue=reader.number(table, f"{entry}.fatigue", 0, 1, 1.0),
        cost=reader.number(table, f"{entry}.cost", 0, 1e6, 0.0),
        revenue=reader.number(table, f"{entry}.revenue", 0.01, 1e6),
    )


def _groups(reader: Reader, table: Mapping, entry: str, world: World) -> tuple[str, dict[str, dict[str, float]]]:
    if "by" not in table:
        return "", {"": _four(reader, table, entry)}
    segment = reader.get(table, f"{entry}.by", str)
    reader.known([segment], f"{entry}.by", world.attributes)
    values = world.attributes[segment]
    reader.only(table, entry, "by", *values)
    return segment, {value: _four(reader, reader.get(table, f"{entry}.{value}", dict), f"{entry}.{value}") for value in values}


def _four(reader: Reader, table: Mapping, entry: str) -> dict[str, float]:
    reader.only(table, entry, *GROUPS)
    return dict.fromkeys(GROUPS, 0.0) | reader.shares(table, entry)


def _chances(reader: Reader, table: Mapping, entry: str, group: str) -> tuple[float, float]:
    if group in ("sure", "lost"):
        chance = reader.number(table, entry, 0, 1)
        return chance, chance
    pair = reader.get(table, entry, dict)
    reader.only(pair, entry, "control", "treatment")
    control, treated = (reader.number(pair, f"{entry}.{arm}", 0, 1) for arm in ("control", "treatment"))
    found = f"control = {control:g}, treatment = {treated:g}"
    if group == "persuadable" and treated <= control:
        raise reader.wrong(entry, "bad_persuadable", found=found)
    if group == "put_off" and treated >= control:
        raise reader.wrong(entry, "bad_put_off", found=found)
    return control, treated


def _waves(reader: Reader, table: Mapping, entry: str, world: World) -> tuple[dt.date, ...]:
    start = reader.day(table, f"{entry}.start")
    end = reader.day(table, f"{entry}.end") if "end" in table else world.end
    cadence, within = (reader.duration(table, f"{entry}.{name}", "14d") for name in ("cadence", "within"))
    if cadence % DAY or start < world.start:
        raise reader.wrong(
            f"{entry}.{'cadence' if cadence % DAY else 'start'}",
            "wrong_kind",
            found=repr(table.get("cadence" if cadence % DAY else "start")),
        )
    last = min(end, world.end - dt.timedelta(seconds=within))
    waves = tuple(start + dt.timedelta(days=day) for day in range(0, (last - start).days + 1, int(cadence // DAY)))
    if not waves:
        raise reader.wrong(entry, "bad_wave", start=str(start), end=str(min(end, world.end)), within=table.get("within", "14d"))
    return waves


def contact(company: Company, rng: np.random.Generator) -> None:
    """Writes the table `contacts`, of both arms (a control's contacted_at is when it would have been contacted), and the key's
    `arms`: contact_id, customer_id, campaign, group, p_treatment and p_control (this contact's chances of a response in either
    arm, with fatigue), prior_contacts (in the 30 days before), segment (value of the attribute by which groups differ) and
    stratum (of the attribute by which the treated share differs)."""
    campaigns = company.world.campaigns or ()
    # what one campaign draws doesn't depend on how many others there are before it
    made = [_contacts(company, number, own) for number, own in enumerate(rng.spawn(len(campaigns)))]
    if not sum(map(len, made)):
        return
    drawn = pd.concat(made, ignore_index=True).sort_values(["at_s", "campaign", "person"], ignore_index=True)
    prior = _prior(drawn)
    tired = np.array([one.fatigue for one in campaigns])[drawn["campaign"]] ** prior
    chances = {
        arm: np.array([[getattr(one, arm)[group] for group in GROUPS] for one in campaigns])[drawn["campaign"], drawn["group"]]
        for arm in ("control", "treated")
    }
    with_contact = chances["control"] + tired * (chances["treated"] - chances["control"])
    responds = drawn["luck"].to_numpy() < np.where(drawn["treated"], with_contact, chances["control"])
    ids = numbered("k", len(drawn), 7)
    names = pd.Categorical.from_codes(drawn["campaign"], [one.id for one in campaigns])
    customer = company.people["customer_id"].to_numpy()[drawn["person"]]
    company.tables["contacts"] = pd.DataFrame(
        {
            "contact_id": ids,
            "customer_id": customer,
            "contacted_at": company.utc(drawn["at_s"].to_numpy()),
            "campaign": names,
            "channel": pd.Categorical(np.array([one.channel for one in campaigns], dtype=object)[drawn["campaign"]]),
            "arm": pd.Categorical.from_codes(drawn["treated"].astype(np.int8), ["control", "treatment"]),
            "propensity": drawn["propensity"],
            "outcome": responds.astype(np.int8),
            "revenue": np.where(responds, drawn["revenue"], 0.0),
            "cost": np.where(drawn["treated"], np.array([one.cost for one in campaigns])[drawn["campaign"]], 0.0),
        }
    )
    company.key["arms"] = pd.DataFrame(
        {
            "contact_id": ids,
            "customer_id": customer,
            "campaign": names,
            "group": pd.Categorical.from_codes(drawn["group"], GROUPS),
            "p_treatment": with_contact,
            "p_control": chances["control"],
            "prior_contacts": prior.astype(np.int16),
            "segment": pd.Categorical(drawn["segment"]),
            "stratum": pd.Categorical(drawn["stratum"]),
        }
    )


def _contacts(company: Company, number: int, rng: np.random.Generator) -> pd.DataFrame:
    """All contacts of a campaign, one row each; draws are made for everybody, so that who left changes nobody else's."""
    campaign = company.world.campaigns[number]
    people, n = company.people, len(company.people)
    segment, stratum = (_values(people, name) for name in (campaign.segment, campaign.treatment.attribute))
    edges = np.cumsum(
        [[campaign.groups.get(value, {}).get(one, 0.0) for one in GROUPS] for value in segment.categories], axis=1
    )
    group = (rng.random(n)[:, None] >= edges[segment.codes, :-1]).sum(axis=1)
    share, propensity = campaign.contacted.of(people), campaign.treatment.of(people)
    joined, left = people["joined_s"].to_numpy(), people["left_s"].to_numpy()
    consents = people["consent"].to_numpy(dtype=bool)
    waves = []
    for day in campaign.waves:
        at = company.seconds(day) + OPENS_S + rng.integers(0, OPEN_S, size=n)
        drawn, treated, luck = (rng.random(n) for _ in range(3))
        cents = rng.poisson(rng.gamma(REVENUE_SHAPE, 100 * campaign.revenue / REVENUE_SHAPE, size=n))
        who = np.flatnonzero(consents & (joined <= at) & (at < left) & (drawn < share))
        waves.append(
            pd.DataFrame(
                {
                    "person": who,
                    "at_s": at[who],
                    "treated": treated[who] < propensity[who],
                    "luck": luck[who],
                    "revenue": cents[who] / 100,
                }
            )
        )
    found = pd.concat(waves, ignore_index=True)
    person = found["person"].to_numpy()
    found["campaign"], found["group"], found["propensity"] = number, group[person].astype(np.int8), propensity[person]
    found["segment"], found["stratum"] = (np.asarray(one, dtype=object)[person] for one in (segment, stratum))
    return found


def _values(people: pd.DataFrame, attribute: str) -> pd.Categorical:
    return pd.Categorical(people[attribute] if attribute else np.full(len(people), "", dtype=object))


def _prior(drawn: pd.DataFrame) -> np.ndarray:
    """How often each row's customer was treated in the 30 days before it."""
    at = drawn["at_s"].to_numpy()
    span = int(at.max()) + TIRES_S + 1  # so that one number tells customer and time
    place = drawn["person"].to_numpy() * span + at + TIRES_S
    treated = np.sort(place[drawn["treated"].to_numpy()])
    return np.searchsorted(treated, place) - np.searchsorted(treated, place - TIRES_S)


def truths(world: World) -> list[Truth]:
    """Of each campaign: what a contact changes in each segment, the groups' shares, what one more contact leaves of the effect,
    the share treated, the arms' likeness (no difference), what a response brings."""
    return [truth for campaign in world.campaigns or () for truth in _planted(campaign, world)]


def _planted(campaign: Campaign, world: World) -> Iterator[Truth]:
    def truth(name: str, kind: str, size: float, unit: str, **place: object) -> Truth:
        named = {"campaign": campaign.id} | place
        return Truth(f"campaigns.{campaign.id}.{name}", f"campaign_{kind}", named, size, unit, campaign.says)

    for value in campaign.groups:
        treated, control = campaign.chances(value)
        place = {"attributes": campaign.who(value), "treatment": treated, "control": control}
        yield truth(f"effect.{value or 'all'}", "effect", treated - control, "difference", **place)
    for value, shares in campaign.groups.items():
        for group, share in shares.items():
            if share:
                yield truth(f"{group}.{value or 'all'}", group, share, "share", attributes=campaign.who(value))
    if campaign.fatigue < 1:
        yield truth("fatigue", "fatigue", campaign.fatigue, "ratio")
    by = campaign.treatment
    for value in world.attributes[by.attribute] if by.attribute else [""]:
        who = {by.attribute: value} if value else {}
        yield truth(f"treated.{value or 'all'}", "treated", by.values.get(value, by.other), "share", attributes=who)
    yield truth("balance", "balance", 0.0, "difference")
    yield truth("revenue", "revenue", campaign.revenue, "money")


def measure(truth: Truth, tables: Mapping[str, pd.DataFrame], key: Mapping[str, pd.DataFrame], world: World) -> Measured:
    """How large a truth of this part is in a company. Effects from contacts that were the first in 30 days, each weighted by
    one over the probability of its arm, customers with several contacts counted as one source of chance; fatigue as the
    quotient of the effects of the second and of the first contact on those whom a contact changes; the others are shares and
    a mean."""
    kind, place = truth.kind.removeprefix("campaign_"), truth.place
    if "arms" not in key:
        return Measured(truth, math.nan, math.nan, math.nan, 0)
    arms = key["arms"][key["arms"]["campaign"] == place["campaign"]]
    value = next(iter(place.get("attributes", {}).values()), "")
    if kind in GROUPS:
        members = arms[arms["segment"] == value].drop_duplicates("customer_id")["group"]
        return _share(truth, int((members == kind).sum()), len(members))
    if kind == "effect":
        arms = arms[(arms["segment"] == value) & (arms["prior_contacts"] == 0)]
    elif kind == "treated":
        arms = arms[arms["stratum"] == value]
    contacts = tables["contacts"]
    hidden = arms[["contact_id", "group", "prior_contacts"]]
    contacts = contacts[contacts["campaign"] == place["campaign"]].merge(hidden, on="contact_id", validate="one_to_one")
    treated = (contacts["arm"] == "treatment").to_numpy()
    if kind == "treated":
        return _share(truth, int(treated.sum()), len(treated))
    if kind == "revenue":
        return _mean(truth, contacts["revenue"][contacts["outcome"] == 1].to_numpy())
    campaign = next(one for one in world.campaigns if one.id == place["campaign"])
    if kind == "fatigue":
        return _fatigue(truth, contacts, campaign)
    if kind == "effect":
        found = _difference(contacts, contacts["outcome"], campaign.chances(value))
    else:
        rarest = min((shares["persuadable"] for shares in campaign.groups.values() if shares["persuadable"]), default=0.0)
        found = _difference(contacts, contacts["group"] == "persuadable", (rarest, rarest))
    return Measured(truth, *trials.around(*found), len(contacts))


def _difference(
    contacts: pd.DataFrame, counted: pd.Series, chances: tuple[float, float], among: np.ndarray | None = None
) -> tuple[float, np.ndarray]:
    # among some of the contacts, but with customers numbered as among all
    customer = pd.factorize(contacts["customer_id"])[0]
    among = np.ones(len(contacts), dtype=bool) if among is None else among
    treated, propensity = (contacts["arm"] == "treatment").to_numpy(), contacts["propensity"].to_numpy()
    outcome = counted.to_numpy(float)
    value, parts = trials.difference(outcome[among], treated[among], propensity[among], customer[among], chances)
    return value, np.pad(parts, (0, int(customer.max(initial=-1)) + 1 - len(parts)))


def _fatigue(truth: Truth, contacts: pd.DataFrame, campaign: Campaign) -> Measured:
    above, below, n = 0.0, 0.0, 0
    parts_above = parts_below = np.zeros(contacts["customer_id"].nunique())
    prior = contacts["prior_contacts"].to_numpy()
    for group in ("persuadable", "put_off"):
        own = (contacts["group"] == group).to_numpy()
        control, effect = campaign.control[group], campaign.treated[group] - campaign.control[group]
        second, first = (
            _difference(
                contacts, contacts["outcome"], (control + campaign.fatigue**times * effect, control), own & (prior == times)
            )
            for times in (1, 0)
        )
        if math.isnan(second[0]) or math.isnan(first[0]):
            continue
        # what differs more and is seen more often tells more
        count = int((own & (prior == 1)).sum())
        weight = count * effect
        above, below, n = above + weight * second[0], below + weight * first[0], n + count
        parts_above, parts_below = parts_above + weight * second[1], parts_below + weight * first[1]
    return Measured(truth, *trials.quotient(above, parts_above, below, parts_below), n)


def _share(truth: Truth, count: int, n: int) -> Measured:
    return Measured(truth, count / n if n else math.nan, *stats.wilson(count, n), n)


def _mean(truth: Truth, values: np.ndarray) -> Measured:
    if len(values) < trials.FEWEST:
        return Measured(truth, math.nan, math.nan, math.nan, len(values))
    parts = (values - values.mean()) / math.sqrt(len(values) * (len(values) - 1))
    return Measured(truth, *trials.around(float(values.mean()), parts), len(values))
