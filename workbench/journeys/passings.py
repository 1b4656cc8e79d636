"""From channel to channel, and from owner to owner."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Self

import pandas as pd

from workbench import stats
from workbench.engine import reductions
from workbench.errors import NotEnoughData
from workbench.journeys.common import ENOUGH, JourneyResult, add_ends, add_middles, between, caveats, opened, tied
from workbench.locale import Texts
from workbench.model import Study

if TYPE_CHECKING:
    import altair as alt


@dataclasses.dataclass(frozen=True, eq=False)
class Passings(JourneyResult):
    """What `Crossings` and `Handoffs` share. `used`: kind ("several", "one", "none": how many different values of the column
    a journey has), n (journeys), n_customers, share (of journeys) with low and high; its rows are asked for by
    `customers(row, of="used")`."""

    column: ClassVar[str]  # of events

    used: pd.DataFrame | None = None

    def _parts(self) -> dict[str, tuple[pd.DataFrame, Callable[[pd.Series], pd.DataFrame]]]:
        return super()._parts() | {"used": (self.used, self._used_customers)}

    def _customers(self, one: pd.Series) -> pd.DataFrame:
        return reductions.passing_members(self._prepared(), self.column, one["source"], one["target"])

    def _used_customers(self, one: pd.Series) -> pd.DataFrame:
        return reductions.used_members(self._prepared(), self.column, one["kind"])

    def _told_of_use(self, t: Texts) -> list[str]:
        """How many journeys have several values, and how many have none."""
        told = []
        rows = self.used.set_index("kind")
        for kind in ("several", "none"):
            if kind in rows.index:
                one = rows.loc[kind]
                values = {"n": int(one["n"]), "total": self.whole.n_journeys, "low": one["low"], "high": one["high"]}
                told.append(t(f"journeys.{self.call}.{kind}", **values))
        return told

    def _told_of_most(self, t: Texts) -> str:
        top = self.frame.iloc[0]
        values = {"total": round(top["n"] / top["share"]), "low": top["low"], "high": top["high"]}
        values |= {
            "source": top["source"],
            "target": top["target"],
            "n": int(top["n"]),
            "tied": tied(t, self.frame, "n", "pairs"),
        }
        return t(f"journeys.{self.call}.most", **values)

    def _slowest(self, t: Texts) -> dict[str, object]:
        """What a sentence says of the longest median among those of enough passings; `least`: how many are enough."""
        waits = self.frame[self.frame["n"] >= min(ENOUGH, self.frame["n"].max())]
        order = ["median_s", "n", "source", "target"]
        top = waits.sort_values(order, ascending=[False, False, True, True]).iloc[0]
        told = {"source": top["source"], "target": top["target"], "median": top["median_s"], "n": int(top["n"])}
        return told | {"least": int(waits["n"].min()), "between": between(t, top)}

    def _nothing(self, t: Texts) -> list[str]:
        """What is said where there is no row: that nothing was passed, or only among too few customers."""
        n = int(self.used.loc[self.used["kind"] != "several", "n"].sum())
        if n < self.whole.n_journeys:
            return [t("journeys.passings.hidden", n=self.whole.n_journeys)]
        return [t(f"journeys.{self.call}.never", n=n), *self._told_of_use(t)]

    @classmethod
    def of(cls, study: Study) -> Self:
        """This analysis of a study."""
        p, whole = opened(study)
        if not reductions.has_values(p, cls.column):
            raise NotEnoughData(f"journeys.no_{cls.column}", n=whole.n_events)
        with reductions.passed(p, cls.column) as held:
            frame, ends = reductions.passings(held, cls.column), reductions.passings_middles(held, cls.column)
            spread = reductions.passings_spread(held, cls.column)
        passed = frame[["source", "target", "n"]].itertuples(index=False, name=None)
        cases = [spread.cases(source, (target, ""), n) for source, target, n in passed]
        frame.insert(5, "share", [one.k / one.n for one in cases])
        _add_ends(frame, [stats.wilson_grouped(*one) for one in cases])
        add_middles(frame, ends, zip(frame["source"], frame["target"], strict=True))
        used = reductions.used(p, cls.column)
        sums = used[["n", "kk", "kn"]].astype(int)
        used = used[["kind", "n", "n_customers"]].copy()
        used["share"] = used["n"] / whole.n_journeys
        total, people, nn = reductions.journeys_spread(p)
        _add_ends(used, [stats.wilson_grouped(n, total, people, kk, kn, nn) for n, kk, kn in sums.itertuples(index=False)])
        return cls(frame, study, {}, p.provenance, caveats(whole), whole, used)


def _add_ends(frame: pd.DataFrame, ends: list[tuple[float, float]]) -> None:
    add_ends(frame, "share", ("low", "high"), [low for low, _ in ends], [high for _, high in ends])


@dataclasses.dataclass(frozen=True, eq=False)
class Crossings(Passings):
    """See `crossings`."""

    call: ClassVar[str] = "crossings"
    column: ClassVar[str] = "channel"

    def _draw(self, t: Texts, **options: object) -> alt.Chart:
        from workbench.charts import journeys as charts

        return charts.crossings(self.frame, t, **options)

    def _sentences(self, t: Texts) -> list[str]:
        if self.frame.empty:
            return self._nothing(t)
        rows = self.used.set_index("kind")
        told = [self._told_of_most(t)]
        if "several" in rows.index:
            told.insert(0, t("journeys.crossings.title", share=rows.loc["several", "share"]))
            told[1:1] = self._told_of_use(t)
        return [*told, t("journeys.crossings.wait", **self._slowest(t))]


@dataclasses.dataclass(frozen=True, eq=False)
class Handoffs(Passings):
    """See `handoffs`."""

    call: ClassVar[str] = "handoffs"
    column: ClassVar[str] = "owner"

    def _draw(self, t: Texts, **options: object) -> alt.Chart:
        from workbench.charts import journeys as charts

        return charts.handoffs(self.frame, t, **options)

    def _sentences(self, t: Texts) -> list[str]:
        if self.frame.empty:
            return self._nothing(t)
        slowest = self._slowest(t)
        return [
            t("journeys.handoffs.title", **slowest),
            t("journeys.handoffs.wait", **slowest),
            self._told_of_most(t),
            *self._told_of_use(t),
        ]


def crossings(study: Study) -> Crossings:
    """How many journeys use more than one channel, and where they go from one to another.

    A crossing leads from a step that has a channel to the journey's next step that has one, if that is another; steps
    without a channel between them are passed over.
    `.frame`: source, target (channels), n (crossings), n_journeys, n_customers, share with low and high, median_s (seconds from
    the last step in source to the first in target, exact) with median_low_s and median_high_s (null where there are too few).
    share: of all steps in source that a step with a channel follows, those that target follows; what is missing to 1 stays in
    source. The most frequent first; empty where no journey changes its channel.
    `.used`: see `Passings`. Intervals: 95 %, by customer (`stats.wilson_grouped`, `stats.median_ranks`).
    NotEnoughData where the study has no journey, or none of its events has a channel.
    """
    return Crossings.of(study)


def handoffs(study: Study) -> Handoffs:
    """Who hands customers to whom, and how long that takes.

    A hand-off leads from a step that has an owner to the journey's next step that has one, if that is another; steps without an
    owner between them are passed over.
    `.frame`: source, target (owners), n (hand-offs), n_journeys, n_customers, share with low and high, median_s (the delay:
    seconds from the last step at source to the first at target, exact) with median_low_s and median_high_s (null where there
    are too few). share: of all steps at source that a step with an owner follows, those that target follows; what is missing
    to 1 stays with source. The delay is time on the calendar: what source had left to do, the wait, and nights are in it.
    The most frequent first; empty where no journey changes its owner.
    `.used`: see `Passings`. Intervals: 95 %, by customer (`stats.wilson_grouped`, `stats.median_ranks`).
    NotEnoughData where the study has no journey, or none of its events has an owner.
    """
    return Handoffs.of(study)
