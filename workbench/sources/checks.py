"""What is wrong or odd about the rows as a whole."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench import model
from workbench.sources import privacy, quantities
from workbench.sources.inspection import Inspection
from workbench.sources.ledger import Ledger
from workbench.sources.mapping import TableMapping
from workbench.sources.parts import ROW

_CASES = 20  # fewer cases than these may well all differ


def scores(columns: dict[str, pa.Array], ledger: Ledger) -> None:
    """Refuse scores outside their scale, where the scale is known; say where 1–11 stands for NPS's 0–10."""
    score = columns["score"].fill_null(np.nan).to_numpy(zero_copy_only=False)
    outside = np.zeros(len(score), bool)
    for name, beyond in (("scale_min", np.less), ("scale_max", np.greater)):
        if name in columns:
            outside |= beyond(score, columns[name].fill_null(np.nan).to_numpy(zero_copy_only=False))
    low = _least(columns.get("scale_min"))
    high = _least(columns.get("scale_max"))
    ledger.put(outside & ~ledger.bad, "score", "out_of_scale", columns["score"], low=low, high=high)
    is_nps = pc.equal(columns["instrument"], "nps").fill_null(False).to_numpy(zero_copy_only=False)
    asked = score[is_nps & np.isfinite(score)]
    if len(asked) and asked.min() >= 1 and asked.max() == 11:
        ledger.keep("score", "nps_scale", np.flatnonzero(is_nps & (score == 11)), "11", n=len(asked))


def _least(column: pa.Array | None) -> str:
    value = None if column is None else pc.min(column).as_py()
    return "–" if value is None else f"{value:g}"


def kept(rows: pa.Table, table: model.Table, mapping: TableMapping, inspection: Inspection, ledger: Ledger) -> None:
    """Say what is odd in rows that stay: personal data left open, cases shared by customers, one case for each variant."""
    open_columns(mapping, inspection, ledger)
    if mapping.sample:
        ledger.keep("–", "sampled", np.array([], np.int64), mapping.sample, n=rows.num_rows)
    if table.name == "events" and "case_id" in rows.column_names and rows.num_rows:
        if mapping.columns.get("case_id") != mapping.columns.get("customer_id"):
            shared_cases(rows, ledger)
        one_of_each(rows, ledger)


def open_columns(mapping: TableMapping, inspection: Inspection, ledger: Ledger) -> None:
    """Notes columns that look personal and are neither masked nor dropped."""
    used = {*mapping.columns.values(), *(mapping.keep if mapping.keep is not None else inspection.table().column_names)}
    for name, action in privacy.proposed(inspection, set(mapping.columns.values())).items():
        if name in mapping.personal or name not in used:
            continue
        column = quantities.trimmed(quantities.one_array(inspection.table().column(name)))
        if action == "mask":
            n, first = privacy.has_contacts(column)
            places, kind = np.array([first]), "personal_in_text"
        else:
            places, kind = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False)), "personal_open"
            n = len(places)
        ledger.keep(name, kind, places, privacy.MASKED, n=n)


def shared_cases(rows: pa.Table, ledger: Ledger) -> None:
    """Notes cases that name more than one customer."""
    counted = rows.select(["case_id", "customer_id"]).group_by("case_id").aggregate([("customer_id", "count_distinct")])
    shared = counted.filter(pc.greater(counted["customer_id_count_distinct"], 1))["case_id"].drop_null()
    if len(shared):
        where = pc.is_in(rows["case_id"], shared.combine_chunks()).to_numpy(zero_copy_only=False)
        numbers = rows[ROW].to_numpy()[where]
        places = np.searchsorted(ledger.numbers, numbers[:10])
        ledger.keep("case_id", "shared_cases", places, shared[0].as_py(), n=len(numbers))


def one_of_each(rows: pa.Table, ledger: Ledger) -> None:
    """A log with as many variants as cases, all of several steps, was thinned out: how often a variant occurs means nothing."""
    case = _codes(rows["case_id"])
    point = _codes(rows["touchpoint"])
    at = rows["occurred_at"].cast(pa.int64()).to_numpy()
    order = np.lexsort((np.arange(len(case)), at, case))
    case, point = case[order], point[order]
    starts = np.flatnonzero(np.r_[True, case[1:] != case[:-1]])
    lengths = np.diff(np.r_[starts, len(case)])
    step = np.arange(len(case)) - np.repeat(starts, lengths)
    mixed = (point.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15) ^ step.astype(np.uint64) * np.uint64(
        0xC2B2AE3D27D4EB4F
    )
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    variants = np.add.reduceat(mixed, starts)
    n_cases = len(starts)
    touchpoints = len(np.unique(point))
    if n_cases >= _CASES and touchpoints < n_cases / 2 and len(np.unique(variants)) == n_cases:
        ledger.keep("case_id", "one_of_each", np.array([], np.int64), str(n_cases), n=rows.num_rows)


def _codes(column: pa.ChunkedArray) -> np.ndarray:
    return quantities.one_array(column).dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False)
