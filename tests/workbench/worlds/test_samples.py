"""The shipped companies: each declared one is there, and the documented command makes it again, the same to the byte."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from widgets.shipped import shipped
from workbench import journeys, worlds, worlds_command
from workbench.journeys.disagreement import feeling
from workbench.settings import SAMPLES

#: planned and never met, met and never planned
PLANNED_ONLY = {
    "bank": ["Video advice", "Second desk"],
    "retailer": ["Order confirmed", "Pay again"],
    "telecom": ["Welcome call", "Back office"],
}


def test_each_declared_company_is_shipped_with_its_key():
    assert sorted(shipped(SAMPLES)) == worlds.names() == ["bank", "retailer", "telecom"]
    assert sorted(path.name for path in SAMPLES.glob("*.key")) == [f"{name}.key" for name in worlds.names()]


@pytest.mark.parametrize("name", worlds.names())
def test_a_sample_is_made_again_the_same_to_the_byte(name, tmp_path):
    """Data and key; a store's manifest says when it was made, and the names of its parts end in a number drawn by chance."""
    worlds_command.make(name, tmp_path / name)
    again, kept = (_hashes(folder / name) for folder in (tmp_path, SAMPLES))
    assert len(again) == 6
    assert again == kept
    again, kept = (_hashes(folder / f"{name}.key", "*", "-") for folder in (tmp_path, SAMPLES))
    assert "truths.json" in again and len(again) >= 8
    assert again == kept
    assert (tmp_path / name / "plan.json").read_bytes() == (SAMPLES / name / "plan.json").read_bytes()


@pytest.mark.parametrize("name", worlds.names())
def test_a_sample_has_a_planned_journey_that_differs_from_the_log_both_ways(name):
    file = SAMPLES.parent / "worlds" / f"{name}.plan.csv"
    plan, log = journeys.plan(file), worlds.read(name).touchpoints
    assert not plan.unread and all(one.stage and one.owner and one.goal and one.pain for one in plan.steps)
    assert all(feeling(one.emotion) is not None for one in plan.steps)
    assert [one for one in plan.touchpoints if one not in log] == PLANNED_ONLY[name][:1]
    assert [one for one in log if one not in plan.touchpoints] == PLANNED_ONLY[name][1:]
    assert all(plan.step(one).stage == log[one].stage for one in log if one in plan.touchpoints)


def _hashes(folder: Path, files: str = "parts/*.parquet", ends: str = "-0") -> dict[str, str]:
    return {one.name.split(ends)[0]: hashlib.sha256(one.read_bytes()).hexdigest() for one in folder.glob(files)}
