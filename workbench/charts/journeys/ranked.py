"""Ranked lists with a bar and, beside it, a share with its interval: touchpoints, sessions, loops,
crossings, hand-offs, departures from a plan."""

from __future__ import annotations

import altair as alt
import pandas as pd

from workbench.charts import base, theme
from workbench.locale import Texts

NARROW = 640  # below this the name stands above its bar, not beside it
HEAD_LINE = 15
DOT = 52  # px² of a mark on the right
CAP = 6  # px of a cap to either side: however close its ends are, an interval stands out above and below its mark


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


def columns(items: list[dict], width: int) -> tuple[bool, int, float, float]:
    """Of a list with a row an item, its `name` on the left and its `detail` on the right: whether there is room for all beside
    each other, px a row is high, the names' share of the width (0: they stand above), px of the details."""
    wide = width >= NARROW
    longest = max(theme.text_width(item["name"]) for item in items) / width
    names = min(max(longest + 0.015, 0.16), 0.38) if wide else 0.0
    return wide, 30 if wide else 50, names, max(theme.text_width(item["detail"], theme.SMALL) for item in items)


def heading(lines: list[str], place: float, align: str = "left") -> alt.Chart:
    """What stands above a column that begins (or, to the right, ends) at that share of the width."""
    mark = alt.Chart(base.data([{"row": None, "text": lines}]))
    mark = mark.mark_text(style="muted", align=align, baseline="bottom", lineHeight=HEAD_LINE, aria=False)
    above = alt.value(-26 - HEAD_LINE * (len(lines) - 1))
    return mark.encode(x=alt.value(alt.expr(f"width * {place}")), y=above, text="text:N")


def _ranked(items, t, kind, words, tips, width, top, notes, ends) -> alt.LayerChart:
    if not items:
        return base.nothing(t, width=width, **ends)
    total, items = len(items), items[:top]
    wide, pitch, names, details = columns(items, width)
    height = pitch * len(items)
    edge = min(0.88, 1 - (details + 14) / width)
    free = edge - names
    bar, dot = ((names + 0.01, names + 0.52 * free), (names + 0.58 * free, edge)) if wide else ((0, 0.5), (0.56, 0.98))
    room = width * names - 6 if wide else width - details - 12
    for i, item in enumerate(items):
        middle = i * pitch + (pitch / 2 if wide else 35)
        head = middle if wide else i * pitch + 14
        item |= {"y": middle, "y1": middle - 7, "y2": middle + 7, "head": head, "short": theme.shorten(item["name"], room)}
        item |= {"middle": middle, "cap": middle - CAP, "cap2": middle + CAP, "reach": item["high"] or item["value"]}
        item["said"] = f"{item['name']}: {item['text']}, {item['share_text']}"
    drawn = alt.Chart(base.data(items))
    line, row_y = base.down(height, "head:Q"), base.down(height)
    bar_scale = alt.Scale(
        domain=[0, max(item["reach"] for item in items) or 1], range=base.stretch(*bar, less=100 if wide else 92), nice=False
    )
    bar_x = alt.X("value:Q", scale=bar_scale, axis=None)
    mark = drawn.mark_bar(style="value", cursor="pointer", minBandSize=1)
    bars = mark.encode(
        x=bar_x, x2=alt.datum(0), y=base.down(height, "y1:Q"), y2="y2:Q", tooltip=tips, description=alt.Description("said:N")
    ).add_params(base.pick())
    label = drawn.mark_text(style="muted", align="left", dx=6, baseline="middle", aria=False)
    after = alt.X("reach:Q", scale=bar_scale, axis=None)
    texts = [label.encode(x=after, y=row_y, text="text:N", tooltip=tips)]
    name = drawn.mark_text(style="label" if wide else "strong", align="left", baseline="middle", aria=False)
    texts.append(name.encode(x=alt.value(0), y=line, text="short:N", tooltip=tips))
    side = drawn.mark_text(style="muted", align="right", baseline="middle", aria=False)
    texts.append(side.encode(x=alt.value(alt.expr("width")), y=line, text="detail:N", tooltip=tips))
    dots = _intervals(drawn, dot, height, tips, items)
    heads = [("bar", bar[0], dot[0], "left"), ("dot", dot[0], 1, "left"), ("detail", 1, None, "right")]
    for words_key, place, until, align in heads if wide else heads[:2]:
        # on a phone a long heading takes more lines; what sticks out on the right would make the whole picture smaller
        lines = [words[words_key]] if wide else theme.wrap(words[words_key], (until - place) * width - 8, theme.SMALL)
        texts.append(heading(lines, place, align))
    if total > len(items):
        notes = [t("charts.cut", n=len(items), all=total), *notes]
    # each panel has an x scale of its own: bars on the left share one, dots on the right another
    left = alt.layer(bars, *base.whiskers(drawn, bar_scale, height, tips), *texts)
    return base.finish(
        [alt.layer(*dots), left], t, kind=kind, height=height, said={"n": len(items)}, notes=notes, width=width,
        resolve={"x": "independent"}, min_width=300, **ends,
    )  # fmt: skip


def _intervals(drawn, place, height, tips, items) -> list[alt.Chart]:
    """The marks of the right panel, each between the caps of its interval: one share a row, or where journeys end and begin."""
    marks = [("end", "square"), ("start", "circle")] if "start" in items[0] else [("estimate", "circle")]
    most = max((item[field] or 0) for item in items for mark, _ in marks for field in _fields(mark)) or 1
    scale = alt.Scale(domain=[0, min(1.0, most * 1.04)], range=base.stretch(*place), nice=False, clamp=True)
    axis = alt.Axis(orient="top", format=".0%", tickCount=3, title=None, grid=True)
    points, lines, caps = [], [], []
    for name, shape in marks:
        point = drawn.transform_filter(f"isValid(datum.{name})").mark_point(
            style=name, shape=shape, filled=True, size=DOT, opacity=1, cursor="pointer", aria=False
        )
        points.append(point.encode(x=alt.X(f"{name}:Q", scale=scale, axis=axis), y=base.down(height), tooltip=tips))
        style = "interval" if name == "estimate" else f"{name}_interval"
        _, *ends = _fields(name)
        line, *two = base.whiskers(drawn, scale, height, tips, ends=tuple(ends), style=style, ground=0, axis=axis)
        lines.append(line)
        caps += two
    return lines + points + caps
