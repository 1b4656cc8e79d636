"""Reads entries of a declaration; what is wrong is said with the file, the line and the entry."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from workbench import model
from workbench.errors import BadInput, NotFound

#: slack for shares written with a few digits
ROUNDING = 1e-6
_PART = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*""")


@dataclasses.dataclass(frozen=True)
class By:
    """A number that may differ by one attribute of customers."""

    attribute: str  # empty: the same for all
    values: Mapping[str, float]  # of the attribute's values
    other: float  # of all others

    def of(self, people: pd.DataFrame) -> np.ndarray:
        """The number of each of `people`."""
        if not self.attribute:
            return np.full(len(people), self.other)
        return people[self.attribute].map(self.values).astype(float).fillna(self.other).to_numpy()

    def each(self) -> list[tuple[dict[str, str], float]]:
        """Each number that is declared, with the attribute and value that it holds for ({}: all)."""
        if not self.attribute:
            return [({}, self.other)]
        return [({self.attribute: value}, number) for value, number in self.values.items()]


class Reader:
    """Entries are named by their place: `touchpoints.Cart.next`, `incidents[1].start`. The first argument of the methods is the
    table that holds the entry, the second the entry's whole name, of which the last part is the key."""

    def __init__(self, file: str, text: str = "") -> None:
        self.file = file
        self.lines = _lines(text)

    def line(self, entry: str) -> int:
        """The line of the entry, else of the nearest one around it."""
        while entry and entry not in self.lines:
            entry = re.sub(r"\[\d+\]$", "", entry) if entry.endswith("]") else entry.rpartition(".")[0]
        return self.lines.get(entry, 1)

    def wrong(self, entry: str, key: str, **values: object) -> BadInput:
        """The error `errors.worlds.<key>` about this entry; to be raised."""
        return BadInput(f"worlds.{key}", file=self.file, line=self.line(entry), entry=entry, **values)

    def get(self, table: Mapping, entry: str, kind: type | tuple[type, ...], default: object = None):
        """The entry, which must be of this kind (true and false are no numbers); without a default it must be there."""
        # a name of its own may hold dots: "1.5 GB"
        own = (name for name in sorted(table, key=len, reverse=True) if entry == name or entry.endswith(f".{name}"))
        value = table.get(next(own, ""), default)
        if value is None:
            raise self.wrong(entry, "missing")
        kinds = kind if isinstance(kind, tuple) else (kind,)
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise self.wrong(entry, "wrong_kind", found=repr(value))
        return value

    def number(self, table: Mapping, entry: str, low: float, high: float, default: float | None = None) -> float:
        """A number from `low` to `high`, both included."""
        value = self.get(table, entry, (int, float), default)
        if not low <= value <= high:
            raise self.wrong(entry, "out_of_range", found=_short(value), low=f"{low:g}", high=f"{high:g}")
        return float(value)

    def by(self, table: Mapping, entry: str, attributes: Mapping, low: float, high: float, default: float | None = None) -> By:
        """A number, or { by = "plan", basic = 0.1, gold = 0.3, other = 0 }: a number for values of an attribute."""
        declared = self.get(table, entry, (int, float, dict), default)
        if not isinstance(declared, dict):
            return By("", {}, self.number(table, entry, low, high, default))
        attribute = self.get(declared, f"{entry}.by", str)
        self.known([attribute], f"{entry}.by", attributes)
        other = self.number(declared, f"{entry}.other", low, high) if "other" in declared else None
        values = {}
        for value in declared:
            if value not in ("by", "other"):
                self.known([value], entry, attributes[attribute])
                values[value] = self.number(declared, f"{entry}.{value}", low, high)
        missing = [value for value in attributes[attribute] if value not in values]
        if missing and other is None:
            raise self.wrong(f"{entry}.{missing[0]}", "missing")
        return By(attribute, values, 0.0 if other is None else other)

    def day(self, table: Mapping, entry: str) -> dt.date:
        """A day, written "2026-05-04" or as a TOML date."""
        value = self.get(table, entry, (str, dt.date))
        if isinstance(value, dt.datetime):
            raise self.wrong(entry, "wrong_kind", found=repr(str(value)))
        try:
            return value if isinstance(value, dt.date) else dt.date.fromisoformat(value)
        except ValueError:
            raise self.wrong(entry, "wrong_kind", found=repr(value)) from None

    def duration(self, table: Mapping, entry: str, default: str | None = None, least_s: float = 0) -> float:
        """Seconds of "30min", "2h", "7d", and no fewer than `least_s`."""
        value = self.get(table, entry, str, default)
        try:
            found = model.seconds(value)
        except BadInput:
            found = -1.0
        if found < least_s:
            raise self.wrong(entry, "wrong_kind", found=repr(value))
        return found

    def shares(self, table: Mapping, entry: str, whole: bool = True) -> dict[str, float]:
        """`table` itself as shares from 0 to 1 that add up to 1 (`whole`), or to at most 1."""
        found = {}
        if not isinstance(table, Mapping):
            raise self.wrong(entry, "wrong_kind", found=repr(table))
        for name, share in table.items():
            if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
                raise self.wrong(f"{entry}.{name}", "not_share", found=repr(share))
            found[name] = float(share)
        total = sum(found.values())
        if total > 1 + ROUNDING or (whole and abs(total - 1) > ROUNDING):
            raise self.wrong(entry, "bad_sum", found=f"{total:g}")
        return found

    def known(self, names: Collection[str], entry: str, exists: Collection[str]) -> None:
        """Every one of `names` is declared among `exists`."""
        for name in names:
            if not isinstance(name, str):
                raise self.wrong(entry, "wrong_kind", found=repr(name))
            if name not in exists:
                raise NotFound(
                    "worlds.unknown_name", asked=name, exists=exists, file=self.file, line=self.line(entry), entry=entry
                )

    def only(self, table: Mapping, entry: str, *names: str) -> None:
        """`table` is a table and has no other keys than these: a misspelt one isn't passed over."""
        if not isinstance(table, Mapping):
            raise self.wrong(entry, "wrong_kind", found=repr(table))
        for name in table:
            if name not in names:
                place = f"{entry}.{name}" if entry else name
                raise NotFound(
                    "worlds.unknown_entry", asked=name, exists=names, file=self.file, line=self.line(place), entry=place
                )


