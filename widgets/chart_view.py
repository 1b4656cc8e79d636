"""The one host of all charts, and the Vega bundle that every chart of a page shares: sent to a page once, by one model."""

from __future__ import annotations

import functools
from collections.abc import Callable

import traitlets

from widgets.view import View, script, whole
from workbench.charts.bundle import packed


class Bundle(View):
    """Carries the bundle to the page; never shown itself."""

    _esm = script("bundle")
    packed = traitlets.Bytes(b"").tag(sync=True)


@functools.cache
def bundle() -> Bundle:
    """The bundle's model of this process, still empty: `fill()` it where there is time."""
    return Bundle()


def fill() -> None:
    """Puts the bundle's bytes into its model, once."""
    if not bundle().packed:
        bundle().packed = packed()


class ChartView(View):
    """Draws a Vega-Lite `spec`; `configs` holds the looks, light and dark. Tells the `row` of a mark that was picked."""

    _esm = script("chart")
    takes = ("pick", "room", "bundle")
    spec = traitlets.Dict().tag(sync=True)
    configs = traitlets.Dict().tag(sync=True)
    described = traitlets.Unicode().tag(sync=True)
    bundle = traitlets.Unicode().tag(sync=True)

    def __init__(self, **traits: object) -> None:
        self._rooms: list[Callable[[int], None]] = []
        super().__init__(bundle=bundle().model_id, **traits)

    def on_room(self, call: Callable[[int], None]) -> None:
        """Calls `call(width)` with the px the chart has, at first and when they change."""
        self._rooms.append(call)

    def take_pick(self, content: dict, _buffers: list) -> None:
        self.tell(whole(content, "row", 0, 2**31))

    def take_bundle(self, _content: dict, _buffers: list) -> None:
        """The page has none, although it may have been sent already: nobody was listening then."""
        if bundle().packed:
            bundle().send_state("packed")

    def take_room(self, content: dict, _buffers: list) -> None:
        width = whole(content, "width", 100, 10_000)
        for call in self._rooms:
            call(width)
