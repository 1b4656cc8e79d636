"""The sources of a store: who is seen in which table and in which channel of it, and who nowhere else.

The tables beside the events are read in a database of their own: that of the prepared tables opens no files any more, and on
Spark there is none. Nothing that a browser sends is asked there.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa

from workbench.engine.opening import Prepared
from workbench.engine.reductions.seen import customer_names, seen, seen_members
from workbench.engine.running import connect, frame, literal, quoted
from workbench.settings import Settings

EVENTS = "events"


@dataclasses.dataclass(frozen=True)
class Beside:
    """A table beside the events: its Parquet files and which of its columns say who, through which channel and when ("": none
    does)."""

    files: tuple[Path, ...]
    customer: str = ""
    channel: str = ""
    at: str = ""

    @property
    def sql(self) -> str:
        """Of each row: customer (the number; null: nobody the store knows), channel ("": none), happened (microseconds)."""
        at = f"epoch_us({quoted(self.at)})" if self.at else "NULL::BIGINT"
        told = f"{_text(self.customer)} AS customer_id, coalesce({_text(self.channel)}, '') AS channel, {at} AS happened"
        files = ", ".join(literal(file) for file in self.files)
        rows = f"SELECT {told} FROM read_parquet([{files}], union_by_name = true)"
        return f"SELECT customer, channel, happened FROM ({rows}) LEFT JOIN known USING (customer_id)"


def _text(column: str) -> str:
    return f"{quoted(column)}::VARCHAR" if column else "NULL::VARCHAR"


def sources(p: Prepared, tables: Mapping[str, Beside]) -> pd.DataFrame:
    """A row a source, in no order: table ("events" or a name of `tables`), channel ("": rows that say none), n_rows, n (of
    these, of known customers), n_customers, n_alone (of its customers those in no other source), first_at and last_at (seconds
    since 1970; null where no row has a time). Of the journeys of `p`."""
    channels = ["", *p.marks.get("channel", ())]
    each = [f"SELECT '{EVENTS}' AS \"table\", $channels[channel + 2] AS channel, customer, n, first, last FROM events"]
    for name, one in tables.items():
        counted = "count(*) AS n, min(happened) AS first, max(happened) AS last"
        each.append(f'SELECT {literal(name)} AS "table", channel, customer, {counted} FROM ({one.sql}) GROUP BY ALL')
    with _reading(p, events=seen(p)) as cursor:
        return frame(
            cursor,
            f"""WITH each AS MATERIALIZED ({" UNION ALL ".join(each)}),
            seen_in AS (SELECT customer, count(*) AS n_sources FROM each WHERE customer IS NOT NULL GROUP BY customer)
            SELECT "table", channel, sum(n)::BIGINT AS n_rows, coalesce(sum(n) FILTER (customer IS NOT NULL), 0)::BIGINT AS n,
                count(customer) AS n_customers, count(*) FILTER (n_sources = 1) AS n_alone, min(first) / 1e6 AS first_at,
                max(last) / 1e6 AS last_at
            FROM each LEFT JOIN seen_in USING (customer) GROUP BY ALL""",
            {"channels": channels},
        )


def source_members(p: Prepared, table: Beside | None, channel: str) -> pd.DataFrame:
    """Who is in a source, and in how many of its rows; None: of the events."""
    if table is None:
        return seen_members(p, p.marks["channel"].index(channel) if channel else -1)
    with _reading(p) as cursor:
        return frame(
            cursor,
            f"""WITH here AS (SELECT customer, count(*) AS n FROM ({table.sql}) WHERE channel = $channel GROUP BY customer)
            SELECT customer_id, n FROM here JOIN known USING (customer) ORDER BY n DESC, customer_id""",
            {"channel": channel},
        )


@contextlib.contextmanager
def _reading(p: Prepared, **frames: pd.DataFrame) -> Iterator[duckdb.DuckDBPyConnection]:
    # asks about `known` (customer, customer_id: everyone the store knows) and `frames`; stopped when the study's questions are
    settings = p.study.settings if p.study else Settings()
    database = connect(settings.threads, settings.memory_limit)
    with contextlib.closing(database), p.asking(database) as cursor:
        cursor.register("known", pa.Table.from_pandas(customer_names(p), preserve_index=False))
        for name, rows in frames.items():
            cursor.register(name, rows)
        yield cursor
