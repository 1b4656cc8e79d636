"""What all analyses of this room share: opening the study, caveats, the texts around a chart."""

from __future__ import annotations

import dataclasses
import datetime as dt
import zoneinfo
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from workbench import engine
from workbench.engine import Prepared, reductions
from workbench.errors import BadInput, NotEnoughData, NotFound
from workbench.locale import Texts, texts
from workbench.model import Study
from workbench.result import Caveat, Result

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd


@dataclasses.dataclass(frozen=True, eq=False)
class JourneyResult(Result):
    """A result of this room; `whole` are the counts of all journeys it is about."""

    room: ClassVar[str] = "journeys"

    whole: reductions.Facts | None = None

    def chart(self, language: str | None = None, **options: object) -> alt.Chart:
        """The picture: its title is the finding, its subtitle what was counted, its footer the source. `options` are those of
        the chart of the same name in `workbench.charts.journeys`."""
        t = texts(language or self.study.language)
        return self._draw(t, **(self._around(t) | options))

    def explain(self, language: str | None = None) -> list[str]:
        return self._sentences(texts(language or self.study.language))[:5]

    def _draw(self, t: Texts, **options: object) -> alt.Chart:
        raise NotImplementedError

    def _sentences(self, t: Texts) -> list[str]:
        raise NotImplementedError

    def _around(self, t: Texts) -> dict[str, str]:
        """Title, subtitle and source of a picture."""
        return {"title": self._sentences(t)[0], "subtitle": counted(t, self.study, self.whole), "source": self._source(t)}

    def _source(self, t: Texts) -> str:
        p = self.provenance
        kind = "journeys.source.synthetic" if p.synthetic else "journeys.source.real"
        return t(kind, company=p.company, version=p.version, loaded=dt.datetime.fromisoformat(p.loaded_at))

    def _prepared(self) -> Prepared:
        return engine.prepared(self.study)


def counted(t: Texts, study: Study, whole: reductions.Facts) -> str:
    """ "14 journeys of 12 customers, 2 Mar 2026 – 22 Mar 2026"."""
    zone = zoneinfo.ZoneInfo(study.timezone)
    first, last = (dt.datetime.fromtimestamp(moment / 1e6, zone) for moment in (whole.first, whole.last))
    return t("journeys.counted", n=whole.n_journeys, customers=whole.n_customers, first=first, last=last)


def a_study(asked: object) -> None:
    """BadInput for anything but a study."""
    if not isinstance(asked, Study):
        raise BadInput("no_study", asked=repr(asked)[:200])


def opened(study: Study) -> tuple[Prepared, reductions.Facts]:
    """The study's tables and their counts; BadInput for anything but a study, NotEnoughData where there is no journey."""
    a_study(study)
    p = engine.prepared(study)
    if not p.n_journeys:
        raise NotEnoughData("journeys.no_journeys" if study.filters else "journeys.no_events")
    return p, reductions.facts(p)


def known(p: Prepared, touchpoints: Iterable[str]) -> None:
    """NotFound where one of these touchpoints is not in the store."""
    for name in touchpoints:
        if not isinstance(name, str) or name not in p.touchpoints:
            raise NotFound("engine.unknown_touchpoint", asked=name, exists=p.touchpoints)


#: the longest wait is sought among moves made at least this often: the longest of many medians of a few is chance
ENOUGH = 30

#: with fewer journeys, all of them different, nothing strange is to be said about it
_MANY_DIFFERENT = 10


def caveats(whole: reductions.Facts, *, ends: bool = True, order: bool = True, shapes: bool = False) -> tuple[Caveat, ...]:
    """What should be said beside numbers that depend on how journeys end, on the order of their steps, or on how often a
    sequence occurs."""
    told = []
    if ends and whole.n_open and whole.usual_pause:
        told.append(
            Caveat(
                "journeys.caveat.open",
                {"n": whole.n_open, "total": whole.n_journeys, "pause": whole.usual_pause / 1e6},
            )
        )
    if order and whole.n_ties:
        told.append(
            Caveat("journeys.caveat.ties", {"n": whole.n_ties, "total": whole.n_events, "share": whole.n_ties / whole.n_events})
        )
    if whole.n_repeated:
        told.append(Caveat("journeys.caveat.repeated", {"n": whole.n_repeated, "total": whole.n_events}))
    if whole.n_shared:
        told.append(Caveat("journeys.caveat.shared", {"n": whole.n_shared, "total": whole.n_journeys}))
    if shapes and whole.n_variants == whole.n_journeys >= _MANY_DIFFERENT:
        told.append(Caveat("journeys.caveat.all_different", {"n": whole.n_journeys}))
    if whole.n_single and order:
        told.append(Caveat("journeys.caveat.single", {"n": whole.n_single, "total": whole.n_journeys}))
    return tuple(told)


def intervals(
    spread: reductions.Spread, wholes: Hashable | Sequence[Hashable], items: Iterable[Hashable], counts: Iterable[int]
) -> tuple[list[float], list[float]]:
    """Lower and upper ends (95 %) of the shares of `items`, `counts` of the `wholes` (one for all, or a list)."""
    items = list(items)
    wholes = wholes if isinstance(wholes, list) else [wholes] * len(items)
    found = [spread.interval(whole, item, int(k)) for whole, item, k in zip(wholes, items, counts, strict=True)]
    return [low for low, _ in found], [high for _, high in found]


def add_middles(frame: pd.DataFrame, found: reductions.Middles, items: Iterable[Hashable]) -> None:
    """Puts median_low_s and median_high_s after the frame's median_s: those of `items`, null where `found` has none."""
    none = (float("nan"), float("nan"))
    ends = [found.get(item, none) for item in items]
    add_ends(frame, "median_s", ("median_low_s", "median_high_s"), [low for low, _ in ends], [high for _, high in ends])


def add_ends(frame: pd.DataFrame, after: str, names: tuple[str, str], low: Sequence[float], high: Sequence[float]) -> None:
    """Puts the lower and upper ends of intervals, in columns of these names, after the column of what they are of."""
    place = frame.columns.get_loc(after) + 1
    for at, ends in enumerate((low, high)):
        frame.insert(place + at, names[at], np.asarray(ends, dtype=float))


def between(t: Texts, row: Mapping[str, float]) -> str:
    """What follows a median told in a sentence: its interval, or nothing where the row has none."""
    low, high = row["median_low_s"], row["median_high_s"]
    return t("journeys.between", between=t.durations(low, high)) if low == low else ""


def tied(t: Texts, frame: pd.DataFrame, column: str, noun: str) -> str:
    """What follows a superlative where others share the first place in `column`: how many, in the counted noun `noun`."""
    others = int((frame[column] == frame[column].max()).sum()) - 1
    return t("journeys.tied", others=t(f"units.{noun}", n=others)) if others else ""
