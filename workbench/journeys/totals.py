"""How much there is: the whole, and touchpoint by touchpoint."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from workbench.engine import reductions
from workbench.journeys.common import (
    ENOUGH,
    JourneyResult,
    add_ends,
    add_middles,
    between,
    caveats,
    counted,
    intervals,
    opened,
    tied,
)
from workbench.locale import Texts
from workbench.model import Study

if TYPE_CHECKING:
    import altair as alt


@dataclasses.dataclass(frozen=True, eq=False)
class Overview(JourneyResult):
    """See `overview`."""

    call: ClassVar[str] = "overview"

    def _customers(self, one: pd.Series) -> pd.DataFrame:
        return reductions.overview_members(self._prepared(), one["measure"])

    def _draw(self, t: Texts, **options: object) -> alt.Chart:
        from workbench.charts import journeys as charts

        return charts.overview(self.frame, t, **options)

    def _sentences(self, t: Texts) -> list[str]:
        values = dict(zip(self.frame["measure"], self.frame["value"], strict=True))
        told = [counted(t, self.study, self.whole)]
        if "throughput_median" in values:
            median, mean = values["throughput_median"], values["throughput_mean"]
            told.insert(0, t("journeys.overview.title", n=self.whole.n_journeys, median=median))
            row = self.frame[self.frame["measure"] == "throughput_median"].iloc[0]
            said = {"mean": mean, "median": median, "between": between(t, row)}
            told.append(t("journeys.overview.throughput", n=self.whole.n_journeys, **said))
        if "touchpoints" in values:
            told.append(t("journeys.overview.events", n=self.whole.n_events, touchpoints=int(values["touchpoints"])))
        if "variants" in values:
            told.append(t("journeys.overview.variants", n=int(values["variants"]), total=self.whole.n_journeys))
        return told


def overview(study: Study) -> Overview:
    """The whole in nine measures.

    `.frame`: measure, value, median_low_s and median_high_s (95 % interval of throughput_median, by customer:
    `stats.median_ranks`; null for the others and where there are too few journeys), unit ("count", "seconds", "time"), n,
    n_customers. Measures: events, journeys, customers,
    touchpoints (different ones), variants (different sequences), throughput_mean and throughput_median (seconds from a
    journey's first step to its last), first_at and last_at (seconds since 1970, UTC). n is what stands behind a value:
    events (for events and touchpoints), journeys (journeys, variants, throughput), customers, or the events at exactly that
    moment (first_at, last_at). NotEnoughData where the study has no journey.
    """
    p, whole = opened(study)
    frame, middle = reductions.overview(p), reductions.journeys_middle(p)
    for at, name in enumerate(("median_low_s", "median_high_s")):
        found = middle[at] if middle else float("nan")
        frame.insert(2 + at, name, [found if one == "throughput_median" else float("nan") for one in frame["measure"]])
    return Overview(frame, study, {}, p.provenance, caveats(whole, shapes=True), whole)


@dataclasses.dataclass(frozen=True, eq=False)
class Touchpoints(JourneyResult):
    """See `touchpoints`."""

    call: ClassVar[str] = "touchpoints"

    def _customers(self, one: pd.Series) -> pd.DataFrame:
        return reductions.touchpoint_members(self._prepared(), one["touchpoint"])

    def _draw(self, t: Texts, **options: object) -> alt.Chart:
        from workbench.charts import journeys as charts

        return charts.touchpoints(self.frame, t, **options)

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
        ]
        for key, share, one in (("first", "entry_share", first), ("last", "exit_share", last)):
            values = {"touchpoint": one["touchpoint"], "n": round(one[share] * total), "total": total}
            told.append(t(f"journeys.touchpoints.{key}", **values, tied=tied(t, self.frame, share, "touchpoints")))
        left = self.frame["n"] - (self.frame["exit_share"] * total).round().astype(int)  # with a next step
        waits = self.frame.assign(left=left)[left >= min(ENOUGH, max(left.max(), 1))]
        if len(waits):
            slow = waits.sort_values("median_s", ascending=False, kind="stable").iloc[0]
            values = {"touchpoint": slow["touchpoint"], "median": slow["median_s"], "n": int(slow["left"])}
            told.append(t("journeys.touchpoints.wait", **values, least=int(waits["left"].min()), between=between(t, slow)))
        return told


def touchpoints(study: Study) -> Touchpoints:
    """Every touchpoint that occurs, those of most journeys first.

    `.frame`: touchpoint, stage (the one most of its events in the store have; null without stages), n (events), n_journeys,
    n_customers, share (of journeys that have it) with low and high, entry_share and exit_share (of journeys that begin, end
    there) with entry_low, entry_high, exit_low, exit_high, median_s (seconds to the next step, of the events that have one)
    with median_low_s and median_high_s (null where there are too few). Intervals: 95 %, by customer (`stats.wilson_grouped`,
    `stats.median_ranks`). NotEnoughData where the study has no journey.
    """
    p, whole = opened(study)
    frame = reductions.touchpoints(p)
    spread = reductions.touchpoints_spread(p)
    for share, name in (("share", ""), ("entry_share", "entry_"), ("exit_share", "exit_")):
        items = [(touchpoint, share.removesuffix("_share")) for touchpoint in frame["touchpoint"]]
        found = intervals(spread, reductions.ALL, items, (frame[share] * whole.n_journeys).round())
        add_ends(frame, share, (f"{name}low", f"{name}high"), *found)
    add_middles(frame, reductions.touchpoints_middles(p), frame["touchpoint"])
    return Touchpoints(frame, study, {}, p.provenance, caveats(whole), whole)
