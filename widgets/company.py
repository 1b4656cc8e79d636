"""Stores loaded from a browser: each under an opaque id in data/private/. A link may name an id, never a path."""

from __future__ import annotations

import secrets
from pathlib import Path

import workbench as wb
from widgets.state import COMPANY
from widgets.view import PRIVATE
from workbench.errors import NotFound
from workbench.model import Study


def new_id() -> str:
    """128 random bits: knowing it is the permission to open the store."""
    return secrets.token_hex(16)


def folder(number: str) -> Path:
    """Where the store of that id lies; NotFound for anything that isn't an id of a store, which names no others."""
    path = PRIVATE / number if COMPANY.fullmatch(number) else None
    if path is None or path.is_symlink() or not path.is_dir():
        raise NotFound("widgets.unknown_company", asked=str(number)[:40], exists=())
    return path


def opened(number: str, like: Study) -> Study:
    """The store of that id as a study with the settings of another."""
    return wb.open(folder(number), settings=like.settings)
