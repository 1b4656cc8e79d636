"""What DuckDB's connections and cursors are to the rest of the engine, over Spark: the same calls, the same SQL.

Tables are views of one Spark session, called <schema>__<table>. What a statement makes as a table is computed at once and kept:
in memory and on the workers' disks, or, where the connection has a folder, as Parquet files there.
"""

from __future__ import annotations

import decimal
import functools
import itertools
import json
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from workbench.engine.spark.session import own_session
from workbench.engine.spark.statements import KINDS, Statement, first_word, view_name
from workbench.errors import BadInput, Cancelled, StoreError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

_numbers = itertools.count()


class SparkConnection:
    """A session of its own, with tables of its own, on a Spark that others use as well."""

    def __init__(self, session: SparkSession, folder: Path | None = None) -> None:
        self.session = own_session(session)
        self.folder = folder
        self.schema = "main"
        self.views: set[str] = set()
        self.read: dict[tuple, DataFrame] = {}

    def cursor(self) -> SparkCursor:
        return SparkCursor(self)

    def show(self, name: str, folder: Path) -> None:
        """A table that lies in a folder."""
        self.session.read.parquet(str(folder)).createOrReplaceTempView(name)
        self.views.add(name)

    def close(self) -> None:
        """Lets go of all tables."""
        self.drop(list(self.views))

    def drop(self, names: Iterable[str]) -> None:
        """Forgets these views; what they held goes with them."""
        if self.session.sparkContext._jsc is None:
            return  # Spark is over, and with it all that it held
        for name in names:
            self.views.discard(name)
            self.session.catalog.dropTempView(name)


class SparkCursor:
    """One statement at a time; `interrupt`, from any thread, ends it in Cancelled."""

    def __init__(self, connection: SparkConnection) -> None:
        self.connection = connection
        self.schema = connection.schema
        self.own = f"own{next(_numbers)}"  # where temporary tables lie: nobody else sees them
        self.temporary: set[str] = set()
        self._group = f"workbench-{uuid.uuid4().hex}"
        self._stopped = False
        self._found: DataFrame | None = None
        self._rows: list[tuple] | None = None

    def execute(self, sql: str, values: object = None) -> SparkCursor:
        """Runs a statement that makes something; of a question only the answer, once it is fetched."""
        self._found, self._rows = None, None
        other = {"USE": self._use, "DESCRIBE": self._describe, "DROP": self._drop, "SET": _nothing, "ALTER": _nothing}
        word = first_word(sql)
        if word in other:
            other[word](sql)
        elif word == "CREATE" and re.match(r"\s*CREATE\s+SCHEMA", sql):
            pass  # views lie in none
        else:
            self._run(sql, values)
        return self

    def sql(self, sql: str, params: object = None) -> SparkCursor:
        return self.execute(sql, params)

    def run(self, sql: str) -> None:
        """The same for `CREATE TEMP TABLE|VIEW x AS …` in Spark's own dialect; its tables are called @name."""
        kind, name, text = re.match(r"\s*CREATE TEMP (TABLE|VIEW) (\w+) AS\s+(.*)", sql, re.DOTALL).groups()
        text = re.sub(r"@(\w+)", lambda found: view_name(self.own, found[1]), text)
        self._asking()
        found = self._answered(lambda: self.connection.session.sql(text))
        self._make(Statement(text, kind.lower(), view_name(self.own, name), True), found)

    def _run(self, sql: str, values: object) -> None:
        bound, lists = _bound(values)
        from sqlglot.errors import SqlglotError

        from workbench.engine.spark.rendering import rendered

        try:
            said = rendered(sql, self.schema, lists, self.own, tuple(sorted(self.temporary)))
        except SqlglotError as error:
            raise BadInput("engine.not_on_spark", found=str(error).splitlines()[0]) from error
        for view, files, placed in said.files:
            shown = self._answered(functools.partial(_shown, self.connection, files, placed))
            shown.createOrReplaceTempView(view_name("read", view))
        self._asking()
        for part in said.before:
            self._hold(part, bound)
        found = self._answered(lambda: self.connection.session.sql(said.text, args=bound))
        self.connection.drop([part.name for part in said.before])
        if said.makes:
            self._make(said, found)
        else:
            self._found = found

    def _hold(self, part: Statement, bound: Mapping[str, object]) -> None:
        # lazily: reckoned with the first that reads it, and kept for the others
        session = self.connection.session
        found = self._answered(lambda: session.sql(part.text, args=bound).localCheckpoint(eager=False))
        found.createOrReplaceTempView(part.name)
        self.connection.views.add(part.name)

    def _make(self, said: Statement, found: DataFrame) -> None:
        connection = self.connection
        if said.makes == "table":
            if connection.folder is not None and not said.temporary:
                place = str(connection.folder / said.name)
                self._answered(lambda: found.write.mode("overwrite").parquet(place))
                found = connection.session.read.parquet(place)
            else:
                # not `persist`: Spark finds what it holds by comparing plans, doesn't always, and then reads all files anew
                found = self._answered(lambda: found.localCheckpoint(eager=True))
        found.createOrReplaceTempView(said.name)
        connection.views.add(said.name)
        if said.temporary:
            self.temporary.add(said.name.partition("__")[2])

    def _use(self, sql: str) -> None:
        self.schema = sql.split()[1].rpartition(".")[2]

    def _describe(self, sql: str) -> None:
        what = re.match(r"\s*DESCRIBE\s+(.*)", sql, re.DOTALL)[1]
        if first_word(what) == "SELECT":
            self._run(what, None)
        else:
            schema, _, table = what.strip().rpartition(".")
            self._found = self.connection.session.table(view_name(schema or self.schema, table))
        self._rows = [(field.name, field.dataType.simpleString()) for field in self._found.schema.fields]

    def _drop(self, sql: str) -> None:
        schema = re.match(r"\s*DROP\s+SCHEMA\s+(\S+)", sql)[1].rpartition(".")[2]
        self.connection.drop([name for name in self.connection.views if name.startswith(f"{schema}__")])

    def drop_temporary(self) -> None:
        """What `write_cut` made; what was made of it is whole by now."""
        self.connection.drop([view_name(self.own, name) for name in self.temporary])
        self.temporary.clear()

    def fetchall(self) -> list[tuple]:
        """All rows that are left, as plain values."""
        if self._rows is None:
            self._asking()
            self._rows = [tuple(map(_plain, row)) for row in self._answered(self._found.collect)]
        rows, self._rows = self._rows, []
        return rows

    def fetchone(self) -> tuple | None:
        rows = self.fetchall()
        self._rows = rows[1:]
        return rows[0] if rows else None

    def to_arrow_table(self) -> pa.Table:
        self._asking()
        return _narrow(self._answered(self._found.toArrow))

    def df(self) -> pd.DataFrame:
        """As DuckDB gives it: by way of DuckDB, so that all kinds of columns are the same."""
        table = self.to_arrow_table()
        with duckdb.connect() as connection:
            return connection.from_arrow(table).df()

    def _asking(self) -> None:
        if self._stopped:
            raise Cancelled("engine.cancelled")
        self.connection.session.sparkContext.setJobGroup(self._group, "customer-journey workbench", interruptOnCancel=True)

    def _answered(self, ask):
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        try:
            return ask()
        except (PySparkException, Py4JError) as error:
            if self._stopped:
                raise Cancelled("engine.cancelled") from None
            raise StoreError("engine.spark_failed", found=str(error).splitlines()[0]) from error

    def interrupt(self) -> None:
        self._stopped = True
        self.connection.session.sparkContext.cancelJobGroup(self._group)

    def query_progress(self) -> float:
        """Of the tasks of the running stages, how many are done, in percent; -1 where none is known."""
        tracker = self.connection.session.sparkContext.statusTracker()
        jobs = [tracker.getJobInfo(job) for job in tracker.getJobIdsForGroup(self._group)]
        stages = [tracker.getStageInfo(stage) for job in jobs if job and job.status == "RUNNING" for stage in job.stageIds]
        total = sum(stage.numTasks for stage in stages if stage)
        return 100 * sum(stage.numCompletedTasks for stage in stages if stage) / total if total else -100.0

    def close(self) -> None:
        self._found = self._rows = None
        self.drop_temporary()


