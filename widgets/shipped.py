"""The companies that anybody may choose: the stores in one folder, each by the name of its own folder."""

from __future__ import annotations

import json
import re
from pathlib import Path

from workbench.settings import SAMPLE

#: what such a name looks like; nothing else ever becomes part of a place on the disk
NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")


def shipped(folder: str | Path) -> dict[str, Path]:
    """The stores in that folder by their names; the one that is opened first, first. None where there is no such folder."""
    try:
        found = [one for one in Path(folder).iterdir() if NAME.fullmatch(one.name) and not one.is_symlink()]
    except OSError:
        return {}
    stores = sorted((one for one in found if (one / "current.json").is_file()), key=lambda one: (one.name != SAMPLE.name, one))
    return {one.name: one for one in stores}


def called(store: Path) -> str:
    """What the company of that store is called, read without opening it (a server stays small); else its folder's name."""
    try:
        version = json.loads((store / "current.json").read_text(encoding="utf-8"))["version"]
        kept = json.loads((store / "manifests" / f"{version:06}.json").read_text(encoding="utf-8"))
        return str(kept["manifest"]["name"])
    except (OSError, ValueError, LookupError, TypeError):
        return store.name


def named(store: str | Path, folder: str | Path) -> str:
    """The name under which that store can be chosen; empty where it can't."""
    place = Path(store).absolute()
    return next((name for name, path in shipped(folder).items() if path.absolute() == place), "")
