"""Prepared tables: made once for a store version and a rule, kept beside the store, narrowed to a study's filters."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import itertools
import os
import uuid
import weakref
from collections.abc import Callable, Hashable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import duckdb

from workbench.engine import filters, marks
from workbench.engine.kept import Kept
from workbench.engine.running import Gate, connect, frame, gate, literal, long_frame
from workbench.engine.spark.cursor import SparkConnection
from workbench.engine.spark.keeping import opened
from workbench.engine.spark.session import session
from workbench.engine.tables import detailed, write_tables
from workbench.errors import StoreError
from workbench.model import Rule, Study
from workbench.result import Provenance

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")

#: of the tables' layout; files of another layout are not opened
FORMAT = 6
MANY = 20_000  # customers
#: `Prepared.groups`, and where there are very many items: of more groups there would be as many sums as steps
USUAL, FEWER = 4096, 1024
_FILES_KEPT = 12  # prepared files in a store
_BASES_KEPT, _NARROWED_KEPT, _MADE_KEPT = 3, 6, 8  # in this process
_numbers = itertools.count()


@dataclasses.dataclass(frozen=True)
class Tables:
    """One schema of one database: the tables a question reads. The narrowed ones go when nobody holds them any more."""

    connection: duckdb.DuckDBPyConnection | SparkConnection
    schema: str
    timezone: str
    base: Tables | None = None  # keeps the base open as long as what was narrowed from it
    cache: dict = dataclasses.field(default_factory=dict, compare=False)  # of small facts about these tables
    made: Kept = dataclasses.field(default_factory=lambda: Kept(_MADE_KEPT), compare=False)  # of what is read beside them

    __hash__ = object.__hash__


class Prepared:
    """The tables of `workbench.engine`'s docstring, for one study. Safe to use from several threads; all that was asked
    through it ends in Cancelled once `interrupt` is called for its study. `study`: that one; None of `build`."""

    def __init__(self, tables: Tables, asking: Gate, provenance: Provenance | None = None, study: Study | None = None) -> None:
        self._tables = tables
        self._gate = asking
        self._ticket = asking.ticket()
        self.provenance = provenance
        self.study = study
        self.timezone = tables.timezone

    @contextlib.contextmanager
    def _asking(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._gate.asking(self._tables.connection, self._ticket) as cursor:
            cursor.execute(f"USE {self._tables.schema}")
            yield cursor

    @contextlib.contextmanager
    def holding(self, name: str, sql: str) -> Iterator[Prepared]:
        """The same tables and the answer to `sql` as one more, while the block lasts: for what several questions read."""
        with self._asking() as cursor:
            cursor.execute(f"CREATE TEMP TABLE {name} AS {sql}")
            yield _Holding(self, cursor)

    def go_on(self) -> None:
        """For what takes long between two questions: Cancelled once `interrupt` was called for its study."""
        self._gate.check(self._ticket)

    def query(self, sql: str, values: object = None) -> pd.DataFrame:
        """The answer to one statement over the tables; `values` are bound to its `?` or `$name`."""
        with self._asking() as cursor:
            return frame(cursor, sql, values)

    def each_customer(self, sql: str, values: object = None) -> pd.DataFrame:
        """The same, for an answer that has as many rows as there are customers."""
        with self._asking() as cursor:
            return long_frame(cursor, sql, values)

    def row(self, sql: str, values: object = None) -> tuple:
        """The first row of the answer, as plain Python values."""
        with self._asking() as cursor:
            return next(iter((cursor.execute(sql, values) if values else cursor.execute(sql)).fetchall()), None)

    def members(self, sql: str, values: object = None) -> pd.DataFrame:
        """The customers in the answer to `sql`, which gives `customer` and `n` (a customer may come several times):
        customer_id and n, the largest first."""
        return self.each_customer(
            f"""SELECT customer_id, sum(found.n)::BIGINT AS n FROM ({sql}) AS found JOIN customers USING (customer)
                GROUP BY customer_id ORDER BY n DESC, customer_id""",
            values,
        )

    def once(self, name: str, sql: str) -> tuple:
        """Like `row`, remembered as long as the tables are."""
        cache = self._tables.cache
        if name not in cache:
            cache[name] = self.row(sql)
        return cache[name]

    def of_store(self, name: str, make: Callable[[], T]) -> T:
        """What `make` answers, made once for all filters and not to be changed by who gets it."""
        return (self._tables.base or self._tables).made.get(name, make)

    def asking(self, database: duckdb.DuckDBPyConnection) -> contextlib.AbstractContextManager[duckdb.DuckDBPyConnection]:
        """A cursor of another database, whose questions end when those of this study are stopped."""
        return self._gate.asking(database, self._ticket)

    @property
    def n_events(self) -> int:
        return self.once("n_events", "SELECT count(*) FROM steps")[0]

    @property
    def n_journeys(self) -> int:
        return self.once("n_journeys", "SELECT count(*) FROM journeys")[0]

    @property
    def n_customers(self) -> int:
        """Different customers among the journeys."""
        # where each customer is a journey both have one number, which is told far sooner than customers are counted
        if self.once("alone", "SELECT bool_and(customer = journey) FROM journeys")[0]:
            return self.n_journeys
        return self.once("n_customers", "SELECT count(DISTINCT customer) FROM journeys")[0]

    def groups(self, most: int) -> str:
        """SQL of what intervals take for independent of each other: customers; beyond `MANY` of them `most` groups, a power of
        two, that they fall into by chance (their number is a hash). Sums over groups tell the variance as well, a standard
        error to some 1 / √(2·most), and cost a fraction of sums over customers (random groups: Wolter 2007, Introduction to
        Variance Estimation, chapter 2)."""
        lots = self.lots(most)
        return f"(customer & {lots - 1})" if lots else "customer"

    def lots(self, most: int = USUAL) -> int:
        """How many groups `groups` are that customers fall into by chance; 0: they are customers."""
        return 0 if self.n_customers <= MANY else most

    @property
    def cluster(self) -> str:
        """The usual `groups`: 4,096."""
        return self.groups(USUAL)

    @functools.cached_property
    def touchpoints(self) -> dict[str, int]:
        """Every touchpoint of the store and its code, in the order of the names; also those no journey here has."""
        found = self._names("touchpoints", "touchpoint", "code")
        return {name: code for code, name in enumerate(found)}

    @functools.cached_property
    def marks(self) -> dict[str, tuple[str, ...]]:
        """Of channel, owner and stage those that events of the store have here, each with its names by code: the number of
        its place here is what `steps` has as <mark>_code. Also names that no journey here has."""
        held = [mark for mark in marks.MARKS if mark in self.columns]
        return {mark: self._names(marks.names(mark), mark, marks.code(mark)) for mark in held}

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of `details` beside journey and seq."""
        with self._asking() as cursor:
            return tuple(detailed(cursor))

    def _names(self, table: str, column: str, code: str) -> tuple[str, ...]:
        cache = self._tables.cache
        if table not in cache:
            with self._asking() as cursor:
                rows = cursor.execute(f"SELECT {column} FROM {table} ORDER BY {code}").fetchall()
            cache[table] = tuple(row[0] for row in rows)
        return cache[table]


