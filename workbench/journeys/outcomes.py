"""What journeys brought: the money of their orders and the scores of their surveys, a number a journey."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pandas as pd

from workbench.engine import Prepared, reductions
from workbench.model import Study
from workbench.store.folder import files
from workbench.store.parts import read

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


def money(study: Study, p: Prepared, journeys: np.ndarray) -> Outcome | None:
    """What these journeys (numbers, ascending) brought: the amounts of the orders of its customer that lie between a journey's
    first step and its last (where journeys overlap: in the one that began last); in a store without orders the amounts
    of its events, or where all events of each journey have the same one, that amount. None where there is neither."""
    ones = np.ones(len(journeys))
    orders = p.of_store("orders", lambda: _read(study, p, "orders", "ordered_at", ["amount"], 0))
    if len(orders):
        known = orders[orders["journey"] >= 0]
        total = _summed(journeys, known["journey"].to_numpy(), known["amount"].to_numpy(float))
        return Outcome(total, ones, "orders", len(known), len(orders))
    if study.columns.get("events", {}).get("amount") == "number" and "amount" in p.columns:
        found = reductions.amounts(p)
        if len(found):
            # an amount that stands at every event of its journey is the journey's (logs of cases repeat what a case has)
            repeated = bool((found["n"] > 1).any()) and bool(found["same"].all())
            brought = found["most" if repeated else "total"].to_numpy(float)
            total = _summed(journeys, found["journey"].to_numpy(), brought)
            return Outcome(total, ones, "events")
    return None


def scores(study: Study, p: Prepared, journeys: np.ndarray) -> Outcome | None:
    """What customers answered about these journeys (numbers, ascending). An answer belongs to the journey of its customer that
    it lies in (of several: that began last), else to the last one that began before it, if that ended within `ANSWERED`
    before. Of several instruments or scales the one with the most such answers, scores as they were given. None where no
    answer belongs to any of these journeys."""
    asked = ["instrument", "score", "scale_min", "scale_max"]
    surveys = p.of_store("surveys", lambda: _read(study, p, "surveys", "answered_at", asked, _ANSWERED_US))
    if not len(surveys):
        return None
    _, here = _among(journeys, surveys["journey"].to_numpy())
    surveys = surveys[here]
    kinds = surveys.groupby(["instrument", "scale_min", "scale_max"], sort=True, observed=True).size()
    if kinds.empty:
        return None
    instrument, low, high = kinds.idxmax()
    surveys = surveys[(surveys["instrument"] == instrument) & (surveys["scale_min"] == low) & (surveys["scale_max"] == high)]
    held, given = surveys["journey"].to_numpy(), surveys["score"].to_numpy(float)
    total, n = _summed(journeys, held, given), _summed(journeys, held, np.ones(len(held)))
    return Outcome(total, n, str(instrument), len(held), len(here), float(low), float(high))


def _read(study: Study, p: Prepared, table: str, at: str, columns: Sequence[str], late: int) -> pd.DataFrame:
    # rows that name a customer: these columns, and the journey of all in the store that each belongs to (−1: none)
    asked = ["customer_id", at, *columns]
    if not set(asked) <= set(study.columns.get(table, {})):
        return pd.DataFrame(columns=["journey", *columns])
    # in the order of the store, whatever the engine does: sums of money are then the same to the last digit
    found = read(files(study, table), asked).to_pandas()
    found = found[found["customer_id"].notna()].reset_index(drop=True)
    names, spans = reductions.customer_names(p), reductions.spans(p)
    who = reductions.customer_places(names, found.pop("customer_id"))
    when = pd.to_datetime(found.pop(at), utc=True).astype("datetime64[us, UTC]").astype("int64").to_numpy()
    texts = {one: "category" for one in columns if found[one].dtype.kind not in "if"}
    # a customer's journeys lie together, in the order of the names
    begins = np.r_[np.searchsorted(spans["customer"].to_numpy(), names["customer"].to_numpy()), len(spans)]
    first, end = (np.where(who < 0, 0, begins[place]) for place in (who, who + 1))
    return found.astype(texts).assign(journey=_held(spans, first, end, when, late))


def _held(spans: pd.DataFrame, first: np.ndarray, end: np.ndarray, when: np.ndarray, late: int) -> np.ndarray:
    # of the journeys from `first` to `end` (without it), those of the row's customer: the number of the one that it belongs to
    customer, started, ended = (spans[name].to_numpy() for name in ("customer", "started", "ended"))
    # by halving, for all rows at once: how many of them began until then
    low, high = first.copy(), end.copy()
    while (undecided := np.flatnonzero(low < high)).size:
        middle = (low[undecided] + high[undecided]) // 2
        begun = started[middle] <= when[undecided]
        low[undecided[begun]] = middle[begun] + 1
        high[undecided[~begun]] = middle[~begun]
    last = low - 1
    found, before = np.full(len(when), -1, dtype=np.int64), last.copy()
    # back from the latest, for as long as some earlier journey of the customer reaches as far
    reach = spans["ended"].groupby(customer).cummax().to_numpy()
    open_rows = np.flatnonzero(last >= first)
    while len(open_rows):
        open_rows = open_rows[before[open_rows] >= first[open_rows]]
        open_rows = open_rows[reach[before[open_rows]] >= when[open_rows]]
        inside = ended[before[open_rows]] >= when[open_rows]
        found[open_rows[inside]] = before[open_rows[inside]]
        open_rows = open_rows[~inside]
        before[open_rows] -= 1
    rest = np.flatnonzero((found < 0) & (last >= first))
    rest = rest[when[rest] - ended[last[rest]] <= late]
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
