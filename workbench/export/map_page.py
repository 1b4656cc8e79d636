"""The journey map as a page that is complete in itself, and that page printed by a Chromium: one sheet, text as text."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from workbench.charts import drawing, theme
from workbench.export import chromium
from workbench.export.pages import escaped, filled, headed, listed, safe_json, scheme, sections
from workbench.locale import texts

PAGE = Path(__file__).parent / "map.html"


def map_to_html(
    canvas: Mapping,
    *,
    below: Mapping[str, Iterable[str]] | None = None,
    code: tuple[str, str] = ("", ""),
    dark: bool | None = None,
    language: str = "en",
) -> str:
    """A canvas of `journeys.map` as a page that works with no network: a table to be read by eye, by keyboard and by ear, light
    or dark as the reader's system says (or as `dark` says), printed on one sheet. Below the map stand its sentences, the lines
    of `below`, each heading with its own, and `code` with its heading, which isn't printed. No text of the canvas can become
    markup, and a policy lets the page's own script run and nothing else."""
    return _page(canvas, below or {}, code, scheme(dark), "asked", language)


def map_to_pdf(
    canvas: Mapping,
    *,
    below: Mapping[str, Iterable[str]] | None = None,
    language: str = "en",
    seconds: float = chromium.SECONDS,
) -> bytes:
    """That page as a PDF of exactly one sheet, landscape, A4 or as much larger as its letters need: text that can be selected,
    tagged for readers of the screen. Needs a Chromium, Chrome or Edge on this machine; BadInput where there is none, or where
    it gave nothing within `seconds`."""
    return chromium.pdf(_page(canvas, below or {}, ("", ""), "light", "now", language), seconds)


def _page(canvas: Mapping, below: Mapping, code: tuple[str, str], look: str, print_: str, language: str) -> str:
    t = texts(language)
    script = "\n".join(drawing.text(name) for name in ("elements.js", "map.js", "map_page.js"))
    # the finding stands above the map already
    said = listed(one for one in canvas.get("sentences", ()) if one != canvas["title"])
    body = f'<ol class="said">{said}</ol>' if said else ""
    body += sections(below)
    body += f'<div class="code">{headed(code[0], escaped(code[1]), "pre")}</div>' if code[1] else ""
    body += f'<p class="foot">{escaped(canvas.get("source", ""))}</p>'
    held = {"canvas": canvas, "labels": {"channels": t("export.channels")}}
    values = {
        "LANGUAGE": language,
        "SCHEME": look,
        "PRINT": print_,
        "HASH": "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        "TITLE": escaped(canvas["title"]),
        "SUBTITLE": escaped(canvas.get("subtitle", "")),
        "NOSCRIPT": escaped(t("export.no_script")),
        "FONT": theme.FONT,
        "STYLE": drawing.text("map.css"),
        "BODY": body,
        "CANVAS": safe_json(held),
        "SCRIPT": script,
    }
    return filled(PAGE, values)
