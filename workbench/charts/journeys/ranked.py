"""Ranked lists with a bar and, beside it, a share with its interval: touchpoints, sessions, loops,
crossings, hand-offs, departures from a plan, sources."""

from __future__ import annotations

import altair as alt
import pandas as pd

from workbench.charts import base, theme
from workbench.charts.journeys import listed
from workbench.locale import Texts


def touchpoints(
    frame: pd.DataFrame, t: Texts, *, title="", subtitle="", source="", width: int = 960, top: int = 40
) -> alt.LayerChart:
    """Bar: share of journeys that meet the touchpoint; beside it the shares that begin (circle) and end (square) there."""
    items = [
        _share(row, t, "touchpoint", ("low", "high"))
        | _side("start", row["entry_share"], row.get("entry_low"), row.get("entry_high"))
        | _side("end", row["exit_share"], row.get("exit_low"), row.get("exit_high"))
        | {
            "detail": _next(t, row),
            "journeys": t.count(row["n_journeys"]),
            "entry_text": base.estimate(t, row["entry_share"], row.get("entry_low"), row.get("entry_high")),
            "exit_text": base.estimate(t, row["exit_share"], row.get("exit_low"), row.get("exit_high")),
        }
        for row in base.rows(frame)
    ]
    tips = base.tip(
        t, name="touchpoint", n="n", journeys="journeys", customers="customers", share_text="share_journeys",
        entry_text="entry_share", exit_text="exit_share", median="median_next",
    )  # fmt: skip
    words = {"bar": t("charts.touchpoints.bar"), "dot": t("charts.touchpoints.dot"), "detail": t("charts.touchpoints.detail")}
    ends = {"title": title, "subtitle": subtitle, "source": source}
    return _ranked(items, t, "touchpoints", words, tips, width, top, [t("charts.touchpoints.note"), _lines(items, t)], ends)


def sessions(
    frame: pd.DataFrame, t: Texts, *, title="", subtitle="", source="", width: int = 960, top: int = 30
) -> alt.LayerChart:
    """Bar: share of sessions that begin with the touchpoint; beside it how many of those have no other, with interval."""
    items = [
        _share(row, t, "entry", ("share_low", "share_high"))
        | _side("estimate", row["single_share"], row["low"], row["high"])
        | {
            "detail": t("charts.sessions.steps", x=t.number(row["mean_steps"], 1)),
            "single": base.estimate(t, row["single_share"], row["low"], row["high"]),
            "steps": t.number(row["mean_steps"], 1),
        }
        for row in base.rows(frame)
    ]
    tips = base.tip(
        t, name="entry", n="sessions", customers="customers", share_text="share_sessions", single="single_share",
        steps="mean_steps", median="median_length",
    )  # fmt: skip
    words = {"bar": t("charts.sessions.bar"), "dot": t("charts.sessions.dot"), "detail": t("charts.sessions.detail")}
    ends = {"title": title, "subtitle": subtitle, "source": source}
    notes = [_lines(items, t) or t("charts.interval_note")]
    return _ranked(items, t, "sessions", words, tips, width, top, notes, ends)


def loops(
    frame: pd.DataFrame, t: Texts, *, title="", subtitle="", source="", width: int = 960, top: int = 20
) -> alt.LayerChart:
    """Bar: time that passed in all, the most first; beside it the share of journeys concerned, with interval."""
    items = [
        _concerned(row, t, row["touchpoint"])
        | {
            "value": row["cost_s"] or 0.0,
            "text": t.duration(row["cost_s"] or 0.0),
            "detail": t(f"charts.loops.{row['kind']}"),
            "low": None,
            "high": None,
            "cost": t.duration(row["cost_s"] or 0.0),
        }
        for row in base.rows(frame)
    ]
    tips = base.tip(
        t, name="where", detail="kind", cost="cost", n="n", journeys="journeys", customers="customers",
        share_text="share_journeys",
    )  # fmt: skip
    words = {"bar": t("charts.loops.bar"), "dot": t("charts.loops.dot"), "detail": t("charts.loops.detail")}
    ends = {"title": title, "subtitle": subtitle, "source": source}
    return _ranked(items, t, "loops", words, tips, width, top, [t("charts.interval_note")], ends)


def crossings(
    frame: pd.DataFrame, t: Texts, *, title="", subtitle="", source="", width: int = 960, top: int = 30
) -> alt.LayerChart:
    """Bar: how often customers went from one channel to the other; beside it the share of all that go on from the first, with
    interval, and how long it took."""
    items = [
        _passing(row, t) | {"value": row["n"], "text": t.count(row["n"]), "low": None, "high": None, "detail": _next(t, row)}
        for row in base.rows(frame)
    ]
    return _passings(items, t, "crossings", width, top, {"title": title, "subtitle": subtitle, "source": source})


