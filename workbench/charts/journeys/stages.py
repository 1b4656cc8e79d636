"""The journey map as a picture: a column a stage, in it a card a touchpoint with how many journeys have it."""

from __future__ import annotations

import altair as alt
import pandas as pd

from workbench.charts import base, theme
from workbench.locale import Texts

CARD, GAP, HEAD, COLUMN = 40, 6, 24, 132  # px
LAYERS = {"both": "node", "mined": "tile_bad", "planned": "ground"}


def map(
    frame: pd.DataFrame, t: Texts, *, title="", subtitle="", source="", width: int = 960, planned: bool = True
) -> alt.LayerChart:
    """Columns in the order of the frame's stages. `planned`: whether there is a plan, so that what isn't in it is tinted. A
    frame of stage, touchpoint and layer alone is a plan: cards without bars."""
    ends = {"title": title, "subtitle": subtitle, "source": source, "width": width}
    found = base.rows(frame)
    if not found:
        return base.nothing(t, **ends)
    stages = list(dict.fromkeys(row["stage"] for row in found))
    counted = any(row.get("share") is not None for row in found)  # a plan alone has no numbers
    most = max((row["high"] or row["share"] for row in found if counted), default=0) or 1
    columns = max(1, min(len(stages), int(width // COLUMN)))
    room = width / columns - 22
    tops, height = _rows_of_columns(found, stages, columns)
    places = dict.fromkeys(stages, 0)
    cards = []
    for row in found:
        x, y = stages.index(row["stage"]) % columns, tops[row["stage"]] + HEAD + places[row["stage"]] * (CARD + GAP)
        places[row["stage"]] += 1
        along = lambda share, x=x: None if share is None else round(x + 0.06 + 0.84 * share / most, 4)  # noqa: E731
        count = t.count(row["n_journeys"]) if counted else ""
        share, low, high = (row[name] if counted else None for name in ("share", "low", "high"))
        cards.append(
            {
                "row": row["row"],
                "layer": row["layer"] if planned or row["layer"] != "mined" else "both",
                "x": x + 0.02,
                "x2": x + 0.96,
                "y": y,
                "y2": y + CARD,
                "text": theme.shorten(row["touchpoint"], room - theme.text_width(count, theme.SMALL) - 8, theme.SMALL),
                "label": y + 15,
                "from": along(0),
                "to": along(share),
                "end": along(most),
                "low": along(low),
                "high": along(high),
                "bar": y + 26,
                "bar2": y + 32,
                "middle": y + 29,
                "cap": y + 26,
                "cap2": y + 32,
                "left": x + 0.06,
                "right": x + 0.9,
                "touchpoint": row["touchpoint"],
                "stage": row["stage"],
                "share_text": base.estimate(t, share, low, high) if counted else "",
                "n": count,
                "customers": t.count(row["n_customers"]) if counted else "",
                "said": ", ".join(text for text in (row["stage"], row["touchpoint"], count) if text),
            }
        )
    heads = [
        {"row": None, "x": x % columns + 0.02, "y": tops[name] + 12, "text": theme.shorten(name, room, theme.TEXT)}
        for x, name in enumerate(stages)
    ]
    return base.finish(
        _drawn(cards, heads, columns, height, counted, t), t, kind="map", height=height,
        notes=[t("charts.map.note")] if counted else [],
        said={"n": len(cards), "stages": len(stages)}, min_width=COLUMN * columns, **ends,
    )  # fmt: skip


def _rows_of_columns(found: list[dict], stages: list[str], columns: int) -> tuple[dict[str, float], float]:
    # where each stage begins, px from above: as many side by side as there is room for; and the height of all
    tops, height = {}, 0.0
    for first in range(0, len(stages), columns):
        beside = stages[first : first + columns]
        tops |= dict.fromkeys(beside, height)
        height += HEAD + max(sum(row["stage"] == stage for row in found) for stage in beside) * (CARD + GAP)
    return tops, height


def _drawn(cards: list[dict], heads: list[dict], n: int, height: float, counted: bool, t: Texts) -> list[alt.Chart]:
    scale = alt.Scale(domain=[0, n], nice=False, zero=False)
    numbers = {"share_text": "share_journeys", "n": "journeys", "customers": "customers"} if counted else {}
    tips = base.tip(t, touchpoint="touchpoint", **numbers)
    at = lambda field: alt.X(f"{field}:Q", scale=scale, axis=None)  # noqa: E731
    layers = []
    for layer, style in LAYERS.items():
        some = [card for card in cards if card["layer"] == layer]
        if some:
            drawn = alt.Chart(base.data(some)).mark_rect(style=style, cursor="pointer")
            said = alt.Description("said:N")
            layers.append(drawn.encode(x=at("x"), x2="x2:Q", y=base.down(height), y2="y2:Q", tooltip=tips, description=said))
    layers[0] = layers[0].add_params(base.pick())
    drawn = alt.Chart(base.data(cards))
    bar = {"y": base.down(height, "bar:Q"), "y2": "bar2:Q", "tooltip": tips}
    if counted:
        layers.append(drawn.mark_rect(style="track", aria=False).encode(x=at("from"), x2="end:Q", **bar))
        layers.append(drawn.mark_rect(style="value", aria=False).encode(x=at("from"), x2="to:Q", **bar))
        layers += base.whiskers(drawn, scale, height, tips, ground=0)
    label = {"y": base.down(height, "label:Q"), "tooltip": tips}
    layers.append(drawn.mark_text(style="on_soft", align="left", aria=False).encode(x=at("left"), text="text:N", **label))
    layers.append(drawn.mark_text(style="muted", align="right", aria=False).encode(x=at("right"), text="n:N", **label))
    head = alt.Chart(base.data(heads)).mark_text(style="strong", align="left", aria=False)
    return [*layers, head.encode(x=at("x"), y=base.down(height), text="text:N")]
