"""What is planted in journeys: how often they begin and where, what follows what after how long, and what incidents change.

Only steps are counted after which everything that could follow has followed before the data end (`steps.horizon`): who leaves
ends no journey that is under way, so nothing else cuts them short.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from workbench import stats
from workbench.worlds import seen, steps
from workbench.worlds.declaration import World
from workbench.worlds.estimates import Z
from workbench.worlds.people import counted
from workbench.worlds.season import exposure
from workbench.worlds.truths import Measured, Truth


def truths(world: World) -> list[Truth]:
    """Journeys a year, channels and first touchpoints, then every move: its share and its median wait; then incidents."""
    own, found = world.journeys, []
    for who, number in own.yearly.each():
        found.append(Truth(".".join(["walks.yearly", *who.values()]), "yearly", {"attributes": who}, number, "number"))
    for device, shares in own.channel.items():
        for channel, share in shares.items():
            place = {"attributes": {"device": device}, "channel": channel}
            found.append(Truth(f"walks.channel.{device}.{channel}", "journey_channel", place, share, "share"))
    for channel, shares in own.begin.items():
        for to, share in shares.items():
            found.append(Truth(f"walks.begin.{channel}.{to}", "begin", {"channel": channel, "touchpoint": to}, share, "share"))
    for name, touchpoint in world.touchpoints.items():
        for to, share in touchpoint.next.items():
            place = {"touchpoint": name, "to": to}
            found.append(Truth(f"walks.next.{name}.{to}", "next_share", place, share, "share"))
            wait = touchpoint.waits_s.get(to, touchpoint.wait_s)
            found.append(Truth(f"walks.wait.{name}.{to}", "wait_median", place, wait, "seconds"))
        rest = max(0.0, 1 - sum(touchpoint.next.values()))
        found.append(Truth(f"walks.end.{name}", "end_share", {"touchpoint": name}, rest, "share"))
    for incident in world.incidents:
        found += _of_incident(world, incident)
    return found


def _of_incident(world: World, incident: steps.Incident) -> list[Truth]:
    usual, found = world.touchpoints[incident.touchpoint].next, []
    place = {
        "incident": incident.id,
        "touchpoint": incident.touchpoint,
        "attributes": dict(incident.attributes) | ({"channel": incident.channel} if incident.channel else {}),
        "start": incident.start.isoformat(),
        "end": incident.end.isoformat(),
    }
    for to in dict.fromkeys([*usual, *incident.next]) if incident.next is not None else ():
        now, before = incident.next.get(to, 0.0), usual.get(to, 0.0)
        if now != before:
            told = place | {"to": to, "share": now, "usual": before}
            size = now - before
            found.append(Truth(f"walks.incident.{incident.id}.{to}", "incident_next", told, size, "difference", incident.says))
    for to, factor in incident.slower.items():
        told = place | {"to": to}
        found.append(Truth(f"walks.incident.{incident.id}.wait.{to}", "incident_wait", told, factor, "ratio", incident.says))
    return found


def measure(truth: Truth, tables: Mapping[str, pd.DataFrame], key: Mapping[str, pd.DataFrame], world: World) -> Measured:
    """Shares by Wilson, their differences by Newcombe, medians by order statistics, ratios by mean logarithms."""
    if truth.kind == "yearly":
        return _yearly(truth, tables, key, world)
    if truth.kind in ("journey_channel", "begin"):
        return _of_journeys(truth, tables, key, world)
    made, name = seen.steps(tables, world), truth.place["touchpoint"]
    code = list(world.touchpoints).index(name)
    whole = (made.code == code) & (made.at_s + steps.horizon(world, name) <= made.end_s)
    to = list(world.touchpoints).index(truth.place["to"]) if "to" in truth.place else -1
    if truth.kind in ("next_share", "end_share", "incident_next"):
        usual = whole & _untouched(world, made, lambda one: one.next is not None)
        k, n = int((made.next_code[usual] == to).sum()), int(usual.sum())
        if truth.kind != "incident_next":
            return counted(truth, k, n)
        met = whole & (made.incident == _place(world, truth))
        k_met, n_met = int((made.next_code[met] == to).sum()), int(met.sum())
        found = k_met / n_met - k / n if n and n_met else math.nan
        return Measured(truth, found, *stats.newcombe(k_met, n_met, k, n), n_met)
    whole &= made.next_code == to
    usual = made.wait_s[whole & _untouched(world, made, lambda one: truth.place["to"] in one.slower)]
    if truth.kind == "wait_median":
        values = np.sort(usual)
        middle = float(np.median(values)) if len(values) else math.nan
        return Measured(truth, middle, *stats.quantile_interval(values), len(values))
    met = made.wait_s[whole & (made.incident == _place(world, truth))]
    return _ratio(truth, met, usual)


def _untouched(world: World, made: seen.Steps, changes) -> np.ndarray:
    # steps that met no incident that changes this
    return ~np.isin(made.incident, [place for place, one in enumerate(world.incidents) if changes(one)])


def _place(world: World, truth: Truth) -> int:
    return [one.id for one in world.incidents].index(truth.place["incident"])


def _ratio(truth: Truth, above: np.ndarray, below: np.ndarray) -> Measured:
    if min(len(above), len(below)) < 2:
        return Measured(truth, math.nan, math.nan, math.nan, len(above))
    above, below = np.log(above), np.log(below)
    value = above.mean() - below.mean()
    wide = Z * math.sqrt(above.var(ddof=1) / len(above) + below.var(ddof=1) / len(below))
    return Measured(truth, math.exp(value), math.exp(value - wide), math.exp(value + wide), len(above))


def _yearly(truth: Truth, tables, key, world: World) -> Measured:
    # customers differ in their own rates, which the key knows, and are here for different times: J journeys of E years at the
    # segment's rate are a Poisson count, whoever leaves when
    shown = exposure(tables, key, world)
    chosen = np.ones(len(tables["customers"]), dtype=bool)
    for name, value in truth.place["attributes"].items():
        chosen &= (tables["customers"][name] == value).to_numpy()
    rate = world.journeys.yearly.of(tables["customers"])
    years = (shown.expected[chosen] / rate[chosen]).sum() if truth.size else 0.0
    journeys = int(shown.journeys[chosen].sum())
    if not journeys or not years:
        return Measured(truth, math.nan, math.nan, math.nan, journeys)
    value, wide = journeys / years, math.exp(Z / math.sqrt(journeys))
    return Measured(truth, value, value / wide, value * wide, journeys)


def _of_journeys(truth: Truth, tables, key, world: World) -> Measured:
    made, journeys = seen.steps(tables, world), key["journeys"]
    if truth.kind == "journey_channel":
        of_device = (journeys["device"] == truth.place["attributes"]["device"]).to_numpy()
        met = (journeys["channel"] == truth.place["channel"]).to_numpy() & of_device
        return counted(truth, int(met.sum()), int(of_device.sum()))
    # the key lists journeys in the order in which they begin, as the steps are numbered
    of_channel = (journeys["channel"] == truth.place["channel"]).to_numpy()[made.case[made.first]]
    to = list(world.touchpoints).index(truth.place["touchpoint"])
    met = of_channel & (made.code[made.first] == to)
    return counted(truth, int(met.sum()), int(of_channel.sum()))
