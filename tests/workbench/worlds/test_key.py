"""The answer key: written beside a store in one step, read back as written, never inside a store; its sentences."""

import json
import math

import pandas as pd
import pytest

from workbench import cli
from workbench.errors import BadInput, StoreError
from workbench.locale import texts
from workbench.store import Store
from workbench.worlds import key as keys
from workbench.worlds.truths import Measured, Truth, sentence, written

EFFECT = Truth(
    "campaigns.spring.effect.gold",
    "campaign_effect",
    {"campaign": "spring", "attributes": {"plan": "gold"}, "treatment": 0.22, "control": 0.04},
    0.18,
    "difference",
    "Gold customers answer.",
)
FATIGUE = Truth("campaigns.spring.fatigue", "campaign_fatigue", {"campaign": "spring"}, 0.7, "ratio")
MEASURED = (Measured(EFFECT, 0.1712, 0.1503, 0.1921, 1203), Measured(FATIGUE, math.nan, math.nan, math.nan, 12))


@pytest.fixture
def tables():
    return {
        "arms": pd.DataFrame({"contact_id": ["k1", "k2"], "prior_contacts": [0, 3], "p_control": [0.04, 0.5]}),
        "months": pd.DataFrame({"customer_id": ["c1"], "left": [True]}),
    }


def same(one: Measured, other: Measured) -> bool:
    ends = zip((one.estimate, one.low, one.high), (other.estimate, other.low, other.high), strict=True)
    return one.truth == other.truth and one.n == other.n and all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in ends)


def test_what_is_written_is_read_back(tmp_path, tables):
    folder = keys.folder_of(tmp_path / "company")
    assert folder == tmp_path / "company.key"
    keys.write_key(folder, "Meridian", MEASURED, tables)
    found = keys.read_key(folder)
    assert found.name == "Meridian"
    assert all(same(*pair) for pair in zip(found.measured, MEASURED, strict=True))
    for name, frame in tables.items():
        pd.testing.assert_frame_equal(found.tables[name], frame)


def test_the_same_key_has_the_same_bytes_and_a_new_one_leaves_nothing_of_the_old(tmp_path, tables):
    for name in ("one.key", "two.key"):
        keys.write_key(tmp_path / name, "Meridian", MEASURED, tables)
    one, two = ({file.name: file.read_bytes() for file in (tmp_path / name).iterdir()} for name in ("one.key", "two.key"))
    assert one == two and len(one) == 3
    keys.write_key(tmp_path / "one.key", "Meridian", MEASURED[:1], {"arms": tables["arms"].head(1)})
    assert len(list((tmp_path / "one.key").iterdir())) == 2
    assert len(keys.read_key(tmp_path / "one.key").tables["arms"]) == 1


def test_stopped_half_way_the_old_key_stands(tmp_path, tables, monkeypatch):
    folder = tmp_path / "company.key"
    keys.write_key(folder, "Meridian", MEASURED, tables)
    whole = keys.write_atomic

    def stops(path, content):
        if path.name == keys.TRUTHS:
            raise OSError(28, "No space left on device")
        whole(path, content)

    monkeypatch.setattr(keys, "write_atomic", stops)
    with pytest.raises(StoreError):
        keys.write_key(folder, "Other", MEASURED[:1], {"arms": tables["arms"].head(1)})
    found = keys.read_key(folder)
    assert found.name == "Meridian" and len(found.tables["arms"]) == 2


def test_it_is_refused_in_a_store_and_anywhere_below(tmp_path, tables):
    store = Store.create(tmp_path / "company", name="Meridian").path
    before = sorted(store.rglob("*"))
    for folder in (store, store / "key", store / "prepared" / "key"):
        with pytest.raises(BadInput, match="company"):
            keys.write_key(folder, "Meridian", MEASURED, tables)
    assert sorted(store.rglob("*")) == before


def test_a_missing_or_changed_key_is_said(tmp_path, tables):
    with pytest.raises(BadInput, match="no answer key"):
        keys.read_key(tmp_path / "none.key")
    folder = tmp_path / "company.key"
    keys.write_key(folder, "Meridian", MEASURED, tables)
    table = next(folder.glob("arms-*.parquet"))
    table.write_bytes(table.read_bytes()[:-1])
    with pytest.raises(BadInput, match=table.name):
        keys.read_key(folder)
    (folder / keys.TRUTHS).write_text("{}")
    with pytest.raises(BadInput, match="make the company anew"):
        keys.read_key(folder)


def test_machines_can_read_it(tmp_path, tables):
    keys.write_key(tmp_path / "company.key", "Meridian", MEASURED, tables)
    first, second = json.loads((tmp_path / "company.key" / "truths.json").read_text(encoding="utf-8"))["truths"]
    assert (first["kind"], first["size"], first["unit"]) == ("campaign_effect", 0.18, "difference")
    assert first["place"]["attributes"] == {"plan": "gold"} and first["low"] == 0.1503
    assert second["estimate"] is None and second["n"] == 12


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["22%", "4%", "plan gold", "planted +18.0 points", "+17.1 points, 15.0 to 19.2, n = 1,203"]),
        ("ru", ["22 %", "4 %", "plan gold", "заложено +18,0 п. п.", "+17,1 п. п., от 15,0 до 19,2, n = 1 203"]),
        ("pl", ["22%", "4%", "plan gold", "założono +18,0 p.p.", "+17,1 p.p., od 15,0 do 19,2, n = 1 203"]),
    ],
)
def test_a_facilitator_reads_one_sentence_a_truth(language, words):
    line = sentence(MEASURED[0], language).replace("\xa0", " ")
    assert [word for word in words if word not in line] == []
    untold = sentence(MEASURED[1], language)
    assert "0.70" in untold.replace(",", ".") and "12" in untold and "nan" not in untold.lower()


def test_sizes_are_written_in_their_unit():
    t = texts("en")
    assert [written(*one, t) for one in ((0.2, "share"), (0.0042, "share"), (-0.0312, "difference"), (1.6, "ratio"))] == [
        "20.0%", "0.42%", "−3.1 points", "×1.60",
    ]  # fmt: skip
    assert written(-0.8, "points", t) == "−0.80" and written(208800, "seconds", t) == "2.4 d"


def test_a_truth_without_a_known_unit_is_refused():
    with pytest.raises(ValueError, match="percent"):
        Truth("campaigns.x", "campaign_effect", {}, 0.1, "percent")


def test_the_command_prints_it(tmp_path, tables, capsys):
    store = tmp_path / "company"
    assert cli.main(["worlds", "key", str(store)]) == 1
    assert "no answer key" in capsys.readouterr().err
    keys.write_key(keys.folder_of(store), "Meridian", MEASURED, tables)
    assert cli.main(["worlds", "key", str(store)]) == 0
    short = capsys.readouterr().out.splitlines()
    assert short[2] == "What there is to find" and "×0.70" not in " ".join(short) and "1 number" in short[-1]
    assert cli.main(["worlds", "key", "--all", str(store)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "Meridian" in lines[0] and lines[: len(short) - 3] == short[:-3]
    # what the declaration says of it, then its number; what it says nothing of stands below, by what it is about
    place = lines.index("  Gold customers answer.")
    assert lines[place - 1] == "What there is to find" and "+18.0 points" in lines[place + 1]
    assert "×0.70" in lines[lines.index("Campaigns") + 1] and lines.index("Campaigns") > place
    assert "1 of 1 intervals" in lines[-1] and "2 truths" in lines[-1]
