"""Companies in which something changes, and in which nothing does."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import walking

import workbench as wb
from workbench import worlds

j = wb.journeys
DATA = Path(__file__).resolve().parents[1] / "data"
SEEN = ("touchpoints", "moves")
#: by world: how many customers its companies without incidents have, and how many companies there are
QUIET = {"walking": (1500, 200), "retailer": (2000, 40), "bank": (2000, 40), "telecom": (2000, 40)}
SHIPPED, NEW = ("retailer", "bank", "telecom"), 20
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
    return stored(worlds.generate(world, customers=customers, seed=seed), folder, lots)


def stored(made, folder, lots=1):
    """The same of a generated company."""
    events = made.tables["events"].drop(columns=["source_row", "row_order"], errors="ignore")
    people = made.tables["customers"]
    lot = pd.Series(np.arange(len(people)) % lots, index=people.index).astype(str)
    wb.load([events, people.assign(lot=lot)], into=folder, name=made.world.name, timezone=made.world.timezone)
    return wb.open(folder).by_case()


def declared(name):
    """A shipped world, or "walking"."""
    if name == "walking":
        return walking.world()
    return worlds.parse((DATA / "worlds" / f"{name}.toml").read_text("utf-8"), f"{name}.toml")


def alarms(folder, name, customers, seeds):
    """In how many of so many companies of that world, its incidents changing nothing, touchpoints and moves show a change."""
    world = quiet(declared(name))
    studies = (store(world, customers, seed, folder / str(seed)) for seed in range(seeds))
    shown = np.array([[len(j.changes(study, of=of).frame) > 0 for of in SEEN] for study in studies])
    return dict(zip(SEEN, shown.sum(axis=0).tolist(), strict=True))


def narrowed(study, incident):
    """Those the incident touches: its attributes, and the channel of the journey."""
    whom = dict(incident.attributes) | ({"channel": incident.channel} if incident.channel else {})
    return study.where(**whom) if whom else study


def touched(made, incident):
    """How many steps at the incident's touchpoint it touches in a generated company."""
    events, people = made.tables["events"], made.tables["customers"].set_index("customer_id")
    here = events["touchpoint"] == incident.touchpoint
    day = events["occurred_at"].dt.tz_convert(made.world.timezone).dt.date
    here &= (incident.start <= day) & (day <= incident.end)
    for name, value in incident.attributes.items():
        here &= events["customer_id"].map(people[name]) == value
    return int((here & (events["channel"] == incident.channel) if incident.channel else here).sum())


@dataclasses.dataclass(frozen=True)
class Found:
    """How an incident is found. `off`: days from its first day to the one told; None where no change at its place holds that
    day in its interval. `ended`: whether the end of such a change holds the day after its last; None: it has no end yet."""

    off: int | None
    ended: bool | None


def found(frame, world, incident, of):
    """In the changes of that `frame`, of those at the incident's place: shares of what follows its touchpoint, or the time from
    it."""
    here = frame["measure"] == ("time" if incident.slower else "share")
    if of == "moves":
        here &= frame["source"] == incident.touchpoint
    elif incident.slower:
        here &= frame["touchpoint"] == incident.touchpoint
    else:
        here &= frame["touchpoint"].isin({*incident.next, *world.touchpoints[incident.touchpoint].next})
    begins, ends = pd.Timestamp(incident.start), pd.Timestamp(incident.end + dt.timedelta(days=1))
    frame = frame[here & (frame["from_low_day"] <= begins) & (begins <= frame["from_high_day"])]
    off = None if frame.empty else int((frame["from_day"] - begins).dt.days.abs().min())
    if ends.date() > world.end:
        return Found(off, None)
    return Found(off, bool(((frame["back_low_day"] <= ends) & (ends <= frame["back_high_day"])).any()))


def recovered(folder, name, seeds):
    """(incident, "all" or "those touched", "touchpoints" or "moves") -> `Found` in so many new companies of a shipped world,
    and by incident how many steps it touches in each. Where an incident touches all there are no others."""
    world = declared(name)
    told, steps = {}, {}
    for seed in range(100, 100 + seeds):
        made = worlds.generate(world, customers=world.customers, seed=seed)
        study = stored(made, folder / str(seed))
        among_all = {of: j.changes(study, of=of).frame for of in SEEN}
        for one in world.incidents:
            steps.setdefault(one.id, []).append(touched(made, one))
            looked, those = {"all": among_all}, narrowed(study, one)
            if those is not study:
                looked["those touched"] = {of: j.changes(those, of=of).frame for of in SEEN}
            for whom, frames in looked.items():
                for of, frame in frames.items():
                    told.setdefault((one.id, whom, of), []).append(found(frame, world, one, of))
    return told, steps
