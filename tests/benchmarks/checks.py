"""Checksums: two tools answered alike when these numbers are."""

from __future__ import annotations

import math
import zlib

import numpy as np
import pandas as pd

_PLACES = ("position", "months")


def checksum(found: pd.DataFrame) -> tuple[float, ...]:
    """Number of rows, and for each numeric column its sum, the sum of its squares and its sum weighted by the row's key (texts,
    days and places), so that another order of rows doesn't matter, but a number at the wrong row does."""
    keys = [name for name in sorted(found.columns) if name in _PLACES or not pd.api.types.is_numeric_dtype(found[name])]
    texts = ["|".join(row) for row in found[keys].astype(str).itertuples(index=False)] if keys else []
    weights = np.array([zlib.crc32(text.encode()) % 9973 for text in texts], dtype=float) if keys else None
    sums = [float(len(found))]
    for name in sorted(found.columns):
        if name not in keys:
            column = found[name].to_numpy(dtype=float)
            sums += [math.fsum(column), math.fsum(column * column)]
            sums += [math.fsum(column * weights)] if keys else []
    return tuple(sums)


def same(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Equal but for rounding in the last digits of floating point sums."""
    return len(one) == len(other) and all(
        math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) for a, b in zip(one, other, strict=True)
    )
