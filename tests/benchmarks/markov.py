"""Removal effects of a first-order Markov chain by solving it anew without each touchpoint: slow, plain, and another way than
the engine's, so that the two check each other."""

from __future__ import annotations

import numpy as np
import pandas as pd


def removal_effects(moved: pd.DataFrame, entered: pd.Series, names: list[str], goal: int) -> pd.DataFrame:
    """touchpoint, effect: the share of the chance to reach `goal` that is lost when journeys end at the touchpoint instead.
    `moved`: code, nxt (-1: the end), n, of journeys up to their first goal; `entered`: journeys by first code."""
    kinds = len(names)
    moves = np.zeros((kinds, kinds + 1))
    moves[moved["code"], moved["nxt"]] = moved["n"]
    moves /= np.maximum(moves.sum(axis=1, keepdims=True), 1)
    start = np.zeros(kinds)
    start[entered.index] = entered / entered.sum()

    def reached(removed: int) -> float:
        step = moves[:, :kinds].copy()
        step[goal] = 0
        if removed >= 0:
            step[removed] = 0
        hits = np.zeros(kinds)
        hits[goal] = 1
        return float(start @ np.linalg.solve(np.eye(kinds) - step, hits))

    whole = reached(-1)
    others = [kind for kind in range(kinds) if kind != goal]
    return pd.DataFrame(
        {"touchpoint": [names[kind] for kind in others], "effect": [1 - reached(kind) / whole for kind in others]}
    )
