"""Changes: a small panel for each series whose level shifts, its line over time, when it changed and between which levels."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import altair as alt
import pandas as pd

from workbench.charts import base, theme
from workbench.locale import Texts

PANEL, LINE, FOOT = 96, 19, 40  # px: of the drawing, of a line of its head, below it
HEADROOM = 1.08  # the height of a panel, of what its scale is written for
BEYOND = 3  # an interval is drawn up to that many times the highest level; where it goes on, a triangle says so
_DAY = 86_400_000  # ms
_ENDS = {"share": ("share", "low", "high"), "time": ("middle_s", "low_s", "high_s")}


@dataclasses.dataclass(frozen=True)
class _Panel:
    """One series: its changes, its points, the px of its top, and the value at its top."""

    kind: str
    rows: list[dict]
    points: list[dict]
    head: list[str]
    y: float
    most: float  # what the scale is written for

    def down(self, value: float) -> float:
        return self.y + PANEL * (1 - min(value / self.most, 1.0) / HEADROOM)

    @property
    def row(self) -> int:
        return self.rows[0]["row"]


def changes(
    frame: pd.DataFrame,
    t: Texts,
    *,
    series: pd.DataFrame | None = None,
    heads: Mapping[int, str] | None = None,
    monthly: bool = False,
    title="",
    subtitle="",
    source="",
    width: int = 960,
    top: int = 8,
) -> alt.LayerChart:
    """The series with the surest changes first. `series`: their points; `heads`: the sentence of each row of `frame`;
    `monthly`: points are months, not weeks."""
    around = {"title": title, "subtitle": subtitle, "source": source, "width": width}
    if frame.empty or series is None:
        return base.nothing(t, **around)
    panels, n = _panels(frame, series, heads or {}, width, top)
    if not panels:
        return base.nothing(t, **around)
    height = panels[-1].y + PANEL + FOOT - 12
    days = [_ms(point["period_day"]) for panel in panels for point in panel.points]
    scale = _scale(panels, t)
    x = alt.Scale(
        domain=[min(days), max(days) + (31 if monthly else 7) * _DAY],
        range=base.stretch(0, 0.985, left=max(theme.text_width(one["text"], theme.SMALL) for one in scale) + 8),
        nice=False,
        zero=False,
    )
    ground, *marks = _marks(panels, x, height, max(days), t)
    note = t(f"charts.changes.note.{'month' if monthly else 'week'}")
    cut = t("charts.changes.cut", n=len(panels), all=n) if n > len(panels) else ""
    beyond = t("charts.changes.beyond") if any(_is_beyond(panel, point) for panel in panels for point in panel.points) else ""
    return base.finish(
        [ground, *_lines(panels, x, height, t), *marks, *_words(panels, x, height, days, width, scale, t)],
        t, kind="changes", height=height, said={"n": len(panels)}, notes=[cut, note, beyond], min_width=300, **around,
    )  # fmt: skip


def _panels(frame, series, heads, width: int, top: int) -> tuple[list[_Panel], int]:
    names = [name for name in ("measure", "touchpoint", "source", "target") if name in frame]
    rows: dict[tuple, list[dict]] = {}
    for row in base.rows(frame):
        rows.setdefault(tuple(row[name] for name in names), []).append(row)
    points: dict[tuple, list[dict]] = {}
    for point in base.rows(series):
        points.setdefault(tuple(point[name] for name in names), []).append(point)
    made, y = [], 0.0
    for key, own in list(rows.items())[:top]:
        value = _ENDS[own[0]["measure"]][0]
        known = [point for point in points.get(key, ()) if point[value] is not None]
        if not known:
            continue
        levels = [
            row[f"{side}_{'s' if value == 'middle_s' else 'share'}"] or 0.0 for row in own for side in ("before", "after")
        ]
        head = theme.wrap(heads.get(own[0]["row"], ""), width - 12, theme.TEXT * 1.06, lines=3)
        y += len(head) * LINE + 6
        peak = max([point[value] for point in known] + levels)
        high = max([point[_ENDS[own[0]["measure"]][2]] or 0.0 for point in known])
        made.append(_Panel(own[0]["measure"], own, known, head, y, max(peak, min(high, BEYOND * peak)) or 1.0))
        y += PANEL + FOOT
    return made, len(rows)


def _ms(day) -> int:
    return int(pd.Timestamp(day).value // 1_000_000)


def _said(t: Texts, kind: str, value, low, high) -> str:
    if kind == "share":
        return base.estimate(t, value, low, high)
    text = base.duration(t, value)
    return t("charts.estimate", share=text, between=t.durations(low, high)) if low is not None and high is not None else text


def _is_beyond(panel: _Panel, point: dict) -> bool:
    # only the upper end of an interval can be higher than the picture
    return (point[_ENDS[panel.kind][2]] or 0.0) > panel.most


def _lines(panels: list[_Panel], x: alt.Scale, height: float, t: Texts) -> list[alt.Chart]:
    values = []
    for panel in panels:
        value, low, high = _ENDS[panel.kind]
        for point in panel.points:
            ends = point[value] if point[low] is None else point[low], point[value] if point[high] is None else point[high]
            values.append({
                "row": panel.row, "panel": panel.row, "x": _ms(point["period_day"]), "y": panel.down(point[value]),
                "low": panel.down(ends[0]), "high": panel.down(ends[1]), "period": t.day(point["period_day"]),
                "level": _said(t, panel.kind, point[value], point[low], point[high]), "n": t.count(point["n"]),
                "is_beyond": _is_beyond(panel, point), "top": panel.y + 4,
                "customers": t.count(point["n_customers"]),
            })  # fmt: skip
    drawn = alt.Chart(base.data(values))
    along = {"x": alt.X("x:Q", scale=x, axis=None), "detail": "panel:N"}
    tips = base.tip(t, period="period", level="level", n="n", customers="customers")
    area = drawn.mark_area(style="band", opacity=0.16, aria=False)
    line = drawn.mark_line(style="joined", strokeWidth=1.3, aria=False)
    dots = drawn.mark_point(style="unshown", filled=True, size=16, opacity=1, cursor="pointer", aria=False)
    beyond = drawn.transform_filter("datum.is_beyond").mark_point(
        style="unshown", shape="triangle-up", filled=True, size=44, opacity=1, aria=False
    )
    return [
        area.encode(y=base.down(height, "low:Q"), y2="high:Q", **along),
        line.encode(y=base.down(height), **along),
        dots.encode(y=base.down(height), tooltip=tips, **along).add_params(base.pick()),
        beyond.encode(y=base.down(height, "top:Q"), tooltip=tips, **along),
    ]


def _marks(panels: list[_Panel], x: alt.Scale, height: float, last: int, t: Texts) -> list[alt.Chart]:
    """When it changed, first the interval of that date, and the levels about it."""
    turns, levels = [], []
    for panel in panels:
        side = "s" if panel.kind == "time" else "share"
        turning = sorted(_ms(day) for row in panel.rows for day in (row["from_day"], row["back_day"]) if day is not None)
        first = _ms(panel.points[0]["period_day"])
        for row in panel.rows:
            at = _ms(row["from_day"])
            told = {
                "row": row["row"], "top": panel.y, "foot": panel.y + PANEL,
                "began": f"{t.day(row['from_day'])} ({t.day(row['from_low_day'])} – {t.day(row['from_high_day'])})",
                "back": t.day(row["back_day"]) if row["back_day"] is not None else "–",
                **{name: _said(t, panel.kind, *(row[f"{name}_{end}"] for end in _of(side))) for name in ("before", "after")},
                "n": t.count(row["n"]), "customers": t.count(row["n_customers"]), "q": t.number(row["q"], 3),
            }  # fmt: skip
            turns.append(
                told | {"x": at, "x0": _ms(row["from_low_day"]), "x1": _ms(row["from_high_day"]) + _DAY, "is_back": False}
            )
            if row["back_day"] is not None:
                ends = {"x0": _ms(row["back_low_day"]), "x1": _ms(row["back_high_day"]) + _DAY}
                turns.append(told | {"x": _ms(row["back_day"]), "is_back": True} | ends)
            before, after = row[f"before_{side}"], row[f"after_{side}"]
            start = max([one for one in turning if one < at], default=first)
            end = min([one for one in turning if one > at], default=last + 7 * _DAY)
            for value, x0, x1 in ((before, start, at), (after, at, end)):
                levels.append({"row": row["row"], "y": panel.down(value or 0.0), "x0": x0, "x1": x1})
    tips = base.tip(
        t, began="began", back="back", before="level_before", after="level_after", n="n", customers="customers", q="q"
    )
    drawn, across = alt.Chart(base.data(turns)), {"y": base.down(height, "top:Q"), "y2": "foot:Q", "tooltip": tips}
    ground = drawn.mark_rect(style="track", opacity=0.75, cursor="pointer", aria=False)
    rule = drawn.mark_rule(style="interval", cursor="pointer", description=t("charts.tip.change"))
    at = alt.X("x:Q", scale=x, axis=None)
    level = alt.Chart(base.data(levels)).mark_rule(style="forward", strokeWidth=3, aria=False)
    return [
        ground.encode(x=alt.X("x0:Q", scale=x, axis=None), x2="x1:Q", **across),
        rule.transform_filter("!datum.is_back").encode(x=at, **across),
        rule.transform_filter("datum.is_back").encode(x=at, strokeDash=alt.value([4, 3]), **across),
        level.encode(x=alt.X("x0:Q", scale=x, axis=None), x2="x1:Q", y=base.down(height)),
    ]


def _scale(panels: list[_Panel], t: Texts) -> list[dict]:
    write = {"share": t.percent, "time": t.duration}
    return [
        {"text": write[panel.kind](value) if value else "0", "y": panel.down(value)}
        for panel in panels
        for value in (0.0, panel.most)
    ]


def _of(side: str) -> tuple[str, str, str]:
    return ("s", "low_s", "high_s") if side == "s" else ("share", "low", "high")


def _words(panels, x: alt.Scale, height: float, days: list[int], width: int, scale: list[dict], t: Texts) -> list[alt.Chart]:
    """The sentence above each panel, its scale, and the months below it."""
    heads = [{"row": panel.row, "text": panel.head, "y": panel.y - 8 - LINE * (len(panel.head) - 1)} for panel in panels]
    months = list(pd.date_range(pd.Timestamp(min(days), unit="ms"), pd.Timestamp(max(days), unit="ms"), freq="MS"))
    step = max(1, -(-len(months) * 88 // width))
    feet = [
        {"text": t.month(day, year=day.month == 1 or i == 0), "x": _ms(day), "y": panel.y + PANEL + 14, "y2": panel.y + PANEL}
        for panel in panels
        for i, day in enumerate(months[::step])
    ]
    base_lines = [{"y": panel.y + PANEL} for panel in panels]
    head = alt.Chart(base.data(heads)).mark_text(style="strong", align="left", baseline="middle", lineHeight=LINE, aria=False)
    small = {"style": "muted", "baseline": "middle", "aria": False}
    level = alt.Chart(base.data(scale)).mark_text(align="left", **small)
    foot = alt.Chart(base.data(feet)).mark_text(align="left", **small)
    ground = alt.Chart(base.data(base_lines)).mark_rule(style="track", strokeWidth=1, aria=False)
    return [
        ground.encode(x=alt.value(0), x2=alt.value(alt.expr("width")), y=base.down(height)),
        head.encode(x=alt.value(0), y=base.down(height), text="text:N"),
        level.encode(x=alt.value(0), y=base.down(height), text="text:N"),
        foot.encode(x=alt.X("x:Q", scale=x, axis=None), y=base.down(height), text="text:N"),
    ]
