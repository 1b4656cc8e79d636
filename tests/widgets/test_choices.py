"""What the filters offer, counted by hand on the company of twelve."""

from __future__ import annotations

import pytest

import workbench as wb
from widgets.choices import choices
from widgets.work import Task
from workbench.engine import choices as offered


@pytest.fixture(scope="module")
def study(tmp_path_factory, made):
    return wb.open(made(tmp_path_factory.mktemp("choices") / "twelve"))


def test_values_with_their_journeys_the_most_frequent_first(study):
    found = offered.choices(study)
    # channel by case: web k01 k03 k05 k08 k09 k11 k12, app k02 k04 k07 k10 k13, courier k01 k02 k05 k11 k13,
    # phone k08 k09 k11 k14, store k06
    assert found.values["channel"] == (("web", 7), ("app", 5), ("courier", 5), ("phone", 4), ("store", 1))
    assert dict(found.values["touchpoint"])["Pay again"] == 2  # k02, and k09 twice
    assert (found.first, found.last) == ("2026-03-02", "2026-03-22")
    assert len(found.touchpoints) == 7
    assert not {"case_id", "customer_id", "event_id", "occurred_at"} & set(found.values)


def test_each_number_is_what_the_filter_keeps(study):
    for column, values in offered.choices(study).values.items():
        for value, n in values:
            kept = wb.journeys.overview(study.where(**{column: value})).frame
            assert int(kept.loc[kept["measure"] == "journeys", "value"].iloc[0]) == n


def test_columns_with_more_values_than_asked_for_are_not_offered(study):
    assert "channel" not in offered.choices(study, most=4).values


def test_filters_of_the_study_change_nothing_of_what_is_offered(study):
    assert choices(study.where(channel="store"), Task()) == choices(study, Task())


def test_the_case_rule_is_offered_only_where_there_are_cases(study):
    assert choices(study, Task()).allowed.rules[0] == "case"
