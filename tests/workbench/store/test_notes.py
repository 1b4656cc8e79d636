"""Notes of a journey map: what was acknowledged is there after any accident, and every change can be taken back."""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import workbench as wb
from workbench.errors import BadInput, NotFound, StoreError
from workbench.store import Store, journal, notes
from workbench.store.notes import Notes

ROOT = Path(wb.__file__).parent.parent
posix = pytest.mark.skipif(os.name != "posix", reason="signals and limits of POSIX")


@pytest.fixture
def kept(store) -> Notes:
    return Notes(store.path)


def texts_of(kept: Notes) -> list[str]:
    return [one.text for one in kept.all()]


def python(code: str, *arguments: object) -> subprocess.Popen:
    pipe = subprocess.PIPE
    paths = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, *(str(one) for one in arguments)]
    return subprocess.Popen(command, env=paths, stdout=pipe, stderr=pipe, text=True)


def test_a_note_is_kept_with_author_and_time(kept):
    before = dt.datetime.now(dt.UTC).replace(microsecond=0)
    made = kept.add("Buying", "pain", "  The page asks twice\r\nfor the address ", "Ada")
    assert kept.all() == (made,)
    assert (made.stage, made.lane, made.author) == ("Buying", "pain", "Ada")
    assert made.text == "The page asks twice\nfor the address"
    assert before <= made.at <= dt.datetime.now(dt.UTC)
    edited = kept.edit(made.id, "Asked twice", "Boris")
    assert (edited.text, edited.author, edited.added_by, edited.added_at) == ("Asked twice", "Boris", "Ada", made.at)
    moved = kept.move(made.id, "Paying", "goal", "Celina")
    assert (moved.stage, moved.lane, moved.author) == ("Paying", "goal", "Boris")
    kept.remove(made.id, "Ada")
    assert kept.all() == ()
    with pytest.raises(NotFound, match="no note"):
        kept.edit(made.id, "x", "Ada")


def test_undo_takes_back_one_change_after_the_other(kept):
    one = kept.add("S", "goal", "one", "Ada")
    kept.edit(one.id, "two", "Ada")
    kept.remove(one.id, "Ada")
    assert kept.undo("Ada") == "remove"
    assert texts_of(kept) == ["two"]
    assert kept.undo("Ada") == "edit"
    assert texts_of(kept) == ["one"]
    kept.edit(one.id, "three", "Ada")  # a new change: the next undo is of it, the one after of what is still there before it
    assert kept.undo("Boris") == "edit"
    assert texts_of(kept) == ["one"]
    assert kept.undo("Ada") == "add"
    assert kept.all() == ()
    with pytest.raises(BadInput, match="no change left"):
        kept.undo("Ada")
    # nothing was ever taken out of the journal: 4 changes and 4 undos, each with its author
    lines = [json.loads(line) for line in (kept.path / notes.FILE).read_text().splitlines()]
    assert [line["action"] for line in lines] == ["add", "edit", "remove", "undo", "undo", "edit", "undo", "undo"]
    assert [line["author"] for line in lines].count("Boris") == 1


def test_cards_stand_where_they_were_dragged(kept):
    cards = {"S": ["a", "b", "c"], "T": ["d"]}
    kept.place("c", "S", 0, "Ada")
    kept.place("a", "S", 2, "Ada")  # c a b -> c b a
    assert kept.arranged(cards) == {"S": ["c", "b", "a"], "T": ["d"]}
    kept.place("d", "S", 1, "Ada")
    assert kept.arranged(cards) == {"S": ["c", "d", "b", "a"]}
    assert kept.arranged({"S": ["a", "b"]}) == {"S": ["b", "a"]}  # filters left the others out
    assert kept.placed() == {"S": ["c", "d", "a"]}
    kept.undo("Ada")
    assert kept.arranged(cards) == {"S": ["c", "b", "a"], "T": ["d"]}


def test_a_journal_cut_at_any_byte_keeps_every_whole_line(kept):
    for text in ("one", "żółć", "three"):
        kept.add("S", "goal", text, "Ada")
    file = kept.path / notes.FILE
    content = file.read_bytes()
    for size in range(len(content) + 1):
        file.write_bytes(content[:size])
        # a line is whole from its closing brace on, with or without its end
        whole = content[:size].count(b"\n") + content[:size].endswith(b"}")
        assert texts_of(kept) == ["one", "żółć", "three"][:whole]
        assert kept.unreadable() == 0
        if size % 7 == 0:
            kept.add("S", "goal", "after", "Ada")
            assert texts_of(kept) == ["one", "żółć", "three"][:whole] + ["after"]
            assert kept.unreadable() == 0


