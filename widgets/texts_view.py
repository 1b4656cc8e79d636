"""Views that only show text: the finding, the sentences, the code, and the line that says what is going on."""

from __future__ import annotations

import traitlets

from widgets.view import View, script


class Headline(View):
    """The finding as the page's title, and under it what was counted."""

    _esm = script("headline")
    title = traitlets.Unicode().tag(sync=True)
    subtitle = traitlets.Unicode().tag(sync=True)


class ExplainView(View):
    """The sentences of a result, numbered."""

    _esm = script("explain")
    sentences = traitlets.List(traitlets.Unicode()).tag(sync=True)


class NotesView(View):
    """Plain paragraphs in a card with a heading: caveats, sources, what was noticed."""

    _esm = script("notes")
    notes = traitlets.List(traitlets.Unicode()).tag(sync=True)
    look = traitlets.Enum(["card", "foot"], "card").tag(sync=True)


class CodeView(View):
    """The Python that makes what is shown, with copy as code and copy link."""

    _esm = script("code")
    code = traitlets.Unicode().tag(sync=True)


class StatusLine(View):
    """Quiet, busy, a note or an error; spoken by screen readers. Listeners are called when Cancel is pressed."""

    _esm = script("status")
    takes = ("cancel",)
    kind = traitlets.Enum(["quiet", "busy", "note", "error"], "quiet").tag(sync=True)
    message = traitlets.Unicode().tag(sync=True)
    share = traitlets.Float(-1.0).tag(sync=True)
    can_cancel = traitlets.Bool(False).tag(sync=True)

    def show(self, kind: str = "quiet", message: str = "", *, share: float = -1.0, can_cancel: bool = False) -> None:
        with self.hold_sync():
            self.kind, self.message, self.share, self.can_cancel = kind, message, share, can_cancel

    def take_cancel(self, _content: dict, _buffers: list) -> None:
        self.tell()
