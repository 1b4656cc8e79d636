"""The ordered funnel: how far journeys get, how sure that is, how long it takes, and what the others did instead."""

from __future__ import annotations

import itertools

import altair as alt
import pandas as pd

from workbench.charts import base, theme
from workbench.locale import Texts

BAR, LINE = 16, 17


def funnel(
    frame: pd.DataFrame, t: Texts, *, left: pd.DataFrame | None = None, title="", subtitle="", source="", width: int = 960
) -> alt.LayerChart:
    """A bar a step: share of those at the first step that reach it, with its 95 % interval. Below it: how many of them go on,
    with interval and median time, and what those who stopped did next (`left`: position, touchpoint, n, share)."""
    ends = {"title": title, "subtitle": subtitle, "source": source, "width": width}
    steps = base.rows(frame)
    if steps:  # all of the first step reach it: that is no estimate
        steps[0] |= {"reach_low": None, "reach_high": None}
    if not steps:
        return base.nothing(t, **ends)
    follows = {step["position"]: onward["step"] for step, onward in itertools.pairwise(steps)}
    instead = _instead(left, follows, t)
    values, lines, at = [], [], 0.0
    for i, step in enumerate(steps):
        onward = steps[i + 1] if i + 1 < len(steps) else None
        after = _after(step, onward, instead.get(step["position"], ""), t, width)
        values.append(_bar(step, at, instead.get(step["position"], ""), t))
        lines.append(
            {"row": step["row"], "style": "strong", "x": 0, "y": at + 10, "text": [f"{step['position']}  {step['step']}"]}
        )
        lines.append({"row": step["row"], "style": "muted", "x": 1, "y": at + 10, "text": [_reach(step, t, width)]})
        if after:
            row = onward["row"] if onward else step["row"]
            lines.append({"row": row, "style": "muted", "x": 0, "y": at + 26 + BAR + 14, "text": after})
        at += 26 + BAR + 8 + LINE * len(after) + 18
    height = at - 18
    return base.finish(
        _layers(values, lines, height, t), t, kind="funnel", height=height, min_width=300, notes=[t("charts.funnel.note")],
        said={"n": len(steps), "first": t.count(steps[0]["n"]), "last": t.count(steps[-1]["n"])}, **ends,
    )  # fmt: skip


def _instead(left: pd.DataFrame | None, follows: dict[int, str], t: Texts) -> dict[int, str]:
    """What those did who stopped at a position: the two most frequent, in words. Where the funnel's own next step came next,
    it came after the window."""
    if left is None or left.empty:
        return {}
    said = {}
    for position, part in left.sort_values("n", ascending=False, kind="stable").groupby("position"):
        kinds = {base.END: "ended", follows.get(position): "late"}
        top = [
            t(f"charts.funnel.{kinds.get(row['touchpoint'], 'other')}", name=row["touchpoint"], share=row["share"])
            for row in base.rows(part.head(2))
        ]
        said[int(position)] = t("charts.funnel.instead", what=", ".join(top))
    return said


def _after(step: dict, onward: dict | None, instead: str, t: Texts, width: int) -> list[str]:
    if onward is None:
        return []
    between = base.interval(t, onward["low"], onward["high"])
    go = t("charts.funnel.go_on", n=onward["n"], all=step["n"], share=onward["step_rate"] or 0.0)
    go += f" ({between})" if between else ""
    if onward["median_s"] is not None:
        go += t("charts.funnel.took", median=onward["median_s"])
        between = base.middle_interval(t, onward)
        go += f" ({between})" if between else ""
    return theme.wrap(f"↓ {go}. {instead}".strip(), width - 24, theme.SMALL, lines=3)


def _reach(step: dict, t: Texts, width: int) -> str:
    between = base.interval(t, step["reach_low"], step["reach_high"])
    said = f"{t.count(step['n'])} · {t.percent(step['reach_share'])}"
    return said + (f" ({between})" if between and width >= 480 else "")


def _bar(step: dict, at: float, instead: str, t: Texts) -> dict:
    return {
        "row": step["row"],
        "step": step["step"],
        "y": at + 24,
        "y2": at + 24 + BAR,
        "middle": at + 24 + BAR / 2,
        "cap": at + 24 + BAR / 2 - 4,
        "cap2": at + 24 + BAR / 2 + 4,
        "reach": step["reach_share"],
        "low": step["reach_low"],
        "high": step["reach_high"],
        "n": t.count(step["n"]),
        "customers": t.count(step["n_customers"]),
        "reach_text": t.percent(step["reach_share"]),
        "reach_interval": base.interval(t, step["reach_low"], step["reach_high"]),
        "rate_text": base.percent(t, step["step_rate"]),
        "rate_interval": base.interval(t, step["low"], step["high"]),
        "median": base.middle(t, step),
        "instead": instead,
        "said": f"{step['step']}: {t.count(step['n'])}, {t.percent(step['reach_share'])}",
    }


def _layers(values: list[dict], lines: list[dict], height: float, t: Texts) -> list[alt.Chart]:
    tips = base.tip(
        t, step="step", n="journeys", customers="customers", reach_text="reach_share", reach_interval="interval",
        rate_text="step_rate", rate_interval="interval", median="median_step", instead="instead",
    )  # fmt: skip
    drawn = alt.Chart(base.data(values))
    scale = alt.Scale(domain=[0, 1], nice=False)
    x = alt.X("reach:Q", scale=scale, axis=None)
    y, y2 = base.down(height), "y2:Q"
    track = drawn.mark_rect(style="track", aria=False).encode(
        x=alt.value(0), x2=alt.value(alt.expr("width")), y=y, y2=y2, tooltip=tips
    )
    bar = drawn.mark_rect(style="value", cursor="pointer")
    bars = bar.encode(x=x, x2=alt.datum(0), y=y, y2=y2, tooltip=tips, description=alt.Description("said:N")).add_params(
        base.pick()
    )
    layers = [track, bars, *base.whiskers(drawn, scale, height, tips)]
    for style, side, align in (("strong", 0, "left"), ("muted", 0, "left"), ("muted", 1, "right")):
        some = [line for line in lines if line["style"] == style and line["x"] == side]
        if some:
            text = alt.Chart(base.data(some)).mark_text(
                style=style, align=align, baseline="middle", lineHeight=LINE, aria=False
            )
            layers.append(text.encode(x=alt.X("x:Q", scale=scale, axis=None), y=y, text="text:N"))
    return layers
