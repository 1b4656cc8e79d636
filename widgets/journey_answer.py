"""The worker's side of the journey page: from a state to everything the views show, made off the main thread."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping

import workbench as wb
from widgets import journey_compare, journey_conformance, records
from widgets.choices import Choices
from widgets.state import Allowed, State
from widgets.work import Task
from workbench import engine
from workbench.journeys import Comparison
from workbench.journeys.common import counted
from workbench.locale import texts
from workbench.model import Study
from workbench.result import Result


@dataclasses.dataclass(frozen=True, eq=False)
class Part:
    """A table of an answer. `of`: which frame of the result its rows are, as `Result.customers` names it."""

    of: str
    caption: str
    frame: object
    grid: records.Grid


@dataclasses.dataclass(frozen=True, eq=False)
class Answer:
    """What one state shows; the first part is the view's own. `state.steps` and `state.target` are chosen by us where the asked
    state has none."""

    state: State
    result: Result
    title: str
    subtitle: str
    sentences: tuple[str, ...]
    spec: Mapping[str, object]
    parts: tuple[Part, ...]
    caveats: tuple[str, ...]
    source: str
    note: str = ""  # what the page says of the answer as a whole
    canvas: Mapping[str, object] = dataclasses.field(default_factory=dict)  # of the map, with the notes of then

    @property
    def is_map(self) -> bool:
        """Whether the map is shown: groups compared in it are shown as those of any other view."""
        return bool(self.canvas)


def ask(state: State, base: Study, allowed: Allowed, room: int, task: Task) -> Answer:
    """Runs the view's analysis and writes it in the state's language, its picture for `room` px."""
    study = state.study(base)
    task.stoppers.append(lambda: engine.interrupt(study))
    t = texts(study.language)
    if state.view == "funnel" and not state.steps:
        state = state.but(steps=usual_steps(study, allowed))
    if state.view == "attribution" and not state.target:
        # the end of the funnel to begin with
        state = state.but(target=usual_steps(study, allowed)[-1])
    compares = state.versus and state.view in journey_compare.VIEWS
    if compares:
        result = journey_compare.ask(state, study, base, allowed, task)
    else:
        asked = journey_conformance.asked(study, task) if state.view == journey_conformance.VIEW else state.params()
        result = getattr(wb.journeys, state.call)(study, **asked).guarded()
    is_map = state.view == "map" and not compares
    sentences = result.explain()
    # the Sankey is a second picture of the steps, with a finding of its own before theirs
    title, *sentences = [result.sankey_title(), *sentences] if state.view == "sankey" and not compares else sentences
    return Answer(
        state=state,
        result=result,
        title=title,
        subtitle=f"{result.groups(t) if compares else counted(t, study, result.whole)} · {company(study, t)}",
        sentences=tuple(sentences),
        canvas=result.canvas(t) if is_map else {},
        spec={} if is_map else picture(result, state, room).to_dict(),
        parts=tuple(parts(result, state, title, t)),
        caveats=tuple(one.text(study.language) for one in result.caveats),
        source=source(result, t),
        note=t("widgets.versus.not_here") if state.versus and not compares else journey_conformance.note(result, t),
    )


def parts(result: Result, state: State, title: str, t) -> Iterator[Part]:
    """The tables that a view shows, the one under its picture first."""
    if isinstance(result, Comparison):
        yield Part("frame", title, result.frame, journey_compare.grid(result, t))
        return
    if state.view == "sankey":
        yield Part("links", title, result.links, records.grid(result.links, t))
    else:
        yield Part("frame", title, result.frame, records.grid(result.frame, t))
    if state.view == "funnel":
        yield Part("left", t("widgets.more.left"), result.left, records.grid(result.left, t))
    if state.view == "map":
        yield Part("stages", t("widgets.more.map"), result.stages, records.grid(result.stages, t))
    if state.view == journey_conformance.VIEW:
        yield Part("costs", t("widgets.more.conformance"), result.costs, records.grid(result.costs, t))
    if state.view in {"crossings", "handoffs"}:
        yield Part("used", t(f"widgets.more.{state.view}"), result.used, records.grid(result.used, t))


def usual_steps(study: Study, allowed: Allowed) -> tuple[str, ...]:
    """A funnel to begin with: the touchpoints of that variant among the 20 most frequent that has the most different ones (at
    most six; the more frequent of equals), in its order."""
    known = set(allowed.touchpoints)
    found = [
        tuple(dict.fromkeys(one for one in str(variant).split(" → ") if one in known))[:6]
        for variant in engine.reductions.top_variants(engine.prepared(study), 20)["variant"]
    ]
    best = max(found, key=len, default=())
    return best if len(best) > 1 else allowed.touchpoints[:2]


def company(study: Study, t) -> str:
    return t("widgets.synthetic", name=study.name) if study.synthetic else study.name


def looks() -> dict[str, dict]:
    """The charts' config, light and dark."""
    from workbench.charts import theme

    return {"light": theme.config(dark=False), "dark": theme.config(dark=True)}


