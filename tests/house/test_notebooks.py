"""House rules about notebooks: thin, ours alone, with nothing of a run left in them."""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("**/*.ipynb"))
NOTEBOOKS = [path for path in NOTEBOOKS if ".ipynb_checkpoints" not in path.parts]
MOST_LINES = 8


def test_there_are_notebooks():
    assert [path.name for path in NOTEBOOKS][:1] == ["00_start_here.ipynb"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_thin(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    wrong = []
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        if cell.outputs or cell.execution_count:
            wrong.append(f"cell {number}: outputs of a run are left in it")
        if len(cell.source.splitlines()) > MOST_LINES:
            wrong.append(f"cell {number}: more than {MOST_LINES} lines")
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
                wrong.append(f"cell {number}: defines something; that belongs into workbench or widgets")
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module] if isinstance(node, ast.ImportFrom) else []
            wrong += [
                f"cell {number}: imports {name}" for name in modules if name.partition(".")[0] not in ("workbench", "widgets")
            ]
    assert not wrong, "\n".join(wrong)
    assert notebook.cells[0].cell_type == "markdown", "a notebook begins with its question"
