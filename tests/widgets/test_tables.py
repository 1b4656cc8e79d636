"""Frames as text, and a table of them sorted and paged."""

from __future__ import annotations

import pandas as pd
import pytest

from widgets.records import grid
from widgets.table_view import TableView
from workbench.locale import texts


def shown(made) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in made.rows]


def funnel() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "step": ["Search", "(end)"],
            "position": [1, 2],
            "n": [1234, 3],
            "n_customers": [1000, 3],
            "reach_share": [1.0, 0.25],
            "reach_low": [0.9, 0.2],
            "reach_high": [1.0, 0.3],
            "step_rate": [float("nan"), 0.25],
            "low": [float("nan"), 0.052],
            "high": [float("nan"), 0.3],
            "median_s": [None, 5400.0],
            "median_low_s": [None, 4320.0],
            "median_high_s": [None, 9000.0],
        }
    )


def test_an_interval_stands_beside_its_estimate_and_nothing_is_a_dash():
    made = grid(funnel(), texts("en"))
    assert [one.name for one in made.columns] == [
        "step",
        "position",
        "n",
        "n_customers",
        "reach_share",
        "step_rate",
        "median_s",
    ]
    assert shown(made) == [
        ["Search", "1", "1,234", "1,000", "100% (90%–100%)", "–", "–"],
        ["the journey ended", "2", "3", "3", "25% (20%–30%)", "25% (5.2%–30%)", "1.5 h (1.2–2.5 h)"],
    ]


def test_a_median_among_other_values_has_its_interval():
    frame = pd.DataFrame({"measure": ["journeys", "throughput_median"], "value": [14.0, 780.0]})
    frame = frame.assign(median_low_s=[None, 60.0], median_high_s=[None, 172800.0], unit=["count", "seconds"])
    assert [row[1] for row in shown(grid(frame, texts("pl")))] == ["14", "13 min (1 min–2 dni)"]


@pytest.mark.parametrize(
    ("language", "low", "high", "said"),
    [
        ("en", 6480, 8280, "1.8–2.3 h"),
        ("ru", 6480, 8280, "1,8–2,3 ч"),
        ("en", 3000, 4680, "50 min–1.3 h"),
        ("pl", 0, 45, "0–45 s"),
        # as many places as tell the ends apart, two at most
        ("en", 43380, 43740, "12.1–12.2 h"),
        ("en", 7488, 7668, "2.08–2.13 h"),
        ("en", 120, 120, "2–2 min"),
    ],
)
def test_an_interval_of_times(language, low, high, said):
    assert texts(language).durations(low, high) == said


def test_texts_follow_the_language():
    made = grid(funnel(), texts("pl"))
    assert made.columns[0].label == "Krok"
    assert shown(made)[1][0] == "ścieżka się skończyła"
    assert grid(pd.DataFrame({"kind": ["loop"], "touchpoint": ["loop"]}), texts("ru")).rows[0].cells[0].text == "петля"
    assert grid(pd.DataFrame({"kind": ["loop"], "touchpoint": ["loop"]}), texts("ru")).rows[0].cells[1].text == "loop"


def test_rows_keep_the_label_of_their_frame():
    assert [row.key for row in grid(funnel()[1:], texts("en")).rows] == [1]


def test_texts_of_data_stay_as_they_are():
    evil = "<img src=x onerror=alert(1)>"
    assert shown(grid(pd.DataFrame({"touchpoint": [evil]}), texts("en"))) == [[evil]]


@pytest.fixture
def table():
    frame = pd.DataFrame({"touchpoint": ["b", "a", "c", "d", "e"], "n": [2, 9, 2, None, 10]})
    view = TableView(pickable=True, size=2)
    view.show(grid(frame, texts("en")), "Caption")
    return view


def names(view) -> list[str]:
    return [row["cells"][0] for row in view.rows]


def test_pages(table, said):
    assert (names(table), table.pages, table.counted) == (["b", "a"], 3, "1–2 of 5 rows")
    said(table, type="page", page=2)
    assert (names(table), table.counted) == (["e"], "5–5 of 5 rows")
    said(table, type="page", page=3)
    assert table.page == 2


def test_sorting_goes_three_ways_and_puts_empty_cells_last(table, said):
    said(table, type="sort", column=1)
    assert names(table) == ["e", "a"]  # numbers: the largest first, and 10 is more than 9
    said(table, type="sort", column=1)
    assert names(table) == ["b", "c"]
    said(table, type="page", page=2)
    assert names(table) == ["d"]
    said(table, type="sort", column=1)
    assert (names(table), table.sort["column"]) == (["b", "a"], -1)
    said(table, type="sort", column=0)
    assert names(table) == ["a", "b"]


def test_a_row_is_picked_by_its_label(table, said):
    told = []
    table.listen(told.append)
    for row in (3, 5, -1, "3"):
        said(table, type="pick", row=row)
    assert (told, table.picked) == ([3], 3)


def test_a_table_of_nothing(said):
    view = TableView()
    view.show(grid(pd.DataFrame({"touchpoint": [], "n": []}), texts("en")))
    assert (view.rows, view.pages, view.counted) == ([], 1, "0–0 of 0 rows")
    said(view, type="page", page=1)
    assert view.page == 0