def picture(result: Result, state: State, room: int, **around: str):
    """The chart for `room` px; without its title, as the finding stands above it on a page already."""
    options: dict[str, object] = {"title": "", "subtitle": "", "source": "", "width": room} | around
    if isinstance(result, Comparison):
        return result.chart(**options)
    if state.view == "flow":
        options["coverage"] = state.coverage / 100
    return result.sankey(**options) if state.view == "sankey" else result.chart(**options)


def source(result: Result, t) -> str:
    p = result.provenance
    loaded = dt.datetime.fromisoformat(p.loaded_at)
    tables = ", ".join(t(f"widgets.table_name.{name}") for name in p.tables)
    return t("widgets.source", tables=tables, version=p.version, loaded=t.day(loaded), timezone=p.timezone)


def who(answer: Answer, part: Part, row: int, task: Task) -> tuple[object, records.Grid, int]:
    """The customers behind a row: their frame, its Grid, and the row's n."""
    result = answer.result
    task.stoppers.append(lambda: engine.interrupt(result.study))
    t = texts(result.study.language)
    names = {"n": t("widgets.who.n")}
    if isinstance(result, Comparison):
        task.stoppers.append(lambda: engine.interrupt(result.other))
        names |= dict(zip(("n_a", "n_b"), result.names(t), strict=True))
    frame = result.customers(row, of=part.of)
    return frame, records.grid(frame, t, names=names), int(part.frame.at[row, "n"])


def named(answer: Answer, part: Part, row: int) -> str:
    """What a row is called: its texts, and its rate where it has one."""
    t = texts(answer.result.study.language)
    if isinstance(answer.result, Comparison):
        return journey_compare.picked(answer.result, row, t)
    if answer.state.view == journey_conformance.VIEW:
        return journey_conformance.named(answer.result, part.of, row, t)
    for one in part.grid.rows:
        if one.key == row:
            cells = [
                (column, cell) for column, cell in zip(part.grid.columns, one.cells, strict=True) if cell.value is not None
            ]
            quiet = {"used": {"stage"}, "stages": set()}.get(part.of, {"kind", "stage", "layer"})
            if answer.state.view == "changes":
                quiet = {column.name for column, _ in cells} - {"touchpoint", "source", "target"}
            name = " → ".join(cell.text for column, cell in cells if not column.number and column.name not in quiet)
            place = next((cell.text for column, cell in cells if column.name == "position"), "")
            if place and answer.state.call == "steps":
                name = t("widgets.who.at", position=place, name=name)
            after = next((cell.text for column, cell in cells if column.name == "after"), "")
            if after:
                name = t("widgets.who.after", cohort=name, after=after)
            rated = {"step_rate", "share", "single_share", "after_share", "after_s"}
            rates = [cell.text for column, cell in cells if column.name in rated]
            return t("widgets.who.named", name=name, rate=rates[0]) if rates else name
    return ""


def filters(state: State, known: Choices, t) -> list[str]:
    """What the journeys were narrowed by, a line each; one line where by nothing."""
    span = known.span(state.start, state.end, t) if state.start or state.end else ""
    lines = [f"{t('widgets.filters.period')}: {span}"] if span else []
    lines += [f"{known.label(name, t)}: {', '.join(values)}" for name, values in state.where]
    lines += [f"{t('widgets.filters.pattern')}: {one}" for one in state.patterns]
    return lines or [t("widgets.filters.whole")]


def about(answer: Answer, known: Choices) -> dict[str, list[str]]:
    """What has to be known to read the numbers, where they are read away from the page: heading and lines. The code is not
    among it."""
    t = texts(answer.result.study.language)
    compares = isinstance(answer.result, Comparison)
    versus = {t("widgets.versus.with"): [journey_compare.named(answer.state, known, t)]} if compares else {}
    return {
        t("widgets.about.counted"): [answer.subtitle],
        t("widgets.about.rule"): [t(f"widgets.rule.{answer.state.rule}")],
        t("widgets.filters.title"): filters(answer.state, known, t),
        **versus,
        t("widgets.who.caveats"): list(answer.caveats),
        t("widgets.about.source"): [answer.source],
    }
