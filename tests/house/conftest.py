"""What the house rules look at: the files of the project, as git would commit them."""

from __future__ import annotations

import functools
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@functools.cache
def _files() -> tuple[Path, ...]:
    # Tracked, and new ones that are not ignored; a copy without git is taken as it lies.
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode == 0:
        names = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        names = [path for path in ROOT.rglob("*") if ".venv" not in path.parts and "__pycache__" not in path.parts]
    return tuple(sorted(path for path in names if path.is_file()))


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def files() -> tuple[Path, ...]:
    """All files of the project."""
    return _files()


@pytest.fixture(scope="session")
def library(files) -> tuple[Path, ...]:
    """The Python files of workbench and widgets."""
    found = tuple(
        path for path in files if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in ("workbench", "widgets")
    )
    assert found
    return found
