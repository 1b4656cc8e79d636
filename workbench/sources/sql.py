"""Databases by SQLAlchemy address: "postgresql://…#orders" (a table) or "sqlite:///shop.db#SELECT …" (a query).

Only what reads is run, and where the database can be told so it refuses to write. A password in the address is shown nowhere.
"""

from __future__ import annotations

import datetime as dt
import decimal
import re
from pathlib import Path

import pyarrow as pa

from workbench.errors import BadInput, NotFound
from workbench.sources import detect, frames
from workbench.sources.origin import Origin
from workbench.sources.parts import ROW, Detected, Limits, Overrides, Raw, Watch

_BATCH = 20_000
_READ_ONLY = {
    "sqlite": "PRAGMA query_only = ON",
    "postgresql": "SET TRANSACTION READ ONLY",
    "mysql": "SET SESSION TRANSACTION READ ONLY",
    "mariadb": "SET SESSION TRANSACTION READ ONLY",
    "oracle": "SET TRANSACTION READ ONLY",
}
_READS = re.compile(r"\s*(?:select|with)\b", re.IGNORECASE)


def shown(address: str, part: str) -> str:
    """The address as people may see it: without its password, and without what follows "?", where drivers take one too."""
    import sqlalchemy as sa

    try:
        url = sa.make_url(address)
    except (sa.exc.ArgumentError, ValueError):  # the words of the error may hold the password
        raise BadInput("sources.sql_bad", file=address.split("://")[0], found="URL") from None
    hidden = url.set(query={}).render_as_string(hide_password=True)
    return hidden + (f"#{part}" if part else "")


def read(origin: Origin, overrides: Overrides, limits: Limits, watch: Watch) -> Raw:
    """The rows of a table or query as text; row 1 is the first the database gives."""
    import sqlalchemy as sa

    url = sa.make_url(origin.address)
    name = shown(origin.address, "")
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).is_file():
        raise BadInput("sources.no_source", file=url.database)  # SQLite would make an empty one
    try:
        engine = sa.create_engine(url)
    except (sa.exc.NoSuchModuleError, ImportError) as error:
        raise BadInput("sources.no_driver", file=name, found=_short(error)) from None
    try:
        with engine.connect() as connection:
            # a query that begins with WITH may still delete
            if said := _READ_ONLY.get(url.get_backend_name()):
                connection.execute(sa.text(said))
            query = _query(origin.part, sa.inspect(connection), name)
            result = connection.execution_options(stream_results=True).execute(query)
            return _raw(result, origin, limits, watch)
    except sa.exc.SQLAlchemyError as error:
        raise BadInput("sources.sql_bad", file=name, found=_short(getattr(error, "orig", None) or error)) from None
    finally:
        engine.dispose()


def _short(error: object) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _query(part: str, database: object, name: str) -> object:
    import sqlalchemy as sa

    if _READS.match(part):
        return sa.text(part)
    exists = sorted([*database.get_table_names(), *database.get_view_names()])
    if not part:
        if len(exists) != 1:
            raise BadInput("sources.which_table", file=name, exists=", ".join(exists[:12]) or "–")
        part = exists[0]
    if part in exists:
        return sa.select(sa.text("*")).select_from(sa.table(part))
    schema, dot, table = part.rpartition(".")
    if (
        dot
        and schema in database.get_schema_names()
        and table in [*database.get_table_names(schema), *database.get_view_names(schema)]
    ):
        return sa.select(sa.text("*")).select_from(sa.table(table, schema=schema))
    if " " in part:
        raise BadInput("sources.sql_only_reads", found=part[:60])
    raise NotFound("sources.no_table", asked=part, exists=exists, file=name)


def _raw(result: object, origin: Origin, limits: Limits, watch: Watch) -> Raw:
    names, _ = detect.unique_names(list(result.keys()))
    frames.check_size(0, len(names), origin.name, limits)
    batches: list[list[pa.Array]] = [[] for _ in names]
    n, kinds = 0, {}
    while rows := result.fetchmany(_BATCH):
        n += len(rows)
        frames.check_size(n, len(names), origin.name, limits)
        for place, values in enumerate(zip(*rows, strict=True)):
            batches[place].append(pa.array([_text(value) for value in values], pa.string()))
            if any(isinstance(value, bool) for value in values[:100]):
                kinds[names[place]] = "flag"
        watch.at(0.9 * (1 - 1 / (1 + n / 200_000)), "reading")
    columns = [pa.chunked_array(batch, pa.string()) for batch in batches]
    return Raw(pa.table([*columns, pa.array(range(1, n + 1), pa.int64())], names=[*names, ROW]), Detected(), kinds=kinds)


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if value != value:
            return None
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, dt.datetime):
        return value.isoformat(" ")
    if isinstance(value, dt.timedelta):
        return f"{value.total_seconds():.15g}"
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "backslashreplace")
    return str(value)
