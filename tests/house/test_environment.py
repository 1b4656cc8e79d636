"""House rules about what is installed: one list in three places, exact pins, licences, nothing undeclared."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from workbench import launcher

# A dependency under one of these is refused (PRODUCT: the workbench may be built into a company's own product).
REFUSED = re.compile(r"\bA?GPL|Affero|GNU General Public|non-?commercial|CC-BY-NC", re.IGNORECASE)
# Reviewed by hand, with the reason.
REVIEWED = {"axe-playwright-python": "its LICENSE file is MIT; it carries axe-core, which is MPL-2.0; used by tests only"}


@pytest.fixture(scope="module")
def project(root) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def declared(project) -> list[str]:
    return [*project["dependencies"], *(line for group in project["optional-dependencies"].values() for line in group)]


@pytest.fixture(scope="module")
def pins(root) -> dict[str, str]:
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


@pytest.fixture(scope="module")
def needed(declared) -> dict[str, metadata.Distribution]:
    """All that the declared dependencies bring with them on this machine, by canonical name."""
    found, waiting, seen = {}, [Requirement(line) for line in declared], set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if (name, frozenset(requirement.extras)) in seen:
            continue
        seen.add((name, frozenset(requirement.extras)))
        found[name] = metadata.distribution(name)
        for line in found[name].requires or ():
            further = Requirement(line)
            extras = requirement.extras or {""}
            if further.marker is None or any(further.marker.evaluate({"extra": extra}) for extra in extras):
                waiting.append(further)
    return found


def test_conda_mirrors_the_project(root, project, declared):
    lines = (root / "environment.yml").read_text(encoding="utf-8").splitlines()
    listed = [line.strip()[2:] for line in lines if line.startswith("      - ")]
    assert listed == ["-c constraints.txt", *declared, "-e ."]
    assert f"  - python{project['requires-python']}" in lines


def test_the_launcher_reads_what_is_declared(project, declared):
    assert all(re.fullmatch(r"[\w.-]+(>=|==)[\d.]+", line) for line in declared)
    assert set(launcher.ALL) == set(project["optional-dependencies"])
    assert launcher.has_all(set(launcher.ALL))


def test_pins_are_exact_and_cover_all_that_is_needed(pins, needed, declared):
    for line in declared:
        requirement = Requirement(line)
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)])
    # Packages of one platform only (sound the alarm on the one where the pins were made) may be missing elsewhere.
    missing = sorted(set(needed) - set(pins))
    assert not missing or sys.platform != "linux" or all(name.startswith(("nvidia-", "cuda-", "triton")) for name in missing)
    assert sorted(pins) == list(pins)


def test_torch_is_pinned_without_a_build(pins):
    assert pins["torch"] == "2.13.0"


def test_licences(needed):
    wrong = {}
    for name, distribution in needed.items():
        about = distribution.metadata
        words = [about["License-Expression"] or "", (about["License"] or "").splitlines()[0] if about["License"] else ""]
        words += [line for line in about.get_all("Classifier") or () if line.startswith("License")]
        said = " | ".join(word for word in words if word)
        # "LGPL" is allowed: it is a library's licence, and \b before A?GPL leaves it out.
        if (REFUSED.search(said) or not said) and name not in REVIEWED:
            wrong[name] = said or "says nothing"
    assert not wrong
    assert set(REVIEWED) <= set(needed), "a reviewed exception is no longer needed"


def test_every_import_is_declared(library, root, declared):
    provided = metadata.packages_distributions()
    names = {canonicalize_name(Requirement(line).name) for line in declared}
    unknown = []
    for path in library:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                modules = [node.module]
            for module in {module.partition(".")[0] for module in modules}:
                if module in sys.stdlib_module_names or module in ("workbench", "widgets"):
                    continue
                if not names & {canonicalize_name(name) for name in provided.get(module, ())}:
                    unknown.append(f"{path.relative_to(root)}: {module}")
    assert not unknown, "\n".join(sorted(set(unknown)))


def test_every_core_dependency_is_used(library, project):
    # Not imported by name: a back end that another library loads.
    loaded_by_others = {
        "pytz": "duckdb",
        "tzdata": "zoneinfo",
        "ipykernel": "voila",
        "vl-convert-python": "altair",
        "openpyxl": "pandas",
    }
    text = "\n".join(path.read_text(encoding="utf-8") for path in library)
    imported = set(re.findall(r"^\s*(?:import|from) (\w+)", text, re.MULTILINE))
    provided = metadata.packages_distributions()
    used = {canonicalize_name(name) for module in imported for name in provided.get(module, ())}
    names = {canonicalize_name(Requirement(line).name) for line in project["dependencies"]}
    assert not names - used - set(loaded_by_others)
