"""The model's tables of a company that is made: customers and events; what must not be seen goes into the key."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.worlds.company import NEVER, Company, numbered

#: columns of people that no table holds
HIDDEN = ("mood", "rate", "household", "app_id", "phone", "email", "card")


def customers(company: Company) -> None:
    """The table of customers: all that is known of people, and when they joined and left."""
    people = company.people
    left = people["left_s"].to_numpy()
    left_at = pd.Series(company.utc(np.minimum(left, company.end_s))).where(left < NEVER)
    frame = people.drop(columns=["joined_s", "left_s", *(name for name in HIDDEN if name in people)])
    frame.insert(1, "joined_at", company.utc(people["joined_s"].to_numpy()))
    frame.insert(2, "left_at", left_at)
    company.tables["customers"] = frame
    hidden = [name for name in HIDDEN if name in people]
    company.key["customers"] = people[["customer_id", *hidden]].copy()


def events(company: Company) -> None:
    """The table of events, in the order of time."""
    world, made, journeys = company.world, company.events, company.journeys
    touchpoints = list(world.touchpoints.values())
    code, journey = made["code"].to_numpy(), made["journey"].to_numpy()
    n = len(journeys)
    own = journeys["channel"].array
    channels = list(dict.fromkeys([*own.categories, *(one.channel for one in touchpoints if one.channel)]))
    fixed = np.array([channels.index(one.channel) if one.channel else -1 for one in touchpoints], dtype=np.int16)[code]
    cases = pd.Index(numbered("j", n, 6))
    company.tables["events"] = pd.DataFrame(
        {
            "customer_id": pd.Categorical.from_codes(made["person"].to_numpy(), company.people["customer_id"]),
            "case_id": pd.Categorical.from_codes(journey, cases),
            "occurred_at": company.utc(made["at_s"].to_numpy()),
            "touchpoint": pd.Categorical.from_codes(code, list(world.touchpoints)),
            "channel": pd.Categorical.from_codes(np.where(fixed < 0, own.codes[journey], fixed), channels),
            "stage": _named([one.stage for one in touchpoints], code),
            "owner": _named([one.owner for one in touchpoints], code),
            "device": journeys["device"].array.take(journey),
        },
        copy=False,
    )


def journeys(company: Company) -> None:
    """Into the key: each journey's customer, own channel and device, in the order in which journeys begin."""
    frame = company.journeys[["channel", "device"]].copy()
    frame.insert(0, "customer_id", company.people["customer_id"].to_numpy()[company.journeys["person"].to_numpy()])
    frame.insert(0, "case_id", company.tables["events"]["case_id"].cat.categories.to_numpy())
    company.key["journeys"] = frame


def _named(names: list[str], code: np.ndarray) -> pd.Categorical:
    found = list(dict.fromkeys(names))
    return pd.Categorical.from_codes(np.array([found.index(name) for name in names], dtype=np.int16)[code], found)
