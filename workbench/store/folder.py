"""A company's data on disk, seen as versions."""

from __future__ import annotations

import contextlib
import zoneinfo
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

from filelock import FileLock, Timeout

from workbench.errors import NotFound, StoreError
from workbench.model import Study
from workbench.sources.parts import Conformed
from workbench.store import manifest as manifests
from workbench.store import secret
from workbench.store.disk import clear_errors, sha256
from workbench.store.manifest import Manifest, SourceRecord
from workbench.store.parts import damaged
from workbench.store.writing import Origin, Writer, now

PREPARED = "prepared"


class Store:
    """A handle on a store's folder. Reading needs no lock and leaves nothing behind."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def __repr__(self) -> str:
        return f"Store({str(self.path)!r})"

    @classmethod
    def create(cls, path: str | Path, *, name: str, timezone: str = "UTC", synthetic: bool = False) -> Store:
        """A new store without rows (version 0), in a new or empty folder. StoreError where there is something already."""
        store = cls(path)
        _known_zone(timezone)
        if store.path.is_file():
            raise StoreError("store.is_a_file", store=str(path))
        with clear_errors(store.path):
            store.path.mkdir(parents=True, exist_ok=True)
        with store._locked(wait=10), clear_errors(store.path):
            if (store.path / manifests.POINTER).exists():
                raise StoreError("store.already", store=str(path))
            if any(manifests.versions(store.path)):  # a store that lost its pointer is not written over
                raise StoreError("store.no_manifest", file=str(store.path / manifests.POINTER), store=str(path))
            # what a creation that was killed may have left is no obstacle
            ours = {secret.FILE, PREPARED, "lock", "quarantine", "parts", manifests.MANIFESTS}
            names = sorted(item.name for item in store.path.iterdir())
            foreign = [name for name in names if name not in ours and not name.endswith(".tmp")]
            if foreign:
                raise StoreError("store.not_empty", store=str(path), found=foreign[0])
            for folder in (manifests.MANIFESTS, "parts"):
                (store.path / folder).mkdir(exist_ok=True)
            content = secret.make(store.path)
            made = Manifest(0, name, timezone, synthetic, now(), secret=secret.fingerprint(content))
            manifests.write(store.path, made)
            manifests.point_to(store.path, 0)
        return store

    @classmethod
    def open(cls, path: str | Path) -> Store:
        """The store in that folder, whose current version is whole as far as file sizes tell (`verify` reads everything)."""
        store = cls(path)
        store._check_sizes(store.manifest())
        return store

    @staticmethod
    def exists(path: str | Path) -> bool:
        return (Path(path) / manifests.POINTER).exists()

    @property
    def version(self) -> int:
        """The current version; 0 before the first load."""
        return manifests.current(self.path)

    @property
    def versions(self) -> list[int]:
        """Versions that can be read, oldest first."""
        current = self.version
        return [version for version in manifests.versions(self.path) if version <= current]

    def manifest(self, version: int | None = None) -> Manifest:
        """What a version (default: the current one) holds."""
        current = self.version
        if version is not None and version != current and version not in self.versions:
            raise StoreError("store.version_gone", store=str(self.path), asked=version, current=current)
        return manifests.read(self.path, current if version is None else version)

    @property
    def secret(self) -> bytes:
        """What personal data are hashed with; StoreError where it was lost and rows hashed with it are there."""
        return secret.read(self.path, self.manifest())

    @property
    def prepared_dir(self) -> Path:
        """Where the engine keeps what it computes once; a file or folder in it whose name begins with the version
        (`000004…`) is deleted together with that version. May not exist and may not be writable."""
        return self.path / PREPARED

    @contextlib.contextmanager
    def writing(
        self, *, wait: float = 5, cancel: Event | None = None, progress: Callable[[float, str], None] | None = None
    ) -> Iterator[Writer]:
        """The right to add to the store, held by one at a time: `with store.writing() as writer: writer.append(…)`. What was
        added becomes the next version when the block ends without an error, all of it in one step; else nothing happened.
        StoreError where another load is still under way after `wait` seconds."""
        with self._locked(wait):
            writer = Writer(self.path, self.manifest(), cancel=cancel, progress=progress)
            try:
                yield writer
                writer.commit()
            finally:
                writer.discard()

    def append(self, *conformed: Conformed, origin: Origin) -> int:
        """Adds conformed tables of one source; the new version, or the same where every row was there already."""
        with self.writing() as writer:
            for table in conformed:
                writer.append(table, origin)
        return self.version

    def already_loaded(self, origin: Origin) -> tuple[SourceRecord, ...]:
        """The records of an earlier load of the same contents with the same mapping; empty if there was none."""
        return tuple(
            record for record in self.manifest().sources if (record.sha256, record.mapping) == (origin.sha256, origin.mapping)
        )

    def verify(self, version: int | None = None) -> None:
        """Reads every file of a version and compares it with its hash; StoreError names the first that is damaged."""
        found = self.manifest(version)
        self._check_sizes(found)
        for entry in found.tables.values():
            for part in entry.parts:
                if sha256(part.path) != part.sha256:
                    raise damaged(part.path)

    def repair(self) -> int:
        """Makes the newest whole version the current one, and returns it. For a store whose files were damaged from outside."""
        with self._locked(wait=10), clear_errors(self.path):
            for version in reversed(manifests.versions(self.path)):
                try:
                    found = manifests.read(self.path, version)
                    self._check_sizes(found)
                    for entry in found.tables.values():
                        if any(sha256(part.path) != part.sha256 for part in entry.parts):
                            break
                    else:
                        manifests.point_to(self.path, version)
                        return version
                except StoreError:
                    continue
        raise StoreError("store.no_whole_version", store=str(self.path))

    def _check_sizes(self, found: Manifest) -> None:
        for entry in found.tables.values():
            for part in entry.parts:
                try:
                    size = part.path.stat().st_size
                except FileNotFoundError:
                    size = -1
                if size != part.bytes:
                    raise damaged(part.path)

    @contextlib.contextmanager
    def _locked(self, wait: float) -> Iterator[None]:
        # the operating system lets go of the lock of a process that died
        lock = FileLock(self.path / "lock", timeout=wait)
        with clear_errors(self.path):
            try:
                lock.acquire()
            except Timeout:
                raise StoreError("store.busy", store=str(self.path)) from None
        try:
            yield
        finally:
            lock.release()


def files(study: Study, table: str) -> list[Path]:
    """The Parquet files of a table in the study's version, in the order of loading; empty where the table is. StoreError
    where that version is no longer kept or a file of it is damaged."""
    store = Store(study.store)
    found = store.manifest(study.version)
    entry = found.tables.get(table)
    store._check_sizes(Manifest(found.version, found.name, "", False, "", {table: entry} if entry else {}))
    return list(entry.files) if entry else []


def _known_zone(timezone: str) -> None:
    try:
        zoneinfo.ZoneInfo(timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise NotFound("store.unknown_timezone", asked=timezone, exists=zoneinfo.available_timezones()) from None
