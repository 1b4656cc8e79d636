"""The journal of a journey map as a file: a line a change, each on the disk before anybody is told so.

Nothing that stands in it is ever taken out, whoever wrote it: lines that are no changes are counted and left. Only what one
interrupted write of ours leaves at the end is cut by the next.
"""

from __future__ import annotations

import codecs
import contextlib
import datetime as dt
import json
import os
import re
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import BadInput, StoreError
from workbench.store.disk import sync_folder

if TYPE_CHECKING:
    from io import FileIO

MOST_TEXT = 2_000  # characters of a note
MOST_AUTHOR = 80
MOST_NAME = 1_000  # of a stage or a touchpoint: they may be those of a log
MOST_PLACE = 10_000  # of a card in its stage
MOST_BYTES = 32 << 20  # of the journal
#: what a line of each action holds beside id, at, author and action
_VALUES: Mapping[str, Mapping[str, type]] = {
    "add": {"stage": str, "lane": str, "text": str},
    "edit": {"note": str, "text": str},
    "remove": {"note": str},
    "move": {"note": str, "stage": str, "lane": str},
    "place": {"touchpoint": str, "stage": str, "index": int},
    "undo": {"of": str},
}
_MOST = {"text": MOST_TEXT, "author": MOST_AUTHOR}
_LONGEST = 4 * (MOST_TEXT + 2 * MOST_NAME + MOST_AUTHOR) + 1_000  # bytes of a line, and more
_BEGIN = b'{"id": "' + 16 * b"0" + b'", "at": "'  # of every line, whatever its id's digits


class Journal:
    """The file, held open under the lock."""

    def __init__(self, stream: FileIO) -> None:
        content = _content(stream)
        self._stream = stream
        self.lines, _, torn = _parsed(content)
        self._end = len(content) - torn
        self._before = b"" if content[: self._end].endswith((b"\n", b"\r")) or not self._end else b"\n"

    def write(self, action: str, author: str, values: Mapping[str, object]) -> dict:
        """Adds a line, which is on the disk when this returns; after an error the file is as it was."""
        said = {"id": secrets.token_hex(8), "at": dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")}
        line = said | {"author": author, "action": action, **values}
        content = self._before + (json.dumps(line, ensure_ascii=False) + "\n").encode()
        if self._end + len(content) > MOST_BYTES:
            raise BadInput("store.notes_long", allowed=MOST_BYTES >> 20)
        try:
            self._stream.truncate(self._end)
            left = memoryview(content)
            while left:
                left = left[self._stream.write(left) :]
            os.fsync(self._stream.fileno())
        except OSError:
            with contextlib.suppress(OSError):
                self._stream.truncate(self._end)
            raise
        if not self._end:
            sync_folder(Path(self._stream.name).parent)
        self._end += len(content)
        self._before = b""
        self.lines.append(line)
        return line


def read(path: Path) -> tuple[list[dict], int]:
    """The changes in a journal, and how many of its lines are none; FileNotFoundError where there is no journal, StoreError for
    what is no file or longer than one of ours can be."""
    with opened(path, "rb") as stream:
        changes, n_unreadable, _ = _parsed(_content(stream))
    return changes, n_unreadable


def opened(path: Path, mode: str) -> FileIO:
    """The journal's file. A link, a pipe or a folder in its place is refused: what is behind it is not ours to write to."""
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISREG(path.lstat().st_mode):
            raise StoreError("store.notes_no_file", file=str(path))
    return open(path, mode, buffering=0, opener=_straight)


def _straight(path: str, flags: int) -> int:
    # a link or a pipe that came meanwhile is not followed, nor waited for; Windows has neither
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0), 0o666)


def _content(stream: FileIO) -> bytes:
    if os.fstat(stream.fileno()).st_size > MOST_BYTES:
        raise StoreError("store.notes_long", allowed=MOST_BYTES >> 20)
    stream.seek(0)
    return stream.read()


def _parsed(content: bytes) -> tuple[list[dict], int, int]:
    # the changes, how many lines are none, and the bytes of a last one whose writer was stopped; editors end lines as they like
    rows = content.splitlines(keepends=True)
    torn = len(rows.pop()) if rows and _torn(rows[-1]) else 0
    found = [_line(row) for row in rows if row.strip()]
    return [line for line in found if line], found.count(None), torn


def _torn(row: bytes) -> bool:
    # begins as our lines do, and ends before it is one: anything else is somebody's, or a line of ours that somebody changed
    head = row[:8] + re.sub(rb"[0-9a-f]", b"0", row[8:24]) + row[24 : len(_BEGIN)]
    if len(row) > _LONGEST or row.endswith((b"\n", b"\r")) or not _BEGIN.startswith(head):
        return False
    try:
        text, _ = codecs.utf_8_decode(row, "strict", False)  # it may end inside a letter
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.msg.startswith("Unterminated string") or not text[error.pos :].strip(" ,")
    except (ValueError, RecursionError):
        return False
    return False


def _line(text: bytes) -> dict | None:
    # a change; None for anything else
    try:
        line = json.loads(text)
        values = {**_VALUES[line["action"]], "id": str, "author": str}
        at = dt.datetime.fromisoformat(line["at"]).astimezone(dt.UTC)
        if b"\\u" in text:
            json.dumps(line, ensure_ascii=False).encode()  # half letters, which no screen and no file takes
        fits = all(type(line[name]) is kind for name, kind in values.items()) and 1 < at.year < dt.MAXYEAR
        longest = all(len(line[name]) <= _MOST.get(name, MOST_NAME) for name, kind in values.items() if kind is str)
        if not fits or not longest or not 0 <= line.get("index", 0) <= MOST_PLACE:
            return None
        return {name: line[name] for name in ("at", "action", *values)}
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return None
