"""How a text file is written: encoding, separator, where the column names stand. And what its columns hold."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.errors import BadInput
from workbench.sources import quantities, times
from workbench.sources.names import ID_WORDS, words
from workbench.sources.parts import ROW, ColumnInfo, Detected, Overrides

SEPARATORS = (",", ";", "\t", "|")
BLANKS = " "  # columns set apart by runs of blanks
_POLISH = frozenset("ąćęłńóśźżĄĆĘŁŃÓŚŹŻ".encode("cp1250"))
_SAMPLE = 20_000


def encoding(data: bytes) -> tuple[str, int | None]:
    """The encoding, and in otherwise good UTF-8 the line of the first byte that isn't."""
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", None
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", None
    head = data[:4096]
    if len(head) > 3 and head.count(0) > len(head) // 4:
        return ("utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"), None
    try:
        data.decode("utf-8")
        return "utf-8", None
    except UnicodeDecodeError as error:
        place = error.start
        if error.reason == "unexpected end of data":  # a file cut inside a letter
            return "utf-8", None
    high = re.findall(rb"[\x80-\xff]+", data[: 1 << 22])
    good = sum(_is_utf8(run) for run in high)
    if high and good > 0.9 * len(high):
        return "utf-8", data.count(b"\n", 0, place) + 1
    return _one_byte(high), None


def _is_utf8(run: bytes) -> bool:
    try:
        run.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _one_byte(runs: list[bytes]) -> str:
    # Cyrillic words are runs of high bytes; in Polish ones stand alone, and few different
    letters = sum(map(len, runs))
    long = [run for run in runs if len(run) > 1]
    in_words = sum(len(run) for run in long if sum(byte >= 0xC0 or byte in b"\xa8\xb8" for byte in run) > len(run) / 2)
    if in_words > letters / 2:
        return "cp1251"
    polish = sum(byte in _POLISH for run in runs for byte in run)
    return "cp1250" if polish > letters * 0.6 else "cp1252"


def check_encoding(name: str) -> str:
    """The codec's own name; BadInput for what isn't a way to write text, such as "zlib"."""
    try:
        found = codecs.lookup(name).name
        b"a".decode(found, "replace")
        return found
    except (LookupError, ValueError):
        raise BadInput("sources.bad_encoding", asked=name) from None


def _records(text: str, separator: str, limit: int = 200) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    found = []
    try:
        for record in reader:
            found.append(record)
            if len(found) == limit:
                break
    except csv.Error:
        pass
    return found


def separator(head: str) -> str:
    """The separator under which most of the first lines fall into equally many fields; more fields win."""
    best, best_score = ",", 0.0
    for mark in SEPARATORS:
        counts = [len(record) for record in _records(head, mark) if record]
        if not counts:
            continue
        width, often = Counter(counts[:-1] or counts).most_common(1)[0]
        score = often / max(1, len(counts[:-1] or counts)) * (1 + min(width, 50) / 50) if width > 1 else 0
        if score > best_score:
            best, best_score = mark, score
    if best_score < 0.5:
        widths = {len(line.split()) for line in head.splitlines()[:-1][:200] if line.strip()}
        if len(widths) == 1 and widths.pop() > 1:
            return BLANKS
    return best


def header(records: list[list[str]]) -> int:
    """Place of the record with the column names: the first that fills more than half the usual width (a title
    above doesn't); -1 where that looks like data."""
    widths = Counter(len(record) for record in records if any(cell.strip() for cell in record))
    if not widths:
        return -1
    width = widths.most_common(1)[0][0]
    for place, record in enumerate(records[:30]):
        if sum(bool(cell.strip()) for cell in record) > width / 2:
            return -1 if looks_like_data(record, records[place + 1 : place + 20]) else place
    return 0


def looks_like_data(first: list[str], below: list[list[str]]) -> bool:
    """Whether the first row holds numbers or times where the rows below it do."""
    typed = [place for place, cell in enumerate(first) if _is_value(cell)]
    if not typed:
        return False
    same = sum(any(_is_value(row[place]) for row in below if place < len(row)) for place in typed)
    return (same == len(typed) and len(typed) >= min(2, len(first))) or len(typed) > len(first) / 2


def _is_value(cell: str) -> bool:
    cell = cell.strip()
    return bool(re.fullmatch(r"[+-]?\d+(?:[.,]\d+)?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ].*)?", cell))


