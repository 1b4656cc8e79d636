"""From events to prepared tables: one pass of plain window functions, no global sort.

Variants are told apart by `shape = sum(hash(seq, code))`, a 128-bit sum of 64-bit hashes. Equal sequences always have equal
shapes. Two different ones collide with a chance of about 2^-64, so among v variants some pair does with about v^2 / 2^65:
3e-14 for a thousand variants, 3e-8 for a million. Lengths are compared as well, which only helps.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from workbench.engine import clock, cutting, marks
from workbench.engine.numbering import number_sql, write_numbered
from workbench.engine.running import literal, quoted
from workbench.errors import NotEnoughData
from workbench.model import Rule

#: columns of events that `steps` holds in its own way, or that no question needs
_TAKEN = ("customer_id", "occurred_at", "touchpoint", "event_id", "source_row", "row_order", "ord", "journey", "seq")
#: of several files: their order, then that of their rows
_PLACE = f"(file_index * {2**40} + file_row_number)"
_WIDE = 2**32  # beyond every code


def write_tables(
    cursor: duckdb.DuckDBPyConnection,
    events: Sequence[Path],
    customers: Sequence[Path],
    rule: Rule,
    timezone: str,
    keep: Sequence[str] | None = None,
) -> None:
    """Writes the prepared tables (see `workbench.engine`) of the Parquet files `events` into the cursor's current database.
    Events of the same time stand in the order of `row_order`, else in that of the files. `keep`: which other columns of
    events `details` holds (None: all). NotEnoughData without events."""
    # only the greedy windows read a table back in its order; all else is faster and smaller without
    cursor.execute(f"SET preserve_insertion_order = {str(rule.kind == 'window').lower()}")
    columns = _columns(cursor, events)
    source = _read(events)
    order = "row_order" if "row_order" in columns else "file_row_number" if len(events) == 1 else _PLACE
    # all of this is read from Parquet's own statistics; the greatest place of several files would not be
    most = {"row_order": "max(row_order)", "file_row_number": "count(*)"}.get(order, f"{len(events) * 2**40}")
    first, last, n, places = cursor.execute(
        f"SELECT epoch_us(min(occurred_at)), epoch_us(max(occurred_at)), count(*), {most} FROM {source}"
    ).fetchone()
    if not n:
        raise NotEnoughData("engine.no_events")
    kept = [name for name in columns if name.lower() not in _TAKEN and (keep is None or name in keep)]
    held = [mark for mark in marks.MARKS if mark in kept]
    plain = _read(events, "")  # the places of rows are not for nothing
    _write_touchpoints(cursor, plain, "stage" in columns)
    marks.write_names(cursor, plain, held)
    salt = _write_customers(cursor, plain, customers)
    # half as wide where the places fit: the sort within the windows is then an eighth faster
    order = f"({order})::{'INTEGER' if places < 2**31 else 'BIGINT'}"
    cutting.write_cut(cursor, source, order, rule, columns, number_sql("e.customer_id::VARCHAR", salt), held)
    _write_shared(cursor, rule)
    extras = [name for name in kept if name not in held]
    # an event's place is what its extras are found by: without any, writing it for all is a waste
    event = f"happened{', ord' if extras else ''}{marks.codes(held)}"
    _write_steps(cursor, rule, event, clock.same_day_sql("happened", "dt", timezone, first, last))
    _write_journeys(cursor, rule)
    _write_extras(cursor, source, order, extras)
    write_details(cursor, "base.main", kept)


def _columns(cursor: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> dict[str, str]:
    if not files:
        raise NotEnoughData("engine.no_events")
    return {row[0]: row[1] for row in cursor.execute(f"DESCRIBE SELECT * FROM {_read(files, '')}").fetchall()}


def _read(files: Sequence[Path], more: str = ", file_row_number = true") -> str:
    # columns by name take time, which one file alone doesn't need
    named = ", union_by_name = true" if len(files) > 1 else ""
    return f"read_parquet([{', '.join(literal(file) for file in files)}]{named}{more})"


def _write_touchpoints(cursor: duckdb.DuckDBPyConnection, source: str, staged: bool) -> None:
    # each touchpoint with the stage that most of its events have (the first by name among equals)
    stage = "stage" if staged else "NULL::VARCHAR"
    cursor.execute(f"""
        CREATE TABLE touchpoints AS
        WITH counted AS (SELECT touchpoint, {stage} AS stage, count(*) AS n FROM {source} GROUP BY ALL),
        named AS (
            SELECT touchpoint, arg_min(stage, (-n, stage)) FILTER (stage IS NOT NULL) AS stage
            FROM counted GROUP BY touchpoint
        )
        SELECT row_number() OVER (ORDER BY touchpoint) - 1 AS code, touchpoint, stage FROM named ORDER BY code""")
    kinds = cursor.execute("SELECT count(*) FROM touchpoints").fetchone()[0]
    cursor.execute(f"ALTER TABLE touchpoints ALTER code TYPE {'SMALLINT' if kinds <= 32_000 else 'INTEGER'}")


def _write_customers(cursor: duckdb.DuckDBPyConnection, source: str, files: Sequence[Path]) -> int:
    # everyone with an event or a row in the customers table; of several rows about one customer the last loaded holds.
    # Says by which salt they are numbered
    ids = f"SELECT DISTINCT customer_id::VARCHAR AS customer_id FROM {source}"
    if not files:
        return write_numbered(cursor, "TABLE customers", ids, "customer", "customer_id")
    columns = _columns(cursor, files)
    order = "row_order" if "row_order" in columns else "file_index, file_row_number"
    table = _read(files)
    ours = ("customer", "customer_id", "source_row", "row_order")
    kept = "".join(", " + quoted(name) for name in columns if name not in ours)
    everyone = f"""
        WITH last_of_each AS (SELECT customer_id{kept} FROM {table}
            QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY ({order}) DESC) = 1)
        SELECT customer_id{kept} FROM ({ids} UNION SELECT customer_id FROM last_of_each) LEFT JOIN last_of_each
            USING (customer_id)"""
    return write_numbered(cursor, "TABLE customers", everyone, "customer", "customer_id", kept)


def _write_shared(cursor: duckdb.DuckDBPyConnection, rule: Rule) -> None:
    # journeys with events of several customers: only a case can be such
    some = "GROUP BY journey HAVING min(customer) <> max(customer)" if rule.kind == "case" else "LIMIT 0"
    cursor.execute(f"CREATE TABLE shared AS SELECT journey FROM cut {some}")


def _write_steps(cursor: duckdb.DuckDBPyConnection, rule: Rule, event: str, same_day: str) -> None:
    # only a case may be several customers'; where a customer is a journey, the number isn't written twice
    alone = rule.kind == "customer"
    whose = {"case": ", first_value(customer) OVER w AS customer", "customer": ""}.get(rule.kind, ", customer")
    cursor.execute(f"""
        CREATE TABLE walked AS
        SELECT journey{"" if alone else ", customer"}, seq, code, nxt, dt, ({same_day}) IS NOT TRUE AS lday, {event}
        FROM (
            SELECT journey{whose}, (row_number() OVER w)::INTEGER AS seq, code,
                lead(code) OVER w AS nxt, (lead(happened) OVER w) - happened AS dt, {event}
            FROM cut WINDOW w AS (PARTITION BY journey ORDER BY happened, ord)
        )""")
    write_steps(cursor, "base.main")
    cutting.drop_cut(cursor)


def write_steps(cursor: duckdb.DuckDBPyConnection, schema: str) -> None:
    """`steps` as a view of the schema's `walked`, which holds no column that is the same as another, or empty."""
    found = {row[0] for row in cursor.execute(f"DESCRIBE {schema}.walked").fetchall()}
    whose = "" if "customer" in found else ", journey AS customer"
    absent = "".join(f", NULL::UTINYINT AS {marks.code(mark)}" for mark in marks.MARKS if marks.code(mark) not in found)
    cursor.execute(f"CREATE VIEW {schema}.steps AS SELECT *{whose}{absent} FROM {schema}.walked")