def _short(number: float) -> str:
    # a whole number of a thousand digits is no float
    return f"{number:g}" if abs(number) < 1e300 or isinstance(number, float) else f"{str(number)[:9]}…"


def _lines(text: str) -> dict[str, int]:
    # entry -> line. Only what stands at the start of a line is looked at; what is inside a value has its value's line.
    found: dict[str, int] = {}
    table, counts, depth = "", {}, 0
    for number, line in enumerate(text.splitlines(), start=1):
        bare = re.sub(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'', "", line).partition("#")[0]
        if depth == 0:
            many = line.lstrip().startswith("[[")
            if line.lstrip().startswith("["):
                table = _dotted(line.strip().lstrip("["))[0]
                # a table below an entry of a list belongs to the last one begun
                for name in sorted(counts, key=len):
                    if table.startswith(name + "."):
                        table = f"{name}[{counts[name]}]" + table[len(name) :]
                if many:
                    counts[table] = counts.get(table, 0) + 1
                    found.setdefault(table, number)
                    table = f"{table}[{counts[table]}]"
                found.setdefault(table, number)
                continue
            key, rest = _dotted(line)
            if key and rest.startswith("="):
                found.setdefault(f"{table}.{key}" if table else key, number)
        depth += bare.count("[") + bare.count("{") - bare.count("]") - bare.count("}")
    return found


def _dotted(text: str) -> tuple[str, str]:
    # "a.\"b c\" = 1" -> ("a.b c", "= 1")
    parts = []
    while match := _PART.match(text):
        parts.append(next(group for group in match.groups() if group is not None))
        text = text[match.end() :]
        if not text.startswith("."):
            break
        text = text[1:]
    return ".".join(parts), text
