"""The shipped companies stay small, and nothing that belongs to one machine is shipped with them."""

from __future__ import annotations

import subprocess

LIMIT = 15_000_000  # bytes, for all companies and their keys together


def test_the_samples_are_small_and_hold_nothing_of_a_machine(root):
    listed = subprocess.run(["git", "ls-files", "-z", "data/samples"], cwd=root, capture_output=True, text=True, check=True)
    files = [root / name for name in listed.stdout.split("\0") if name]
    assert sum(file.stat().st_size for file in files) < LIMIT
    assert {file.suffix for file in files} == {".json", ".parquet"}
    assert not [file for file in files if {"prepared", "quarantine"} & set(file.parts)]
