"""Steps around an anchor: the step matrix, and the links from step to step (Sankey)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from workbench.engine import reductions
from workbench.errors import BadInput, NotEnoughData
from workbench.journeys.common import JourneyResult, caveats, intervals, known, opened, tied
from workbench.locale import Texts, texts
from workbench.model import Study

if TYPE_CHECKING:
    import altair as alt

_MOST = 30


@dataclasses.dataclass(frozen=True, eq=False)
class Steps(JourneyResult):
    """See `steps`. `links`: position, source, target, n, n_customers; its rows are asked for by `customers(row, of="links")`.
    `n_anchored`: journeys that have the anchor; `n_ended`: of those, how many end with it."""

    call: ClassVar[str] = "steps"

    links: pd.DataFrame | None = None
    n_anchored: int = 0
    n_ended: int = 0

    def sankey(self, language: str | None = None, **options: object) -> alt.Chart:
        """The links as a picture."""
        from workbench.charts import journeys as charts

        t = texts(language or self.study.language)
        around = self._around(t) | {"title": self.sankey_title(t.language)}
        return charts.sankey(self.links, t, **({"cells": self.frame} | around | options))

    def sankey_title(self, language: str | None = None) -> str:
        """The finding of the Sankey: its widest band between two touchpoints; where it has none, the finding of the matrix."""
        t = texts(language or self.study.language)
        moves = self.links[(self.links["source"] != reductions.START) & (self.links["target"] != reductions.END)]
        if moves.empty:
            return self._sentences(t)[0]
        top = moves.sort_values("n", ascending=False, kind="stable").iloc[0]
        ends = {"source": top["source"], "target": top["target"], "tied": tied(t, moves, "n", "bands")}
        return t("journeys.steps.widest", n=int(top["n"]), total=self.n_anchored, share=top["n"] / self.n_anchored, **ends)

    def _parts(self) -> dict[str, tuple[pd.DataFrame, Callable[[pd.Series], pd.DataFrame]]]:
        return super()._parts() | {"links": (self.links, self._link_customers)}

    def _customers(self, one: pd.Series) -> pd.DataFrame:
        return reductions.step_members(self._prepared(), self.params["anchor"], int(one["position"]), one["touchpoint"])

    def _link_customers(self, one: pd.Series) -> pd.DataFrame:
        anchor, before, after = (self.params[name] for name in ("anchor", "before", "after"))
        link = (int(one["position"]), one["source"], one["target"])
        return reductions.link_members(self._prepared(), anchor, before, after, link)

    def _draw(self, t: Texts, **options: object) -> alt.Chart:
        from workbench.charts import journeys as charts

        return charts.steps(self.frame, t, **({"anchor": self.params["anchor"]} | options))

    def _sentences(self, t: Texts) -> list[str]:
        anchor = self.params["anchor"]
        tops = {int(k): rows.iloc[0] for k, rows in self.frame.groupby("position", sort=True)}
        told = []
        if anchor in ("first", "last") and 0 in tops:
            told.append(self._told(t, f"journeys.steps.{anchor}", tops[0]))
        near = [k for k in (1, -1, 2, -2) if k in tops]
        if anchor not in ("first", "last") and not near:
            told.append(t("journeys.steps.alone", n=self.n_anchored, touchpoint=anchor))
        for k in near[: 3 - len(told)]:
            values = {"anchor": anchor, "k": abs(k)} if anchor not in ("first", "last") else {"k": abs(k)}
            where = anchor if anchor in ("first", "last") else "anchor"
            told.append(self._told(t, f"journeys.steps.{where}_{'after' if k > 0 else 'before'}", tops[k], **values))
        if self.params["after"] and anchor != "last":
            key = "journeys.steps.ended_first" if anchor == "first" else "journeys.steps.ended_at"
            told.append(t(key, n=self.n_ended, total=self.n_anchored, anchor=anchor))
        return told or [t("journeys.steps.hidden", n=self.n_anchored)]

    def _told(self, t: Texts, key: str, row: pd.Series, **values: object) -> str:
        found = {"touchpoint": row["touchpoint"], "share": row["share"], "n": int(row["n"]), "total": self.n_anchored}
        there = self.frame[self.frame["position"] == row["position"]]
        return t(key, **found, **values, tied=tied(t, there, "n", "touchpoints"))


def steps(study: Study, anchor: str = "first", before: int = 0, after: int = 5) -> Steps:
    """What happens at each step around an anchor: "first" (the journey's first step), "last", or a touchpoint (its first
    occurrence in the journey; journeys without it don't count).

    `.frame`: position (0: the anchor; −1: the step before), touchpoint, n (journeys), n_customers, share (of the journeys
    that have the anchor; what is missing to 1 at a position had ended before it, or not begun) with low and high (95 %, by
    customer: `stats.wilson_grouped`; null where the anchor is a touchpoint, and all are there). Only positions from −before to
    after.
    `.links`: position, source, target, n, n_customers: journeys that go from source at `position` to target at the next
    one, "(end)" standing for the end of a journey and "(start)" for its start. NotFound for an unknown touchpoint; BadInput
    unless 0 ≤ before, after ≤ 30; NotEnoughData where no journey has the anchor.
    """
    checked(before, after)
    p, whole = opened(study)
    if anchor not in ("first", "last"):
        known(p, [anchor])
    frame = reductions.step_matrix(p, anchor, before, after)
    anchored = int(frame.loc[frame["position"] == 0, "n"].sum())
    if not anchored:
        raise NotEnoughData("journeys.no_anchor", touchpoint=anchor, n=whole.n_journeys)
    frame["share"] = frame["n"] / anchored
    spread = reductions.steps_spread(p, anchor, before, after)
    items = list(zip(frame["touchpoint"], frame["position"], strict=True))
    frame["low"], frame["high"] = intervals(spread, reductions.ALL, items, frame["n"])
    if anchor not in ("first", "last"):  # all are there by definition: that is no estimate
        frame.loc[frame["position"] == 0, ["low", "high"]] = float("nan")
    links = reductions.step_links(p, anchor, before, after)
    params = {"anchor": anchor, "before": before, "after": after}
    said = caveats(whole, ends=after > 0 or anchor == "last")
    ended = reductions.anchored_ends(p, anchor)
    return Steps(frame, study, params, p.provenance, said, whole, links, anchored, ended)


def checked(before: int, after: int) -> None:
    """BadInput unless both are numbers of steps."""
    for name, asked in (("before", before), ("after", after)):
        if not isinstance(asked, int) or isinstance(asked, bool) or not 0 <= asked <= _MOST:
            raise BadInput("journeys.bad_reach", name=name, asked=repr(asked), most=_MOST)
