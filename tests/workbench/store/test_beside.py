"""What people write about a company lies beside its store, and for a shipped sample outside of the project's own files."""

from __future__ import annotations

import subprocess

from workbench.journeys.plans import Plan, PlannedStep
from workbench.settings import ROOT, SAMPLE
from workbench.store import Store, beside
from workbench.store.notes import Notes


def test_a_store_of_ones_own_has_it_in_its_folder(tmp_path):
    assert beside.beside(tmp_path / "mine") == tmp_path / "mine"


def test_what_is_written_about_a_sample_is_no_file_of_the_project():
    place = beside.beside(SAMPLE)
    ignored = subprocess.run(["git", "check-ignore", "-q", str(place / "plan.json")], cwd=ROOT)
    assert place.is_relative_to(ROOT / "data" / "private") and ignored.returncode == 0


def test_the_plan_of_a_sample_and_its_notes_go_there(tmp_path, monkeypatch):
    before = {path: path.stat().st_mtime_ns for path in SAMPLE.glob("*")}
    monkeypatch.setattr(beside, "KEPT", tmp_path)
    shipped, found = Plan.of(SAMPLE), Plan("x", (PlannedStep("A", "S", 1),))
    assert shipped.name == "Meridian Retail"
    found.save(SAMPLE)
    assert Plan.of(SAMPLE) == found
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.json")] == [f"{SAMPLE.name}/plan.json"]
    Plan.remove(SAMPLE)
    assert Plan.of(SAMPLE) == shipped
    Plan.remove(SAMPLE)  # there is none: nothing to do
    Notes(SAMPLE).add("Choose", "notes", "Said", "Anna")
    assert [one.text for one in Notes(SAMPLE).all()] == ["Said"]
    assert (tmp_path / SAMPLE.name / "notes.jsonl").is_file()
    assert {path: path.stat().st_mtime_ns for path in SAMPLE.glob("*")} == before


def test_the_plan_of_a_store_can_be_removed(tmp_path):
    store = Store.create(tmp_path / "store", name="x")
    Plan("x", (PlannedStep("A", "S", 1),)).save(store.path)
    Plan.remove(store.path)
    assert Plan.of(store.path) is None


def test_a_sample_is_one_by_whatever_way_it_is_named():
    detour = beside.SAMPLES / "bank" / ".." / "retailer"
    assert beside.beside(detour) == beside.KEPT / "retailer"
