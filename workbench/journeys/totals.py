"""How much there is: the whole, and touchpoint by touchpoint."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import pandas as pd

from workbench.engine import reductions
from workbench.journeys.common import JourneyResult, caveats, counted, opened
from workbench.locale import Texts
from workbench.model import Study


@dataclasses.dataclass(frozen=True)
class Overview(JourneyResult):
    """See `overview`."""

    call: ClassVar[str] = "overview"

    def _customers(self, row: int) -> pd.DataFrame:
        return reductions.overview_members(self._prepared(), self.frame.at[row, "measure"])

    def _sentences(self, t: Texts) -> list[str]:
        values = dict(zip(self.frame["measure"], self.frame["value"], strict=True))
        told = [counted(t, self.study, self.whole)]
        if "throughput_median" in values:
            median, mean = values["throughput_median"], values["throughput_mean"]
            told.insert(0, t("journeys.overview.title", n=self.whole.n_journeys, median=median))
            told.append(t("journeys.overview.throughput", n=self.whole.n_journeys, mean=mean, median=median))
        if "touchpoints" in values:
            told.append(t("journeys.overview.events", n=self.whole.n_events, touchpoints=int(values["touchpoints"])))
        if "variants" in values:
            told.append(t("journeys.overview.variants", n=int(values["variants"]), total=self.whole.n_journeys))
        return told


def overview(study: Study) -> Overview:
    """The whole in nine measures.

    `.frame`: measure, value, unit ("count", "seconds", "time"), n, n_customers. Measures: events, journeys, customers,
    touchpoints (different ones), variants (different sequences), throughput_mean and throughput_median (seconds from a
    journey's first step to its last), first_at and last_at (seconds since 1970, UTC). n is what stands behind a value:
    events (for events and touchpoints), journeys (journeys, variants, throughput), customers, or the events at exactly that
    moment (first_at, last_at). NotEnoughData where the study has no journey.
    """
    p, whole = opened(study)
    return Overview(reductions.overview(p), study, {}, p.provenance, caveats(whole, shapes=True), whole)


@dataclasses.dataclass(frozen=True)
class Touchpoints(JourneyResult):
    """See `touchpoints`."""

    call: ClassVar[str] = "touchpoints"

    def _customers(self, row: int) -> pd.DataFrame:
        return reductions.touchpoint_members(self._prepared(), self.frame.at[row, "touchpoint"])

    def _sentences(self, t: Texts) -> list[str]:
        if self.frame.empty:
            return [t("journeys.touchpoints.hidden", n=self.whole.n_journeys)]
        total = self.whole.n_journeys
        top = self.frame.iloc[0]
        first = self.frame.sort_values("entry_share", ascending=False, kind="stable").iloc[0]
        last = self.frame.sort_values("exit_share", ascending=False, kind="stable").iloc[0]
        told = [
            t("journeys.touchpoints.title", touchpoint=top["touchpoint"], share=top["share"]),
            t(
                "journeys.touchpoints.top",
                touchpoint=top["touchpoint"],
                n=int(top["n_journeys"]),
                total=total,
                times=int(top["n"]),
            ),
            t("journeys.touchpoints.first", touchpoint=first["touchpoint"], n=round(first["entry_share"] * total), total=total),
            t("journeys.touchpoints.last", touchpoint=last["touchpoint"], n=round(last["exit_share"] * total), total=total),
        ]
        waits = self.frame.dropna(subset=["median_s"])
        if len(waits):
            slow = waits.sort_values("median_s", ascending=False, kind="stable").iloc[0]
            told.append(
                t("journeys.touchpoints.wait", touchpoint=slow["touchpoint"], median=slow["median_s"], n=int(slow["n"]))
            )
        return told


def touchpoints(study: Study) -> Touchpoints:
    """Every touchpoint that occurs, those of most journeys first.

    `.frame`: touchpoint, stage (the one most of its events in the store have; null without stages), n (events), n_journeys,
    n_customers, share (of journeys that have it), entry_share and exit_share (of journeys that begin, end there), median_s
    (seconds to the next step, where there is one). NotEnoughData where the study has no journey.
    """
    p, whole = opened(study)
    return Touchpoints(reductions.touchpoints(p), study, {}, p.provenance, caveats(whole), whole)
