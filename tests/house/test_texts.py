"""House rules about texts: the same keys, values and plural forms in en, ru, pl; every key used exists, every entry is used."""

from __future__ import annotations

import ast
import re
import string

import pytest
from babel.messages.pofile import read_po

from workbench import errors
from workbench.locale import HERE, LANGUAGES, catalogue, texts

FORMS = {"en": 2, "ru": 3, "pl": 3}
# Values that are typed as they stand here, whatever the language.
SAME = {"sources.bad_flag.allowed", "widgets.filters.pattern_example"}
WRITERS = {"", "count", "number", "signed", "percent", "duration", "day", "time"}


def fields(text: str) -> dict[str, str]:
    """The values in a text and how each is to be written."""
    return {name: spec for _, name, spec, _ in string.Formatter().parse(text) if name is not None}


def test_every_language_has_every_file():
    listed = [{path.name for path in (HERE / language).glob("*.po")} for language in LANGUAGES]
    assert listed[0] == listed[1] == listed[2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_files_are_whole(language):
    wrong = []
    for path in sorted((HERE / language).glob("*.po")):
        with path.open("rb") as stream:
            read = read_po(stream, locale=language)
        ids = re.findall(r'^msgid "(.+)"$', path.read_text(encoding="utf-8"), re.MULTILINE)
        twice = {key for key in ids if ids.count(key) > 1}
        wrong += [f"{path.name}: {key} stands there twice" for key in sorted(twice)]
        if read.num_plurals != FORMS[language]:
            wrong.append(f"{path.name}: Plural-Forms says {read.num_plurals}")
        for message in read:
            if message.id:
                forms = message.string if isinstance(message.id, tuple) else (message.string,)
                if not all(forms) or (isinstance(message.id, tuple) and len(forms) != FORMS[language]):
                    wrong.append(f"{path.name}: {message.id} has an empty or a missing form")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", ["ru", "pl"])
def test_translations_fit_the_english(language):
    english, other = catalogue("en"), catalogue(language)
    assert set(other) == set(english)
    wrong = []
    for key, forms in english.items():
        theirs = other[key]
        if (len(forms) > 1) != (len(theirs) > 1):
            wrong.append(f"{key}: plural in one language only")
        wanted = set().union(*(fields(form) for form in forms))
        if wanted != set().union(*(fields(form) for form in theirs)):
            wrong.append(f"{key}: other values than in English")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", LANGUAGES)
def test_values_are_written_in_a_way_that_exists(language):
    entries = catalogue(language)
    wrong = [
        f"{key}: {{{name}:{spec}}}"
        for key, forms in entries.items()
        for form in forms
        for name, spec in fields(form).items()
        if spec not in WRITERS and len(entries.get(spec, ())) != FORMS[language]
    ]
    assert not wrong, "\n".join(wrong)


def _n_words(text: str) -> int:
    return len(re.findall(r"[a-z]{2,}", re.sub(r"{.*?}", "", text)))


@pytest.mark.parametrize("language", ["ru", "pl"])
def test_sentences_are_translated(language):
    # Three words in a row that are the same as in English are not a translation.
    english, other = catalogue("en"), catalogue(language)
    same = [key for key, forms in english.items() if key not in SAME and _n_words(forms[0]) >= 3 and forms == other[key]]
    assert not same


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", ["1 journey", "2 journeys", "5 journeys", "21 journeys"]),
        ("ru", ["1 путь", "2 пути", "5 путей", "21 путь"]),
        ("pl", ["1 ścieżka", "2 ścieżki", "5 ścieżek", "21 ścieżek"]),
    ],
)
def test_plural_forms_follow_the_language(language, written):
    t = texts(language)
    assert [t("units.journeys", n=n) for n in (1, 2, 5, 21)] == written


def test_one_day_is_a_day_and_days_are_days():
    t = texts("pl")
    assert [t.duration(86_400 * days) for days in (1, 1.04, 1.8, 2, 7)] == ["1 dzień", "1 dzień", "1,8 dni", "2 dni", "7 dni"]
    assert t.durations(86_400, 5 * 86_400) == "1–5 dni"


# --- keys in the code ---------------------------------------------------------------------------------------------------


class Mentioned:
    """Keys that the code names: in full, or with parts that are filled in as it runs."""

    def __init__(self, files) -> None:
        self.literal: set[str] = set()
        self.patterns: set[str] = set()
        self.asked: list[tuple[str, str]] = []  # (key, where) surely meant as a key
        for path in files:
            text = path.read_text(encoding="utf-8")
            if path.suffix == ".py":
                self._read(ast.parse(text), path.name)
            else:
                self.literal |= set(re.findall(r"[\w.]+\.[\w.]+", text))

    def _read(self, tree: ast.AST, name: str) -> None:
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                self.literal.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [re.escape(part.value) if isinstance(part, ast.Constant) else ".+" for part in node.values]
                # a pattern without a word of its own would fit anything
                if re.search(r"[a-z]{3}", "".join(part for part in parts if part != ".+")):
                    self.patterns.add("".join(parts))
            elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
                left, right = node.left, node.right
                if isinstance(left, ast.Constant) and isinstance(left.value, str) and left.value.endswith("."):
                    self.patterns.add(re.escape(left.value) + ".+")
                if isinstance(right, ast.Constant) and isinstance(right.value, str) and right.value.startswith("."):
                    self.patterns.add(".+" + re.escape(right.value))
            elif isinstance(node, ast.Call):
                self._read_call(node, name)

    def _read_call(self, node: ast.Call, name: str) -> None:
        first = node.args[0] if node.args else None
        if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
            return
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        where = f"{name}:{node.lineno}"
        if called in ERRORS:
            self.asked.append((f"errors.{first.value}", where))
        elif called in ("t", "Caveat") or (isinstance(node.func, ast.Call) and getattr(node.func.func, "id", "") == "texts"):
            self.asked.append((first.value, where))

    def names(self, key: str) -> bool:
        """Whether the code can mean this entry."""
        short = key.removeprefix("errors.")
        if {key, short} & self.literal:
            return True
        return any(re.fullmatch(pattern, one) for pattern in self.patterns for one in (key, short))


ERRORS = {name for name, thing in vars(errors).items() if isinstance(thing, type) and issubclass(thing, errors.WorkbenchError)}


@pytest.fixture(scope="module")
def mentioned(files, root) -> Mentioned:
    ours = [path for path in files if path.relative_to(root).parts[0] in ("workbench", "widgets", "notebooks")]
    return Mentioned([path for path in ours if path.suffix in (".py", ".ipynb", ".html", ".j2", ".js")])


def test_every_key_that_is_asked_for_exists(mentioned):
    entries = catalogue("en")
    unknown = [f"{where} asks for {key}" for key, where in mentioned.asked if key not in entries]
    assert mentioned.asked
    assert not unknown, "\n".join(unknown)


def test_every_entry_is_used(mentioned):
    entries = catalogue("en")
    forms = [form for language in LANGUAGES for entry in catalogue(language).values() for form in entry]
    by_other_texts = {spec for form in forms for spec in fields(form).values()}
    idle = [key for key in entries if key not in by_other_texts and not mentioned.names(key)]
    assert not idle, "\n".join(idle)
