"""What journeys brought: the money of their orders and the scores of their surveys, a number a journey."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence

import numpy as np
import pandas as pd

from workbench.engine import Prepared, reductions
from workbench.model import Study
from workbench.store.folder import files

#: an answer belongs to the last journey before it when that ended no longer ago than this
ANSWERED = "7d"
_ANSWERED_US = 7 * 86_400_000_000


@dataclasses.dataclass(frozen=True)
class Outcome:
    """Of some journeys, in their order: what each brought in all (`total`) and of how many cases (`n`: of money 1 a journey, of
    scores its answers). `what`: "orders" or "events" (money), or the instrument; `low`, `high`: the ends of its scale.
    `n_used` of `n_all` orders lie in a journey of the store; of so many answers in the store so many belong to these."""

    total: np.ndarray
    n: np.ndarray
    what: str
    n_used: int = 0
    n_all: int = 0
    low: float = float("nan")
    high: float = float("nan")


class Whole:
    """All journeys of the store and the names of its customers: each read once, when first asked for."""

    def __init__(self, p: Prepared) -> None:
        self.p = p

    @functools.cached_property
    def spans(self) -> pd.DataFrame:
        return reductions.spans(self.p)

    @functools.cached_property
    def names(self) -> pd.DataFrame:
        return reductions.customer_names(self.p)


def money(study: Study, whole: Whole, journeys: np.ndarray) -> Outcome | None:
    """What these journeys (numbers, ascending) brought: the amounts of the orders of its customer that lie between a journey's
    first step and its last (where journeys overlap: in the one that began last); in a store without orders the amounts
    of its events, or where all events of each journey have the same one, that amount. None where there is neither."""
    ones = np.ones(len(journeys))
    orders = _read(study, "orders", ["customer_id", "ordered_at", "amount"])
    if len(orders):
        held = _held(whole, orders, "ordered_at", 0)
        known = held >= 0
        total = _summed(journeys, held[known], orders["amount"].to_numpy(float)[known])
        return Outcome(total, ones, "orders", int(known.sum()), len(orders))
    if study.columns.get("events", {}).get("amount") == "number" and "amount" in whole.p.columns:
        found = reductions.amounts(whole.p)
        if len(found):
            # an amount that stands at every event of its journey is the journey's (logs of cases repeat what a case has)
            repeated = bool((found["n"] > 1).any()) and bool(found["same"].all())
            brought = found["most" if repeated else "total"].to_numpy(float)
            total = _summed(journeys, found["journey"].to_numpy(), brought)
            return Outcome(total, ones, "events")
    return None


def scores(study: Study, whole: Whole, journeys: np.ndarray) -> Outcome | None:
    """What customers answered about these journeys (numbers, ascending). An answer belongs to the journey of its customer that
    it lies in (of several: that began last), else to the last one that began before it, if that ended within `ANSWERED`
    before. Of several instruments or scales the one with the most such answers, scores as they were given. None where no
    answer belongs to any of these journeys."""
    surveys = _read(study, "surveys", ["customer_id", "answered_at", "instrument", "score", "scale_min", "scale_max"])
    if not len(surveys):
        return None
    held = _held(whole, surveys, "answered_at", _ANSWERED_US)
    _, here = _among(journeys, held)
    surveys, held = surveys[here], held[here]
    kinds = surveys.groupby(["instrument", "scale_min", "scale_max"], sort=True).size()
    if kinds.empty:
        return None
    instrument, low, high = kinds.idxmax()
    same = ((surveys["instrument"] == instrument) & (surveys["scale_min"] == low) & (surveys["scale_max"] == high)).to_numpy()
    given, held = surveys["score"].to_numpy(float)[same], held[same]
    total, n = _summed(journeys, held, given), _summed(journeys, held, np.ones(len(held)))
    return Outcome(total, n, str(instrument), len(held), len(here), float(low), float(high))


def _read(study: Study, table: str, columns: Sequence[str]) -> pd.DataFrame:
    if not set(columns) <= set(study.columns.get(table, {})):
        return pd.DataFrame(columns=columns)
    # in the order of the store, whatever the engine does: sums of money are then the same to the last digit
    found = pd.concat([pd.read_parquet(file, columns=list(columns)) for file in files(study, table)], ignore_index=True)
    return found[found["customer_id"].notna()].reset_index(drop=True)


def _held(whole: Whole, rows: pd.DataFrame, at: str, late: int) -> np.ndarray:
    # the journey of all in the store that each row belongs to, −1 for none
    spans, who = whole.spans, reductions.customer_numbers(whole.names, rows["customer_id"])
    customer = spans["customer"].to_numpy()
    when = pd.to_datetime(rows[at], utc=True).astype("datetime64[us, UTC]").astype("int64").to_numpy()
    started, ended = spans["started"].to_numpy(), spans["ended"].to_numpy()
    # places of the rows among all journeys: one search over (customer, time)
    order = np.lexsort((np.r_[np.zeros(len(started)), np.ones(len(when))], np.r_[started, when], np.r_[customer, who]))
    begun = np.cumsum(order < len(started))
    last = np.empty(len(when), dtype=np.int64)
    of_rows = order >= len(started)
    last[order[of_rows] - len(started)] = begun[of_rows] - 1
    found = np.full(len(when), -1, dtype=np.int64)
    before = last.copy()
    # back from the latest, for as long as some earlier journey of the customer reaches as far
    reach = spans["ended"].groupby(customer).cummax().to_numpy()
    open_rows = np.flatnonzero((before >= 0) & (who >= 0))
    while len(open_rows):
        open_rows = open_rows[(before[open_rows] >= 0) & (customer[before[open_rows]] == who[open_rows])]
        open_rows = open_rows[reach[before[open_rows]] >= when[open_rows]]
        inside = ended[before[open_rows]] >= when[open_rows]
        found[open_rows[inside]] = before[open_rows[inside]]
        open_rows = open_rows[~inside]
        before[open_rows] -= 1
    rest = np.flatnonzero((found < 0) & (last >= 0) & (who >= 0))
    rest = rest[(customer[last[rest]] == who[rest]) & (when[rest] - ended[last[rest]] <= late)]
    if late:
        found[rest] = last[rest]
    return np.where(found >= 0, spans["journey"].to_numpy()[found], -1)


def _summed(journeys: np.ndarray, held: np.ndarray, values: np.ndarray) -> np.ndarray:
    # the sum of the values held by each of the journeys; what others hold is left out
    place, ours = _among(journeys, held)
    return np.bincount(place[ours], weights=values[ours], minlength=len(journeys))


def _among(journeys: np.ndarray, held: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    # where each is among the journeys (ascending), and whether it is
    place = np.minimum(np.searchsorted(journeys, held), len(journeys) - 1)
    return place, journeys[place] == held
