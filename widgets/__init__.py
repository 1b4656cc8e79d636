"""The screens: views bound to one analysis call each, no arithmetic.

`JourneysPage(study)` and `StartPage()` are whole pages for the last cell of a notebook. Nothing heavy is imported
until one of them is made.
"""

from __future__ import annotations

import importlib

_PAGES = {"JourneysPage": "widgets.journeys", "StartPage": "widgets.start"}
__all__ = [*_PAGES]


def __getattr__(name: str):
    if name in _PAGES:
        return getattr(importlib.import_module(_PAGES[name]), name)
    raise AttributeError(f"module 'widgets' has no attribute {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted(__all__)
