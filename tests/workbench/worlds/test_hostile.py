"""Declarations and folders that no sensible person would give: each is refused in one sentence, nothing is left half done."""

import pytest

from workbench import worlds
from workbench.errors import BadInput, WorkbenchError
from workbench.store import Store
from workbench.worlds import key, raw, truths
from workbench.worlds.estimates import logistic
from workbench.worlds_command import make

SMALL = """
name = "x"
customers = 5
start = "2026-01-01"
end = "2026-01-02"
[attributes]
device = { "a 1.5" = 1.0 }
[journeys]
yearly = 300
channel = { "a 1.5" = { w = 1.0 } }
begin = { w = { "T. 1" = 1.0 } }
[touchpoints."T. 1"]
stage = "s"
wait = "1h"
"""


@pytest.fixture
def declared(tmp_path):
    file = tmp_path / "small.toml"
    file.write_text(SMALL, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("customers = 5", "customers = 0", 3),
        ("customers = 5", f"customers = 1{'0' * 400}", 3),
        ("customers = 5", "customers = 5\nseed = -1", 4),
        ('"2026-01-01"', "2026-01-01T00:00:00", 4),
        ('"2026-01-01"', '"0001-01-01"', 4),
        ('"2026-01-02"', '"9999-12-31"', 5),
        ("[journeys]", "mood = { a = 1.0 }\n[journeys]", 8),
        ('channel = { "a 1.5" = { w = 1.0 } }', 'channel = { "a 1.5" = 3 }', 10),
        ("[journeys]", "[season]\nweekday = [inf, 1, 1, 1, 1, 1, 1]\n[journeys]", 9),
        ("name =", "incidents = [1]\nname =", 2),
        ('name = "x"', 'name = "x"\ntimezone = "Europe"', 3),
        ('name = "x"', f'name = "x"\ndeep = {"[" * 5000}{"]" * 5000}', None),
    ],
)
def test_absurd_entries_are_refused_with_their_line(old, new, line):
    assert old in SMALL
    with pytest.raises(BadInput, match=f"^x.toml, line {line or '.'}: "):
        worlds.parse(SMALL.replace(old, new, 1), "x.toml")


def test_a_file_that_is_no_text_is_refused(tmp_path):
    file = tmp_path / "bytes.toml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match=r"bytes\.toml"):
        worlds.read(file)


@pytest.mark.parametrize("zone", ["Atlantic/Azores", "Asia/Beirut"])
def test_clocks_may_change_at_midnight(zone):
    # the Azores have two midnights on 26 October 2025, Beirut none on 29 March 2026
    text = SMALL.replace('"x"', f'"x"\ntimezone = "{zone}"', 1).replace("2026-01-01", "2025-10-20").replace("01-02", "04-02")
    world = worlds.parse(text)
    company = worlds.generate(world, seed=1)
    assert truths.report(company.tables, company.key, world)
    # an hour more in autumn and one less in spring
    assert company.end_s == 165 * 86400


def test_a_company_without_journeys_has_no_events():
    company = worlds.generate(worlds.parse(SMALL.replace("300", "0")))
    assert len(company.tables["events"]) == 0 and len(company.tables["customers"]) == 5


def test_stopped_while_the_key_is_written_nothing_is_left(tmp_path, declared, monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(key, "keep", stopped)
    with pytest.raises(KeyboardInterrupt):
        make(declared, tmp_path / "store")
    assert not (tmp_path / "store").exists() and not key.folder_of(tmp_path / "store").exists()
    monkeypatch.undo()
    make(declared, tmp_path / "store")
    assert Store.exists(tmp_path / "store") and key.read_key(key.folder_of(tmp_path / "store")).name == "x"


def test_files_of_others_are_never_touched(tmp_path, declared):
    for folder in ("store", "store.key"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.parquet").write_text("mine")
        with pytest.raises(BadInput, match="isn’t empty"):
            make(declared, tmp_path / "store")
        assert [one.name for one in (tmp_path / folder).iterdir()] == ["mine.parquet"]
        (tmp_path / folder / "mine.parquet").unlink()
    folder = tmp_path / "store.key"
    (folder / "mine.parquet").write_text("mine")
    key.write_key(folder, "x", (), {})
    assert (folder / "mine.parquet").read_text() == "mine"


def test_seeds_and_folders_that_cant_be_are_said(tmp_path, declared):
    with pytest.raises(BadInput, match="seed -3"):
        make(declared, tmp_path / "store", seed=-3)
    company = worlds.generate(worlds.read(declared))
    (tmp_path / "file").write_text("x")
    with pytest.raises(WorkbenchError, match="file"):
        raw.write(company, tmp_path / "file")


def test_a_column_that_decides_the_outcome_has_no_odds_ratio():
    found = logistic({"a": [0] * 50 + [1] * 3, "b": [0] * 52 + [1]}, [0, 1] * 25 + [0, 0, 0])
    assert found["a"].value != found["a"].value
