"""DuckDB files of other people, opened for reading only: "shop.duckdb#orders". The one place outside of the engine that
knows duckdb."""

from __future__ import annotations

import pyarrow as pa

from workbench.errors import BadInput, NotFound
from workbench.sources import frames
from workbench.sources.origin import Origin
from workbench.sources.parts import Limits, Overrides, Raw, Watch


def read(origin: Origin, overrides: Overrides, limits: Limits, watch: Watch) -> Raw:
    """The columns of one table or view as text; row 1 is the first in the order of the file. Views can't reach beyond it."""
    import duckdb

    try:
        # nothing but this file: no other file, no net, no extension fetched because a view asks for it
        closed = {"enable_external_access": False, "autoinstall_known_extensions": False, "autoload_known_extensions": False}
        connection = duckdb.connect(str(origin.path), read_only=True, config={"threads": 2, **closed})
    except duckdb.Error as error:
        raise BadInput("sources.duckdb_bad", file=origin.name, found=_short(error)) from None
    try:
        connection.execute("SET TimeZone = 'UTC'")
        table = _table(connection, origin)
        n_rows = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        n_columns = len(connection.execute(f"SELECT * FROM {table} LIMIT 0").description)
        frames.check_size(n_rows, n_columns, origin.name, limits)
        watch.at(0.1, "reading")
        batches, size = [], 0
        with connection.sql(f"SELECT * FROM {table}").to_arrow_reader(100_000) as reader:
            for batch in reader:
                batches.append(batch)
                size += batch.nbytes
                if size > limits.bytes:
                    raise BadInput("sources.too_big", file=origin.name, found=size >> 20, allowed=limits.bytes >> 20)
                watch.at(0.1 + 0.4 * len(batches) * 100_000 / max(n_rows, 100_000), "reading")
            found = pa.Table.from_batches(batches, reader.schema)
    except duckdb.Error as error:
        raise BadInput("sources.duckdb_bad", file=origin.name, found=_short(error)) from None
    finally:
        connection.close()
    return frames.raw(found.column_names, found.columns, origin.name, limits, watch)


def _short(error: Exception) -> str:
    return str(error).splitlines()[0][:200]


def _table(connection: object, origin: Origin) -> str:
    # the table's name, quoted, with its schema
    rows = connection.execute(
        "SELECT table_schema, table_name FROM information_schema.tables WHERE table_catalog = current_database() ORDER BY ALL"
    ).fetchall()
    named = {(name if schema == "main" else f"{schema}.{name}"): (schema, name) for schema, name in rows}
    if not origin.part and len(named) != 1:
        raise BadInput("sources.which_table", file=origin.path.name, exists=", ".join(list(named)[:12]) or "–")
    asked = origin.part or next(iter(named))
    if asked not in named:
        raise NotFound("sources.no_table", asked=asked, exists=named, file=origin.path.name)
    return ".".join('"' + part.replace('"', '""') + '"' for part in named[asked])
