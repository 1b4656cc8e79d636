"""What a screen offers to filter by: the touchpoints, the columns with few values, and the days the events span."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

from workbench.engine import marks
from workbench.engine.opening import Prepared, prepared
from workbench.engine.reductions.bits import masks, named, spread_out
from workbench.engine.running import quoted
from workbench.model import Study

MOST_VALUES = 40
_MOST_COLUMNS = 24


@dataclasses.dataclass(frozen=True)
class Choices:
    """`values`: column of events or customers -> its values with the number of journeys that `Study.where` keeps for each,
    most frequent first. `first` and `last`: days in the study's zone, ISO; empty without events."""

    touchpoints: tuple[str, ...]
    values: Mapping[str, tuple[tuple[str, int], ...]]
    first: str
    last: str


def choices(study: Study, most: int = MOST_VALUES) -> Choices:
    """Columns of text or flags with 2 to `most` different values, in the order of the model; ids are never offered."""
    p = prepared(study)
    events, customers = (_offered(study, table) for table in ("events", "customers"))
    coded = {"touchpoint": ("code", tuple(p.touchpoints))} if len(p.touchpoints) <= 4 * most else {}
    coded |= {name: (marks.code(name), names) for name, names in p.marks.items() if len(names) <= most}
    met = _met(p, coded) | _met_beside(p, [name for name in events if name not in marks.MARKS], most)
    had = _had(p, [name for name in customers if name not in met], most)
    every = {"touchpoint": 4 * most, **dict.fromkeys((*events, *customers), most)}
    found = {name: (met | had).get(name, ()) for name in every}
    values = {name: told for name, told in found.items() if 2 <= len(told) <= every[name]}
    first, last = p.row("SELECT min(started), max(ended) FROM journeys")
    zone = ZoneInfo(study.timezone)
    days = ["" if one is None else dt.datetime.fromtimestamp(one / 1e6, zone).date().isoformat() for one in (first, last)]
    return Choices(tuple(p.touchpoints), values, *days)


def _offered(study: Study, table: str) -> list[str]:
    kinds = study.columns.get(table, {})
    return [name for name, kind in kinds.items() if kind in ("text", "flag") and name != "touchpoint"][:_MOST_COLUMNS]


def _ranked(names: Iterable[str], counts: Iterable[int]) -> tuple[tuple[str, int], ...]:
    told = [(str(name), int(n)) for name, n in zip(names, counts, strict=True) if n]
    return tuple(sorted(told, key=lambda one: (-one[1], one[0])))


def _met(p: Prepared, coded: Mapping[str, tuple[str, Sequence[str]]]) -> dict[str, tuple[tuple[str, int], ...]]:
    # of things that steps have by code: how many journeys meet each, all in one pass
    asked = {name: (code, names) for name, (code, names) in coded.items() if names}
    if not asked:
        return {}
    each = ", ".join(masks(code, len(names), f"of_{code}") for code, names in asked.values())
    found = {}
    with p.holding("met", f"SELECT {each} FROM steps GROUP BY journey") as held:
        for name, (code, names) in asked.items():
            columns = ", ".join(f"coalesce({one}, 0) AS {one}" for one in named(len(names), f"of_{code}"))
            alike = held.query(f"SELECT {columns}, count(*) AS n FROM met GROUP BY ALL")
            found[name] = _ranked(names, alike["n"].to_numpy() @ spread_out(alike, len(names), name=f"of_{code}"))
    return found


def _met_beside(p: Prepared, names: Sequence[str], most: int) -> dict[str, tuple[tuple[str, int], ...]]:
    # of the further columns of events; those with too many values are known before any journey is looked at
    found = {}
    for name in names:
        text = f"{quoted(name)}::VARCHAR"
        several = f"SELECT DISTINCT {text} AS value FROM base.main.extras WHERE {quoted(name)} IS NOT NULL LIMIT {most + 1}"
        values = sorted(p.query(several)["value"])
        if 2 <= len(values) <= most:
            alike = p.query(
                f"""SELECT mask0, count(*) AS n FROM (
                    SELECT {masks("place", len(values))} FROM steps JOIN base.main.extras USING (ord)
                    JOIN (SELECT unnest($values) AS value, unnest($places) AS place) AS told ON value = {text} GROUP BY journey
                ) GROUP BY mask0""",
                {"values": values, "places": list(range(len(values)))},
            )
            found[name] = _ranked(values, alike["n"].to_numpy() @ spread_out(alike, len(values)))
    return found


def _had(p: Prepared, names: Sequence[str], most: int) -> dict[str, tuple[tuple[str, int], ...]]:
    # of columns of customers: how many journeys are of customers with each value, all in one pass
    if not names:
        return {}
    about = p.row(f"SELECT {', '.join(f'approx_count_distinct({quoted(name)})' for name in names)} FROM customers")
    few = [name for name, n in zip(names, about, strict=True) if n <= 2 * most]
    if not few:
        return {}
    texts = ", ".join(f"{quoted(name)}::VARCHAR AS v{place}" for place, name in enumerate(few))
    sets = ", ".join(f"(v{place})" for place in range(len(few)))
    every = ", ".join(f"v{place}" for place in range(len(few)))
    rows = p.query(
        f"""SELECT {every}, sum(n)::BIGINT AS n
        FROM (SELECT customer, count(*) AS n FROM journeys GROUP BY customer)
        JOIN (SELECT customer, {texts} FROM customers) AS told USING (customer) GROUP BY GROUPING SETS ({sets})"""
    )
    found = {}
    for place, name in enumerate(few):
        told = rows[rows[f"v{place}"].notna()]
        found[name] = _ranked(told[f"v{place}"], told["n"])
    return found
