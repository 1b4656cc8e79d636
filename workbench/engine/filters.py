"""Filters: which journeys a study keeps, and the smaller tables of just those."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import duckdb

from workbench import pattern
from workbench.engine import clock, marks, tables
from workbench.engine.running import quoted
from workbench.errors import BadInput, NotFound
from workbench.model import Between, Filter, Matching, Rest, Study, Where

Part = tuple[str, list]  # SQL and the values to bind


@dataclasses.dataclass(frozen=True)
class Either:
    """Journeys that pass all filters of one of two studies."""

    first: tuple[Filter, ...]
    second: tuple[Filter, ...]


def write_kept(cursor: duckdb.DuckDBPyConnection, schema: str, study: Study) -> None:
    """In a new `schema` of the same database: the tables of the cursor's current one, narrowed to the journeys that pass
    all filters of `study`."""
    chosen, values = _passing(cursor, study.filters, study)
    cursor.execute(f"CREATE SCHEMA {schema}")
    try:
        cursor.execute(f"CREATE TABLE {schema}.journeys AS SELECT * FROM journeys WHERE {chosen}", values)
        cursor.execute(f"CREATE TABLE {schema}.walked AS SELECT * FROM walked SEMI JOIN {schema}.journeys USING (journey)")
        tables.write_steps(cursor, schema)
        tables.write_details(cursor, schema, tables.detailed(cursor))
        for name in ("touchpoints", "customers", *map(marks.names, marks.MARKS)):
            cursor.execute(f"CREATE VIEW {schema}.{name} AS SELECT * FROM base.main.{name}")
        kept = f"SELECT * FROM base.main.shared SEMI JOIN {schema}.journeys USING (journey)"
        cursor.execute(f"CREATE VIEW {schema}.shared AS {kept}")
    except BaseException:
        cursor.execute(f"DROP SCHEMA {schema} CASCADE")
        raise


def _passing(cursor: duckdb.DuckDBPyConnection, kept: Sequence[Filter | Either], study: Study) -> Part:
    # what a row of `journeys` has to meet
    return _all([(f"journey IN ({sql})", values) for sql, values in (_journeys(cursor, one, study) for one in kept)])


def _journeys(cursor: duckdb.DuckDBPyConnection, one: Filter | Either, study: Study) -> Part:
    if isinstance(one, Between):
        return _between(one, study.timezone)
    if isinstance(one, Rest):
        sql, values = _passing(cursor, one.filters, study)
        theirs = f"SELECT DISTINCT customer FROM journeys WHERE {sql}"
        return f"SELECT journey FROM journeys ANTI JOIN ({theirs}) USING (customer)", values
    if isinstance(one, Either):
        (first, bound), (second, more) = (_passing(cursor, kept, study) for kept in (one.first, one.second))
        return f"SELECT journey FROM journeys WHERE ({first}) OR ({second})", [*bound, *more]
    if isinstance(one, Where):
        return _where(cursor, one, study)
    assert isinstance(one, Matching)
    from workbench.engine.matching import journeys_matching

    codes = dict(cursor.execute("SELECT touchpoint, code FROM touchpoints").fetchall())
    return journeys_matching(pattern.parse(one.pattern), codes, lambda conditions: _met(cursor, conditions, study))


def _between(one: Between, timezone: str) -> Part:
    conditions, values = ["true"], []
    if one.start is not None:
        conditions.append("started >= ?")
        values.append(clock.span(one.start, timezone)[0])
    if one.end is not None:
        conditions.append("started < ?")
        values.append(clock.span(one.end, timezone)[1])
    if len(values) == 2 and values[0] >= values[1]:
        raise BadInput("engine.bad_period", start=one.start, end=one.end)
    return f"SELECT journey FROM journeys WHERE {' AND '.join(conditions)}", values


def _where(cursor: duckdb.DuckDBPyConnection, one: Where, study: Study) -> Part:
    steps, people = _asked(cursor, one.conditions, study)
    sql, values = _all([*steps, *people])
    # all steps of a journey are one customer's: where nothing else is asked, none is looked at
    return f"SELECT journey FROM {'steps' if steps else 'journeys'} WHERE {sql}", values


def _met(cursor: duckdb.DuckDBPyConnection, conditions: Sequence[tuple[str, Sequence[str]]], study: Study) -> Part:
    # what a row of `steps` has to meet
    steps, people = _asked(cursor, conditions, study)
    return _all([*steps, *people])


def _asked(
    cursor: duckdb.DuckDBPyConnection, conditions: Sequence[tuple[str, Sequence[str]]], study: Study
) -> tuple[list[Part], list[Part]]:
    # what a step has to meet, and what its customer has to
    of_events = study.columns.get("events", {})
    of_customers = study.columns.get("customers", {})
    steps: list[Part] = []  # conditions on one step
    extras: list[Part] = []  # … on the other columns of its event
    people: list[Part] = []  # … on its customer
    held = tables.detailed(cursor)
    for name, asked in conditions:
        if name == "touchpoint":
            sql, values = _condition(cursor, "touchpoints", name, "text", asked, study.timezone)
            steps.append((f"code IN (SELECT code FROM touchpoints WHERE {sql})", values))
        elif name == "occurred_at":
            steps.append(_moments("happened", asked, study.timezone))
        elif name == "customer_id":
            people.append(_condition(cursor, "customers", name, "text", asked, study.timezone))
        elif name in held and name in marks.MARKS:
            sql, values = _condition(cursor, marks.names(name), name, of_events[name], asked, study.timezone)
            steps.append((f"{marks.code(name)} IN (SELECT {marks.code(name)} FROM {marks.names(name)} WHERE {sql})", values))
        elif name in held:
            extras.append(_condition(cursor, "extras", name, of_events[name], asked, study.timezone))
        elif name in of_customers:
            people.append(_condition(cursor, "customers", name, of_customers[name], asked, study.timezone))
        else:
            raise NotFound("unknown_column", asked=name, exists=[*held, "touchpoint", "customer_id", *of_customers])
    if extras:
        sql, values = _all(extras)
        steps.append((f"ord IN (SELECT ord FROM extras WHERE {sql})", values))
    if people:
        sql, values = _all(people)
        people = [(f"customer IN (SELECT customer FROM customers WHERE {sql})", values)]
    return steps, people


def _all(parts: Sequence[Part]) -> Part:
    return " AND ".join(f"({sql})" for sql, _ in parts), [value for _, values in parts for value in values]


def _condition(cursor, table: str, name: str, kind: str, asked: Sequence[str], timezone: str) -> Part:
    # one column of one table, of which each asked value must exist somewhere in the store
    column = quoted(name)
    parts = [_equal(column, kind, value, timezone) for value in asked]
    for value, (sql, values) in zip(asked, parts, strict=True):
        if not cursor.execute(f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {sql} LIMIT 1)", values).fetchone()[0]:
            near = f"SELECT DISTINCT {column}::VARCHAR AS found FROM {table} WHERE {column} IS NOT NULL"
            rows = cursor.execute(
                f"SELECT found FROM ({near}) ORDER BY jaro_winkler_similarity(lower(found), lower(?)) DESC, found LIMIT 12",
                [value],
            ).fetchall()
            raise NotFound("engine.unknown_value", asked=value, exists=[row[0] for row in rows], column=name)
    return " OR ".join(sql for sql, _ in parts), [value for _, values in parts for value in values]


def _equal(column: str, kind: str, value: str, timezone: str) -> Part:
    if kind == "number":
        return f"{column} = TRY_CAST(? AS DOUBLE)", [value]
    if kind == "flag":
        return f"{column} = TRY_CAST(? AS BOOLEAN)", [value]
    if kind == "time":
        return _moments(f"epoch_us({column})", [value], timezone)
    return f"{column} = ?", [value]


def _moments(micros: str, asked: Sequence[str], timezone: str) -> Part:
    spans = [clock.span(value, timezone) for value in asked]
    return " OR ".join(f"{micros} >= ? AND {micros} < ?" for _ in spans), [end for both in spans for end in both]
