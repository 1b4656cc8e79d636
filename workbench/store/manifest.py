"""A version of the store, written down: which part files make up which table, and where the rows came from.

`manifests/000004.json` is version 4 for good; `current.json` says which version is the current one.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import get_args

from workbench.errors import StoreError
from workbench.model import Kind
from workbench.store.disk import write_atomic

FORMAT = 1
POINTER = "current.json"
MANIFESTS = "manifests"
PARTS = "parts"
KINDS = get_args(Kind)
_PART = re.compile(r"[\w-][\w.-]*\.parquet")
_MOST = 1 << 53


@dataclasses.dataclass(frozen=True)
class Part:
    """One Parquet file, never changed once written."""

    path: Path
    n_rows: int
    bytes: int
    sha256: str


@dataclasses.dataclass(frozen=True)
class TableEntry:
    """A table of one version. Its rows in the order of loading: parts in order, within a part by `row_order`, which
    increases over all parts of the table. A column a part lacks is null there (read with union by name)."""

    parts: tuple[Part, ...]
    columns: Mapping[str, str]  # name -> kind (id, text, time, number, flag), `row_order` left out
    personal: tuple[str, ...] = ()  # of the columns, those that hold hashes of personal data
    next_order: int = 0  # the first `row_order` not yet given

    @property
    def files(self) -> tuple[Path, ...]:
        return tuple(part.path for part in self.parts)

    @property
    def n_rows(self) -> int:
        return sum(part.n_rows for part in self.parts)


@dataclasses.dataclass(frozen=True)
class SourceRecord:
    """What one source gave to one table. rows_in = loaded + already_there + quarantined."""

    source: str  # name of the file, table or frame
    kind: str
    sha256: str  # of the source's contents
    mapping: str  # hash of the mapping it was read with
    table: str
    version: int
    loaded_at: str  # ISO, UTC
    rows_in: int
    loaded: int
    replaced: int  # of the loaded, those that took the place of an older row
    already_there: int
    quarantined: int
    quarantine: str = ""  # file of the rejected rows, relative to the store


@dataclasses.dataclass(frozen=True)
class Manifest:
    """One version of a company's data."""

    version: int
    name: str  # of the company
    timezone: str
    synthetic: bool
    created_at: str  # ISO, UTC
    tables: Mapping[str, TableEntry] = dataclasses.field(default_factory=lambda: MappingProxyType({}))
    sources: tuple[SourceRecord, ...] = ()
    secret: str = ""  # fingerprint of the secret that personal data were hashed with

    @property
    def columns(self) -> dict[str, dict[str, str]]:
        """table -> column -> kind, as a Study has it."""
        return {name: dict(entry.columns) for name, entry in self.tables.items()}


def file_of(folder: Path, version: int) -> Path:
    return folder / MANIFESTS / f"{version:06}.json"


def versions(folder: Path) -> list[int]:
    """Versions with a manifest, oldest first; the newest may be an unfinished load's."""
    return sorted(int(path.stem) for path in (folder / MANIFESTS).glob("*.json") if path.stem.isascii() and path.stem.isdigit())


def write(folder: Path, manifest: Manifest) -> None:
    """Writes the manifest; it counts once the pointer names it."""
    tables = {
        name: {
            "parts": [{**dataclasses.asdict(part), "path": part.path.name} for part in entry.parts],
            "columns": dict(entry.columns),
            "personal": list(entry.personal),
            "next_order": entry.next_order,
        }
        for name, entry in manifest.tables.items()
    }
    body = {field.name: getattr(manifest, field.name) for field in dataclasses.fields(manifest)}
    body |= {"tables": tables, "sources": [dataclasses.asdict(source) for source in manifest.sources]}
    text = json.dumps(body, ensure_ascii=False, indent=1)
    sealed = {"format": FORMAT, "sha256": hashlib.sha256(text.encode()).hexdigest(), "manifest": body}
    write_atomic(file_of(folder, manifest.version), json.dumps(sealed, ensure_ascii=False, indent=1).encode())


def read(folder: Path, version: int) -> Manifest:
    """The manifest of a version; StoreError where it is gone, damaged or newer than this program."""
    path = file_of(folder, version)
    sealed = _read_json(folder, path)
    try:
        body = sealed["manifest"]
        found = hashlib.sha256(json.dumps(body, ensure_ascii=False, indent=1).encode()).hexdigest()
        if found != sealed["sha256"]:
            raise ValueError
        tables = {
            name: TableEntry(
                parts=tuple(Part(**{**part, "path": folder / PARTS / Path(part["path"]).name}) for part in entry["parts"]),
                columns=MappingProxyType(entry["columns"]),
                personal=tuple(entry["personal"]),
                next_order=entry["next_order"],
            )
            for name, entry in body["tables"].items()
        }
        sources = tuple(SourceRecord(**source) for source in body["sources"])
        made = Manifest(**{**body, "tables": MappingProxyType(tables), "sources": sources})
        if not _sound(made, version):
            raise ValueError
        return made
    except (KeyError, TypeError, ValueError, AttributeError):
        raise StoreError("store.damaged_manifest", file=str(path), store=str(folder)) from None


def _sound(manifest: Manifest, version: int) -> bool:
    # what others built on would break later, or reach out of the folder: the seal can be made by anyone
    def number(value: object) -> bool:
        return type(value) is int and 0 <= value < _MOST

    entries = manifest.tables.values()
    parts = [part for entry in entries for part in entry.parts]
    words = (manifest.name, manifest.timezone, manifest.created_at, manifest.secret)
    return (
        manifest.version == version
        and all(isinstance(word, str) for word in words)
        and all(number(value) for part in parts for value in (part.n_rows, part.bytes))
        and all(_PART.fullmatch(part.path.name) for part in parts)
        and all(number(entry.next_order) for entry in entries)
        and all(kind in KINDS for entry in entries for kind in entry.columns.values())
    )


def point_to(folder: Path, version: int) -> None:
    """From now on `version` is the current one."""
    write_atomic(folder / POINTER, json.dumps({"format": FORMAT, "version": version}).encode())


def current(folder: Path) -> int:
    """The version the pointer names; StoreError where the folder isn't a store."""
    if not folder.is_dir():
        raise StoreError("store.no_folder", store=str(folder))
    path = folder / POINTER
    if not path.exists() and not any(versions(folder)):  # version 0 alone: a creation that was killed
        raise StoreError("store.not_a_store", store=str(folder))
    version = _read_json(folder, path).get("version")
    if not isinstance(version, int):
        raise StoreError("store.damaged_manifest", file=str(path), store=str(folder))
    return version


def _read_json(folder: Path, path: Path) -> dict:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        version = found["format"]
    except FileNotFoundError:
        raise StoreError("store.no_manifest", file=str(path), store=str(folder)) from None
    except PermissionError:
        raise StoreError("store.not_readable", file=str(path)) from None
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        raise StoreError("store.damaged_manifest", file=str(path), store=str(folder)) from None
    if not isinstance(version, int) or version > FORMAT:
        raise StoreError("store.newer_format", store=str(folder), found=version, known=FORMAT)
    return found
