"""How texts get rough: typos, missing diacritics and capitals, emoji; and copies that are nearly the same."""

from __future__ import annotations

import dataclasses
import unicodedata

from workbench.worlds.grammar.phrases import Dice


@dataclasses.dataclass(frozen=True)
class Noise:
    """Shares of texts with a slip of the keyboard, without diacritics (Polish), without capitals, with an emoji or smiley."""

    typos: float = 0.12
    plain_letters: float = 0.1
    lower: float = 0.08
    emoji: float = 0.1


SIGNS = {
    "positive": ("👍", "😊", "🙂", "❤️", "👌", "🎉", "🙏"),
    "negative": ("👎", "😡", "🤬", "😤", "🙄", "😞", "🤦"),
    "mixed": ("🤷", "😐", "🙂", "🤔", "😅"),
    "neutral": ("🙂", "🤷", "🙏"),
}
#: in Russian brackets alone smile and frown
BRACKETS = {"positive": (")", "))", ")))"), "negative": ("(", "((", "((("), "mixed": (")", "(", "))"), "neutral": (")",)}
SMILEYS = {"positive": (":)", ":-)", ":D"), "negative": (":(", ":/", ":-("), "mixed": (":/", ";)", ":)"), "neutral": (":)",)}
_FLAT = str.maketrans("łŁ", "lL")


def roughen(text: str, polarity: str, spoken: str, dice: Dice, noise: Noise) -> str:
    """The text with noise. Signs agree with the polarity of the text, but for every eighth, as people use them."""
    if spoken == "pl" and dice.chance(noise.plain_letters):
        text = without_diacritics(text)
    if dice.chance(noise.typos):
        text = typo(text, dice)
        if dice.chance(0.3):
            text = typo(text, dice)
    if dice.chance(noise.lower):
        text = text.lower()
        if dice.chance(0.5):
            text = text.replace(", ", " ") if dice.chance(0.4) else text.rstrip(".")
    if dice.chance(noise.emoji):
        side = dice.pick(("positive", "mixed", "negative")) if dice.chance(1 / 8) else polarity
        kinds = (SIGNS, SIGNS, BRACKETS if spoken == "ru" else SMILEYS)
        sign = dice.pick(dice.pick(kinds)[side])
        if sign in SIGNS[side] and dice.chance(0.25):
            sign *= dice.pick((2, 3))
        glue = "" if sign[0] in "()" else " "
        text = (text.rstrip(".") if glue == "" or dice.chance(0.5) else text) + glue + sign
    return text


def without_diacritics(text: str) -> str:
    """ "ą" as "a", "ł" as "l": Polish as typed on a foreign keyboard."""
    flat = unicodedata.normalize("NFD", text.translate(_FLAT))
    return unicodedata.normalize("NFC", "".join(sign for sign in flat if not unicodedata.combining(sign)))


def typo(text: str, dice: Dice) -> str:
    """One slip inside a longer word: two letters swapped, one missing, one doubled. Negations and numbers stay whole."""
    words = text.split(" ")
    long = [i for i, word in enumerate(words) if len(word) > 5 and word.isalpha()]
    if not long:
        return text
    i = dice.pick(long)
    word = words[i]
    at = 1 + dice.below(len(word) - 3)
    slip = dice.below(3)
    if slip == 0:
        word = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    elif slip == 1:
        word = word[:at] + word[at + 1 :]
    else:
        word = word[:at] + word[at] + word[at:]
    return " ".join(words[:i] + [word] + words[i + 1 :])


def near_copy(text: str, dice: Dice) -> str:
    """The text as another copies it: a slip or two, other capitals, no commas or another end; it says the same."""
    changed = text
    way = dice.below(4)
    if way == 0:
        changed = changed.lower()
    elif way == 1:
        changed = changed.rstrip(".!") + dice.pick(("!", "!!", "…", " …"))
    elif way == 2:
        changed = changed.replace(",", "")
    else:
        changed = typo(typo(changed, dice), dice)
    return changed if changed != text else text.rstrip(".") + "!"
