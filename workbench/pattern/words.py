"""The words of the pattern language in English, Russian and Polish, and what keeps them apart from names."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

Phrase = tuple[str, ...]

THEN: tuple[Phrase, ...] = (("then",), ("затем",), ("потом",), ("potem",), ("następnie",))
WITHIN: tuple[Phrase, ...] = (("within",), ("в", "течение"), ("w", "ciągu"))
WITHOUT: tuple[Phrase, ...] = (("without",), ("без",), ("bez",))
BETWEEN: tuple[Phrase, ...] = (
    ("in", "between"), ("between",), ("между", "ними"), ("между",), ("między", "nimi"), ("między",),
)  # fmt: skip
#: these end a name wherever they stand; the other words only where the grammar says
ALWAYS = ("within", "without")

SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "w": 604800}
_UNITS = {
    "s": "s sec second seconds с сек секунда секунды секунд секунду sekunda sekundy sekund sekundę",
    "min": "min minute minutes мин минута минуты минут минуту minuta minuty minut minutę",
    "h": "h hour hours ч час часа часов godz godzina godziny godzin godzinę",
    "d": "d day days д день дня дней dzień dni dnia",
    "w": "w week weeks нед неделя недели недель неделю tydzień tygodnie tygodni tygodnia",
}
#: a unit as it may be written -> its seconds
UNITS = {word: SECONDS[unit] for unit, forms in _UNITS.items() for word in forms.split()}

_IN_WORDS = "_-./'’&+#%:!?*№$€"


def in_words(character: str) -> bool:
    """Whether it may stand in a name without quotes."""
    return character.isalnum() or character in _IN_WORDS or unicodedata.category(character)[0] == "M"


def begins(found: Sequence[str], phrases: Sequence[Phrase]) -> int:
    """How many of the words `found` begin with are one of `phrases`; 0: none is."""
    return next((len(one) for one in phrases if tuple(found[: len(one)]) == one), 0)


def ends_a_name(found: Sequence[str]) -> bool:
    """Whether a name ends before these words, which come next without anything between them."""
    n = begins(found, WITHIN)
    return bool(found) and (found[0] in ALWAYS or (n > 0 and len(found) > n and found[n][0].isdigit()))


def closes(found: Sequence[str]) -> int:
    """How many words are a `between` that closes what came before it; 0: there is none, or it is part of a name."""
    n = begins(found, BETWEEN)
    return n if n == len(found) or ends_a_name(found[n:]) else 0


def plain(name: str, reserved: Sequence[str] = (), *, closed: bool = False) -> bool:
    """Whether a name is read back as it is without quotes; `closed`: where a `between` may come after it."""
    parts = name.split()
    if not parts or " ".join(parts) != name or not all(map(in_words, name.replace(" ", ""))) or "->" in name:
        return False
    rests = [parts[i:] for i in range(len(parts))]
    return parts[0] not in reserved and not any(ends_a_name(rest) or (closed and closes(rest)) for rest in rests)
