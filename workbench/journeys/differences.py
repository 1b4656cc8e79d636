"""Two groups of journeys side by side in any view: differences with intervals, corrected for how many were looked at."""

from __future__ import annotations

import dataclasses
import inspect
import math
from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from workbench import engine, stats
from workbench.engine import Prepared, reductions
from workbench.engine.reductions import STAGE
from workbench.errors import BadInput, NotEnoughData, NotFound, SmallGroup
from workbench.journeys.canvas import stage_name
from workbench.journeys.common import JourneyResult, a_study, caveats
from workbench.journeys.conformance import FITS, departed
from workbench.journeys.discovery import plan_code
from workbench.journeys.naming import group_names
from workbench.journeys.plans import Plan
from workbench.journeys.sides import COUNTED, Side, View
from workbench.journeys.sides_choice import by_journeys
from workbench.journeys.sides_credit import attribution
from workbench.journeys.sides_map import SCORE
from workbench.journeys.sides_map import map as map_view
from workbench.journeys.sides_plan import FITNESS, conformance
from workbench.journeys.sides_time import cohorts
from workbench.locale import Texts
from workbench.model import Study
from workbench.result import Caveat

if TYPE_CHECKING:
    import altair as alt

#: the views that can be compared, by their name in the room
VIEWS: Mapping[str, Callable[..., View]] = {
    view.__name__: view for view in (*COUNTED, cohorts, attribution, conformance, map_view)
}
#: customers that each group needs behind a row's total, and cases that a test expects at least in each cell
LEAST_CUSTOMERS, LEAST_CASES = 30, 5
#: of the differences shown, how many may be chance
_RATE = 0.05
_NOTHING = stats.Cases(0, 0, 0, 0, 0, 0)
_REASONS = ("", "not shown", "too few")
#: characters of a group's name in a sentence or a picture; what was counted has it whole
_SHORT = 26


