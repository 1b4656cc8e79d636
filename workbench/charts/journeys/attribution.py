"""Attribution: for each channel or touchpoint a bar a model, so that it is seen where the models part."""

from __future__ import annotations

import altair as alt
import pandas as pd

from workbench.charts import base, theme
from workbench.locale import Texts

HEAD, PITCH, GAP = 24, 20, 14  # px of a block: its name, each bar, what is free below


def attribution(
    frame: pd.DataFrame, t: Texts, *, title="", subtitle="", source="", width: int = 960, top: int = 8
) -> alt.LayerChart:
    """Bar: the share of all conversions that a model credits, with its interval; the most credited on average first."""
    ends = {"title": title, "subtitle": subtitle, "source": source}
    if frame.empty:
        return base.nothing(t, width=width, **ends)
    by = "touchpoint" if "touchpoint" in frame.columns else "channel"
    ranked = frame.groupby(by)["share"].mean().sort_values(ascending=False, kind="stable")
    shown, models = list(ranked.index[:top]), list(dict.fromkeys(frame["model"]))
    block = HEAD + PITCH * len(models) + GAP
    height = block * len(shown) - GAP
    names = max(theme.text_width(t(f"journeys.attribution.model.{one}"), theme.SMALL) for one in models) + 10
    items = []
    for row in base.rows(frame[frame[by].isin(shown)]):
        middle = shown.index(row[by]) * block + HEAD + (models.index(row["model"]) + 0.5) * PITCH
        model = t(f"journeys.attribution.model.{row['model']}")
        told = base.estimate(t, row["share"], row["low"], row["high"])
        items.append(
            {
                "row": row["row"], "name": row[by], "model": model, "value": row["share"], "text": t.percent(row["share"]),
                "low": row["low"], "high": row["high"], "reach": row["high"] or row["share"],
                "credit": t.number(row["credit"], 1), "n": t.count(row["n"]),
                "customers": t.count(row["n_customers"]), "share_text": told, "said": f"{row[by]}, {model}: {told}",
                "middle": middle, "y1": middle - 6, "y2": middle + 6, "cap": middle - 4, "cap2": middle + 4,
            }
        )  # fmt: skip
    drawn = alt.Chart(base.data(items))
    tips = base.tip(
        t, name="credited", model="model", credit="credit", share_text="share_conversions", n="journeys", customers="customers"
    )
    most = max(item["reach"] for item in items) or 1
    scale = alt.Scale(domain=[0, most], range=base.stretch(0, 1, less=56, left=names), nice=False)
    x = alt.X("value:Q", scale=scale, axis=None)
    bars = drawn.mark_bar(style="value", cursor="pointer", minBandSize=1).encode(
        x=x, x2=alt.datum(0), y=base.down(height, "y1:Q"), y2="y2:Q", tooltip=tips, description=alt.Description("said:N")
    )
    label = drawn.mark_text(style="muted", align="left", baseline="middle", aria=False)
    after = alt.X("reach:Q", scale=scale, axis=None)
    texts = [
        drawn.mark_text(style="muted", align="left", dx=6, baseline="middle", aria=False).encode(
            x=after, y=base.down(height, "middle:Q"), text="text:N", tooltip=tips
        ),
        label.encode(x=alt.value(0), y=base.down(height, "middle:Q"), text="model:N", tooltip=tips),
    ]
    heads = [{"row": None, "text": theme.shorten(one, width - 8), "y": i * block + HEAD / 2} for i, one in enumerate(shown)]
    head = alt.Chart(base.data(heads)).mark_text(style="strong", align="left", baseline="middle", aria=False)
    texts.append(head.encode(x=alt.value(0), y=base.down(height), text="text:N"))
    notes = [t("charts.cut", n=len(shown), all=len(ranked))] if len(ranked) > len(shown) else []
    notes.append(t("charts.attribution.note"))
    if any(item["low"] is not None for item in items):
        notes.append(t("charts.whiskers"))
    return base.finish(
        [bars.add_params(base.pick()), *base.whiskers(drawn, scale, height, tips), *texts], t, kind="attribution",
        height=height, said={"n": len(shown), "models": len(models)}, notes=notes, width=width, min_width=300, **ends,
    )  # fmt: skip