class _Holding(Prepared):
    # asks through the one cursor that sees the temporary table; not for several threads
    def __init__(self, of: Prepared, cursor: duckdb.DuckDBPyConnection) -> None:
        vars(self).update(vars(of))
        self._cursor = cursor

    @contextlib.contextmanager
    def _asking(self) -> Iterator[duckdb.DuckDBPyConnection]:
        self._gate.check(self._ticket)
        yield self._cursor


def prepared(study: Study) -> Prepared:
    """The study's tables: from this process, else the file beside the store, else made now (about two sorts of the events).
    StoreError where the store can't be read; NotFound where a filter or the rule asks for what isn't there."""
    from workbench.store import Store

    store = Store(study.store)
    asking = gate(_key(study))
    handle = Prepared.__new__(Prepared)
    manifest = store.manifest(study.version)
    base_key = (str(store.path.resolve()), study.version, study.rule, study.timezone, *_engine(study))
    read = [name for name in ("events", "customers") if name in manifest.tables]
    events, customers = (manifest.tables[name].files if name in read else () for name in ("events", "customers"))
    ticket = asking.ticket()

    def make() -> Tables:
        file = store.prepared_dir / _file_name(study)
        if study.settings.engine == "spark":
            what = (events, customers, study.rule, study.timezone)
            made = opened(study.settings.master, file.with_suffix(".spark"), lambda spark: _write(spark, asking, ticket, *what))
            return _held(made, study)
        return _open(events, customers, study.rule, file, asking, ticket, study)

    tables = _bases.get(base_key, make)
    if study.filters:
        base = tables
        tables = _narrowed.get((*base_key, study.filters), lambda: _narrow(base, study, asking, ticket))
    provenance = Provenance(
        manifest.name,
        manifest.synthetic,
        study.store,
        study.version,
        manifest.created_at,
        tuple(read),
        study.timezone,
    )
    handle.__init__(tables, asking, provenance, study)
    handle._ticket = ticket
    return handle


def either(first: Study, second: Study) -> Study:
    """The journeys of two studies of the same store, version, rule and zone, each journey once."""
    if not first.filters or not second.filters:
        return first.unfiltered()
    return dataclasses.replace(first, filters=(filters.Either(first.filters, second.filters),))


def together(first: Study, second: Study) -> Prepared:
    """The tables of `either`."""
    return prepared(either(first, second))


