"""Nobody who analyses can see the answer key: no module reaches it, no store holds it, no screen speaks of it."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import campaigning
import pandas as pd
import pyarrow.parquet as pq
import pytest

import workbench as wb
from workbench import worlds_command
from workbench.locale import LANGUAGES, catalogue
from workbench.worlds import key

ROOT = Path(__file__).resolve().parents[3]
KNOWS = ("workbench/worlds/", "workbench/worlds_command.py")
#: how the three languages say that something is planted
PLANTED = re.compile(r"\bplanted\b|заложен|założ(?:on|eń)", re.IGNORECASE)


def in_files(*folders: str, kinds: tuple[str, ...] = (".py", ".ipynb", ".html", ".j2", ".js", ".css")):
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix in kinds and not name.startswith(KNOWS):
                yield name, path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A store with its key beside it, made by the command's function."""
    folder = tmp_path_factory.mktemp("blind")
    (folder / "small.toml").write_text(campaigning.WHOLE, encoding="utf-8")
    worlds_command.make(folder / "small.toml", folder / "company", customers=400)
    return folder / "company"


# --- modules ------------------------------------------------------------------------------------------------------------


def test_no_module_outside_names_the_key_or_imports_what_opens_it():
    found = []
    for name, text in in_files("workbench", "widgets", kinds=(".py",)):
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom):
                imported = [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                imported = [alias.name for alias in node.names]
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                # the file's name, the folder's ending, a module named as text
                imported = re.findall(r"truths\.json|\.key\b|workbench\.worlds\.(?:key|truths)", node.value)
                found += [f"{name}:{node.lineno} {one}" for one in imported]
                continue
            else:
                continue
            found += [f"{name}:{node.lineno} {one}" for one in imported if re.match(r"workbench\.worlds\.(key|truths)\b", one)]
    assert not found


def test_the_look_above_finds_what_it_looks_for():
    text = (ROOT / "workbench" / "worlds_command.py").read_text(encoding="utf-8")
    assert "workbench.worlds.key" in text and '"truths.json"' in (ROOT / "workbench/worlds/key.py").read_text(encoding="utf-8")


def test_all_rooms_and_screens_together_load_nothing_of_it():
    names = [
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name, _ in in_files("workbench", "widgets", kinds=(".py",))
        if not name.endswith("__main__.py")
    ]
    code = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]:\n"
        "    importlib.import_module(name)\n"
        "print([name for name in sys.modules if name in ('workbench.worlds.key', 'workbench.worlds.truths')])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *names], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]" and len(names) > 60


# --- stores -------------------------------------------------------------------------------------------------------------


def test_the_key_lies_beside_the_store_and_tells(made):
    found = key.read_key(key.folder_of(made))
    assert {one.truth.kind for one in found.measured} >= {
        "campaign_effect",
        "campaign_persuadable",
        "churn_driver",
        "experience_effect",
    }
    assert set(found.tables) >= {"arms", "months", "answers"}
    assert key.folder_of(made).parent == made.parent and not list(made.rglob("*.key")) and not list(made.rglob("truths*"))


def test_a_store_knows_no_table_column_or_value_of_the_key(made):
    study = wb.open(made)
    hidden = key.read_key(key.folder_of(made)).tables
    from workbench import model

    assert set(study.columns) <= set(model.TABLES)
    public = {column for table in study.columns.values() for column in table}
    private = {column for frame in hidden.values() for column in frame} - public
    assert {"group", "p_treatment", "p_control", "prior_contacts", "mood", "would_score"} <= private
    for file in made.rglob("*.parquet"):
        assert not private & set(pq.read_schema(file).names), file.name
        text = pd.read_parquet(file).select_dtypes(include=["object", "string", "category"])
        values = {value for column in text for value in text[column].astype(str).unique()}
        assert not values & {"persuadable", "put_off", "sure", "lost"}, file.name
    for file in made.rglob("*.json"):
        said = file.read_text(encoding="utf-8")
        assert not PLANTED.search(said) and "truths" not in json.loads(said)


def test_no_analysis_opens_a_file_of_it(made):
    # what Python opens is seen by its audit hook; the engine, which opens its files itself, is left without the key
    code = (
        "import sys\n"
        "seen = []\n"
        "opens = ('open', 'os.listdir', 'os.scandir')\n"
        "sys.addaudithook(lambda event, given: seen.append(str(given[0])) if event in opens else None)\n"
        "import workbench as wb\n"
        "from workbench import journeys\n"
        "study = wb.open(sys.argv[1])\n"
        "for name in ('flow', 'variants', 'touchpoints'):\n"
        "    print(name, getattr(journeys, name)(study).frame.to_json(default_handler=str))\n"
        "print('KEY', [name for name in seen if '.key' in name and 'company' in name], file=sys.stderr)"
    )
    folder, away = key.folder_of(made), made.parent / "elsewhere"

    def run():
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code, str(made)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            env=dict(os.environ),
        )
        assert done.returncode == 0, done.stderr
        assert "KEY []" in done.stderr
        return done.stdout

    with_key = run()
    folder.rename(away)
    try:
        assert run() == with_key and "flow" in with_key
    finally:
        away.rename(folder)


# --- screens ------------------------------------------------------------------------------------------------------------


def test_only_the_worlds_texts_say_planted():
    saying = {
        entry for language in LANGUAGES for entry, forms in catalogue(language).items() if PLANTED.search(" ".join(forms))
    }
    assert saying and all(entry.startswith("worlds.") for entry in saying), saying
    for language in LANGUAGES:
        assert PLANTED.search(catalogue(language)["worlds.planted"][0])


def test_no_screen_notebook_or_room_asks_for_those_texts_or_says_it_itself():
    found = []
    for name, text in in_files("workbench", "widgets", "notebooks"):
        found += [f"{name}: {one}" for one in re.findall(r"worlds\.(?:planted|truth|key|unit|part)\b[\w.]*", text)]
        found += [f"{name}: {match[0]}" for match in PLANTED.finditer(text)]
    assert not found
