"""Incidents: what changed in journeys, when, and whether it went back."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from workbench import stats
from workbench.engine import Prepared, reductions
from workbench.engine.reductions import END, START, Moves, Stretch
from workbench.errors import BadInput, NotEnoughData, NotFound
from workbench.journeys.common import JourneyResult, caveats, opened
from workbench.journeys.levels import CASES, Levels, Told
from workbench.journeys.shifts import Shift, apart, shifts, strongest
from workbench.locale import Texts
from workbench.model import Study
from workbench.result import Caveat

if TYPE_CHECKING:
    import altair as alt

BY, OF = ("day", "week", "month"), ("touchpoints", "moves")
#: of the series shown as changed, how many may be chance; p from which down further changes of one are taken
RATE, FURTHER = 0.05, 0.01
#: periods that a change can be looked for in
FEWEST, MOST = 5, 1500
_DAYS = ("from_day", "from_low_day", "from_high_day", "back_day", "back_low_day", "back_high_day")
_SIZES = tuple(f"{side}_{end}" for side in ("before", "after") for end in ("share", "low", "high"))
_TIMES = tuple(f"{side}_{end}" for side in ("before", "after") for end in ("s", "low_s", "high_s"))


@dataclasses.dataclass(frozen=True, eq=False)
class Changes(JourneyResult):
    """See `changes`. `series`: what the picture draws. `n_series`: how many were looked at; `nearest`: the least q of them."""

    call: ClassVar[str] = "changes"

    series: pd.DataFrame | None = None
    n_series: int = 0
    n_periods: int = 0
    nearest: float = 1.0
    behind: tuple[Stretch, ...] = ()  # by index label of the frame
    over: tuple[Stretch, ...] = ()  # by `place` of the series
    moves: Moves | None = None

    def _parts(self) -> dict:
        return {"frame": (self.frame, self._customers), "series": (self.series, self._customers_then)}

    def _customers(self, one: pd.Series) -> pd.DataFrame:
        return reductions.stretch_members(self._prepared(), self.params["by"], self.moves, self.behind[one.name])

    def _customers_then(self, one: pd.Series) -> pd.DataFrame:
        by = drawn_by(self.params["by"])
        number = reductions.period(one["period_day"].date(), by)
        asked = dataclasses.replace(self.over[one["place"]], first=number, last=number)
        return reductions.stretch_members(self._prepared(), by, self.moves, asked)

    def _draw(self, t: Texts, **options: object) -> alt.Chart:
        from workbench.charts import journeys as charts

        heads = {label: said(t, row, self.moves.within_s) for label, row in self.frame.iterrows()}
        about = {"series": self.series, "heads": heads, "monthly": self.params["by"] == "month"}
        return charts.changes(self.frame, t, **(about | options))

    def _sentences(self, t: Texts) -> list[str]:
        looked = t(
            "journeys.changes.looked", n=self.n_series, periods=t(f"journeys.changes.{self.params['by']}", n=self.n_periods)
        )
        if self.frame.empty:
            if self.behind:
                return [t("journeys.changes.hidden", n=len(self.behind), min_group=self.study.min_group), looked]
            return [t("journeys.changes.none"), looked, t("journeys.changes.nearest", q=t.number(self.nearest, 3))]
        first, *more = [row for _, row in self.frame.iterrows()]
        told = [said(t, first, self.moves.within_s), _sure(t, first, self._then(first))]
        if more:
            others = "; ".join(said(t, row, self.moves.within_s) for row in more[:2])
            told.append(t("journeys.changes.more", n=len(more), others=others))
        return [*told, looked, t("journeys.changes.chance", share=RATE)]

    def _then(self, row: pd.Series) -> pd.Series | None:
        # the next change of the same series that is shown, unless the level went back
        later = self.frame[self.frame["from_day"] > row["from_day"]]
        for name in ("measure", *_columns(self.params["of"])):
            later = later[later[name] == row[name]]
        return None if row["went_back"] or later.empty else later.loc[later["from_day"].idxmin()]


def said(t: Texts, row: pd.Series, within_s: Mapping[str, int]) -> str:
    """A change as a sentence: what, from when, from what to what. `within_s`: see `Moves`."""
    side = "s" if row["measure"] == "time" else "share"
    before, after = row[f"before_{side}"], row[f"after_{side}"]
    kind = "touchpoint" if "touchpoint" in row else "move"
    if kind == "move" and row["source"] == START:
        kind = "entry"
    elif kind == "move" and row["target"] == END:
        kind = "exit"
    names = {name: row[name] for name in ("touchpoint", "source", "target") if name in row}
    key = f"journeys.changes.{kind}.{row['measure']}.{'rose' if after > before else 'fell'}"
    if kind == "exit":
        names["within"] = within_s[row["source"]]
    return t(key, day=row["from_day"], before=before, after=after, **names)


def _sure(t: Texts, row: pd.Series, then: pd.Series | None) -> str:
    low, high = row["from_low_day"], row["from_high_day"]
    when = t(f"journeys.changes.when.{'on' if low == high else 'between'}", low=low, high=high)
    if row["measure"] == "time":
        ends = t.durations(row["after_low_s"], row["after_high_s"])
    else:
        ends = t("journeys.changes.ends", low=row["after_low"], high=row["after_high"])
    about = {"n": int(row["n"]), "customers": int(row["n_customers"]), "ends": ends, "when": when}
    if row["went_back"]:
        return t("journeys.changes.sure.back", **about, back=row["back_day"])
    if then is None:
        return t("journeys.changes.sure.stayed", **about)
    level = t.duration(then["after_s"]) if then["measure"] == "time" else t.percent(then["after_share"])
    return t("journeys.changes.sure.then", **about, then=then["from_day"], level=level)


def drawn_by(by: str) -> str:
    """The periods of the picture: days are drawn by week, since there is little in a day."""
    return "week" if by == "day" else by


def changes(study: Study, *, by: str = "day", of: str = "touchpoints") -> Changes:
    """What changed, and when: change points of what follows what, and of how long it takes.

    `by`: the periods in which a change may begin, "day", "week" (from Monday) or "month", in the study's zone. `of`:
    "touchpoints" looks at each one's share of all steps and at the time from it to the next step; "moves" at each move's share
    of all that leave its source, and at its time, which shows more where one move changes and others don't.

    A step belongs to the period of the step that it follows (a journey's first step to its own), so that what began on a day
    shows on that day. It follows where it comes within the time that 99 % of the next steps of that touchpoint keep, in whole
    days, at most a quarter of the time covered; steps of which that isn't known yet are left out, so that unfinished journeys
    don't bend the end. Shares of touchpoints hold what comes before equal (indirect standardisation: seen over expected from
    what follows each touchpoint in all periods, times the share in all): that a sale brings more beginnings is no change. Times
    are geometric means (waits under a second count as one); those of a touchpoint hold what follows equal. Where changes are
    looked for, waits farther than two standard deviations from the mean logarithm of their move count as that far.

    Per series the stretch of periods is sought that differs most from all others (likelihood ratio; see `shifts`), over its
    variance by customer and from day to day, days of the week taken out where `by` is "day". p: how often the most different of
    all stretches of as many periods differs as much where nothing changes; q: p corrected for the number of series
    (`stats.benjamini_hochberg`). Where q is at most 0.05, the parts of the series are searched in turn, and further changes
    taken from p = 0.01 down. A level that slides, rather than shifts, may be told as several changes. What is rare is seldom
    found: of 20 new companies, among the customers concerned, a share of 31 % that became 56 % for 17 weeks was found at its
    date in 19 where 240 steps were touched; a wait that doubled for nine weeks, with 40 steps touched, in 3.

    `.frame`, the surest first: measure ("share", "time"); touchpoint, or source and target ("(start)": journeys begin with the
    target; "(end)": nothing follows); from_day, the first day of the first period of the new level, with from_low_day and
    from_high_day (95 %: likelihood ratio, Hansen 2000); back_day with back_low_day and back_high_day: since when the level is
    what it was before, else null; went_back: whether that is shown. It takes three things: the level after can't be told from
    the old one at 5 %, or is nearer to it than a quarter of the change (of times: of the change of logarithms); it is nearer
    than half; and the 95 % interval of their difference (`stats.square_and_add`), without the periods in which the change may
    have begun or ended, rules out that half of the change or more is left. Else the next change has a row of its own.
    before_share and after_share with low and high, or before_s and after_s in seconds: the levels before and from then on, up
    to the next change (by customer; 95 % if the dates had been known before: they are chosen for the largest difference, so
    that levels are rather too far apart and their intervals hold the truth less often, where a change is barely seen in two
    thirds of cases); n and n_customers: steps (of times: waits; of "(end)": steps that nothing followed) of the new level, and
    customers who made them; n_before: the same of the level before; p, q.
    `.series`, for each series with a change: place, measure, names as above, period_day (by week where `by` is "day"), share or
    middle_s with low and high or low_s and high_s, n, n_customers.
    NotFound for another `by` or `of`; BadInput for more than 1,500 periods; NotEnoughData where there are fewer than 5, or no
    series has 50 cases.
    """
    if by not in BY:
        raise NotFound("journeys.unknown_period", asked=str(by), exists=BY)
    if of not in OF:
        raise NotFound("journeys.unknown_series", asked=str(of), exists=OF)
    p, whole = opened(study)
    moves = reductions.moved(p, by)
    if moves.cells.empty:
        raise NotEnoughData("journeys.changes_periods", n=0, least=FEWEST)
    levels = Levels(moves, list(p.touchpoints), by == "day")
    if levels.n_periods < FEWEST:
        raise NotEnoughData("journeys.changes_periods", n=levels.n_periods, least=FEWEST)
    if levels.n_periods > MOST:
        raise BadInput("journeys.changes_too_many", n=levels.n_periods, most=MOST)
    found = _found(list(levels.touchpoints() if of == "touchpoints" else levels.moves()))
    if not found:
        raise NotEnoughData("journeys.changes_cases", least=CASES)
    known = dataclasses.replace(moves, cells=moves.cells[:0])
    shown = [(one, points, q) for one, points, q in found if points]
    rows = sorted((row for one in shown for row in _rows(*one, levels, by)), key=lambda row: -row.z)
    counted = reductions.stretches(p, by, known, [row.after for row in rows]) if rows else []
    slowest = max(moves.within_s, key=moves.within_s.get)
    said_too = [Caveat("journeys.changes.followed", {"within": moves.within_s[slowest], "touchpoint": slowest})]
    if of == "touchpoints":
        said_too.append(Caveat("journeys.changes.equal", {}))
    if rows:
        said_too.insert(0, Caveat("journeys.changes.chosen", {}))
    return Changes(
        _frame(rows, of, counted),
        study,
        {"by": by, "of": of},
        p.provenance,
        (*said_too, *caveats(whole, ends=False)),
        whole,
        _series(p, [one for one, _, _ in shown], levels, known, by, of),
        len(found),
        levels.n_periods,
        min(q for _, _, q in found),
        tuple(row.after for row in rows),
        tuple(Stretch(*one.codes, 0, 0) for one, _, _ in shown),
        known,
    )


def _found(told: list[Told]) -> list[tuple[Told, list[Shift], float]]:
    # every series with its change points and the q of its strongest stretch
    best = [strongest(one.series, one.effect) for one in told]
    qs = stats.benjamini_hochberg([shift.p for _, shift in best])
    return [
        (one, shifts(one.series, one.effect, shift, at, FURTHER) if q <= RATE else [], q)
        for one, (at, shift), q in zip(told, best, qs, strict=True)
    ]


@dataclasses.dataclass(frozen=True)
class _Row:
    z: float
    cells: dict[str, object]
    after: Stretch


@dataclasses.dataclass(frozen=True)
class _Step:
    """A change of a series: the stretch before it, that from it on to the next change, and when it went back."""

    at: Shift
    before: tuple[int, int]
    after: tuple[int, int]
    back: Shift | None


def _steps(one: Told, points: list[Shift]) -> list[_Step]:
    ends = [0, *(point.at for point in points), one.series.n_periods]
    stretches = list(itertools.pairwise(ends))
    found, i = [], 0
    while i < len(points):
        before, after = stretches[i], stretches[i + 1]
        back = i + 1 < len(points) and _went_back(one, (before, after, stretches[i + 2]), points[i], points[i + 1])
        found.append(_Step(points[i], before, after, points[i + 1] if back else None))
        i += 2 if back else 1
    return found


def _went_back(one: Told, stretches: tuple[tuple[int, int], ...], begins: Shift, ends: Shift) -> bool:
    before, _, then = stretches
    first, changed, last = (_middling(one, *stretch)[0] for stretch in stretches)
    size = abs(changed - first)
    if (changed - first) * (last - changed) >= 0:
        return False
    if abs(last - first) > size / 4 and apart(one.series, one.effect, before, then) >= 1.96:
        return False
    # not told from the old level is not yet the same: what is known of both has to leave no room for half of the change being
    # left. What lies within the intervals of the dates may be of the changed level
    old, new = _middling(one, before[0], begins.low), _middling(one, ends.high, then[1])
    low, high = stats.square_and_add(new, old)
    left = high if changed > first else -low
    return left < size / 2 and abs(last - first) < size / 2


def _middling(one: Told, a: int, b: int) -> tuple[float, ...]:
    # the level with its interval, on the scale on which differences are told: of times the logarithm
    level = one.level(a, b)
    return tuple(math.log(value) for value in level) if one.measure == "time" else level


def _rows(one: Told, points: list[Shift], q: float, levels: Levels, by: str) -> Iterator[_Row]:
    day = lambda number: pd.Timestamp(reductions.begins(levels.first + number, by))  # noqa: E731
    ends = ("s", "low_s", "high_s") if one.measure == "time" else ("share", "low", "high")
    for step in _steps(one, points):
        cells = {
            "measure": one.measure,
            **_names(one),
            "went_back": step.back is not None,
            "p": step.at.p,
            "q": max(q, step.at.p),
        }
        cells |= {"from_day": day(step.at.at), "from_low_day": day(step.at.low), "from_high_day": day(step.at.high)}
        if step.back:
            back = step.back
            cells |= {"back_day": day(back.at), "back_low_day": day(back.low), "back_high_day": day(back.high)}
        for side, stretch in (("before", step.before), ("after", step.after)):
            cells |= {f"{side}_{end}": value for end, value in zip(ends, one.level(*stretch), strict=True)}
        cells |= {"n": one.cases(*step.after), "n_before": one.cases(*step.before)}
        a, b = step.after
        yield _Row(step.at.z, cells, Stretch(*one.codes, levels.first + a, levels.first + b - 1))


def _names(one: Told) -> dict[str, str]:
    return (
        {"source": one.source, "target": one.target} if one.source and one.target else {"touchpoint": one.source or one.target}
    )


def _columns(of: str) -> list[str]:
    return ["touchpoint"] if of == "touchpoints" else ["source", "target"]


def _frame(rows: list[_Row], of: str, n_customers: list[int]) -> pd.DataFrame:
    names = ["measure", *_columns(of), *_DAYS, "went_back", *_SIZES, *_TIMES]
    numbers = ["n", "n_customers", "n_before"]
    told = [row.cells | {"n_customers": n} for row, n in zip(rows, n_customers, strict=True)]
    frame = pd.DataFrame(told, columns=[*names, *numbers, "p", "q"])
    for name in _DAYS:
        frame[name] = frame[name].astype("datetime64[us]")
    for name in (*_SIZES, *_TIMES, "p", "q"):
        frame[name] = frame[name].astype(float)
    for name in numbers:
        frame[name] = frame[name].astype("int64")
    return frame


def _series(p: Prepared, shown: list[Told], levels: Levels, moves: Moves, by: str, of: str) -> pd.DataFrame:
    wider = drawn_by(by)
    names = ["place", "measure", *_columns(of), "period_day", "share", "low", "high", "middle_s", "low_s", "high_s"]
    rows = []
    if shown:
        counted = reductions.stretches_by_period(p, wider, moves, [Stretch(*one.codes, 0, 0) for one in shown])
        customers = {period: found for period, *found in counted.itertuples(index=False, name=None)}
        numbers = [reductions.period(reductions.begins(levels.first + number, by), wider) for number in range(levels.n_periods)]
        for period in sorted({numbers[place] for place in levels.held}):
            a = numbers.index(period)
            b = a + numbers.count(period)
            day = pd.Timestamp(reductions.begins(period, wider))
            for place, one in enumerate(shown):
                ends = ("middle_s", "low_s", "high_s") if one.measure == "time" else ("share", "low", "high")
                level = zip(ends, one.level(a, b), strict=True)
                about = {"place": place, "measure": one.measure, **_names(one), "period_day": day}
                n_customers = customers[period][place] if period in customers else 0
                rows.append(about | dict(level) | {"n": one.cases(a, b), "n_customers": n_customers})
    frame = pd.DataFrame(rows, columns=[*names, "n", "n_customers"])
    frame["period_day"] = frame["period_day"].astype("datetime64[us]")
    return frame.sort_values(["place", "period_day"], ignore_index=True)
