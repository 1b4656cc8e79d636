"""The flow graph: transitions from touchpoint to touchpoint."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import pandas as pd

from workbench.engine import reductions
from workbench.journeys.common import JourneyResult, caveats, opened
from workbench.locale import Texts
from workbench.model import Study

#: a wait is told only where at least this many made the transition
_ENOUGH = 5


@dataclasses.dataclass(frozen=True)
class Flow(JourneyResult):
    """See `flow`."""

    call: ClassVar[str] = "flow"

    def _customers(self, row: int) -> pd.DataFrame:
        one = self.frame.loc[row]
        return reductions.move_members(self._prepared(), one["kind"], one["source"], one["target"])

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
            told.append(t("journeys.flow.exit", n=int(top["n"]), total=self.whole.n_journeys, touchpoint=top["source"]))
        waits = moved[moved["n"] >= min(_ENOUGH, moved["n"].max())] if len(moved) else moved
        if len(waits):
            top = waits.sort_values(["median_s", "n"], ascending=False).iloc[0]
            values = {"source": top["source"], "target": top["target"], "median": top["median_s"], "n": int(top["n"])}
            told.append(t("journeys.flow.wait", **values))
        return told


def flow(study: Study) -> Flow:
    """Which touchpoint follows which, directly.

    `.frame`: kind, source, target, n (transitions), n_journeys, n_customers, share, mean_s, median_s.
    kind "step": from source to the next step's target; "entry": journeys that begin at target, source being "(start)"; "exit":
    journeys that end at source, target being "(end)". share: of all that leave source (steps and exit add up to 1); for
    entries of all journeys. mean_s, median_s: seconds from source to target, exact; null for entries and exits. Rows:
    entries, steps, exits, each with the largest first. NotEnoughData where the study has no journey.
    """
    p, whole = opened(study)
    return Flow(reductions.moves(p), study, {}, p.provenance, caveats(whole), whole)
