"""Little memory and another engine take longer; they answer the same."""

import pytest
from benchmarks import generate, scaling_run


def compared(n, tmp_path, *ways):
    log = generate.write(tmp_path / "log.parquet", n)
    runs = {way: scaling_run.run(way, log, tmp_path) for way in ways}
    print(scaling_run.table(n, runs, 0))
    return runs


@pytest.mark.spark
@pytest.mark.benchmark
@pytest.mark.long
@pytest.mark.timeout(1800)
def test_spark_answers_the_same_of_a_million_events(tmp_path):
    assert scaling_run.differing(compared(1_000_000, tmp_path, "memory", "spark")) == []


@pytest.mark.benchmark
@pytest.mark.long
@pytest.mark.timeout(3600)
def test_fifty_million_events_in_one_gigabyte(tmp_path):
    assert scaling_run.differing(compared(50_000_000, tmp_path, "memory", "disk")) == []
