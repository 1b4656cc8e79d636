"""What every result is as a value: equal to itself and to nothing else, and usable as a key."""

import workbench as wb
from workbench.result import Result

j = wb.journeys


def kinds(base=Result):
    for kind in base.__subclasses__():
        yield kind
        yield from kinds(kind)


def test_a_result_is_itself(study):
    first, second = j.flow(study), j.flow(study)
    assert first == first and first != second
    assert len({first, second, first}) == 2


def test_no_kind_of_result_compares_frames():
    found = [Result, *kinds()]
    assert {"Flow", "Funnel", "Steps", "Overview"} <= {kind.__name__ for kind in found}
    for kind in found:
        assert kind.__eq__ is object.__eq__ and kind.__hash__ is object.__hash__, kind
