"""Which of some numbered things a journey or a customer meets, told by whole numbers with a bit for each.

Sets, and tables of who met what, take several times as long while the things are few."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

_EACH = 62


def masks(number: str, n: int, name: str = "mask") -> str:
    """SQL of aggregates <name>0, <name>1, … that tell which of 0 to `n` - 1 the SQL `number` was in a group's rows."""
    each = []
    for first in range(0, n, _EACH):
        bit = f"1::BIGINT << ({number} - {first})::BIGINT"
        within = f"CASE WHEN {number} BETWEEN {first} AND {first + _EACH - 1} THEN {bit} ELSE 0 END"
        each.append(f"bit_or({bit if n <= _EACH else within}) AS {name}{first // _EACH}")
    return ", ".join(each)


def named(n: int, name: str = "mask") -> list[str]:
    """Their names."""
    return [f"{name}{place}" for place in range(-(-n // _EACH))]


def met(numbers: Iterable[int]) -> str:
    """SQL over these masks: whether any of these numbers was met."""
    bits: dict[int, int] = {}
    for number in numbers:
        bits[number // _EACH] = bits.get(number // _EACH, 0) | 1 << number % _EACH
    return " OR ".join(f"mask{place} & {mask} <> 0" for place, mask in bits.items())


def spread_out(frame: pd.DataFrame, n: int, sets: Sequence[Sequence[int]] = (), name: str = "mask") -> np.ndarray:
    """Row by row of a frame with these masks whether each of `n` numbers was met, and any of each set of them: 0 or 1."""
    columns = [np.ascontiguousarray(frame[one], dtype="<i8") for one in named(n, name)]
    bits = [np.unpackbits(one.view(np.uint8).reshape(-1, 8), axis=1, bitorder="little")[:, :_EACH] for one in columns]
    each = np.hstack(bits)[:, :n]
    return np.hstack([each, *(each[:, members].max(axis=1, keepdims=True) for members in sets)])
