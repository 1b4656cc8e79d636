"""CSV, TSV and their kin, gz or not.

Row numbers count the data rows from 1: the header, lines before it and blank lines are not counted; a record whose quoted
cell runs over several lines is one row. Row 1 of a file with a header in line 1 is therefore line 2 of the file.
"""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from workbench.errors import BadInput
from workbench.result import Caveat
from workbench.sources import detect, frames
from workbench.sources import origin as origins
from workbench.sources.parts import ROW, Detected, Fault, Limits, Overrides, Raw, Watch

_HEAD = 1 << 18
_TAIL_LINES = 50  # an open quote further from the end is a stray one, not a cut


def read(origin: origins.Origin, overrides: Overrides, limits: Limits, watch: Watch) -> Raw:
    """The file's cells as text. Rows with too many or too few fields become faults."""
    data = origins.data(origin, limits, watch)
    text, encoding, notes = decoded(data, origin, overrides)
    if len(text) > 7 and text[:4].lower() == b"sep=" and text[5:6] in b"\r\n":
        said, text = text[4:5].decode(), text[5:].lstrip(b"\r\n")
    else:
        said = None
    head = _head(text)
    separator = overrides.separator or said or detect.separator(head)
    if separator == "\\t":
        separator = "\t"
    if separator == detect.BLANKS:
        text, head, separator = _tabbed(text), _tabbed(head.encode()).decode(), "\t"
    if len(separator) != 1 or not separator.isascii() or separator in '"\r\n\0':
        raise BadInput("sources.bad_separator", asked=separator)
    names, start, header_row = _names(head, text, separator, overrides.header_row, origin, limits)
    if not names:
        raise BadInput("sources.no_cells", file=origin.name)
    names, twins = detect.unique_names(names)
    if twins:
        notes.append(Caveat("sources.twin_columns", {"columns": ", ".join(dict.fromkeys(twins))}))
    watch.at(0.4, "reading")
    frames.check_size(text.count(b"\n", start) or text.count(b"\r", start), len(names), origin.name, limits)
    body, cut = _whole(text, start, separator, origin)
    table, faults = _parse(body, names, separator, origin, limits, cut)
    watch.at(0.9, "reading")
    _check_cells(table, origin, limits)
    found = Detected(encoding=encoding, separator=separator, header_row=header_row)
    return Raw(table, found, tuple(faults), tuple(notes))


def decoded(data: bytes, origin: origins.Origin, overrides: Overrides) -> tuple[bytes, str, list[Caveat]]:
    """The file in UTF-8, the encoding it was in, and what there is to say about that."""
    notes = []
    if overrides.encoding:
        name = detect.check_encoding(overrides.encoding)
    else:
        name, bad_line = detect.encoding(data)
        if bad_line:
            notes.append(Caveat("sources.bad_bytes", {"line": bad_line}))
        if name == "cp1252":
            notes.append(Caveat("sources.guessed_encoding", {"encoding": name}))
    if name in ("utf-8", "utf-8-sig") and not notes and not overrides.encoding:
        text = data[3:] if name == "utf-8-sig" else data
        text = _without_half_a_letter(text)
    else:
        text = data.decode(name, "replace").removeprefix("\ufeff").encode("utf-8", "replace")
    if b"\0" in text[: 1 << 20]:
        raise BadInput("sources.not_text", file=origin.name)
    return text, "utf-8 (BOM)" if name == "utf-8-sig" else name, notes


def _without_half_a_letter(text: bytes) -> bytes:
    # a file cut inside a letter ends with the first bytes of one
    for back in range(1, min(4, len(text)) + 1):
        byte = text[-back]
        if byte >= 0xC0:
            return text[:-back] if back < (2 if byte < 0xE0 else 3 if byte < 0xF0 else 4) else text
        if byte < 0x80:
            break
    return text


def _head(text: bytes) -> str:
    piece = text[:_HEAD]
    if len(text) > _HEAD:
        piece = piece[: piece.rfind(b"\n") + 1] or piece
    return piece.decode("utf-8", "replace")


def _tabbed(text: bytes) -> bytes:
    lines = re.sub(rb"[^\S\r\n]+", b"\t", text)
    return re.sub(rb"(?m)^\t|\t(?=\r?$)", b"", lines)