def handoffs(
    frame: pd.DataFrame, t: Texts, *, title="", subtitle="", source="", width: int = 960, top: int = 30
) -> alt.LayerChart:
    """Bar: how long it takes from one owner to the other, with interval; beside it the share of all that go on from the first,
    with interval, and how often. The most frequent first."""
    items = [
        _passing(row, t)
        | {
            "value": row["median_s"] or 0.0,
            "text": base.duration(t, row["median_s"]),
            "low": row.get("median_low_s"),
            "high": row.get("median_high_s"),
            "detail": t.count(row["n"]),
        }
        for row in base.rows(frame)
    ]
    return _passings(items, t, "handoffs", width, top, {"title": title, "subtitle": subtitle, "source": source})


def conformance(
    frame: pd.DataFrame, t: Texts, *, title="", subtitle="", source="", width: int = 960, top: int = 20
) -> alt.LayerChart:
    """Bar: steps too many or missing that a departure from the plan makes in all; beside it the share of journeys with it, with
    interval, and how much longer or shorter the median one of these lasts. A column `what` has the departure in words."""
    items = [
        _concerned(row, t, row["what"])
        | {
            "value": row["cost"],
            "text": t.count(row["cost"]),
            "detail": _longer(t, row["extra_s"], row["extra_low_s"], row["extra_high_s"]),
            "low": None,
            "high": None,
        }
        for row in base.rows(frame)
    ]
    tips = base.tip(
        t, name="departure", n="n", journeys="journeys", customers="customers", share_text="share_journeys", detail="longer"
    )
    words = {part: t(f"charts.conformance.{part}") for part in ("bar", "dot", "detail")}
    ends = {"title": title, "subtitle": subtitle, "source": source}
    return _ranked(items, t, "conformance", words, tips, width, top, [t("charts.interval_note")], ends)


def inventory(
    frame: pd.DataFrame, t: Texts, *, title="", subtitle="", source="", width: int = 960, top: int = 40
) -> alt.LayerChart:
    """Bar: share of the known customers that a source sees; beside it the share of these that are seen nowhere else, with
    interval, and how far its last row lies behind the newest. A column `what` has the source in words."""
    items = [
        _side("estimate", row["alone_share"], row["alone_low"], row["alone_high"])
        | {
            "row": row["row"],
            "name": row["what"],
            "value": row["share"],
            "text": f"{t.percent(row['share'])} · {t.count(row['n_customers'])}",
            "low": row["low"],
            "high": row["high"],
            "detail": t.duration(row["behind_s"]) if row["behind_s"] else "",
            "n": t.count(row["n_rows"]),
            "customers": t.count(row["n_customers"]),
            "share_text": base.estimate(t, row["share"], row["low"], row["high"]),
            "alone": base.estimate(t, row["alone_share"], row["alone_low"], row["alone_high"]),
        }
        for row in base.rows(frame)
    ]
    tips = base.tip(
        t, name="source_of", n="rows", customers="customers", share_text="share_customers", alone="alone_share", detail="behind"
    )
    words = {part: t(f"charts.inventory.{part}") for part in ("bar", "dot", "detail")}
    ends = {"title": title, "subtitle": subtitle, "source": source}
    return _ranked(items, t, "inventory", words, tips, width, top, [_lines(items, t) or t("charts.interval_note")], ends)


def _longer(t: Texts, seconds, low, high) -> str:
    # "+2 h (−1 h … +5 h)": a difference of times, with its interval where there is one
    if seconds is None:
        return ""
    said = [t.signed_duration(one) for one in (seconds, low, high) if one is not None]
    return f"{said[0]} ({said[1]} … {said[2]})" if len(said) == 3 else said[0]


def _concerned(row: dict, t: Texts, name: str) -> dict:
    """A row beside whose bar stands the share of those concerned, with its interval."""
    low, high = row.get("low"), row.get("high")
    return {
        "row": row["row"],
        "name": name,
        **_side("estimate", row["share"], low, high),
        "n": t.count(row["n"]),
        "journeys": t.count(row["n_journeys"]),
        "customers": t.count(row["n_customers"]),
        "share_text": base.estimate(t, row["share"], low, high),
    }


def _passing(row: dict, t: Texts) -> dict:
    return _concerned(row, t, f"{row['source']} → {row['target']}") | {"median": base.middle(t, row)}


def _passings(items, t, kind, width, top, ends) -> alt.LayerChart:
    tips = base.tip(
        t, name="where", n="n", journeys="journeys", customers="customers", share_text="share_going_on", median="median"
    )
    words = {part: t(f"charts.{kind}.{part}") for part in ("bar", "dot", "detail")}
    return _ranked(items, t, kind, words, tips, width, top, [_lines(items, t) or t("charts.interval_note")], ends)


def _next(t: Texts, row: dict) -> str:
    between = base.middle_interval(t, row)
    return base.duration(t, row["median_s"]) + (f" ({between})" if between else "")


def _share(row: dict, t: Texts, name: str, ends: tuple[str, str]) -> dict:
    """A row whose bar is its share: named by the column `name`, the interval of the share in the columns `ends`."""
    low, high = (row.get(end) for end in ends)
    return {
        "row": row["row"],
        "name": row[name],
        "value": row["share"],
        "text": f"{t.percent(row['share'])} · {t.count(row['n'])}",
        "low": low,
        "high": high,
        "n": t.count(row["n"]),
        "customers": t.count(row["n_customers"]),
        "share_text": base.estimate(t, row["share"], low, high),
        "median": base.middle(t, row),
    }


