"""Variants: the shapes of journeys as rows of tiles, the most frequent first."""

from __future__ import annotations

import itertools
from collections import Counter

import altair as alt
import pandas as pd

from workbench.charts import base, theme
from workbench.locale import Texts

GAP, LINES, TEXT_LINE = 5, 2, 13
ARROW = " → "


def variants(frame: pd.DataFrame, t: Texts, *, title="", subtitle="", source="", width: int = 960) -> alt.LayerChart:
    """A row a variant: its share as a bar, its touchpoints as tiles in order. The same touchpoint several times in a row is
    one tile "×3"; what doesn't fit in two lines is counted ("+12"). The most frequent touchpoints have colours of their own."""
    ends = {"title": title, "subtitle": subtitle, "source": source, "width": width}
    found = base.rows(frame)
    if not found:
        return base.nothing(t, **ends)
    wide = width >= 640
    left = 0.21 if wide else 0.0
    per_line = max(3, int(width * (1 - left) // 114))
    colours = _colours(found)
    room = width * (1 - left) / per_line - 16
    tall = 40 if any(len(_words(name, 1, room)) > 1 for name in colours) else 26
    heads, tiles, at = [], [], 0.0
    for row in found:
        runs = [(name, len(list(same))) for name, same in itertools.groupby(row["variant"].split(ARROW))]
        most = per_line * LINES
        shown = runs if len(runs) <= most else runs[: most - 1]
        rest = sum(n for _, n in runs[len(shown) :])
        top = at + (0 if wide else 32)
        cells = [(name, n, colours[name]) for name, n in shown] + ([(None, rest, "other")] if rest else [])
        for i, (name, n, colour) in enumerate(cells):
            x, y = left + (i % per_line) * (1 - left) / per_line, top + (i // per_line) * (tall + GAP)
            words = [f"+{n}"] if name is None else _words(name, n, room)
            middle = y + tall / 2 - (len(words) - 1) * TEXT_LINE / 2
            tiles.append(
                {"row": row["row"], "colour": colour, "x": round(x, 4), "y": y, "y2": y + tall, "middle": middle, "text": words}
                | {"name": name or t("charts.variants.more", n=n), "times": t.count(n)}
            )
        used = (len(cells) - 1) // per_line + 1
        heads.append(_head(row, at, t))
        at = max(top + used * (tall + GAP), at + (36 if wide else 0)) + (10 if wide else 14)
    step = (1 - left) / per_line
    layers = [*_heads(heads, at, 0.185 if wide else 1.0, t), *_tiles(tiles, at, step, t)]
    notes = [t("charts.variants.note", n=len(found), share=found[-1]["cumulative_share"] or 0.0)]
    notes += [t("charts.whiskers")] if any(head["low"] is not None for head in heads) else []
    said = {"n": len(found), "share": found[-1]["cumulative_share"] or 0.0}
    return base.finish(layers, t, kind="variants", height=at, said=said, notes=notes, min_width=300, **ends)


def _colours(found: list[dict]) -> dict[str, str]:
    weight: Counter = Counter()
    for row in found:
        for name in set(row["variant"].split(ARROW)):
            weight[name] += row["n"]
    ranked = sorted(weight, key=lambda name: (-weight[name], name))
    return {name: theme.SOFT[min(i, len(theme.SOFT) - 1)] for i, name in enumerate(ranked)}


def _words(name: str, n: int, room: float) -> list[str]:
    return theme.wrap(f"{name} ×{n}" if n > 1 else name, room, theme.SMALL, lines=2)


def _head(row: dict, at: float, t: Texts) -> dict:
    return {
        "row": row["row"],
        "y": at + 8,
        "bar": at + 20,
        "bar2": at + 25,
        "middle": at + 22.5,
        "cap": at + 19,
        "cap2": at + 26,
        "share": row["share"],
        "low": row.get("low"),
        "high": row.get("high"),
        "text": f"{row['rank']}.  {t.percent(row['share'])} · {t.count(row['n'])}",
        "n": t.count(row["n"]),
        "customers": t.count(row["n_customers"]),
        "share_text": base.estimate(t, row["share"], row.get("low"), row.get("high")),
        "cumulative": base.percent(t, row["cumulative_share"]),
        "steps": t.count(row["n_steps"]),
        "median": base.middle(t, row),
        "variant": row["variant"] if len(row["variant"]) < 300 else row["variant"][:299] + "…",
        "said": f"{row['rank']}: {row['variant'][:200]}: {t.count(row['n'])}, {t.percent(row['share'])}",
    }


def _heads(heads: list[dict], height: float, wide: float, t: Texts) -> list[alt.Chart]:
    tips = base.tip(
        t, variant="variant", n="journeys", customers="customers", share_text="share_journeys", cumulative="cumulative",
        steps="n_steps", median="median_length",
    )  # fmt: skip
    drawn = alt.Chart(base.data(heads))
    most = max(head["high"] or head["share"] for head in heads) or 1
    scale = alt.Scale(domain=[0, most / wide], nice=False)
    x = alt.X("share:Q", scale=scale, axis=None)
    bar = drawn.mark_rect(style="value", cursor="pointer")
    bars = bar.encode(
        x=x, x2=alt.datum(0), y=base.down(height, "bar:Q"), y2="bar2:Q", tooltip=tips, description=alt.Description("said:N")
    ).add_params(base.pick())
    text = drawn.mark_text(style="label", align="left", baseline="middle", aria=False)
    heading = text.encode(x=alt.value(0), y=base.down(height), text="text:N", tooltip=tips)
    return [bars, *base.whiskers(drawn, scale, height, tips, ground=3), heading]


def _tiles(tiles: list[dict], height: float, step: float, t: Texts) -> list[alt.Chart]:
    tips = base.tip(t, name="touchpoint", times="tile")
    left = alt.expr("width * datum.x")
    layers = []
    for colour in theme.SOFT:
        some = [tile for tile in tiles if tile["colour"] == colour]
        if not some:
            continue
        drawn = alt.Chart(base.data(some))
        tile = drawn.mark_rect(
            style=f"tile_{colour}", cursor="pointer", x=left, x2=alt.expr(f"width * (datum.x + {step:.4f}) - 5"), aria=False
        )
        layers.append(tile.encode(y=base.down(height), y2="y2:Q", tooltip=tips))
        text = drawn.mark_text(
            style="on_soft",
            align="left",
            baseline="middle",
            x=left,
            dx=7,
            lineHeight=TEXT_LINE,
            limit=alt.expr(f"width * {step:.4f} - 17"),
            aria=False,
        )
        layers.append(text.encode(y=base.down(height, "middle:Q"), text="text:N", tooltip=tips))
    return layers
