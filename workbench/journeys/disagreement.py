"""How far the log lies from the plan, stage by stage: in the order of touchpoints, in which of them are met, in the time they
take, and in how they feel."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from workbench.journeys.plans import Plan

PARTS = ("order", "share", "time", "feeling")
#: what plans say of feelings, in English, Russian and Polish -> −2 … 2
_WORDS: Mapping[float, str] = {
    2: "very positive,delighted,delight,enthusiastic,excited,joy,love,++,очень положительно,очень позитивно,восторг,радость,"
    "bardzo pozytywnie,bardzo pozytywna,zachwyt,radość,😀,😄,😍",
    1: "positive,happy,satisfied,content,glad,pleased,calm,confident,curious,hopeful,relieved,relief,trust,good,+,"
    "положительно,положительная,положительные,позитивно,позитив,позитивная,спокойствие,уверенность,интерес,любопытство,"
    "надежда,облегчение,доверие,довольство,хорошо,pozytywnie,pozytywna,pozytywne,spokój,pewność,ciekawość,nadzieja,ulga,"
    "zaufanie,zadowolenie,dobrze,🙂,😊",
    0: "neutral,indifferent,so so,mixed,0,нейтрально,нейтральная,нейтральные,нейтральный,безразличие,neutralnie,neutralna,"
    "neutralne,obojętność,😐",
    -1: "negative,unhappy,dissatisfied,annoyed,anxious,worried,confused,impatient,uncertain,doubt,frustrated,frustration,bad,"
    "-,−,"
    "отрицательно,отрицательная,негативно,негатив,негативная,тревога,беспокойство,сомнение,растерянность,нетерпение,"
    "раздражение,недовольство,плохо,negatywnie,negatywna,negatywne,niepokój,obawa,niepewność,zniecierpliwienie,irytacja,"
    "frustracja,zagubienie,niezadowolenie,źle,🙁,😟",
    -2: "very negative,angry,anger,furious,desperate,--,−−,очень отрицательно,очень негативно,гнев,злость,ярость,отчаяние,"
    "bardzo negatywnie,bardzo negatywna,złość,gniew,wściekłość,rozpacz,😠,😡",
}
_VALUE_OF = {word: float(value) for value, listed in _WORDS.items() for word in listed.split(",")}


def feeling(emotion: str) -> float | None:
    """A planned emotion as a number from −2 to 2: the number itself ("1", "-0,5"), or the mean of its words ("anxious, then
    relieved") where they are known; None where none is."""
    text = " ".join(emotion.casefold().split())
    if re.fullmatch(r"[+\-−]?\d+(?:[.,]\d+)?", text):
        value = float(text.replace("−", "-").replace(",", "."))
        return value if -2 <= value <= 2 else None
    parts = [text, *re.split(r"[,;/]| and | then | и | затем | i | potem ", text)]
    found = [_VALUE_OF[part.strip()] for part in parts if part.strip() in _VALUE_OF]
    return float(np.mean(found)) if found else None


def disagreement(plan: Plan, touchpoints: pd.DataFrame, moves: pd.DataFrame, stages: pd.DataFrame) -> pd.DataFrame:
    """The four parts of each stage and their mean, 0 (the log is as planned) to 1.

    `touchpoints`: stage, touchpoint, n_journeys, n_next (steps that another follows) and next_median_s; `moves`: source, target
    and n, from touchpoint to touchpoint; `stages`: stage, n_journeys (that reach it) and felt, the share of its scale that its
    score has reached (0 worst, 1 best; nan without).
    Answers, a row a stage in the order of `stages`: n_moves, order, share, time, feeling, disagreement; nan where a part
    can't be had.

    order    of the moves from a planned touchpoint of this stage to a planned one of any stage those against the plan: to a
             smaller `order`, or to itself where it is not repeatable. Between parallel touchpoints (the same `order`) any
             direction is right; leaving touchpoints out is none of this part's business. One move of a journey counts as
             much as any other (footprints of directly-follows relations are compared alike: van der Aalst 2016, Process
             Mining, section 8.4).
    share    1 − Σ min(x, y) / Σ max(x, y) over the stage's touchpoints, y being the share of the journeys reaching the stage
             that meet the touchpoint and x the planned share: 1 of a planned one, 0 of an unplanned one, y of an optional one,
             which is right either way (weighted Jaccard distance: Ioffe 2010, ICDM). So an unplanned touchpoint counts by the
             share of journeys that meet it, a planned one by the share that doesn't.
    time     of the touchpoints with a planned time w and a median time m to the next step the mean of 0 where m ≤ w, else
             1 − w / m, weighted by their steps. Sooner than planned is no disagreement; twice the planned time is 0.5.
             (Reasoning: bounded, free of the unit, and half at a doubling.)
    feeling  |felt − planned| / 4. planned: the mean of the planned emotions (`feeling`) of the stage's touchpoints; felt:
             −2 + 4 times the share of its scale that the score has reached, so that the worst score is −2, the middle 0, the
             best 2. (Reasoning: both are positions between worst and best; 4 is the whole way.)
    disagreement: the mean of the parts that can be had (a plan that says nothing of times or feelings isn't measured by them).
    """
    steps = {one.touchpoint: one for one in plan.steps}
    rows = []
    for one in stages.itertuples():
        here = touchpoints[touchpoints["stage"] == one.stage]
        rows.append([*_order(steps, moves, here), _share(steps, here, one), _time(steps, here), _feeling(steps, here, one)])
    frame = pd.DataFrame(rows, columns=["n_moves", *PARTS], index=stages.index)
    frame["disagreement"] = frame[list(PARTS)].mean(axis=1)
    return frame


def _order(steps: Mapping, moves: pd.DataFrame, here: pd.DataFrame) -> tuple[int, float]:
    total = against = 0
    names = set(here["touchpoint"])
    for source, target, n in zip(moves["source"], moves["target"], moves["n"], strict=True):
        if source in names and source in steps and target in steps:
            one, other = steps[source], steps[target]
            total += n
            against += n if other.order < one.order or (one is other and not one.repeatable) else 0
    return int(total), against / total if total else np.nan


def _share(steps: Mapping, here: pd.DataFrame, stage: object) -> float:
    if not stage.n_journeys:
        return np.nan
    less = more = 0.0
    for one in here.itertuples():
        met, step = one.n_journeys / stage.n_journeys, steps.get(one.touchpoint)
        planned = 0.0 if step is None else met if step.optional else 1.0
        less, more = less + min(met, planned), more + max(met, planned)
    return 1 - less / more if more else np.nan


def _time(steps: Mapping, here: pd.DataFrame) -> float:
    total = late = 0.0
    for one in here.itertuples():
        within = steps[one.touchpoint].within_s if one.touchpoint in steps else None
        if within and one.n_next and one.next_median_s == one.next_median_s:
            total += one.n_next
            late += one.n_next * max(0.0, 1 - within / one.next_median_s) if one.next_median_s > 0 else 0.0
    return late / total if total else np.nan


def _feeling(steps: Mapping, here: pd.DataFrame, stage: object) -> float:
    names = [name for name in here["touchpoint"] if name in steps]
    planned = [value for name in names if (value := feeling(steps[name].emotion)) is not None]
    if not planned or stage.felt != stage.felt:
        return np.nan
    return abs(-2 + 4 * stage.felt - float(np.mean(planned))) / 4
