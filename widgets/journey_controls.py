"""The controls of the journey page: how journeys are cut, which view, and what that view can be asked. They only say what
was chosen; the page's state decides."""

from __future__ import annotations

from collections.abc import Callable

from widgets.controls import Choice, Slider, StepList
from widgets.page import box, visible
from widgets.state import CREDITED, EACH, GAPS, PERIODS, RULES, SEEN, SPANS, VIEW_GROUPS, Allowed, State
from workbench.model import seconds

#: controls shown with each view
SHOWN = {
    "map": (),
    "conformance": (),
    "flow": ("coverage",),
    "sankey": ("anchor", "before", "after"),
    "steps": ("anchor", "before", "after"),
    "variants": ("top",),
    "funnel": ("steps", "within"),
    "loops": (),
    "sessions": ("pause",),
    "attribution": ("target", "credited", "half_life", "order"),
    "retention": ("by",),
    "changes": ("each", "seen"),
    "crossings": (),
    "handoffs": (),
    "inventory": (),
}
RULE_CONTROLS = {
    "case": (),
    "customer": (),
    "gap": ("gap",),
    "window": ("window",),
    "anchor": ("around", "around_before", "around_after"),
}
TOPS = ("10", "20", "50", "100")
COUNTS = tuple(str(i) for i in range(9))


class Controls:
    """Makes the controls and keeps them in step with the state; `change(**fields)` is called with what was chosen."""

    def __init__(self, change: Callable[..., None]) -> None:
        self._change = change
        self.group = Choice(look="tabs")
        self.group.listen(self._grouped)
        self._seen: dict[str, str] = {}  # the view of each group that was open last
        self.view = self._choice("view")
        self.view.add_class("cxw-views")
        self.shape = self._choice("shape")
        self.rule = self._choice("rule", "select")
        self.one: dict[str, Choice | Slider | StepList] = {
            name: self._choice(name, "select")
            for name in (
                "gap",
                "window",
                "around",
                "around_before",
                "around_after",
                "anchor",
                "before",
                "after",
                "within",
                "pause",
                "top",
                "target",
                "credited",
                "half_life",
                "order",
                "by",
                "each",
                "seen",
            )
        }
        self.one["coverage"] = Slider(low=5, high=100, step=5, unit=" %")
        self.one["coverage"].listen(lambda value: change(coverage=value))
        self.one["steps"] = StepList()
        self.one["steps"].listen(lambda value: change(steps=value, row=-1))
        rules = [self.one[name] for names in RULE_CONTROLS.values() for name in names]
        self.rule_row = box(self.rule, *rules, cls="cxw-row cxw-rule")
        order = (
            "coverage", "anchor", "before", "after", "top", "steps", "within", "pause", "by", "seen", "each", "target",
            "credited", "half_life", "order",
        )  # fmt: skip
        self.view_row = box(*(self.one[name] for name in order), cls="cxw-row cxw-view-row")

    def _choice(self, name: str, look: str = "segments") -> Choice:
        made = Choice(look=look)
        made.listen(lambda value: self._chosen(name, value))
        return made

    def _chosen(self, name: str, value: str) -> None:
        number = name in {"before", "after", "top", "order"}
        changes: dict[str, object] = {name: int(value) if number else value}
        if name not in {"shape"}:
            changes["row"] = -1
        self._change(**changes)

    def _grouped(self, group: str) -> None:
        self._chosen("view", self._seen.get(group, VIEW_GROUPS[group][0]))

    def speak(self, t) -> None:
        """Names every control in the language of `t`."""
        fixed = {"group": self.group, "view": self.view, "shape": self.shape, "rule": self.rule}
        for name, control in (fixed | self.one).items():
            control.labels = {"title": t(f"widgets.control.{name}")}
        self.one["steps"].labels = {
            "title": t("widgets.control.steps"),
            **{key: t(f"widgets.steps.{key}") for key in ("add", "remove", "earlier", "later")},
        }

    def show(self, state: State, allowed: Allowed, t) -> None:
        """Sets every control to the state and shows those that the view and the rule have."""

        def spans(names: tuple[str, ...], chosen: str) -> list[tuple[str, str]]:
            known = sorted({*names, chosen}, key=seconds)
            return [(one, t.duration(seconds(one))) for one in known]

        group = next(one for one, views in VIEW_GROUPS.items() if state.view in views)
        self._seen[group] = state.view
        self.group.offer([(one, t(f"widgets.view_group.{one}")) for one in VIEW_GROUPS], group)
        views = VIEW_GROUPS[group]
        self.view.offer([(one, t(f"widgets.view.{one}"), t(f"widgets.view_hint.{one}")) for one in views], state.view)
        visible(self.view, len(views) > 1)
        self.shape.offer([(one, t(f"widgets.shape.{one}")) for one in ("picture", "table")], state.shape)
        self.rule.offer([(one, t(f"widgets.rule.{one}")) for one in RULES if one in allowed.rules], state.rule)
        for name, names in {
            "gap": GAPS, "pause": GAPS, "window": SPANS, "within": SPANS, "around_before": SPANS, "around_after": SPANS,
            "half_life": SPANS,
        }.items():  # fmt: skip
            self.one[name].offer(spans(names, getattr(state, name)), getattr(state, name))
        touchpoints = [(one, one) for one in allowed.touchpoints]
        self.one["around"].offer([("", t("widgets.choose")), *touchpoints], state.around)
        self.one["target"].offer(([] if state.target else [("", t("widgets.choose"))]) + touchpoints, state.target)
        self.one["credited"].offer([(one, t(f"widgets.credited.{one}")) for one in CREDITED], state.credited)
        self.one["order"].offer([(one, one) for one in ("1", "2", "3")], str(state.order))
        ends = [(one, t(f"widgets.anchor.{one}")) for one in ("first", "last")]
        self.one["anchor"].offer([*ends, *(one for one in touchpoints if one[0] not in {"first", "last"})], state.anchor)
        for name in ("before", "after"):
            self.one[name].offer([(one, one) for one in COUNTS], str(getattr(state, name)))
        self.one["top"].offer([(one, one) for one in sorted({*TOPS, str(state.top)}, key=int)], str(state.top))
        self.one["each"].offer([(one, t(f"widgets.each.{one}")) for one in EACH], state.each)
        self.one["seen"].offer([(one, t(f"widgets.seen.{one}")) for one in SEEN], state.seen)
        self.one["by"].offer([(one, t(f"widgets.by.{one}")) for one in PERIODS], state.by)
        self.one["coverage"].value = state.coverage
        with self.one["steps"].hold_sync():
            self.one["steps"].options, self.one["steps"].steps = list(allowed.touchpoints), list(state.steps)
        # how much of the flow is drawn says nothing of a comparison, which is no graph
        here = {*SHOWN[state.view], *RULE_CONTROLS[state.rule]} - ({"coverage"} if state.versus else set())
        for name, control in self.one.items():
            visible(control, name in here)
        visible(self.view_row, bool(here & {*SHOWN[state.view]}))
