"""Versions: made in one step, kept for a while, and clear words about folders that are no store."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from workbench.errors import NotFound, StoreError
from workbench.model import Rule, Study
from workbench.store import Origin, Store, files, parts


def study(store: Store, version: int) -> Study:
    return Study(str(store.path), version, "Twelve", store.manifest(version).columns, Rule("customer"))


def test_a_new_store_is_version_0_and_has_a_secret_of_its_own(store, tmp_path):
    found = store.manifest()
    assert (found.version, found.name, found.timezone, found.synthetic) == (0, "Twelve", "UTC", False)
    assert not found.tables
    assert len(store.secret) == 32
    assert store.secret != Store.create(tmp_path / "other", name="Other").secret
    if os.name == "posix":
        assert stat.S_IMODE((store.path / "secret").stat().st_mode) == 0o600


def test_what_a_store_says_about_the_company_stays(tmp_path):
    Store.create(tmp_path / "s", name="Łódź & Sons", timezone="Europe/Warsaw", synthetic=True)
    found = Store.open(tmp_path / "s").manifest()
    assert (found.name, found.timezone, found.synthetic) == ("Łódź & Sons", "Europe/Warsaw", True)
    assert found.created_at.endswith("+00:00")


def test_versions_do_not_change(store, put, read, events):
    put("events", events[:10])
    put("events", events[:20])
    assert len(read("events", version=1)) == 10
    assert len(read("events", version=2)) == 20
    assert store.versions == [0, 1, 2]


def test_the_last_five_versions_are_kept(store, put, events):
    for count in range(1, 9):
        put("events", events[:count])
    with pytest.raises(StoreError, match=r"Version 2 of store .* is not kept; the current one is 8"):
        store.manifest(2)
    # the sweep comes at the beginning of a load, so one more is left until the next
    assert store.versions == [3, 4, 5, 6, 7, 8]
    assert [path.name[:13] for path in files(study(store, 3), "events")] == [f"events-{number:06}" for number in (1, 2, 3)]


def test_files_that_no_kept_version_needs_go(store, put):
    for plan in range(8):
        put("customers", [{"customer_id": "c01", "plan": str(plan)}])
    assert len(list((store.path / "parts").iterdir())) == 6
    store.verify(3)
    store.verify(8)


def test_prepared_files_go_with_their_version(store, put, events):
    store.prepared_dir.mkdir()
    for version in range(1, 8):
        put("events", events[:version])
        (store.prepared_dir / f"{version:06}-abc.duckdb").touch()
    put("events", events[:20])
    assert sorted(path.name[:6] for path in store.prepared_dir.iterdir()) == [f"{version:06}" for version in range(3, 8)]


def test_leftovers_of_a_killed_load_are_swept_by_the_next(store, put, events):
    put("events", events[:10])
    orphan = store.path / "parts" / "events-000002-dead.parquet"
    orphan.write_bytes(b"PAR1")
    half = store.path / "manifests" / ".000002.json.dead.tmp"
    half.write_bytes(b"{")
    unpointed = store.path / "manifests" / "000002.json"
    unpointed.write_bytes((store.path / "manifests" / "000001.json").read_bytes())
    assert Store.open(store.path).version == 1
    put("events", events)
    assert not orphan.exists()
    assert not half.exists()
    assert store.version == 2
    store.verify()


def test_files_of_a_study(store, put, events):
    put("events", events[:10])
    put("events", events)
    assert files(study(store, 1), "events") == list(store.manifest(1).tables["events"].files)
    assert len(files(study(store, 2), "events")) == 2
    assert files(study(store, 2), "reviews") == []


def test_a_rename_is_a_version_and_the_zone_is_settled_by_the_first_load(store, put, events):
    with store.writing() as writer:
        writer.describe(name="Dozen", timezone="Asia/Almaty")
    assert (store.version, store.manifest().name, store.manifest().timezone) == (1, "Dozen", "Asia/Almaty")
    with store.writing() as writer:
        writer.describe(name="Dozen", timezone="UTC")
    assert (store.version, store.manifest().timezone) == (1, "Asia/Almaty")


def test_the_same_source_and_mapping_are_recognised(store, conformed, events):
    origin = Origin("log.csv", "csv", sha256="f00", mapping="m1")
    store.append(conformed("events", events), origin=origin)
    (record,) = store.already_loaded(Origin("renamed.csv", "csv", sha256="f00", mapping="m1"))
    assert (record.source, record.table, record.rows_in, record.version) == ("log.csv", "events", 54, 1)
    assert store.already_loaded(Origin("log.csv", "csv", sha256="f00", mapping="m2")) == ()
    assert store.already_loaded(Origin("log.csv", "csv", sha256="f01", mapping="m1")) == ()


def test_folders_that_are_no_store(tmp_path, store):
    with pytest.raises(StoreError, match=r"There is no folder .*missing"):
        Store.open(tmp_path / "missing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(StoreError, match=r"is not a store: it has no file current.json"):
        Store.open(tmp_path / "empty")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("dear")
    with pytest.raises(StoreError, match=r"is not empty \(it has letter.txt\)"):
        Store.create(tmp_path / "full", name="x")
    with pytest.raises(StoreError, match="already holds a store"):
        Store.create(store.path, name="x")
    with pytest.raises(StoreError, match=r"letter.txt is a file; name a folder"):
        Store.create(tmp_path / "full" / "letter.txt", name="x")
    with pytest.raises(NotFound, match="Did you mean “Europe/Warsaw”"):
        Store.create(tmp_path / "zone", name="x", timezone="Europe/Warsawa")


def test_what_a_killed_creation_left_is_no_obstacle(tmp_path):
    folder = tmp_path / "s"
    Store.create(folder, name="x")
    (folder / "current.json").unlink()
    (folder / "manifests" / "000000.json").write_bytes(b"")
    assert Store.create(folder, name="y").manifest().name == "y"


def test_a_store_of_a_newer_program(store):
    path = store.path / "current.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 2}))
    with pytest.raises(StoreError, match=r"newer workbench \(format 2, this one knows up to 1\)"):
        Store.open(store.path)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]", b'{"format": 1}', b'{"format": 1, "version": "2"}'])
def test_a_damaged_pointer_is_named_and_repaired(store, put, events, content):
    put("events", events)
    (store.path / "current.json").write_bytes(content)
    with pytest.raises(StoreError, match=r"current.json .* is damaged.*python3 -m workbench repair \""):
        Store.open(store.path)
    assert store.repair() == 1
    Store.open(store.path).verify()


def test_a_damaged_manifest_is_named_and_the_version_before_can_be_had(store, put, events):
    put("events", events[:10])
    put("events", events)
    path = store.path / "manifests" / "000002.json"
    path.write_bytes(path.read_bytes().replace(b'"n_rows": 44', b'"n_rows": 45'))
    with pytest.raises(StoreError, match=r"000002.json .* is damaged"):
        Store.open(store.path)
    assert store.manifest(1).tables["events"].n_rows == 10
    assert store.repair() == 1
    assert Store.open(store.path).version == 1


def test_a_missing_manifest_is_named(store, put, events):
    put("events", events)
    (store.path / "manifests" / "000001.json").unlink()
    with pytest.raises(StoreError, match=r"lacks its file .*000001.json"):
        Store.open(store.path)


def damage(path: Path, how: str) -> None:
    content = path.read_bytes()
    if how == "truncated":
        path.write_bytes(content[: len(content) // 2])
    elif how == "missing":
        path.unlink()
    else:
        path.write_bytes(content[:100] + bytes([content[100] ^ 0xFF]) + content[101:])


@pytest.mark.parametrize("how", ["truncated", "missing"])
def test_a_damaged_part_is_named_at_opening(store, put, events, how):
    put("events", events[:10])
    put("events", events)
    part = store.manifest().tables["events"].files[1]
    damage(part, how)
    with pytest.raises(StoreError, match=rf"{part.name} of store .* is damaged or missing; restore it from a backup"):
        Store.open(store.path)
    with pytest.raises(StoreError, match=part.name):
        files(study(store, 2), "events")
    assert files(study(store, 1), "events")
    assert store.repair() == 1
    # the newer rows are loaded once more
    put("events", events)
    assert Store.open(store.path).manifest().tables["events"].n_rows == 54


def test_a_flipped_bit_is_found_by_reading_everything(store, put, events):
    put("events", events)
    (part,) = store.manifest().tables["events"].files
    damage(part, "flipped")
    Store.open(store.path)
    with pytest.raises(StoreError, match=part.name):
        store.verify()


def test_a_damaged_part_stops_a_load_with_its_name(store, put, events, monkeypatch):
    put("events", events)
    (part,) = store.manifest().tables["events"].files
    content = part.read_bytes()
    part.write_bytes(content[: len(content) // 2])
    with pytest.raises(StoreError, match=part.name):
        put("events", events, name="again.csv")
    assert store.version == 1


def test_nothing_is_swept_while_a_kept_manifest_is_damaged(store, put, events):
    put("events", events[:10])
    put("events", events[:20])
    (store.path / "manifests" / "000001.json").write_bytes(b"{")
    orphan = store.path / "parts" / "events-000009-dead.parquet"
    orphan.write_bytes(b"PAR1")
    put("events", events)
    assert orphan.exists()
    assert store.version == 3


def test_a_lost_secret_is_only_missed_where_something_was_hashed(store, put, conformed, events):
    (store.path / "secret").unlink()
    put("events", events[:3])
    first = store.secret
    put("events", [{**events[3], "event_id": "p", "email": "hash"}], personal=("email",))
    assert store.secret == first
    (store.path / "secret").write_bytes(b"another")
    with pytest.raises(StoreError, match="with which personal data were hashed, is missing or another"):
        _ = store.secret
    # reading needs no secret
    Store.open(store.path).verify()


def test_reading_leaves_nothing_behind(store, put, events):
    put("events", events)
    before = {path: path.stat().st_mtime_ns for path in store.path.rglob("*")}
    opened = Store.open(store.path)
    opened.verify()
    parts.whole(opened.manifest().tables["events"])
    assert {path: path.stat().st_mtime_ns for path in store.path.rglob("*")} == before
