"""Whatever happens during a load, the last version still opens, and what happened is said in one sentence."""

from __future__ import annotations

import datetime as dt
import errno
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import workbench as wb
from workbench.errors import StoreError
from workbench.store import Store, disk, files, folder, parts

FILES, ROWS = 200, 150
ROOT = Path(wb.__file__).parent.parent
posix = pytest.mark.skipif(os.name != "posix", reason="kill -9 and fork are POSIX")


@pytest.fixture(scope="module")
def victim():
    """Gives work to a process whose copies may be killed; see victim.py."""
    script = Path(__file__).with_name("victim.py")
    pipe, paths = subprocess.PIPE, {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, str(script)], env=paths, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout.readline() == "ready\n"

        def give(*command: object) -> int:
            process.stdin.write("\t".join(str(word) for word in command) + "\n")
            process.stdin.flush()
            return int(process.stdout.readline())

        give.lines = process.stdout
        yield give
        process.stdin.close()


def until_over(lines) -> list[str]:
    return list(iter(lambda: lines.readline().strip(), "over"))


def n_rows(store: Path) -> int:
    return sum(entry.n_rows for entry in Store.open(store).manifest().tables.values())


@pytest.fixture
def daily_files(tmp_path) -> list[Path]:
    found = []
    for day in range(FILES):
        path = tmp_path / f"day{day:03}.csv"
        lines = [f"e{day}-{row},c{row % 40},2026-01-01 {row % 24:02}:{day % 60:02},Search" for row in range(ROWS)]
        path.write_text("event_id,customer_id,occurred_at,touchpoint\n" + "\n".join(lines) + "\n")
        found.append(path)
    return found


@posix
def test_killed_twenty_times_at_random_moments(victim, tmp_path, daily_files):
    dice = random.Random(20260302)
    store = tmp_path / "store"
    loaded = 0
    for _ in range(20):
        child = victim("load", store, *daily_files[loaded:])
        # in the middle of the first load or of a later one; a load takes some ten milliseconds
        whole = dice.randrange(3)
        for _ in range(whole):
            assert victim.lines.readline() == "loaded\n"
        time.sleep(dice.uniform(0.0, 0.1))
        os.kill(child, signal.SIGKILL)
        said = whole + until_over(victim.lines).count("loaded")
        if not Store.exists(store):
            assert (loaded, said) == (0, 0)
            continue
        Store.open(store).verify()
        found = n_rows(store)
        # what was said to be loaded is there; of the load that was killed all or nothing
        assert found in ((loaded + said) * ROWS, (loaded + said + 1) * ROWS)
        loaded = found // ROWS
    assert 0 < loaded < FILES
    # and it goes on from there; what is there is not added twice
    report = wb.load(daily_files[: loaded + 1], store)
    assert report.rows["loaded"].sum() == ROWS
    assert n_rows(store) == (loaded + 1) * ROWS
    assert wb.open(store).version == report.version
    unused = {path.name for path in (store / "parts").iterdir()} - {path.name for path in files(wb.open(store), "events")}
    assert not unused


@posix
def test_killed_before_each_thing_it_does_to_the_disk(victim, tmp_path):
    store = Store.create(tmp_path / "store", name="x")
    for last in range(200):
        before = store.version
        victim("step", store.path, last)
        said = until_over(victim.lines)
        store.verify()
        found = Store.open(store.path).manifest()
        n = sum(entry.n_rows for entry in found.tables.values())
        assert found.version - before in (0, 1)
        assert n == found.version
        if said == ["whole"]:
            break
    # a part, a manifest and a pointer are written, synced and renamed: fewer steps would mean that little was tried
    assert last > 12
    assert found.version == before + 1


