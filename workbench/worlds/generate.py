"""Generates the tables of a declared company: same declaration, size and seed, same rows."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from workbench.worlds.declaration import Incident, World

#: waits are log-normal around their median with this spread (of the logarithm): most are near, a few take far longer
SPREAD = 0.9
#: no journey goes on for longer
MOST_STEPS = 60


def generate(world: World, customers: int | None = None, seed: int | None = None) -> dict[str, pd.DataFrame]:
    """`customers` (customer_id, joined_at, vip and the declared attributes) and `events` (customer_id, case_id, occurred_at
    UTC, touchpoint, channel, stage, owner, device), events in the order of time."""
    rng = np.random.default_rng(world.seed if seed is None else seed)
    people = _customers(world, customers or world.customers, rng)
    journeys = _journeys(world, people, rng)
    return {"customers": people.drop(columns="device"), "events": _events(world, people, journeys, rng)}


def _draw(shares: dict[str, float], n: int, rng: np.random.Generator) -> np.ndarray:
    p = np.array(list(shares.values()))
    return rng.choice(np.array(list(shares), dtype=object), size=n, p=p / p.sum())


def _customers(world: World, n: int, rng: np.random.Generator) -> pd.DataFrame:
    frame = pd.DataFrame({"customer_id": [f"m{number:06d}" for number in range(1, n + 1)]})
    before = rng.integers(1, 900, size=n)
    frame["joined_at"] = pd.Timestamp(world.start, tz="UTC") - pd.to_timedelta(before, unit="D")
    for name, shares in world.attributes.items():
        frame[name] = _draw(shares, n, rng)
    frame["vip"] = (frame["plan"] == "gold") & (rng.random(n) < 0.3)
    return frame


def _journeys(world: World, people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One row a journey: who, where it lives, when it begins (local wall clock, as seconds since world.start)."""
    count = 1 + rng.poisson(people["plan"].map(world.more).to_numpy())
    owner = np.repeat(np.arange(len(people)), count)
    device = people["device"].to_numpy()[owner]
    channel = np.empty(len(owner), dtype=object)
    for name, shares in world.channel.items():
        chosen = device == name
        channel[chosen] = _draw(shares, int(chosen.sum()), rng)
    first = np.empty(len(owner), dtype=object)
    for name, shares in world.begin.items():
        chosen = channel == name
        first[chosen] = _draw(shares, int(chosen.sum()), rng)
    days = (world.end - world.start).days + 1
    weight = np.array([world.weekday[(world.start + dt.timedelta(days=day)).weekday()] for day in range(days)])
    day = rng.choice(days, size=len(owner), p=weight / weight.sum())
    hour = rng.choice(24, size=len(owner), p=world.hour)
    begins = day * 86400 + hour * 3600 + rng.integers(0, 3600, size=len(owner))
    order = np.argsort(begins, kind="stable")
    frame = pd.DataFrame({"person": owner, "device": device, "channel": channel, "touchpoint": first, "begins": begins})
    return frame.iloc[order].reset_index(drop=True)


def _events(world: World, people: pd.DataFrame, journeys: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    names = list(world.touchpoints)
    codes = {name: code for code, name in enumerate(names)}
    shares, wait = _matrices(world, codes)
    now = journeys["touchpoint"].map(codes).to_numpy()
    clock = journeys["begins"].to_numpy(dtype=float)
    alive = np.arange(len(journeys))
    steps = []
    for _ in range(MOST_STEPS):
        steps.append((alive, now, clock))
        p, w = shares[now], wait[now]
        for incident in world.incidents:
            p, w = _under(incident, world, people, journeys, codes, alive, now, clock, p, w)
        edges = p.cumsum(axis=1)
        following = (rng.random(len(alive))[:, None] >= edges).sum(axis=1)
        pause = np.exp(rng.normal(0, SPREAD, size=len(alive)))
        stays = following < len(names)
        alive, here = alive[stays], following[stays]
        clock = clock[stays] + np.maximum(1, np.round(w[stays, here] * pause[stays]))
        now = here
        if not len(alive):
            break
    journey = np.concatenate([one[0] for one in steps])
    code = np.concatenate([one[1] for one in steps])
    at = np.concatenate([one[2] for one in steps])
    # the data end with the world's last day: what would come later has not happened yet
    kept = at < ((world.end - world.start).days + 1) * 86400
    journey, code, at = journey[kept], code[kept], at[kept]
    order = np.lexsort((np.arange(len(at)), at))
    return _frame(world, people, journeys, names, journey[order], code[order], at[order])


def _matrices(world: World, codes: dict[str, int]) -> tuple[np.ndarray, np.ndarray]:
    shares = np.zeros((len(codes), len(codes)))
    wait = np.zeros_like(shares)
    for name, touchpoint in world.touchpoints.items():
        wait[codes[name]] = touchpoint.wait_s
        for following, share in touchpoint.next.items():
            shares[codes[name], codes[following]] = share
            wait[codes[name], codes[following]] = touchpoint.waits_s.get(following, touchpoint.wait_s)
    return shares, wait


def _under(incident: Incident, world, people, journeys, codes, alive, now, clock, p, w):
    """Shares and waits of the journeys' next step, where `incident` changes them."""
    start = (incident.start - world.start).days * 86400
    end = ((incident.end - world.start).days + 1) * 86400
    met = (now == codes[incident.touchpoint]) & (clock >= start) & (clock < end)
    if incident.channel:
        met &= journeys["channel"].to_numpy()[alive] == incident.channel
    for name, value in incident.attributes.items():
        met &= people[name].to_numpy()[journeys["person"].to_numpy()[alive]] == value
    if incident.next is not None:
        row = np.zeros(len(codes))
        for following, share in incident.next.items():
            row[codes[following]] = share
        p = np.where(met[:, None], row, p)
    for following, factor in incident.slower.items():
        w = w.copy()
        w[met, codes[following]] *= factor
    return p, w


def _frame(world, people, journeys, names, journey, code, at) -> pd.DataFrame:
    own = journeys["channel"].to_numpy()[journey]
    fixed = np.array([world.touchpoints[name].channel for name in names], dtype=object)[code]
    # wall clock to UTC; an hour that is skipped or doubled in the night of the change is moved to the next valid one
    local = pd.Timestamp(world.start) + pd.to_timedelta(at, unit="s")
    utc = pd.DatetimeIndex(local).tz_localize(
        ZoneInfo(world.timezone), ambiguous=np.ones(len(at), bool), nonexistent="shift_forward"
    )
    return pd.DataFrame(
        {
            "customer_id": people["customer_id"].to_numpy()[journeys["person"].to_numpy()[journey]],
            "case_id": np.char.add("j", np.char.zfill((journey + 1).astype(str), 6)),
            "occurred_at": utc.tz_convert("UTC"),
            "touchpoint": np.array(names, dtype=object)[code],
            "channel": np.where(fixed == "", own, fixed),
            "stage": np.array([world.touchpoints[name].stage for name in names], dtype=object)[code],
            "owner": np.array([world.touchpoints[name].owner for name in names], dtype=object)[code],
            "device": journeys["device"].to_numpy()[journey],
        }
    )
