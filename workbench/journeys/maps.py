"""The journey map: stages and touchpoints in three layers, as planned, as the log has them, and as customers felt."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from workbench.engine import Prepared, reductions
from workbench.engine.reductions import STAGE, TOUCHPOINT
from workbench.errors import BadInput
from workbench.journeys import canvas
from workbench.journeys.common import JourneyResult, caveats, intervals, opened
from workbench.journeys.disagreement import PARTS, disagreement
from workbench.journeys.felt import Felt, answerers, felt
from workbench.journeys.plans import OTHER, Plan, as_in_log, checked
from workbench.locale import Texts
from workbench.model import Between, Study
from workbench.result import Caveat, Provenance
from workbench.store.notes import Note, Notes

if TYPE_CHECKING:
    import altair as alt

#: journeys, or answers, that a disagreement or a score needs to be shown
LEAST = 30
NAN = float("nan")


@dataclasses.dataclass(frozen=True, eq=False)
class JourneyMap(JourneyResult):
    """See `map`. `plan`: the planned layer, None without one; `notes`: what people wrote on the map; `instrument` and `scale`
    of the scores; `order`: all stages; `stage_of`: touchpoint -> stage, of all there are in the store and in the plan."""

    call: ClassVar[str] = "map"

    stages: pd.DataFrame | None = None
    channels: pd.DataFrame | None = None
    felt: pd.DataFrame | None = None
    plan: Plan | None = None
    notes: tuple[Note, ...] = ()
    instrument: str = ""
    scale: tuple[float, float] = (NAN, NAN)
    order: tuple[str, ...] = ()
    stage_of: Mapping[str, str] = dataclasses.field(default_factory=dict, repr=False)
    answers: pd.DataFrame | None = dataclasses.field(default=None, repr=False)

    def _parts(self) -> dict[str, tuple[pd.DataFrame, Callable[[pd.Series], pd.DataFrame]]]:
        own = {
            "stages": (self.stages, self._stage_customers),
            "channels": (self.channels, self._channel_customers),
            "felt": (self.felt, self._felt_customers),
        }
        return super()._parts() | own

    def _customers(self, one: pd.Series) -> pd.DataFrame:
        p = self._prepared()
        if one["touchpoint"] not in p.touchpoints:
            return reductions.stage_members(p, [])  # of what is only planned: nobody
        return reductions.touchpoint_members(p, one["touchpoint"])

    def _stage_customers(self, one: pd.Series) -> pd.DataFrame:
        p = self._prepared()
        codes = [code for name, code in p.touchpoints.items() if self.stage_of[name] == one["stage"]]
        return reductions.stage_members(p, codes)

    def _channel_customers(self, one: pd.Series) -> pd.DataFrame:
        return reductions.channel_members(self._prepared(), one["touchpoint"], one["channel"])

    def _felt_customers(self, one: pd.Series) -> pd.DataFrame:
        return answerers(self.answers, one["stage"])

    def _draw(self, t: Texts, **options: object) -> alt.Chart:
        from workbench.charts import journeys as charts

        named = self.frame.assign(stage=[canvas.stage_name(t, one) for one in self.frame["stage"]])
        return charts.map(named, t, **({"planned": self.plan is not None} | options))

    def _sentences(self, t: Texts) -> list[str]:
        return canvas.sentences(self, t)

    def canvas(self, t: Texts) -> dict[str, object]:
        """The map as ready texts in the language of `t`, the one input of the screen and of all exports: title, subtitle,
        source, sentences, lanes, stages, cells (lane -> stage -> cell), channels, and unstaged: whether no touchpoint has a
        stage. A cell's "row" is an index label of `frame` in the lane of touchpoints, else of `stages`; −1 where nothing was
        counted."""
        return canvas.of_map(self, t, self._around(t))

    def code(self) -> str:
        """The Python that computes this; a plan that isn't the one kept beside the store is written out."""
        given = "".join(
            f", plan=wb.journeys.Plan.from_dict({value.to_dict()!r})" if name == "plan" else f", {name}={value!r}"
            for name, value in self.params.items()
        )
        return f"import workbench as wb\nstudy = {self.study.code()}\nwb.{self.room}.{self.call}(study{given})"


