"""Personal data: found by name and content; hashed, dropped or masked before a row is written anywhere."""

from __future__ import annotations

import hashlib

import pyarrow as pa
import pyarrow.compute as pc

from workbench.sources import quantities
from workbench.sources.inspection import Inspection
from workbench.sources.names import PERSONAL, words

EMAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
HANDLE = r"(?:^|[^\w@.])@\w{2,}"
PHONE = r"(?:\+\d{1,3}[ -]?)(?:\(?\d{2,4}\)?[ -]?){2,4}\d{2,4}"
PERSON = r"^\p{Lu}[\p{L}'’-]+(?: \p{Lu}[\p{L}'’.-]*)+$"
MASKED = "•••"
_LOOK = 5_000


def proposed(inspection: Inspection, needed: set[str]) -> dict[str, str]:
    """{column: "hash", "drop" or "mask"} for the columns that seem to hold personal data. `needed` ones are never dropped."""
    found = {}
    for info in inspection.columns:
        if info.kind not in ("text", "id", "number", "time") or info.n_empty == inspection.n_rows:
            continue
        by_name = _named(info.name)
        if by_name:
            found[info.name] = "hash" if info.name in needed else by_name
            continue
        if info.kind not in ("text", "id"):
            continue
        sample = quantities.trimmed(quantities.one_array(inspection.table().column(info.name).slice(0, _LOOK))).drop_null()
        if not len(sample):
            continue
        if words(info.name) == ["name"] and info.name not in needed and _share(sample, PERSON) > 0.5:
            found[info.name] = "drop"  # "name" alone may be of anything, unless people are in it
        elif _share(sample, f"^(?:{EMAIL}|{PHONE})$") > 0.5:
            found[info.name] = "hash"
        elif _share(sample, f"{EMAIL}|{HANDLE}|{PHONE}") > 0 and _share(sample, r"\s") > 0.5:
            found[info.name] = "mask"
    return found


def _share(sample: pa.Array, pattern: str) -> float:
    return pc.mean(pc.match_substring_regex(sample, pattern).cast(pa.float64())).as_py() or 0.0


def _named(name: str) -> str:
    spoken = words(name)
    for action, names in PERSONAL.items():
        for one in names:
            if spoken == one.split() or (len(spoken) <= 3 and spoken[-len(one.split()) :] == one.split()):
                return action
    return ""


def hashed(column: pa.Array, secret: bytes) -> pa.Array:
    """A keyed hash of each value: the same value is the same everywhere in a store, and tells nothing without its secret."""
    coded = column.dictionary_encode()
    made = [
        hashlib.blake2b(value.encode(), key=secret[:64], digest_size=16).hexdigest() for value in coded.dictionary.to_pylist()
    ]
    return pa.array(made, pa.string()).take(coded.indices)


def masked(column: pa.Array) -> pa.Array:
    """The text without e-mail addresses, phone numbers and @handles. Names in free text can't be found this way."""
    for pattern in (EMAIL, PHONE):
        column = pc.replace_substring_regex(column, pattern, MASKED)
    return pc.replace_substring_regex(column, r"(^|[^\w@.])@\w{2,}", r"\1@" + MASKED)


def treat(column: pa.Array, action: str | None, secret: bytes) -> pa.Array | None:
    """The column after its action; None where it is dropped."""
    if action == "drop":
        return None
    if action == "hash":
        return hashed(column, secret)
    return masked(column) if action == "mask" else column


def has_contacts(column: pa.Array) -> tuple[int, int]:
    """How many cells hold an e-mail address, a phone number or an @handle, and the place of the first."""
    found = pc.match_substring_regex(column, f"{EMAIL}|{HANDLE}|{PHONE}").fill_null(False)
    n = pc.sum(found).as_py() or 0
    return n, pc.index(found, True).as_py() if n else -1
