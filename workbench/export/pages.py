"""Pictures, and pages that stay interactive offline."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.charts import bundle, theme
from workbench.export.tables import missing
from workbench.locale import texts

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

PAGE = Path(__file__).parent / "page.html"


def to_svg(chart: alt.TopLevelMixin, *, dark: bool = False, width: int = 960) -> str:
    """The picture as SVG text; `width` px where the chart has none of its own."""
    from workbench.charts import renderer

    return renderer.to_svg(chart, dark=dark, width=width)


def to_png(chart: alt.TopLevelMixin, *, dark: bool = False, width: int = 960, scale: float = 2) -> bytes:
    """The picture as PNG, `scale` dots a px."""
    from workbench.charts import renderer

    return renderer.to_png(chart, dark=dark, width=width, scale=scale)


def to_html(
    chart: alt.TopLevelMixin,
    *,
    sentences: Iterable[str] = (),
    below: Mapping[str, Iterable[str]] | None = None,
    code: tuple[str, str] = ("", ""),
    dark: bool | None = None,
    language: str = "en",
) -> str:
    """A page with one chart, complete in itself: tooltips and selection work with no network. Light or dark as the reader's
    system says, or as `dark` says. Title, subtitle, notes and source stand as text around the picture; so do `sentences`, then
    the lines of `below`, each heading with its own (a heading without lines is left out), and `code` with its heading."""
    after = sections(below or {}) + headed(code[0], escaped(code[1]), "pre")
    return results_to_html([("", chart, sentences, "")], after=after, dark=dark, language=language)


def sections(below: Mapping[str, Iterable[str]]) -> str:
    """Each heading with its lines; a heading without lines is left out."""
    return "".join(headed(heading, listed(lines), "ul") for heading, lines in below.items())


def listed(lines: Iterable[str]) -> str:
    return "".join(f"<li>{escaped(line)}</li>" for line in lines)


def scheme(dark: bool | None) -> str:
    """Light or dark, or as the reader's system says."""
    return "auto" if dark is None else "dark" if dark else "light"


def filled(page: Path, values: Mapping[str, str]) -> str:
    """The page with each {{NAME}} replaced, all at once: what stands in a value is not read again."""
    return re.sub(r"\{\{([A-Z]+)\}\}", lambda found: values[found[1]], page.read_text(encoding="utf-8"))


def headed(heading: str, content: str, tag: str) -> str:
    return f"<section><h2>{escaped(heading)}</h2><{tag}>{content}</{tag}></section>" if content else ""


def results_to_html(
    results: Iterable[tuple[str, object, Iterable[str], str]],
    *,
    title: str = "",
    subtitle: str = "",
    after: str = "",
    dark: bool | None = None,
    language: str = "en",
) -> str:
    """A page of several results: (title, chart or frame, sentences, source) each, below one `title`. An empty title or
    source is taken from the chart. `after` is markup of ours that ends the page."""
    parts, specs, first = [], [], title
    for name, shown, sentences, source in results:
        if hasattr(shown, "to_dict") and not hasattr(shown, "columns"):
            made, around = bare(shown)
            specs.append(made)
            least = int(around.get("min_width", 0))
            figure = f'<figure><div class="chart" data-chart="{len(specs) - 1}" data-least="{least}"></div></figure>'
        else:
            figure, around = _table(shown, language), {}
        heading = name or around.get("title") or ""
        first = first or heading
        tag = "h2" if title else "h1"
        part = [f"<{tag}>{escaped(heading)}</{tag}>"] if heading else []
        part += [f'<p class="sub">{escaped(around["subtitle"])}</p>'] if around.get("subtitle") else []
        part.append(figure)
        said = listed(sentences)
        part += [f"<ol>{said}</ol>"] if said else []
        below = [*around.get("notes", ()), source or around.get("source") or ""]
        part += [f'<p class="foot">{escaped(line)}</p>' for line in below if line]
        parts.append(f"<section>{''.join(part)}</section>")
    head = f"<h1>{escaped(title)}</h1>" if title else ""
    head += f'<p class="sub">{escaped(subtitle)}</p>' if subtitle else ""
    values = {
        "LANGUAGE": language,
        "SCHEME": scheme(dark),
        "TITLE": escaped(first or "Workbench"),
        "LIGHT": _variables(False),
        "DARK": _variables(True),
        "FONT": theme.FONT,
        "BODY": head + "".join(parts) + after,
        "CHARTS": safe_json(
            {"specs": specs, "light": theme.config(False), "dark": theme.config(True)} if specs else {"specs": []}
        ),
        "BUNDLE": bundle.script() if specs else "",
    }
    return filled(PAGE, values)


def bare(chart: alt.TopLevelMixin) -> tuple[dict, dict]:
    """The spec without the texts that the page shows itself, and those texts."""
    from workbench.charts import renderer

    made = renderer.spec(chart) | {"$schema": renderer.BUNDLE_SCHEMA}
    around = made.pop("usermeta", {})
    if around:
        made.pop("title", None)
        made["layer"] = [layer for layer in made["layer"] if layer.get("name") != "footer"]
    return made, around


def escaped(text: object) -> str:
    return html.escape(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", " ", str(text)), quote=True)


def safe_json(value: object) -> str:
    """JSON that can stand in a script element: no character of it can end the element or begin a comment."""
    written = json.dumps(value, ensure_ascii=False, allow_nan=False)
    for sign in "<>&\u2028\u2029":
        written = written.replace(sign, f"\\u{ord(sign):04x}")
    return written


def _variables(dark: bool) -> str:
    p = theme.palette(dark)
    return ";".join(f"--{name}:{getattr(p, name)}" for name in ("ink", "muted", "line", "page", "card", "accent"))


def _table(frame: pd.DataFrame, language: str) -> str:
    from pandas.api import types

    t = texts(language)
    kinds = [
        "text"
        if types.is_bool_dtype(kind)
        else "count"
        if types.is_integer_dtype(kind)
        else "number"
        if types.is_float_dtype(kind)
        else "text"
        for kind in frame.dtypes
    ]
    head = "".join(
        f'<th scope="col" class="{kind}">{escaped(name)}</th>' for name, kind in zip(frame.columns, kinds, strict=True)
    )
    lines = []
    for values in frame.itertuples(index=False, name=None):
        cells = (f'<td class="{kind}">{_cell(value, kind, t)}</td>' for value, kind in zip(values, kinds, strict=True))
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return (
        f'<div class="scroll" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'
    )


def _cell(value: object, kind: str, t) -> str:
    if missing(value):
        return ""
    if kind == "text":
        return escaped(value)
    return escaped(t.count(value) if kind == "count" else t.number(value, 4))