def _write_journeys(cursor: duckdb.DuckDBPyConnection, rule: Rule) -> None:
    # place and touchpoint in one number: its least and its greatest tell both ends, for less than sums with conditions
    whose, theirs = ("journey", "") if rule.kind == "customer" else ("customer", ", max(customer) AS customer")
    kind = cursor.execute("SELECT typeof(code) FROM touchpoints").fetchone()[0]
    cursor.execute(f"""
        CREATE TABLE journeys AS
        SELECT journey, {whose} AS customer, (final // {_WIDE})::INTEGER AS n_steps, (earliest - {_WIDE})::{kind} AS entry,
            (final % {_WIDE})::{kind} AS "exit", started, ended, shape
        FROM (
            SELECT journey{theirs}, min(placed) AS earliest, max(placed) AS final, min(happened) AS started,
                max(happened) AS ended, sum(hash(seq, code)) AS shape
            FROM (SELECT *, seq * {_WIDE} + code AS placed FROM steps) GROUP BY journey
        )""")


def _write_extras(cursor: duckdb.DuckDBPyConnection, source: str, order: str, kept: Sequence[str]) -> None:
    # in the order of the files, beside `steps`: loading costs no second sort, and only filters ask for these
    if kept:
        names = "".join(", " + quoted(name) for name in kept)
        cursor.execute(f"CREATE TABLE extras AS SELECT {order} AS ord{names} FROM {source}")


def write_details(cursor: duckdb.DuckDBPyConnection, schema: str, kept: Sequence[str]) -> None:
    """`details` as a view of the schema's `steps`, with these columns."""
    held = [name for name in kept if name in marks.MARKS]
    shown = "".join(f", {marks.names(name) if name in held else 'extras'}.{quoted(name)}" for name in kept)
    beside = "" if len(held) == len(kept) else " JOIN base.main.extras ON extras.ord = steps.ord"
    for mark in held:
        table, code = marks.names(mark), marks.code(mark)
        beside += f" LEFT JOIN base.main.{table} ON {table}.{code} = steps.{code}"
    cursor.execute(f"CREATE VIEW {schema}.details AS SELECT steps.journey, steps.seq{shown} FROM {schema}.steps{beside}")


def detailed(cursor: duckdb.DuckDBPyConnection) -> list[str]:
    """The columns of `details` beside journey and seq."""
    return [row[0] for row in cursor.execute("DESCRIBE base.main.details").fetchall()][2:]
