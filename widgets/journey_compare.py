"""Two groups side by side on the page of journeys: which the second one is and how its pill names it, and what the page shows
of the difference."""

from __future__ import annotations

import datetime as dt
import functools

import workbench as wb
from widgets import journey_conformance
from widgets.choices import Choices
from widgets.records import NOTHING, Cell, Column, Grid, Row, plain
from widgets.state import VERSUS, Allowed, State
from widgets.work import Task
from workbench import engine
from workbench.errors import BadInput
from workbench.journeys import Comparison
from workbench.model import Study

#: the views that show a difference
VIEWS = (
    "map",
    "flow",
    "sankey",
    "steps",
    "variants",
    "funnel",
    "loops",
    "sessions",
    "crossings",
    "handoffs",
    "conformance",
    "attribution",
    "retention",
)
_LABELS = "add title column values apply none"


def ask(state: State, study: Study, base: Study, allowed: Allowed, task: Task) -> Comparison:
    """The comparison that the state asks for; `study` is its own group. Stopping the task stops all that is read for it."""
    other = second(state, base, allowed)
    group = study.rest() if other is None else other
    for one in (group, engine.either(study, group)):
        task.stoppers.append(functools.partial(engine.interrupt, one))
    asked = journey_conformance.asked(study, task) if state.view == journey_conformance.VIEW else state.params()
    return wb.journeys.compare(study, other, of=state.call, **asked).guarded()


def second(state: State, base: Study, allowed: Allowed) -> Study | None:
    """The group that is compared with, all else as in the state; None: the rest."""
    if state.versus == "rest":
        return None
    if state.versus == "where":
        kept = [one for one in state.where if one[0] not in dict(state.other)]
        return state.but(where=tuple(sorted([*kept, *state.other]))).study(base)
    start, end = before(state, allowed) if state.versus == "before" else (state.other_start, state.other_end)
    return state.but(start=start, end=end).study(base)


def before(state: State, allowed: Allowed) -> tuple[str, str]:
    """The days, as many as the state's period has, that end the day before it begins."""
    if not state.start:
        raise BadInput("widgets.no_period")
    first, last = (dt.date.fromisoformat(one).toordinal() for one in (state.start, max(state.start, state.end or allowed.last)))
    # a link may name the first day there is
    days = (max(1, 2 * first - last - 1), max(1, first - 1))
    return tuple(dt.date.fromordinal(one).isoformat() for one in days)


# -- the pill ----------------------------------------------------------------------------------------------------------


def labels(t) -> dict[str, str]:
    return {f"versus {key}": t(f"widgets.versus.{key}") for key in _LABELS.split()}


def named(state: State, known: Choices, t) -> str:
    """What is compared with, in a few words."""
    if state.versus == "period":
        return known.span(state.other_start, state.other_end, t)
    if state.versus == "where":
        return "; ".join(f"{known.label(name, t)} {known.several(values, t)}" for name, values in state.other)
    told = t(f"widgets.versus.{state.versus}")
    if state.versus == "before" and state.start:
        days = before(state, known.allowed)
        return t("widgets.versus.before_span", before=told, span=known.span(*days, t))
    return told


def offer(state: State, known: Choices, t) -> dict[str, object]:
    """What the pill's panel is made of: the kinds of comparison there are just now, and what is chosen."""
    column, values = next(iter(state.other), ("", ()))
    kinds = []
    for kind in VERSUS:
        off = kind in {"rest", "before"} and not state.compared(kind).can_compare
        hint = t(f"widgets.versus.{kind}_off" if off else f"widgets.versus.{kind}_help")
        kinds.append({"value": kind, "label": t(f"widgets.versus.{kind}"), "hint": hint, "off": off})
    chosen = {"start": state.other_start, "end": state.other_end, "column": column, "values": list(values)}
    return {"kinds": kinds, "kind": state.versus} | chosen


# -- what is shown -----------------------------------------------------------------------------------------------------


def grid(result: Comparison, t) -> Grid:
    """The rows of a comparison as a person reads them: both groups by name, the difference, in words whether it is shown."""
    from workbench.charts.journeys.compare import items

    names = result.names(t)
    timed = "median_difference_s" in result.frame
    heads = {"what": t("widgets.versus.what"), "a": names[0], "b": names[1], "difference": t("charts.tip.difference")}
    heads |= {"said": t("widgets.versus.said"), "q": t("charts.tip.q")}
    heads |= {"median": t("charts.tip.median_difference")} if timed else {}
    heads |= {"customers": t("widgets.column.n_customers")}
    columns = tuple(Column(name, head, name not in {"what", "said"}) for name, head in heads.items())
    rows = []
    frame = result.named(t)
    for item, (_, one) in zip(items(frame, t, names), frame.iterrows(), strict=True):
        said = (t("widgets.versus.shown") if item["is_shown"] else item["detail"]).replace(" ", "\N{NO-BREAK SPACE}")
        cells = {
            "what": Cell(item["name"], item["name"].casefold()),
            "a": Cell(item["a_text"], item["a"]),
            "b": Cell(item["b_text"], item["b"]),
            "difference": Cell(item["difference_text"], item["difference"]),
            "said": Cell(said, said),
            "q": Cell(item["q"] or NOTHING, plain(one["q"])),
            "median": Cell(item["median"] or NOTHING, plain(one["median_difference_s"]) if timed else None),
            "customers": Cell(item["customers"], int(one["n_customers"])),
        }
        rows.append(Row(int(item["row"]), tuple(cells[column.name] for column in columns), quiet=not item["is_shown"]))
    return Grid(columns, tuple(rows), t)


def picked(result: Comparison, row: int, t) -> str:
    """What a row is called where its customers are shown: with the share in each group."""
    one = result.frame.loc[row]
    shares = [t.percent(one[name]) if one[name] == one[name] else NOTHING for name in ("share_a", "share_b")]
    told = ", ".join(f"{share} ({name})" for name, share in zip(result.names(t), shares, strict=True))
    return t("widgets.who.named", name=result.what(t, one), rate=told)
