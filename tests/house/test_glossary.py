"""The glossary: every term in three languages, one sentence each, with a source; what it names exists."""

from __future__ import annotations

import re

import pytest

from workbench import errors, glossary, journeys
from workbench.locale import LANGUAGES, catalogue


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_term_is_one_sentence_with_a_source(language):
    found = glossary.terms(language)
    assert {term.id for term in found} == {key.split(".")[1] for key in catalogue(language) if key.startswith("glossary.")}
    for term in found:
        assert term.name and term.source
        assert term.definition.endswith((".", ".”", "».", "”.")), term.id
        assert not re.search(r"[.!?]\s+[A-ZА-ЯĄĆĘŁŃÓŚŹŻ]", term.definition), f"{term.id}: more than one sentence"


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_are_told_apart(language):
    names = [term.name for term in glossary.terms(language)]
    assert len(set(names)) == len(names)


def test_core_words_are_the_agreed_ones():
    assert [glossary.term(name, "ru").name for name in ("touchpoint", "journey", "stage", "funnel")] == [
        "точка контакта", "путь", "этап", "воронка",
    ]  # fmt: skip
    assert [glossary.term(name, "pl").name for name in ("touchpoint", "journey", "stage", "funnel")] == [
        "punkt styku", "ścieżka", "etap", "lejek",
    ]  # fmt: skip


def test_analyses_named_as_sources_exist():
    named = [source.removeprefix("workbench: journeys.") for source in glossary.SOURCES.values() if ": journeys." in source]
    assert named
    assert all(hasattr(journeys, name) for name in named)


def test_an_unknown_term_says_which_there_are():
    with pytest.raises(errors.NotFound, match=r"“touchpiont”.*Did you mean “touchpoint”"):
        glossary.term("touchpiont")
