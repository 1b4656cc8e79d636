"""Variants: how often journeys have the same sequence of touchpoints."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from workbench.engine import reductions
from workbench.errors import BadInput
from workbench.journeys.common import JourneyResult, add_middles, caveats, intervals, opened, tied
from workbench.locale import Texts
from workbench.model import Study

if TYPE_CHECKING:
    import altair as alt


@dataclasses.dataclass(frozen=True, eq=False)
class Variants(JourneyResult):
    """See `variants`. `n_variants`: how many there are in all, `n_once`: of those, how many occur in one journey only."""

    call: ClassVar[str] = "variants"

    n_variants: int = 0
    n_once: int = 0
    shapes: tuple[str, ...] = ()  # by index label of the frame

    def _customers(self, one: pd.Series) -> pd.DataFrame:
        return reductions.variant_members(self._prepared(), self.shapes[one.name], int(one["n_steps"]))

    def _draw(self, t: Texts, **options: object) -> alt.Chart:
        from workbench.charts import journeys as charts

        return charts.variants(self.frame, t, **options)

    def _sentences(self, t: Texts) -> list[str]:
        if self.frame.empty:
            return [t("journeys.variants.hidden", n=self.n_variants)]
        top, last = self.frame.iloc[0], self.frame.iloc[-1]
        again = tied(t, self.frame, "n", "variants")
        return [
            t("journeys.variants.title", n=self.n_variants, share=top["share"]),
            t("journeys.variants.top", n=int(top["n"]), total=self.whole.n_journeys, variant=top["variant"], tied=again),
            t("journeys.variants.covered", n=int(last["rank"]), share=last["cumulative_share"], total=self.whole.n_journeys),
            t("journeys.variants.once", n=self.n_once, total=self.n_variants),
        ]


def variants(study: Study, top: int = 20) -> Variants:
    """The `top` most frequent sequences of touchpoints; among equally frequent ones the shorter first, then by name.

    `.frame`: rank (from 1), variant ("A → B → C"), n (journeys), n_customers, share (of journeys) with low and high (95 %, by
    customer: `stats.wilson_grouped`), cumulative_share (of this and all above; no interval, for the
    rows were chosen by it), n_steps, median_s (seconds from the first to the last step) with median_low_s and
    median_high_s (95 %, by customer: `stats.median_ranks`; null where there are too few). BadInput unless 1 ≤ top ≤ 10,000;
    NotEnoughData where the study has no journey.
    """
    checked(top)
    p, whole = opened(study)
    found = reductions.top_variants(p, top)
    frame = found[["variant", "n", "n_customers"]].copy()
    frame.insert(0, "rank", range(1, len(found) + 1))
    frame["share"] = found["n"] / whole.n_journeys
    items = list(zip(found["shape"], found["n_steps"], strict=True))
    frame["low"], frame["high"] = intervals(reductions.variants_spread(p, found["shape"]), reductions.ALL, items, found["n"])
    frame["cumulative_share"] = found["n"].cumsum() / whole.n_journeys
    frame["n_steps"], frame["median_s"] = found["n_steps"].astype("int64"), found["median_s"]
    add_middles(frame, reductions.variants_middles(p, found["shape"]), items)
    once = reductions.variants_once(p)
    said = caveats(whole, shapes=True)
    return Variants(frame, study, {"top": top}, p.provenance, said, whole, whole.n_variants, once, tuple(found["shape"]))


def checked(top: int) -> None:
    """BadInput unless `top` is a number of variants."""
    if not isinstance(top, int) or isinstance(top, bool) or not 1 <= top <= 10_000:
        raise BadInput("journeys.bad_top", asked=repr(top))
