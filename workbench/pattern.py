"""Path patterns: "Cart, then Payment within 7 days, without a Support call between", written as text.

    Cart -> Payment within 7d without Support call

A pattern is held by a journey or not; it is held when the journey's steps can be chosen so that all it says is true (any
occurrence counts, not only the first). What is written and what it means:

    Cart                        a step at touchpoint Cart
    "Add -> cart"               a touchpoint whose name holds symbols or the words `within`, `without`; \\" and \\\\ inside
    any                         a step at any touchpoint
    Cart | Wishlist             a step at one of them
    Search@app                  a step at Search on channel app; the same as Search[channel=app]
    any[stage=Buy, owner=A|B]   a step whose columns of events have these values, compared as text; `|` between values: or
    Pay again {2,}              a whole run of such steps directly one after another, 2 or longer; {2} exactly 2; {2,3} 2 or 3
    Cart -> Payment             Payment at some later step (→ is the same arrow); ties in time are in the journey's order
    Cart => Payment             Payment is the very next step (⇒ is the same)
    … -> Payment within 7d      at most 7 days from the step before, both ends included; units s, min, h, d, w
    … -> Payment without Help   no step at Help between the two; Help may be any step as above, but not a run
    start -> Search             Search is the journey's first step; start and end are no steps, so -> and => are one there
    Payment -> end              Payment is the journey's last step
    not Cart -> Payment         (only at the very beginning) journeys that do not hold the rest

The grammar; terminals in quotes, `?` optional, `*` any number:

    pattern    = "not"? ("start" arrow)? step (arrow step bound*)* (arrow "end")?
    arrow      = "->" | "→" | "=>" | "⇒"
    step       = choices ("{" number ("," number?)? "}")?
    choices    = choice ("|" choice)*
    choice     = ("any" | name) ("@" name)? ("[" condition ("," condition)* "]")?
    condition  = name "=" name ("|" name)*
    bound      = "within" duration | "without" choices          each at most once a link; after "=>" only "within"
    duration   = number with or without a fraction, then s, sec, min, h, d, day, days, w, week, weeks
    name       = words | quoted
    words      = letters of any script, digits and _ - . / ' ’ & + # % : ! ? * № $ €, with blanks between; `within` and
                 `without` end it. A name that is exactly `start`, `end`, `any`, or begins a pattern with `not`, is quoted
    quoted     = "…" | “…” | „…” | «…»

`parse` reads in time proportional to the text, without recursion or regular expressions. `str(pattern)` is the canonical
text; parsing it gives an equal pattern. Texts may come from a link: length and numbers are capped.
"""

from __future__ import annotations

import dataclasses
import unicodedata

from workbench.errors import BadPattern

LONGEST = 1000  # characters of a pattern
MOST_STEPS = 12  # steps of a pattern
MOST_CHOICES = 20  # choices of a step, values of a condition
MOST_REPEATS = 9999

_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "w": 604800}
_UNITS = _SECONDS | {"sec": 1, "day": 86400, "days": 86400, "week": 604800, "weeks": 604800}
_BOUNDS = ("within", "without")
_ARROWS = {"->": "->", "=>": "=>", "→": "->", "⇒": "=>"}
_QUOTES = {'"': '"', "“": "”", "„": "”", "«": "»"}
_IN_WORDS = "_-./'’&+#%:!?*№$€"
_SIGNS = "|{}[]@=,"


@dataclasses.dataclass(frozen=True)
class Choice:
    """One kind of step: a touchpoint (None: any) and the values its columns must have."""

    touchpoint: str | None
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()  # (column, allowed values), both sorted

    def __str__(self) -> str:
        text = "any" if self.touchpoint is None else _written(self.touchpoint, ("any", "start", "end", "not"))
        rest = list(self.where)
        for column, values in self.where:
            if column == "channel" and len(values) == 1:
                text += "@" + _written(values[0])
                rest.remove((column, values))
        conditions = (f"{_written(column)}={'|'.join(_written(value) for value in values)}" for column, values in rest)
        return f"{text}[{', '.join(conditions)}]" if rest else text


@dataclasses.dataclass(frozen=True)
class Step:
    """A step of one of the kinds, or, with `repeat` = (least, most or None), a whole run of such steps."""

    choices: tuple[Choice, ...]
    repeat: tuple[int, int | None] | None = None

    def __str__(self) -> str:
        text = " | ".join(map(str, self.choices))
        if self.repeat is None:
            return text
        least, most = self.repeat
        return f"{text} {{{least}{'' if most == least else ',' if most is None else f',{most}'}}}"


@dataclasses.dataclass(frozen=True)
class Link:
    """How a step follows the one before: directly or later, within how many seconds, without what between."""

    direct: bool = False
    within: float | None = None
    without: tuple[Choice, ...] = ()


