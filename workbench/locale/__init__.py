"""Every text a person reads, in en, ru, pl: `locale/<language>/<domain>.po`, one entry a key.

`t = texts("pl"); t("journeys.flow.title", n=3)` reads entry `flow.title` of `journeys.po`. An entry with plural forms
is chosen by `n`. In braces a value may name how it is written: `{n:count}`, `{x:number}`, `{x:percent}`, `{x:signed}`,
`{x:duration}` (seconds), `{x:day}`, `{x:time}`, `{x:units.customers}` (a counted noun: another key, chosen by x).
"""

from __future__ import annotations

import functools
import string
from pathlib import Path

from babel import Locale, dates, numbers
from babel.messages.pofile import read_po

HERE = Path(__file__).parent
LANGUAGES = ("en", "ru", "pl")


@functools.cache
def catalogue(language: str) -> dict[str, tuple[str, ...]]:
    """key ("domain.entry") -> its forms; one form where the entry has no plural."""
    entries = {}
    for file in sorted((HERE / language).glob("*.po")):
        with file.open("rb") as stream:
            for message in read_po(stream, locale=language):
                if message.id:
                    key = message.id if isinstance(message.id, str) else message.id[0]
                    forms = message.string if isinstance(message.string, tuple) else (message.string,)
                    entries[f"{file.stem}.{key}"] = forms
    return entries


class Texts(string.Formatter):
    """Texts and numbers of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.locale = Locale.parse(language)
        self.entries = catalogue(language)
        self._plural = self.locale.plural_form

    def __call__(self, key: str, /, **values: object) -> str:
        """The text under `key` with `values` filled in. An unknown key is a mistake of ours: KeyError."""
        forms = self.entries[key]
        form = forms[self._form(values["n"], len(forms))] if len(forms) > 1 else forms[0]
        return self.vformat(form, (), values)

    def has(self, key: str) -> bool:
        return key in self.entries

    def _form(self, n: object, available: int) -> int:
        # gettext's form order: en one/other; ru, pl one/few/many
        tag = self._plural(n)
        order = ("one", "other") if available == 2 else ("one", "few", "many")
        return order.index(tag) if tag in order else available - 1

    def format_field(self, value: object, spec: str) -> str:
        writers = {
            "count": self.count,
            "number": self.number,
            "percent": self.percent,
            "signed": self.signed,
            "duration": self.duration,
            "day": self.day,
            "time": self.time,
        }
        if spec in writers:
            return writers[spec](value)
        if "." in spec and spec in self.entries:
            return self(spec, n=value)
        return super().format_field(value, spec)

    def count(self, n) -> str:
        return numbers.format_decimal(int(n), locale=self.locale)

    def number(self, x, digits: int = 2) -> str:
        return numbers.format_decimal(round(float(x), digits), locale=self.locale)

    def signed(self, x, digits: int = 0) -> str:
        written = numbers.format_decimal(round(abs(float(x)), digits), locale=self.locale)
        return ("+" if x > 0 else "−" if x < 0 else "") + written

    def percent(self, share) -> str:
        digits = 0 if share == 0 or abs(share) >= 0.1 else 1
        return numbers.format_percent(round(float(share), digits + 2), locale=self.locale, decimal_quantization=False)

    def duration(self, seconds) -> str:
        """Two significant places in the unit a person would choose: 45 s, 12 min, 3.5 h, 1.8 d."""
        for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
            if abs(seconds) >= size:
                value = seconds / size
                value = round(value, 1) if abs(value) < 10 else round(value)
                return self(f"units.{unit}", x=self.number(value, 1), n=value)
        return self("units.second", x=self.number(seconds, 0))

    def signed_duration(self, seconds) -> str:
        """A difference of times with its sign: +2 h, −45 s."""
        return ("+" if seconds > 0 else "−" if seconds < 0 else "") + self.duration(abs(seconds))

    def durations(self, low, high) -> str:
        """An interval of times: "1.8–2.3 h", "50 min–1.3 h"; with more places where both ends would read the same."""
        low_said, high_said = self.duration(low), self.duration(high)
        units = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))
        of = [next((unit for unit in units if end >= unit[1]), units[-1]) for end in (low, high)]
        if of[0] != of[1]:
            return f"{low_said}–{high_said}"
        unit, size = of[0]
        ends = [low / size, high / size]
        for digits in range(0 if ends[0] >= 10 or size == 1 else 1, 3):
            said = [self.number(end, digits) for end in ends]
            if said[0] != said[1]:
                break
        return self(f"units.{unit}", x="–".join(said), n=ends[1])

    def day(self, when) -> str:
        return dates.format_date(when, "d MMM y", locale=self.locale)

    def month(self, when, year: bool = False) -> str:
        return dates.format_date(when, "LLL y" if year else "LLL", locale=self.locale)

    def time(self, when) -> str:
        return dates.format_datetime(when, "d MMM y HH:mm", locale=self.locale)


@functools.cache
def texts(language: str) -> Texts:
    """The texts of "en", "ru" or "pl"."""
    if language not in LANGUAGES:
        from workbench.errors import NotFound

        raise NotFound("unknown_language", asked=language, exists=LANGUAGES)
    return Texts(language)
