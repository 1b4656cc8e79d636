"""The flow graph: transitions from touchpoint to touchpoint."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from workbench.engine import reductions
from workbench.journeys.common import ENOUGH, JourneyResult, add_ends, add_middles, between, caveats, intervals, opened, tied
from workbench.locale import Texts
from workbench.model import Study

if TYPE_CHECKING:
    import altair as alt


@dataclasses.dataclass(frozen=True, eq=False)
class Flow(JourneyResult):
    """See `flow`."""

    call: ClassVar[str] = "flow"

    def _customers(self, one: pd.Series) -> pd.DataFrame:
        return reductions.move_members(self._prepared(), one["kind"], one["source"], one["target"])

    def _draw(self, t: Texts, **options: object) -> alt.Chart:
        from workbench.charts import journeys as charts

        return charts.flow(self.frame, t, **options)

    def _sentences(self, t: Texts) -> list[str]:
        told = []
        moved = self.frame[(self.frame["kind"] == "step") & (self.frame["source"] != self.frame["target"])]
        if len(moved):
            top = moved.iloc[0]
            total = round(top["n"] / top["share"])
            told.append(t("journeys.flow.title", source=top["source"], target=top["target"], share=top["share"]))
            told.append(t("journeys.flow.move", n=int(top["n"]), total=total, source=top["source"], target=top["target"]))
        else:
            told.append(t("journeys.flow.no_moves", n=self.whole.n_journeys))
        ends = self.frame[self.frame["kind"] == "exit"]
        if len(ends):
            top = ends.iloc[0]
            values = {"n": int(top["n"]), "total": self.whole.n_journeys, "tied": tied(t, ends, "n", "touchpoints")}
            told.append(t("journeys.flow.exit", touchpoint=top["source"], **values))
        waits = moved[moved["n"] >= min(ENOUGH, moved["n"].max())] if len(moved) else moved
        if len(waits):
            top = waits.sort_values(["median_s", "n"], ascending=False).iloc[0]
            values = {"source": top["source"], "target": top["target"], "median": top["median_s"], "n": int(top["n"])}
            told.append(t("journeys.flow.wait", **values, least=int(waits["n"].min()), between=between(t, top)))
        return told


def flow(study: Study) -> Flow:
    """Which touchpoint follows which, directly.

    `.frame`: kind, source, target, n (transitions), n_journeys, n_customers, share with low and high, mean_s, median_s with
    median_low_s and median_high_s.
    kind "step": from source to the next step's target; "entry": journeys that begin at target, source being "(start)"; "exit":
    journeys that end at source, target being "(end)". share: of all that leave source (steps and exit add up to 1); for
    entries of all journeys; its interval: 95 %, by customer (`stats.wilson_grouped`). mean_s, median_s: seconds from source to
    target, exact; null for entries and exits. Interval of the median: 95 %, by customer (`stats.median_ranks`); null where
    there are too few. Rows: entries, steps, exits, each with the largest first. NotEnoughData where the
    study has no journey.
    """
    p, whole = opened(study)
    frame = reductions.moves(p)
    items = [(target, "") for target in frame["target"]]
    low, high = intervals(reductions.moves_spread(p), list(frame["source"]), items, frame["n"])
    add_ends(frame, "share", ("low", "high"), low, high)
    add_middles(frame, reductions.moves_middles(p), zip(frame["source"], frame["target"], strict=True))
    return Flow(frame, study, {}, p.provenance, caveats(whole), whole)
