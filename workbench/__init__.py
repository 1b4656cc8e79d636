"""Customer-journey analysis workbench.

The door:
    load(paths, into=…, mapping=…)    files, SQL or frames -> a store; returns a LoadReport
    open(store)                       a store -> a Study, on which every analysis works
The rooms, each with one function per question, `wb.<room>.<noun>(study, …) -> Result`:
    journeys                          where customers go and where they stop

Importing this costs nothing: rooms are loaded when first touched, and `python3 -m workbench` runs before anything is installed.
"""

from __future__ import annotations

import importlib

__version__ = "0.1.0"

_ROOMS = ("journeys",)
_NAMES = {
    "load": "workbench.door",
    "open": "workbench.door",
    "inspect": "workbench.door",
    "LoadReport": "workbench.door",
    "Study": "workbench.model",
    "Result": "workbench.result",
    "WorkbenchError": "workbench.errors",
    "errors": None,
    "settings": None,
    "glossary": None,
}
__all__ = [*_ROOMS, *_NAMES]


def __getattr__(name: str):
    if name in _ROOMS or (name in _NAMES and _NAMES[name] is None):
        return importlib.import_module(f"workbench.{name}")
    if name in _NAMES:
        return getattr(importlib.import_module(_NAMES[name]), name)
    raise AttributeError(f"module 'workbench' has no attribute {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted(__all__)
