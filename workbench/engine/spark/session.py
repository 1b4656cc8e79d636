"""The one Spark of this process."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import BadInput, StoreError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_lock = threading.Lock()
_COUNT = r"(\*|[1-9]\d{0,4})"
_PLACE = r"[^\s,/]+:\d{1,5}"
#: the forms of a master, of those that Spark knows
_MASTER = re.compile(rf"local(\[{_COUNT}(,\s*[1-9]\d{{0,4}})?\])?|spark://{_PLACE}(,{_PLACE})*|yarn|k8s://(https?://)?[^\s,]+")

#: what the SQL relies on, whoever started Spark
_NEEDED = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    "spark.sql.caseSensitive": "false",
}


def check_master(master: str) -> None:
    """BadInput for what can't be a master of Spark; empty is "local[*]"."""
    if not isinstance(master, str) or (master and not _MASTER.fullmatch(master)):
        raise BadInput("engine.bad_master", asked=repr(master)[:200])


def session(master: str, settings: Mapping[str, str] | None = None) -> SparkSession:
    """Spark at `master` ("local[4]", "spark://host:7077", "yarn"; empty: "local[*]"). `settings`: more of
    Spark's own, where it isn't running yet. BadInput where PySpark or Java is missing, or where Spark runs in this process
    already under another master: there is one a process; StoreError where it doesn't start."""
    master = master or "local[*]"
    if not all(importlib.util.find_spec(name) for name in ("pyspark", "sqlglot")):
        raise BadInput("engine.no_pyspark")
    if not java():
        raise BadInput("engine.no_java")
    from pyspark.sql import SparkSession

    with _lock:
        running = SparkSession.getActiveSession() or SparkSession._instantiatedSession
        if running is None or running.sparkContext._jsc is None:
            running = _start(master, settings or {})
        elif running.sparkContext.master != master:
            raise BadInput("engine.other_master", asked=master, found=running.sparkContext.master)
        return running


def own_session(session: SparkSession) -> SparkSession:
    """One with tables and settings of its own."""
    own = session.newSession()
    for name, value in _NEEDED.items():
        own.conf.set(name, value)
    return own


def java() -> str:
    """The Java that Spark would take, or an empty text."""
    home = os.environ.get("JAVA_HOME")
    named = Path(home) / "bin" / "java" if home else None
    return str(named) if named and named.exists() else shutil.which("java") or ""


def _start(master: str, settings: Mapping[str, str]) -> SparkSession:
    from py4j.protocol import Py4JError
    from pyspark import SparkContext
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(master).appName("customer-journey workbench")
    for name, value in _NEEDED.items():
        builder = builder.config(name, value)
    if master.startswith("local"):
        # all on this machine: nobody else is to be listened to, and small data are not worth two hundred tasks
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        cores = master[6:-1] if master[6:-1].isdigit() else str(os.cpu_count() or 2)
        local = {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.log.level": "ERROR",
            "spark.sql.shuffle.partitions": cores,
            "spark.sql.warehouse.dir": _folder(),
            "spark.local.dir": _folder(),
            "spark.sql.catalogImplementation": "in-memory",
        }
        for name, value in local.items():
            builder = builder.config(name, value)
    for name, value in settings.items():
        builder = builder.config(name, value)
    others = SparkContext._active_spark_context
    try:
        return builder.getOrCreate()
    except (PySparkException, Py4JError) as error:  # a Java that is too old, a master that isn't there
        if others is None and SparkContext._active_spark_context:
            SparkContext._active_spark_context.stop()  # half begun, and it would be taken for the next master as well
        raise StoreError("engine.spark_not_started", asked=master, found=_cause(error)) from error


def _cause(error: Exception) -> str:
    # of Java's whole story the first line of what it began with
    whole = str(error)
    told = [line.partition(": ")[2] for line in whole.splitlines() if line.startswith((": ", "Caused by: "))]
    return told[-1] if told else whole.partition("\n")[0]


_made: list[tempfile.TemporaryDirectory] = []


def _folder() -> str:
    if not _made:
        _made.append(tempfile.TemporaryDirectory(prefix="cxw-spark-", ignore_cleanup_errors=True))
    return _made[0].name
