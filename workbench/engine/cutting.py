"""The rules by which events are cut into journeys: each writes `cut` (journey, customer, code, happened, ord, marks' codes)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb
import numpy as np

from workbench.engine import marks
from workbench.engine.numbering import number_sql, write_numbered
from workbench.engine.spark.cursor import SparkCursor
from workbench.engine.spark.cutting import write_anchored, write_windows
from workbench.errors import NotFound
from workbench.model import Rule, microseconds


def write_cut(
    cursor: duckdb.DuckDBPyConnection,
    source: str,
    order: str,
    rule: Rule,
    columns: Iterable[str],
    whose: str,
    held: Sequence[str],
) -> None:
    """`cut` as a temporary view or table; `order` is SQL for the place of an event among all, `whose` for its
    customer's number; `held`: the marks whose codes are wanted. NotFound where the rule asks for a touchpoint or a column that
    isn't there. Journeys are BIGINT."""
    case = ", e.case_id" if rule.kind == "case" else ""
    if case and "case_id" not in columns:
        raise NotFound("unknown_column", asked="case_id", exists=columns)
    tables = {mark: marks.names(mark) for mark in held}
    known = "".join(f" LEFT JOIN {table} ON {table}.{mark} = e.{mark}" for mark, table in tables.items())
    codes = "".join(f", {table}.{marks.code(mark)}" for mark, table in tables.items())
    cursor.execute(f"""
        CREATE TEMP VIEW plain AS
        SELECT {whose} AS customer, t.code, epoch_us(e.occurred_at) AS happened, {order} AS ord{codes}{case}
        FROM {source} AS e JOIN touchpoints AS t ON t.touchpoint = e.touchpoint{known}""")
    rules = {"case": _case, "customer": _customer, "gap": _gap, "window": _window, "anchor": _anchor}
    rules[rule.kind](cursor, rule, f"code, happened, ord{marks.codes(held)}")


def drop_cut(cursor: duckdb.DuckDBPyConnection) -> None:
    """Removes what `write_cut` left."""
    if isinstance(cursor, SparkCursor):
        return cursor.drop_temporary()
    # what stands on others goes first; information_schema would take as long as all the rest of a small log
    for kind in ("view", "table"):
        found = cursor.execute(f"SELECT {kind}_name FROM duckdb_{kind}s() WHERE temporary AND NOT internal").fetchall()
        for (name,) in found:
            cursor.execute(f'DROP {kind} temp."{name}"')


def _customer(cursor: duckdb.DuckDBPyConnection, rule: Rule, event: str) -> None:
    cursor.execute(f"CREATE TEMP VIEW cut AS SELECT customer AS journey, customer, {event} FROM plain")


def _case(cursor: duckdb.DuckDBPyConnection, rule: Rule, event: str) -> None:
    # events without a case are their customer's journey, with numbers that no case has
    cases = "SELECT DISTINCT case_id::VARCHAR AS case_id FROM plain WHERE case_id IS NOT NULL"
    number = number_sql("case_id::VARCHAR", write_numbered(cursor, "TEMP TABLE cases", cases, "journey", "case_id"))
    cursor.execute(f"""
        CREATE TEMP VIEW cut AS
        SELECT CASE WHEN case_id IS NULL THEN -1 - customer ELSE {number} END AS journey, customer, {event}
        FROM plain""")


def _gap(cursor: duckdb.DuckDBPyConnection, rule: Rule, event: str) -> None:
    # a journey has the number of its first event
    cursor.execute(f"""
        CREATE TEMP VIEW cut AS
        WITH placed AS (
            SELECT *, happened - (lag(happened) OVER w) AS pause
            FROM plain WINDOW w AS (PARTITION BY customer ORDER BY happened, ord)
        )
        SELECT last_value(CASE WHEN pause IS NULL OR pause > {microseconds(rule.gap)} THEN ord::BIGINT END IGNORE NULLS) OVER (
                PARTITION BY customer ORDER BY happened, ord ROWS UNBOUNDED PRECEDING
            ) AS journey, customer, {event}
        FROM placed""")


def _window(cursor: duckdb.DuckDBPyConnection, rule: Rule, event: str) -> None:
    # where a window begins depends on where the one before began: plain windows can't say that, so every event is given the
    # event that would begin the next window, and these pointers are followed for all customers at once
    if isinstance(cursor, SparkCursor):
        return write_windows(cursor, event, microseconds(rule.window))
    cursor.execute(f"""
        CREATE TEMP TABLE placed AS
        SELECT customer, {event}, row_number() OVER (PARTITION BY customer ORDER BY happened, ord) AS place,
            count(*) OVER (
                PARTITION BY customer ORDER BY happened
                RANGE BETWEEN UNBOUNDED PRECEDING AND {microseconds(rule.window)} FOLLOWING
            ) AS reach
        FROM plain ORDER BY customer, place""")
    found = cursor.execute("SELECT customer, place, reach FROM placed").fetchnumpy()
    customer, place = found["customer"], found["place"]
    rows = np.arange(len(customer))
    then = rows - place + 1 + found["reach"]
    last = then >= len(rows)
    then[last] = 0
    last |= customer[then] != customer
    begins = np.zeros(len(rows), dtype=bool)
    front = rows[place == 1]
    while len(front):
        begins[front] = True
        front = then[front[~last[front]]]
    cursor.register("begun", {"journey": np.cumsum(begins)})
    cursor.execute(f"CREATE TEMP TABLE cut AS SELECT journey, customer, {event} FROM placed POSITIONAL JOIN begun")
    cursor.unregister("begun")


def _anchor(cursor: duckdb.DuckDBPyConnection, rule: Rule, event: str) -> None:
    touchpoints = dict(cursor.execute("SELECT touchpoint, code FROM touchpoints").fetchall())
    if rule.touchpoint not in touchpoints:
        raise NotFound("engine.unknown_touchpoint", asked=rule.touchpoint, exists=touchpoints)
    if isinstance(cursor, SparkCursor):
        spans = microseconds(rule.before), microseconds(rule.after)
        return write_anchored(cursor, event, touchpoints[rule.touchpoint], *spans)
    cursor.execute(f"""
        CREATE TEMP TABLE anchors AS
        SELECT row_number() OVER () - 1 AS journey, *
        FROM (SELECT DISTINCT customer, happened AS anchored FROM plain WHERE code = {int(touchpoints[rule.touchpoint])})""")
    cursor.execute(f"""
        CREATE TEMP VIEW cut AS
        SELECT journey, plain.customer AS customer, {event}
        FROM plain ASOF JOIN anchors ON plain.customer = anchors.customer AND happened - {microseconds(rule.after)} <= anchored
        WHERE anchored - {microseconds(rule.before)} <= happened""")
