"""The filter pills of the journey page, and the one beside them that says what is compared: what they show of a state, and what
a state becomes by them."""

from __future__ import annotations

from widgets import journey_compare
from widgets.choices import Choices
from widgets.filters import Filters
from widgets.state import State
from workbench import pattern
from workbench.errors import BadPattern

_LABELS = "title add remove period start end pattern pattern_example pattern_help period_help where_help apply all leave"


def labels(t) -> dict[str, str]:
    return {key: t(f"widgets.filters.{key}") for key in _LABELS.split()} | journey_compare.labels(t)


def show(view: Filters, state: State, known: Choices, t) -> None:
    """Sets the pills, and what their panels offer, to the state."""
    narrowed = dict(state.where)
    with view.hold_sync():
        view.pills = pills(state, known, t)
        view.columns = [
            {
                "name": name,
                "label": known.label(name, t),
                "values": [{"value": value, "n": t.count(n)} for value, n in values],
                "chosen": list(narrowed.get(name, ())),
            }
            for name, values in known.values.items()
        ]
        view.period = {
            "start": state.start,
            "end": state.end,
            "first": known.allowed.first,
            "last": known.allowed.last,
        }
        view.patterns = list(state.patterns)
        view.versus = journey_compare.offer(state, known, t)


def pills(state: State, known: Choices, t) -> list[dict[str, object]]:
    """The period, the usual columns whether narrowed or not, the other narrowed ones, and the patterns."""
    has_period = bool(state.start or state.end)
    period = known.span(state.start, state.end, t) if has_period else t("widgets.filters.whole")
    made = [{"key": "period", "kind": "period", "name": t("widgets.filters.period"), "text": period, "removable": has_period}]
    narrowed = dict(state.where)
    for name in [*known.usual, *(one for one in narrowed if one not in known.usual)]:
        text = known.several(narrowed[name], t) if name in narrowed else t("widgets.filters.every")
        pill = {"key": f"where {name}", "kind": "where", "name": known.label(name, t), "text": text}
        made.append(pill | {"removable": name in narrowed})
    for i, one in enumerate(state.patterns):
        made.append({"key": f"pattern {i}", "kind": "pattern", "name": "", "text": one, "removable": True})
    if state.versus:
        told = journey_compare.named(state, known, t)
        pill = {"key": "versus", "kind": "versus", "name": t("widgets.versus.with"), "text": told, "removable": True}
        made.append(pill)
    return made


def filtered(state: State, known: Choices, kind: str, *values: object) -> State:
    """The state that a pill was set to, or that is left where it was removed; patterns come by `checked`."""
    if kind == "period":
        start, end = values
        return state.but(start=start, end=end, row=-1)
    if kind == "where":
        column, chosen = values
        every = {value for value, _ in known.values.get(column, ())} == set(chosen)
        return state.filtered(column, () if every else tuple(sorted(chosen)))
    if kind == "versus":
        versus, start, end, column, chosen = values
        return state.compared(versus, start, end, ((column, tuple(sorted(chosen))),) if column else ())
    name, _, rest = values[0].partition(" ")
    if name == "period":
        return state.but(start="", end="", row=-1)
    if name == "versus":
        return state.compared("")
    return state.filtered(rest, ()) if name == "where" else state.patterned(int(rest), "")


def checked(view: Filters, known: Choices, t, typed: str, apply: bool) -> str | None:
    """A typed pattern as it is written down, "" where nothing was typed; None where it has a problem. The pills say which."""
    text = ""
    if typed.strip():
        try:
            text = str(pattern.parse(typed, known.allowed.touchpoints))
        except BadPattern as error:
            view.answer(typed, error.text(t.language).split("\n")[0], int(error.values.get("position", -1)))
            return None
    view.answer(typed, applied=apply)
    return text
