"""Ranked lists with a bar and, beside it, a share with its interval: touchpoints, sessions, loops."""

from __future__ import annotations

import altair as alt
import pandas as pd

from workbench.charts import base, theme
from workbench.locale import Texts

NARROW = 640  # below this the name stands above its bar, not beside it


def touchpoints(
    frame: pd.DataFrame, t: Texts, *, title="", subtitle="", source="", width: int = 960, top: int = 40
) -> alt.LayerChart:
    """Bar: share of journeys that meet the touchpoint; beside it the shares that begin (circle) and end (square) there."""
    items = [
        {
            "row": row["row"],
            "name": row["touchpoint"],
            "value": row["share"],
            "text": f"{t.percent(row['share'])} · {t.count(row['n'])}",
            "detail": base.duration(t, row["median_s"]),
            "start": row["entry_share"] or None,
            "end": row["exit_share"] or None,
            "n": t.count(row["n"]),
            "journeys": t.count(row["n_journeys"]),
            "customers": t.count(row["n_customers"]),
            "share_text": t.percent(row["share"]),
            "entry_text": base.percent(t, row["entry_share"]),
            "exit_text": base.percent(t, row["exit_share"]),
            "median": base.duration(t, row["median_s"]),
        }
        for row in base.rows(frame)
    ]
    tips = base.tip(
        t, name="touchpoint", n="n", journeys="journeys", customers="customers", share_text="share_journeys",
        entry_text="entry_share", exit_text="exit_share", median="median_next",
    )  # fmt: skip
    words = {"bar": t("charts.touchpoints.bar"), "dot": t("charts.touchpoints.dot"), "detail": t("charts.touchpoints.detail")}
    ends = {"title": title, "subtitle": subtitle, "source": source}
    return _ranked(items, t, "touchpoints", words, tips, width, top, [t("charts.touchpoints.note")], ends)


def sessions(
    frame: pd.DataFrame, t: Texts, *, title="", subtitle="", source="", width: int = 960, top: int = 30
) -> alt.LayerChart:
    """Bar: share of sessions that begin with the touchpoint; beside it how many of those have no other, with interval."""
    items = [
        {
            "row": row["row"],
            "name": row["entry"],
            "value": row["share"],
            "text": f"{t.percent(row['share'])} · {t.count(row['n'])}",
            "detail": t("charts.sessions.steps", x=t.number(row["mean_steps"], 1)),
            "estimate": row["single_share"],
            "low": row["low"],
            "high": row["high"],
            "n": t.count(row["n"]),
            "customers": t.count(row["n_customers"]),
            "share_text": t.percent(row["share"]),
            "single": t.percent(row["single_share"]),
            "interval": base.interval(t, row["low"], row["high"]),
            "steps": t.number(row["mean_steps"], 1),
            "median": base.duration(t, row["median_s"]),
        }
        for row in base.rows(frame)
    ]
    tips = base.tip(
        t, name="entry", n="sessions", customers="customers", share_text="share_sessions", single="single_share",
        interval="interval", steps="mean_steps", median="median_length",
    )  # fmt: skip
    words = {"bar": t("charts.sessions.bar"), "dot": t("charts.sessions.dot"), "detail": t("charts.sessions.detail")}
    ends = {"title": title, "subtitle": subtitle, "source": source}
    return _ranked(items, t, "sessions", words, tips, width, top, [t("charts.interval_note")], ends)


def loops(
    frame: pd.DataFrame, t: Texts, *, title="", subtitle="", source="", width: int = 960, top: int = 20
) -> alt.LayerChart:
    """Bar: time that passed in all, the most first; beside it the share of journeys concerned, with interval."""
    items = [
        {
            "row": row["row"],
            "name": row["touchpoint"],
            "value": row["cost_s"] or 0.0,
            "text": t.duration(row["cost_s"] or 0.0),
            "detail": t(f"charts.loops.{row['kind']}"),
            "estimate": row["share"],
            "low": row["low"],
            "high": row["high"],
            "n": t.count(row["n"]),
            "journeys": t.count(row["n_journeys"]),
            "customers": t.count(row["n_customers"]),
            "share_text": t.percent(row["share"]),
            "interval": base.interval(t, row["low"], row["high"]),
            "cost": t.duration(row["cost_s"] or 0.0),
        }
        for row in base.rows(frame)
    ]
    tips = base.tip(
        t, name="where", detail="kind", cost="cost", n="n", journeys="journeys", customers="customers",
        share_text="share_journeys", interval="interval",
    )  # fmt: skip
    words = {"bar": t("charts.loops.bar"), "dot": t("charts.loops.dot"), "detail": t("charts.loops.detail")}
    ends = {"title": title, "subtitle": subtitle, "source": source}
    return _ranked(items, t, "loops", words, tips, width, top, [t("charts.interval_note")], ends)


