"""The frame of a page: which apps there are and the texts of the header, in all languages at once."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from markupsafe import Markup

from widgets.server.options import STATIC, Served, notebooks
from workbench.locale import LANGUAGES, texts

# The apps in the order of their notebooks; those whose notebook is not there yet are named as planned.
APPS = {
    "00_start_here": "start",
    "10_journey_mapping": "journeys",
    "20_experience_metrics": "experience",
    "30_churn_drivers": "churn",
    "40_review_sentiment": "reviews",
    "50_micro_targeting": "targeting",
    "60_closing_the_loop": "actions",
    "70_maturity": "maturity",
}
DOMAIN = "server."


def chrome(served: Served, base_url: str = "/") -> dict:
    """What the templates know as `cxw`: JSON-able values."""
    there = {path.stem for path in notebooks(served.notebooks)}
    words = {language: _words(language) for language in LANGUAGES}
    apps = {name: key for name, key in APPS.items() if name in there}
    return {
        "base_url": base_url,
        "language": served.language,
        "version": version(),
        "texts": words,
        "apps": [{"name": name, "key": key, "href": f"{base_url}voila/render/{name}.ipynb"} for name, key in apps.items()],
        "planned": [key for name, key in APPS.items() if name not in there],
        "chrome_json": script_json({"texts": words, "language": served.language}),
    }


def _words(language: str) -> dict[str, str]:
    t = texts(language)
    # those with values in them are sentences of the server, not of the frame
    keys = [key for key, forms in t.entries.items() if key.startswith(DOMAIN) and "{" not in forms[0]]
    return {key.removeprefix(DOMAIN): t(key) for key in keys}


def version(folder: Path = STATIC) -> str:
    """A short hash of the static files: their addresses change when they do."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def script_json(value: object) -> Markup:
    """JSON that can stand inside a script element whatever it holds."""
    text = json.dumps(value, ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))
