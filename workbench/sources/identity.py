"""Keys for rows that have none: from their contents, so that the same row gets the same key at every load."""

from __future__ import annotations

import binascii

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_KEYS = ("customer journeys", "second half of id")
_UNIT = "\x1f"


def derived(columns: list[pa.Array]) -> pa.Array:
    """32 hexadecimal digits a row (128 bits of SipHash over its cells), then "-2", "-3" … for the second and third row
    with the very same cells. The key of a row doesn't depend on the rows around it but for such twins before it."""
    from pandas.util import hash_array

    if not columns or not len(columns[0]):
        return pa.array([], pa.string())
    n = len(columns[0])
    halves = [np.zeros(n, np.uint64), np.zeros(n, np.uint64)]
    step = 1 << 18  # in pieces: the joined text of a long table would not fit one array
    for start in range(0, n, step):
        parts = [pc.fill_null(column.slice(start, step), "\x00") for column in columns]
        joined = pc.binary_join_element_wise(*parts, _UNIT)
        objects = joined.to_numpy(zero_copy_only=False)
        for half, key in zip(halves, _KEYS, strict=True):
            half[start : start + step] = hash_array(objects, hash_key=key[:16].ljust(16), categorize=False)
    ids = _hex(halves)
    again = _occurrence(halves)
    if not again.any():
        return ids
    suffix = pc.binary_join_element_wise(ids, pa.array(again + 1).cast(pa.string()), "-")
    return pc.if_else(pa.array(again > 0), suffix, ids)


def _hex(halves: list[np.ndarray]) -> pa.Array:
    n = len(halves[0])
    both = np.stack(halves, axis=1).astype(">u8").tobytes()
    offsets = np.arange(n + 1, dtype=np.int64) * 32
    made = pa.Array.from_buffers(pa.large_string(), n, [None, pa.py_buffer(offsets), pa.py_buffer(binascii.hexlify(both))])
    return made.cast(pa.string())


def _occurrence(halves: list[np.ndarray]) -> np.ndarray:
    # 0 for the first of equal rows, 1 for the second …
    order = np.argsort(halves[0], kind="stable")
    first, second = halves[0][order], halves[1][order]
    new = np.ones(len(order), bool)
    new[1:] = first[1:] != first[:-1]
    if (~new[1:] & (second[1:] != second[:-1])).any():  # different rows with the same first half: as good as never
        order = np.lexsort((np.arange(len(order)), halves[1], halves[0]))
        first, second = halves[0][order], halves[1][order]
        new[1:] = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    starts = np.flatnonzero(new)
    ranks = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    made = np.empty(len(order), np.int64)
    made[order] = ranks
    return made


def repeated(column: pa.Array) -> np.ndarray:
    """Where a value has occurred before; empty cells never."""
    codes = column.dictionary_encode().indices
    places = codes.fill_null(-1).to_numpy(zero_copy_only=False)
    order = np.argsort(places, kind="stable")
    same = np.zeros(len(places), bool)
    same[order[1:]] = places[order[1:]] == places[order[:-1]]
    return same & (places >= 0)
