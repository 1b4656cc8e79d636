"""A store that somebody changed by hand, seal and all: a StoreError, never a file from elsewhere or a bare exception."""

import hashlib
import json
import shutil

import company
import pandas as pd
import pytest

import workbench as wb
from workbench.errors import StoreError
from workbench.store import Store

PART = ("events", "parts", 0)
TAMPERED = [
    ((*PART, "path"), name) for name in ("../../../etc/passwd", "..", "", "a\0b.parquet", "*.parquet", "a'b.parquet")
] + [
    ((*PART, "n_rows"), "5"),
    ((*PART, "n_rows"), 10**30),
    ((*PART, "bytes"), -1),
    (("events", "next_order"), 10**30),
    (("events", "columns", "touchpoint"), "evil"),
    (("events", "columns"), ["touchpoint"]),
]


@pytest.fixture
def store(tmp_path):
    wb.load(pd.DataFrame(company.rows()), into=tmp_path / "store", name="Twelve")
    return tmp_path / "store"


def seal(store, change) -> None:
    path = store / "manifests" / "000001.json"
    body = json.loads(path.read_text(encoding="utf-8"))["manifest"]
    change(body)
    text = json.dumps(body, ensure_ascii=False, indent=1)
    sealed = {"format": 1, "sha256": hashlib.sha256(text.encode()).hexdigest(), "manifest": body}
    path.write_text(json.dumps(sealed, ensure_ascii=False), encoding="utf-8")


@pytest.mark.parametrize(("place", "value"), TAMPERED, ids=repr)
def test_a_manifest_with_a_seal_of_its_own(store, place, value):
    def change(body):
        where = body["tables"]
        for step in place[:-1]:
            where = where[step]
        where[place[-1]] = value

    seal(store, change)
    with pytest.raises(StoreError) as caught:
        wb.open(store)
    assert caught.value.key == "store.damaged_manifest"


@pytest.mark.parametrize(("name", "value"), [("timezone", 5), ("name", ["<script>"]), ("created_at", 5), ("version", 7)])
def test_facts_of_a_wrong_kind(store, name, value):
    seal(store, lambda body: body.update({name: value}))
    with pytest.raises(StoreError):
        wb.open(store)


def test_an_unchanged_manifest_sealed_again_opens(store):
    seal(store, lambda body: None)
    assert wb.open(store).version == 1


def test_a_pointer_of_brackets_and_a_manifest_with_an_odd_number(store):
    (store / "manifests" / "²").with_suffix(".json").write_text("{}")
    assert Store(store).versions == [0, 1]
    (store / "current.json").write_text("[" * 100_000)
    with pytest.raises(StoreError):
        Store.open(store)


def test_a_folder_where_the_secret_was(store):
    (store / "secret").unlink()
    (store / "secret").mkdir()
    with pytest.raises(StoreError, match="secret"):
        _ = Store(store).secret
    shutil.rmtree(store / "secret")