def test_a_line_of_any_text_cut_at_any_byte_is_an_interrupted_one(kept):
    kept.add("S", "goal", 'said "ż" \\ {"a": [1, null}], \U0001f469\n', "Ada")
    kept.place("a", "S", 12, "Ada")
    file = kept.path / notes.FILE
    for line in file.read_bytes().splitlines():
        for size in range(len(line)):
            file.write_bytes(line[:size])
            assert (kept.all(), kept.placed(), kept.unreadable()) == ((), {}, 0), line[:size]
            if size % 9 == 0:
                kept.add("S", "goal", "after", "Ada")
                assert (texts_of(kept), file.read_bytes().count(b"\n")) == (["after"], 1)


@pytest.mark.parametrize("end", [b"\r", b"\r\n", b"\n\n"])
def test_an_editor_ends_lines_as_it_likes(kept, end):
    for text in ("one", "two"):
        kept.add("S", "goal", text, "Ada")
    file = kept.path / notes.FILE
    saved = file.read_bytes().replace(b"\n", end)
    file.write_bytes(saved)
    assert (texts_of(kept), kept.unreadable()) == (["one", "two"], 0)
    kept.add("S", "goal", "three", "Ada")
    assert (texts_of(kept), kept.unreadable()) == (["one", "two", "three"], 0)
    assert file.read_bytes().startswith(saved)


OURS = '{"id": "0123456789abcdef", "at": "2026-01-01T00:00:00+00:00", "author": "Ada", "action": "add", "stage": "S", '


@pytest.mark.parametrize(
    "last",
    [
        "precious",
        "x" * 1_000_000,
        "{" + OURS,
        OURS.replace("id", "ID"),
        OURS + '"lane": "goal", "text": "' + "x" * 2001 + '"}',  # whole, though no change
        OURS + '"lane": "goal", "text": "said "no" aloud"}',  # somebody mended it by hand
        OURS + '"lane": "goal", "text": "' + "x" * 20_000,  # longer than any line of ours
        OURS + "[" * 15_000,
        (OURS + '"lane": "goal", "text": "a').encode() + b"\xff\xfe",
        OURS + '"lane": "goal", "text": "\0\0\0',
    ],
)
def test_a_last_line_that_is_not_an_interrupted_one_of_ours_is_counted_and_kept(kept, last):
    kept.add("S", "goal", "one", "Ada")
    file = kept.path / notes.FILE
    before = file.read_bytes() + (last if isinstance(last, bytes) else last.encode())
    file.write_bytes(before)
    assert (texts_of(kept), kept.unreadable()) == (["one"], 1)
    kept.add("S", "goal", "two", "Ada")
    assert file.read_bytes().startswith(before + b"\n{")
    assert (texts_of(kept), kept.unreadable()) == (["one", "two"], 1)


@posix
@pytest.mark.parametrize("what", ["link", "dangling link", "pipe", "folder"])
def test_a_journal_that_is_no_file_is_refused(kept, tmp_path, what):
    target, file = tmp_path / "target.txt", kept.path / notes.FILE
    if what == "link":
        target.write_text("first line\nprecious")
    if "link" in what:
        file.symlink_to(target)
    elif what == "pipe":
        os.mkfifo(file)
    else:
        file.mkdir()
    for call in (kept.all, kept.placed, kept.unreadable, lambda: kept.add("S", "goal", "x", "Ada"), lambda: kept.undo("Ada")):
        with pytest.raises(StoreError, match=r"notes\.jsonl is no ordinary file"):
            call()
    assert target.exists() == (what == "link")
    assert what != "link" or target.read_text() == "first line\nprecious"


def test_a_journal_longer_than_any_of_ours_is_told_of(kept, monkeypatch):
    kept.add("S", "goal", "one", "Ada")
    monkeypatch.setattr(journal, "MOST_BYTES", (kept.path / notes.FILE).stat().st_size - 1)
    for call in (kept.all, kept.placed, kept.unreadable, lambda: kept.add("S", "goal", "two", "Ada")):
        with pytest.raises(StoreError, match="to begin a new one"):
            call()


def test_the_end_of_a_line_before_counts_too(kept, monkeypatch):
    kept.add("S", "goal", "one", "Ada")
    file = kept.path / notes.FILE
    file.write_bytes(file.read_bytes()[:-1])  # whole, without its end: the next line of that length ends it first
    monkeypatch.setattr(journal, "MOST_BYTES", 2 * file.stat().st_size + 1)
    with pytest.raises(BadInput, match="to begin a new one"):
        kept.add("S", "goal", "two", "Ada")
    assert texts_of(kept) == ["one"]


