"""What the tests of the sources share: files written on the spot, and the way through all three steps."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench import sources

SECRET = b"a secret for tests"
REAL = Path(os.environ.get("CXW_REAL_DATA") or Path(__file__).resolve().parents[4] / "shared" / "data")


@pytest.fixture
def write(tmp_path) -> Callable[..., Path]:
    """write("log.csv", text or bytes) -> its path"""

    def written(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return written


@pytest.fixture
def load() -> Callable[..., sources.Conformed]:
    """load(source, mapping=…) -> the one table it makes; proposed where no mapping is given. The count is checked each time."""

    def loaded(source: object, mapping: sources.TableMapping | None = None, **overrides: object) -> sources.Conformed:
        inspection = sources.inspect(source, overrides=sources.Overrides(**overrides))
        chosen = sources.propose(inspection) if mapping is None else sources.Mapping((mapping,))
        (made,) = sources.conform(inspection, chosen, secret=SECRET)
        adds_up(made)
        return made

    return loaded


def adds_up(made: sources.Conformed) -> None:
    """Rows in = loaded + quarantined, and no row is both."""
    there = set(made.rows["source_row"].to_pylist())
    refused = set(made.quarantine["row"].to_pylist())
    assert not there & refused
    assert made.n_in == len(there) + len(refused)
    assert made.n_quarantined == len(refused)


@pytest.fixture
def events() -> sources.TableMapping:
    """A mapping for sources with the columns who, when, what."""
    return sources.TableMapping("events", {"customer_id": "who", "occurred_at": "when", "touchpoint": "what"})


@pytest.fixture
def real() -> Callable[[str], Path]:
    """real("bpic2012/bpic2012.xes.gz") -> its path; skips by name where the real data aren't there."""

    def found(name: str) -> Path:
        if not (REAL / name).is_file():
            pytest.skip(f"real data {name} are not here")
        return REAL / name

    return found
