"""What personal data are hashed with: a file only its owner reads, and its fingerprint in the manifest."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path

from workbench.errors import StoreError
from workbench.store.disk import clear_errors, write_atomic
from workbench.store.manifest import Manifest

FILE = "secret"


def make(folder: Path) -> bytes:
    content = secrets.token_bytes(32)
    with clear_errors(folder):
        write_atomic(folder / FILE, content, mode=0o600)
    return content


def read(folder: Path, manifest: Manifest) -> bytes:
    """The secret. A lost one is made anew only where nothing was hashed with it; else StoreError."""
    path = folder / FILE
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        content = b""
    except OSError:
        raise StoreError("store.not_readable", file=str(path)) from None
    hashed = any(entry.personal for entry in manifest.tables.values())
    if hashed and fingerprint(content) != manifest.secret:
        raise StoreError("store.secret_lost", file=str(path))
    return content or make(folder)


def fingerprint(content: bytes) -> str:
    """Tells one secret from another and says nothing about it."""
    return hashlib.sha256(b"fingerprint of " + content).hexdigest() if content else ""
