"""Small controls. Each keeps its own truth in Python and tells its listeners a checked value."""

from __future__ import annotations

from collections.abc import Sequence

import traitlets

from widgets.view import Bad, View, listed, one_of, script, whole


class Choice(View):
    """One of several `options` (value, label, and a hint if any), looking like tabs, segments or a drop-down."""

    _esm = script("choice")
    takes = ("pick",)
    look = traitlets.Enum(["tabs", "segments", "select"], "segments").tag(sync=True)
    options = traitlets.List(traitlets.Dict()).tag(sync=True)
    value = traitlets.Unicode().tag(sync=True)

    def offer(self, options: Sequence[tuple[str, ...]], value: str) -> None:
        made = [dict(zip(("value", "label", "hint"), one, strict=False)) for one in options]
        with self.hold_sync():
            self.options, self.value = made, value

    def take_pick(self, content: dict, _buffers: list) -> None:
        self.value = one_of(content, "value", {one["value"] for one in self.options})
        self.tell(self.value)


class Slider(View):
    """A native range input: whole numbers from `low` to `high`."""

    _esm = script("slider")
    takes = ("slide",)
    low = traitlets.Int(0).tag(sync=True)
    high = traitlets.Int(100).tag(sync=True)
    step = traitlets.Int(1).tag(sync=True)
    value = traitlets.Int(0).tag(sync=True)
    unit = traitlets.Unicode("").tag(sync=True)

    def take_slide(self, content: dict, _buffers: list) -> None:
        self.value = whole(content, "value", self.low, self.high)
        self.tell(self.value)


class StepList(View):
    """An ordered list of different touchpoints out of `options`."""

    _esm = script("steps")
    takes = ("steps",)
    options = traitlets.List(traitlets.Unicode()).tag(sync=True)
    steps = traitlets.List(traitlets.Unicode()).tag(sync=True)
    least = traitlets.Int(2).tag(sync=True)
    most = traitlets.Int(8).tag(sync=True)

    def take_steps(self, content: dict, _buffers: list) -> None:
        asked = listed(content, "value", self.most, 500)
        if len(asked) < self.least or len(set(asked)) < len(asked) or not set(asked) <= set(self.options):
            raise Bad("steps")
        self.steps = asked
        self.tell(tuple(asked))
