"""Reads what a language can say: `frames.toml` (ways of speaking) and one file a sector (aspects), and inflects adjectives.

An aspect (`[aspects.delivery]`) has
    noun        its name in the cases of `[cases] noun`, and `number`, its gender or number, one of the keys of `[agree]`
    pairs       adjectives "good/bad", base forms, each pair opposite and fit for the noun
    good_now, bad_now     what holds in general, in the present; can follow "they say that"
    good_told, bad_told   what happened to the writer; `good_then`, `bad_then`: what came of it, may follow any of them
    good_thing, bad_thing nouns in the cases of `[cases] thing` ("late parcels")
    ask, idea   what one may ask for or propose
All but `noun`, `number` and things are phrases.
"""

from __future__ import annotations

import dataclasses
import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path

from workbench.worlds.grammar.phrases import Phrase

HERE = Path(__file__).parent
LANGUAGES = ("en", "ru", "pl")
SECTORS = ("telecom", "retailer", "bank")
SIDES = ("good", "bad")
#: how an adjective begins that is only the other one negated: "не ненадежный" is said by nobody
NEGATED = {"en": ("\0",), "ru": ("не",), "pl": ("nie",)}


@dataclasses.dataclass(frozen=True)
class Aspect:
    name: str
    noun: Mapping[str, str]  # case -> form
    words: Mapping[str, str]  # what agrees with the noun: "is", "was", "it"
    pairs: tuple[tuple[Mapping[str, str], Mapping[str, str]], ...]  # (good, bad), each form -> adjective
    opposites: tuple[tuple[Mapping[str, str], Mapping[str, str]], ...]  # the pairs that can be negated: not "not" + the other
    now: Mapping[str, list[Phrase]]  # by side
    told: Mapping[str, list[Phrase]]
    then: Mapping[str, list[Phrase]]
    thing: Mapping[str, list[Mapping[str, str]]]  # by side: case -> form
    ask: list[Phrase]
    idea: list[Phrase]


@dataclasses.dataclass(frozen=True)
class Language:
    """All that one can say in a language about a sector; `lists` are the lists of phrases by dotted name."""

    name: str
    sector: str
    lists: Mapping[str, list[Phrase]]
    aspects: Mapping[str, Aspect]
    money: Mapping[str, str]


def aspects(sector: str) -> tuple[str, ...]:
    """The aspects of a sector's companies that can be spoken of."""
    return tuple(language("en", sector).aspects)


@functools.cache
def language(name: str, sector: str) -> Language:
    """The language `name` ("en", "ru", "pl") for the companies of a sector ("telecom", "retailer", "bank")."""
    frames, about = (tomllib.loads((HERE / name / f"{file}.toml").read_text(encoding="utf-8")) for file in ("frames", sector))
    cases, agree, money = (frames.pop(key) for key in ("cases", "agree", "money"))
    found = {key: _aspect(key, table, cases, agree, name) for key, table in about.pop("aspects").items()}
    lists: dict[str, list[Phrase]] = {}
    for table in (frames, about):
        _lists(table, "", lists)
    return Language(name, sector, lists, found, money)


def _lists(table: Mapping, before: str, found: dict[str, list[Phrase]]) -> None:
    for key, value in table.items():
        if isinstance(value, Mapping):
            _lists(value, f"{before}{key}.", found)
        else:
            found[before + key] = [Phrase(text) for text in value]


def _forms(text: str, cases: list[str]) -> dict[str, str]:
    forms = [form.strip() for form in text.split(",")]
    if len(forms) != len(cases):
        raise ValueError(f"{text}: forms for {', '.join(cases)} are needed")
    return dict(zip(cases, forms, strict=True))


def _thing(text: str, cases: list[str]) -> dict[str, str]:
    # "none" is the form after English "no": without its article
    forms = _forms(text, cases)
    return forms | {"none": forms["nom"].removeprefix("an ").removeprefix("a ")}


def _aspect(name: str, table: Mapping, cases: Mapping, agree: Mapping, spoken: str) -> Aspect:
    number = table["number"]

    def phrases(kind: str) -> dict[str, list[Phrase]]:
        return {side: [Phrase(text) for text in table[f"{side}_{kind}"]] for side in SIDES}

    pairs = tuple(tuple(adjective(base, number, spoken) for base in pair.split("/")) for pair in table["pairs"])
    return Aspect(
        name,
        _forms(table["noun"], cases["noun"]),
        {word: forms[number] for word, forms in agree.items()},
        pairs,
        tuple(pair for pair in pairs if not pair[1]["adj"].startswith(NEGATED[spoken])),
        phrases("now"),
        phrases("told"),
        phrases("then"),
        {side: [_thing(text, cases["thing"]) for text in table[f"{side}_thing"]] for side in SIDES},
        [Phrase(text) for text in table["ask"]],
        [Phrase(text) for text in table["idea"]],
    )


def adjective(base: str, number: str, spoken: str) -> dict[str, str]:
    """Its forms for a noun of that gender or number (m, f, n, p): `adj` nominative, `ins` instrumental (English: the same)."""
    if spoken == "en":
        return {"adj": base, "ins": base}
    nominative, instrumental = (_russian if spoken == "ru" else _polish)(base)["mfnp".index(number)]
    return {"adj": nominative, "ins": instrumental}


def _russian(base: str) -> list[tuple[str, str]]:
    stem, ending = base[:-2], base[-2:]
    last = stem[-1]
    if ending not in ("ый", "ий", "ой"):
        raise ValueError(f"{base}: not an adjective in -ый, -ий, -ой")
    if last in "гкхжшчщ":  # и after these, and after the sibilants е where the ending is unstressed
        neuter, feminine = ("ее", "ей") if last in "жшчщ" and ending == "ий" else ("ое", "ой")
        vowel = "и"
    elif ending == "ий":  # soft
        return [(base, stem + "им"), (stem + "яя", stem + "ей"), (stem + "ее", stem + "им"), (stem + "ие", stem + "ими")]
    else:
        neuter, feminine, vowel = "ое", "ой", "ы"
    return [
        (base, f"{stem}{vowel}м"),
        (stem + "ая", stem + feminine),
        (stem + neuter, f"{stem}{vowel}м"),
        (f"{stem}{vowel}е", f"{stem}{vowel}ми"),
    ]


def _polish(base: str) -> list[tuple[str, str]]:
    if base.endswith("y"):
        stem, soft = base[:-1], ""
        wide = stem
    elif base.endswith(("ki", "gi")):  # szybki, szybka, szybkie
        stem, soft, wide = base[:-1], "i", base[:-1]
    elif base.endswith("i"):  # tani, tania, tanie
        stem, soft, wide = base[:-1], "i", base
    else:
        raise ValueError(f"{base}: not an adjective in -y or -i")
    narrow = "i" if soft else "y"
    return [
        (base, f"{stem}{narrow}m"),
        (wide + "a", wide + "ą"),
        (f"{stem}{soft}e", f"{stem}{narrow}m"),
        (f"{stem}{soft}e", f"{stem}{narrow}mi"),
    ]
