"""Plain estimators for what is planted: each is unbiased, or nearly so, for a size as the declarations define it."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from workbench import stats

Z = NormalDist().inv_cdf(0.975)
_MOST_STEPS = 50
#: a log-odds, or its standard error, beyond this is a cell in which all or nobody left: the company is too small to tell
_BEYOND = 12.0


class Estimate(NamedTuple):
    """An estimate, its 95 % interval and the number of rows it rests on; nan, nan, nan where there is too little to tell."""

    value: float
    low: float
    high: float
    n: int

    def times(self, factor: float) -> Estimate:
        """The same in another unit; `factor` is positive."""
        return Estimate(self.value * factor, self.low * factor, self.high * factor, self.n)


def untold(n: int) -> Estimate:
    """Nothing can be said from `n` rows."""
    return Estimate(math.nan, math.nan, math.nan, n)


def logistic(columns: dict[str, np.ndarray], outcome: np.ndarray) -> dict[str, Estimate]:
    """Log-odds of `outcome` (0/1) by 0/1 `columns` and an intercept ("": all columns 0), by maximum likelihood with Wald's
    interval (Hosmer, Lemeshow and Sturdivant 2013, sections 1–2). `n` counts the rows in which the column is 1 (all rows, for
    the intercept)."""
    outcome = np.asarray(outcome, dtype=np.int64)
    pattern = np.zeros(len(outcome), dtype=np.int64)
    for bit, column in enumerate(columns.values()):
        pattern |= np.asarray(column, dtype=np.int64) << bit
    cells, cell = np.unique(pattern, return_inverse=True)
    rows = np.bincount(cell, minlength=len(cells)).astype(float)
    events = np.bincount(cell, weights=outcome, minlength=len(cells))
    design = np.column_stack([np.ones(len(cells))] + [(cells >> bit) & 1 for bit in range(len(columns))])
    n = design.T @ rows
    # a column that is always 0, or always 1, says nothing
    tells = (n > 0) & (n < len(outcome))
    tells[0] = len(outcome) > 0
    names = ["", *columns]
    found = {name: untold(int(count)) for name, count in zip(names, n, strict=True)}
    fitted = _newton(design[:, tells], rows, events)
    if fitted is not None:
        told = [name for name, tell in zip(names, tells, strict=True) if tell]
        for name, value, error in zip(told, *fitted, strict=True):
            if abs(value) < _BEYOND and error < _BEYOND:
                found[name] = Estimate(value, value - Z * error, value + Z * error, found[name].n)
    return found


def _newton(design: np.ndarray, rows: np.ndarray, events: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    if not 0 < events.sum() < rows.sum() or np.linalg.matrix_rank(design) < design.shape[1]:
        return None
    beta = np.zeros(design.shape[1])
    beta[0] = math.log(events.sum() / (rows.sum() - events.sum()))
    for _ in range(_MOST_STEPS):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        information = design.T @ (design * (rows * p * (1 - p))[:, None])
        try:
            step = np.linalg.solve(information, design.T @ (events - rows * p))
        except np.linalg.LinAlgError:
            return None
        beta = beta + np.clip(step, -2, 2)
        # a cell without events wanders off by one a step; the others have long come to rest by then
        if np.abs(step[np.abs(beta) < _BEYOND]).max(initial=0) < 1e-9:
            break
    variance = np.diag(np.linalg.pinv(information))
    return beta, np.sqrt(np.maximum(variance, 0))


def linear(columns: dict[str, np.ndarray], outcome: np.ndarray, groups: np.ndarray) -> dict[str, Estimate]:
    """Slopes of a linear mean by least squares with an intercept (""), errors alike within `groups` (numbers of customers):
    Liang and Zeger's variance with the correction for few groups (Cameron and Miller 2015, section II.B, CR1). `n` counts the
    rows in which the column isn't 0."""
    found = {"": untold(len(outcome))} | {name: untold(int(np.count_nonzero(one))) for name, one in columns.items()}
    told = [name for name, column in columns.items() if len(outcome) and np.ptp(column) > 0]
    design = np.column_stack([np.ones(len(outcome))] + [np.asarray(columns[name], dtype=float) for name in told])
    code = np.unique(groups, return_inverse=True)[1]
    n_groups, n_columns = int(code.max(initial=-1)) + 1, design.shape[1]
    if n_groups <= n_columns or np.linalg.matrix_rank(design.T @ design) < n_columns:
        return found
    bread = np.linalg.inv(design.T @ design)
    beta = bread @ (design.T @ outcome)
    off = outcome - design @ beta
    scores = np.column_stack([np.bincount(code, weights=column * off) for column in design.T])
    few = n_groups / (n_groups - 1) * (len(outcome) - 1) / (len(outcome) - n_columns)
    error = np.sqrt(np.maximum(few * np.diag(bread @ (scores.T @ scores) @ bread), 0))
    for name, value, wide in zip(["", *told], beta, error, strict=True):
        # rows that a column of their own fits exactly say nothing of how far it may be off
        if wide < 1e-9:
            continue
        found[name] = Estimate(value, value - Z * wide, value + Z * wide, found[name].n)
    return found


def gap(score: np.ndarray, chosen: np.ndarray, groups: np.ndarray) -> Estimate:
    """Mean of `score` among the `chosen` less its mean among all, where rows come in `groups`: linearised variance of a
    difference of two ratios (Cochran 1977, section 6.4). `n` counts the chosen."""
    chosen = np.asarray(chosen, dtype=bool)
    if not 1 < chosen.sum() < len(score):
        return untold(int(chosen.sum()))
    of_chosen, of_all = score[chosen].mean(), score.mean()
    each = (chosen * (score - of_chosen) / chosen.mean() - (score - of_all)) / len(score)
    return _around(of_chosen - of_all, each, groups, int(chosen.sum()))


def count(flag: np.ndarray) -> Estimate:
    """Share of rows with `flag`, each drawn on its own: Wilson's interval."""
    n = len(flag)
    return Estimate(float(np.mean(flag)), *stats.wilson(int(np.sum(flag)), n), n) if n else untold(0)


def share(flag: np.ndarray, groups: np.ndarray) -> Estimate:
    """Share of rows with `flag`, where rows come in `groups` (Cochran 1977, section 6.4). `n` counts the rows."""
    if not len(flag):
        return untold(0)
    p = float(np.mean(flag))
    return _around(p, (flag - p) / len(flag), groups, len(flag))


def _around(value: float, each: np.ndarray, groups: np.ndarray, n: int) -> Estimate:
    # `each` row's part in the error; rows of a group err together
    code = np.unique(groups, return_inverse=True)[1]
    sums = np.bincount(code, weights=each)
    if len(sums) < 2:
        return untold(n)
    wide = Z * math.sqrt(len(sums) / (len(sums) - 1) * float(sums @ sums))
    return Estimate(value, value - wide, value + wide, n)
