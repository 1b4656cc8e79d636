"""What people write on a journey map and how they arrange it: a journal beside the store's versions.

`notes.jsonl` holds a line a change: id, at (UTC), author, action, and the action's values; lines are only ever added, under a
lock of their own, so that a load may run meanwhile. What stands on the map is what the changes make that are not taken back,
one after the other. Loading, repairing and preparing leave the file alone.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json
import os
import re
import secrets
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from workbench.errors import BadInput, NotFound, StoreError
from workbench.store import manifest as manifests
from workbench.store.beside import beside
from workbench.store.disk import clear_errors, sync_folder

if TYPE_CHECKING:
    from io import FileIO

FILE, LOCK = "notes.jsonl", "notes.lock"
MOST_TEXT = 2_000  # characters of a note
MOST_AUTHOR = 80
MOST_NAME = 1_000  # of a stage or a touchpoint: they may be those of a log
MOST_NOTES = 2_000
MOST_BYTES = 32 << 20  # of the journal
MOST_PLACE = 10_000  # of a card in its stage
_WAIT = 15.0  # seconds for the lock; a line takes milliseconds
_LANE = re.compile(r"[a-z_]{1,40}")
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


@dataclasses.dataclass(frozen=True)
class Note:
    """A note as it stands now. `author` and `at`: who wrote the present text, and when (UTC)."""

    id: str
    stage: str
    lane: str
    text: str
    author: str
    at: dt.datetime
    added_by: str
    added_at: dt.datetime


class Notes:
    """The notes and the arrangement of a store's journey map. Reading needs no lock; StoreError where the file may not be
    read, or (changing it) where the store can't be written to."""

    def __init__(self, store: str | Path) -> None:
        self.store = Path(store)
        self.path = beside(self.store)  # of a shipped sample a folder that isn't the project's

    def __repr__(self) -> str:
        return f"Notes({str(self.store)!r})"

    def all(self) -> tuple[Note, ...]:
        """The notes that stand now, in the order in which they were added."""
        return tuple(_standing(self._lines()[0]).values())

    def placed(self) -> dict[str, list[str]]:
        """The cards that were dragged, by the stage they were dragged to, as they would stand there alone."""
        return self.arranged({})

    def arranged(self, cards: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
        """`cards` (stage -> touchpoints in their order) after all that was dragged: each card is taken from where it stands and
        put at its place, one after the other. A card that isn't among `cards` takes part only where there are none at all."""
        made = {stage: list(touchpoints) for stage, touchpoints in cards.items()}
        known = {touchpoint for touchpoints in made.values() for touchpoint in touchpoints}
        for line in _kept(self._lines()[0]):
            if line["action"] == "place" and (not cards or line["touchpoint"] in known):
                for touchpoints in made.values():
                    if line["touchpoint"] in touchpoints:
                        touchpoints.remove(line["touchpoint"])
                made.setdefault(line["stage"], []).insert(line["index"], line["touchpoint"])
        return {stage: touchpoints for stage, touchpoints in made.items() if touchpoints}

    def unreadable(self) -> int:
        """Lines that are no changes: 0 unless the file was damaged from outside. A last line that was cut is not counted: its
        writer was stopped before the change was made."""
        return self._lines()[1]

    def add(self, stage: str, lane: str, text: str, author: str) -> Note:
        """A new note in a cell of the map; BadInput for what is too long, empty, or one note too many."""
        said = {"stage": _name("stage", stage), "lane": _lane(lane), "text": _text(text)}
        with self._writing() as journal:
            if len(_standing(journal.lines)) >= MOST_NOTES:
                raise BadInput("store.notes_full", allowed=MOST_NOTES)
            return self._note(journal, journal.write("add", author, said)["id"])

    def edit(self, id: str, text: str, author: str) -> Note:
        """Another text for a note; NotFound where there is no such note (any more)."""
        text = _text(text)
        with self._writing() as journal:
            self._note(journal, id)
            journal.write("edit", author, {"note": id, "text": text})
            return self._note(journal, id)

    def remove(self, id: str, author: str) -> None:
        """Takes a note off the map; `undo` brings it back."""
        with self._writing() as journal:
            self._note(journal, id)
            journal.write("remove", author, {"note": id})

    def move(self, id: str, stage: str, lane: str, author: str) -> Note:
        """Puts a note into another cell."""
        to = {"stage": _name("stage", stage), "lane": _lane(lane)}
        with self._writing() as journal:
            self._note(journal, id)
            journal.write("move", author, {"note": id, **to})
            return self._note(journal, id)

    def place(self, touchpoint: str, stage: str, index: int, author: str) -> None:
        """A card was dragged to place `index` (from 0) of a stage; beyond the stage's last card means last."""
        if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index <= MOST_PLACE:
            raise BadInput("store.bad_place", asked=repr(index)[:80])
        said = {"touchpoint": _name("touchpoint", touchpoint), "stage": _name("stage", stage), "index": index}
        with self._writing() as journal:
            journal.write("place", author, said)

    def undo(self, author: str) -> str:
        """Takes back the last change, whoever made it, that is not taken back yet; says which action that was ("add", …).
        BadInput where there is none."""
        with self._writing() as journal:
            changes = _kept(journal.lines)
            if not changes:
                raise BadInput("store.nothing_to_undo")
            journal.write("undo", author, {"of": changes[-1]["id"]})
            return changes[-1]["action"]

    @staticmethod
    def _note(journal: _Journal, id: str) -> Note:
        notes = _standing(journal.lines)
        if id not in notes:
            raise NotFound("store.no_note", asked=str(id)[:80], exists=notes)
        return notes[id]

    def _lines(self) -> tuple[list[dict], int]:
        try:
            return _parsed((self.path / FILE).read_bytes())
        except FileNotFoundError:
            return [], 0
        except OSError:
            raise StoreError("store.not_readable", file=str(self.path / FILE)) from None

    @contextlib.contextmanager
    def _writing(self) -> Iterator[_Journal]:
        manifests.current(self.store)  # says in its own words where there is no store
        lock = FileLock(self.path / LOCK, timeout=_WAIT)
        try:
            with clear_errors(self.path):
                self.path.mkdir(parents=True, exist_ok=True)
                try:
                    lock.acquire(poll_interval=0.01)
                except Timeout:
                    raise StoreError("store.notes_busy", store=str(self.path)) from None
                try:
                    with (self.path / FILE).open("a+b", buffering=0) as stream:
                        yield _Journal(stream)
                finally:
                    lock.release()
        except StoreError as error:
            if error.key in ("store.disk_full", "store.write_failed"):
                found = getattr(error.__cause__, "strerror", None) or str(error.__cause__)
                raise StoreError("store.note_not_kept", store=str(self.path), found=found) from error
            raise


class _Journal:
    """The file, held open under the lock."""

    def __init__(self, stream: FileIO) -> None:
        stream.seek(0)
        content = stream.read()
        self._stream = stream
        self.lines = _parsed(content)[0]
        last = content[content.rfind(b"\n") + 1 :]
        # of a last line that was cut nothing is left; one that lacks only its end is ended by the next
        cut = 0 if _line(last) else len(last)
        self._end = len(content) - cut
        self._before = b"\n" if last and not cut else b""

    def write(self, action: str, author: str, values: Mapping[str, object]) -> dict:
        """Adds a line, which is on the disk when this returns; after an error the file is as it was."""
        said = {"id": secrets.token_hex(8), "at": dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")}
        line = said | {"author": _author(author), "action": action, **values}
        content = (json.dumps(line, ensure_ascii=False) + "\n").encode()
        if self._end + len(content) > MOST_BYTES:
            raise BadInput("store.notes_long", allowed=MOST_BYTES >> 20)
        try:
            self._stream.truncate(self._end)
            left = memoryview(self._before + content)
            while left:
                left = left[self._stream.write(left) :]
            os.fsync(self._stream.fileno())
        except OSError:
            with contextlib.suppress(OSError):
                self._stream.truncate(self._end)
            raise
        if not self._end:
            sync_folder(Path(self._stream.name).parent)
        self._end += len(self._before) + len(content)
        self._before = b""
        self.lines.append(line)
        return line


def _parsed(content: bytes) -> tuple[list[dict], int]:
    # the changes, and how many lines are none
    *whole, last = content.split(b"\n")
    found = [_line(text) for text in whole]
    lines = [line for line in (*found, _line(last)) if line]
    return lines, found.count(None)


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


def _kept(lines: Sequence[dict]) -> list[dict]:
    # changes that are not taken back
    gone = {line["of"] for line in lines if line["action"] == "undo"}
    return [line for line in lines if line["action"] != "undo" and line["id"] not in gone]


def _standing(lines: Sequence[dict]) -> dict[str, Note]:
    notes: dict[str, Note] = {}
    for line in _kept(lines):
        at = dt.datetime.fromisoformat(line["at"]).astimezone(dt.UTC)
        note, action = notes.get(line.get("note", "")), line["action"]
        if action == "add":
            said = line["stage"], line["lane"], line["text"]
            notes[line["id"]] = Note(line["id"], *said, line["author"], at, line["author"], at)
        elif note and action == "edit":
            notes[note.id] = dataclasses.replace(note, text=line["text"], author=line["author"], at=at)
        elif note and action == "move":
            notes[note.id] = dataclasses.replace(note, stage=line["stage"], lane=line["lane"])
        elif note and action == "remove":
            del notes[note.id]
    return notes


def _plain(text: object) -> str:
    # text as a screen can show it: no control characters but new lines, no half letters, nothing that turns the direction
    if not isinstance(text, str):
        raise BadInput("store.not_a_text", found=type(text).__name__)
    turned = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        one for one in lines if one == "\n" or (unicodedata.category(one) not in ("Cc", "Cs") and one not in turned)
    ).strip()


def _text(text: object) -> str:
    text = _plain(text)
    if not 1 <= len(text) <= MOST_TEXT:
        raise BadInput("store.note_length", found=len(text), allowed=MOST_TEXT)
    return text


def _author(author: object) -> str:
    author = " ".join(_plain(author).split())
    if len(author) > MOST_AUTHOR:
        raise BadInput("store.author_length", found=len(author), allowed=MOST_AUTHOR)
    return author


def _name(what: str, name: object) -> str:
    # a name of the log or the plan, as it stands there
    if not isinstance(name, str):
        raise BadInput("store.not_a_text", found=type(name).__name__)
    if not 1 <= len(name) <= MOST_NAME or name != _plain(name):
        raise BadInput("store.note_place", what=what, found=len(name), allowed=MOST_NAME)
    return name


def _lane(lane: object) -> str:
    if not isinstance(lane, str) or not _LANE.fullmatch(lane):
        raise BadInput("store.note_lane", asked=repr(lane)[:80])
    return lane