def map(study: Study, *, plan: Plan | None = None, least: int = LEAST) -> JourneyMap:
    """Stages × touchpoints: how many journeys come there, in which channels, how long until the next, who ends there, how they
    felt, and how far all that is from the plan.

    `plan`: the planned journey (None: the one kept beside the store, if there is one); its touchpoints are those of the log
    of the same name, capitals and blanks aside. The stage of a touchpoint is the plan's, else the one a person dragged it to
    (`workbench.store.notes`), else the one most of its events have, else "(other)". Stages stand in the plan's order, then
    those of the log by how early in journeys their steps are on average; touchpoints in the plan's order, the others behind
    them by how many journeys have them, and where there is no stage at all by how early they are.

    `.frame`, a row a touchpoint: stage, touchpoint, layer ("both", "mined": not planned, "planned": no journey has it), n
    (steps), n_journeys, n_customers, share (of all journeys) with low and high, n_next (steps that another follows),
    next_median_s with next_low_s and next_high_s, next_q1_s and next_q3_s (seconds to the next step, exact), leave_share (of
    its journeys those that end there) with leave_low and leave_high.
    `.stages`, a row a stage: stage, n and n_journeys (journeys that reach it), n_customers, share with low and high, n_next
    (steps that a step of another stage follows), next_… (seconds from such a step to the one that follows), leave_share with
    leave_low and leave_high (of its journeys those whose last step is in it), n_scores, score, score_low, score_high (see
    `felt.felt`), disagreement and its parts order_part, share_part, time_part, feeling_part with n_moves (see
    `disagreement.disagreement`).
    A score of fewer than `least` answers (or fewer customers than the study shows) and a disagreement of fewer than `least`
    journeys are null.
    `.channels`: touchpoint, channel, n (steps), n_customers, share (of the touchpoint's steps that have a channel).
    `.felt`: stage, instrument, n (answers), n_customers, score, low, high, of any number of answers.
    Intervals: 95 %, by customer (`stats.wilson_grouped`, `stats.median_ranks`); null where there are too few. A disagreement
    has none: it is a mean of parts that are measured differently, to compare stages by, not months.
    BadInput for a bad `plan` or `least`; NotEnoughData where the study has no journey.
    """
    checked(plan)
    if isinstance(least, bool) or not isinstance(least, int) or least < 1:
        raise BadInput("journeys.bad_least", asked=least)
    p, whole = opened(study)
    params = ({} if plan is None else {"plan": plan}) | ({} if least == LEAST else {"least": least})
    kept = Notes(study.store)
    planned, stage_of = laid_out(p, plan, kept)
    places = {stage: place for place, stage in enumerate(sorted(set(stage_of.values())))}
    codes = [places[stage_of[name]] for name in p.touchpoints]
    counted, nowhere = _counted(p, codes)
    touchpoints, stages = _frames(p, counted, nowhere, planned, stage_of, places, kept)
    answers = felt(study, p, stage_of)
    scores = answers.frame.set_index("stage")
    shown = scores[(scores["n"] >= least) & (scores["n_customers"] >= study.min_group)]
    for name, column in (("score", "score"), ("score_low", "low"), ("score_high", "high")):
        stages[name] = stages["stage"].map(shown[column]).astype(float)
    stages["n_scores"] = stages["stage"].map(scores["n"]).fillna(0).astype("int64")
    stages = stages.assign(n_moves=0, disagreement=NAN, **{f"{part}_part": NAN for part in PARTS})
    if planned:
        apart = stages.assign(felt=stages["stage"].map(shown["reached"]).astype(float))
        found = disagreement(planned, touchpoints, reductions.pair_counts(p), apart)
        enough = stages["n_journeys"] >= least
        stages["n_moves"] = found["n_moves"]
        stages["disagreement"] = found["disagreement"].where(enough)
        for part in PARTS:
            stages[f"{part}_part"] = found[part].where(enough)
    channels = reductions.channel_counts(p)
    channels.insert(4, "share", channels["n"] / channels.groupby("touchpoint")["n"].transform("sum"))
    said = (*_said(study, answers, kept, touchpoints), *caveats(whole))
    of_scores = {"instrument": answers.instrument, "scale": answers.scale, "answers": answers.answers}
    return JourneyMap(
        touchpoints, study, params, _read(p, answers), said, whole, stages, channels, answers.frame.drop(columns="reached"),
        planned, kept.all(), order=tuple(stages["stage"]), stage_of=stage_of, **of_scores,
    )  # fmt: skip


def laid_out(p: Prepared, plan: Plan | None, kept: Notes) -> tuple[Plan | None, dict[str, str]]:
    """The plan (None: the one kept beside the store) in the names of the log, and the stage of every touchpoint."""
    planned = as_in_log(p, plan)
    return planned, _stages_of(planned, kept, p)


def _stages_of(plan: Plan | None, kept: Notes, p: Prepared) -> dict[str, str]:
    placed = {name: stage for stage, names in kept.placed().items() for name in names}
    own = reductions.touchpoint_stages(p)
    planned = {one.touchpoint: one.stage for one in plan.steps} if plan else {}
    names = [*p.touchpoints, *(name for name in planned if name not in p.touchpoints)]
    return {name: planned.get(name) or placed.get(name) or own.get(name) or OTHER for name in names}


