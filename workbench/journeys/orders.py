"""The ordered funnel: who gets from step to step in time, and what the others did."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from workbench import stats
from workbench.engine import reductions
from workbench.errors import BadInput
from workbench.journeys.common import JourneyResult, add_middles, caveats, known, opened
from workbench.locale import Texts
from workbench.model import Study, microseconds, seconds, written
from workbench.result import Caveat

if TYPE_CHECKING:
    import altair as alt

_MOST = 12


@dataclasses.dataclass(frozen=True, eq=False)
class Funnel(JourneyResult):
    """See `funnel`. `left`: position, touchpoint, n, n_customers, share; its rows are asked for by `customers(row, of="left")`.
    `n_open`: journeys that count as stopped though they had less than `within` before the end of the data."""

    call: ClassVar[str] = "funnel"

    left: pd.DataFrame | None = None
    n_open: int = 0

    def _parts(self) -> dict[str, tuple[pd.DataFrame, Callable[[pd.Series], pd.DataFrame]]]:
        return super()._parts() | {"left": (self.left, self._left_customers)}

    def _customers(self, one: pd.Series) -> pd.DataFrame:
        steps, within = self.params["steps"], microseconds(self.params["within"])
        return reductions.funnel_members(self._prepared(), steps, within, int(one["position"]))

    def _left_customers(self, one: pd.Series) -> pd.DataFrame:
        steps, within = self.params["steps"], microseconds(self.params["within"])
        return reductions.funnel_members(self._prepared(), steps, within, int(one["position"]), one["touchpoint"])

    def _draw(self, t: Texts, **options: object) -> alt.Chart:
        from workbench.charts import journeys as charts

        return charts.funnel(self.frame, t, **({"left": self.left} | options))

    def _sentences(self, t: Texts) -> list[str]:
        steps = self.params["steps"]
        rows = {int(one["position"]): one for _, one in self.frame.iterrows()}
        first, last = rows.get(1), rows.get(len(steps))
        if first is None or not first["n"]:
            return [t("journeys.funnel.nobody", step=steps[0], n=self.whole.n_journeys)]
        told = []
        pairs = [(rows[k], rows[k + 1]) for k in range(1, len(steps)) if k in rows and k + 1 in rows]
        lost = [(int(a["n"] - b["n"]), a, b) for a, b in pairs]
        worst = max(lost, key=lambda one: one[0], default=None)
        if worst and worst[0]:
            n, a, b = worst
            told.append(t("journeys.funnel.title", share=1 - b["step_rate"], step=a["step"], next=b["step"]))
            values = {"n": n, "total": int(a["n"]), "step": a["step"], "next": b["step"]}
            told.append(t("journeys.funnel.lost", **values, low=1 - b["high"], high=1 - b["low"]))
        else:
            told.append(t("journeys.funnel.none_lost", n=int(first["n"]), step=steps[0]))
        if last is not None:
            values = {"n": int(last["n"]), "total": int(first["n"]), "within": seconds(self.params["within"])}
            told.append(t("journeys.funnel.reached", **values, step=steps[-1], first=steps[0]))
        if worst and worst[0]:
            gone = self.left[self.left["position"] == worst[1]["position"]]
            if len(gone):
                top = gone.iloc[0]
                key = "journeys.funnel.left_end" if top["touchpoint"] == reductions.END else "journeys.funnel.left_other"
                told.append(t(key, n=int(top["n"]), total=worst[0], touchpoint=top["touchpoint"]))
        return told


def funnel(study: Study, steps: Sequence[str], within: object = "7d") -> Funnel:
    """How many journeys get through `steps` in this order, other steps between allowed, all within `within` of the first.

    A journey counts at step k if some occurrence of step 1 begins an ordered chain of the first k steps that ends no later than
    `within` after it. Any occurrence of step 1 will do, not only the first; the same event is never two steps of a chain.
    `.frame`: step, position (1 …), n (journeys), n_customers, reach_share (of those at step 1) with reach_low and reach_high
    (null at step 1, where nothing is estimated), step_rate (of those at the step before; null at step 1) with low and high,
    median_s (seconds from the nearest occurrence of the step before to the first that completes this step) with median_low_s
    and median_high_s (null where there are too few). Intervals: 95 %, by customer (`stats.wilson_grouped`,
    `stats.median_ranks`). Journeys whose latest step 1 lies less than `within` before the last event count as
    stopped where they are; a caveat says how many of them have not come to the last step.
    `.left`: for those who stopped at a position, the touchpoint right after their last occurrence of that step, or "(end)":
    position, touchpoint, n, n_customers, share (of those who stopped there).
    NotFound for an unknown touchpoint, BadInput for fewer than two steps or a bad duration, NotEnoughData without journeys.
    """
    steps, within, micros = checked(steps, within)
    p, whole = opened(study)
    known(p, steps)
    with reductions.reached(p, steps, micros) as held:
        (frame, left), ends = reductions.funnel(held, steps), reductions.funnel_middles(held)
        n_open = reductions.funnel_open(held, steps, micros)
    before = frame["n"].shift()
    begun = int(frame["n"].iloc[0])
    frame.insert(0, "step", steps)
    frame["reach_share"] = frame["n"] / begun if begun else float("nan")
    frame["step_rate"] = frame["n"] / before.where(before > 0)
    frame[["reach_low", "reach_high", "low", "high"]] = _ends(frame)
    order = [
        "step",
        "position",
        "n",
        "n_customers",
        "reach_share",
        "reach_low",
        "reach_high",
        "step_rate",
        "low",
        "high",
        "median_s",
    ]
    frame = frame[order]
    add_middles(frame, ends, frame["position"])
    left["share"] = left["n"] / left.groupby("position")["n"].transform("sum")
    params = {"steps": steps, "within": within}
    said, done = caveats(whole), int(frame["n"].iloc[-1])
    if n_open:
        found = {"n": n_open, "total": begun, "within": micros / 1e6, "step": steps[-1], "first": steps[0]}
        most = {"share": done / begun, "most": (done + n_open) / begun}
        said = (Caveat("journeys.caveat.funnel_open", found | most), *said)
    return Funnel(frame, study, params, p.provenance, said, whole, left, n_open)


def checked(steps: Sequence[str], within: object) -> tuple[list[str], str, int]:
    """The steps of a funnel and its window, as they are written down and in microseconds; BadInput where they can't be used."""
    if isinstance(steps, str) or not 2 <= len(steps) <= _MOST:
        raise BadInput("journeys.bad_steps", n=_MOST)
    within = written(within)
    return [str(one) for one in steps], within, microseconds(within)


def _ends(frame: pd.DataFrame) -> list[tuple[float, ...]]:
    # intervals of the shares of the first step and of the step before; of the first step there is nothing to estimate
    rows = list(frame[["n", "n_customers", "kk", "kn", "kf"]].astype(int).itertuples(index=False, name=None))
    total, people, nn = rows[0][0], rows[0][1], rows[0][2]
    found = [(float("nan"),) * 4]
    for (n, customers, squares, _, _), (k, _, kk, kn, kf) in itertools.pairwise(rows):
        reach = stats.wilson_grouped(k, total, people, kk, kf, nn)
        found.append((*reach, *stats.wilson_grouped(k, n, customers, kk, kn, squares)))
    return found
