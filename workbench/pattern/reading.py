"""From a text to a pattern, in one pass from left to right."""

from __future__ import annotations

import dataclasses
import difflib
import unicodedata
from collections.abc import Collection

from workbench.errors import BadPattern
from workbench.pattern import words
from workbench.pattern.shape import Choice, Link, Pattern, Step

LONGEST = 1000  # characters of a pattern
MOST_STEPS = 12  # steps of a pattern
MOST_CHOICES = 20  # choices of a step, values of a condition
MOST_REPEATS = 9999
NEAREST = 3  # names offered for one that doesn't exist
LOOK = 6  # words that are looked at to tell a keyword from a name: two phrases of two words, a number and one more

_ARROWS = {"->": "->", "=>": "=>", "→": "->", "⇒": "=>"}
_QUOTES = {'"': '"', "“": "”", "„": "”", "«": "»"}
_SIGNS = "|{}[]@=,"


def parse(text: str, touchpoints: Collection[str] | None = None) -> Pattern:
    """The pattern written in `text`. BadPattern says what was needed where: `values["position"]` counts characters from 0,
    `found` is what stands there ("" at the end), `wanted` names what was needed, `excerpt` shows the place with a caret.
    Given the `touchpoints` that there are, one that is not among them is refused as well, with the nearest in `near`."""
    if not isinstance(text, str):
        raise _bad("text", repr(text), 0, repr(text))
    if len(text) > LONGEST:
        raise _bad("shorter", text, LONGEST, most=LONGEST)
    for position, character in enumerate(text):
        if "\ud800" <= character <= "\udfff":  # half of a character: no store holds it
            raise _bad("text", text, position, ascii(character))
    return _Reader(text, touchpoints).pattern()


@dataclasses.dataclass(frozen=True)
class _Token:
    kind: str  # "word", "quoted", "arrow", a sign itself, or "" at the end
    text: str
    position: int


def _clean(text: str) -> str:
    return "".join(" " if unicodedata.category(character)[0] in "CZ" else character for character in text)


def _bad(wanted: str, text: str, position: int, found: str = "", **values: object) -> BadPattern:
    begin = max(0, position - 40)
    line = _clean(text[begin : position + 40])
    before = ("…" if begin else "") + line[: position - begin]
    width = sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "FW" else 1 for c in before)
    excerpt = before + line[position - begin :] + ("…" if len(text) > position + 40 else "") + "\n" + " " * width + "^"
    found = _clean(found[:60])
    return BadPattern(
        f"pattern.wanted_{wanted}", position=position, place=position + 1, found=found, wanted=wanted, excerpt=excerpt, **values
    )


def _tokens(text: str) -> list[_Token]:
    found, at = [], 0
    while at < len(text):
        begin, character = at, text[at]
        if character.isspace():
            at += 1
        elif text[at : at + 2] in _ARROWS or character in _ARROWS:
            sign = text[at : at + 2] if text[at : at + 2] in _ARROWS else character
            at += len(sign)
            found.append(_Token("arrow", _ARROWS[sign], begin))
        elif character in _QUOTES:
            name, at = _quoted(text, at)
            found.append(_Token("quoted", name, begin))
        elif words.in_words(character):
            while at < len(text) and words.in_words(text[at]) and text[at : at + 2] not in _ARROWS:
                at += 1
            found.append(_Token("word", text[begin:at], begin))
        elif character in _SIGNS:
            at += 1
            found.append(_Token(character, character, begin))
        else:
            raise _bad("quotes", text, at, character)
    return [*found, _Token("", "", len(text))]


def _quoted(text: str, begin: int) -> tuple[str, int]:
    close, at, name = _QUOTES[text[begin]], begin + 1, []
    while at < len(text) and text[at] != close:
        at += text[at] == "\\" and text[at + 1 : at + 2] in ("\\", close)
        name.append(text[at])
        at += 1
    if at == len(text):
        raise _bad("closing_quote", text, begin, text[begin])
    if not name:
        raise _bad("name", text, begin, text[begin])
    return "".join(name), at + 1