@dataclasses.dataclass(frozen=True)
class Pattern:
    """`links[i]` leads from `steps[i]` to `steps[i + 1]`."""

    steps: tuple[Step, ...]
    links: tuple[Link, ...] = ()
    from_start: bool = False  # the first step begins the journey
    to_end: bool = False  # the last step ends it
    negated: bool = False  # held by journeys that do not hold the rest

    def __str__(self) -> str:
        text = ("not " if self.negated else "") + ("start => " if self.from_start else "") + str(self.steps[0])
        for link, step in zip(self.links, self.steps[1:], strict=True):
            text += f" {'=>' if link.direct else '->'} {step}"
            text += f" within {_duration(link.within)}" if link.within is not None else ""
            text += f" without {' | '.join(map(str, link.without))}" if link.without else ""
        return text + (" => end" if self.to_end else "")


def parse(text: str) -> Pattern:
    """The pattern written in `text`. BadPattern says what was needed where: `values["position"]` counts characters from 0,
    `found` is what stands there ("" at the end), `wanted` names what was needed, `excerpt` shows the place with a caret."""
    if not isinstance(text, str):
        raise _bad("text", repr(text), 0, repr(text))
    if len(text) > LONGEST:
        raise _bad("shorter", text, LONGEST, most=LONGEST)
    for position, character in enumerate(text):
        if "\ud800" <= character <= "\udfff":  # half of a character: no store holds it
            raise _bad("text", text, position, ascii(character))
    return _Reader(text).pattern()


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


def _in_words(character: str) -> bool:
    return character.isalnum() or character in _IN_WORDS or unicodedata.category(character)[0] == "M"


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
        elif _in_words(character):
            while at < len(text) and _in_words(text[at]) and text[at : at + 2] not in _ARROWS:
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

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.at = 0

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

    def word(self, word: str, alone: bool = False) -> bool:
        # alone: the word is a whole name, so that "start trial" stays a touchpoint
        found = self.token == _Token("word", word, self.token.position)
        found = found and not (
            alone and self.tokens[self.at + 1].kind == "word" and self.tokens[self.at + 1].text not in _BOUNDS
        )
        self.at += found
        return found

    def pattern(self) -> Pattern:
        negated = self.word("not")
        from_start = self.word("start", alone=True)
        if from_start and not self.take("arrow"):
            raise self.bad("arrow")
        steps, links, to_end = [self.step()], [], False
        while self.token.kind == "arrow":
            direct = self.token.text == "=>"
            self.at += 1
            if self.word("end", alone=True):
                to_end = True
                break
            if len(steps) == MOST_STEPS:
                raise self.bad("fewer_steps", most=MOST_STEPS)
            steps.append(self.step())
            links.append(self.link(direct))
        if self.token.kind:
            raise self.bad("link_before" if self.token.text in _BOUNDS and not links else "nothing" if to_end else "arrow")
        return Pattern(tuple(steps), tuple(links), from_start, to_end, negated)

    def link(self, direct: bool) -> Link:
        within, without = None, ()
        while True:
            begin = self.token
            if self.word("within"):
                if within is not None:
                    raise self.bad("once", begin)
                within = self.duration()
            elif self.word("without"):
                if without:
                    raise self.bad("once", begin)
                if direct:
                    raise self.bad("later_link", begin)
                without = self.choices()
                if self.token.kind == "{":
                    raise self.bad("arrow")
            else:
                return Link(direct, within, without)

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
        touchpoint = None if self.word("any", alone=True) else self.name("step")
        where: dict[str, tuple[str, ...]] = {}
        if self.take("@"):
            where["channel"] = (self.name("name"),)
        if self.take("["):
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
        return Choice(touchpoint, tuple(sorted(where.items())))

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
        words = []
        while self.token.kind == "word" and self.token.text not in _BOUNDS:
            words.append(self.token.text)
            self.at += 1
        if not words:
            raise self.bad(wanted)
        return " ".join(words)

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
        while self.token.kind == "word" and self.token.text not in _BOUNDS:
            text += self.token.text
            self.at += 1
        digits = text.rstrip("abcdefghijklmnopqrstuvwxyz")
        whole, _, fraction = digits.partition(".")
        plain = (whole + fraction).isascii() and whole.isdigit() and (fraction.isdigit() or digits == whole)
        if not plain or len(digits) > 12 or text[len(digits) :] not in _UNITS:
            raise self.bad("duration", begin)
        seconds = round(float(digits) * _UNITS[text[len(digits) :]], 3)
        if not 0 < seconds < 1e11:
            raise self.bad("duration", begin)
        return seconds


def _written(name: str, reserved: tuple[str, ...] = ()) -> str:
    # without quotes where the words alone would be read back as the same name
    words = name.split()
    plain = " ".join(words) == name and all(map(_in_words, name.replace(" ", "")))
    if plain and words and words[0] not in reserved and not {*words} & {*_BOUNDS} and "->" not in name:
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _duration(seconds: float) -> str:
    for unit in ("d", "h", "min"):
        if seconds % _SECONDS[unit] == 0:
            return f"{seconds / _SECONDS[unit]:.0f}{unit}"
    return f"{seconds:.3f}".rstrip("0").rstrip(".") + "s"
