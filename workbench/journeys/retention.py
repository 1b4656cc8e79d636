"""Who comes back: cohorts of customers by the period they were first seen in."""

from __future__ import annotations

import dataclasses
import datetime as dt
import zoneinfo
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from workbench import stats
from workbench.engine import Prepared, clock, reductions
from workbench.errors import NotEnoughData, NotFound
from workbench.journeys.common import ENOUGH, JourneyResult, opened
from workbench.locale import Texts
from workbench.model import Between, Study
from workbench.result import Caveat

if TYPE_CHECKING:
    import altair as alt


@dataclasses.dataclass(frozen=True, eq=False)
class Cohorts(JourneyResult):
    """See `cohorts`. `pooled`: all cohorts together, (after, customers active again, customers who could be), from 1."""

    call: ClassVar[str] = "cohorts"

    pooled: tuple[tuple[int, int, int], ...] = ()

    def _customers(self, one: pd.Series) -> pd.DataFrame:
        return reductions.cohort_members(self._prepared(), self.params["by"], one["cohort"].date(), int(one["after"]))

    def _draw(self, t: Texts, **options: object) -> alt.Chart:
        from workbench.charts import journeys as charts

        return charts.cohorts(self.frame, t, **({"by": self.params["by"]} | options))

    def _sentences(self, t: Texts) -> list[str]:
        by, least = self.params["by"], self.study.min_group
        sizes = self.frame.loc[self.frame["after"] == 0, "n"]
        if sizes.empty:
            return [t("journeys.cohorts.hidden", min_group=least)]
        told = []
        if len(sizes) > 1:
            told.append(t("journeys.cohorts.sizes", n=len(sizes), least=int(sizes.min()), most=int(sizes.max())))
        if not self.pooled:
            return [t("journeys.cohorts.too_early", n=int(sizes.sum())), *told]
        (_, back, total), *later = self.pooled
        if 0 < back < least:
            return [t("journeys.cohorts.few", n=total, min_group=least), *told]
        low, high = stats.wilson(back, total)
        told.insert(0, t(f"journeys.cohorts.title.{by}", share=back / total))
        told.insert(1, t("journeys.cohorts.back", n=back, total=total, low=low, high=high))
        # the farthest of which enough customers can tell
        far = [one for one in later if one[2] >= max(ENOUGH, least) and not 0 < one[1] < least]
        if far:
            after, back, total = far[-1]
            low, high = stats.wilson(back, total)
            told.insert(2, t(f"journeys.cohorts.later.{by}", n=after, back=back, total=total, low=low, high=high))
        return told


def cohorts(study: Study, *, by: str = "month") -> Cohorts:
    """Who comes back: of the customers first seen in a period, how many are active again in each later one.

    `by`: the length of periods, "week" (from Monday), "month" or "quarter", in the study's zone. A customer belongs to the
    cohort of the period of the first step in the journeys asked for, and is active in a period with a step in it. A period
    counts once it is over: its last day is that of the last event of the store (of the filtered period, if that ends before)
    or lies before it. Periods that are not over have no row; one that is over and in which nobody was active has n 0.
    `.frame`: cohort (first day of its period), after (periods since, from 0), n and n_customers (customers of the cohort
    active in that period), n_cohort (customers of the cohort), share (n of n_cohort) with low and high (95 %: `stats.wilson`,
    as each customer is in one cohort). At after = 0 all are active by definition: share, low and high are 1. Who was away in
    one period may be active in the next.
    NotFound for another `by`; NotEnoughData where the study has no journey or no period with a cohort is over.
    """
    checked(by)
    p, whole = opened(study)
    until, last = over(p, by)
    found = reductions.cohorts(p, by)
    sizes = {cohort.date(): int(n) for cohort, n in zip(found["cohort"], found["n"], strict=True)}
    active = {(one.cohort.date(), one.after): one.n_customers for one in found.itertuples()}
    rows = [
        (cohort, after, int(active.get((cohort, after), 0)), n)
        for cohort, n in sizes.items()
        for after in range(last - reductions.period(cohort, by) + 1)
    ]
    if not rows:
        raise NotEnoughData("journeys.no_period", last=until)
    frame = pd.DataFrame(rows, columns=["cohort", "after", "n", "n_cohort"])
    frame["cohort"] = frame["cohort"].astype("datetime64[us]")
    frame.insert(3, "n_customers", frame["n"])
    frame["share"] = frame["n"] / frame["n_cohort"]
    ends = [(1.0, 1.0) if after == 0 else stats.wilson(k, n) for _, after, k, n in rows]
    frame["low"], frame["high"] = [low for low, _ in ends], [high for _, high in ends]
    told = frame[frame["after"] > 0].groupby("after")[["n", "n_cohort"]].sum()
    pooled = tuple((int(after), int(k), int(n)) for after, k, n in told.itertuples())
    said = [first_seen(study, whole)]
    late = sum(n for cohort, n in sizes.items() if reductions.period(cohort, by) > last)
    if late:
        said.insert(0, Caveat("journeys.caveat.not_over", {"n": late, "last": until}))
    return Cohorts(frame, study, {"by": by}, p.provenance, tuple(said), whole, pooled)


def checked(by: str) -> None:
    """NotFound unless `by` is a length of periods."""
    if by not in reductions.PERIODS:
        raise NotFound("journeys.unknown_period", asked=str(by), exists=reductions.PERIODS)


def over(p: Prepared, by: str) -> tuple[dt.date, int]:
    """The day up to which everything is known, and the number of the last period that is over by then."""
    study = p.study
    ends = [clock.span(one.end, study.timezone)[1] - 1 for one in study.filters if isinstance(one, Between) and one.end]
    last = min([reductions.last_seen(p), *ends])
    until = dt.datetime.fromtimestamp(last / 1e6, zoneinfo.ZoneInfo(study.timezone)).date()
    return until, reductions.period(until + dt.timedelta(days=1), by) - 1


def first_seen(study: Study, whole: reductions.Facts) -> Caveat:
    """What "first seen" means."""
    first = dt.datetime.fromtimestamp(whole.first / 1e6, zoneinfo.ZoneInfo(study.timezone))
    return Caveat("journeys.caveat.first_seen", {"first": first})