class _Reader:
    """Reads the tokens from left to right, once."""

    def __init__(self, text: str, touchpoints: Collection[str] | None) -> None:
        self.text = text
        self.known = touchpoints
        self.tokens = _tokens(text)
        self.at = 0
        self.closed = False  # whether a `between` may end what is read

    @property
    def token(self) -> _Token:
        return self.tokens[self.at]

    def bad(self, wanted: str, token: _Token | None = None, **values: object) -> BadPattern:
        token = token or self.token
        return _bad(wanted, self.text, token.position, token.text, **values)

    def take(self, kind: str) -> bool:
        found = self.token.kind == kind
        self.at += found
        return found

    def ahead(self, skipped: int = 0) -> list[str]:
        """The next words after `skipped` tokens, as many as any phrase and its neighbours have, up to what is no word."""
        found = []
        for token in self.tokens[self.at + skipped : self.at + skipped + LOOK]:
            if token.kind != "word":
                break
            found.append(token.text)
        return found

    def name_ends(self, skipped: int = 0) -> bool:
        found = self.ahead(skipped)
        return not found or words.ends_a_name(found) or (self.closed and words.closes(found) > 0)

    def word(self, word: str, alone: bool = False) -> bool:
        # alone: the word is a whole name, so that "start trial" stays a touchpoint
        found = self.token == _Token("word", word, self.token.position) and (not alone or self.name_ends(1))
        self.at += found
        return found

    def follows(self) -> str:
        """The arrow that comes next, or the words for one; empty: something else does."""
        if self.token.kind == "arrow":
            self.at += 1
            return self.tokens[self.at - 1].text
        n = words.begins(self.ahead(1), words.THEN) if self.token.kind == "," else 0
        self.at += n and 1 + n
        return "->" if n else ""

    def bound(self, phrases: tuple[words.Phrase, ...]) -> _Token | None:
        """The keyword of a bound, if it comes next; after a comma in all its forms."""
        comma = self.token.kind == ","
        found = self.ahead(comma)
        n = words.begins(found, phrases)
        if not n or not (comma or words.ends_a_name(found)):
            return None
        token = self.tokens[self.at + comma]
        self.at += comma + n
        return _Token("word", " ".join(found[:n]), token.position)

    def pattern(self) -> Pattern:
        negated = self.word("not")
        from_start = self.word("start", alone=True)
        if from_start and not self.follows():
            raise self.bad("arrow")
        steps, links, to_end = [self.step()], [], False
        while follows := self.follows():
            if self.word("end", alone=True):
                to_end = True
                break
            if len(steps) == MOST_STEPS:
                raise self.bad("fewer_steps", most=MOST_STEPS)
            steps.append(self.step())
            links.append(self.link(follows == "=>"))
        if self.token.kind:
            raise self.wrong_end(to_end, bool(links))
        return Pattern(tuple(steps), tuple(links), from_start, to_end, negated)

    def wrong_end(self, to_end: bool, linked: bool) -> BadPattern:
        if to_end:
            return self.bad("nothing")
        bound = None if linked else self.bound(words.WITHIN) or self.bound(words.WITHOUT)
        if bound:
            return self.bad("link_before", bound)
        return self.bad("after_comma", self.tokens[self.at + 1]) if self.token.kind == "," else self.bad("arrow")

    def link(self, direct: bool) -> Link:
        within, without = None, ()
        while True:
            if begin := self.bound(words.WITHIN):
                if within is not None:
                    raise self.bad("once", begin)
                within = self.duration()
            elif begin := self.bound(words.WITHOUT):
                if without:
                    raise self.bad("once", begin)
                if direct:
                    raise self.bad("later_link", begin)
                without = self.excluded()
            else:
                return Link(direct, within, without)

    def excluded(self) -> tuple[Choice, ...]:
        self.closed = True
        found = self.choices()
        self.closed = False
        if self.token.kind == "{":
            raise self.bad("arrow")
        self.at += words.closes(self.ahead())
        return found

    def step(self) -> Step:
        choices = self.choices()
        return Step(choices, self.repeat() if self.take("{") else None)

    def choices(self) -> tuple[Choice, ...]:
        found = [self.choice()]
        while self.take("|"):
            if len(found) == MOST_CHOICES:
                raise self.bad("fewer_choices", most=MOST_CHOICES)
            found.append(self.choice())
        return tuple(found)

    def choice(self) -> Choice:
        for edge in ("start", "end"):
            begin = self.token
            if self.word(edge, alone=True):
                raise self.bad("edge", begin)
        begin = self.token
        touchpoint = None if self.word("any", alone=True) else self.name("step")
        if touchpoint is not None and self.known is not None and touchpoint not in self.known:
            raise self.unknown(begin, touchpoint)
        where: dict[str, tuple[str, ...]] = {}
        if self.take("@"):
            where["channel"] = (self.name("name"),)
        if self.take("["):
            closed, self.closed = self.closed, False
            while True:
                begin = self.token
                column = self.name("name")
                if column in where:
                    raise self.bad("once", begin)
                if not self.take("="):
                    raise self.bad("equals")
                where[column] = self.values()
                if self.take("]"):
                    break
                if not self.take(","):
                    raise self.bad("bracket")
            self.closed = closed
        return Choice(touchpoint, tuple(sorted(where.items())))

    def unknown(self, token: _Token, touchpoint: str) -> BadPattern:
        asked = touchpoint.casefold()
        names = {name.casefold(): name for name in sorted(self.known or ())}
        close = [name for name in names if asked in name] + difflib.get_close_matches(asked, names, NEAREST)
        near = [names[name] for name in dict.fromkeys(close)][:NEAREST]
        wanted, named = ("near", near) if near else ("known", list(names.values()))
        listed = ", ".join(named[:12]) + (", …" if len(named) > 12 else "")
        return self.bad(wanted, token, asked=touchpoint, near=listed)

    def values(self) -> tuple[str, ...]:
        found = [self.name("name")]
        while self.take("|"):
            if len(found) == MOST_CHOICES:
                raise self.bad("fewer_choices", most=MOST_CHOICES)
            found.append(self.name("name"))
        return tuple(sorted(set(found)))

    def name(self, wanted: str) -> str:
        if self.token.kind == "quoted":
            self.at += 1
            return self.tokens[self.at - 1].text
        found = []
        while not self.name_ends():
            found.append(self.token.text)
            self.at += 1
        if not found:
            raise self.bad(wanted)
        return " ".join(found)

    def repeat(self) -> tuple[int, int | None]:
        least = most = self.number(1)
        if self.take(","):
            most = None if self.token.kind == "}" else self.number(least)
        if not self.take("}"):
            raise self.bad("brace")
        return least, most

    def number(self, least: int) -> int:
        text = self.token.text
        if self.token.kind != "word" or not (text.isascii() and text.isdigit()) or not least <= int(text[:9]) <= MOST_REPEATS:
            raise self.bad("number", least=least, most=MOST_REPEATS)
        self.at += 1
        return int(text[:9])

    def duration(self) -> float:
        begin, text = self.token, ""
        while not self.name_ends():
            text += self.token.text
            self.at += 1
        digits = text[: next((i for i, character in enumerate(text) if character.isalpha()), len(text))]
        whole, _, fraction = digits.partition(".")
        plain = (whole + fraction).isascii() and whole.isdigit() and (fraction.isdigit() or digits == whole)
        if not plain or len(digits) > 12 or text[len(digits) :] not in words.UNITS:
            raise self.bad("duration", begin)
        seconds = round(float(digits) * words.UNITS[text[len(digits) :]], 3)
        if not 0 < seconds < 1e11:
            raise self.bad("duration", begin)
        return seconds
