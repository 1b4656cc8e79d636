"""One file at a time from the browser, in pieces of 512 KiB, into a private folder that is emptied afterwards."""

from __future__ import annotations

import re
import shutil
import tempfile
import weakref
from pathlib import Path

import traitlets

from widgets.view import Bad, View, script, text, whole

PIECE = 512 * 1024
SUFFIXES = (
    ".csv", ".tsv", ".txt", ".xlsx", ".parquet", ".jsonl", ".ndjson", ".json", ".xes",
    ".csv.gz", ".tsv.gz", ".jsonl.gz", ".xes.gz",
)  # fmt: skip


def safe_name(asked: str) -> tuple[str, str]:
    """A file's own name without folders or odd characters, and its ending ("" where we read no such files)."""
    bare = re.split(r"[/\\]", asked)[-1]
    suffix = max((one for one in SUFFIXES if bare.lower().endswith(one)), key=len, default="")
    stem = bare[: len(bare) - len(suffix)] if suffix else bare
    stem = re.sub(r"[^\w -]+", "_", stem).strip(" _-")[:80]
    return (stem or "data"), suffix


class Upload(View):
    """Listeners get the path and the name (without ending) of a file that arrived whole."""

    _esm = script("upload")
    takes = ("begin", "piece", "stop", "where")
    limit = traitlets.Int(0).tag(sync=True)  # bytes
    accept = traitlets.Unicode(",".join(SUFFIXES + (".gz",))).tag(sync=True)

    def __init__(self, *, limit_mb: int, **traits: object) -> None:
        self._id = None
        self._path: Path | None = None
        self._size = self._offset = 0
        self._name = ""
        self._told: dict[str, object] = {}
        self._limit = limit_mb * 1024 * 1024
        self.folder = Path(tempfile.mkdtemp(prefix="cxw-upload-"))  # mkdtemp: for this account's eyes only
        self._cleaner = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        super().__init__(limit=self._limit, **traits)

    def take_begin(self, content: dict, _buffers: list) -> None:
        number = whole(content, "id", 0, 2**31)
        name = text(content, "name", 200)
        size = whole(content, "size", 0, 2**53)
        self.discard()
        stem, suffix = safe_name(name)
        if not suffix:
            self._refuse(number, "wrong_kind")
        elif size > self._limit:
            self._refuse(number, "too_large")
        elif not size:
            self._refuse(number, "empty")
        else:
            self._id, self._size, self._offset, self._name = number, size, 0, stem
            self._path = self.folder / (stem + suffix)
            self._path.write_bytes(b"")
            self._say({"type": "more", "id": number, "offset": 0})

    def take_piece(self, content: dict, buffers: list) -> None:
        number = whole(content, "id", 0, 2**31)
        if self._path is None or number != self._id:
            raise Bad("id")
        offset = whole(content, "offset", 0, self._size)
        piece = bytes(buffers[0]) if len(buffers) == 1 else b""
        due = min(PIECE, self._size - self._offset)
        if offset != self._offset or len(piece) != due:
            # pieces out of order or of another size: nothing of this file can be trusted
            self.discard()
            self._refuse(number, "broken")
            return
        with self._path.open("ab") as file:
            file.write(piece)
        self._offset += len(piece)
        self._say({"type": "more", "id": number, "offset": self._offset})
        if self._offset == self._size:
            path, self._path, self._id = self._path, None, None
            self.tell(path, self._name)

    def take_where(self, content: dict, _buffers: list) -> None:
        """The page lost its connection and asks for the last word about its file."""
        if whole(content, "id", 0, 2**31) == self._told.get("id"):
            self.send(self._told)

    def take_stop(self, content: dict, _buffers: list) -> None:
        if whole(content, "id", 0, 2**31) == self._id:
            self.discard()

    def discard(self) -> None:
        """Deletes whatever came of a file that isn't whole, and every earlier one."""
        self._path = self._id = None
        for path in self.folder.iterdir():
            path.unlink()

    def _refuse(self, number: int, why: str) -> None:
        self._say({"type": "refused", "id": number, "why": why})

    def _say(self, content: dict[str, object]) -> None:
        self._told = content
        self.send(content)