def failing(call, left: list[int], code: int):
    def wrapped(*arguments, **more):
        if left[0] == 0:
            raise OSError(code, os.strerror(code))
        left[0] -= 1
        return call(*arguments, **more)

    return wrapped


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (errno.ENOSPC, "The disk is full, so nothing was loaded into .*; its last version is untouched"),
        (errno.EDQUOT, "The disk is full"),
        (errno.EIO, r"Writing to .* failed \(Input/output error\); its last version is untouched"),
        (errno.EROFS, "may not be written to"),
    ],
)
def test_a_disk_that_fails_at_each_write(store, put, events, monkeypatch, code, sentence):
    put("events", events[:5])
    before = sorted(path.name for path in store.path.rglob("*"))
    for last in range(200):
        left = [last]
        with monkeypatch.context() as patch:
            patch.setattr(disk.Hashed, "write", failing(disk.Hashed.write, left, code))
            patch.setattr(disk.os, "open", failing(os.open, left, code))
            patch.setattr(disk.os, "replace", failing(os.replace, left, code))
            try:
                put("events", events)
                break
            except StoreError as error:
                assert re.search(sentence, str(error))
        assert store.version == 1
        assert sorted(path.name for path in store.path.rglob("*")) == before
    assert last > 8
    assert store.version == 2
    store.verify()


@posix
def test_a_file_size_limit_is_a_full_disk(tmp_path, daily_files):
    store = tmp_path / "store"
    wb.load(daily_files[0], store)
    big = tmp_path / "big.csv"
    lines = (f"b{row},c{row},2026-01-01 00:00,{random.Random(row).random()}" for row in range(20_000))
    big.write_text("event_id,customer_id,occurred_at,touchpoint\n" + "\n".join(lines) + "\n")
    limited = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)); "
        "from workbench import cli; sys.exit(cli.main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", limited, "load", str(big), "--into", str(store)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith(f"The disk is full, so nothing was loaded into {store}; its last version is untouched.")
    assert n_rows(store) == ROWS
    assert len(list((store / "parts").iterdir())) == 1


@posix
def test_a_disk_that_is_really_full(tmp_path, daily_files):
    place = tmp_path / "disk"
    place.mkdir()
    mounted = (
        os.geteuid() == 0
        and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)], capture_output=True).returncode
        == 0
    )
    if not mounted:
        pytest.skip("a small disk can't be mounted here: needs root")
    try:
        store = place / "store"
        wb.load(daily_files[0], store)
        with pytest.raises(StoreError, match="The disk is full"):
            for file in daily_files[1:]:
                before = n_rows(store)
                wb.load(file, store)
        assert n_rows(store) == before
        Store(store).verify()
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_second_load_at_once_waits_and_then_says_so(store, put, events):
    with store.writing():
        began = time.monotonic()
        with pytest.raises(StoreError, match=r"Another load into .* is under way"), store.writing(wait=0.2):
            pass
        assert 0.2 <= time.monotonic() - began < 3
    put("events", events)


@posix
def test_the_lock_of_a_dead_process_does_not_block(victim, store, put, events):
    child = victim("hold", store.path)
    assert victim.lines.readline() == "held\n"
    with pytest.raises(StoreError, match="under way"), store.writing(wait=0.1):
        pass
    os.kill(child, signal.SIGKILL)
    until_over(victim.lines)
    put("events", events)
    assert store.version == 1


def test_two_loads_at_once_both_arrive(tmp_path, daily_files):
    store = tmp_path / "store"
    reports: list = []

    def run(file: Path) -> None:
        reports.append(wb.load(file, store))

    threads = [threading.Thread(target=run, args=(file,)) for file in daily_files[:2]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(report.version for report in reports) == [1, 2]
    assert n_rows(store) == 2 * ROWS


def test_readers_see_whole_versions_while_one_loads(store, put):
    stop = threading.Event()
    seen: list[tuple[int, int]] = []
    wrong: list[object] = []

    def reader() -> None:
        while not stop.is_set():
            try:
                manifest = Store.open(store.path).manifest()
                entry = manifest.tables.get("events")
                if entry:
                    seen.append((manifest.version, parts.whole(entry).num_rows))
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=reader) for _ in range(3)]
    for thread in threads:
        thread.start()
    rows: list[dict] = []
    try:
        for version in range(1, 16):
            at = dt.datetime(2026, 1, version, tzinfo=dt.UTC)
            event = {"customer_id": "c", "occurred_at": at, "touchpoint": "x"}
            rows += [{"event_id": f"{version}-{number}", **event} for number in range(10)]
            put("events", rows)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not wrong
    assert seen
    assert all(n == 10 * version for version, n in seen)


def test_a_folder_that_may_not_be_written_to(store, put, events, monkeypatch):
    put("events", events)

    def refused(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(folder.FileLock, "acquire", refused)
    with pytest.raises(StoreError, match="may not be written to; ask for the right"):
        put("events", events[:3])
    Store.open(store.path).verify()
