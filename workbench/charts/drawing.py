"""Scripts and styles that our pages and exported ones share: how elements are made, and the journey map."""

from __future__ import annotations

import functools
from pathlib import Path

HERE = Path(__file__).parent / "browser"


@functools.cache
def text(name: str) -> str:
    """One of `elements.js`, `map.js` (needs elements.js before it), `map.css`."""
    return (HERE / name).read_text(encoding="utf-8")
