"""Cohorts: a matrix of who comes back, a row for each cohort, a column for each period after its first."""

from __future__ import annotations

import altair as alt
import pandas as pd

from workbench.charts import base, theme
from workbench.locale import Texts

CELL, ROOM = 27, 38  # px a row is high, px a column needs for its text


def cohorts(
    frame: pd.DataFrame,
    t: Texts,
    *,
    by: str = "month",
    title="",
    subtitle="",
    source="",
    width: int = 960,
    top: int = 36,
) -> alt.LayerChart:
    """Column 0: how many customers a cohort has; the others: the share of them active again. The last `top` cohorts.
    `by`: the length of periods, as `workbench.journeys.cohorts` has it."""
    ends = {"title": title, "subtitle": subtitle, "source": source, "width": width}
    found = base.rows(frame)
    if not found:
        return base.nothing(t, **ends)
    days = sorted({row["cohort"] for row in found})
    names = {day: _name(t, day, by) for day in days[-top:]}
    most = max((row["share"] or 0 for row in found if row["after"]), default=0) or 1
    values = [_cell(row, names[row["cohort"]], most, t) for row in found if row["cohort"] in names]
    columns = [str(one) for one in range(max(int(value["after"]) for value in values) + 1)]
    room = int(max(theme.text_width(name, theme.SMALL) for name in names.values()) + 4)
    notes = [t("charts.cohorts.note"), t("charts.cohorts.cut", n=len(names), all=len(days)) if len(days) > len(names) else ""]
    return base.finish(
        _layers(values, list(names.values()), columns, room, most, by, t), t,
        kind="cohorts", height=CELL * len(names), notes=notes, said={"n": len(names), "periods": len(columns)},
        min_width=max(300, room + ROOM * len(columns)), left=room + 6, **ends,
    )  # fmt: skip


def _name(t: Texts, day, by: str) -> str:
    if by == "month":
        return t.month(day, year=True)
    return t("charts.cohorts.quarter", n=(day.month + 2) // 3, year=str(day.year)) if by == "quarter" else t.day(day)


def _cell(row: dict, name: str, most: float, t: Texts) -> dict:
    size = t.count(row["n_cohort"])
    share = row["share"] or 0.0
    return {
        "row": row["row"],
        "cohort": name,
        "after": str(row["after"]),
        "share": share,
        "text": t.percent(share) if row["after"] else size,
        "share_text": base.estimate(t, row["share"], row["low"], row["high"]) if row["after"] else "",
        "n": t.count(row["n"]),
        "size": size,
        "ground": "strong" if row["after"] and base.is_strong(share, most) else "soft" if row["after"] else "size",
        "said": f"{name}, {row['after']}: {t.percent(share)}" if row["after"] else f"{name}: {size}",
    }


def _layers(
    values: list[dict], names: list[str], columns: list[str], room: int, most: float, by: str, t: Texts
) -> list[alt.Chart]:
    axis = alt.Axis(orient="top", labelAngle=0, title=t(f"charts.cohorts.after_{by}"), titleAnchor="start", titleAlign="left")
    x = alt.X("after:O", sort=columns, axis=axis, scale=alt.Scale(domain=columns, paddingInner=0.05, paddingOuter=0))
    y = alt.Y(
        "cohort:N",
        sort=names,
        axis=alt.Axis(title=None, labelLimit=room + 24, minExtent=room, maxExtent=room),
        scale=alt.Scale(domain=names, paddingInner=0.1, paddingOuter=0),
    )
    tips = base.tip(t, cohort="cohort", after="after", n="active", size="cohort_size", share_text="share_cohort")
    said = alt.Description("said:N")
    # the size of a cohort is no share: it has a ground of its own
    layers = []
    for size in (True, False):
        some = [value for value in values if (value["ground"] == "size") is size]
        if some:
            mark = alt.Chart(base.data(some)).mark_rect(
                cornerRadius=4, cursor="pointer", **({"style": "track", "opacity": 0.5} if size else {})
            )
            colour = {} if size else {"color": base.shade("share", most)}
            layers.append(mark.encode(x=x, y=y, tooltip=tips, description=said, **colour))
    layers[0] = layers[0].add_params(base.pick())
    for style, grounds in (("on_strong", {"strong"}), ("on_soft", {"soft", "size"})):
        some = [value for value in values if value["ground"] in grounds]
        if some:
            text = alt.Chart(base.data(some)).mark_text(style=style, aria=False)
            layers.append(text.encode(x=x, y=y, text="text:N", tooltip=tips))
    return layers
