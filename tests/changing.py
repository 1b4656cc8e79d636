"""Companies in which something changes, and in which nothing does."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd

import workbench as wb
from workbench import worlds

START = dt.datetime(2026, 1, 5, 8, 0, tzinfo=dt.UTC)  # a Monday


def rows(seed=5, days=60, a_day=30, customers=400, share=0.2, later=0.5, since=40, wait=60, longer=180, slow=(20, 30)):
    """A journey: Ask, then Yes with `share` (from the day `since` on with `later`), else No, after some `wait` minutes (in the
    days of `slow`: `longer`); a customer has several."""
    seeded = np.random.default_rng(seed)
    made = []
    for day in range(days):
        for i in range(a_day):
            at = START + dt.timedelta(days=day, minutes=i)
            who = {"customer_id": f"c{seeded.integers(customers)}", "case_id": f"{day}-{i}"}
            minutes = (longer if slow[0] <= day < slow[1] else wait) * np.exp(seeded.normal(0, 0.5))
            answer = "Yes" if seeded.random() < (later if day >= since else share) else "No"
            made.append(who | {"occurred_at": at, "touchpoint": "Ask"})
            made.append(who | {"occurred_at": at + dt.timedelta(minutes=float(minutes)), "touchpoint": answer})
    return pd.DataFrame(made)


def quiet(world):
    """The world with incidents that change nothing; what else is planted may ask for them by name."""
    same = (dataclasses.replace(one, next=None, slower={}) for one in world.incidents)
    return dataclasses.replace(world, incidents=tuple(same))


def store(world, customers, seed, folder, lots=1):
    """A company of the world, opened by its cases; each customer has one of the `lots` ("0", "1", …), in turn."""
    made = worlds.generate(world, customers=customers, seed=seed)
    events = made.tables["events"].drop(columns=["source_row", "row_order"], errors="ignore")
    people = made.tables["customers"]
    lot = pd.Series(np.arange(len(people)) % lots, index=people.index).astype(str)
    wb.load([events, people.assign(lot=lot)], into=folder, name=world.name, timezone=world.timezone)
    return wb.open(folder).by_case()