def unique_names(names: list[str], *, fold: bool = False) -> tuple[list[str], list[str]]:
    """Column names without blanks around them, the empty ones numbered, twins told apart (with `fold` also those that differ
    only in capitals); and the names that had twins."""
    taken, twins, made = {ROW}, [], []
    for place, name in enumerate(names, 1):
        base = name.strip().strip("\ufeff").strip() or f"column_{place}"
        fresh, number = base, 2
        while (fresh.lower() if fold else fresh) in taken:
            fresh, number = f"{base}_{number}", number + 1
        if fresh != base and base != ROW:
            twins.append(base)
        taken.add(fresh.lower() if fold else fresh)
        made.append(fresh)
    return made, twins


def columns(
    table: pa.Table, kinds: dict[str, str], found: Detected, overrides: Overrides
) -> tuple[tuple[ColumnInfo, ...], Detected]:
    """What each column holds, and the detection completed by what all columns say together."""
    names = [name for name in table.column_names if name != ROW]
    samples = {name: _sample(table.column(name)) for name in names}
    decimal = overrides.decimal or _decimal([samples[name] for name in names], found.separator)
    day_first = overrides.day_first
    if day_first is None:
        day_first = _day_first([table.column(name) for name in names if _dotted(samples[name])])
    infos, units = [], set()
    for name in names:
        info = _column(name, table.column(name), samples[name], kinds.get(name), decimal, day_first, overrides.epoch_unit)
        infos.append(info)
        if info.format.startswith("epoch"):
            units.add(info.format.split()[1])
    has_dates = any(info.format in ("day first", "month first") for info in infos)
    has_decimals = any(info.kind == "number" for info in infos)
    completed = Detected(
        found.encoding,
        found.separator,
        decimal if has_decimals else None,
        (day_first is not False) if has_dates else None,
        times.check_zone(overrides.timezone or found.timezone),
        sorted(units)[0] if units else None,
        found.header_row,
    )
    return tuple(infos), completed


def _sample(column: pa.ChunkedArray) -> pa.Array:
    n = len(column)
    if n > _SAMPLE:
        column = column.take(pa.array(np.unique(np.linspace(0, n - 1, _SAMPLE).astype(np.int64))))
    filled = quantities.trimmed(quantities.one_array(column)).drop_null()
    return filled.filter(pa.array(~quantities.means_nothing(filled))) if len(filled) else filled


def _share(sample: pa.Array, pattern: str) -> float:
    return pc.mean(pc.match_substring_regex(sample, pattern).cast(pa.float64())).as_py() or 0.0 if len(sample) else 0.0


def _decimal(samples: list[pa.Array], mark: str | None) -> str:
    # a comma that can't group thousands makes it the decimal sign, wherever points don't say otherwise
    commas = points = 0.0
    for sample in samples:
        bare = quantities.undressed(sample)
        if _share(bare, quantities.COMMA) > 0.8:
            commas += _share(bare, r"^[+-]?(?:\d{1,3}(?:\.\d{3})*|\d+),(?:\d{1,2}|\d{4,})$")
        if _share(bare, quantities.POINT) > 0.8:
            points += _share(bare, r"^[+-]?[\d,]*\.(?:\d{1,2}|\d{4,})$")
    if commas == points:
        return "," if mark == ";" and any(_share(sample, r"^[+-]?\d+,\d+$") > 0.8 for sample in samples) else "."
    return "," if commas > points else "."


def _dotted(sample: pa.Array) -> bool:
    return _share(sample, r"^\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b") > 0.5


def _day_first(candidates: list[pa.ChunkedArray]) -> bool | None:
    # over all rows, not a sample: one 25/12 decides; None: every date could be read both ways
    days = months = 0
    for column in candidates:
        text = quantities.trimmed(quantities.one_array(column))
        days += pc.sum(pc.match_substring_regex(text, r"^(?:1[3-9]|[23]\d)[-/.]\d{1,2}[-/.]")).as_py() or 0
        months += pc.sum(pc.match_substring_regex(text, r"^\d{1,2}[-/.](?:1[3-9]|[23]\d)[-/.]")).as_py() or 0
        if not days and not months and pc.any(pc.match_substring_regex(text, r"(?i)\d ?[ap]m$")).as_py():
            months += 1
    return None if days == months else days > months


def _column(
    name: str,
    column: pa.ChunkedArray,
    sample: pa.Array,
    declared: str | None,
    decimal: str,
    day_first: bool | None,
    unit: str | None,
) -> ColumnInfo:
    n_empty = column.null_count + (pc.sum(pc.match_substring_regex(column, r"^\s+$")).as_py() or 0)
    examples = tuple(text[:80] for text in pc.unique(sample[:2000]).to_pylist()[:3])
    kind, form = _kind(name, sample, decimal, day_first, unit)
    if declared in ("text", "id") and kind != "id":
        kind, form = declared, ""
    filled = quantities.trimmed(quantities.one_array(column))
    clean = _reads(filled, kind, form)
    unique = n_empty == 0 and len(column) > 0 and pc.count_distinct(filled).as_py() == len(column)
    return ColumnInfo(name, kind, form, examples, n_empty, clean, unique)


