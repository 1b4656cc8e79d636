"""Ids as numbers: by their hash, for looking ten million texts up in a dictionary takes longer than sorting the events.

The numbers have 63 bits, so that some two of a million ids share one with a chance of about 5e-8. That is not left to chance:
the different ids are counted against their numbers, and where two share one, all are numbered anew with another salt.
"""

from __future__ import annotations

import itertools

import duckdb


def number_sql(column: str, salt: int) -> str:
    """SQL of the number of the text in `column`: 0 to 2^63 - 1, the same wherever the text and the salt are."""
    return f"(hash({column}{f', {salt}' if salt else ''}) >> 1)::BIGINT"


def write_numbered(cursor: duckdb.DuckDBPyConnection, table: str, texts: str, number: str, column: str, rest: str = "") -> int:
    """Writes `table`: every text that the SQL `texts` has in `column`, each once, numbered in the new column `number`, with
    the columns `rest`. Says by which salt: the first that gives every text a number of its own."""
    for salt in itertools.count():
        cursor.execute(
            f"CREATE OR REPLACE {table} AS SELECT {number_sql(column, salt)} AS {number}, {column}{rest} FROM ({texts}) AS told"
        )
        name = table.split()[-1]
        if cursor.execute(f"SELECT count(*) = count(DISTINCT {number}) FROM {name}").fetchone()[0]:
            return salt
    raise AssertionError("not reached")
