"""Every notebook runs from its first cell to its last on the shipped sample, in a kernel as it is served."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from workbench.settings import ROOT, SAMPLE

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.skipif(not (SAMPLE / "current.json").is_file(), reason="the shipped sample is not there")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_on_the_sample(path: Path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("CXW_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}).execute()
    assert notebook.metadata.title
    shown = [kind for output in notebook.cells[-1].outputs for kind in output.get("data", {})]
    assert "application/vnd.jupyter.widget-view+json" in shown
    printed = [output.text for cell in notebook.cells for output in cell.get("outputs", []) if output.output_type == "stream"]
    assert printed and all(any(letter.isdigit() for letter in text) for text in printed)
