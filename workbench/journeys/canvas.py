"""The canvas of a journey map: ready texts in one language, the one input of the screen and of all exports."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from workbench.journeys.common import tied
from workbench.journeys.plans import OTHER, WORDS, Plan, PlannedStep
from workbench.locale import Texts
from workbench.store.notes import Note

if TYPE_CHECKING:
    from workbench.journeys.maps import JourneyMap

_LANES = ("owner", "goal", "emotion", "pain", "opportunity", "notes")  # of words
_MIX = 6  # channels with a colour of their own; the theme has no more


def stage_name(t: Texts, stage: str) -> str:
    """A stage as it is written for people."""
    return t("map.other") if stage == OTHER else stage


def lanes(t: Texts, keys: Iterable[str], hints: Mapping[str, str], scale: tuple[float, float]) -> list[dict[str, object]]:
    """The lanes with these keys, in this order; `hints` beside the usual ones."""
    kinds = {"touchpoints": "cards", "felt": "felt", "next": "figure", "leave": "badge", "agree": "badge"}
    made = []
    for key in keys:
        hint = hints.get(key) or (t(f"map.lane.{key}.hint") if t.has(f"map.lane.{key}.hint") else "")
        made.append({"key": key, "name": t(f"map.lane.{key}"), "hint": hint, "kind": kinds.get(key, "words")})
        if key == "felt":
            made[-1]["scale"] = list(scale)
    return made


def of_plan(plan: Plan, t: Texts) -> dict[str, object]:
    """The map of a plan alone: what is planned, and nothing counted."""
    stages = list(dict.fromkeys(one.stage or OTHER for one in plan.steps))
    n = len(plan.steps)
    said = [t("map.plan.title", name=plan.name, n=n, stages=t("units.stages", n=len(stages)))]
    for key in ("optional", "repeatable"):
        if count := sum(getattr(one, key) for one in plan.steps):
            said.append(t(f"map.plan.{key}", n=count, total=n))
    timed = [one for one in plan.steps if one.within_s]
    if timed:
        slowest = max(timed, key=lambda one: one.within_s)
        said.append(t("map.plan.timed", n=len(timed), total=n, touchpoint=slowest.touchpoint, within=slowest.within_s))
    cells: dict[str, dict] = {"touchpoints": {}}
    for stage in stages:
        steps = [one for one in plan.steps if (one.stage or OTHER) == stage]
        cells["touchpoints"][stage] = {"cards": [_planned_card(t, one) for one in steps]}
    cells |= _words(plan, stages, ())
    shown = [key for key in _LANES if key != "notes" and any(cell["planned"] for cell in cells[key].values())]
    counts = {stage: len(cells["touchpoints"][stage]["cards"]) for stage in stages}
    return {
        "title": said[0],
        "subtitle": t("map.plan.subtitle"),
        "source": t("map.plan.source", name=plan.name),
        "sentences": said,
        "lanes": lanes(t, ["touchpoints", *shown], {"touchpoints": t("map.plan.cards")}, (0.0, 1.0)),
        "stages": [
            {
                "key": stage,
                "name": stage_name(t, stage),
                "figure": t("units.touchpoints", n=counts[stage]),
                "hint": t("map.plan.stage", stage=stage_name(t, stage), n=counts[stage]),
                "row": -1,
            }
            for stage in stages
        ],
        "cells": {key: cells[key] for key in ("touchpoints", *shown)},
        "channels": [],
    }


def _planned_card(t: Texts, step: PlannedStep) -> dict[str, object]:
    said = [t("map.card.planned", touchpoint=step.touchpoint)]
    said += [t(f"map.card.{key}") for key in ("optional", "repeatable") if getattr(step, key)]
    if step.channel:
        said.append(t("map.card.channel", channel=step.channel))
    if step.within_s:
        said.append(t("map.card.within", within=step.within_s))
    return {
        "key": step.touchpoint, "name": step.touchpoint, "figure": "", "hint": " ".join(said), "layer": "planned",
        "fill": 0.0, "mix": [], "row": -1,
    }  # fmt: skip


def of_map(found: JourneyMap, t: Texts, around: Mapping[str, str]) -> dict[str, object]:
    """See `JourneyMap.canvas`."""
    stages, plan, bare = found.order, found.plan, unstaged(found)
    keys = (
        ["touchpoints"] if bare else ["touchpoints", "next", "leave"]
    )  # there is no next stage, and everybody ends in the one
    hints = {}
    if found.instrument:
        keys.insert(1, "felt")
        hints["felt"] = t(f"map.lane.felt.{found.instrument}")
    if plan:
        keys.append("agree")
    else:
        hints["touchpoints"] = t("map.lane.touchpoints.unplanned")
    scale = found.scale if found.instrument else (0.0, 1.0)
    legend = list(found.channels.groupby("channel")["n"].sum().sort_values(ascending=False, kind="stable").index[:_MIX])
    cells: dict[str, dict] = {key: {} for key in keys}
    mixes: dict[str, list[tuple[int, float]]] = {}
    for one in found.channels[found.channels["channel"].isin(legend)].itertuples():
        mixes.setdefault(one.touchpoint, []).append((legend.index(one.channel), float(one.share)))
    cells["touchpoints"] = {stage: {"cards": _cards(found, t, stage, mixes)} for stage in stages}
    rows = {one["stage"]: (int(label), one) for label, one in found.stages.iterrows()}
    for stage in stages:
        hidden = {"text": "–", "small": "", "tone": "plain", "hint": _hidden(found, t, stage), "row": -1}
        for key in keys[1:]:
            if stage in rows:
                label, one = rows[stage]
                cells[key][stage] = _CELLS[key](found, t, stage_name(t, stage), one) | {"row": label if one["n"] else -1}
            else:
                cells[key][stage] = {"text": "", "note": "–", "hint": hidden["hint"]} if key == "felt" else hidden
    words = [key for key in _LANES if key == "notes" or plan or any(note.lane == key for note in found.notes)]
    cells |= _words(plan, stages, found.notes, t, found.study.timezone)
    return {
        "title": around["title"],
        "subtitle": around["subtitle"],
        "source": around["source"],
        "sentences": found.explain(t.language),
        "lanes": lanes(t, [*keys, *words], hints, scale),
        "stages": [_stage(found, t, stage, *rows.get(stage, (-1, None))) for stage in stages],
        "cells": {key: cells[key] for key in (*keys, *words)},
        "channels": [{"name": name} for name in legend],
        "unstaged": bare,
    }


def unstaged(found: JourneyMap) -> bool:
    """Whether nothing says of any touchpoint which stage it belongs to."""
    return found.order == (OTHER,)


def _stage(found: JourneyMap, t: Texts, stage: str, label: int, one: pd.Series | None) -> dict[str, object]:
    name = t("map.all") if unstaged(found) else stage_name(t, stage)
    if one is None:
        return {"key": stage, "name": name, "figure": f"<{found.study.min_group}", "hint": _hidden(found, t, stage), "row": -1}
    n, total = int(one["n"]), found.whole.n_journeys
    figure = t.count(n) + (f" · {t.percent(one['share'])}" if n < total else "")
    hint = t("map.stage", stage=name, n=n, total=total, share=one["share"], low=one["low"], high=one["high"])
    return {"key": stage, "name": name, "figure": figure, "hint": hint, "row": label if n else -1}


def _hidden(found: JourneyMap, t: Texts, stage: str) -> str:
    return t("map.stage.few", stage=stage_name(t, stage), n=found.study.min_group)


def _cards(found: JourneyMap, t: Texts, stage: str, mixes: Mapping[str, list[tuple[int, float]]]) -> list[dict[str, object]]:
    here = found.frame[found.frame["stage"] == stage]
    most, total = max(int(found.frame["n_journeys"].max()), 1) if len(found.frame) else 1, found.whole.n_journeys
    made = []
    for label, one in here.iterrows():
        name, n = one["touchpoint"], int(one["n_journeys"])
        values = {"touchpoint": name, "n": n, "total": total, "share": one["share"], "low": one["low"], "high": one["high"]}
        said = [t("map.card.unmet" if one["layer"] == "planned" else "map.card.met", **values)]
        if one["layer"] == "mined" and found.plan:
            said.append(t("map.card.unplanned"))
        made.append(
            {
                "key": name,
                "name": name,
                "figure": short(t, n),
                "hint": " ".join(said),
                "small": _onward(t, one) if unstaged(found) and n else "",
                "layer": one["layer"] if found.plan else "both",
                "fill": n / most,
                "mix": [{"channel": at, "share": share} for at, share in sorted(mixes.get(name, ()))],
                "row": int(label) if n else -1,
            }
        )
    # a planned touchpoint without a row was hidden for the few customers it has
    shown = {card["key"] for card in made}
    for step in found.plan.steps if found.plan else ():
        if found.stage_of[step.touchpoint] == stage and step.touchpoint not in shown:
            hint = t("map.card.few", touchpoint=step.touchpoint, n=found.study.min_group)
            made.append(_planned_card(t, step) | {"figure": f"<{found.study.min_group}", "hint": hint, "layer": "both"})
    return made


def _onward(t: Texts, one: pd.Series) -> str:
    # what the lanes say of a stage, said of a touchpoint
    said = []
    if one["n_next"]:
        said.append(t("map.card.next", median=one["next_median_s"]) if one["next_median_s"] >= 1 else t("map.card.at_once"))
    if one["leave_share"] >= 0.001:
        said.append(t("map.card.end", share=one["leave_share"]))
    return " · ".join(said)


def short(t: Texts, n: int) -> str:
    """A count in at most four characters or so: 950, 9.4k, 31k, 1.2M."""
    for size, unit in ((1_000_000, "million"), (1_000, "thousand")):
        if n >= 0.9995 * size:
            value = n / size
            return t(f"units.{unit}", x=t.number(value, 1 if value < 9.95 else 0))
    return t.count(n)


def _felt(found: JourneyMap, t: Texts, stage: str, one: pd.Series) -> dict[str, object]:
    n = int(one["n_scores"])
    if one["score"] != one["score"]:
        return {"text": "", "note": t("map.few", n=n), "hint": t("map.felt.few", stage=stage, n=n)}
    score, low, high = (float(one[name]) for name in ("score", "score_low", "score_high"))
    spread = max(score - low, high - score)
    values = {name: _score(found, t, value) for name, value in (("score", score), ("low", low), ("high", high))}
    text = t(f"map.felt.{found.instrument}", stage=stage, n=n, **values)
    spread_text = "±" + t.number(spread, 0 if found.instrument == "nps" else 1 if spread >= 0.05 else 2)
    return {"value": score, "low": low, "high": high, "text": values["score"], "spread": spread_text, "hint": text}


def _score(found: JourneyMap, t: Texts, value: float) -> str:
    return t.signed(value) if found.instrument == "nps" else t.number(value, 1)


def _next(found: JourneyMap, t: Texts, stage: str, one: pd.Series) -> dict[str, object]:
    n, median = int(one["n_next"]), one["next_median_s"]
    if not n:
        return {"text": "–", "small": "", "hint": t("map.next.none", stage=stage, n=int(one["n"]))}
    quartiles = t.durations(one["next_q1_s"], one["next_q3_s"])
    between = t.durations(one["next_low_s"], one["next_high_s"]) if one["next_low_s"] == one["next_low_s"] else "–"
    hint = t("map.next", stage=stage, n=n, median=median, quartiles=quartiles, between=between)
    return {"text": t.duration(median), "small": t("map.next.small", quartiles=quartiles), "hint": hint}


def _leave(found: JourneyMap, t: Texts, stage: str, one: pd.Series) -> dict[str, object]:
    n = int(one["n"])
    if not n:
        return {"text": "–", "small": "", "tone": "plain", "hint": t("map.leave.none", stage=stage, n=n)}
    share = float(one["leave_share"])
    hint = t("map.leave", stage=stage, share=share, n=n, low=one["leave_low"], high=one["leave_high"])
    lost = one["stage"] != _last(found)  # to end in the last stage is no loss
    tone = "bad" if lost and share >= 0.5 else "warn" if lost and share >= 0.25 else "plain"
    return {"text": t.percent(share), "small": t("map.n", n=n), "tone": tone, "hint": hint}


def _last(found: JourneyMap) -> str:
    # where journeys are meant to end, be it hidden or met by few; what has no stage stands behind it
    return next((stage for stage in reversed(found.order) if stage != OTHER), OTHER)


def _agree(found: JourneyMap, t: Texts, stage: str, one: pd.Series) -> dict[str, object]:
    n = int(one["n"])
    if one["disagreement"] != one["disagreement"]:
        return {"text": "–", "small": t("map.few", n=n), "tone": "plain", "hint": t("map.agree.few", stage=stage, n=n)}
    agree = 1 - float(one["disagreement"])
    parts = [
        t(f"map.part.{part}", x=t.number(1 - float(one[f"{part}_part"])))
        for part in ("order", "share", "time", "feeling")
        if one[f"{part}_part"] == one[f"{part}_part"]
    ]
    hint = t("map.agree", stage=stage, x=t.number(agree), n=n, parts=", ".join(parts))
    tone = "good" if agree >= 0.8 else "warn" if agree >= 0.5 else "bad"
    text = t("map.agree.text" if agree >= 0.5 else "map.disagree.text", x=t.number(agree))
    return {"text": text, "small": t("map.n", n=n), "tone": tone, "hint": hint}


_CELLS = {"felt": _felt, "next": _next, "leave": _leave, "agree": _agree}


def _words(
    plan: Plan | None, stages: Iterable[str], notes: Iterable[Note], t: Texts | None = None, timezone: str = "UTC"
) -> dict[str, dict]:
    # lane -> stage -> what the plan says, each once in its order, and what people wrote
    zone = zoneinfo.ZoneInfo(timezone)
    cells: dict[str, dict] = {}
    for key in _LANES:
        cells[key] = {}
        for stage in stages:
            steps = [one for one in plan.steps if (one.stage or OTHER) == stage] if plan and key in WORDS else []
            said = dict.fromkeys(getattr(one, key) for one in steps if getattr(one, key))
            written = [
                {"id": one.id, "text": one.text, "author": one.author, "when": t.time(one.at.astimezone(zone))}
                for one in notes
                if (one.lane, one.stage) == (key, stage)
            ]
            cells[key][stage] = {"planned": "; ".join(said), "notes": written}
    return cells


def sentences(found: JourneyMap, t: Texts) -> list[str]:
    """What the map says; the first is the finding."""
    frame, stages, total = found.frame, found.stages, found.whole.n_journeys
    if frame.empty or stages.empty:
        return [t("map.hidden", n=total)]
    told, bare = [], unstaged(found)
    if bare and not found.plan:
        ended = frame.assign(n_ended=(frame["leave_share"] * frame["n_journeys"]).round())
        top = ended.loc[ended["n_ended"].idxmax()]
        values = {"n": int(top["n_ended"]), "share": top["leave_share"], "tied": tied(t, ended, "n_ended", "touchpoints")}
        ends = {"low": top["leave_low"], "high": top["leave_high"]}
        told.append(t("map.finding.ends", touchpoint=top["touchpoint"], total=total, **values, **ends))
    named = stages[stages["stage"] != OTHER]  # what has no stage is no place that could be the finding
    apart = named.dropna(subset=["disagreement"])
    if len(apart):
        top = apart.loc[apart["disagreement"].idxmax()]
        values = {"stage": stage_name(t, top["stage"]), "n": int(top["n"])}
        told.append(t("map.finding.apart", **values, x=t.number(1 - top["disagreement"])))
    leaving = named[(named["n"] >= min(30, stages["n"].max())) & (named["stage"] != _last(found))]
    if len(leaving):
        top = leaving.loc[leaving["leave_share"].idxmax()]
        values = {"stage": stage_name(t, top["stage"]), "n": int(top["n"]), "share": top["leave_share"]}
        told.append(t("map.finding.leave", **values, low=top["leave_low"], high=top["leave_high"]))
    scored = (named if bare else stages).dropna(subset=["score"])
    if len(scored):
        low = scored.loc[scored["score"].idxmin()]
        values = {name: _score(found, t, low[f"score{ending}"]) for name, ending in _ENDS.items()}
        values["stages"] = len(scored)
        told.append(t(f"map.finding.{found.instrument}", stage=stage_name(t, low["stage"]), n=int(low["n_scores"]), **values))
    if found.plan:
        for layer in ("mined", "planned"):
            some = frame[frame["layer"] == layer]
            if len(some):
                top = some.sort_values(["n_journeys", "touchpoint"], ascending=[False, True]).iloc[0]
                values = {"touchpoint": top["touchpoint"], "n": int(top["n_journeys"]), "total": total, "others": len(some)}
                told.append(t(f"map.finding.{layer}", **values, share=top["share"]))
    else:
        top = frame.loc[frame["n_journeys"].idxmax()]
        values = {"touchpoint": top["touchpoint"], "n": int(top["n_journeys"]), "total": total, "share": top["share"]}
        values["tied"] = tied(t, frame, "n_journeys", "touchpoints")
        told.append(t("map.finding.most", **values, low=top["low"], high=top["high"]))
    return told


_ENDS = {"score": "", "low": "_low", "high": "_high"}
