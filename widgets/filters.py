"""The filter pills: a period, columns with few values, patterns. Says what was asked for; the page decides."""

from __future__ import annotations

import re

import traitlets

from widgets.view import Bad, View, listed, one_of, script, text, whole

DATE = re.compile(r"\d{4}-\d\d-\d\d")
MOST_PATTERNS = 3


class Filters(View):
    """Listeners get ("period", start, end), ("where", column, values), ("pattern", index, text, apply) or ("remove", key);
    keys are "period", "where <column>" and "pattern <index>"."""

    _esm = script("filters")
    takes = ("remove", "period", "where", "check")
    pills = traitlets.List(traitlets.Dict()).tag(sync=True)
    columns = traitlets.List(traitlets.Dict()).tag(sync=True)
    period = traitlets.Dict({"start": "", "end": "", "first": "", "last": ""}).tag(sync=True)
    patterns = traitlets.List(traitlets.Unicode()).tag(sync=True)
    check = traitlets.Dict({"typed": "", "problem": "", "position": -1, "applied": False}).tag(sync=True)

    def take_remove(self, content: dict, _buffers: list) -> None:
        self.tell("remove", one_of(content, "key", {one["key"] for one in self.pills}))

    def take_period(self, content: dict, _buffers: list) -> None:
        dates = [text(content, name, 10) for name in ("start", "end")]
        if any(one and not DATE.fullmatch(one) for one in dates):
            raise Bad("period")
        self.tell("period", *dates)

    def take_where(self, content: dict, _buffers: list) -> None:
        column = one_of(content, "column", {one["name"] for one in self.columns})
        known = {value["value"] for one in self.columns if one["name"] == column for value in one["values"]}
        values = listed(content, "values", 200, 500)
        if not set(values) <= known:
            raise Bad("values")
        self.tell("where", column, tuple(dict.fromkeys(values)))

    def take_check(self, content: dict, _buffers: list) -> None:
        index = whole(content, "index", 0, MOST_PATTERNS - 1)
        self.tell("pattern", index, text(content, "value", 500), content.get("apply") is True)

    def answer(self, typed: str, problem: str = "", position: int = -1, *, applied: bool = False) -> None:
        """What became of a pattern: fine, or the problem and the place it stands at."""
        self.check = {"typed": typed, "problem": problem, "position": position, "applied": applied}