def _kind(name: str, sample: pa.Array, decimal: str, day_first: bool | None, unit: str | None) -> tuple[str, str]:
    if not len(sample):
        return "text", ""
    for form in ("year first", "day first", "month first"):
        if _share(sample, times.PATTERNS[form]) >= 0.8:  # one bad time among five
            spelled = _share(sample, r"^(?:\d{1,2}[-/. ])?\p{L}{3}") > 0.8
            return "time", "month first" if form == "day first" and day_first is False and not spelled else form
    named = set(words(name))
    counted = {"number", "no"} & named and "of" in named
    is_id = (bool(named & ID_WORDS) and not counted) or any(word.endswith("id") and len(word) > 4 for word in named)
    low = pc.utf8_lower(sample)
    if not is_id and _share(low, "^(?:true|false|yes|no|tak|nie|да|нет|prawda|fałsz)$") > 0.95:
        return "flag", ""
    if _share(quantities.undressed(sample), quantities.COMMA if decimal == "," else quantities.POINT) <= 0.8:
        return ("id" if is_id or _share(sample, r"^[0-9a-fA-F-]{16,}$") > 0.9 else "text"), ""
    stamped = _clock(named, sample, unit)
    if stamped and not is_id:
        return "time", stamped
    # leading zeros and long integers are names of things, not amounts; a spreadsheet's 5.7E+17 was one
    coded = _share(sample, r"^0\d+$|^\d{16,}$|^[+-]?\d(?:[.,]\d+)?[eE]\+\d+$")
    if is_id or coded > 0.02:
        return "id", ""
    return "number", "decimal comma" if decimal == "," else "decimal point"


_TIME_WORDS = frozenset(
    [
        "time",
        "date",
        "timestamp",
        "ts",
        "at",
        "epoch",
        "datetime",
        "when",
        "czas",
        "data",
        "godzina",
        "время",
        "дата",
        "created",
        "updated",
    ]
)


def _clock(named: set[str], sample: pa.Array, unit: str | None) -> str | None:
    # eight digits that are all dates are dates, whatever the name; other stamps need a name that says so
    if _share(sample, r"^(?:19[5-9]|20[0-4])\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$") == 1:
        return "compact"
    if not named & _TIME_WORDS or _share(sample, r"^\d{8,19}(?:\.\d+)?$") < 0.8:
        return None
    if _share(sample, times.PATTERNS["compact"]) > 0.8 and _share(sample, r"^(?:19|20)\d\d(?:0[1-9]|1[0-2])") > 0.8:
        return "compact"
    values, ok = quantities.numbers(sample, "decimal point")
    unit = unit or (times.epoch_unit(*np.quantile(values[ok], [0.1, 0.9])) if ok.any() else None)
    return f"epoch {unit}" if unit else None


def likeliest_time(column: pa.Array, day_first: bool | None, unit: str | None) -> str:
    """The format most cells of a column fit that is said to hold times, though it doesn't look like it."""
    sample = _sample(pa.chunked_array([column]))
    shares = {form: _share(sample, times.PATTERNS[form]) for form in times.PATTERNS}
    best = max(shares, key=lambda form: shares[form])
    if shares[best] > 0:
        return "month first" if best == "day first" and day_first is False else best
    values, ok = quantities.numbers(sample, "decimal point")
    unit = unit or (times.epoch_unit(*np.quantile(values[ok], [0.1, 0.9])) if ok.any() else None)
    return f"epoch {unit}" if unit else "year first"


def _reads(filled: pa.Array, kind: str, form: str) -> bool:
    # whether every filled cell can be read as that kind, so that nothing is lost where the column is kept as such
    full = filled.is_valid().to_numpy(zero_copy_only=False)
    if kind == "number":
        return bool((quantities.numbers(filled, form)[1] == full).all())
    if kind == "time":
        return bool((times.parse(filled, form, "UTC").ok == full).all())
    if kind == "flag":
        return bool((quantities.flags(filled)[1] == full).all())
    return True


def day_first_shown(table: pa.Table, names: list[str]) -> bool:
    """Whether the dates themselves tell the day from the month: by a day above 12, or by points between the parts."""
    chosen = [table.column(name) for name in names]
    pointed = all(_share(_sample(column), r"^\d{1,2}\.|\p{L}{3}") > 0.8 for column in chosen)
    return pointed or _day_first(chosen) is not None
