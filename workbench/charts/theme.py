"""The look of all charts: one palette for light, one for dark, and the Vega-Lite config made of them.

No chart names a colour. A mark names a style (`mark_rect(style="node")`) or uses the default ranges, and the config, chosen
when the picture is drawn, says what that is in light and dark. Warm against cool carries direction, never red against green.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import unicodedata

from babel import Locale, numbers

# where a picture is drawn without a browser the first font that exists is taken, so those that have arrows come first
FONT = "system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', 'DejaVu Sans', Roboto, 'Noto Sans', sans-serif"
TEXT, SMALL, LARGE = 13, 12, 19


@dataclasses.dataclass(frozen=True)
class Palette:
    """Colours of one scheme, the same names as in the stylesheet of the pages."""

    ink: str
    muted: str
    line: str
    page: str
    card: str
    accent: str
    accent_soft: str
    good: str
    good_soft: str
    bad: str
    bad_soft: str
    warn: str
    warn_soft: str
    other: str
    other_soft: str
    plum: str
    plum_soft: str


LIGHT = Palette(
    ink="#1b2027", muted="#5d6773", line="#e2e6ea", page="#f5f6f8", card="#ffffff", accent="#2b5c8a", accent_soft="#e8eff6",
    good="#1d7a70", good_soft="#dcefec", bad="#b1502c", bad_soft="#f8e4da", warn="#8a6a12", warn_soft="#f6ebcd",
    other="#7d8794", other_soft="#edeff2", plum="#7a5195", plum_soft="#eee4f4",
)  # fmt: skip
DARK = Palette(
    ink="#e8ebef", muted="#a0aab5", line="#323a44", page="#14181d", card="#1c2229", accent="#8fbbe4", accent_soft="#24384b",
    good="#6cc5ba", good_soft="#1c3d39", bad="#eb9a78", bad_soft="#47291c", warn="#dcbf6b", warn_soft="#3d3418",
    other="#8b96a3", other_soft="#2c343d", plum="#c7a3dd", plum_soft="#3a2b45",
)  # fmt: skip


#: Of a matrix's shades, pale to strong, the two between which they leap: up to the first, ink can be read on them, from the
#: second on, the colour of the card. No text can be read on what is between.
_LEAP = {LIGHT: ("#678bad", "#5179a0"), DARK: ("#4f6c88", "#688cad")}
STRONG = 0.6  # the share of the highest value from which on a cell is beyond the leap


def palette(dark: bool) -> Palette:
    """The colours of the dark or the light scheme."""
    return DARK if dark else LIGHT


def config(dark: bool = False) -> dict:
    """The Vega-Lite config of one scheme; a chart's own config (its language) is laid over it."""
    p = palette(dark)
    return {
        "background": p.card,
        "font": FONT,
        "padding": 4,
        "view": {"stroke": None, "cursor": "default"},
        "title": {
            "anchor": "start", "frame": "bounds", "color": p.ink, "fontSize": LARGE, "fontWeight": 600, "lineHeight": 24,
            "subtitleColor": p.muted, "subtitleFontSize": TEXT, "subtitleLineHeight": 18, "subtitlePadding": 5, "offset": 14,
        },
        "axis": {
            "labelColor": p.muted, "titleColor": p.muted, "labelFontSize": SMALL, "titleFontSize": SMALL,
            "titleFontWeight": 400, "domain": False, "ticks": False, "gridColor": p.line, "labelPadding": 6, "titlePadding": 8,
        },
        "axisY": {"grid": False},
        "header": {"labelColor": p.ink, "titleColor": p.muted},
        "legend": {
            "orient": "top", "direction": "horizontal", "labelColor": p.muted, "titleColor": p.muted, "labelFontSize": SMALL,
            "titleFontSize": SMALL, "titleFontWeight": 400, "symbolType": "square", "offset": 8,
        },
        "range": {
            "category": [p.accent, p.bad, p.good, p.warn, p.plum, p.other],
            "ramp": [p.accent_soft, p.accent],
            "heatmap": [p.accent_soft, *_LEAP[p], p.accent],
            "diverging": [p.bad, p.card, p.good],
        },
        "style": _styles(p) | _soft(p),
    }  # fmt: skip


