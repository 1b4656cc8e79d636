"""Databases: connecting to one, who is asking it now, under which key, and how to stop them."""

from __future__ import annotations

import contextlib
import functools
import tempfile
import threading
import weakref
from collections.abc import Hashable, Iterator
from typing import TYPE_CHECKING

import duckdb

from workbench.errors import Cancelled

if TYPE_CHECKING:
    import pandas as pd

_gates: weakref.WeakValueDictionary[Hashable, Gate] = weakref.WeakValueDictionary()
_lock = threading.Lock()


class Gate:
    """All queries of one question. Every asker draws a ticket first; `stop` makes all tickets drawn so far worthless,
    so that an analysis of several queries ends even when it is stopped between two of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cursors: set[duckdb.DuckDBPyConnection] = set()
        self._stops = 0

    def ticket(self) -> int:
        return self._stops

    def stop(self) -> int:
        """Interrupts what runs; says how many queries that were."""
        with self._lock:
            self._stops += 1
            cursors = list(self._cursors)
        for cursor in cursors:
            cursor.interrupt()
        return len(cursors)

    def progress(self) -> float:
        """How far the slowest query is, 0 to 1; -1 where the database can't tell."""
        with self._lock:
            cursors = list(self._cursors)
        return min((cursor.query_progress() for cursor in cursors), default=-100.0) / 100

    def check(self, ticket: int) -> None:
        """Cancelled where `stop` was called since the ticket was drawn."""
        if ticket != self._stops:
            raise Cancelled("engine.cancelled")

    @contextlib.contextmanager
    def asking(self, connection: duckdb.DuckDBPyConnection, ticket: int) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor of `connection` for one query (an unfinished result blocks a cursor), or for several one after another."""
        cursor = connection.cursor()
        try:
            with self._lock:
                self.check(ticket)
                self._cursors.add(cursor)
            yield cursor
            self.check(ticket)
        except duckdb.InterruptException:
            raise Cancelled("engine.cancelled") from None
        finally:
            with self._lock:
                self._cursors.discard(cursor)
            cursor.close()


def gate(key: Hashable) -> Gate:
    """The one gate of that key, for as long as someone holds it."""
    with _lock:
        found = _gates.get(key)
        if found is None:
            found = _gates[key] = Gate()
        return found


def connect(threads: int, memory_limit: str) -> duckdb.DuckDBPyConnection:
    """A database of its own in memory; what doesn't fit there is written where nobody else reads it."""
    config: dict[str, object] = {"temp_directory": _spill().name}
    config |= {"threads": threads} if threads else {}
    config |= {"memory_limit": memory_limit} if memory_limit else {}
    connection = duckdb.connect(":memory:", config=config)
    connection.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
    return connection


@functools.cache
def _spill() -> tempfile.TemporaryDirectory:
    # rows that don't fit the memory: for this account's eyes only, under a name nobody knows beforehand, gone with the process
    return tempfile.TemporaryDirectory(prefix="cxw-spill-", ignore_cleanup_errors=True)


def frame(cursor: duckdb.DuckDBPyConnection, sql: str, values: object = None) -> pd.DataFrame:
    """The answer to `sql` as a frame; values are bound, never written into the text."""
    return cursor.execute(sql, values).df() if values else cursor.execute(sql).df()


def long_frame(cursor: duckdb.DuckDBPyConnection, sql: str, values: object = None) -> pd.DataFrame:
    """The same for an answer of a row a customer: a third faster, as texts come as Arrow has them, not one by one."""
    return cursor.sql(sql, params=values or None).to_arrow_table().to_pandas()


def quoted(name: str) -> str:
    """A column or table name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: object) -> str:
    """A path or name where SQL allows no bound value."""
    return "'" + str(text).replace("'", "''") + "'"
