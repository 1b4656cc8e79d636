"""Channel, owner and stage of events as small numbers, beside dictionaries of their names.

Grouping and comparing such numbers costs a tenth of grouping texts, and they lie in `steps` itself, where reading them needs no
join with ten million other rows. The names are joined to what is left when all is counted.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

#: in this order wherever they are named together
MARKS = ("channel", "owner", "stage")


def code(mark: str) -> str:
    """The column of `steps`."""
    return f"{mark}_code"


def names(mark: str) -> str:
    """The table of names: <mark>_code, <mark>."""
    return f"{mark}s"


def write_names(cursor: duckdb.DuckDBPyConnection, source: str, held: Sequence[str]) -> None:
    """The three tables of names; empty those of marks that are not `held`."""
    for mark in MARKS:
        found = f"SELECT DISTINCT {mark} FROM {source}" if mark in held else f"SELECT NULL::VARCHAR AS {mark}"
        cursor.execute(f"""
            CREATE TABLE {names(mark)} AS
            SELECT row_number() OVER (ORDER BY {mark}) - 1 AS {code(mark)}, {mark} FROM ({found}) WHERE {mark} IS NOT NULL
            ORDER BY {code(mark)}""")
        kinds = cursor.execute(f"SELECT count(*) FROM {names(mark)}").fetchone()[0]
        # no type is used to its last number: sums of a code and one or two are asked for
        narrow = "UTINYINT" if kinds <= 250 else "SMALLINT" if kinds <= 32_000 else "INTEGER"
        cursor.execute(f"ALTER TABLE {names(mark)} ALTER {code(mark)} TYPE {narrow}")


def codes(held: Sequence[str]) -> str:
    """Their columns, as they follow others in SELECT."""
    return "".join(f", {code(mark)}" for mark in held)