@dataclasses.dataclass(frozen=True, eq=False)
class Comparison(JourneyResult):
    """See `compare`. `other`: the second group; `n_tested`, `n_shown`: how many rows were tested, and show a difference."""

    call: ClassVar[str] = "compare"

    other: Study | None = None
    is_rest: bool = False
    view: View | None = None
    keys: tuple[Hashable, ...] = ()  # by index label of the frame
    n_rows: int = 0
    n_tested: int = 0
    n_shown: int = 0
    sizes: tuple[int, int, int, int] = (0, 0, 0, 0)  # journeys and customers of the first group, and of the second

    def code(self) -> str:
        written = {name: plan_code(one) if isinstance(one, Plan) else repr(one) for name, one in self.params.items()}
        given = "".join(f", {name}={one}" for name, one in written.items())
        lines = ["import workbench as wb", f"study = {self.study.code()}"]
        if not self.is_rest:
            lines.append(f"other = {self.other.code()}")
        return "\n".join([*lines, f"wb.journeys.compare(study{'' if self.is_rest else ', other'}{given})"])

    def guarded(self) -> Comparison:
        """The same without rows about 1 to `study.min_group` − 1 customers in all or in one of the groups; a caveat says how
        many were hidden."""
        small = self._small(self.frame)
        if not small.any():
            return self
        told = Caveat("result.hidden_rows", {"n": int(small.sum()), "min_group": self.study.min_group})
        return dataclasses.replace(self, frame=self.frame[~small], caveats=(*self.caveats, told))

    def _small(self, rows: pd.DataFrame) -> pd.Series:
        counted = rows[["n_customers", "n_customers_a", "n_customers_b"]]
        return ((counted > 0) & (counted < self.study.min_group)).any(axis=1)

    def _customers(self, one: pd.Series) -> pd.DataFrame:
        if self._small(one.to_frame().T).any():
            raise SmallGroup("small_group", n=self.study.min_group)
        found = [
            self.view.members(engine.prepared(study), self.keys[one.name]).set_index("customer_id")["n"].rename(f"n_{side}")
            for side, study in (("a", self.study), ("b", self.other))
        ]
        both = pd.concat(found, axis=1).fillna(0).astype("int64").rename_axis("customer_id").reset_index()
        both.insert(1, "n", both["n_a"] + both["n_b"])
        return both.sort_values(["n", "customer_id"], ascending=[False, True], ignore_index=True)

    def _draw(self, t: Texts, **options: object) -> alt.Chart:
        from workbench.charts import journeys as charts

        return charts.compare(self.named(t), t, names=self.names(t, _SHORT), **options)

    def _around(self, t: Texts) -> dict[str, str]:
        return super()._around(t) | {"subtitle": self.groups(t)}

    def names(self, t: Texts, longest: int = 0) -> tuple[str, str]:
        """What A and B are called, at most `longest` characters each where that is given."""
        return group_names(self.study, self.other, t, longest)

    def groups(self, t: Texts) -> str:
        """What was counted: both groups by name, their journeys and customers."""
        (a, b), (n, customers, n_b, customers_b) = self.names(t), self.sizes
        values = {"n": n, "customers": customers, "other": n_b, "other_customers": customers_b}
        return t("journeys.compare.groups", a=a, b=b, **values)

    def named(self, t: Texts) -> pd.DataFrame:
        """The frame with what each row is about in words (`what`), and whether its shares are means, no counts of cases
        (`is_mean`)."""
        what = [self.what(t, row) for _, row in self.frame.iterrows()]
        return self.frame.assign(what=what, is_mean=[self._is_mean(row) for row in self.frame.index])

    def _is_mean(self, row: int) -> bool:
        return self.view.means(self.keys[row])

    def what(self, t: Texts, row: pd.Series) -> str:
        """What a row is about, in a few words."""
        view, values = self.params["of"], {name: row[name] for name in self.view.columns}
        if view == "funnel" and row["position"] > 1:
            return t("journeys.compare.flow_step", source=self.params["steps"][row["position"] - 2], target=row["step"])
        if view == "variants":
            named = row["variant"].split(" → ")
            return row["variant"] if len(named) < 4 else f"{named[0]} → … → {named[-1]} ({t('units.steps', n=len(named))})"
        if view == "map":
            values = {"name": stage_name(t, row["name"]) if row["kind"] == STAGE else row["name"]}
            values |= {"instrument": self.view.instrument.upper()} if row["measure"] == SCORE else {}
            return t(f"journeys.compare.map_{row['kind']}_{row['measure']}", **values)
        if view == "conformance":
            kind = row["kind"]
            return t(f"journeys.compare.conformance_{kind}") if kind in (FITS, FITNESS) else departed(t, row)
        if view == "attribution":
            model = t(f"journeys.attribution.model.{row['model']}")
            return t("journeys.compare.attribution", name=row[self.params["by"]], model=model)
        if view == "cohorts":
            return t(f"journeys.compare.cohorts_{self.params['by']}", n=row["after"])
        kind = f"_{row['kind']}" if view in ("flow", "loops") else ""
        return t(f"journeys.compare.{view}{kind}", **values)

    def _sentences(self, t: Texts) -> list[str]:
        tested = self.frame[self.frame["reason"] != "too few"]
        told, (a, b) = [], self.names(t, _SHORT)
        if not self.n_tested:
            told.append(t("journeys.compare.none_tested", n=self.n_rows))
        elif not self.n_shown:
            told.append(t("journeys.compare.none_shown", n=self.n_tested))
            if len(tested):
                top = tested.sort_values(["q", "p"], kind="stable").iloc[0]
                nearest = "nearest_mean" if self._is_mean(top.name) else "nearest"
                values = {"what": self.what(t, top), "q": t.number(top["q"])} | self._said(t, top)
                told.append(t(f"journeys.compare.{nearest}", **values))
        elif tested["shown"].any():
            top = tested.iloc[0]
            shares = {name: top[name] for name in ("share_a", "share_b")}
            told.append(t("journeys.compare.title", what=self.what(t, top), a=a, b=b, **shares))
            counts = "means" if self._is_mean(top.name) else "counts"
            told.append(t(f"journeys.compare.{counts}", **self._said(t, top)))
        else:
            told.append(t("journeys.compare.hidden", n=self.n_shown))
        if self.n_shown:
            told.append(t("journeys.compare.shown", n=self.n_tested, shown=self.n_shown))
        few = self.n_rows - self.n_tested
        if few and self.n_tested:
            told.append(t("journeys.compare.few", n=few, total=self.n_rows, customers=LEAST_CUSTOMERS, cases=LEAST_CASES))
        return [*told, self.groups(t) + "."]

    def _said(self, t: Texts, row: pd.Series) -> dict[str, object]:
        # numbers of a row as they stand in a sentence
        digits = 0 if abs(row["difference"]) >= 0.1 else 1
        points = {name: t.signed(100 * row[name], digits) for name in ("difference", "low", "high")}
        counts = {name: int(row[name]) for name in ("n_a", "n_b", "total_a", "total_b")}
        counts |= {name: row[name] for name in ("share_a", "share_b")}
        return points | counts | dict(zip("ab", self.names(t, _SHORT), strict=True))