def _nothing(sql: str) -> None:
    # settings of DuckDB, and narrower types: Spark has its own way with both
    return None


def _bound(values: object) -> tuple[dict[str, object], tuple[tuple[str, str], ...]]:
    # lists go as JSON (Spark reads Infinity too): an array of a thousand literals takes Spark a thousand calls
    named = dict(values) if isinstance(values, Mapping) else {f"p{number}": one for number, one in enumerate(values or ())}
    lists = {}
    for name, one in named.items():
        if isinstance(one, list | tuple):
            plain = [each.item() if hasattr(each, "item") else each for each in one]
            kinds = {type(each) for each in plain if each is not None}
            kind = float if kinds == {int, float} else next(iter(kinds), str)
            lists[name] = KINDS[kind]
            named[name] = json.dumps(plain)
        elif hasattr(one, "item"):
            named[name] = one.item()
    return named, tuple(sorted(lists.items()))


def _shown(connection: SparkConnection, files: Sequence[str], placed: bool) -> DataFrame:
    # each is looked into once. Spark may hold what it read of a file of that name before: time and size tell another one apart
    known = [Path(file).stat() if "://" not in file else None for file in files]
    stamps = [f"{one.st_mtime_ns}-{one.st_size}" if one else "" for one in known]
    key = (*files, *stamps, placed)
    if key not in connection.read:
        whole = None
        for number, (file, stamp) in enumerate(zip(files, stamps, strict=True)):
            columns = ["*", "_metadata.row_index AS file_row_number", f"{number} AS file_index"] if placed else ["*"]
            one = connection.session.read.option("stamp", stamp).parquet(file).selectExpr(*columns)
            whole = one if whole is None else whole.unionByName(one, allowMissingColumns=True)
        connection.read[key] = whole
    return connection.read[key]


def _plain(value: object) -> object:
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _narrow(table: pa.Table) -> pa.Table:
    # whole numbers wider than 64 bits come as decimals, as DuckDB gives them as doubles
    import pyarrow as pa

    for place, field in enumerate(table.schema):
        if pa.types.is_decimal(field.type):
            table = table.set_column(place, field.name, table.column(place).cast(pa.float64()))
    return table
