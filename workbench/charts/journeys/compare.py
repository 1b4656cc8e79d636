"""Two groups side by side: their shares as dumbbells, and the difference with its interval about zero."""

from __future__ import annotations

import altair as alt
import pandas as pd

from workbench.charts import base
from workbench.charts.journeys import listed
from workbench.locale import Texts

PALE = 0.55  # opacity of shares whose difference is not shown
#: the detail of a row by its reason: a key of `charts.po` without "compare."; none: the difference is written
_DETAIL = {"not shown": "not_shown", "too few": "too_few"}


def compare(
    frame: pd.DataFrame, t: Texts, *, names: tuple[str, str] = ("A", "B"), title="", subtitle="", source="", width: int = 960,
    top: int = 20,
) -> alt.LayerChart:  # fmt: skip
    """A row a comparison, named by the frame's `what`; `is_mean` says whether its shares are means, no counts of cases. Left:
    the share in A (circle) and in B (square), which `names` call by their names; right: A − B with its 95 % interval, in colour
    where a difference is shown; where none is, the row is grey and says so."""
    around = {"title": title, "subtitle": subtitle, "source": source}
    if frame.empty:
        return base.nothing(t, width=width, **around)
    rows = items(frame.head(top), t, names)
    columns = listed.laid(rows, width)
    height = columns.height
    shares, apart = ((0.03, 0.46), (0.54, 1.0)) if columns.wide else ((0.02, 0.45), (0.53, 0.98))
    drawn = alt.Chart(base.data(rows))
    groups = [alt.Tooltip(f"{side}_text:N", title=name) for side, name in zip("ab", names, strict=True)]
    said = {"difference_text": "difference", "customers": "customers", "q": "q", "median": "median_difference"}
    tips = [*base.tip(t, name="compared"), *groups, *base.tip(t, **said)]
    heads = (("shares", shares[0], apart[0]), ("apart", apart[0], 1.0))
    words = [columns.heading(t(f"charts.compare.{key}", a=names[0], b=names[1]), *place) for key, *place in heads]
    words += _names(drawn, height, tips, columns.wide)
    left = alt.layer(*_shares(drawn, rows, columns.panel(*shares), height, tips), *words)
    notes = [t("charts.compare.note", a=names[0], b=names[1])]
    if len(frame) > len(rows):
        notes.insert(0, t("charts.cut", n=len(rows), all=len(frame)))
    return base.finish(
        [alt.layer(*_apart(drawn, rows, columns, apart, height, tips)), left], t, kind="compare", height=height,
        said={"n": len(rows)}, notes=notes, width=width, resolve={"x": "independent"}, min_width=300, **around,
    )  # fmt: skip


def items(frame: pd.DataFrame, t: Texts, names: tuple[str, str]) -> list[dict]:
    """What is written of each row of a comparison, beside its numbers: both shares, the difference with its interval, q, and
    where no difference is shown why."""
    return [_item(row, t, names) for row in base.rows(frame)]


def _item(row: dict, t: Texts, names: tuple[str, str]) -> dict:
    said, known = t("charts.compare.unknown"), row["difference"] is not None
    sides, of = {}, f"charts.compare.{'mean' if row['is_mean'] else 'of'}"
    for side in ("a", "b"):
        share, counts = row[f"share_{side}"], {"n": row[f"n_{side}"], "total": row[f"total_{side}"]}
        sides[f"{side}_text"] = said if share is None else t(of, share=share, **counts)
    points = _points(t, row["difference"]) if known else said
    between = f"{_signed(t, row['low'])} … {_signed(t, row['high'])}" if row["low"] is not None else ""
    written = t("charts.estimate", share=points, between=between) if between else points
    detail = t(f"charts.compare.{_DETAIL[row['reason']]}") if row["reason"] else points
    return sides | {
        "row": row["row"], "name": row["what"], "a": row["share_a"], "b": row["share_b"],
        "difference": row["difference"], "low": row["low"], "high": row["high"], "is_shown": row["shown"],
        "pale": 1.0 if row["shown"] else PALE,
        "difference_text": written, "detail": detail, "customers": t.count(row["n_customers"]),
        "q": "" if row["q"] is None else t.number(row["q"], 3), "median": _median(t, row),
        "said": f"{row['what']}: {names[0]} {sides['a_text']}, {names[1]} {sides['b_text']}, {detail}",
    }  # fmt: skip


