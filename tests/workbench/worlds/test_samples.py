"""The shipped companies: each declared one is there, and the documented command makes it again, the same to the byte."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from widgets.shipped import shipped
from workbench import worlds, worlds_command
from workbench.settings import SAMPLES


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


def _hashes(folder: Path, files: str = "parts/*.parquet", ends: str = "-0") -> dict[str, str]:
    return {one.name.split(ends)[0]: hashlib.sha256(one.read_bytes()).hexdigest() for one in folder.glob(files)}
