"""Times from text, a column at a time: which of the known ways they are written, and their moments in UTC."""

from __future__ import annotations

import dataclasses

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.errors import BadInput

_CLOCK = (
    r"(?:[T ,]+(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?)?\s*(?P<p>[AaPp]\.?[Mm]\.?)?)?"
    r"\s*(?P<z>Z|z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?$"
)
_MONTH = r"(?P<m>\d{1,2}|\p{L}{3,}\.?)"
_TAIL = r"[-/., ]+(?P<y>\d{4}|\d{2})(?: ?[гr]\.)?"
PATTERNS = {
    "year first": r"^(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})" + _CLOCK,
    "day first": r"^(?P<d>\d{1,2})[-/. ]" + _MONTH + _TAIL + _CLOCK,
    "month first": "^" + _MONTH + r"[-/. ](?P<d>\d{1,2})" + _TAIL + _CLOCK,
    "compact": r"^(?P<y>\d{4})(?P<m>[01]\d)(?P<d>[0-3]\d)(?:[T _]?(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2})?)?(?P<z>Z)?$",
}
_FIRST, _LAST = (np.datetime64(day, "us").astype(np.int64) for day in ("0001-01-02", "9999-12-31T23:59:59.999999"))
_EPOCH = r"^-?\d{1,19}(?:\.\d+)?$"
EPOCHS = {"s": 1_000_000, "ms": 1_000, "us": 1, "ns": 0.001}  # microseconds in one
FORMATS = (*PATTERNS, *(f"epoch {unit}" for unit in EPOCHS))
_MONTHS = (
    "jan янв sty", "feb фев lut", "mar мар mar", "apr апр kwi", "may май мая maj", "jun июн cze",
    "jul июл lip", "aug авг sie", "sep сен wrz", "oct окт paź paz", "nov ноя lis", "dec дек gru",
)  # fmt: skip
_MONTH_OF = {start: number for number, starts in enumerate(_MONTHS, 1) for start in starts.split()}


@dataclasses.dataclass(frozen=True)
class Times:
    """Microseconds since 1970 in UTC; `ok` where a cell was read; `offset` where it carried its own offset."""

    micros: np.ndarray
    ok: np.ndarray
    offset: np.ndarray  # minutes, 0 where none
    aware: np.ndarray


def epoch_unit(low: float, high: float) -> str | None:
    """The unit in which numbers from `low` to `high` lie between 1990 and 2100; None where there is none."""
    for unit, micros in EPOCHS.items():
        if low * micros >= 631_152_000e6 and high * micros <= 4_102_444_800e6:
            return unit
    return None


def parse(column: pa.Array, form: str, zone: str) -> Times:
    """`column` (trimmed text, null where empty) read as `form`. Times without an offset are read in `zone`; an hour that a
    clock shows twice is the earlier one, one that it skips is moved to the next that exists. Only the years 1 to 9999 are
    times: others can't be written as a date."""
    found = _parsed(column, form, zone)
    within = (found.micros >= _FIRST) & (found.micros <= _LAST)
    return found if within.all() else dataclasses.replace(found, micros=np.where(within, found.micros, 0), ok=found.ok & within)


def _parsed(column: pa.Array, form: str, zone: str) -> Times:
    n = len(column)
    if form.startswith("epoch "):
        micros, ok = _epochs(column, form.split()[1])
        return Times(micros, ok, np.zeros(n, np.int32), ok.copy())
    quick = _quick(column, zone) if form == "year first" else None
    return quick or _slow(column, form, zone)


def _quick(column: pa.Array, zone: str) -> Times | None:
    # ISO 8601 as Arrow reads it, for a column written in one way from end to end
    n = len(column)
    ok = column.is_valid().to_numpy(zero_copy_only=False)
    if not ok.any():
        return Times(np.zeros(n, np.int64), ok, np.zeros(n, np.int32), np.zeros(n, bool))
    offsets = np.zeros(n, np.int32)
    for kind in (pa.timestamp("us"), pa.timestamp("us", "UTC")):
        try:
            micros = pc.cast(column, kind).cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
        except pa.ArrowInvalid:
            continue
        if kind.tz is None:
            return Times(localise(micros, ok, zone), ok, offsets, np.zeros(n, bool))
        zones = pc.struct_field(pc.extract_regex(column, r"(?P<z>[Zz]|[+-]\d{2}:?\d{0,2})$"), "z")
        return Times(micros, ok, _offsets(zones), ok.copy())
    return None


