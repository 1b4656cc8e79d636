"""What a comparison reads of the journey map."""

from __future__ import annotations

import pandas as pd

from workbench import stats
from workbench.engine import Prepared, reductions
from workbench.engine.reductions import STAGE, TOUCHPOINT
from workbench.journeys import maps
from workbench.journeys.felt import Felt, answerers, felt, reached
from workbench.journeys.plans import OTHER, Plan
from workbench.journeys.sides import NOBODY, Side, View
from workbench.model import Between
from workbench.result import Caveat
from workbench.store.notes import Notes

REACHED, LEFT, SCORE = "share", "leave", "score"
Key = tuple[str, str, str]


def map(both: Prepared, plan: Plan | None = None) -> View:
    """Of all journeys those that reach a touchpoint or stage, of these those that end there, and how they felt in a stage (the
    share of the scale reached): keys (kind, name, measure). A touchpoint is in the same stage in both groups, and both are
    asked with the same instrument."""
    maps.checked(plan)
    _, stage_of = maps.laid_out(both, plan, Notes(both.study.store))
    named = sorted(set(stage_of.values()))
    codes = [named.index(stage_of[name]) for name in both.touchpoints]
    names = {TOUCHPOINT: list(both.touchpoints), STAGE: named}
    asked = felt(both.study, both, stage_of)

    def answered(p: Prepared) -> Felt:
        return felt(p.study, p, stage_of, asked.instrument)

    def read(p: Prepared) -> Side:
        (rows, spread), leavers = reductions.place_counts(p, codes), reductions.place_leavers(p, codes)
        counts = {}
        for row in rows.to_dict("records"):
            kind, place = row["kind"], int(row["place"])
            name = names[kind][place]
            if (kind, name) == (STAGE, OTHER):
                continue  # which is no stage
            counts[kind, name, REACHED] = (int(row["n_journeys"]), int(row["n_customers"]))
            counts[kind, name, LEFT] = (int(row["n_ended"]), leavers.get((kind, place), 0))
        given = {} if p is both else {one: reached(own) for one, own in answered(p).answers.groupby("stage")}
        for stage, ((_, n, customers, *_), _) in given.items():
            counts[STAGE, stage, SCORE] = (n, customers)

        def cases(key: Key, k: int) -> stats.Cases:
            place = key[0], names[key[0]].index(key[1])
            return spread.cases(*((reductions.ALL, place) if key[2] == REACHED else (place, "exit")), k)

        def medians() -> dict[Key, tuple[float, float, float]]:
            times = reductions.place_times(p, codes)[["kind", "place", "median_s", "low_s", "high_s"]]
            return {
                (kind, names[kind][int(place)], REACHED): tuple(float(one) for one in of)
                for kind, place, *of in times.itertuples(index=False)
            }

        def mean(key: Key) -> stats.Credited:
            return given[key[1]][0] if key[1] in given else NOBODY

        def moves(key: Key) -> pd.Series:
            return given[key[1]][1] if key[1] in given else pd.Series(dtype=float)

        return Side(counts, lambda: cases, medians, mean=mean, moves=lambda: moves)

    def together(first: Prepared, second: Prepared) -> Side:
        # who answered in the one or the other: answers are those of a group's period
        found = read(both)
        theirs = pd.concat([answered(p).answers for p in (first, second)])
        for stage, own in theirs.groupby("stage"):
            found.counts[STAGE, stage, SCORE] = (len(own), own["customer_id"].nunique())
        return found

    def members(p: Prepared, key: Key) -> pd.DataFrame:
        kind, name, measure = key
        if measure == SCORE:
            return answerers(answered(p).answers, name)
        here = [code for one, code in p.touchpoints.items() if (one if kind == TOUCHPOINT else stage_of[one]) == name]
        return (reductions.stage_members if measure == REACHED else reductions.leave_members)(p, here)

    narrowed = any(not isinstance(one, Between) for one in both.study.filters)
    told = (Caveat("map.caveat.answers_of", {"n": int(asked.frame["n"].sum())}),) if len(asked.frame) and narrowed else ()
    return View(
        ("kind", "name", "measure"), tuple, read, members, {} if plan is None else {"plan": plan}, together=together,
        caveats=told, means=lambda key: key[2] == SCORE, tables=("surveys",) if len(asked.frame) else (),
        instrument=asked.instrument,
    )  # fmt: skip
