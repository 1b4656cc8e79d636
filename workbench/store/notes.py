"""What people write on a journey map and how they arrange it: a journal beside the store's versions.

`notes.jsonl` holds a line a change: id, at (UTC), author, action, and the action's values; lines are only ever added, under a
lock of their own, so that a load may run meanwhile. What stands on the map is what the changes make that are not taken back,
one after the other. Loading, repairing and preparing leave the file alone.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from workbench.errors import BadInput, NotFound, StoreError
from workbench.store import journal as journals
from workbench.store import manifest as manifests
from workbench.store.beside import beside
from workbench.store.disk import clear_errors
from workbench.store.journal import MOST_AUTHOR, MOST_NAME, MOST_PLACE, MOST_TEXT, Journal

FILE, LOCK = "notes.jsonl", "notes.lock"
MOST_NOTES = 2_000
_WAIT = 15.0  # seconds for the lock; a line takes milliseconds
_RUN = 500  # cards that are looked through one by one
_LANE = re.compile(r"[a-z_]{1,40}")


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
    read, is no ordinary file or too long for one of ours, or (changing it) where the store can't be written to."""

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
        made = _Cards(cards)
        for line in _kept(self._lines()[0]):
            if line["action"] == "place" and (not cards or line["touchpoint"] in made):
                made.put(line["touchpoint"], line["stage"], line["index"])
        return made.by_stage()

    def unreadable(self) -> int:
        """Lines that are no changes: 0 unless the file was damaged from outside. They stay in it. A last line that was cut is
        not counted: its writer was stopped before the change was made."""
        return self._lines()[1]

    def add(self, stage: str, lane: str, text: str, author: str) -> Note:
        """A new note in a cell of the map; BadInput for what is too long, empty, or one note too many."""
        said = {"stage": _name("stage", stage), "lane": _lane(lane), "text": _text(text)}
        with self._writing() as journal:
            if len(_standing(journal.lines)) >= MOST_NOTES:
                raise BadInput("store.notes_full", allowed=MOST_NOTES)
            return self._note(journal, journal.write("add", _author(author), said)["id"])

    def edit(self, id: str, text: str, author: str) -> Note:
        """Another text for a note; NotFound where there is no such note (any more)."""
        text = _text(text)
        with self._writing() as journal:
            self._note(journal, id)
            journal.write("edit", _author(author), {"note": id, "text": text})
            return self._note(journal, id)

    def remove(self, id: str, author: str) -> None:
        """Takes a note off the map; `undo` brings it back."""
        with self._writing() as journal:
            self._note(journal, id)
            journal.write("remove", _author(author), {"note": id})

    def move(self, id: str, stage: str, lane: str, author: str) -> Note:
        """Puts a note into another cell."""
        to = {"stage": _name("stage", stage), "lane": _lane(lane)}
        with self._writing() as journal:
            self._note(journal, id)
            journal.write("move", _author(author), {"note": id, **to})
            return self._note(journal, id)

    def place(self, touchpoint: str, stage: str, index: int, author: str) -> None:
        """A card was dragged to place `index` (from 0) of a stage; beyond the stage's last card means last."""
        if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index <= MOST_PLACE:
            raise BadInput("store.bad_place", asked=repr(index)[:80])
        said = {"touchpoint": _name("touchpoint", touchpoint), "stage": _name("stage", stage), "index": index}
        with self._writing() as journal:
            journal.write("place", _author(author), said)

    def undo(self, author: str) -> str:
        """Takes back the last change, whoever made it, that is not taken back yet; says which action that was ("add", …).
        BadInput where there is none."""
        with self._writing() as journal:
            changes = _kept(journal.lines)
            if not changes:
                raise BadInput("store.nothing_to_undo")
            journal.write("undo", _author(author), {"of": changes[-1]["id"]})
            return changes[-1]["action"]

    @staticmethod
    def _note(journal: Journal, id: str) -> Note:
        notes = _standing(journal.lines)
        if id not in notes:
            raise NotFound("store.no_note", asked=str(id)[:80], exists=notes)
        return notes[id]

    def _lines(self) -> tuple[list[dict], int]:
        try:
            return journals.read(self.path / FILE)
        except FileNotFoundError:
            return [], 0
        except OSError:
            raise StoreError("store.not_readable", file=str(self.path / FILE)) from None

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Journal]:
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
                    with journals.opened(self.path / FILE, "a+b") as stream:
                        yield Journal(stream)
                finally:
                    lock.release()
        except StoreError as error:
            if error.key in ("store.disk_full", "store.write_failed"):
                found = getattr(error.__cause__, "strerror", None) or str(error.__cause__)
                raise StoreError("store.note_not_kept", store=str(self.path), found=found) from error
            raise


class _Cards:
    """Cards by stage, in their order. Those of a stage are held in short runs, so that none is looked for among all."""

    def __init__(self, cards: Mapping[str, Sequence[str]]) -> None:
        self._stages: dict[str, list[list[str]]] = {}
        self._of: dict[str, tuple[str, list[str]]] = {}  # touchpoint -> its stage and its run there
        for stage, touchpoints in cards.items():
            runs = [list(touchpoints[start : start + _RUN]) for start in range(0, len(touchpoints), _RUN)]
            self._stages[stage] = runs
            self._of.update((touchpoint, (stage, run)) for run in runs for touchpoint in run)

    def __contains__(self, touchpoint: str) -> bool:
        return touchpoint in self._of

    def put(self, touchpoint: str, stage: str, index: int) -> None:
        """Takes the card from where it stands, if anywhere, and puts it at a place of a stage, at most the last."""
        if touchpoint in self._of:
            before, run = self._of[touchpoint]
            run.remove(touchpoint)
            if not run:
                self._stages[before].remove(run)
        runs = self._stages.setdefault(stage, [])
        if not runs:
            runs.append([])
        number = 0
        while index > len(runs[number]) and number < len(runs) - 1:
            index -= len(runs[number])
            number += 1
        run = runs[number]
        run.insert(index, touchpoint)
        self._of[touchpoint] = stage, run
        if len(run) > 2 * _RUN:
            after = run[_RUN:]
            del run[_RUN:]
            runs.insert(number + 1, after)
            self._of.update((one, (stage, after)) for one in after)

    def by_stage(self) -> dict[str, list[str]]:
        return {stage: [one for run in runs for one in run] for stage, runs in self._stages.items() if runs}


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


def shown(text: str) -> str:
    """Text as a screen can show it: no control characters but new lines, no half letters, nothing that turns the direction.
    What joins letters or keeps them apart stays: words of some languages, and many emoji, are others without it."""
    turned = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    return "".join(
        one for one in text if one == "\n" or (unicodedata.category(one) not in ("Cc", "Cs") and one not in turned)
    ).strip()


def _plain(text: object) -> str:
    if not isinstance(text, str):
        raise BadInput("store.not_a_text", found=type(text).__name__)
    return shown(text.replace("\r\n", "\n").replace("\r", "\n"))


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
