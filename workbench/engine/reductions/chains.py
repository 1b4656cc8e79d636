"""Journeys as a Markov chain that ends in a conversion or without one, and what is lost when a touchpoint or channel is taken
out of it (Anderl, Becker, von Wangenheim and Schumann 2016, International Journal of Research in Marketing 33:457).

A state is what the last `order` touches were credited to, fewer at the beginning; the chance to go on from a state is the share
of all that were in it. What touches and conversions are, `credits` says.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from workbench.engine.opening import Prepared
from workbench.engine.reductions.credits import kinds, touches, won
from workbench.errors import NotEnoughData

_CONVERTED, _ENDED = -1, 0
_MOST_STATES = 1500  # a matrix of so many rows is inverted in about a second
_GROUPS = 256


@dataclasses.dataclass(frozen=True)
class Removal:
    """`frame`: who (a name, those of the chain in the order of their names), effect (by how much of itself the chance to
    convert falls when all that leads to `who` ends there instead; 0–1), share (effects made to add up to 1), variance (of the
    share, between customers; nan where it can't be seen). `reached`: the chance to convert. `groups`: whom the variance is
    between, and `moves`: by how much each of them moves the share of a `who`, to a first approximation."""

    frame: pd.DataFrame
    reached: float
    groups: np.ndarray
    moves: dict[str, np.ndarray]


def removal(p: Prepared, target: str, by: str = "touchpoint", order: int = 1, spread: bool = True) -> Removal:
    """Removal effects of a chain of that order, with their variance if `spread` (a few times the work). NotEnoughData where the
    chain has too many states to be solved.

    Variance: linearised; the influence of a customer's moves on a chance h is the sum over them of (visits of the source) ×
    (h after the move − h before it) / (moves from the source). Of very many customers 256 `Prepared.groups`."""
    names = kinds(p, by)
    base = len(names) + 1
    moved = p.query(_moves(p, target, by, order, base, p.groups(_GROUPS) if spread else "0"))
    group, source, to, n = (moved[name].to_numpy(np.int64) for name in ("g", "source", "target", "n"))
    # digits of a state are its touches, the latest last; the state after a move has the new one and drops the oldest
    after = np.where(to > 0, (source * base + to) % base**order, to)
    states = np.unique(source)  # the first is 0, where all begin
    if len(states) > _MOST_STATES:
        raise NotEnoughData("engine.too_many_states", n=len(states), order=order, most=_MOST_STATES)
    size = len(states)
    at = np.searchsorted(states, source)
    # two columns more: ended, converted
    into = np.where(to > 0, np.searchsorted(states, after), np.where(to == _CONVERTED, size + 1, size))
    counts = np.bincount(at * (size + 2) + into, weights=n, minlength=size * (size + 2)).reshape(size, size + 2)
    total = counts.sum(axis=1)
    chance = counts / total[:, None]
    inner = np.linalg.inv(np.eye(size) - chance[:, :size])
    visits, hits = inner[0], inner @ chance[:, size + 1]
    reached = float(hits[0])

    groups, which = np.unique(group, return_inverse=True)
    order_of = states % base
    present = np.unique(order_of[1:])
    lost = np.zeros(len(present))
    moves_of_lost = np.zeros((len(present), len(groups)))
    for i, code in enumerate(present):
        out = np.flatnonzero(order_of == code)
        block = np.linalg.inv(inner[np.ix_(out, out)])
        visits_left = visits - visits[out] @ block @ inner[out]
        hits_left = hits - inner[:, out] @ (block @ hits[out])
        visits_left[out] = hits_left[out] = 0
        lost[i] = reached - hits_left[0]
        moves_of_lost[i] = _influence(visits, hits, total, at, into, n, which, len(groups))
        moves_of_lost[i] -= _influence(visits_left, hits_left, total, at, into, n, which, len(groups))
    lost = np.clip(lost, 0, None)
    summed = lost.sum()
    share = lost / summed if summed else lost
    moves_of_share = (moves_of_lost - np.outer(share, moves_of_lost.sum(axis=0))) / (summed or np.nan)
    known = len(groups) > 1 and summed > 0
    variance = len(groups) / (len(groups) - 1) * (moves_of_share**2).sum(axis=1) if known else np.full(len(present), np.nan)
    effect = np.clip(lost / reached, 0, 1) if reached else lost
    who = [names[code - 1] for code in present]
    told = pd.DataFrame({"who": who, "effect": effect, "share": share, "variance": variance})
    return Removal(told.sort_values("who", ignore_index=True), reached, groups, dict(zip(who, moves_of_share, strict=True)))


def _influence(visits, hits, total, at, into, n, which, groups) -> np.ndarray:
    # of each group of customers on the chance to convert
    ends = np.concatenate([hits, [0.0, 1.0]])
    return np.bincount(which, weights=visits[at] / total[at] * n * (ends[into] - hits[at]), minlength=groups)


def _moves(p: Prepared, target: str, by: str, order: int, base: int, group: str) -> str:
    # g, source (a state), target (the code of what comes next + 1, or converted, or ended), n
    if by == "touchpoint" and order == 1:
        # the steps know what follows them
        last = f"CASE WHEN seq = m THEN {_CONVERTED} ELSE coalesce(nxt + 1, {_ENDED}) END"
        told = f"""SELECT {group} AS g, code + 1 AS source, {last} AS target, seq
            FROM steps LEFT JOIN won USING (journey) WHERE m IS NULL OR seq <= m"""
    else:
        before = [f"(coalesce(lag(who, {i}) OVER j + 1, 0)::BIGINT * {base**i})" for i in range(1, order)]
        told = f"""SELECT {group} AS g, {" + ".join(["(who + 1)::BIGINT", *before])} AS source,
            coalesce((lead(who) OVER j) + 1, CASE WHEN m IS NULL THEN {_ENDED} ELSE {_CONVERTED} END) AS target, seq
            FROM ({touches(p, by)}) LEFT JOIN won USING (journey) WHERE m IS NULL OR seq <= m
            WINDOW j AS (PARTITION BY journey ORDER BY seq)"""
    return f"""WITH {won(p, target)}, told AS ({told}),
        counted AS MATERIALIZED (
            SELECT g, source, target, seq = 1 AS begun, count(*) AS n FROM told GROUP BY g, source, target, seq = 1
        )
        SELECT g::BIGINT AS g, source::BIGINT AS source, target::BIGINT AS target, sum(n)::BIGINT AS n FROM counted GROUP BY ALL
        UNION ALL SELECT g, 0, source, sum(n)::BIGINT FROM counted WHERE begun GROUP BY g, source"""
