"""The one host of all charts, and the Vega bundle that every chart of a page shares.

The bundle is made by vl-convert, which costs 2 s and 90 MB: a child process does it once, the packed result (0.3 MB) is
kept beside the interpreter and sent to a page once, by one model.
"""

from __future__ import annotations

import functools
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import traitlets

from widgets.view import View, script, whole

_MAKE = """
import sys, zlib, vl_convert
text = vl_convert.javascript_bundle("export default vegaEmbed;", vl_version=sys.argv[1])
sys.stdout.buffer.write(zlib.compress(text.encode(), 9))
"""
VEGA_LITE = "6.4"


@functools.cache
def packed_bundle() -> bytes:
    """The Vega bundle, an ES module whose default is vegaEmbed, packed by zlib."""
    name = f"vega-lite-{VEGA_LITE}-by-{metadata.version('vl-convert-python')}.js.z"
    file = Path(sys.prefix) / "share" / "cxw" / name
    if file.is_file():
        packed = file.read_bytes()
        try:
            zlib.decompress(packed)
            return packed
        except zlib.error:
            pass  # cut off while it was written by an older run: made again
    packed = subprocess.run([sys.executable, "-c", _MAKE, VEGA_LITE], check=True, capture_output=True, timeout=120).stdout
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as half:
            half.write(packed)
        Path(half.name).replace(file)
    except OSError:
        pass  # a read-only installation makes it once a process
    return packed


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
        bundle().packed = packed_bundle()


class ChartView(View):
    """Draws a Vega-Lite `spec`; `configs` holds the looks, light and dark. Tells the `row` of a mark that was picked."""

    _esm = script("chart")
    takes = ("pick", "room")
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

    def take_room(self, content: dict, _buffers: list) -> None:
        width = whole(content, "width", 100, 10_000)
        for call in self._rooms:
            call(width)
