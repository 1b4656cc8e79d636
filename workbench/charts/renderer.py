"""From a chart to what is sent: a Vega-Lite 5 spec, and the bundle notebooks show without any JavaScript of ours.

JupyterLab and Voila draw `application/vnd.vegalite.v5+json` by themselves, offline; Altair's own renderers either load a
library from the net or emit a newer type that neither knows. The SVG beside it serves reports and viewers without Vega.
"""

from __future__ import annotations

import re

import altair as alt
import vl_convert

from workbench.charts import theme
from workbench.errors import BadInput

VEGA_LITE = "5.20"
SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
MIME = "application/vnd.vegalite.v5+json"
BUNDLE_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"  # in a page of our own; see bundle.py
_UNDRAWABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
WIDTH = 880  # px of a picture whose container isn't known


def spec(chart: alt.TopLevelMixin | dict, *, dark: bool | None = None, width: int | None = None) -> dict:
    """The Vega-Lite 5 spec of a chart. Without `dark` it has no colours: the one who draws it gives `theme.config(dark)`
    as config. `width` px takes the place of the container's width. A chart that names an address (of data, an image) is
    refused with BadInput: drawing it would read a file or the net."""
    made = dict(chart) if isinstance(chart, dict) else chart.to_dict()
    address = _address({key: value for key, value in made.items() if key not in ("datasets", "usermeta")})
    if address is not None:
        raise BadInput("charts.address", found=address)
    made["$schema"] = SCHEMA
    own = {key: value for key, value in made.get("config", {}).items() if key != "view"}  # Altair's default view size
    made["config"] = own if dark is None else theme.config(dark) | own
    if width and made.get("width") == "container":
        made["width"] = width
    return _drawable(made)


def _drawable(part: object) -> object:
    """The same with a blank for each character that no SVG may hold: the library that draws would end the whole process."""
    if isinstance(part, str):
        return _UNDRAWABLE.sub(" ", part)
    if isinstance(part, dict):
        return {key: _drawable(value) for key, value in part.items()}
    return [_drawable(one) for one in part] if isinstance(part, list) else part


def _address(part: object) -> object:
    """The first `url` in a spec outside inline data, or None."""
    if isinstance(part, dict):
        if part.get("url") is not None:
            return part["url"]
        if part.get("type") == "image" or part.get("mark") == "image":
            return "image"
        parts = [value for key, value in part.items() if key != "values"]
    else:
        parts = part if isinstance(part, list) else []
    return next((found for found in map(_address, parts) if found is not None), None)


def to_svg(chart: alt.TopLevelMixin | dict, *, dark: bool = False, width: int = WIDTH) -> str:
    """The picture as SVG text. Nothing is loaded from outside."""
    return vl_convert.vegalite_to_svg(spec(chart, dark=dark, width=width), vl_version=VEGA_LITE, allowed_base_urls=[])


def to_png(chart: alt.TopLevelMixin | dict, *, dark: bool = False, width: int = WIDTH, scale: float = 2) -> bytes:
    """The picture as PNG, `scale` dots a px."""
    made = spec(chart, dark=dark, width=width)
    return vl_convert.vegalite_to_png(made, vl_version=VEGA_LITE, scale=scale, allowed_base_urls=[])


def mimebundle(chart: dict, **_: object) -> dict:
    """What a notebook stores for a chart (a spec as a dict)."""
    said = str(chart.get("description") or "chart")
    return {MIME: spec(chart, dark=False, width=WIDTH), "image/svg+xml": to_svg(chart), "text/plain": said}


def enable() -> None:
    """Makes notebooks of this process show all Altair charts this way."""
    alt.renderers.register("workbench", mimebundle)
    alt.renderers.enable("workbench")
