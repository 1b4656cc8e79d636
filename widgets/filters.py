"""The filter pills: a period, columns with few values, patterns, and what is compared with. Says what was asked for; the page
decides."""

from __future__ import annotations

import re

import traitlets

from widgets.view import Bad, View, listed, one_of, script, text, whole

DATE = re.compile(r"\d{4}-\d\d-\d\d")
MOST_PATTERNS = 3


class Filters(View):
    """Listeners get ("period", start, end), ("where", column, values), ("pattern", index, text, apply), ("versus", kind, start,
    end, column, values) or ("remove", key); keys are "period", "where <column>", "pattern <index>" and "versus"."""

    _esm = script("filters")
    takes = ("remove", "period", "where", "check", "versus")
    pills = traitlets.List(traitlets.Dict()).tag(sync=True)
    columns = traitlets.List(traitlets.Dict()).tag(sync=True)
    period = traitlets.Dict({"start": "", "end": "", "first": "", "last": ""}).tag(sync=True)
    patterns = traitlets.List(traitlets.Unicode()).tag(sync=True)
    versus = traitlets.Dict({"kinds": [], "kind": "", "start": "", "end": "", "column": "", "values": []}).tag(sync=True)
    check = traitlets.Dict({"typed": "", "problem": "", "position": -1, "applied": False}).tag(sync=True)

    def take_remove(self, content: dict, _buffers: list) -> None:
        self.tell("remove", one_of(content, "key", {one["key"] for one in self.pills}))

    def take_period(self, content: dict, _buffers: list) -> None:
        self.tell("period", *self._dates(content))

    def take_where(self, content: dict, _buffers: list) -> None:
        self.tell("where", *self._values(content))

    def take_versus(self, content: dict, _buffers: list) -> None:
        kind = one_of(content, "kind", {one["value"] for one in self.versus["kinds"] if not one["off"]})
        dates = self._dates(content) if kind == "period" else ("", "")
        column, values = self._values(content) if kind == "where" else ("", ())
        if (kind == "period" and not any(dates)) or (kind == "where" and not values):
            raise Bad("versus")
        self.tell("versus", kind, *dates, column, values)

    def _dates(self, content: dict) -> tuple[str, str]:
        dates = [text(content, name, 10) for name in ("start", "end")]
        if any(one and not DATE.fullmatch(one) for one in dates):
            raise Bad("period")
        start, end = sorted(dates) if all(dates) else dates
        return start, end

    def _values(self, content: dict) -> tuple[str, tuple[str, ...]]:
        column = one_of(content, "column", {one["name"] for one in self.columns})
        known = {value["value"] for one in self.columns if one["name"] == column for value in one["values"]}
        values = listed(content, "values", 200, 500)
        if not set(values) <= known:
            raise Bad("values")
        return column, tuple(dict.fromkeys(values))

    def take_check(self, content: dict, _buffers: list) -> None:
        index = whole(content, "index", 0, MOST_PATTERNS - 1)
        self.tell("pattern", index, text(content, "value", 500), content.get("apply") is True)

    def answer(self, typed: str, problem: str = "", position: int = -1, *, applied: bool = False) -> None:
        """What became of a pattern: fine, or the problem and the place it stands at."""
        self.check = {"typed": typed, "problem": problem, "position": position, "applied": applied}
