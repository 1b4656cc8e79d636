"""Which companies a link may open: the shipped ones by name, those loaded from a browser by their opaque id in data/private/.
Never a path."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import secrets
import shutil
import time
from collections.abc import Iterable
from pathlib import Path

import workbench as wb
from widgets.shipped import called, named, shipped
from widgets.state import OWN
from widgets.view import PRIVATE
from workbench.errors import NotFound, StoreError, WorkbenchError
from workbench.locale import Texts
from workbench.model import Study
from workbench.settings import SAMPLES
from workbench.store import Store

OWNER = "owner"  # file in a store: the hash of the key that removes it
GONE = "gone-"  # begins the name of a folder that is being deleted


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
        told = {key: t(f"server.{key}_{name}") for key in ("kind", "asks") if t.has(f"server.{key}_{name}")}
        href = f"#company={name}&lang={t.language}"
        found.append(told | {"name": called(place), "href": href, "on": name == (chosen or first)})
    return found if len(found) > 1 else []


def opened(number: str, like: Study) -> Study:
    """The store of that id or name as a study with the settings of another; that other one itself where it is the same."""
    place = folder(number, like.settings.samples)
    return like if place.absolute() == Path(like.store).absolute() else wb.open(place, settings=like.settings)


# -- one's own ---------------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Own:
    """A store loaded from a browser: its id, the company's name, the rows of all tables, when it was loaded (UTC)."""

    number: str
    name: str
    rows: int
    loaded: dt.datetime


def claim(number: str) -> str:
    """A key for the store of that id, to be kept by whoever loaded it. It is part of no link: who is sent the link can open
    the company, and can't remove it."""
    key = secrets.token_hex(16)
    (PRIVATE / number / OWNER).write_text(_hash(key), encoding="ascii")
    return key


def own(numbers: Iterable[str]) -> list[Own]:
    """Those of the stores with these ids that are there, the latest first."""
    found = []
    for number in dict.fromkeys(numbers):
        try:
            made = Store(folder(number)).manifest()
        except WorkbenchError:
            continue
        rows = sum(entry.n_rows for entry in made.tables.values())
        found.append(Own(number, made.name, rows, dt.datetime.fromisoformat(made.created_at)))
    return sorted(found, key=lambda one: one.loaded, reverse=True)


def remove(number: str, key: str) -> None:
    """Deletes the store of that id. NotFound where there is none or the key is another's; StoreError where the system lets
    nobody delete it just now."""
    place = folder(number)
    try:
        kept = (place / OWNER).read_text(encoding="ascii")
    except OSError:
        kept = ""
    if not secrets.compare_digest(kept, _hash(key)):
        raise NotFound("widgets.unknown_company", asked=number[:40], exists=())
    gone = PRIVATE / f"{GONE}{number}"
    try:
        place.rename(gone)  # in one step: nobody opens half of it
    except OSError:
        raise StoreError("widgets.not_removed") from None
    shutil.rmtree(gone, ignore_errors=True)


def tidy() -> None:
    """Deletes what loads and removals that were killed have left behind: folders that nothing can open, a day old."""
    for place in PRIVATE.iterdir():
        half = OWN.fullmatch(place.name) and not Store.exists(place)
        if (half or place.name.startswith(GONE)) and place.stat().st_mtime < time.time() - 86400:
            shutil.rmtree(place, ignore_errors=True)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
