"""JSON: one object a line, or one list of objects. Numbers are kept as they are written, so that long ids survive.

Objects inside objects become columns "outer.inner"; lists stay as JSON text. Row numbers count the lines that aren't blank
(or the objects of the list) from 1.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from workbench.errors import BadInput
from workbench.sources import csv_file, detect, frames
from workbench.sources import origin as origins
from workbench.sources.parts import ROW, Detected, Fault, Limits, Overrides, Raw, Watch

_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=lambda word: None)


def read(origin: origins.Origin, overrides: Overrides, limits: Limits, watch: Watch) -> Raw:
    """The objects' values as text. Lines that are no objects become faults."""
    text, encoding, notes = csv_file.decoded(origins.data(origin, limits, watch), origin, overrides)
    faults: list[Fault] = []
    listed = text.lstrip()[:1] == b"["
    objects = _listed(text.decode(), origin, watch) if listed else _lines(text, origin, limits, faults, watch)
    columns: dict[str, list[str | None]] = {}
    numbers = []
    for number, one in objects:
        for key, value in _flat(one, "", limits.depth):
            column = columns.get(key)
            if column is None:
                if len(columns) >= limits.columns:
                    raise BadInput("sources.too_many_columns", file=origin.name, found=len(columns) + 1, allowed=limits.columns)
                column = columns[key] = []
            if len(column) < len(numbers):
                column.extend([None] * (len(numbers) - len(column)))
            if value is not None and len(value) > limits.cell:
                raise BadInput("sources.long_cell", file=origin.name, row=number, column=key, allowed=limits.cell)
            if len(column) == len(numbers):  # of a key given twice in one object the first counts
                column.append(value)
        numbers.append(number)
        if len(numbers) % 10_000 == 0:
            frames.check_size(len(numbers), len(columns), origin.name, limits)
    frames.check_size(len(numbers), len(columns), origin.name, limits)
    if not columns:
        raise BadInput("sources.json_bad", file=origin.name, found=faults[0].found if faults else "[]")
    for column in columns.values():
        column.extend([None] * (len(numbers) - len(column)))
    names, _ = detect.unique_names([frames.sound(name) for name in columns])
    arrays = [frames.texts(column) for column in columns.values()]
    table = pa.table([*arrays, pa.array(np.array(numbers, np.int64))], names=[*names, ROW])
    return Raw(table, Detected(encoding=encoding), tuple(faults), tuple(notes))


def _listed(text: str, origin: origins.Origin, watch: Watch) -> Iterator[tuple[int, dict]]:
    # one after another: all at once they would fill many times the file's size
    at, number = _after(r"\s*\[\s*", text, 0), 0
    while text[at : at + 1] != "]" or number:
        number += 1
        try:
            one, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise BadInput("sources.json_bad", file=origin.name, found=str(error)) from None
        if not isinstance(one, dict):
            raise BadInput("sources.json_bad", file=origin.name, found=f"{number}: {str(one)[:40]}")
        yield number, one
        if number % 20_000 == 0:
            watch.at(0.3 + 0.6 * at / len(text), "reading")
        after = _after(r"\s*,\s*", text, at)
        if after == at:
            break
        at = after
    if not re.compile(r"\s*\]\s*$").match(text, at):
        raise BadInput("sources.json_bad", file=origin.name, found=text[at : at + 40] or "…")


def _after(pattern: str, text: str, at: int) -> int:
    # the place behind `pattern` where it stands at `at`, else `at`
    found = re.compile(pattern).match(text, at)
    return found.end() if found else at


def _lines(text: bytes, origin: origins.Origin, limits: Limits, faults: list[Fault], watch: Watch):
    stream, number = io.BytesIO(text), 0
    for line in stream:
        if not line.strip():
            continue
        number += 1
        if number % 20_000 == 0:
            watch.at(0.3 + 0.6 * stream.tell() / len(text), "reading")
        if len(faults) > limits.faults:
            raise BadInput("sources.too_many_faults", file=origin.name, allowed=limits.faults)
        written = line.decode("utf-8", "replace").strip()
        try:
            one = _DECODER.decode(written)
        except (ValueError, RecursionError) as error:
            cut = not line.endswith(b"\n")
            faults.append(
                Fault(
                    number, "cut_row" if cut else "bad_json", written[-40:] if cut else str(error)[:80], written[: limits.cell]
                )
            )
            continue
        if isinstance(one, dict):
            yield number, one
        else:
            faults.append(Fault(number, "bad_json", written[:40], written[: limits.cell]))


def _flat(found: dict, prefix: str, depth: int):
    for key, value in found.items():
        if isinstance(value, dict) and depth:
            yield from _flat(value, f"{prefix}{key}.", depth - 1)
        elif value is None or isinstance(value, str):
            yield prefix + key, value
        elif isinstance(value, bool):
            yield prefix + key, "true" if value else "false"
        else:
            yield prefix + key, json.dumps(value, ensure_ascii=False)
