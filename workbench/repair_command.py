"""`python3 -m workbench repair STORE`: reads every file of a store and, where one is damaged, goes back to what is whole."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import zoneinfo
from collections.abc import Iterator
from typing import TYPE_CHECKING

from workbench.errors import StoreError
from workbench.locale import Texts, texts
from workbench.settings import LANGUAGES

if TYPE_CHECKING:
    from workbench.store import Store

#: what going back to a whole version mends
DAMAGE = {"store.no_manifest", "store.damaged_manifest", "store.damaged_part"}


def add(subparsers: argparse._SubParsersAction) -> None:
    """Declares the command."""
    told = "check a store; where it is damaged, go back to its last whole version"
    parser = subparsers.add_parser("repair", help=told, description=told.capitalize() + ".")
    parser.add_argument("store", metavar="STORE", help="the store's folder")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="of what is printed")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints what was found and done; 0 whole, or whole again, 1 a clear reason was printed."""
    from workbench.store import Store

    try:
        for sentence in _repaired(Store(arguments.store), texts(arguments.language)):
            print(sentence)
    except StoreError as error:
        print(error.text(arguments.language), file=sys.stderr)
        return 1
    return 0


def _repaired(store: Store, t: Texts) -> Iterator[str]:
    try:
        store.verify()
    except StoreError as error:
        if error.key not in DAMAGE:
            raise
        yield t("store.repair.found", file=error.values["file"])
        found = store.manifest(store.repair())
        made = dt.datetime.fromisoformat(found.created_at).astimezone(zoneinfo.ZoneInfo(found.timezone))
        yield t("store.repair.done", version=found.version, company=found.name, made=made)
    else:
        yield t("store.repair.whole", store=str(store.path), version=store.version)
