"""A mapping proposed from a source's column names and contents."""

from __future__ import annotations

import dataclasses

import pyarrow.compute as pc

from workbench import model
from workbench.result import Caveat
from workbench.sources import privacy, quantities
from workbench.sources.inspection import Inspection
from workbench.sources.mapping import Mapping, TableMapping
from workbench.sources.names import ID_WORDS, PLANNED, SYNONYMS, TIME_WORDS, plain, words
from workbench.sources.parts import ColumnInfo

_ARMS = {
    "control": "control",
    "control group": "control",
    "no": "control",
    "treatment": "treatment",
    "treated": "treatment",
    "test": "treatment",
}
#: optional columns that tell a table from the others, worth more than a common one
_TELLING = {
    "reviews": ("text", "rating"),
    "surveys": ("score", "instrument"),
    "contacts": ("arm", "campaign"),
    "orders": ("amount", "quantity", "order_id"),
    "customers": ("joined_at", "left_at", "vip", "consent"),
}


def propose(inspection: Inspection, table: str | None = None) -> Mapping:
    """The likeliest mapping, of any table or of `table`; to be confirmed by a person. Where a required column can't be guessed
    the mapping is incomplete: `mapping.tables[0].missing()` names what is missing."""
    found = [_guess(one, inspection) for one in ([model.table(table).name] if table else model.TABLES)]
    best = max(found, key=lambda one: one[1])[0]
    notes: list[Caveat] = []
    if best.table == "events":
        best = _events(best, notes)
    if best.table == "orders":
        best = _amounts(best)
    if best.table == "surveys":
        best = _scales(best, inspection)
    if "arm" in best.columns and (meant := arms(inspection, best.columns["arm"])):
        best = dataclasses.replace(best, values={"arm": meant})
    best = dataclasses.replace(
        best, personal=privacy.proposed(inspection, set(best.columns.values()) - {best.columns.get("customer_id")})
    )
    if best.missing():
        notes.append(Caveat("sources.incomplete", {"table": best.table, "columns": ", ".join(best.missing())}))
    return Mapping((best,), notes=tuple(notes))


def _guess(table: str, inspection: Inspection) -> tuple[TableMapping, float]:
    # the best assignment of the source's columns to the table's, and how well it fits
    wanted = model.table(table)
    offers = []
    for column in wanted.columns:
        for info in inspection.columns:
            value = _fit(table, column, info)
            if value:
                offers.append((value, column.name, info.name))
    if table == "events" and not any(name == "occurred_at" for _, name, _ in offers):
        offers += [(0.4, "occurred_at", name) for name in _only_time(inspection)]
    chosen: dict[str, str] = {}
    points: dict[str, float] = {}
    for value, name, source in sorted(offers, key=lambda offer: -offer[0]):
        if name not in chosen and source not in chosen.values():
            chosen[name], points[name] = source, value
    order = [column.name for column in wanted.columns if column.name in chosen]
    mapping = TableMapping(table, {name: chosen[name] for name in order}, _constants(table, chosen, inspection))
    if table == "events" and (timeline := _timeline(mapping, inspection)):
        kept = {
            name: source for name, source in mapping.columns.items() if name not in ("event_id", "occurred_at", "touchpoint")
        }
        mapping = dataclasses.replace(mapping, columns={**kept, "case_id": _key(inspection)}, timeline=timeline)
        points |= {"occurred_at": 0.9, "touchpoint": 0.9, "case_id": 0.9}
    required = [column.name for column in wanted.columns if column.required]
    if table == "events" and "case_id" in mapping.columns:
        points.setdefault("customer_id", points["case_id"])
    for name in {*required} & {*chosen}:
        points[name] *= _filled(inspection, chosen[name])
    had = sum(points.get(name, 0.9 * (name in mapping.constants)) for name in required) / len(required)
    telling = sum(points.get(name, 0) for name in _TELLING.get(table, ()))
    score = had + 0.12 * telling + (0.05 if table == "events" else 0)
    if table == "customers" and not any(name in chosen for name in ("joined_at", "left_at")):
        unique = "customer_id" in chosen and inspection.column(chosen["customer_id"]).unique
        timed = any(info.kind == "time" for info in inspection.columns)
        # who comes again and again, with times, is somebody things happen to: as customers nearly all rows would be rejected
        score = 0.85 if unique and not timed else 0.2 if unique or not timed else -1
    if table in ("surveys", "reviews", "contacts") and any(points.get(name, 0) < 0.5 for name in _TELLING[table][:1]):
        score -= 1
    return mapping, score - 0.3 * bool(mapping.missing())


def _fit(table: str, column: model.Column, info: ColumnInfo) -> float:
    """How well the source's column suits the model's, 0 to 1."""
    if not _kind_suits(column.kind, info):
        return 0.0
    if column.kind == "time" and set(words(info.name)) & PLANNED:
        return 0.0
    if column.name == model.table(table).key and table != "customers" and not info.unique:
        return 0.0
    synonyms = SYNONYMS[table].get(column.name, ())
    name = plain(info.name)
    if name in synonyms:
        return 1.0 - 0.2 * synonyms.index(name) / len(synonyms)
    name = name.removeprefix("case ")
    if name in synonyms:
        return 0.7 - 0.1 * synonyms.index(name) / len(synonyms)
    whole = set(name.split())
    best = 0.0
    for place, synonym in enumerate(synonyms):
        parts = set(synonym.split())
        if column.kind == "id" and not whole - parts <= ID_WORDS:  # "customer type" is no customer
            continue
        if parts <= whole and len(parts) * 2 >= len(whole):
            best = max(best, 0.6 * len(parts) / len(whole) - 0.1 * place / len(synonyms))
    return best


