"""The Parquet store: versions that never change, a pointer that moves in one step, loads that can be repeated.

    company/
      current.json            which version is the current one; replaced atomically, last of all
      manifests/000004.json   a version: its tables, their part files with size and hash, the sources they came from
      parts/*.parquet         rows; a part is never changed
      quarantine/*.csv        rejected rows, with the reason
      prepared/               what the engine computes once per version; may be deleted at any time
      notes.jsonl             what people wrote on the journey map (`workbench.store.notes`); plan.json, its planned journey
      secret                  what personal data are hashed with; readable by its owner only
      lock                    held by whoever loads; readers never ask for it

The last five versions are kept, so that a reader of an older one isn't disturbed by a load.
"""

from __future__ import annotations

from workbench.store.folder import Store, files
from workbench.store.manifest import Manifest, Part, SourceRecord, TableEntry
from workbench.store.writing import Appended, Origin, Writer

__all__ = ["Appended", "Manifest", "Origin", "Part", "SourceRecord", "Store", "TableEntry", "Writer", "files"]
