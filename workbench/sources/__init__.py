"""Sources: files, databases and frames become rows of the model.

inspection = sources.inspect("log.csv")            what is in it and how it is written
mapping = sources.propose(inspection)              which column is what; a person confirms it, TOML keeps it
tables = sources.conform(inspection, mapping, secret=…)   rows of the model, and the refused ones with their reasons
"""

from __future__ import annotations

from workbench.sources.conform import conform
from workbench.sources.inspection import Inspection, inspect
from workbench.sources.mapping import Mapping, TableMapping
from workbench.sources.parts import ColumnInfo, Conformed, Detected, Limits, Overrides, Problem
from workbench.sources.propose import propose

__all__ = [
    "ColumnInfo",
    "Conformed",
    "Detected",
    "Inspection",
    "Limits",
    "Mapping",
    "Overrides",
    "Problem",
    "TableMapping",
    "conform",
    "inspect",
    "propose",
]