def _points(t: Texts, difference: float) -> str:
    return t("charts.compare.points", x=_signed(t, difference))


def _signed(t: Texts, difference: float) -> str:
    return t.signed(100 * difference, 0 if abs(difference) >= 0.1 else 1)


def _median(t: Texts, row: dict) -> str:
    """The difference of the medians with its interval, each end with its sign; "" where the frame has none."""
    found = [row.get(f"median_difference{end}_s") for end in ("", "_low", "_high")]
    said = ["" if one is None else t.signed_duration(one) for one in found]
    return t("charts.estimate", share=said[0], between=f"{said[1]} … {said[2]}") if all(said) else said[0]


def _shares(drawn, items, reach, height, tips) -> list[alt.Chart]:
    most = max([item[side] or 0.0 for item in items for side in "ab"]) or 1.0
    scale = alt.Scale(domain=[0, min(1.0, most * 1.04)], range=reach, nice=False, clamp=True)
    axis = alt.Axis(orient="top", format=".0%", tickCount=3, labelSeparation=8, title=None, grid=True)
    known = drawn.transform_filter("isValid(datum.a) && isValid(datum.b)")
    joined = known.mark_rule(style="joined", aria=False)
    layers = [joined.encode(x=alt.X("a:Q", scale=scale, axis=axis), x2="b:Q", y=base.down(height), tooltip=tips)]
    for side, shape in (("b", "square"), ("a", "circle")):
        point = drawn.transform_filter(f"isValid(datum.{side})").mark_point(
            style=f"group_{side}", shape=shape, filled=True, size=listed.DOT, cursor="pointer", aria=side == "a"
        )
        x = alt.X(f"{side}:Q", scale=scale, axis=axis)
        pale = alt.Opacity("pale:Q", scale=None, legend=None)
        layers.append(point.encode(x=x, y=base.down(height), opacity=pale, tooltip=tips, description=alt.Description("said:N")))
    layers[-1] = layers[-1].add_params(base.pick())
    return layers


def _apart(drawn, items, columns, place, height, tips) -> list[alt.Chart]:
    reach = [abs(item[end]) for item in items for end in ("difference", "low", "high") if item[end] is not None]
    most = min(1.0, max([*reach, 0.01]) * 1.04)
    scale = alt.Scale(domain=[-most, most], range=columns.panel(*place), nice=False, clamp=True)
    axis = alt.Axis(
        orient="top", labelExpr="datum.value ? format(100 * datum.value, '+.1~f') : '0'", title=None, grid=True,
        values=listed.ticks(most, columns.px(*place)),
    )  # fmt: skip
    layers = base.whiskers(drawn, scale, height, tips, ground=0, axis=axis)
    for test, style in (("datum.is_shown", "estimate"), ("!datum.is_shown", "unshown")):
        point = drawn.transform_filter(f"isValid(datum.difference) && {test}").mark_point(
            style=style, shape="diamond", filled=True, size=listed.DOT, opacity=1, cursor="pointer", aria=False
        )
        layers.append(point.encode(x=alt.X("difference:Q", scale=scale, axis=axis), y=base.down(height), tooltip=tips))
    side = drawn.mark_text(style="muted", align="right", baseline="middle", aria=False)
    along = {"y": base.down(height, "side:Q"), "text": "detail:N", "tooltip": tips}
    return [*layers, side.encode(x=alt.value(alt.expr("width")), **along)]


def _names(drawn, height, tips, wide) -> list[alt.Chart]:
    layers = []
    for test, style in (("datum.is_shown", "label" if wide else "strong"), ("!datum.is_shown", "muted")):
        mark = drawn.transform_filter(test).mark_text(
            style=style, align="left", baseline="middle", lineHeight=listed.NAME_LINE, aria=False
        )
        layers.append(mark.encode(x=alt.value(0), y=base.down(height, "head:Q"), text="short:N", tooltip=tips))
    return layers
