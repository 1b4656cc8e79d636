"""The README promises what is there: rows, commands, files."""

from __future__ import annotations

import re

import pytest

from workbench import launcher

COUNTS = {"S": 8, "J": 13, "X": 11, "C": 9, "R": 9, "M": 9, "A": 5, "P": 3, "W": 4}
ROWS = [f"{letter}{number}" for letter, n in COUNTS.items() for number in range(1, n + 1)]
STATE = re.compile(r"works|not yet|partly: .+")


@pytest.fixture(scope="module")
def readme(root) -> str:
    return (root / "README.md").read_text(encoding="utf-8")


def test_every_row_of_the_product_has_a_state(readme):
    found = re.findall(r"^\| ([A-Z]\d+) \| .+ \| (.+?) \|$", readme, re.MULTILINE)
    assert [row for row, _ in found] == ROWS
    assert not [row for row, state in found if not STATE.fullmatch(state)]


def test_commands_exist(readme):
    named = set(re.findall(r"python3 -m workbench (\w+)", readme))
    assert named >= {"app", "test", "lab", "load"}
    assert named <= set(launcher.COMMANDS)
    assert all(f"  {command} " in launcher.USAGE for command in launcher.COMMANDS)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_lead_somewhere(root, page):
    text = (root / page).read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    # Paths named in code quotes: a folder of ours, then whatever stands below it.
    targets += re.findall(r"`((?:workbench|widgets|tests|data|notebooks|docs)/[\w./-]*)`", text)
    missing = sorted({target for target in targets if not (root / target).exists()})
    assert not missing


def test_first_lines_of_python_run(readme, root):
    """The five lines of the README, as they stand there, on the sample."""
    if not (root / "data" / "samples" / "retailer").is_dir():
        pytest.fail("the sample is not there")
    code = re.search(r"```python\n(.+?)```", readme, re.DOTALL)[1]
    assert len(code.strip().splitlines()) <= 6
    exec(compile(code, "README.md", "exec"), {})


def test_ci_calls_the_readmes_command(root, readme):
    assert "python3 -m workbench test" in (root / ".ci" / "run").read_text(encoding="utf-8")
    assert "python3 -m workbench test" in readme
