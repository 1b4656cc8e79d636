"""Where a source lies: its path or address, what follows "#", its kind, and its bytes (unpacked, within limits)."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path

from workbench.errors import BadInput
from workbench.sources.parts import Limits, Watch

_ENDINGS = {
    "csv": (".csv", ".tsv", ".txt", ".tab"),
    "excel": (".xlsx", ".xlsm"),
    "parquet": (".parquet", ".pq"),
    "jsonl": (".jsonl", ".ndjson", ".json"),
    "xes": (".xes",),
    "duckdb": (".duckdb", ".ddb"),
}
_KINDS = {ending: kind for kind, endings in _ENDINGS.items() for ending in endings}
READABLE = "csv, tsv, txt, xlsx, parquet, jsonl, json, xes, duckdb"
_PIECE = 1 << 22


@dataclasses.dataclass(frozen=True)
class Origin:
    """Where rows come from, and of which kind that place is."""

    kind: str
    name: str  # as people call it; never holds a password
    path: Path | None = None
    address: str = ""  # of a database
    part: str = ""  # what follows "#": a sheet, a table, a query

    @property
    def packed(self) -> bool:
        return self.path is not None and self.path.suffix.lower() == ".gz"


def find(source: str | Path) -> Origin:
    """The origin of a path or address. BadInput where there is no such file or no reader for it."""
    text = str(source)
    if "://" in text:
        from workbench.sources.sql import shown

        address, _, part = text.partition("#")
        return Origin("sql", shown(address, part), address=address, part=part)
    path, part = Path(text), ""
    if not _is_file(path) and "#" in text:
        head, _, part = text.partition("#")
        path = Path(head)
    if not _is_file(path):
        raise BadInput("sources.no_source", file=text)
    if path.stat().st_size == 0:
        raise BadInput("sources.empty_file", file=path.name)
    endings = [ending.lower() for ending in path.suffixes]
    ending = endings[-2] if len(endings) > 1 and endings[-1] == ".gz" else endings[-1] if endings else ""
    kind = _KINDS.get(ending)
    if kind is None or (endings[-1] == ".gz" and kind not in ("csv", "jsonl", "xes")):
        raise BadInput("sources.unknown_kind", file=path.name, readable=READABLE)
    return Origin(kind, path.name + (f"#{part}" if part else ""), path, part=part)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that no file can have
        return False


def sha256(origin: Origin, watch: Watch) -> str:
    """Of the file's bytes, and of the part of it that was asked for."""
    digest = hashlib.sha256()
    with origin.path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            digest.update(piece)
            watch.at(0.0, "reading")
    if origin.part:
        digest.update(b"#" + origin.part.encode())
    return digest.hexdigest()


def pieces(origin: Origin, limits: Limits, watch: Watch, until: float = 1.0) -> Iterator[bytes]:
    """The file's bytes, unpacked. Progress runs to `until`. BadInput for a packed file that is cut, damaged, or
    unpacks to more than the limits allow."""
    size, made = origin.path.stat().st_size, 0
    with origin.path.open("rb") as plain:
        stream = gzip.GzipFile(fileobj=plain) if origin.packed else plain
        while True:
            try:
                piece = stream.read(_PIECE)
            except EOFError:
                raise BadInput("sources.gzip_cut", file=origin.name) from None
            except (gzip.BadGzipFile, zlib.error, OSError) as error:
                raise BadInput("sources.gzip_bad", file=origin.name, found=str(error)) from None
            if not piece:
                return
            made += len(piece)
            if made > limits.bytes:
                raise BadInput("sources.too_big", file=origin.name, found=made >> 20, allowed=limits.bytes >> 20)
            if origin.packed and made > 64 << 20 and made > limits.gzip_ratio * plain.tell():
                raise BadInput(
                    "sources.gzip_bomb", file=origin.name, found=made // max(1, plain.tell()), allowed=limits.gzip_ratio
                )
            watch.at(until * min(1.0, plain.tell() / size), "reading")
            yield piece


def data(origin: Origin, limits: Limits, watch: Watch, until: float = 0.3) -> bytes:
    """All of the file, unpacked."""
    return b"".join(pieces(origin, limits, watch, until))