def _side(name: str, share, low, high) -> dict:
    """A mark beside the bars with its interval; none where the share is none or 0."""
    return {name: share, f"{name}_low": low, f"{name}_high": high} if share else dict.fromkeys(_fields(name))


def _fields(name: str) -> tuple[str, str, str]:
    return name, f"{name}_low", f"{name}_high"


def _lines(items: list[dict], t: Texts) -> str:
    return t("charts.whiskers") if any(item["low"] is not None for item in items) else ""


def _ranked(items, t, kind, words, tips, width, top, notes, ends) -> alt.LayerChart:
    if not items:
        return base.nothing(t, width=width, **ends)
    total, items = len(items), items[:top]
    heading = words["detail"] if any(item["detail"] for item in items) else ""
    columns = listed.laid(items, width, heading)
    height = columns.height
    bar, dot = ((0.0, 0.52), (0.58, 1.0)) if columns.wide else ((0.0, 0.5), (0.56, 0.98))
    for item in items:
        item |= {"y1": item["y"] - 7, "y2": item["y"] + 7, "reach": item["high"] or item["value"]}
        item["said"] = f"{item['name']}: {item['text']}, {item['share_text']}"
    after = max(theme.text_width(item["text"], theme.SMALL) for item in items) + 10
    drawn = alt.Chart(base.data(items))
    row_y = base.down(height)
    bar_scale = alt.Scale(
        domain=[0, max(item["reach"] for item in items) or 1], range=columns.panel(*bar, less=after), nice=False
    )
    bar_x = alt.X("value:Q", scale=bar_scale, axis=None)
    mark = drawn.mark_bar(style="value", cursor="pointer", minBandSize=1)
    bars = mark.encode(
        x=bar_x, x2=alt.datum(0), y=base.down(height, "y1:Q"), y2="y2:Q", tooltip=tips, description=alt.Description("said:N")
    ).add_params(base.pick())
    label = drawn.mark_text(style="muted", align="left", dx=6, baseline="middle", aria=False)
    texts = [label.encode(x=alt.X("reach:Q", scale=bar_scale, axis=None), y=row_y, text="text:N", tooltip=tips)]
    name = drawn.mark_text(
        style="label" if columns.wide else "strong", align="left", baseline="middle", lineHeight=listed.NAME_LINE, aria=False
    )
    texts.append(name.encode(x=alt.value(0), y=base.down(height, "head:Q"), text="short:N", tooltip=tips))
    side = drawn.mark_text(style="muted", align="right", baseline="middle", aria=False)
    texts.append(side.encode(x=alt.value(alt.expr("width")), y=base.down(height, "side:Q"), text="detail:N", tooltip=tips))
    dots = _intervals(drawn, columns, dot, height, tips, items)
    texts += [columns.heading(words["bar"], bar[0], dot[0]), columns.heading(words["dot"], dot[0], 1.0)]
    if heading:
        texts.append(columns.details_heading(heading))
    if total > len(items):
        notes = [t("charts.cut", n=len(items), all=total), *notes]
    # each panel has an x scale of its own: bars on the left share one, dots on the right another
    left = alt.layer(bars, *base.whiskers(drawn, bar_scale, height, tips), *texts)
    return base.finish(
        [alt.layer(*dots), left], t, kind=kind, height=height, said={"n": len(items)}, notes=notes, width=width,
        resolve={"x": "independent"}, min_width=300, **ends,
    )  # fmt: skip


def _intervals(drawn, columns, place, height, tips, items) -> list[alt.Chart]:
    """The marks of the right panel, each between the caps of its interval: one share a row, or where journeys end and begin."""
    marks = [("end", "square"), ("start", "circle")] if "start" in items[0] else [("estimate", "circle")]
    most = max((item[field] or 0) for item in items for mark, _ in marks for field in _fields(mark)) or 1
    scale = alt.Scale(domain=[0, min(1.0, most * 1.04)], range=columns.panel(*place), nice=False, clamp=True)
    axis = alt.Axis(orient="top", format=".0%", tickCount=3, labelSeparation=8, title=None, grid=True)
    points, lines, caps = [], [], []
    for name, shape in marks:
        point = drawn.transform_filter(f"isValid(datum.{name})").mark_point(
            style=name, shape=shape, filled=True, size=listed.DOT, opacity=1, cursor="pointer", aria=False
        )
        points.append(point.encode(x=alt.X(f"{name}:Q", scale=scale, axis=axis), y=base.down(height), tooltip=tips))
        style = "interval" if name == "estimate" else f"{name}_interval"
        _, *ends = _fields(name)
        line, *two = base.whiskers(drawn, scale, height, tips, ends=tuple(ends), style=style, ground=0, axis=axis)
        lines.append(line)
        caps += two
    return lines + points + caps
