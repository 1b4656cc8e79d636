"""What DuckDB's connections and cursors are to the rest of the engine, over Spark: the same calls, the same SQL.

Tables are views of one Spark session, called <schema>__<table>; what a statement makes as a table is computed at once, and kept:
in memory and on the workers' disks, or, where the connection has a folder, as Parquet files there.
"""

from __future__ import annotations

import datetime as dt
import decimal
import itertools
import json
import re
import shutil
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from workbench.engine.spark.rendering import KINDS, Statement, first_word, rendered, view_name
from workbench.engine.spark.session import own_session
from workbench.errors import Cancelled

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
        self.kept: dict[str, DataFrame] = {}  # by the name of its view: what is held in memory
        self.views: dict[str, bool] = {}  # name -> whether it is temporary

    def cursor(self) -> SparkCursor:
        return SparkCursor(self)

    def close(self) -> None:
        """Lets go of what is held in memory."""
        self.drop(list(self.views))

    def drop(self, names: Sequence[str]) -> None:
        for name in names:
            self.views.pop(name, None)
            self.session.catalog.dropTempView(name)
            held = self.kept.pop(name, None)
            if held is not None:
                held.unpersist()


class SparkCursor:
    """One statement at a time; `interrupt`, from any thread, ends it in Cancelled."""

    def __init__(self, connection: SparkConnection) -> None:
        self.connection = connection
        self.schema = connection.schema
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
        text = re.sub(r"@(\w+)", lambda found: view_name(self.schema, found[1]), text)
        self._asking()
        found = self._answered(lambda: self.connection.session.sql(text))
        self._make(Statement(text, kind.lower(), view_name(self.schema, name), True), found)

    def _run(self, sql: str, values: object) -> None:
        bound, lists = _bound(values)
        said = rendered(sql, self.schema, lists)
        for view, files, placed in said.files:
            _show(self.connection, view_name("read", view), files, placed)
        self._asking()
        found = self._answered(lambda: self.connection.session.sql(said.text, args=bound))
        if said.makes:
            self._make(said, found)
        else:
            self._found = found

    def _make(self, said: Statement, found: DataFrame) -> None:
        connection = self.connection
        if said.makes == "table":
            if connection.folder is not None and not said.temporary:
                place = str(connection.folder / said.name)
                self._answered(lambda: found.write.mode("overwrite").parquet(place))
                found = connection.session.read.parquet(place)
            else:
                found = found.persist()
                self._answered(found.count)
                connection.kept[said.name] = found
        found.createOrReplaceTempView(said.name)
        connection.views[said.name] = said.temporary

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
        self.connection.drop([name for name, temporary in self.connection.views.items() if temporary])

    def fetchall(self) -> list[tuple]:
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
        from pyspark.errors import PySparkException

        try:
            return ask()
        except PySparkException:
            if self._stopped:
                raise Cancelled("engine.cancelled") from None
            raise

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


def _nothing(sql: str) -> None:
    # settings of DuckDB, and narrower types: Spark has its own way with both
    return None


def _bound(values: object) -> tuple[dict[str, object], tuple[tuple[str, str], ...]]:
    # lists go as JSON: an array of a thousand literals takes Spark a thousand calls
    named = dict(values) if isinstance(values, Mapping) else {f"p{number}": one for number, one in enumerate(values or ())}
    lists = {}
    for name, one in named.items():
        if isinstance(one, list | tuple):
            plain = [each.item() if hasattr(each, "item") else each for each in one]
            kinds = {type(each) for each in plain if each is not None}
            kind = float if kinds == {int, float} else next(iter(kinds), str)
            lists[name] = KINDS[kind]
            named[name] = json.dumps(plain, allow_nan=False)
        elif hasattr(one, "item"):
            named[name] = one.item()
    return named, tuple(sorted(lists.items()))


def _show(connection: SparkConnection, view: str, files: Sequence[str], placed: bool) -> None:
    # Spark may hold what it read of a file of that name before: time and size tell another one apart
    session, whole = connection.session, None
    for number, file in enumerate(files):
        known = Path(file).stat() if "://" not in file else None
        reader = session.read.option("stamp", f"{known.st_mtime_ns}-{known.st_size}" if known else "")
        columns = ["*", "_metadata.row_index AS file_row_number", f"{number} AS file_index"] if placed else ["*"]
        one = reader.parquet(file).selectExpr(*columns)
        whole = one if whole is None else whole.unionByName(one, allowMissingColumns=True)
    whole.createOrReplaceTempView(view)


def _plain(value: object) -> object:
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dt.datetime | list):
        return value
    return value


def _narrow(table: pa.Table) -> pa.Table:
    # whole numbers wider than 64 bits come as decimals, as DuckDB gives them as doubles
    import pyarrow as pa

    for place, field in enumerate(table.schema):
        if pa.types.is_decimal(field.type):
            table = table.set_column(place, field.name, table.column(place).cast(pa.float64()))
    return table


def fresh_folder(folder: Path) -> Path:
    """`folder`, empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
