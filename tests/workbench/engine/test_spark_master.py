"""Masters of Spark: their forms, and what is told where it can't start: with Java's errors as they are worded, without waiting
a minute for one."""

import company
import pandas as pd
import pytest

import workbench as wb
from workbench.engine.spark import session
from workbench.errors import BadInput, StoreError
from workbench.settings import Settings

JAVA = """An error occurred while calling None.org.apache.spark.api.java.JavaSparkContext.
: org.apache.spark.SparkException: External scheduler cannot be instantiated
\tat org.apache.spark.SparkContext$.createTaskScheduler(SparkContext.scala:3204)
Caused by: io.fabric8.kubernetes.client.KubernetesClientException: An error has occurred.
\tat io.fabric8.kubernetes.client.KubernetesClientException.launderThrowable(KubernetesClientException.java:129)
Caused by: java.io.IOException: Connection refused: /127.0.0.1:1
\tat io.fabric8.kubernetes.client.dsl.internal.OperationSupport.waitForResult(OperationSupport.java:504)
\t... 4 more
"""


class Begun:
    stopped = 0

    def stop(self):
        self.stopped += 1


@pytest.fixture
def store(tmp_path):
    wb.load(pd.DataFrame(company.rows()), into=tmp_path / "store", name="Twelve")
    return tmp_path / "store"


@pytest.mark.parametrize(
    "master",
    ["nonsense", "local[x]", "local[0]", "local[-1]", "local[4]; ls", "spark://", "spark://host", "yarn-client", "k8s://", 5],
)
def test_another_form_of_master_is_refused_when_a_store_is_opened(store, master):
    with pytest.raises(BadInput, match=r"is no master of Spark; write local, local\[4\]") as refused:
        wb.open(store, engine="spark", master=master)
    assert all(repr(master) in refused.value.text(language) for language in ("en", "ru", "pl"))
    with pytest.raises(BadInput, match="is no master of Spark"):
        wb.open(store, settings=Settings(engine="spark", master=master))


def test_the_forms_of_a_master(store):
    near = ["", "local", "local[4]", "local[*]", "local[4,2]", "local[*, 2]"]
    for master in [*near, "spark://a:7077", "spark://a:7077,[::1]:7077", "yarn", "k8s://https://host:6443", "k8s://host:6443"]:
        assert wb.open(store, engine="spark", master=master).settings.master == master


@pytest.fixture
def failing(monkeypatch):
    """Spark that leaves half a context behind and fails; the context."""
    pyspark = pytest.importorskip("pyspark")
    from py4j.protocol import Py4JError
    from pyspark.sql import SparkSession

    begun = Begun()
    monkeypatch.setattr(pyspark.SparkContext, "_active_spark_context", None)

    def fail(builder):
        pyspark.SparkContext._active_spark_context = pyspark.SparkContext._active_spark_context or begun
        raise Py4JError(JAVA)

    monkeypatch.setattr(SparkSession.Builder, "getOrCreate", fail)
    return begun


def test_the_master_and_the_first_cause_are_named(failing):
    with pytest.raises(StoreError) as refused:
        session._start("spark://127.0.0.1:1", {})
    told = "under the master spark://127.0.0.1:1 (java.io.IOException: Connection refused: /127.0.0.1:1); Spark"
    assert told in str(refused.value)
    assert all("spark://127.0.0.1:1" in refused.value.text(language) for language in ("ru", "pl"))
    assert failing.stopped == 1  # else the next master would be given what is left of this one


def test_a_context_that_was_there_before_is_not_stopped(failing, monkeypatch):
    from pyspark import SparkContext

    before = Begun()
    monkeypatch.setattr(SparkContext, "_active_spark_context", before)
    with pytest.raises(StoreError):
        session._start("yarn", {})
    assert (failing.stopped, before.stopped) == (0, 0)
