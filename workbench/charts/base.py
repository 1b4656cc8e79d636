"""What all charts share: the picked row, title, alt text, notes, source, numbers in the reader's language, the empty chart."""

from __future__ import annotations

import math
from collections.abc import Iterable

import altair as alt
import pandas as pd

from workbench.charts import theme
from workbench.charts.picture import Picture
from workbench.locale import Texts

START, END = "(start)", "(end)"


def rows(frame: pd.DataFrame) -> list[dict]:
    """The frame's rows as plain values, None for missing, each with `row`, its index label."""
    return [
        {"row": _plain(label)} | {str(name): _plain(value) for name, value in zip(frame.columns, values, strict=True)}
        for label, values in zip(frame.index, frame.itertuples(index=False, name=None), strict=True)
    ]


def _plain(value):
    if hasattr(value, "item"):
        value = value.item()
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value


class Rows(alt.InlineData):
    """Rows that nobody changes: however often altair copies a layer, it holds these."""

    def __deepcopy__(self, memo: object = None) -> Rows:
        return self


def data(values: Iterable[dict]) -> Rows:
    """Rows as data of a layer; layers with the same rows share one copy in the spec."""
    return Rows(values=list(values))


def pick(*fields: str) -> alt.Parameter:
    """The selection every chart carries: a click on any mark puts its `row` into the signal `pick` (and `fields`, where
    a mark may stand for something that is not a row)."""
    return alt.selection_point(name="pick", fields=["row", *fields], on="click", toggle=False, empty=False)


def tip(t: Texts, **fields: str) -> list[alt.Tooltip]:
    """Tooltips: field of the data -> key of its name in `charts.po` (without "tip.")."""
    return [alt.Tooltip(f"{field}:N", title=t(f"charts.tip.{name}")) for field, name in fields.items()]


def name(t: Texts, touchpoint: str) -> str:
    """A touchpoint as it is written on a chart: the ends of a journey have names in the reader's language."""
    return {START: t("charts.start"), END: t("charts.end")}.get(touchpoint, touchpoint)


def percent(t: Texts, share) -> str:
    return "" if share is None else t.percent(share)


def duration(t: Texts, seconds) -> str:
    return "" if seconds is None else t.duration(seconds)


def interval(t: Texts, low, high) -> str:
    """ "12–15%", both ends with as many places ("9.6–10.7%", never "100–100%"), or "" where the frame has no interval."""
    if low is None or high is None:
        return ""
    digits = 1 if low < 0.1 or round(low, 2) == round(high, 2) else 0
    sign = theme.locale(t.language)["number"]["percent"]
    return f"{t.number(low * 100, digits)}–{t.number(high * 100, digits)}{sign}"


def estimate(t: Texts, share, low, high) -> str:
    """A share with its interval, "13% (95 %: 12–15%)"; the share alone where the frame has no interval."""
    between = interval(t, low, high)
    return t("charts.estimate", share=t.percent(share), between=between) if share is not None and between else percent(t, share)


def middle_interval(t: Texts, row: dict) -> str:
    """ "2.8–3.2 h", where the median of the row lies, or "" where the frame has no interval."""
    low, high = row.get("median_low_s"), row.get("median_high_s")
    return "" if low is None or high is None else t.durations(low, high)


def middle(t: Texts, row: dict) -> str:
    """The median of the row with its interval, "3 h (95 %: 2.8–3.2 h)", alone or "" where the frame has no more."""
    said, between = duration(t, row.get("median_s")), middle_interval(t, row)
    return t("charts.estimate", share=said, between=between) if said and between else said