def _ranked(items, t, kind, words, tips, width, top, notes, ends) -> alt.LayerChart:
    if not items:
        return base.nothing(t, width=width, **ends)
    total, items = len(items), items[:top]
    wide = width >= NARROW
    pitch = 30 if wide else 50
    height = pitch * len(items)
    longest = max(theme.text_width(item["name"]) for item in items) / width
    names = min(max(longest + 0.015, 0.16), 0.38) if wide else 0.0
    free = 0.88 - names
    bar, dot = ((names + 0.01, names + 0.52 * free), (names + 0.58 * free, 0.88)) if wide else ((0, 0.5), (0.56, 0.98))
    room = width * names - 6 if wide else width - 120
    for i, item in enumerate(items):
        middle = i * pitch + (pitch / 2 if wide else 35)
        head = middle if wide else i * pitch + 14
        item |= {"y": middle, "y1": middle - 7, "y2": middle + 7, "head": head, "short": theme.shorten(item["name"], room)}
        item["said"] = f"{item['name']}: {item['text']}" + (f" ({item['interval']})" if item.get("interval") else "")
    drawn = alt.Chart(base.data(items))
    line, row_y = base.down(height, "head:Q"), base.down(height)
    bar_scale = alt.Scale(
        domain=[0, max(item["value"] for item in items) or 1], range=base.stretch(*bar, less=100 if wide else 92), nice=False
    )
    bar_x = alt.X("value:Q", scale=bar_scale, axis=None)
    mark = drawn.mark_bar(style="value", cursor="pointer", minBandSize=1)
    bars = mark.encode(
        x=bar_x, x2=alt.datum(0), y=base.down(height, "y1:Q"), y2="y2:Q", tooltip=tips, description=alt.Description("said:N")
    ).add_params(base.pick())
    label = drawn.mark_text(style="muted", align="left", dx=6, baseline="middle", aria=False)
    texts = [label.encode(x=bar_x, y=row_y, text="text:N", tooltip=tips)]
    name = drawn.mark_text(style="label" if wide else "strong", align="left", baseline="middle", aria=False)
    texts.append(name.encode(x=alt.value(0), y=line, text="short:N", tooltip=tips))
    side = drawn.mark_text(style="muted", align="right", baseline="middle", aria=False)
    texts.append(side.encode(x=alt.value(alt.expr("width")), y=line, text="detail:N", tooltip=tips))
    dots = _intervals(drawn, dot, row_y, tips, items)
    for words_key, place, align in (("bar", bar[0], "left"), ("dot", dot[0], "left"), ("detail", 1, "right"))[
        : 3 if wide else 2
    ]:
        head = alt.Chart(base.data([{"row": None, "text": words[words_key]}]))
        head = head.mark_text(style="muted", align=align, baseline="bottom", aria=False)
        texts.append(head.encode(x=alt.value(alt.expr(f"width * {place}")), y=alt.value(-26), text="text:N"))
    if total > len(items):
        notes = [t("charts.cut", n=len(items), all=total), *notes]
    # each panel has an x scale of its own: bars on the left share one, dots on the right another
    left = alt.layer(bars, *texts)
    return base.finish(
        [alt.layer(*dots), left], t, kind=kind, height=height, said={"n": len(items)}, notes=notes, width=width,
        resolve={"x": "independent"}, min_width=300, **ends,
    )  # fmt: skip


def _intervals(drawn, place, y, tips, items) -> list[alt.Chart]:
    fields = ("start", "end") if "start" in items[0] else ("estimate", "low", "high")
    most = max((item[field] or 0) for item in items for field in fields) or 1
    scale = alt.Scale(domain=[0, min(1.0, most * 1.04)], range=base.stretch(*place), nice=False, clamp=True)
    axis = alt.Axis(orient="top", format=".0%", tickCount=3, title=None, grid=True)
    layers = []
    if "start" in fields:
        for field, shape, size in (("end", "square", 62), ("start", "circle", 56)):
            mark = drawn.transform_filter(f"isValid(datum.{field})").mark_point(
                style=field, shape=shape, filled=True, size=size, opacity=1, cursor="pointer", aria=False
            )
            layers.append(mark.encode(x=alt.X(f"{field}:Q", scale=scale, axis=axis), y=y, tooltip=tips))
        return layers
    whisker = drawn.transform_filter("isValid(datum.low) && isValid(datum.high)").mark_rule(style="interval", aria=False)
    layers.append(whisker.encode(x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q", y=y, tooltip=tips))
    point = drawn.mark_point(style="estimate", shape="circle", filled=True, size=62, opacity=1, cursor="pointer", aria=False)
    layers.append(point.encode(x=alt.X("estimate:Q", scale=scale, axis=axis), y=y, tooltip=tips))
    return layers
