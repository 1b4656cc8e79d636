"""Part files: written once with their hash, read a row group at a time, swept when no version needs them."""

from __future__ import annotations

import contextlib
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from workbench.errors import StoreError
from workbench.store import manifest as manifests
from workbench.store.columns import HELD, ORDER, STORED
from workbench.store.disk import Hashed, clear_errors
from workbench.store.manifest import PARTS, Part, TableEntry

KEPT = 5  # versions
GROUP = 122_880  # rows of a row group, as the engine reads them
PART = GROUP * 16


def write(
    folder: Path, table: str, version: int, rows: pa.Table, made: list[Path], step: Callable[[float], None]
) -> list[Part]:
    """Rows as part files in `folder`, whose paths are added to `made` before they exist; `step` hears how far it is."""
    parts = []
    for at in range(0, rows.num_rows, PART):
        path = folder / PARTS / f"{table}-{version:06}-{secrets.token_hex(6)}.parquet"
        made.append(path)
        parts.append(_write_one(path, rows.slice(at, PART), lambda done, at=at: step((at + done) / rows.num_rows)))
    return parts


def read(files: Sequence[Path], columns: Sequence[str]) -> pa.Table:
    """These columns of part files, in the order of loading; null where a part has none. One of them must have each."""
    parts = []
    for file in files:
        held = set(pq.read_schema(file).names)
        parts.append(pq.read_table(file, columns=[name for name in columns if name in held]))
    return pa.concat_tables(parts, promote_options="permissive").select(columns)


def _write_one(path: Path, rows: pa.Table, step: Callable[[int], None]) -> Part:
    narrow = {pa.large_string(): STORED["text"]}
    schema = pa.schema([(field.name, narrow.get(field.type, field.type)) for field in rows.schema])
    with clear_errors(path.parent.parent):
        path.parent.mkdir(exist_ok=True)
        stream = Hashed(path)
        try:
            with pq.ParquetWriter(stream, schema, compression="zstd") as writer:
                for at in range(0, rows.num_rows, GROUP):
                    step(at)
                    writer.write_table(rows.slice(at, GROUP).cast(schema), row_group_size=GROUP)
            stream.finish()
        finally:
            stream.close()
    return Part(path, rows.num_rows, stream.bytes, stream.sha256)


def groups(entry: TableEntry, columns: list[str], *, skip: int = 0) -> Iterator[pa.Table]:
    """The rows of a table, a row group at a time, from row `skip` (the first of a group) on; of `columns` those that the part
    has."""
    for part in entry.parts:
        if skip >= part.n_rows:
            skip -= part.n_rows
            continue
        with _opened(part.path) as file:
            there = set(file.schema_arrow.names)
            names = [name for name in columns if name in there]
            for number in range(file.num_row_groups):
                n = file.metadata.row_group(number).num_rows
                if skip >= n:
                    skip -= n
                    continue
                with _reading(part.path):
                    found = file.read_row_group(number, names)
                yield pa.table({name: found[name].cast(_type(entry, name)) for name in names})


def whole(entry: TableEntry) -> pa.Table:
    """All rows of a table with all columns and the order of loading; null where a part lacks a column."""
    names = [*entry.columns, ORDER]
    schema = pa.schema([(name, _type(entry, name)) for name in names])
    found = [schema.empty_table(), *groups(entry, names)]
    return pa.concat_tables(found, promote_options="default").combine_chunks()


def _type(entry: TableEntry, name: str) -> pa.DataType:
    return pa.int64() if name == ORDER else HELD[entry.columns[name]]


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        raise damaged(path) from error


def _opened(path: Path) -> pq.ParquetFile:
    with _reading(path):
        return pq.ParquetFile(path)


def damaged(path: Path) -> StoreError:
    return StoreError("store.damaged_part", file=str(path), store=str(path.parent.parent))


def numbered(rows: pa.Table, wanted: np.ndarray, first: int) -> pa.Table:
    """The wanted rows with the order of loading, from `first` on."""
    chosen = rows if wanted.all() else rows.filter(pa.array(wanted))
    return chosen.append_column(ORDER, pa.array(np.arange(first, first + chosen.num_rows)))


def sweep(folder: Path, current: int) -> None:
    """Deletes what killed loads left and what none of the last versions needs. Only for who holds the lock."""
    every = manifests.versions(folder)
    kept = [version for version in every if current - KEPT < version <= current]
    needed = set()
    for version in kept:
        try:
            for entry in manifests.read(folder, version).tables.values():
                needed |= {path.name for path in entry.files}
        except StoreError:
            # what a damaged manifest needs can't be known, so nothing is thrown away
            return
    orphans = [path for path in (folder / PARTS).glob("*.parquet") if path.name not in needed]
    old = [manifests.file_of(folder, version) for version in every if version not in kept]
    for path in (*old, *orphans, *folder.glob(".*.tmp"), *folder.glob("*/.*.tmp")):
        path.unlink(missing_ok=True)
    names = {f"{version:06}" for version in kept}
    for path in (folder / "prepared").glob("[0-9]" * 6 + "*"):
        if path.name[:6] not in names:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