def finish(
    layers: list[alt.Chart],
    t: Texts,
    *,
    kind: str,
    height: float,
    said: dict,
    title: str = "",
    subtitle: str = "",
    source: str = "",
    notes: Iterable[str] = (),
    drawn: float | None = None,
    width: int = 960,
    left: int = 0,
    min_width: int = 0,
    resolve: dict | None = None,
) -> alt.LayerChart:
    """Puts the layers together. `kind` and `said` make the alt text (`charts.<kind>.alt`); `drawn`: a fixed width in px
    instead of the container's; `width`: the room expected, by which texts are wrapped; `left`: px of an axis on the left.

    `usermeta` holds title, subtitle, notes and source as plain text, so that a page can show them as text of its own, and
    `min_width`, below which the picture should scroll rather than shrink."""
    notes = [note for note in notes if note]
    lines = [line for text in (*notes, source) if text for line in theme.wrap(text, width - 16, theme.SMALL)]
    if lines:
        footer = alt.Chart(data([{"text": lines}])).mark_text(
            style="footer", align="left", baseline="top", lineHeight=17, aria=False, limit=max(width, drawn or 0)
        )
        place = alt.expr("height + 12")
        layers = [*layers, footer.encode(x=alt.value(-left), y=alt.value(place), text="text:N").properties(name="footer")]
    description = t(f"charts.{kind}.alt", **said)
    # all at once: each of altair's methods would copy every layer once more
    parts = {
        "width": drawn or "container",
        "height": height,
        "description": f"{title}. {description}" if title else description,
        "config": alt.Config(locale=theme.locale(t.language)),
        "usermeta": {
            "title": title,
            "subtitle": subtitle,
            "notes": notes,
            "source": source,
            "min_width": int(drawn or max(min_width, width * 0.66)),
        },
    }
    if resolve:
        parts["resolve"] = alt.Resolve(scale=alt.ScaleResolveMap(**resolve))
    if not drawn:
        parts["autosize"] = alt.AutoSizeParams(type="fit-x", contains="padding")
    if title or subtitle:
        room = max(drawn, min(width, 720)) if drawn else width
        heading = theme.wrap(title, room / 1.08 - 8, theme.LARGE) if title else ""
        parts["title"] = alt.Title(heading, subtitle=theme.wrap(subtitle, room - 8) if subtitle else [])
    return Picture(layer=layers, **parts)


def nothing(t: Texts, *, title: str = "", subtitle: str = "", source: str = "", width: int = 960) -> alt.LayerChart:
    """The honest empty chart."""
    values = [{"row": None, "text": theme.wrap(t("charts.nothing"), min(width, 600) - 24)}]
    text = alt.Chart(data(values)).mark_text(style="muted", align="center", lineHeight=18, fontSize=theme.TEXT)
    text = text.encode(x=alt.value(alt.expr("width / 2")), y=alt.value(alt.expr("height / 2 - 9")), text="text:N").add_params(
        pick()
    )
    return finish([text], t, kind="nothing", said={}, height=90, title=title, subtitle=subtitle, source=source, width=width)


def stretch(low: float, high: float, *, less: float = 0, left: float = 0, right: float = 0) -> list:
    """A scale's range: from `low` to `high` (0 to 1) of what the picture has between `left` and `right` px at its sides, `less`
    px kept for a text after it."""
    start, end = between(low, left, right), between(high, left, right)
    return [alt.expr(start), alt.expr(f"max({end} - {less:.0f}, {start} + 30)" if less else end)]


def between(share: float, left: float, right: float) -> str:
    """Where that share (0 to 1) of what is between `left` and `right` px at the picture's sides is."""
    return f"({left:.0f} + (width - {left + right:.0f}) * {share:.4f})"


def whiskers(
    drawn: alt.Chart,
    scale: alt.Scale,
    height: float,
    tips: list[alt.Tooltip],
    *,
    ends: tuple[str, str] = ("low", "high"),
    style: str = "interval",
    ground: float = 5,
    axis: alt.Axis | None = None,
) -> list[alt.Chart]:
    """The interval between two fields, on `scale`: a line at `middle` px down, its caps from `cap` to `cap2`. Over a bar it
    has a light `ground` of that many px, so that it is seen there; 0: none."""
    low, high = ends
    known = drawn.transform_filter(f"isValid(datum.{low}) && isValid(datum.{high})")
    along = {"x": alt.X(f"{low}:Q", scale=scale, axis=axis), "x2": f"{high}:Q", "y": down(height, "middle:Q"), "tooltip": tips}
    rule = known.mark_rule(style=style, aria=False)
    under = known.mark_rule(style="ground", strokeWidth=ground, opacity=0.75, aria=False)
    layers = [under.encode(**along)] if ground else []
    layers.append(rule.encode(**along))
    for end in ends:
        x = alt.X(f"{end}:Q", scale=scale, axis=axis)
        layers.append(rule.encode(x=x, y=down(height, "cap:Q"), y2="cap2:Q", tooltip=tips))
    return layers


def shade(field: str, most: float) -> alt.Color:
    """The shade of a matrix's cell, from 0 to `most`; see `is_strong` for what is written on it."""
    leap = most * theme.STRONG
    return alt.Color(f"{field}:Q", scale=alt.Scale(domain=[0, leap, leap, most]), legend=None)


def is_strong(value: float, most: float) -> bool:
    """Whether the text on a cell of that shade is of the style `on_strong`, else `on_soft`."""
    return value >= most * theme.STRONG


def down(height: float, field: str = "y:Q") -> alt.Y:
    """Px from above, as a scale."""
    return alt.Y(field, scale=alt.Scale(domain=[0, height], range=[0, alt.expr("height")], nice=False, zero=False), axis=None)
