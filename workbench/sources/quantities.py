"""Numbers, flags and plain text from text columns."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_NUMBER = r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$"
# signs of money and the blanks that group digits; what is left must be a number
_DRESS = r"(?:[€$£₽¥₴\s\x{00A0}\x{202F}']|zł|PLN|EUR|USD|RUB|GBP|руб\.?)"
POINT = r"^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$|" + _NUMBER
COMMA = r"^[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?$|^[+-]?\d+(?:,\d*)?$|^[+-]?,\d+$"
FORMATS = ("decimal point", "decimal comma")
TRUE = ("true", "t", "yes", "y", "1", "1.0", "tak", "да", "prawda", "истина", "on")
FALSE = ("false", "f", "no", "n", "0", "0.0", "nie", "нет", "fałsz", "ложь", "off")
#: what people write for "nothing" where a time or a number belongs; in ids and texts it stays what it is
NOTHING = (
    "na",
    "n/a",
    "#n/a",
    "null",
    "none",
    "nan",
    "nat",
    "-",
    "—",
    "?",
    "\\n",
    "brak",
    "нет данных",
    "0000-00-00",
    "0000-00-00 00:00:00",
)
SPOILED = r"^[+-]?\d(?:[.,]\d+)?[eE]\+\d{1,3}$"  # an id after a spreadsheet has been at it


def one_array(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """The column as one plain array of text."""
    made = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return made if isinstance(made, pa.Array) else pa.concat_arrays(made.chunks)


def trimmed(column: pa.Array) -> pa.Array:
    """Without blanks at either end; null where nothing is left."""
    bare = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.equal(bare, ""), None, bare)


def means_nothing(column: pa.Array) -> np.ndarray:
    """Where a cell says in words that it is empty."""
    return pc.is_in(pc.utf8_lower(column), pa.array(NOTHING)).to_numpy(zero_copy_only=False)


def undressed(column: pa.Array) -> pa.Array:
    """Without signs of money and blanks between digits."""
    return pc.replace_substring_regex(column, _DRESS, "")


def numbers(column: pa.Array, form: str) -> tuple[np.ndarray, np.ndarray]:
    """Values and where they could be read; `column` is trimmed text."""
    if form != "decimal comma":
        try:
            values = column.cast(pa.float64())
            found = values.fill_null(0).to_numpy(zero_copy_only=False)
            if np.isfinite(found).all():
                return found, values.is_valid().to_numpy(zero_copy_only=False)
        except pa.ArrowInvalid:
            pass
    bare = undressed(column)
    fits = pc.match_substring_regex(bare, COMMA if form == "decimal comma" else POINT).fill_null(False)
    bare = pc.if_else(fits, bare, None)
    if form == "decimal comma":
        bare = pc.replace_substring(pc.replace_substring(bare, ".", ""), ",", ".")
    else:
        bare = pc.replace_substring(bare, ",", "")
    readable = pc.match_substring_regex(bare, _NUMBER).fill_null(False)
    values = pc.if_else(readable, bare, None).cast(pa.float64())
    found = values.fill_null(0).to_numpy(zero_copy_only=False)
    return found, values.is_valid().to_numpy(zero_copy_only=False) & np.isfinite(found)


def flags(column: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Values and where they could be read: yes/no, true/false, 1/0, tak/nie, да/нет."""
    low = pc.utf8_lower(column)
    yes = pc.is_in(low, pa.array(TRUE)).to_numpy(zero_copy_only=False)
    no = pc.is_in(low, pa.array(FALSE)).to_numpy(zero_copy_only=False)
    return yes, yes | no
