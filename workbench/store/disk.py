"""Writing files so that a reader never sees half of one, and a full disk is one clear sentence."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from workbench.errors import StoreError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_CLOSED = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextlib.contextmanager
def clear_errors(folder: Path) -> Iterator[None]:
    """Turns what the operating system says about writing in `folder` into a StoreError."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StoreError("store.disk_full", store=str(folder)) from error
        if error.errno in _CLOSED:
            raise StoreError("store.not_writable", store=str(folder)) from error
        raise StoreError("store.write_failed", store=str(folder), found=error.strerror or str(error)) from error


def sync_folder(folder: Path) -> None:
    """Makes names in `folder` survive a power cut; Windows has no such call."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_atomic(path: Path, content: bytes, mode: int = 0o644) -> None:
    """`path` holds all of `content` or what it held before, whatever happens meanwhile."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class Hashed:
    """A file being written, with the hash and length of what went through."""

    def __init__(self, path: Path) -> None:
        self._stream: BinaryIO = path.open("xb")
        self._hash = hashlib.sha256()
        self.bytes = 0

    @property
    def closed(self) -> bool:
        return self._stream.closed

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def write(self, content) -> int:
        self._hash.update(content)
        self.bytes += len(content)
        return self._stream.write(content)

    def tell(self) -> int:
        return self.bytes

    def flush(self) -> None:
        self._stream.flush()

    def close(self) -> None:
        if not self._stream.closed:
            self._stream.close()

    def finish(self) -> None:
        """All of it is on the disk, not in a cache."""
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()
