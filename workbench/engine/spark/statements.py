"""What a statement for Spark is, and what tables are called there. Knows no SQLGlot: a served page does without it."""

from __future__ import annotations

import dataclasses
import re

#: how Spark's array of a list of such values is called
KINDS = {bool: "boolean", int: "bigint", float: "double", str: "string"}


@dataclasses.dataclass(frozen=True)
class Statement:
    """`makes`: "table", "view" or "" (an answer); `name`: of what is made; `files`: view, the files it shows; `before`: what
    is reckoned once for this statement alone."""

    text: str
    makes: str = ""
    name: str = ""
    temporary: bool = False
    files: tuple[tuple[str, tuple[str, ...], bool], ...] = ()
    before: tuple[Statement, ...] = ()


def view_name(schema: str, table: str) -> str:
    """What a table of a schema is called in Spark, where views lie in no schema."""
    return f"{schema.rpartition('.')[2]}__{table}"


def first_word(sql: str) -> str:
    """What kind of statement it is."""
    return re.match(r"\s*(\w+)", sql)[1].upper()