def placing(kept: Notes, moves: list[tuple[str, str, int]]) -> None:
    line = {"at": "2026-01-01T00:00:00+00:00", "author": "Ada", "action": "place"}
    rows = [line | {"id": f"{n}", "touchpoint": t, "stage": s, "index": i} for n, (t, s, i) in enumerate(moves)]
    (kept.path / notes.FILE).write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.mark.parametrize("seed", range(4))
def test_cards_are_taken_and_put_one_after_the_other(kept, monkeypatch, seed):
    monkeypatch.setattr(notes, "_RUN", 3)  # so that runs are cut and used up
    dice = random.Random(seed)
    moves = [(f"t{dice.randrange(60)}", dice.choice("STU"), dice.choice([0, 1, 5, 17, 9999])) for _ in range(600)]
    placing(kept, moves)
    for cards in ({}, {"S": [f"t{i}" for i in range(20)], "V": ["t30", "t31"]}):
        made = {stage: list(names) for stage, names in cards.items()}
        for name, stage, index in moves:
            if cards and not any(name in names for names in cards.values()):
                continue
            for names in made.values():
                if name in names:
                    names.remove(name)
            made.setdefault(stage, []).insert(index, name)
        assert kept.arranged(cards) == {stage: names for stage, names in made.items() if names}


def test_many_cards_are_arranged_in_no_time(kept):
    placing(kept, [(f"t{i}", "S", 0) for i in range(20_000)] + [(f"t{i}", "T", 7000) for i in range(20_000)])
    began = time.process_time()
    assert [len(names) for names in kept.placed().values()] == [20_000]
    assert time.process_time() - began < 4  # looking through all for each takes half a minute


def test_lines_that_are_no_changes_are_counted_and_left(kept):
    kept.add("S", "goal", "one", "Ada")
    with (kept.path / notes.FILE).open("a") as stream:
        stream.write('{"id": 1}\nnot json\n[]\n{"id":"x","at":"?","author":"","action":"undo","of":"y"}\n' + "[" * 5000 + "\n")
    kept.add("S", "goal", "two", "Ada")
    assert texts_of(kept) == ["one", "two"]
    assert kept.unreadable() == 5


@pytest.mark.parametrize(
    "values",
    [
        {"action": "place", "touchpoint": "T", "index": 10**30},
        {"action": "place", "touchpoint": "T" * 1001, "index": 0},
        {"text": "x" * 2001},
        {"author": "x" * 81},
        {"text": "half a letter: \ud83d"},
        {"at": "9999-12-31T23:59:59+00:00"},
        {"at": "0001-01-01T00:00:00+00:00"},
    ],
)
def test_a_line_that_no_map_could_show_is_no_change(kept, values):
    line = {"id": "a", "at": "2026-01-01T00:00:00+00:00", "author": "Ada", "action": "add", "stage": "S", "lane": "goal"}
    (kept.path / notes.FILE).write_text(json.dumps(line | {"text": "x"} | values) + "\n")
    assert (kept.all(), kept.placed(), kept.unreadable()) == ((), {}, 1)


def test_what_a_line_says_beyond_its_action_is_left_out(kept):
    line = {"id": "a", "at": "2026-01-01T00:00:00+00:00", "author": "Ada", "action": "add", "stage": "S", "lane": "goal"}
    (kept.path / notes.FILE).write_text(json.dumps(line | {"text": "x", "note": [], "index": 0}) + "\n")
    assert texts_of(kept) == ["x"]


@posix
def test_a_writer_killed_in_the_middle_of_a_line_loses_only_that_line(kept):
    kept.add("S", "goal", "first", "Ada")
    size = (kept.path / notes.FILE).stat().st_size
    # the kernel stops the file 60 bytes into the line and then kills the process
    code = """
import resource, signal, sys
from workbench.store.notes import Notes
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
Notes(sys.argv[1]).add("S", "goal", "x" * 500, "Ada")
"""
    with python(code, kept.path, size + 60) as child:
        child.communicate(timeout=60)
    assert child.returncode == -signal.SIGXFSZ
    assert (kept.path / notes.FILE).stat().st_size == size + 60
    assert texts_of(kept) == ["first"]
    kept.add("S", "goal", "second", "Ada")
    assert texts_of(kept) == ["first", "second"]
    assert (kept.path / notes.FILE).read_bytes().count(b"\n") == 2


