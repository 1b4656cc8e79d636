"""Prepared tables of a store version on Spark: kept as Parquet files beside the store, where every worker can read them."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

from workbench.engine import tables
from workbench.engine.spark.cursor import SparkConnection
from workbench.engine.spark.session import session

_WHOLE = "whole.json"  # written last
_KEPT = 4  # such folders in a store


def opened(master: str, folder: Path, write: Callable[[SparkConnection], None]) -> SparkConnection:
    """The tables in `folder`, which `write` makes where they aren't there; in memory, where nothing can be written."""
    spark = session(master)
    if not (folder / _WHOLE).is_file() and not _written(spark, folder, write):
        connection = SparkConnection(spark)
        write(connection)
        return connection
    connection = SparkConnection(spark)
    told = json.loads((folder / _WHOLE).read_text(encoding="utf-8"))
    for name in told["tables"]:
        connection.show(name, folder / name)
    cursor = connection.cursor()
    tables.write_steps(cursor, "base.main")
    tables.write_details(cursor, "base.main", told["details"])
    return connection


def _written(spark, folder: Path, write: Callable[[SparkConnection], None]) -> bool:
    unfinished = folder.with_name(f"{folder.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        unfinished.mkdir(parents=True)
    except OSError:
        return False
    try:
        connection = SparkConnection(spark, unfinished)
        write(connection)
        told = {
            "tables": sorted(one.name for one in unfinished.iterdir()),
            "details": tables.detailed(connection.cursor()),
        }
        (unfinished / _WHOLE).write_text(json.dumps(told), encoding="utf-8")
        connection.close()
        if not (folder / _WHOLE).is_file():
            os.replace(unfinished, folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    for old in sorted(folder.parent.glob("*.spark"), key=lambda one: one.stat().st_mtime)[:-_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return True