def _names(
    head: str, text: bytes, separator: str, asked: int | None, origin: origins.Origin, limits: Limits
) -> tuple[list[str], int, int]:
    # names, the byte at which the data begin, the line of the header (0: none)
    ends_at = re.search(rb"[\r\n]", text)
    frames.check_size(0, text.count(separator.encode(), 0, ends_at.end() if ends_at else len(text)) + 1, origin.name, limits)
    stream = io.StringIO(head, newline="")
    reader = csv.reader(stream, delimiter=separator)
    records, ends, lines = [], [], []
    try:
        for record in reader:
            records.append(record)
            ends.append(stream.tell())
            lines.append(reader.line_num)
            if len(records) == 60:
                break
    except csv.Error:
        pass
    if not records:
        raise BadInput("sources.long_cell", file=origin.name, row=1, column="–", allowed=limits.cell)
    if asked is None:
        place = detect.header(records)
    elif asked == 0:
        place = -1
    else:
        place = next((place for place, line in enumerate(lines) if line >= asked), len(lines) - 1)
    if place < 0:
        width = max((len(record) for record in records[:20]), default=1)
        return [""] * width, 0, 0
    frames.check_size(0, len(records[place]), origin.name, limits)
    names, below = records[place], [record for record in records[place + 1 :] if record]
    # a separator at the end of every row, but not of the names
    spare = len(below[0]) - len(names) if below else 0
    if spare > 0 and all(len(record) == len(below[0]) and not any(record[len(names) :]) for record in below[:-1] or below):
        names = names + [""] * spare
    return names, len(head[: ends[place]].encode()), lines[place]


def _whole(text: bytes, start: int, separator: str, origin: origins.Origin) -> tuple[memoryview, bytes | None]:
    # the data without a last record whose quote is never closed; that record apart
    if text.count(b'"', start) % 2 == 0:
        return memoryview(text)[start:], None
    # an odd quote may stand inside a cell that isn't quoted (5" pipe): only reading tells
    body = text[start:].decode("utf-8", "replace")
    stream = io.StringIO(body, newline="")
    reader = csv.reader(stream, delimiter=separator)
    begin = line = end = lines = 0
    try:
        for _ in reader:
            begin, line, end, lines = end, lines, stream.tell(), reader.line_num
    except csv.Error:
        begin, line = end, lines
    last = body[begin:]
    try:
        for _ in csv.reader(io.StringIO(last, newline=""), delimiter=separator, strict=True):
            pass
    except csv.Error as error:
        if "unexpected end" in str(error) and last.count("\n") <= _TAIL_LINES:
            place = start + len(body[:begin].encode())
            return memoryview(text)[start:place], text[place:]
        if "unexpected end" in str(error) or "limit" in str(error):
            raise BadInput("sources.open_quote", file=origin.name, line=text.count(b"\n", 0, start) + line + 1) from None
    return memoryview(text)[start:], None


def _parse(
    body: memoryview, names: list[str], separator: str, origin: origins.Origin, limits: Limits, cut: bytes | None
) -> tuple[pa.Table, list[Fault]]:
    bad: list[pa.csv.InvalidRow] = []
    faults: list[Fault] = []

    def keep(row: pa.csv.InvalidRow) -> str:
        bad.append(row)
        return "skip" if len(bad) <= limits.faults else "error"

    def once(threads: bool) -> pa.Table:
        bad.clear()
        quoted = b'"' in body.obj
        return pa.csv.read_csv(
            pa.BufferReader(pa.py_buffer(body)),
            read_options=pa.csv.ReadOptions(column_names=names, use_threads=threads, block_size=max(8 << 20, 4 * limits.cell)),
            parse_options=pa.csv.ParseOptions(delimiter=separator, newlines_in_values=quoted, invalid_row_handler=keep),
            convert_options=pa.csv.ConvertOptions(
                column_types={name: pa.string() for name in names}, strings_can_be_null=True, null_values=[""]
            ),
        )

    if not len(body) or (not bytes(body[:1000]).strip() and not bytes(body).strip()):
        table = pa.table({name: pa.array([], pa.string()) for name in names})
    else:
        try:
            table = once(True)
            if bad:  # row numbers are only given to a single thread
                table = once(False)
        except pa.ArrowInvalid as error:
            if len(bad) > limits.faults:
                raise BadInput("sources.too_many_faults", file=origin.name, allowed=limits.faults) from None
            raise BadInput("sources.unreadable", file=origin.name, found=str(error).splitlines()[0][:200]) from None
    total = table.num_rows + len(bad)
    unended = cut is None and bytes(body[-1:]) not in (b"\n", b"\r", b"")
    for row in bad:
        few = row.actual_columns < row.expected_columns
        kind = "cut_row" if few and unended and row.number == total else "too_few_fields" if few else "too_many_fields"
        faults.append(Fault(row.number, kind, f"{row.actual_columns} / {row.expected_columns}", row.text[: limits.cell]))
    if cut is not None:
        fields = cut.decode("utf-8", "replace")
        faults.append(Fault(total + 1, "cut_row", fields[-40:], fields[: limits.cell]))
        total += 1
    numbers = np.arange(1, total + 1)
    if faults:
        numbers = np.delete(numbers, [fault.row - 1 for fault in faults])
    return table.append_column(ROW, pa.array(numbers, pa.int64())), faults


def _check_cells(table: pa.Table, origin: origins.Origin, limits: Limits) -> None:
    for name in table.column_names[:-1]:
        column = table.column(name)
        longest = pc.max(pc.binary_length(column)).as_py() or 0
        if longest > limits.cell:
            place = int(np.argmax(pc.binary_length(column).fill_null(0).to_numpy()))
            row = table.column(ROW)[place].as_py()
            raise BadInput("sources.long_cell", file=origin.name, row=row, column=name, allowed=limits.cell)
