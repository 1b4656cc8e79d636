"""Whatever a browser sends: nothing raises, nothing outside what was agreed gets through."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from widgets.chart_view import ChartView
from widgets.confirm_view import ConfirmView
from widgets.controls import Choice, Slider, StepList
from widgets.customers_view import Picked
from widgets.download import Download
from widgets.example_view import ExampleView
from widgets.filters import Filters
from widgets.own_view import OwnView
from widgets.records import Cell, Column, Grid, Row
from widgets.table_view import TableView
from widgets.texts_view import CodeView, ExplainView, Headline, NotesView, StatusLine
from widgets.upload import Upload
from workbench.locale import texts

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["a", "period", "where channel"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=6,
)
NAMES = [
    "type",
    "value",
    "row",
    "page",
    "column",
    "id",
    "offset",
    "size",
    "name",
    "key",
    "values",
    "index",
    "item",
    "start",
    "end",
    "width",
]


def choice() -> Choice:
    made = Choice()
    made.offer([("a", "A"), ("b", "B")], "a")
    return made


def step_list() -> StepList:
    return StepList(options=["a", "b", "c"], steps=["a", "b"])


def filters() -> Filters:
    return Filters(
        pills=[{"key": "period"}, {"key": "where channel"}],
        columns=[{"name": "channel", "values": [{"value": "a"}, {"value": "b"}]}],
    )


def table() -> TableView:
    made = TableView(pickable=True, size=2)
    rows = [Row(10 + i, (Cell(f"r{i}", f"r{i}"), Cell(str(n), n))) for i, n in enumerate([3, None, 1, 3])]
    made.show(Grid((Column("name", "Name", False), Column("n", "N", True)), rows, texts("en")))
    return made


MADE = {
    "choice": choice, "slider": lambda: Slider(low=0, high=10), "steps": step_list, "filters": filters, "table": table,
    "chart": ChartView, "download": Download, "upload": lambda: Upload(limit_mb=1), "picked": Picked, "headline": Headline,
    "explain": ExplainView, "notes": NotesView, "code": CodeView, "status": StatusLine, "confirm": ConfirmView,
    "example": ExampleView, "own": OwnView,
}  # fmt: skip


@pytest.mark.parametrize("name", MADE)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_hostile_messages_and_traits_do_nothing(name, data, caplog):
    view = MADE[name]()
    before = view.get_state()
    content = data.draw(ANYTHING | st.dictionaries(st.sampled_from(NAMES), ANYTHING, max_size=6))
    view._handle_custom_msg(content, [memoryview(b"x")])
    kind = data.draw(st.sampled_from(view.takes or ("x",)))
    body = data.draw(st.dictionaries(st.sampled_from(NAMES), ANYTHING, max_size=6))
    view._handle_custom_msg({**body, "type": kind}, None)
    view.set_state({"value": "evil", "spec": {"$schema": "x"}, "labels": {"title": "<img>"}, "_esm": "alert(1)"})
    after = view.get_state()
    assert {key for key in after if after[key] != before[key]} <= {
        "value",
        "page",
        "rows",
        "sort",
        "counted",
        "picked",
        "steps",
        "check",
    }
    assert "unexpected" not in caplog.text


def test_traits_set_by_a_browser_are_dropped():
    view = choice()
    view.set_state({"value": "b", "options": [{"value": "evil"}]})
    assert (view.value, [one["value"] for one in view.options], view.refused) == ("a", ["a", "b"], 1)


def test_a_choice_tells_only_what_was_offered(said):
    view, told = choice(), []
    view.listen(told.append)
    for value in ("b", "c", "", None, ["b"], {"b": 1}, "b\n"):
        said(view, type="pick", value=value)
    assert (told, view.value, view.refused) == (["b"], "b", 6)


def test_what_is_said_twice_is_done_once(said):
    view, told = choice(), []
    view.listen(told.append)
    said(view, type="pick", value="b", said="one")
    said(view, type="pick", value="b", said="one")  # after a broken connection
    said(view, type="pick", value="b", said="two")
    said(view, type="pick", value="b")
    said(view, type="pick", value="b", said=["three"])
    assert told == ["b"] * 4
    other = choice()
    other.listen(told.append)
    said(other, type="pick", value="a", said="one")  # every view counts its own
    assert told[-1] == "a"


def test_a_slider_tells_whole_numbers_within_its_bounds(said):
    view, told = Slider(low=0, high=10), []
    view.listen(told.append)
    for value in (3, 3.0, 10, -1, 11, 2.5, True, "4", float("nan"), float("inf"), 10**30):
        said(view, type="slide", value=value)
    assert told == [3, 3, 10]


def test_steps_are_different_known_touchpoints(said):
    view, told = step_list(), []
    view.listen(told.append)
    for value in (["b", "a"], ["a"], ["a", "a"], ["a", "x"], "ab", ["a", "b", "c"], ["a", 1]):
        said(view, type="steps", value=value)
    assert told == [("b", "a"), ("a", "b", "c")]


def test_a_chart_tells_rows_and_room(said):
    view, rows, rooms = ChartView(), [], []
    view.listen(rows.append)
    view.on_room(rooms.append)
    for row in (0, 7, -1, 1.5, "1", None):
        said(view, type="pick", row=row)
    for width in (380, 99, 10**6, "400"):
        said(view, type="room", width=width)
    assert (rows, rooms) == ([0, 7], [380])


def test_a_page_that_has_no_charts_program_gets_it_again(said, monkeypatch):
    from widgets import chart_view

    sent, bundle = [], chart_view.Bundle()
    monkeypatch.setattr(chart_view, "bundle", lambda: bundle)
    view = ChartView()
    monkeypatch.setattr(chart_view.Bundle, "send_state", lambda one, key=None: sent.append(key))
    said(view, type="bundle")
    assert sent == []  # it comes by itself once it is there
    bundle.packed = b"program"
    sent.clear()
    said(view, type="bundle")
    assert sent == ["packed"]


def test_filters_tell_known_columns_values_and_dates(said):
    view, told = filters(), []
    view.listen(lambda *values: told.append(values))
    said(view, type="where", column="channel", values=["b", "a", "b"])
    said(view, type="where", column="channel", values=["x"])
    said(view, type="where", column="nothing", values=["a"])
    said(view, type="period", start="2026-03-01", end="")
    said(view, type="period", start="1 March", end="")
    said(view, type="remove", key="period")
    said(view, type="remove", key="pattern 0")
    said(view, type="check", index=0, value="Cart ->", apply=1)
    said(view, type="check", index=3, value="Cart", apply=True)
    assert told == [
        ("where", "channel", ("b", "a")),
        ("period", "2026-03-01", ""),
        ("remove", "period"),
        ("pattern", 0, "Cart ->", False),
    ]


def test_a_mistake_of_ours_is_logged_and_stays_inside(said, caplog):
    view = choice()
    view.listen(lambda value: 1 / 0)
    said(view, type="pick", value="b")
    assert "ZeroDivisionError" in caplog.text and "unexpected" in caplog.text


def test_cancel_is_told(said):
    view, told = StatusLine(), []
    view.listen(lambda: told.append("cancel"))
    said(view, type="cancel")
    assert told == ["cancel"]