def compare(study: Study, other: Study | None = None, *, of: str = "flow", **arguments: object) -> Comparison:
    """Two groups of journeys of the same store, cut by the same rule, in a view: A is `study`, B is `other` (another segment,
    another period). Without `other`, B is `study.rest()`: all journeys of the customers who have none in `study`, whatever its
    filters were.

    In texts and pictures each is called by the filters that the other doesn't have ("app", "all others").

    `of`: "flow", "touchpoints", "variants", "funnel", "steps", "sessions", "loops", "crossings", "handoffs", "cohorts",
    "attribution", "conformance" or "map", with `arguments` as in the analysis of that name (map: without `least`). What a row's
    share is of: flow: of all that leave source (entries: of all journeys); touchpoints: of journeys; variants: of journeys, the
    `top` most frequent of both groups together; funnel: of those at the step before (step 1: of all journeys); steps: of the
    journeys that have the anchor, whose own place is left out where it is a touchpoint; sessions: of sessions; loops: of
    journeys, dead ends being those of both groups together; crossings, handoffs: of all that go on from source; cohorts: of
    the customers for whom so many periods after the one they were first seen in (within their group) are over, all cohorts
    together: those active in the last of them; attribution: of the conversions, what a model credits a channel with (n_a and
    n_b: converting journeys that have it before, as there); conformance: of the journeys compared with the plan, those with a
    departure or, kind "fits", with none; kind "fitness": the mean of those; map, by measure: "share": of all journeys those
    that come to a touchpoint or stage (with the median time to the next step), "leave": of these those that end there,
    "score": how they felt in a stage, as a share of the scale, of answers (see `felt.felt`; of an NPS (NPS + 100) / 200).
    "changes" dates points in time, of which there is no share to set beside another's.
    `.frame`: the columns that name a row there, n_a of total_a and n_b of total_b (what the share counts), n_customers_a,
    n_customers_b, n (n_a + n_b), n_customers (different customers in both together), share_a, share_b, difference (A − B) with
    low and high, p, q, shown, reason. In views with a median also median_a_s, median_b_s, median_difference_s with
    median_difference_low_s and median_difference_high_s (null where a side has no interval).
    low, high: 95 %, by customer: square-and-add of the two groups' intervals (`stats.wilson_grouped`, for medians
    `stats.median_ranks`; Newcombe 1998, Zou and Donner 2008), each for its row alone. p: `stats.score_test`. Credits,
    fitness and scores are no counts of cases: `stats.wilson_credited` and `stats.credited_test`. q: p corrected for
    the number of rows tested (`stats.benjamini_hochberg`); shown: q ≤ 0.05. reason: "" (shown), "not shown" (tested, and no
    difference is shown: that is not to say there is none) or "too few" (not tested nor counted: fewer than 30 customers behind
    a total, or fewer than 5 cases expected in a group if both had the same share). Medians are not tested. Rows: shown first,
    then not shown, each with the largest difference first.
    Customers may be in both groups (as two periods have; a caveat says how many), journeys may not. What customers do once
    only, in one group or the other (signing up), is allowed for in intervals and p of shares (`stats.opposed`), where not one
    group is counted by random groups of customers while the other isn't; else intervals are too narrow for it, as those of
    medians are. That they mostly go along with themselves is not: intervals are then too wide. `customers(row)` are those of
    both groups, with n_a and n_b, of which `n` is the sum.
    A difference between groups that were not drawn by lot may come from who is in them. A caveat says so where a group was
    chosen by what happens in journeys (columns of events, patterns): how much customers do decides who is in it. Its
    `study.rest()` holds those who do less; a group chosen the same way, such as another channel, is a fairer second one.
    NotFound for an unknown view or touchpoint; BadInput for arguments the view doesn't take, for two groups of different
    stores, versions or rules, the same group twice, or two with a journey in common; NotEnoughData where a group is empty.
    """
    a_study(study)
    if other is not None:
        a_study(other)
    if not isinstance(of, str) or of not in VIEWS:
        raise NotFound("journeys.unknown_view", asked=of, exists=VIEWS)
    takes = list(inspect.signature(VIEWS[of]).parameters)[1:]
    is_rest = other is None
    other = study.rest() if other is None else dataclasses.replace(other, min_group=study.min_group, settings=study.settings)
    first, second, both = _opened(study, other)
    try:
        inspect.signature(VIEWS[of]).bind(both, **arguments)
    except TypeError:
        raise BadInput("journeys.compare_arguments", of=of, takes=", ".join(takes) or "–") from None
    view = VIEWS[of](both, **arguments)
    in_both = first.n_customers + second.n_customers - both.n_customers
    whole = reductions.facts(both)
    a, b = view.read(first), view.read(second)
    same = len({p.groups(2) for p in (first, second, both)}) == 1  # sums over the same groups of customers
    frame, keys = _rows(view, a, b, _together(view, first, second, both) if in_both else None, same)
    shown, tested = int(frame["shown"].sum()), int((frame["reason"] != "too few").sum())
    said = (*view.caveats, *caveats(whole))
    if in_both:
        told = {"n": in_both, "total": both.n_customers}
        said = (Caveat("journeys.caveat.in_both_allowed" if same else "journeys.caveat.in_both", told), *said)
    if chosen := by_journeys(study, other, of):
        said = (chosen, *said)
    sizes = (first.n_journeys, first.n_customers, second.n_journeys, second.n_customers)
    found = {"of": of} | dict(view.params)
    parts = (other, is_rest, view, keys, len(frame), tested, shown, sizes)
    source = dataclasses.replace(first.provenance, tables=(*first.provenance.tables, *view.tables))
    return Comparison(frame, study, found, source, said, whole, *parts)


