"""Files made on request and sent in pieces, each acknowledged before the next."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence

import traitlets

from widgets.view import Bad, View, one_of, script, whole

PIECE = 512 * 1024
LIMIT = 200 * 1024 * 1024
KINDS = {
    "html": "text/html",
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def file_name(name: str, kind: str) -> str:
    """A name every file system takes."""
    clean = re.sub(r"[^\w.-]+", "-", name).strip("-.")[:80]
    return f"{clean or 'workbench'}.{kind}"


class Download(View):
    """A row of buttons, one for each of `items` (id, label). A listener gets the id and in its own time calls `send`
    or `fail`; the buttons rest meanwhile."""

    _esm = script("download")
    takes = ("get", "got", "where")
    items = traitlets.List(traitlets.Dict()).tag(sync=True)
    busy = traitlets.Bool(False).tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)
    main = traitlets.Bool(False).tag(sync=True)  # the one the header's Export button leads to

    def __init__(self, **traits: object) -> None:
        self._sending: tuple[int, bytes] | None = None
        self._begin: dict[str, object] = {}
        self._index = 0
        super().__init__(**traits)

    def offer(self, items: Sequence[tuple[str, str]]) -> None:
        self.items = [{"id": name, "label": label} for name, label in items]

    def take_get(self, content: dict, _buffers: list) -> None:
        item = one_of(content, "item", {one["id"] for one in self.items})
        if self.busy:
            raise Bad("busy")
        with self.hold_sync():
            self.busy, self.note = True, self.labels.get("making", "")
        self.tell(item)

    def send_file(self, content: bytes, name: str, kind: str) -> None:
        """Sends a file of one of KINDS."""
        if len(content) > LIMIT:
            raise ValueError("file over the limit")
        number = secrets.randbelow(2**31)
        self._sending = (number, content)
        self._begin = {"type": "begin", "id": number, "name": file_name(name, kind), "mime": KINDS[kind], "size": len(content)}
        self._piece(0)

    def fail(self, message: str) -> None:
        self._sending = None
        with self.hold_sync():
            self.busy, self.note = False, message

    def take_got(self, content: dict, _buffers: list) -> None:
        if self._sending is None or content.get("id") != self._sending[0]:
            raise Bad("id")
        pieces = max(1, -(-len(self._sending[1]) // PIECE))
        index = whole(content, "index", 0, pieces - 1) + 1
        if index < pieces:
            self._piece(index)
            return
        self._sending = None
        with self.hold_sync():
            self.busy, self.note = False, self.labels.get("done", "")

    def take_where(self, _content: dict, _buffers: list) -> None:
        """The page lost its connection, perhaps with the piece that was on its way."""
        if self._sending is not None:
            self._piece(self._index)

    def _piece(self, index: int) -> None:
        number, content = self._sending
        self._index = index
        if index == 0:
            self.send(self._begin)
        piece = content[index * PIECE : (index + 1) * PIECE]
        last = (index + 1) * PIECE >= len(content)
        self.send({"type": "piece", "id": number, "index": index, "last": last}, buffers=[piece])