def _styles(p: Palette) -> dict:
    # "color" is what Vega-Lite fills a filled mark with and strokes any other; it would set its own blue over a plain "fill"
    return {
        # texts
        "label": {"color": p.ink, "fontSize": TEXT},
        "strong": {"color": p.ink, "fontSize": TEXT, "fontWeight": 600},
        "muted": {"color": p.muted, "fontSize": SMALL},
        "big": {"color": p.ink, "fontSize": 22, "fontWeight": 600},
        "footer": {"color": p.muted, "fontSize": SMALL},
        "ground": {"color": p.card, "cornerRadius": 4},
        "on_strong": {"color": p.card, "fontSize": SMALL},
        "on_soft": {"color": p.ink, "fontSize": SMALL},
        # shapes
        "node": {"color": p.card, "stroke": p.other, "strokeWidth": 1, "cornerRadius": 7},
        "node_end": {"color": p.accent_soft, "stroke": p.accent_soft, "strokeWidth": 1, "cornerRadius": 13},
        "track": {"color": p.line, "cornerRadius": 3},
        "value": {"color": p.accent, "cornerRadius": 3},
        "band": {"color": p.accent},
        "band_end": {"color": p.other},
        "interval": {"color": p.ink, "strokeWidth": 1.5},
        "estimate": {"color": p.bad, "stroke": p.card, "strokeWidth": 1},
        "start": {"color": p.good, "stroke": p.card, "strokeWidth": 1},
        "end": {"color": p.bad, "stroke": p.card, "strokeWidth": 1},
        "start_interval": {"color": p.good, "strokeWidth": 1.5},
        "end_interval": {"color": p.bad, "strokeWidth": 1.5},
        "group_a": {"color": p.accent, "stroke": p.card, "strokeWidth": 1},
        "group_b": {"color": p.warn, "stroke": p.card, "strokeWidth": 1},
        "joined": {"color": p.other, "strokeWidth": 2},
        "unshown": {"color": p.other, "stroke": p.card, "strokeWidth": 1},
        "forward": {"color": p.accent},
        "back": {"color": p.bad},
        "edge_end": {"color": p.other},
    }


SOFT = ("accent", "good", "warn", "plum", "bad", "other")


def _soft(p: Palette) -> dict:
    # tiles: soft grounds on which ink can be read; the last one is for all that has no colour of its own
    return {
        f"tile_{name}": {
            "color": getattr(p, f"{name}_soft"),
            "stroke": getattr(p, name),
            "strokeOpacity": 0.35,
            "cornerRadius": 5,
        }
        for name in SOFT
    }


def locale(language: str) -> dict:
    """How Vega writes numbers in `language` ("en", "ru", "pl"): a d3 number locale, for a chart's `config.locale`."""
    parsed = Locale.parse(language)
    percent = numbers.format_percent(1, locale=parsed).removeprefix("100")
    return {
        "number": {
            "decimal": numbers.get_decimal_symbol(parsed),
            "thousands": numbers.get_group_symbol(parsed),
            "grouping": [3],
            "currency": ["", ""],
            "percent": percent,
            "minus": "\u2212",
        }
    }


def text_width(text: str, size: float = TEXT) -> float:
    """About how many px `text` takes: on the safe side for wide fonts, good enough to wrap by."""
    return sum(map(_em, text)) * size


@functools.lru_cache(4096)
def _em(char: str) -> float:
    if char in "iljtfrI.,:;!|'()[] \u00a0":
        return 0.36
    if char in "mwMW@%—→ЖШЩЮФМжшщюфм":
        return 0.92
    if char > "\u1100" and unicodedata.east_asian_width(char) in "WF":  # as wide as high: Chinese, emoji
        return 1.05
    return 0.72 if char.isupper() else 0.6


def _fitting(text: str, width: float, size: float, after: str = "") -> int:
    """How many letters from its beginning fit into `width` px, with `after` behind them."""
    em, more = 0.0, sum(map(_em, after))
    for n, char in enumerate(text):
        em += _em(char)
        if (em + more) * size > width:
            return n
    return len(text)


def wrap(text: str, width: float, size: float = TEXT, lines: int = 99) -> list[str]:
    """`text` in at most `lines` lines of about `width` px; what doesn't fit ends in "…". No line ends at a no-break space."""
    out: list[str] = []
    rest = re.sub(r"[ \t\r\n]+", " ", str(text)).strip(" ")
    while rest and len(out) < lines:
        if _fitting(rest, width, size) == len(rest):
            return [*out, rest]
        if len(out) == lines - 1:
            return [*out, shorten(rest, width, size)]
        cut = _break(rest, width, size)
        out.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return out or [""]


def shorten(text: str, width: float, size: float = TEXT) -> str:
    """`text` cut to about `width` px, with "…" if it was cut."""
    if _fitting(text, width, size) == len(text):
        return text
    return text[: _fitting(text, width, size, "…")].rstrip() + "…"


def squeeze(text: str, width: float, size: float = TEXT, lines: int = 1) -> list[str]:
    """`text` in at most `lines` lines of about `width` px; one too long loses its middle: its end can be read as well."""
    text = str(text)
    found = wrap(text, width, size)
    most = int(lines * width / (0.36 * size))  # no letter is narrower
    for letters in range(min(len(text) - 1, most), 1, -1):
        if len(found) <= lines:
            break
        found = wrap(_without_middle(text, letters), width, size)
    return found


def _without_middle(text: str, letters: int) -> str:
    return text[: letters - letters // 2].rstrip() + "…" + text[len(text) - letters // 2 :].lstrip()


def _break(text: str, width: float, size: float) -> int:
    fits = max(1, _fitting(text, width, size))
    after = max((text.rfind(mark, 0, fits) + 1 for mark in " _-/"), default=0)
    if fits < len(text) and text[fits] == " ":
        return fits
    rest_fits = text_width(text[after:], size) <= width
    return after if after > fits // 3 or (after and rest_fits) else fits
