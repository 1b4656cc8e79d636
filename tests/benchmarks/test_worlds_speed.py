"""Companies are made within their bounds: a million events in 20 s, ten million in 8 GB. Times with CXW_BENCHMARK=1."""

import pytest
from benchmarks import worlds_run

from workbench import worlds


@pytest.mark.benchmark
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", worlds.names())
def test_a_million_events(name):
    made = worlds_run.measure(name, 1_000_000)
    print(worlds_run.table([made]))
    assert made.events > 800_000 and made.beyond() == []


@pytest.mark.benchmark
@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", worlds.names())
def test_ten_million_events(name):
    made = worlds_run.measure(name, 10_000_000)
    print(worlds_run.table([made]))
    assert made.events > 8_000_000 and made.beyond() == []


def test_bounds_hold_for_their_sizes():
    within = worlds_run.Made("one", 1000, 1_000_000, 1_200_000, 19.0, 40.0, 0.5, 10**9)
    assert within.beyond() == [] and "38.0 sorts" in worlds_run.table([within])
    assert len(worlds_run.Made("one", 1000, 1_000_000, 1_200_000, 21.0, 21.0, 0.5, 9 * 10**9).beyond()) == 2
    assert worlds_run.Made("one", 1000, 10_000_000, 12_000_000, 150.0, 150.0, 5.0, 7 * 10**9).beyond() == []


def test_the_section_is_replaced_and_nothing_else(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("# B\n\n## The last recorded run\n\nold\n", encoding="utf-8")
    worlds_run.record("| one |", readme)
    worlds_run.record("| two |", readme)
    told = readme.read_text(encoding="utf-8")
    assert told.endswith("| two |\n\n## The last recorded run\n\nold\n") and "| one |" not in told
