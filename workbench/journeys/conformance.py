"""Conformance: how far journeys go as planned, where they depart from the plan, and what goes along with that."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.engine import Prepared, reductions
from workbench.errors import BadInput, NotEnoughData
from workbench.journeys import alignment, replay
from workbench.journeys.common import JourneyResult, caveats, opened, tied
from workbench.journeys.contrasts import Beside
from workbench.journeys.discovery import Discovered, plan_code
from workbench.journeys.outcomes import Outcome, money, scores
from workbench.journeys.plans import Plan, as_in_log
from workbench.locale import Texts
from workbench.model import Study
from workbench.result import Caveat

if TYPE_CHECKING:
    import altair as alt

#: longer walks are not aligned: nobody plans that far, and each takes as long as thousands of others
LONGEST = 5_000
#: steps read from the store at a time
_CHUNK = 300_000
FITS, DEPARTS, UNKNOWN = "fits", "departs", "not_computed"
START = "(start)"


@dataclasses.dataclass(frozen=True)
class Aligned:
    """What is known of every variant, by its place: `cost` (−1: not computed), `worst` (of keeping nothing); and of every
    departure (kind, touchpoint, follows) the places it is found at, how often there, and what one costs."""

    cost: np.ndarray
    worst: np.ndarray
    departures: dict[tuple[str, str, str], tuple[np.ndarray, np.ndarray, int]]


@dataclasses.dataclass(frozen=True, eq=False)
class Conformance(JourneyResult):
    """See `conformance`. `fitness` with `fitness_low` and `fitness_high`, and `conforming` (share of the aligned journeys that
    fit entirely) with its ends, of `n_aligned` journeys; `plan`: what they were compared with."""

    call: ClassVar[str] = "conformance"

    costs: pd.DataFrame | None = None
    plan: Plan | None = None
    n_aligned: int = 0
    fitness: float = math.nan
    fitness_low: float = math.nan
    fitness_high: float = math.nan
    conforming: float = math.nan
    conforming_low: float = math.nan
    conforming_high: float = math.nan
    mean_cost: float = math.nan
    found: Aligned | None = None

    def code(self) -> str:
        given = {name: repr(value) for name, value in self.params.items()}
        lines = ["import workbench as wb", f"study = {self.study.code()}"]
        if plan := self.params.get("plan"):
            given["plan"] = plan_code(plan)
            if not isinstance(plan, Discovered):
                lines.append(f"plan = {given['plan']}")
                given["plan"] = "plan"
        called = "".join(f", {name}={value}" for name, value in given.items())
        return "\n".join([*lines, f"wb.journeys.conformance(study{called})"])

    def replayed(self) -> replay.Replay:
        """The token replay of the aligned journeys on the plan as a net (see `workbench.journeys.replay`): another measure of
        fitness, for comparison with figures that others published."""
        p = self._prepared()
        walks = reductions.walks(p)
        places = np.flatnonzero(self.found.cost >= 0)
        numbers = _numbers(p, self.plan)
        found = replay.Net(_places(self.plan)).start()
        for some in np.array_split(places, max(1, math.ceil(walks["n_steps"].to_numpy()[places].sum() / _CHUNK))):
            ways = reductions.walked(p, walks["journey"].to_numpy()[some].tolist())
            for place in some:
                way = ways[int(walks["journey"].iat[place])]
                found.add([numbers[code] for code in way], int(walks["n"].iat[place]))
        return found

    def _parts(self) -> dict[str, tuple[pd.DataFrame, Callable[[pd.Series], pd.DataFrame]]]:
        return super()._parts() | {"costs": (self.costs, self._cost_customers)}

    def _customers(self, one: pd.Series) -> pd.DataFrame:
        places, times, _ = self.found.departures[one["kind"], one["touchpoint"], one["follows"]]
        return reductions.walk_members(self._prepared(), places.tolist(), times.tolist())

    def _cost_customers(self, one: pd.Series) -> pd.DataFrame:
        cost = -1 if one["kind"] == UNKNOWN else one["cost"]
        places = np.flatnonzero(self.found.cost == cost)
        return reductions.walk_members(self._prepared(), places.tolist(), [1] * len(places))

    def _draw(self, t: Texts, **options: object) -> alt.Chart:
        from workbench.charts import journeys as charts

        named = self.frame.assign(what=[departed(t, row) for _, row in self.frame.iterrows()])
        return charts.conformance(named, t, **options)

    def _sentences(self, t: Texts) -> list[str]:
        values = {"low": self.conforming_low, "high": self.conforming_high, "total": self.n_aligned}
        found = isinstance(self.plan, Discovered)
        title = "conformance.usual" if found else "conformance.title" if self.plan.name else "conformance.title_unnamed"
        told = [t(title, share=self.conforming, plan=self.plan.name)]
        told.append(t("conformance.conforming", n=round(self.conforming * self.n_aligned), **values))
        fit = {"low": t.number(self.fitness_low, 3), "high": t.number(self.fitness_high, 3)}
        told.append(t("conformance.fitness", fitness=t.number(self.fitness, 3), cost=self.mean_cost, n=self.n_aligned, **fit))
        if self.frame.empty:
            return [*told, t("conformance.hidden", n=self.n_aligned)] if self.found.departures else told
        top = self.frame.iloc[0]
        values = {"what": departed(t, top), "n": int(top["n_journeys"]), "total": self.n_aligned}
        again = tied(t, self.frame, "n_journeys", "departures")
        told.append(t("conformance.most", low=top["low"], high=top["high"], tied=again, **values))
        if top["extra_low_s"] == top["extra_low_s"]:
            longer = "longer" if top["extra_s"] > 0 else "shorter" if top["extra_s"] < 0 else "as_long"
            between = t(
                "conformance.between", low=t.signed_duration(top["extra_low_s"]), high=t.signed_duration(top["extra_high_s"])
            )
            told.append(t(f"conformance.{longer}", by=abs(top["extra_s"]), between=between))
        return told


def departed(t: Texts, row: pd.Series) -> str:
    """A row of `frame` in a few words."""
    at = "_first" if row["follows"] == START and row["kind"] != "skipped" else ""
    return t(f"conformance.{row['kind']}{at}", touchpoint=row["touchpoint"], follows=row["follows"])


def conformance(study: Study, *, plan: Plan | None = None, seconds: float = 20.0) -> Conformance:
    """How far journeys go as planned: the least departures that explain each, where they are, and what goes along with them.

    `plan`: the planned journey (None: the one kept beside the store); its touchpoints are those of the log of the same name,
    capitals and blanks aside. A journey fits where its steps are the planned ones in
    their order: those of equal `order` in any, repeatable ones as often as they come before the next order begins, optional
    ones or not. Each other journey is aligned: some of its steps are left out and some planned ones added so that it fits, as
    few as possible; its cost is their number (left-out optional steps cost nothing). Exact (`workbench.journeys.alignment`;
    Adriansyah 2014), once a variant, the most frequent first, until `seconds` are over; variants not reached by then and
    those of more than 5,000 steps are not computed: a row and a caveat count them, and they are in no share.
    Of several alignments of the same cost the one that keeps earlier steps is told. A journey that goes on after the data end
    misses what it hasn't come to yet; a caveat counts those that may.

    `.frame`, a row a departure, those in most journeys first: kind, touchpoint, follows, n (how often), n_journeys,
    n_customers, share (of the aligned journeys) with low and high, cost (of all n together).
    kind: "skipped": a planned step, not optional, that the journey doesn't have (follows: the step planned before it);
    "out_of_order": a planned step that the journey has, but nowhere in its place: left out there and extra elsewhere, a cost of
    2, of 1 if optional (follows: the kept step before it); "extra": any other step that isn't kept, unplanned or once too
    often (follows: the kept step before it). "(start)" where none comes before.
    extra_s with extra_low_s and extra_high_s: median time from first to last step of the aligned journeys with the departure,
    minus that of those without. Where the store has money: extra_amount (extra_low_amount, extra_high_amount), mean amount a
    journey with it minus mean without (`workbench.journeys.outcomes.money`); where it has scores: extra_score
    (extra_low_score, extra_high_score), mean score of answers about journeys with it minus without, n_scores answers
    (`outcomes.scores`). These are differences between journeys, and don't say what brought them about: who departs differs
    from who doesn't.
    `.costs`, a row a cost: kind ("fits": 0, "departs", "not_computed"), cost, n (journeys), n_customers, share (of all
    journeys) with low and high; `customers(row, of="costs")`.
    fitness: 1 − cost / cost of keeping nothing (all steps of the journey and all planned ones that aren't optional), the
    mean over aligned journeys.
    Intervals: 95 %, by customer: `stats.wilson_grouped`, fitness `stats.wilson_credited`; of medians the square-and-add of the
    two sides' (`stats.median_ranks`, `stats.square_and_add`), of means `stats.means_apart`; null where a side has too few
    customers (of means fewer than 30).
    BadInput for a bad `plan` or `seconds` not above 0; NotEnoughData where the study has no journey, there is no plan, none of
    its touchpoints is in the store, or no journey could be aligned.
    """
    p, whole = opened(study)
    params = given(plan, seconds)
    plan, found = aligned(p, plan, seconds)
    walkers = reductions.walkers(p)
    beside = Beside(walkers, found.cost >= 0)
    journeys = walkers["journey"].to_numpy()
    brought = {"amount": money(study, p, journeys), "score": scores(study, p, journeys)}
    frame = _frame(beside, found, {name: one for name, one in brought.items() if one is not None})
    costs = _costs(beside, found)
    fitness = beside.mean((1 - found.cost / found.worst)[beside.place])
    fits = beside.share(beside.of(np.flatnonzero(found.cost == 0)), beside.whole)
    said = (*limits(p, found, beside, plan), *_said(found, brought), *caveats(whole))
    read = tuple(name for name, one in (("orders", brought["amount"]), ("surveys", brought["score"])) if one is not None)
    source = dataclasses.replace(p.provenance, tables=(*p.provenance.tables, *read))
    costs_of = found.cost[beside.place]
    mean = float(costs_of[costs_of >= 0].mean())
    return Conformance(frame, study, params, source, said, whole, costs, plan, beside.n, *fitness, *fits, mean, found)


def given(plan: Plan | None, seconds: float) -> dict[str, object]:
    """Of what `conformance` is called with that which isn't the usual."""
    return ({} if plan is None else {"plan": plan}) | ({} if seconds == 20.0 else {"seconds": seconds})


def aligned(p: Prepared, plan: Plan | None, seconds: float) -> tuple[Plan, Aligned]:
    """The plan (None: the one kept beside the store) in the names of the log, and all that is known of these journeys by it;
    errors as `conformance` says."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds <= 86_400:
        raise BadInput("journeys.bad_seconds", asked=repr(seconds))
    plan = as_in_log(p, plan)
    if plan is None:
        raise NotEnoughData("journeys.no_plan")
    if not set(plan.touchpoints) & set(p.touchpoints):
        exists = list(p.touchpoints)
        raise NotEnoughData("journeys.plan_elsewhere", plan=plan.name, n=len(plan.steps), exists=", ".join(exists[:8]))
    found = _aligned(p, plan, time.monotonic() + seconds)
    if (found.cost < 0).all():
        raise NotEnoughData("journeys.none_aligned", n=p.n_journeys, most=LONGEST)
    return plan, found


def _places(plan: Plan) -> tuple[alignment.Place, ...]:
    return tuple(alignment.Place(one.order, one.optional, one.repeatable) for one in plan.steps)


def _numbers(p: Prepared, plan: Plan) -> list[int]:
    # code of a touchpoint -> its place in the plan, −1 where it isn't planned
    planned = {name: place for place, name in enumerate(plan.touchpoints)}
    return [planned.get(name, -1) for name in p.touchpoints]


def _aligned(p: Prepared, plan: Plan, until: float) -> Aligned:
    walks = reductions.walks(p)
    n_steps, journeys = walks["n_steps"].to_numpy(), walks["journey"].to_numpy()
    aligner, numbers = alignment.Aligner(_places(plan)), _numbers(p, plan)
    cost = np.full(len(walks), -1, dtype=np.int64)
    told: dict[alignment.Departure, list[tuple[int, int]]] = {}
    places = np.flatnonzero(n_steps <= LONGEST)
    chunks, tried = np.cumsum(n_steps[places]) // _CHUNK, False
    for chunk in range(int(chunks[-1]) + 1 if len(chunks) else 0):
        some = places[chunks == chunk]
        ways = reductions.walked(p, journeys[some].tolist())
        for place in some.tolist():
            if tried and time.monotonic() > until:
                return _gathered(p, plan, cost, n_steps, told)
            tried = True
            p.go_on()
            codes = ways[int(journeys[place])]
            found = aligner.align([numbers[code] for code in codes], codes)
            if found is not None:
                cost[place] = found[0]
                for departure, times in found[1].items():
                    told.setdefault(departure, []).append((place, times))
    return _gathered(p, plan, cost, n_steps, told)


def _gathered(p: Prepared, plan: Plan, cost: np.ndarray, n_steps: np.ndarray, told: dict) -> Aligned:
    names, planned = list(p.touchpoints), plan.touchpoints
    places = _places(plan)
    departures = {}
    for (kind, what, after), at in told.items():
        name = planned[what] if what >= 0 else names[-1 - what]
        follows = START if after == alignment.START else planned[after]
        where, times = (np.array(one) for one in zip(*at, strict=True))
        departures[kind, name, follows] = where, times, alignment.cost((kind, what, after), places)
    return Aligned(cost, alignment.worst(n_steps, places), departures)


def _frame(beside: Beside, found: Aligned, brought: dict[str, Outcome]) -> pd.DataFrame:
    rows = []
    for key, (places, times, each) in found.departures.items():
        with_it = beside.of(places, times)
        row = dict(zip(("kind", "touchpoint", "follows"), key, strict=True))
        share, low, high = beside.share(with_it, beside.whole)
        row |= {"n": with_it.n, "n_journeys": len(with_it.rows), "n_customers": with_it.n_customers}
        row |= {"share": share, "low": low, "high": high, "cost": each * with_it.n}
        row |= dict(zip(("extra_s", "extra_low_s", "extra_high_s"), beside.time_apart(with_it), strict=True))
        for name, one in brought.items():
            row |= dict(
                zip((f"extra_{name}", f"extra_low_{name}", f"extra_high_{name}"), beside.mean_apart(with_it, one), strict=True)
            )
            if name == "score":
                row["n_scores"] = int(one.n[with_it.rows].sum())
        rows.append(row)
    rows.sort(key=lambda row: (-row["n_journeys"], -row["n"], row["kind"], row["touchpoint"], row["follows"]))
    columns = ["kind", "touchpoint", "follows", "n", "n_journeys", "n_customers", "share", "low", "high", "cost"]
    return pd.DataFrame(rows, columns=None if rows else [*columns, "extra_s", "extra_low_s", "extra_high_s"])


def _costs(beside: Beside, found: Aligned) -> pd.DataFrame:
    rows = []
    for cost in [*np.unique(found.cost[found.cost >= 0]).tolist(), -1]:
        places = np.flatnonzero(found.cost == cost)
        if len(places):
            one = beside.of(places)
            kind = UNKNOWN if cost < 0 else DEPARTS if cost else FITS
            share, low, high = beside.share(one, beside.all)
            row = {"kind": kind, "cost": float(cost) if cost >= 0 else math.nan, "n": one.n, "n_customers": one.n_customers}
            rows.append(row | {"share": share, "low": low, "high": high})
    return pd.DataFrame(rows)


def limits(p: Prepared, found: Aligned, beside: Beside, plan: Plan) -> list[Caveat]:
    """What has to be said of the plan, and of the journeys that were not compared with it."""
    unseen = [one.touchpoint for one in plan.steps if not one.optional and one.touchpoint not in p.touchpoints]
    told = [Caveat("conformance.caveat.unseen", {"n": len(unseen), "names": ", ".join(unseen[:6])})] if unseen else []
    if beside.n < beside.total:
        values = {"n": beside.total - beside.n, "total": beside.total, "share": (beside.total - beside.n) / beside.total}
        told.append(Caveat("conformance.caveat.not_aligned", values | {"variants": int((found.cost < 0).sum())}))
    if isinstance(plan, Discovered):
        told.append(Caveat("conformance.caveat.discovered", {"noise": plan.noise}))
    return told


def _said(found: Aligned, brought: dict[str, Outcome | None]) -> list[Caveat]:
    told = [Caveat("conformance.caveat.beside", {"n": len(found.departures)})]
    if (one := brought["amount"]) is not None and one.what == "orders":
        told.append(Caveat("conformance.caveat.money", {"n": one.n_used, "total": one.n_all}))
    if (one := brought["score"]) is not None:
        scale = {"low": one.low, "high": one.high, "instrument": one.what}
        told.append(Caveat("conformance.caveat.scores", {"n": one.n_used, "total": one.n_all, "within": 604_800.0} | scale))
    return told
