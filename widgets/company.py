"""Which companies a link may open: the shipped ones by name, those loaded from a browser by their opaque id in data/private/.
Never a path."""

from __future__ import annotations

import secrets
from pathlib import Path

import workbench as wb
from widgets.shipped import named, shipped
from widgets.state import OWN
from widgets.view import PRIVATE
from workbench.errors import NotFound, WorkbenchError
from workbench.locale import Texts
from workbench.model import Study
from workbench.settings import SAMPLES


def new_id() -> str:
    """128 random bits: knowing it is the permission to open the store."""
    return secrets.token_hex(16)


def folder(number: str, samples: str | Path = SAMPLES) -> Path:
    """Where the store of that id lies, or the one of that name in `samples`; NotFound for anything else, which names no
    others."""
    path = PRIVATE / number if OWN.fullmatch(number) else shipped(samples).get(number)
    if path is None or path.is_symlink() or not path.is_dir():
        raise NotFound("widgets.unknown_company", asked=str(number)[:40], exists=())
    return path


def choices(home: Study, chosen: str, t: Texts) -> list[dict[str, object]]:
    """The companies to choose among where `home` is one of them, each with its link; `on`: the chosen one (empty: `home`)."""
    first = named(home.store, home.settings.samples)
    if not first:
        return []
    found = []
    for name, place in shipped(home.settings.samples).items():
        try:
            called = wb.open(place, settings=home.settings).name
        except WorkbenchError:
            continue  # what can't be opened can't be chosen
        told = {key: t(f"server.{key}_{name}") for key in ("kind", "asks") if t.has(f"server.{key}_{name}")}
        href = f"#company={name}&lang={t.language}"
        found.append(told | {"name": called, "href": href, "on": name == (chosen or first)})
    return found if len(found) > 1 else []


def opened(number: str, like: Study) -> Study:
    """The store of that id or name as a study with the settings of another; that other one itself where it is the same."""
    place = folder(number, like.settings.samples)
    return like if place.absolute() == Path(like.store).absolute() else wb.open(place, settings=like.settings)
