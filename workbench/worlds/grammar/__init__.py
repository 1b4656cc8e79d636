"""Writes what customers say, in English, Russian and Polish, from facts that are given: labels are true by construction.

`write(language, sector, facts, dice)` makes one text. What it is made of stands in `<language>/frames.toml` (how one speaks)
and `<language>/<sector>.toml` (what one speaks of); their notation is explained in `phrases.py`, their entries in
`language.py`. Several ways of saying a thing say it with the words of its opposite ("it used to be slow, now it's fast"), so
that counting words doesn't tell the polarity.
"""

from workbench.worlds.grammar.language import LANGUAGES, SECTORS, aspects, language
from workbench.worlds.grammar.noise import Noise, near_copy, roughen
from workbench.worlds.grammar.phrases import Dice
from workbench.worlds.grammar.writing import Fact, Text, write

__all__ = ["LANGUAGES", "SECTORS", "Dice", "Fact", "Noise", "Text", "aspects", "language", "near_copy", "roughen", "write"]