def _counted(p: Prepared, codes: Sequence[int]) -> tuple[pd.DataFrame, tuple[float, float]]:
    # a row a place (kind and number): what is counted there, with intervals; the interval of a place that no journey has
    counts, spread = reductions.place_counts(p, codes)
    found = counts.set_index(["kind", "place"])
    times = reductions.place_times(p, codes).set_index(["kind", "place"])
    found, keys = found.join(times), list(found.index)
    found["share"] = found["n_journeys"] / p.n_journeys
    found["leave_share"] = found["n_ended"] / found["n_journeys"]
    found["low"], found["high"] = intervals(spread, reductions.ALL, keys, found["n_journeys"])
    found["leave_low"], found["leave_high"] = intervals(spread, keys, ["exit"] * len(keys), found["n_ended"])
    found = found.rename(columns={name: f"next_{name}" for name in ("q1_s", "median_s", "q3_s", "low_s", "high_s")})
    return found, spread.interval(reductions.ALL, None, 0)


_REACHED = ["n_journeys", "n_customers", "share", "low", "high"]
_NEXT = ["n_next", "next_median_s", "next_low_s", "next_high_s", "next_q1_s", "next_q3_s"]
_LEFT = ["leave_share", "leave_low", "leave_high"]
_WHOLE = ["n", "n_journeys", "n_customers", "n_next"]


def _frames(
    p: Prepared, counted: pd.DataFrame, nowhere: tuple[float, float], plan: Plan | None, stage_of: Mapping[str, str],
    places: Mapping[str, int], kept: Notes,
) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    # touchpoints and stages, in their order; what nobody meets is there where it is planned
    steps = {one.touchpoint: one for one in plan.steps} if plan else {}
    met = counted.loc[TOUCHPOINT] if TOUCHPOINT in counted.index.get_level_values(0) else counted[:0]
    met = met.rename(index={code: name for name, code in p.touchpoints.items()})
    names = [name for name in stage_of if name in met.index or name in steps]
    found = met.reindex(names).rename_axis("touchpoint").reset_index()
    found["stage"] = found["touchpoint"].map(stage_of)
    found["layer"] = [
        "planned" if name not in met.index else "both" if name in steps else "mined" for name in found["touchpoint"]
    ]
    own = (found["mean_seq"] * found["n"]).groupby(found["stage"]).sum() / found.groupby("stage")["n"].sum()
    named = list(plan.stages) if plan else []
    by_place = own.drop(index=[stage for stage in (*named, OTHER) if stage in own]).sort_values(kind="stable").index
    last = [OTHER] if OTHER in own.index and OTHER not in named else []
    order = [*(stage for stage in named if stage in own.index), *by_place, *last]
    late = {name: (steps[name].order if name in steps else len(steps) + 1) for name in names}
    found["late"] = found["touchpoint"].map(late)
    if order == [OTHER] and not plan:
        found["late"] = found["mean_seq"]
    found = found.sort_values(["late", "n_journeys", "touchpoint"], ascending=[True, False, True], kind="stable")
    cards = {stage: list(found.loc[found["stage"] == stage, "touchpoint"]) for stage in order}
    dragged = kept.arranged(cards)
    place = {name: at for stage in order for at, name in enumerate(dragged.get(stage, ())) if stage_of[name] == stage}
    sized = {name: at for names in cards.values() for at, name in enumerate(names)}
    key = {name: (order.index(stage_of[name]), place.get(name, len(names)), sized[name]) for name in names}
    found = found.set_index("touchpoint").loc[sorted(names, key=key.get)].reset_index()
    stages = counted.loc[STAGE].rename(index={number: stage for stage, number in places.items()}).reindex(order)
    stages = stages.rename_axis("stage").reset_index().assign(n=lambda one: one["n_journeys"])
    for frame in (found, stages):
        nobody = frame["n_journeys"].isna()
        frame[_WHOLE] = frame[_WHOLE].fillna(0).astype("int64")
        frame.loc[nobody, ["share", "low", "high"]] = [0.0, *nowhere]
    return (
        found[["stage", "touchpoint", "layer", "n", *_REACHED, *_NEXT, *_LEFT]],
        stages[["stage", "n", *_REACHED, *_NEXT, *_LEFT]],
    )


def _read(p: Prepared, answers: Felt) -> Provenance:
    read = p.provenance
    return dataclasses.replace(read, tables=(*read.tables, "surveys")) if len(answers.frame) else read


def _said(study: Study, answers: Felt, kept: Notes, touchpoints: pd.DataFrame) -> list[Caveat]:
    told = []
    if answers.n_off or answers.n_anonymous:
        values = {"n": answers.n_off + answers.n_anonymous, "off": answers.n_off, "anonymous": answers.n_anonymous}
        told.append(Caveat("map.caveat.answers", values))
    if len(answers.frame) and any(not isinstance(one, Between) for one in study.filters):
        told.append(Caveat("map.caveat.answers_of", {"n": int(answers.frame["n"].sum())}))
    n_other = int((touchpoints["stage"] == OTHER).sum())
    if n_other:
        key = "map.caveat.bare" if n_other == len(touchpoints) else "map.caveat.other"
        told.append(Caveat(key, {"n": n_other, "total": len(touchpoints)}))
    damaged = kept.unreadable()
    if damaged:
        told.append(Caveat("map.caveat.notes", {"n": damaged}))
    return told