def _opened(study: Study, other: Study) -> tuple[Prepared, Prepared, Prepared]:
    # both groups and the two together
    if any(getattr(study, name) != getattr(other, name) for name in ("store", "version", "rule", "timezone")):
        raise BadInput("journeys.compare_apart")
    if study.filters == other.filters:
        raise BadInput("journeys.compare_same")
    found = engine.prepared(study), engine.prepared(other)
    for name, p in zip("ab", found, strict=True):
        if not p.n_journeys:
            raise NotEnoughData(f"journeys.compare_empty_{name}")
    first, second, both = *found, engine.together(study, other)
    # what is on both sides can't be told from itself, and is no second group
    if shared := first.n_journeys + second.n_journeys - both.n_journeys:
        raise BadInput("journeys.compare_overlap", n=shared, total=both.n_journeys)
    return first, second, both


def _together(view: View, first: Prepared, second: Prepared, both: Prepared) -> Side:
    return view.together(first, second) if view.together else view.read(both)


def _rows(view: View, a: Side, b: Side, both: Side | None, same: bool) -> tuple[pd.DataFrame, tuple[Hashable, ...]]:
    # the frame and its rows' keys; customers in both groups are allowed for where sums are over the `same` groups of them
    rows, allow = [], both is not None and same
    for key in dict.fromkeys([*a.counts, *b.counts]):
        counts = [side.counts.get(key, (0, 0)) for side in (a, b)]
        customers = [one[1] for one in counts]
        if view.means(key):
            correlation = _opposed(a.moves(key), b.moves(key)) if allow else 0.0
            row = _mean_row(a.mean(key), b.mean(key), *counts, correlation)
        else:
            cases = a.cases(key), b.cases(key)
            row = _row(*cases, *customers, stats.opposed(*cases, both.cases(key)) if allow else 0.0)
        rows.append({"key": key} | dict(zip(view.columns, view.told(key), strict=True)) | row)
        if both is not None:
            rows[-1]["n_customers"] = both.counts.get(key, (0, 0))[1]
        if view.timed:
            rows[-1] |= _times(a.median(key), b.median(key))
    tested = [row for row in rows if row["reason"] != "too few"]
    for row, q in zip(tested, stats.benjamini_hochberg([row["p"] for row in tested]), strict=True):
        row |= {"q": q, "shown": q <= _RATE, "reason": "" if q <= _RATE else "not shown"}
    rows.sort(key=lambda row: (*_place(row), *(str(row[name]) for name in view.columns)))
    columns = [*view.columns, *_row(_NOTHING, _NOTHING, 0, 0), *(_times(a.median(None), b.median(None)) if view.timed else ())]
    return pd.DataFrame(rows, columns=columns), tuple(row["key"] for row in rows)