def build(
    events: Path | str | Sequence[Path | str],
    rule: Rule | None = None,
    *,
    target: Path | str | None = None,
    customers: Sequence[Path | str] = (),
    keep: Sequence[str] | None = None,
    timezone: str = "UTC",
    threads: int = 0,
    memory_limit: str = "",
    engine: str = "duckdb",
    master: str = "",
) -> Prepared:
    """Prepared tables straight from Parquet files with the model's columns, without a store: in memory, or in the DuckDB
    file `target`. `rule` defaults to one journey a customer; `keep` are the columns of `details` (None: all).
    NotEnoughData where there are no events."""
    files = [Path(events)] if isinstance(events, str | Path) else [Path(one) for one in events]
    asking = Gate()
    if engine == "spark":
        spark = SparkConnection(session(master), Path(target) if target else None)
        _write(spark, asking, 0, files, [Path(one) for one in customers], rule or Rule("customer"), timezone, keep)
        return Prepared(Tables(spark, "base.main", timezone), asking)
    connection = connect(threads, memory_limit)
    place = f"{literal(target)} AS base" if target else "':memory:' AS base"
    connection.execute(f"ATTACH {place}")
    _write(connection, asking, 0, files, [Path(one) for one in customers], rule or Rule("customer"), timezone, keep)
    _lock_up(connection)
    return Prepared(Tables(connection, "base.main", timezone), asking)


def interrupt(study: Study) -> int:
    """Stops all that runs for this study, in whichever thread: it ends in Cancelled. Says how many queries were stopped."""
    return gate(_key(study)).stop()


def progress(study: Study) -> float:
    """How far the running query of this study is, 0 to 1; -1 where that is not known."""
    return gate(_key(study)).progress()


def _key(study: Study) -> Hashable:
    return (study.store, study.version, study.rule, study.timezone, study.filters, *_engine(study))


def _engine(study: Study) -> tuple[str, str]:
    return study.settings.engine, study.settings.master


def _file_name(study: Study) -> str:
    said = repr((study.rule, study.timezone, FORMAT, duckdb.__version__))
    return f"{study.version:06}-{hashlib.sha256(said.encode()).hexdigest()[:16]}.duckdb"


_bases, _narrowed = Kept(_BASES_KEPT), Kept(_NARROWED_KEPT)


def _lock_up(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("SET enable_external_access = false; SET lock_configuration = true")


def _write(connection, asking: Gate, ticket: int, *what) -> None:
    with asking.asking(connection, ticket) as cursor:
        cursor.execute("USE base.main")
        write_tables(cursor, *what)


def _open(events, customers, rule: Rule, file: Path, asking: Gate, ticket: int, study: Study) -> Tables:
    connection = connect(study.settings.threads, study.settings.memory_limit)
    try:
        if not _attach(connection, file):
            what = (events, customers, rule, study.timezone)
            try:
                _write_file(study, file, asking, ticket, what)
                if not _attach(connection, file):
                    raise OSError(f"{file} can't be read back")
            except (OSError, duckdb.IOException, duckdb.FatalException):
                # not writable, or no room: the same tables in memory
                connection.execute("ATTACH ':memory:' AS base")
                _write(connection, asking, ticket, *what)
        _lock_up(connection)
    except duckdb.IOException as error:
        connection.close()
        raise StoreError("engine.unreadable", store=study.store, found=str(error).splitlines()[0]) from None
    except BaseException:
        connection.close()
        raise
    return _held(connection, study)


def _held(connection: duckdb.DuckDBPyConnection | SparkConnection, study: Study) -> Tables:
    made = Tables(connection, "base.main", study.timezone)
    weakref.finalize(made, connection.close)
    return made


def _attach(connection: duckdb.DuckDBPyConnection, file: Path) -> bool:
    if not file.is_file():
        return False
    try:
        connection.execute(f"ATTACH {literal(file)} AS base (READ_ONLY)")
    except duckdb.Error:
        return False  # damaged or of another DuckDB: it is made anew
    return True


def _write_file(study: Study, file: Path, asking: Gate, ticket: int, what: tuple) -> None:
    file.parent.mkdir(exist_ok=True)
    unfinished = file.with_name(f"{file.name}.{uuid.uuid4().hex[:8]}.tmp")
    # a database of its own: when the disk fills, what was begun can't be detached any more, only closed
    connection = connect(study.settings.threads, study.settings.memory_limit)
    try:
        with contextlib.closing(connection):
            connection.execute(f"ATTACH {literal(unfinished)} AS base")
            _write(connection, asking, ticket, *what)
            connection.execute("DETACH base")
        with contextlib.suppress(PermissionError):  # where an open file can't be replaced, the one that is there is as good
            os.replace(unfinished, file)
    finally:
        for rest in (unfinished, unfinished.with_name(unfinished.name + ".wal")):
            rest.unlink(missing_ok=True)
    for old in sorted(file.parent.glob("*.duckdb"), key=lambda one: one.stat().st_mtime)[:-_FILES_KEPT]:
        old.unlink(missing_ok=True)


def _narrow(base: Tables, study: Study, asking: Gate, ticket: int) -> Tables:
    schema = f"memory.narrowed{next(_numbers)}"
    with asking.asking(base.connection, ticket) as cursor:
        cursor.execute("USE base.main")
        filters.write_kept(cursor, schema, study)
    made = Tables(base.connection, schema, study.timezone, base)
    weakref.finalize(made, _drop, base.connection, schema)
    return made


def _drop(connection: duckdb.DuckDBPyConnection, schema: str) -> None:
    with contextlib.suppress(duckdb.Error):  # the connection may be closed by now, and with it the schema
        connection.cursor().execute(f"DROP SCHEMA {schema} CASCADE")
