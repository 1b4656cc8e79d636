"""The company at a glance: a few large numbers."""

from __future__ import annotations

import datetime as dt

import altair as alt
import pandas as pd

from workbench.charts import base
from workbench.locale import Texts

HEIGHT = 66


def overview(frame: pd.DataFrame, t: Texts, *, title="", subtitle="", source="", width: int = 960) -> alt.LayerChart:
    """One tile a measure: its name and its value; durations and days are written out."""
    ends = {"title": title, "subtitle": subtitle, "source": source, "width": width}
    found = [row for row in base.rows(frame) if row["value"] is not None]
    if not found:
        return base.nothing(t, **ends)
    columns = 5 if width >= 800 else 3 if width >= 480 else 2
    values = []
    for i, row in enumerate(found):
        name = t(f"charts.overview.{row['measure']}")
        said = {
            "row": row["row"],
            "name": name,
            "value": _value(row, t),
            "told": base.middle(t, row | {"median_s": row["value"]}) if base.middle_interval(t, row) else _value(row, t),
            "n": t.count(row["n"]),
            "customers": t.count(row["n_customers"]),
        }
        values.append(
            said | {"x": (i % columns) / columns, "y": (i // columns) * HEIGHT + 22, "low": (i // columns) * HEIGHT + 44}
        )
    height = ((len(values) - 1) // columns + 1) * HEIGHT
    drawn = alt.Chart(base.data(values))
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=None)
    tips = base.tip(t, name="measure", told="value", n="n", customers="customers")
    room = alt.expr(f"width / {columns} - 8")
    large = drawn.mark_text(style="big", align="left", baseline="middle", limit=room, cursor="pointer")
    small = drawn.mark_text(style="muted", align="left", baseline="middle", limit=room, aria=False)
    layers = [
        large.encode(x=x, y=base.down(height), text="value:N", tooltip=tips, description=alt.Description("name:N")).add_params(
            base.pick()
        ),
        small.encode(x=x, y=base.down(height, "low:Q"), text="name:N", tooltip=tips),
    ]
    return base.finish(layers, t, kind="overview", height=height, said={"n": len(values)}, min_width=280, **ends)


def _value(row: dict, t: Texts) -> str:
    if row["measure"].startswith("throughput"):
        return t.duration(row["value"])
    if row["measure"].endswith("_at"):
        return t.day(dt.datetime.fromtimestamp(row["value"], dt.UTC))
    return t.count(row["value"])
