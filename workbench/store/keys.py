"""Which rows of one table have the key of a row of another: by 64-bit hashes, then by the keys themselves, so that the answer
is exact and 10 million keys cost 80 MB."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_STEP = 1 << 18
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def _mix(words: np.ndarray) -> np.ndarray:
    # the finaliser of splitmix64 (Steele, Lea and Flood 2014)
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def hashes(column: pa.ChunkedArray | pa.Array) -> np.ndarray:
    """A 64-bit hash of each text, `uint64`; the same on every machine and in every run. Nulls hash as empty texts."""
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    found = [_hashes(chunk.slice(at, _STEP)) for chunk in chunks for at in range(0, len(chunk), _STEP)]
    return np.concatenate(found) if found else np.empty(0, np.uint64)


def _hashes(texts: pa.Array) -> np.ndarray:
    texts = pa.concat_arrays([texts.cast(pa.large_string())])
    _, offsets, content = texts.buffers()
    starts = np.frombuffer(offsets, np.int64, len(texts) + 1, texts.offset * 8)
    first, last = int(starts[0]), int(starts[-1])
    # eight bytes from any place on, read as one number; the padding is masked away below
    data = np.zeros(last - first + 8, np.uint8)
    if last > first:
        data[:-8] = np.frombuffer(content, np.uint8, last - first, first)
    words = np.ndarray(len(data) - 7, "<u8", data, strides=(1,)).copy()
    starts = starts - first
    lengths = np.diff(starts)
    found = _mix(lengths.astype(np.uint64) + _GOLDEN)
    active = np.flatnonzero(lengths > 0)
    done = 0
    while len(active):
        left = lengths[active] - done
        word = words[starts[active] + done]
        cut = np.minimum(left, 8).astype(np.uint64) * np.uint64(8)
        word &= np.uint64(0xFFFFFFFFFFFFFFFF) >> (np.uint64(64) - cut)
        found[active] = _mix(found[active] * _GOLDEN ^ word)
        active = active[left > 8]
        done += 8
    return found


class Index:
    """The keys of a table of rows, to be looked up. Built once (a sort), read by `find`."""

    def __init__(self, keys: pa.Array, rows: np.ndarray | None = None) -> None:
        """`rows`: the positions of `keys` that count; all of them if left out."""
        self._keys = keys
        found = hashes(keys)
        rows = np.arange(len(keys)) if rows is None else rows
        order = rows[np.argsort(found[rows], kind="stable")]
        self._rows = order
        self._hashes = found[order]
        starts = np.flatnonzero(np.r_[True, self._hashes[1:] != self._hashes[:-1]]) if len(order) else np.empty(0, int)
        self._longest = int(np.diff(np.r_[starts, len(order)]).max()) if len(order) else 0

    def find(self, keys: pa.Array) -> tuple[np.ndarray, np.ndarray]:
        """Positions in `keys` and, for each, the indexed row that has that very key. Indexed keys differ."""
        wanted = hashes(keys)
        order = np.argsort(wanted, kind="stable")
        wanted = wanted[order]
        place = np.searchsorted(self._hashes, wanted)
        theirs, ours = [], []
        for step in range(self._longest):
            at = place + step
            inside = at < len(self._hashes)
            inside[inside] = self._hashes[at[inside]] == wanted[inside]
            left, right = order[inside], self._rows[at[inside]]
            equal = equal_texts(keys.take(pa.array(left)), self._keys.take(pa.array(right)))
            theirs.append(left[equal])
            ours.append(right[equal])
        if not theirs:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        return np.concatenate(theirs), np.concatenate(ours)


def representatives(keys: pa.Array, *, last: bool = False) -> np.ndarray:
    """For each row the first (or last) row that has the same key: itself where the key comes once."""
    found = hashes(keys)
    chosen = np.arange(len(keys))
    order = np.argsort(found, kind="stable")
    ordered = found[order]
    equal = ordered[1:] == ordered[:-1]
    if not equal.any():
        return chosen
    # only rows whose hash comes more than once; within them the keys themselves decide
    again = np.sort(order[np.r_[equal, False] | np.r_[False, equal]])
    codes = keys.take(pa.array(again)).dictionary_encode().indices.to_numpy(zero_copy_only=False)
    if last:
        _, place, inverse = np.unique(codes[::-1], return_index=True, return_inverse=True)
        chosen[again] = again[len(again) - 1 - place][inverse[::-1]]
    else:
        _, place, inverse = np.unique(codes, return_index=True, return_inverse=True)
        chosen[again] = again[place][inverse]
    return chosen


def equal_texts(left: pa.Array, right: pa.Array) -> np.ndarray:
    return np.asarray(pc.fill_null(pc.equal(left.cast(pa.large_string()), right.cast(pa.large_string())), False))
