"""The notation of phrases, and the draws that choose among them.

(a|b|)      one of these, the last one empty
[a/b]       a where a man speaks, b where a woman speaks
{name}      a slot: another phrase, a form of the noun that is spoken of, a day, an amount
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

#: draws are taken from the generator in blocks: one by one they cost ten times as much
BLOCK = 2048


class Dice:
    """Draws from a numpy generator, fast one by one: `roll()` in [0, 1), `pick(list)`, `chance(p)`, `among(weights)`."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._pool: list[float] = []

    def roll(self) -> float:
        if not self._pool:
            self._pool = self._rng.random(BLOCK).tolist()
        return self._pool.pop()

    def below(self, n: int) -> int:
        return int(self.roll() * n)

    def pick(self, choices: Sequence):
        return choices[int(self.roll() * len(choices))]

    def chance(self, p: float) -> bool:
        return self.roll() < p

    def among(self, weights: dict[str, float]) -> str:
        """A key, drawn in proportion to its weight."""
        left = self.roll() * sum(weights.values())
        for name, weight in weights.items():
            left -= weight
            if left < 0:
                return name
        return name


class Phrase:
    """A parsed phrase: parts in order, each plain text, a choice, a pair of genders or a slot; `slots` names all of them."""

    __slots__ = ("parts", "slots", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self.parts, end = _parse(source, 0, "")
        if end != len(source):
            raise ValueError(f"unbalanced: {source}")
        self.slots: set[str] = set()
        _collect(self.parts, self.slots)

    def write(self, dice: Dice, woman: bool, fill: Callable[[str], str]) -> str:
        """One text of it; `fill` gives the text of a slot."""
        out: list[str] = []
        _write(self.parts, dice, woman, fill, out)
        return "".join(out)


def _parse(source: str, at: int, closing: str) -> tuple[list, int]:
    parts: list = []
    plain = at
    while at < len(source) and source[at] not in closing:
        sign = source[at]
        if sign in "([{":
            if at > plain:
                parts.append(source[plain:at])
            if sign == "{":
                end = source.index("}", at)
                parts.append(("slot", source[at + 1 : end]))
                at = end + 1
            elif sign == "[":
                end = source.index("]", at)
                man, woman = source[at + 1 : end].split("/")
                parts.append(("gender", man, woman))
                at = end + 1
            else:
                ways = []
                while source[at] != ")":
                    way, at = _parse(source, at + 1, "|)")
                    if at >= len(source):
                        raise ValueError(f"unbalanced: {source}")
                    ways.append(way)
                parts.append(("choice", ways))
                at += 1
            plain = at
        else:
            at += 1
    if at > plain:
        parts.append(source[plain:at])
    return parts, at


def _collect(parts: list, found: set[str]) -> None:
    for part in parts:
        if part[0] == "slot" and not isinstance(part, str):
            found.add(part[1])
        elif part[0] == "choice" and not isinstance(part, str):
            for way in part[1]:
                _collect(way, found)


def _write(parts: list, dice: Dice, woman: bool, fill: Callable[[str], str], out: list[str]) -> None:
    for part in parts:
        if isinstance(part, str):
            out.append(part)
        elif part[0] == "slot":
            out.append(fill(part[1]))
        elif part[0] == "gender":
            out.append(part[2] if woman else part[1])
        else:
            _write(dice.pick(part[1]), dice, woman, fill, out)
