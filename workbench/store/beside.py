"""Where what people write about a company is kept: its plan and the notes on its map."""

from __future__ import annotations

import os
from pathlib import Path

from workbench.settings import ROOT, SAMPLES

KEPT = ROOT / "data" / "private" / "samples"


def beside(store: str | Path) -> Path:
    """The store's own folder, beside its versions. The shipped samples are files of the project, which nobody's notes may
    change: what is written about one of them is kept under its name in data/private/samples/, on this machine only."""
    place = Path(os.path.abspath(store))  # without detours: a sample is one by whatever way it is named
    return KEPT / place.name if place.parent == SAMPLES else Path(store)
