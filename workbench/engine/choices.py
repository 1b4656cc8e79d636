"""What a screen offers to filter by: the touchpoints, the columns with few values, and the days the events span."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from workbench.engine import marks
from workbench.engine.opening import prepared
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
    asked = prepared(study)
    values: dict[str, tuple[tuple[str, int], ...]] = {}
    sources = {
        "events": "SELECT {name}::VARCHAR AS value, count(DISTINCT journey) AS n FROM details"
        " WHERE {name} IS NOT NULL GROUP BY 1",
        "customers": "SELECT {name}::VARCHAR AS value, count(*) AS n FROM journeys JOIN customers USING (customer)"
        " WHERE {name} IS NOT NULL GROUP BY 1",
    }
    touched = asked.query(
        "SELECT touchpoint AS value, count(DISTINCT journey) AS n FROM steps JOIN touchpoints USING (code)"
        " GROUP BY 1 ORDER BY n DESC, 1"
    )
    values["touchpoint"] = tuple((str(value), int(n)) for value, n in touched.itertuples(index=False, name=None))
    coded = (
        "SELECT {name}::VARCHAR AS value, n FROM (SELECT {code}, count(DISTINCT journey) AS n FROM steps GROUP BY 1)"
        " JOIN {names} USING ({code})"
    )
    for table, plain in sources.items():
        kinds = study.columns.get(table, {})
        names = [
            name for name, kind in kinds.items() if kind in ("text", "flag") and name not in values and name != "touchpoint"
        ]
        for name in names[:_MOST_COLUMNS]:
            of_mark = table == "events" and name in marks.MARKS
            sql = (coded if of_mark else plain).format(name=quoted(name), code=marks.code(name), names=marks.names(name))
            found = asked.query(sql + f" ORDER BY n DESC, 1 LIMIT {most + 1}")
            if 2 <= len(found) <= most:
                values[name] = tuple((str(value), int(n)) for value, n in found.itertuples(index=False, name=None))
    touchpoints = tuple(asked.touchpoints)
    if not 2 <= len(values["touchpoint"]) <= 4 * most:
        values.pop("touchpoint")
    first, last = asked.row("SELECT min(happened), max(happened) FROM steps")
    zone = ZoneInfo(study.timezone)
    days = ["" if one is None else dt.datetime.fromtimestamp(one / 1e6, zone).date().isoformat() for one in (first, last)]
    return Choices(touchpoints, values, *days)
