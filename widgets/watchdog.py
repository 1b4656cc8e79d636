"""The banner that says when a session is over. Voila itself says nothing when a kernel or the server dies.

The browser pings, Python answers; without an answer the browser asks the server about the kernel and tells apart:
fine, busy, session ended (no kernel, or a new and empty one), no connection. A hidden page does not ping, so that an
unused kernel can be ended.

What Python says while no page listens is lost: when a page begins to listen, and after each break of its connection, it asks
for everything again.
"""

from __future__ import annotations

import traitlets

from widgets.view import View, script, whole
from workbench.locale import LANGUAGES, texts

TEXTS = ("session_ended", "session_lost", "session_reload")


class Watchdog(View):
    """Put one on every served page; in JupyterLab it stays still. `every_ms` and `late_ms`: how often, how patient.
    Listeners are called when the page needs all that it shows once more."""

    _esm = script("watchdog")
    takes = ("ping", "again")
    every_ms = traitlets.Int(5000).tag(sync=True)
    late_ms = traitlets.Int(4000).tag(sync=True)

    def __init__(self, **traits: object) -> None:
        labels = {language: {key: texts(language)(f"server.{key}") for key in TEXTS} for language in LANGUAGES}
        super().__init__(labels=labels, **traits)

    def take_ping(self, content: dict, _buffers: list) -> None:
        self.send({"type": "pong", "n": whole(content, "n", 0, 10**9)})

    def take_again(self, _content: dict, _buffers: list) -> None:
        self.tell()