def _kind_suits(kind: str, info: ColumnInfo) -> bool:
    if kind == "time":
        return info.kind == "time"
    if kind == "number":
        return info.kind == "number"
    if kind == "flag":
        return info.kind == "flag" or (info.kind == "number" and set(info.examples) <= {"0", "1", "0.0", "1.0"})
    if kind == "text":
        return info.kind in ("text", "id", "flag") or (
            info.kind == "number" and not info.format.endswith("comma") and info.clean
        )
    return info.kind in ("id", "text") or (info.kind == "number" and all(example.isdigit() for example in info.examples))


def _constants(table: str, chosen: dict[str, str], inspection: Inspection) -> dict[str, object]:
    if table == "surveys" and "instrument" not in chosen and "score" in chosen:
        named = words(chosen["score"])
        return {
            "instrument": next(
                (one for one in ("nps", "csat", "ces") if one in named), "nps" if "recommend" in named else "other"
            )
        }
    if table == "reviews" and "rating_max" not in chosen and "rating" in chosen:
        top = _range(inspection, chosen["rating"])[1]
        return {"rating_max": 5 if top <= 5 else 10 if top <= 10 else 100}
    return {}


def _range(inspection: Inspection, name: str) -> tuple[float, float]:
    info = inspection.column(name)
    values, ok = quantities.numbers(quantities.trimmed(quantities.one_array(inspection.table().column(name))), info.format)
    return (float(values[ok].min()), float(values[ok].max())) if ok.any() else (0.0, 0.0)


def _amounts(mapping: TableMapping) -> TableMapping:
    # the price of one piece is not what the line is worth
    amount, quantity = mapping.columns.get("amount"), mapping.columns.get("quantity")
    if not amount or not quantity or not ({"unit", "price"} & set(words(amount))):
        return mapping
    return dataclasses.replace(mapping, columns={**mapping.columns, "amount": f"{quantity} * {amount}"})


def _scales(mapping: TableMapping, inspection: Inspection) -> TableMapping:
    # the scale an instrument is asked on, as far as the scores allow; a higher top than that is seen and said, not cut off
    if "score" not in mapping.columns or {"scale_min", "scale_max"} & set(mapping.columns):
        return mapping
    low, high = _range(inspection, mapping.columns["score"])
    tops = (10, 11) if mapping.constants.get("instrument") == "nps" else (5, 7, 10, 11, 100)
    top = next((top for top in tops if high <= top), high)
    bottom = 0 if low < 1 or (top == 10 and mapping.constants.get("instrument") == "nps") or top == 100 else 1
    return dataclasses.replace(mapping, constants={**mapping.constants, "scale_min": bottom, "scale_max": top})


def _events(mapping: TableMapping, notes: list[Caveat]) -> TableMapping:
    columns = dict(mapping.columns)
    if mapping.timeline:
        notes.append(Caveat("sources.timeline", {"n": len(mapping.timeline), "columns": ", ".join(mapping.timeline)}))
    if "customer_id" not in columns and "case_id" in columns:
        columns["customer_id"] = columns["case_id"]
        notes.append(Caveat("sources.case_as_customer", {"column": columns["case_id"]}))
    order = [column.name for column in model.table("events").columns if column.name in columns]
    return dataclasses.replace(mapping, columns={name: columns[name] for name in order})


def _filled(inspection: Inspection, name: str) -> float:
    # the share of rows that have it: a row without a required column is rejected
    return 1 - inspection.column(name).n_empty / max(inspection.n_rows or 0, inspection.column(name).n_empty, 1)


def _only_time(inspection: Inspection) -> list[str]:
    # a time under a name of no language known here is still when it happened, if there is no other
    times = [info.name for info in inspection.columns if info.kind == "time"]
    return times if len(times) == 1 and not set(words(times[0])) & PLANNED else []


def _timeline(mapping: TableMapping, inspection: Inspection) -> dict[str, str]:
    """Source time column -> touchpoint, where each row is one order with several times; a status beside them says where
    the order ended, not what happened when."""
    touchpoint = mapping.columns.get("touchpoint")
    lived = [info.name for info in inspection.columns if info.kind == "time" and not set(words(info.name)) & PLANNED]
    if not _key(inspection) or len(lived) < 2 or (touchpoint and "status" not in words(touchpoint)):
        return {}
    return {name: _happening(name) for name in lived}


def _key(inspection: Inspection) -> str | None:
    # the column that names each row, if there is one
    return next((info.name for info in inspection.columns if info.unique and info.kind == "id"), None)


def _happening(name: str) -> str:
    kept = [word for word in words(name) if word not in TIME_WORDS] or words(name)
    return " ".join(kept).capitalize()


def arms(inspection: Inspection, name: str) -> dict[str, str]:
    """What the values of a column mean as treatment and control, where their names say it."""
    found = pc.unique(quantities.trimmed(quantities.one_array(inspection.table().column(name)))).drop_null()
    return {value: _ARMS[value.lower()] for value in found.to_pylist()[:50] if value.lower() in _ARMS}