def _place(row: dict) -> tuple[int, float, int]:
    # shown, not shown, too few; the largest difference first, then the most cases
    known = row["total_a"] and row["total_b"]
    return _REASONS.index(row["reason"]), -round(abs(row["difference"]), 9) if known else 0.0, -row["n"]


def _row(a: stats.Cases, b: stats.Cases, customers_a: int, customers_b: int, correlation: float = 0.0) -> dict[str, object]:
    (n_a, total_a, groups_a, *_), (n_b, total_b, groups_b, *_) = a, b
    share_a, share_b = (n / total if total else math.nan for n, total in ((n_a, total_a), (n_b, total_b)))
    ends = (stats.wilson_grouped(*cases) for cases in (a, b))
    low, high = stats.square_and_add(*((share, *end) for share, end in zip((share_a, share_b), ends, strict=True)), correlation)
    few = min(groups_a, groups_b) < LEAST_CUSTOMERS or stats.expected_cases(a, b) < LEAST_CASES
    p = math.nan if few else stats.score_test(a, b, correlation)
    counts = (n_a, customers_a), (n_b, customers_b)
    return _told(*counts, (total_a, total_b), (share_a, share_b), (low, high), few, p)


def _mean_row(
    a: stats.Credited, b: stats.Credited, counts_a: tuple[int, int], counts_b: tuple[int, int], correlation: float
) -> dict[str, object]:
    (share_a, total_a, groups_a, *_), (share_b, total_b, groups_b, *_) = a, b
    sides = ((one.share, *stats.wilson_credited(*one)) for one in (a, b) if one.n)
    ends = stats.square_and_add(*sides, correlation) if total_a and total_b else (math.nan, math.nan)
    few = min(groups_a, groups_b) < LEAST_CUSTOMERS or stats.expected_credited(a, b) < LEAST_CASES
    p = math.nan if few else stats.credited_test(a, b, correlation)
    return _told(counts_a, counts_b, (total_a, total_b), (share_a, share_b), ends, few, p)


def _opposed(a: pd.Series, b: pd.Series) -> float:
    # correlation, −1 to 0, of two means by how much each group of customers moves them
    along, wide = (a * b).sum(), math.sqrt((a**2).sum() * (b**2).sum())
    return min(max(float(along) / wide, -1.0), 0.0) if wide else 0.0


def _told(
    a: tuple[int, int], b: tuple[int, int], totals: tuple[int, int], shares: tuple[float, float], ends: tuple[float, float],
    few: bool, p: float,
) -> dict[str, object]:  # fmt: skip
    (n_a, customers_a), (n_b, customers_b) = a, b
    return {
        "n_a": n_a, "total_a": totals[0], "n_b": n_b, "total_b": totals[1],
        "n_customers_a": customers_a, "n_customers_b": customers_b, "n": n_a + n_b, "n_customers": customers_a + customers_b,
        "share_a": shares[0], "share_b": shares[1], "difference": shares[0] - shares[1], "low": ends[0], "high": ends[1],
        "p": p, "q": math.nan, "shown": False, "reason": "too few" if few else "",
    }  # fmt: skip


def _times(a: tuple[float, float, float], b: tuple[float, float, float]) -> dict[str, float]:
    low, high = stats.square_and_add(a, b)
    found = {"median_a_s": a[0], "median_b_s": b[0], "median_difference_s": a[0] - b[0]}
    return found | {"median_difference_low_s": low, "median_difference_high_s": high}