def _epochs(column: pa.Array, unit: str) -> tuple[np.ndarray, np.ndarray]:
    good = pc.match_substring_regex(column, _EPOCH).fill_null(False)
    ok = good.to_numpy(zero_copy_only=False).copy()
    kept = pc.if_else(good, column, None)
    whole = not pc.any(pc.match_substring(kept, ".")).as_py()
    try:
        numbers = kept.cast(pa.int64() if whole else pa.float64()).fill_null(0).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        numbers = kept.cast(pa.float64()).fill_null(0).to_numpy(zero_copy_only=False)
    scale = EPOCHS[unit]
    fits = np.abs(numbers.astype(np.float64)) * scale < 2.5e17  # within the years a nanosecond clock can write, and some
    ok &= fits
    numbers = np.where(fits, numbers, 0)
    exact = unit == "ns" and numbers.dtype.kind == "i"
    return (numbers // 1000 if exact else np.round(numbers * scale)).astype(np.int64), ok


def _slow(column: pa.Array, form: str, zone: str) -> Times:
    parts = pc.extract_regex(column, PATTERNS[form])
    names = {field.name for field in parts.type}
    n = len(column)

    def number(name: str, missing: int = 0) -> np.ndarray:
        if name not in names:
            return np.full(n, missing, np.int64)
        text = pc.struct_field(parts, name)
        return pc.if_else(pc.equal(text, ""), None, text).cast(pa.int64()).fill_null(missing).to_numpy(zero_copy_only=False)

    ok = parts.is_valid().to_numpy(zero_copy_only=False).copy()
    year, day = number("y"), number("d")
    year = np.where(ok & (year < 100), np.where(year < 70, 2000, 1900) + year, year)
    month = _month_numbers(pc.struct_field(parts, "m"))
    hour, minute, second = number("H"), number("M"), number("S")
    if "p" in names:
        half = pc.utf8_lower(pc.utf8_slice_codeunits(pc.struct_field(parts, "p"), 0, 1)).fill_null("")
        said = pc.not_equal(half, "").to_numpy(zero_copy_only=False)
        evening = pc.equal(half, "p").to_numpy(zero_copy_only=False)
        ok &= ~said | ((hour >= 1) & (hour <= 12))
        hour = np.where(said, hour % 12 + 12 * evening, hour)
    ok &= (month >= 1) & (month <= 12) & (day >= 1) & (hour < 24) & (minute < 60) & (second < 61)
    months = ((np.where(ok, year, 1970) - 1970) * 12 + np.where(ok, month, 1) - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]").astype(np.int64)
    ok &= day <= (months + 1).astype("datetime64[D]").astype(np.int64) - days
    micros = ((days + day - 1) * 86400 + hour * 3600 + minute * 60 + second) * 1_000_000 + _fraction(parts, names)
    zones = pc.struct_field(parts, "z")
    aware = pc.not_equal(zones.fill_null(""), "").to_numpy(zero_copy_only=False)
    offsets = _offsets(zones)
    ok &= np.abs(offsets) <= 14 * 60  # no clock on Earth is further from UTC
    micros = np.where(ok, micros, 0)
    naive = ok & ~aware
    micros = np.where(aware, micros - offsets.astype(np.int64) * 60_000_000, localise(micros, naive, zone))
    return Times(micros, ok, offsets, aware & ok)


def _month_numbers(texts: pa.Array) -> np.ndarray:
    coded = texts.dictionary_encode()
    numbers = np.array([_month(text) for text in coded.dictionary.to_pylist()] or [0], np.int64)
    return numbers[coded.indices.fill_null(0).to_numpy(zero_copy_only=False)]


def _month(text: str | None) -> int:
    if not text:
        return 0
    return int(text) if text.isdigit() else _MONTH_OF.get(text.lower()[:3], 0)


def _fraction(parts: pa.Array, names: set[str]) -> np.ndarray:
    if "f" not in names:
        return np.zeros(len(parts), np.int64)
    padded = pc.utf8_slice_codeunits(pc.utf8_rpad(pc.struct_field(parts, "f").fill_null(""), 6, "0"), 0, 6)
    return padded.cast(pa.int64()).to_numpy(zero_copy_only=False)


def _offsets(zones: pa.Array) -> np.ndarray:
    coded = zones.dictionary_encode()
    minutes = np.array([_minutes(text) for text in coded.dictionary.to_pylist()] or [0], np.int32)
    return minutes[coded.indices.fill_null(0).to_numpy(zero_copy_only=False)] * coded.is_valid().to_numpy(zero_copy_only=False)


def _minutes(text: str | None) -> int:
    if not text or text[0] not in "+-":
        return 0
    digits = text[1:].replace(":", "")
    return (-1 if text[0] == "-" else 1) * (int(digits[:2]) * 60 + int(digits[2:4] or 0))


def check_zone(zone: str) -> str:
    """`zone` if there is such a time zone, else BadInput."""
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise BadInput("sources.bad_zone", asked=zone) from None
    return zone


def localise(micros: np.ndarray, which: np.ndarray, zone: str) -> np.ndarray:
    """Wall-clock microseconds as UTC ones, where `which`."""
    check_zone(zone)
    if zone.upper() == "UTC" or not which.any():
        return micros
    import pandas as pd

    walls = pd.DatetimeIndex(micros[which].astype("datetime64[us]"))
    moved = walls.tz_localize(zone, ambiguous=np.ones(len(walls), bool), nonexistent="shift_forward").tz_convert("UTC")
    made = micros.copy()
    made[which] = moved.tz_localize(None).to_numpy().astype("datetime64[us]").astype(np.int64)
    return made
