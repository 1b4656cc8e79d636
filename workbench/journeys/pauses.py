"""Sessions: journeys cut at their pauses."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from workbench.engine import reductions
from workbench.journeys.common import JourneyResult, add_middles, between, caveats, intervals, opened
from workbench.locale import Texts
from workbench.model import Study, microseconds, seconds, written

if TYPE_CHECKING:
    import altair as alt


@dataclasses.dataclass(frozen=True, eq=False)
class Sessions(JourneyResult):
    """See `sessions`. `n_sessions`: all of them, with `n_steps` steps; `n_single`: those of one step."""

    call: ClassVar[str] = "sessions"

    n_sessions: int = 0
    n_steps: int = 0
    n_single: int = 0

    def _customers(self, one: pd.Series) -> pd.DataFrame:
        return reductions.session_members(self._prepared(), microseconds(self.params["gap"]), one["entry"])

    def _draw(self, t: Texts, **options: object) -> alt.Chart:
        from workbench.charts import journeys as charts

        return charts.sessions(self.frame, t, **options)

    def _sentences(self, t: Texts) -> list[str]:
        if self.frame.empty:
            return [t("journeys.sessions.hidden", n=self.whole.n_journeys)]
        n, mean = self.n_sessions, self.n_steps / self.n_sessions
        top = self.frame.iloc[0]
        return [
            t("journeys.sessions.title", share=top["share"], entry=top["entry"]),
            t("journeys.sessions.counted", n=n, journeys=self.whole.n_journeys, gap=seconds(self.params["gap"]), mean=mean),
            t("journeys.sessions.single", n=self.n_single, total=n),
            t("journeys.sessions.top", n=int(top["n"]), entry=top["entry"], median=top["median_s"], between=between(t, top)),
        ]


def sessions(study: Study, gap: object = "30min") -> Sessions:
    """Sessions: runs of a journey's steps with no pause longer than `gap`, told apart by their first touchpoint.

    A session never reaches beyond its journey; what the journey's rule cuts is cut here too.
    `.frame`: entry (first touchpoint), n (sessions), n_customers, share (of all sessions) with share_low and share_high,
    mean_steps, single_share (of the row's sessions, those of one step) with low and high; intervals: 95 %, by customer
    (`stats.wilson_grouped`). median_s (seconds from a session's first step to its last) with median_low_s and median_high_s
    (95 %, by customer: `stats.median_ranks`; null where there are too few).
    BadInput for a bad duration; NotEnoughData where the study has no journey.
    """
    gap, micros = checked(gap)
    p, whole = opened(study)
    found = reductions.sessions(p, micros)
    frame = found[["entry", "n", "n_customers"]].copy()
    frame["share"] = found["n"] / found["n"].sum()
    spread = reductions.sessions_spread(p, micros)
    entries = list(found["entry"])
    ends = intervals(spread, reductions.ALL, [(entry, "share") for entry in entries], found["n"])
    frame["share_low"], frame["share_high"] = ends
    frame["mean_steps"] = found["mean_steps"]
    frame["single_share"] = found["n_single"] / found["n"]
    frame["low"], frame["high"] = intervals(spread, entries, [(entry, "single") for entry in entries], found["n_single"])
    frame["median_s"] = found["median_s"]
    add_middles(frame, reductions.sessions_middles(p, micros), entries)
    counts = (int(found["n"].sum()), whole.n_events, int(found["n_single"].sum()))
    return Sessions(frame, study, {"gap": gap}, p.provenance, caveats(whole, ends=False), whole, *counts)


def checked(gap: object) -> tuple[str, int]:
    """The pause as it is written down and in microseconds; BadInput where it is no duration."""
    gap = written(gap)
    return gap, microseconds(gap)