def test_two_writers_at_once_lose_nothing(kept):
    code = """
import sys
from workbench.store.notes import Notes
kept = Notes(sys.argv[1])
for i in range(60):
    kept.add("S", "goal", f"{sys.argv[2]} {i}", sys.argv[2])
    if i % 3 == 2:
        kept.place("a", "S", i, sys.argv[2])
"""
    children = [python(code, kept.path, name) for name in ("Ada", "Boris")]
    for child in children:
        _, said = child.communicate(timeout=120)
        assert child.returncode == 0, said
    found = texts_of(kept)
    for name in ("Ada", "Boris"):
        assert [text for text in found if text.startswith(name)] == [f"{name} {i}" for i in range(60)]
    assert len((kept.path / notes.FILE).read_text().splitlines()) == 160
    assert kept.unreadable() == 0


def test_a_disk_that_is_full_leaves_the_journal_as_it_was(kept, monkeypatch):
    kept.add("S", "goal", "one", "Ada")
    before = (kept.path / notes.FILE).read_bytes()

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(journal.os, "fsync", full)
    with pytest.raises(StoreError, match=r"was not kept.*No space left.*notes before it are untouched"):
        kept.add("S", "goal", "two", "Ada")
    assert (kept.path / notes.FILE).read_bytes() == before


def test_a_store_that_may_only_be_read_says_so(kept, monkeypatch):
    def refused(*_, **__):
        raise PermissionError(errno.EROFS, "Read-only file system")

    kept.add("S", "goal", "one", "Ada")
    monkeypatch.setattr(notes.FileLock, "acquire", refused)
    for change in (lambda: kept.add("S", "goal", "two", "Ada"), lambda: kept.undo("Ada")):
        with pytest.raises(StoreError, match="may not be written to; ask for the right"):
            change()
    assert texts_of(kept) == ["one"]


def test_no_store_no_notes(tmp_path):
    assert Notes(tmp_path).all() == ()
    with pytest.raises(StoreError, match="not a store"):
        Notes(tmp_path).add("S", "goal", "one", "Ada")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda kept: kept.add("S", "goal", "x" * 2001, "Ada"), "1 to 2,000 characters; this one has 2,001"),
        (lambda kept: kept.add("S", "goal", " \n\t", "Ada"), "this one has 0"),
        (lambda kept: kept.add("S", "goal", 3, "Ada"), "int was given"),
        (lambda kept: kept.add("S", "goal", "x", "a" * 81), "at most 80 characters; this one has 81"),
        (lambda kept: kept.add("", "goal", "x", "Ada"), r"\(stage\).*has 0"),
        (lambda kept: kept.add("S\n", "goal", "x", "Ada"), r"\(stage\)"),
        (lambda kept: kept.add("S", "../goal", "x", "Ada"), "no lane"),
        (lambda kept: kept.place("t", "S", -1, "Ada"), "-1 is not a place"),
        (lambda kept: kept.place("t", "S", True, "Ada"), "True is not a place"),
        (lambda kept: kept.place("t" * 1001, "S", 0, "Ada"), r"\(touchpoint\).*1,001"),
    ],
)
def test_bounds(kept, call, says):
    with pytest.raises(BadInput, match=says):
        call(kept)
    assert not kept.all()


def test_no_more_notes_than_can_be_shown(kept, monkeypatch):
    monkeypatch.setattr(notes, "MOST_NOTES", 2)
    first = kept.add("S", "goal", "one", "Ada")
    kept.add("S", "goal", "two", "Ada")
    with pytest.raises(BadInput, match="2 notes already"):
        kept.add("S", "goal", "three", "Ada")
    kept.remove(first.id, "Ada")
    kept.add("S", "goal", "three", "Ada")
    monkeypatch.setattr(journal, "MOST_BYTES", (kept.path / notes.FILE).stat().st_size)
    with pytest.raises(BadInput, match="to begin a new one"):
        kept.undo("Ada")


def test_what_can_not_be_shown_is_left_out(kept):
    made = kept.add("S", "goal", "<b>a\x00\x1b\u202eb</b> \ud800👩‍👧 ok", "A\nd\u2066a")
    assert made.text == "<b>ab</b> 👩‍👧 ok"
    assert made.author == "A da"


def test_loads_and_repairs_leave_notes_alone(kept, store, put, events):
    kept.add("S", "goal", "one", "Ada")
    put("events", events)
    put("events", events)
    store.repair()
    assert texts_of(Notes(str(Store.open(store.path).path))) == ["one"]
