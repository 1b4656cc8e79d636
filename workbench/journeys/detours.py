"""Loops, back-tracks, repeats and dead ends, ranked by the time they take."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from workbench import stats
from workbench.engine import reductions
from workbench.journeys.common import JourneyResult, caveats, opened
from workbench.locale import Texts
from workbench.model import Study
from workbench.result import Caveat

if TYPE_CHECKING:
    import altair as alt


@dataclasses.dataclass(frozen=True, eq=False)
class Loops(JourneyResult):
    """See `loops`. `n_returns`: repeats, back-tracks and loops together."""

    call: ClassVar[str] = "loops"

    keys: tuple[tuple[str, str, str | None], ...] = ()  # kind, touchpoint, via; by index label of the frame
    n_returns: int = 0

    def _customers(self, one: pd.Series) -> pd.DataFrame:
        return reductions.return_members(self._prepared(), *self.keys[one.name])

    def _draw(self, t: Texts, **options: object) -> alt.Chart:
        from workbench.charts import journeys as charts

        return charts.loops(self.frame, t, **options)

    def _sentences(self, t: Texts) -> list[str]:
        if self.frame.empty:
            return [t("journeys.loops.none", n=self.whole.n_journeys)]
        top = self.frame.iloc[0]
        name = self.keys[top.name][1] if top["kind"] == "loop" else top["touchpoint"]
        told = [
            t(f"journeys.loops.{top['kind']}", share=top["share"], touchpoint=name),
            t("journeys.loops.where", n=int(top["n_journeys"]), total=self.whole.n_journeys, low=top["low"], high=top["high"]),
            t(
                f"journeys.loops.{'lasted' if top['kind'] == 'dead_end' else 'cost'}",
                n=int(top["n"]),
                cost=top["cost_s"],
                each=top["cost_s"] / top["n"],
            ),
        ]
        if self.n_returns:
            told.append(t("journeys.loops.returns", n=self.n_returns, total=self.whole.n_events))
        return told


def loops(study: Study) -> Loops:
    """Where journeys turn back or stop short, those of most time first.

    A step at a touchpoint the journey has met before is a return, of one kind by how far back it was last met: "repeat"
    (the step right before), "back_track" (one other step between: A → B → A), "loop" (two or more between: A → … → A).
    "dead_end": the journey ends at a touchpoint where in fewer than half of all cases it ends. These are
    counts: whether a journey failed there, was simply done, or goes on after the end of the data, they can't say.
    `.frame`: kind, touchpoint, n (returns; of dead ends: journeys), n_journeys, n_customers, share (of journeys) with low
    and high (95 %, by customer: `stats.wilson_grouped`), cost_s: seconds in all, of a return since the touchpoint was last
    met, of a dead end the whole journey's. It is time on the calendar, waits and nights included, not effort nor money;
    times of different rows may hold the same hours and don't add up, and a dead end's counts all that led there.
    Empty where there is no such thing;
    NotEnoughData where the study has no journey.
    """
    p, whole = opened(study)
    found = reductions.returns(p)
    keys = keyed(found)
    frame = found[["kind", "n", "n_journeys", "n_customers"]].copy()
    frame.insert(1, "touchpoint", pd.Series([written(*key) for key in keys], dtype="str"))
    frame["share"] = frame["n_journeys"] / whole.n_journeys
    had = reductions.journeys_spread(p)
    sums = found[["n_journeys", "kk", "kn"]].astype(int).itertuples(index=False, name=None)
    found_ends = [stats.wilson_grouped(k, had[0], had[1], kk, kn, had[2]) for k, kk, kn in sums]
    frame["low"], frame["high"] = [low for low, _ in found_ends], [high for _, high in found_ends]
    frame = frame.astype({"low": float, "high": float})
    frame["cost_s"] = found["cost_s"].astype(float)
    back = int(found.loc[found["kind"] != "dead_end", "n"].sum())
    said = caveats(whole)
    if back:
        n_long = int(found.loc[found["kind"] != "dead_end", "n_long"].sum())
        said = (Caveat("journeys.caveat.passed", {"n": n_long, "total": back}), *said)
    return Loops(frame, study, {}, p.provenance, said, whole, keys, back)


def keyed(found: pd.DataFrame) -> tuple[tuple[str, str, str | None], ...]:
    """What tells the rows of `reductions.returns` apart: kind, touchpoint, via (None but for back-tracks)."""
    via = found["via"].astype(object).where(found["via"].notna(), None)
    return tuple(zip(found["kind"], found["touchpoint"], via, strict=True))


def written(kind: str, touchpoint: str, via: str | None) -> str:
    """A return as it stands in the frame: "A → B → A", "A → … → A", else the touchpoint."""
    if kind == "back_track":
        return f"{touchpoint} → {via} → {touchpoint}"
    return f"{touchpoint} → … → {touchpoint}" if kind == "loop" else touchpoint
