"""`python3 -m workbench repair`: what it finds, what it does, what it leaves alone."""

from __future__ import annotations

import re

import pytest

from workbench import cli
from workbench.errors import StoreError
from workbench.locale import LANGUAGES
from workbench.store import Store


def said(capsys, *arguments) -> tuple[int, list[str], list[str]]:
    """Exit code of the command, the lines it printed, the lines of its errors."""
    code = cli.main(["repair", *map(str, arguments)])
    found = capsys.readouterr()
    return code, found.out.splitlines(), found.err.splitlines()


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "lock"}


def test_a_whole_store_is_left_alone(store, put, events, capsys):
    put("events", events)
    before = contents(store.path)
    sentence = f"Store {store.path} is whole: every file of version 1 was read, and nothing had to be done."
    assert said(capsys, store.path) == (0, [sentence], [])
    assert contents(store.path) == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_damaged_part_leads_back_to_the_version_before(store, put, events, capsys, language):
    put("events", events[:10])
    put("events", events)
    part = store.manifest().tables["events"].files[1]
    content = bytearray(part.read_bytes())
    content[100] ^= 0xFF  # as long as before: only reading it tells
    part.write_bytes(content)
    code, out, err = said(capsys, store.path, "--language", language)
    assert (code, len(out), err) == (0, 2, [])
    assert str(part) in out[0] and "1" in out[1] and "Twelve" in out[1]
    Store.open(store.path).verify()
    assert store.version == 1 and store.manifest().tables["events"].n_rows == 10
    # as the command says, what came after is loaded again
    put("events", events)
    assert store.manifest().tables["events"].n_rows == len(events) and said(capsys, store.path)[1][0].startswith("Store ")


def test_the_time_is_the_companys(tmp_path, put, capsys, monkeypatch):
    monkeypatch.setattr("workbench.store.folder.now", lambda: "2026-03-01T23:30:00+00:00")
    store = Store.create(tmp_path / "other", name="Firma", timezone="Europe/Warsaw")
    (store.path / "current.json").write_text("{")
    assert "Version 0 of Firma, from 2 Mar 2026 00:30, is the newest that is whole" in said(capsys, store.path)[1][1]


def test_a_lost_pointer_is_found_again_and_nothing_is_written_over(store, put, events, capsys):
    put("events", events)
    pointer = store.path / "current.json"
    pointer.unlink()
    with pytest.raises(StoreError, match=r"lacks its file .*current.json.*python3 -m workbench repair"):
        Store.open(store.path)
    with pytest.raises(StoreError, match=r"lacks its file .*current.json"):
        Store.create(store.path, name="New")
    code, out, _ = said(capsys, store.path)
    assert code == 0 and str(pointer) in out[0]
    assert Store.open(store.path).manifest().tables["events"].n_rows == len(events)


def test_the_command_an_error_names_is_this_one(store, put, events, capsys):
    put("events", events)
    (store.path / "manifests" / "000001.json").unlink()
    with pytest.raises(StoreError) as raised:
        Store.open(store.path)
    for language in LANGUAGES:
        command, folder = re.search(r'python3 -m workbench (\w+) "(.+?)"', raised.value.text(language)).groups()
        assert (command, folder) == ("repair", str(store.path))


def test_where_nothing_is_whole(store, put, events, capsys):
    put("events", events)
    for path in (store.path / "manifests").iterdir():
        path.write_text("{}")
    code, out, err = said(capsys, store.path)
    assert (code, len(out)) == (1, 1) and err == [
        f"No version of store {store.path} is whole; restore the folder from a backup, or load the sources into a new store."
    ]


def test_what_is_no_store_is_left_alone(tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("mine")
    for folder in (tmp_path, tmp_path / "none"):
        code, out, err = said(capsys, folder)
        assert (code, out, len(err)) == (1, [], 1)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_store_of_a_newer_program_is_not_put_back(store, put, events, capsys):
    put("events", events)
    pointer = store.path / "current.json"
    pointer.write_text('{"format": 2, "version": 9}')
    code, out, err = said(capsys, store.path, "--language", "pl")
    assert (code, out) == (1, []) and "format 2" in err[0]
    assert pointer.read_text() == '{"format": 2, "version": 9}'
