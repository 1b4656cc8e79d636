"""Cohorts: by hand, with the calendar's traps, and with a planted chance to come back."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from workbench.errors import NotEnoughData, NotFound

j = wb.journeys
NAMES = ["cohort", "after", "n", "n_cohort"]


@pytest.fixture(scope="module")
def load(tmp_path_factory):
    def make(days, timezone="UTC"):
        """Customer -> moments (ISO, UTC; a bare day is its noon) as a study."""
        rows = [
            {
                "customer_id": who,
                "touchpoint": "A",
                "occurred_at": dt.datetime.fromisoformat(when + "T12:00" * (len(when) == 10) + "+00:00"),
            }
            for who, whens in days.items()
            for when in whens
        ]
        folder = tmp_path_factory.mktemp("companies") / "back"
        wb.load([pd.DataFrame(rows)], into=folder, name="Back", timezone=timezone)
        return wb.open(folder)

    return make


def told(result):
    return [(str(cohort)[:10], *more) for cohort, *more in result.frame[NAMES].itertuples(index=False, name=None)]


def test_weeks_of_the_twelve(study):
    # all begin in the week of Monday 2 March; k13 brings c01 back in the week of the 9th, k14 c02 in that of the 16th, whose
    # last day, Sunday the 22nd, is that of the last event: it is over
    result = j.cohorts(study, by="week")
    assert told(result) == [("2026-03-02", 0, 12, 12), ("2026-03-02", 1, 1, 12), ("2026-03-02", 2, 1, 12)]
    assert tuple(result.frame.loc[0, ["share", "low", "high"]]) == (1, 1, 1)
    for end in result.frame.loc[1, ["low", "high"]]:
        assert abs(1 / 12 - end) == pytest.approx(1.959964 * (end * (1 - end) / 12) ** 0.5, rel=1e-5)
    assert [list(result.customers(row)["customer_id"]) for row in (1, 2)] == [["c01"], ["c02"]]
    assert result.pooled == ((1, 1, 12), (2, 1, 12))
    # known up to the 12th only, the second week isn't over, although c01 was there on the 12th and the 14th
    assert told(j.cohorts(study.between(None, "2026-03-12"), by="week")) == [("2026-03-02", 0, 12, 12)]
    # March isn't over on the 22nd
    with pytest.raises(NotEnoughData, match="over by 22 Mar 2026"):
        j.cohorts(study)
    with pytest.raises(NotFound, match=r"by=year .* month, quarter, week"):
        j.cohorts(study, by="year")


DAYS = {
    "u": ["2025-11-05", "2026-01-10", "2026-02-28"],
    "v": ["2025-11-30", "2025-12-01"],
    "w": ["2025-12-31", "2026-03-20"],
    "x": ["2026-03-01"],
}


def test_months_that_are_over(load):
    result = j.cohorts(load(DAYS))
    # until 20 March: February is over, March is not, so w is not yet back and x not yet a cohort; January begot none
    assert told(result) == [
        ("2025-11-01", 0, 2, 2),
        ("2025-11-01", 1, 1, 2),  # v
        ("2025-11-01", 2, 1, 2),  # u
        ("2025-11-01", 3, 1, 2),  # u
        ("2025-12-01", 0, 1, 1),
        ("2025-12-01", 1, 0, 1),
        ("2025-12-01", 2, 0, 1),
    ]
    assert result.pooled == ((1, 1, 3), (2, 1, 3), (3, 1, 2))
    assert result.frame.loc[5, "low"] == 0 and result.frame.loc[5, "high"] == pytest.approx(3.841459 / 4.841459)
    assert result.customers(5).empty
    assert result.caveats[0].values == {"n": 1, "last": dt.date(2026, 3, 20)}
    # one that ends on the last day of its month lets it count, in any hour of that day
    late = j.cohorts(load(DAYS | {"y": ["2026-03-31T00:30"]}))
    assert [row for row in told(late) if row[:2] == ("2025-12-01", 3)] == [("2025-12-01", 3, 1, 1)]
    assert told(late)[-1] == ("2026-03-01", 0, 2, 2)
    # filters narrow who is counted, not what is over: w was alone, and February ended before 20 March for him as well
    assert told(j.cohorts(load(DAYS).where(customer_id="v")))[-1] == ("2025-11-01", 3, 0, 1)


def test_quarters_and_zones(load):
    assert told(j.cohorts(load(DAYS), by="quarter")) == [("2025-10-01", 0, 3, 3)]
    # 23:30 on 31 December in UTC is January in Warsaw
    days = {"u": ["2025-12-31T23:30", "2026-02-10"], "v": ["2026-02-28T22:59", "2026-02-28T23:01"]}
    assert told(j.cohorts(load(days, "Europe/Warsaw"))) == [
        ("2026-01-01", 0, 1, 1),
        ("2026-01-01", 1, 1, 1),
        ("2026-02-01", 0, 1, 1),
    ]
    # before 1970, weeks begin on Monday as well: 21 December 1969 was a Sunday
    weeks = told(j.cohorts(load({"u": ["1969-12-21", "1969-12-22", "1970-01-04"]}), by="week"))
    assert weeks == [("1969-12-15", 0, 1, 1), ("1969-12-15", 1, 1, 1), ("1969-12-15", 2, 1, 1)]


def test_a_planted_chance_to_come_back(load):
    # each of 1,200 customers of January to April comes back in each later month up to June with a chance of 0.3
    draw, days = np.random.default_rng(11), {}
    for i in range(1200):
        first = 1 + i % 4
        later = [month for month in range(first + 1, 7) if draw.random() < 0.3]
        days[f"c{i}"] = [f"2026-{month:02}-{draw.integers(1, 28):02}" for month in (first, *later)]
    frame = j.cohorts(load(days | {"end": ["2026-06-30"]})).frame
    cells = frame[(frame["after"] > 0) & (frame["n_cohort"] == 300)]
    # 5 + 4 + 3 + 2 cells; that 11 or fewer of 14 intervals of 95 % hold it has a chance of 0.03
    assert len(cells) == 14 and ((cells["low"] <= 0.3) & (0.3 <= cells["high"])).sum() >= 12
    assert (cells["high"] - cells["low"] < 0.11).all()


def test_another_customer_changes_nothing_else(load):
    first, more = (j.cohorts(load(DAYS | other)).frame for other in ({}, {"z": ["2025-10-03"]}))
    kept = more[more["cohort"] != pd.Timestamp("2025-10-01")].reset_index(drop=True)
    pd.testing.assert_frame_equal(first, kept)
    assert first["share"].between(0, 1).all() and (first["n"] <= first["n_cohort"]).all()
