"""The journey map's messages: what is on the canvas can be changed, nothing else, and every change is answered."""

from __future__ import annotations

import drawn
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from widgets.map_view import MOST_ANSWERS, MOST_AUTHOR, MOST_TEXT, MapView

ACTIONS = ("place", "add", "edit", "remove", "move", "undo")
WHO = {"author": "Anna", "id": "c1"}
GOOD = {
    "place": {"touchpoint": "Cart", "stage": "Choose", "index": 0},
    "add": {"stage": "Buy", "lane": "pain", "text": "One line\nand another"},
    "edit": {"note": "n1", "text": "Better"},
    "remove": {"note": "n1"},
    "move": {"note": "n1", "stage": "Use", "lane": "notes"},
    "undo": {},
}
ANYTHING = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.lists(st.text(max_size=3), max_size=3)
)


@pytest.fixture
def view() -> MapView:
    return MapView(canvas=drawn.canvas(), labels={"gone": "It is gone."})


@pytest.fixture
def told(view) -> list:
    heard: list = []
    view.listen(lambda *values: heard.append(values))
    return heard


@pytest.mark.parametrize("action", ACTIONS)
def test_a_change_is_told_with_its_values_and_who_made_it(view, told, said, action):
    said(view, type=action, **GOOD[action], **WHO)
    assert told == [("change", "c1", action, GOOD[action], "Anna")]


@pytest.mark.parametrize("action", ACTIONS)
def test_what_is_said_twice_is_told_once(view, told, said, action):
    for _ in range(2):  # after a broken connection the page says again whatever it got no answer for
        said(view, type=action, **GOOD[action], **WHO, said="s1")
    assert len(told) == 1


@pytest.mark.parametrize(
    ("action", "values"),
    [
        ("place", {"index": -1}),
        ("place", {"index": 10_001}),
        ("place", {"index": 1.5}),
        ("place", {"index": True}),
        ("place", {"touchpoint": "x" * 1001}),
        ("place", {"stage": None}),
        ("add", {"text": ""}),
        ("add", {"text": " \n "}),
        ("add", {"text": "x" * (MOST_TEXT + 1)}),
        ("add", {"text": "bell \x07"}),
        ("add", {"lane": ["pain"]}),
        ("edit", {"text": 7}),
        ("edit", {"note": "n1\n"}),
        ("move", {"lane": "\x00"}),
        ("undo", {"author": "x" * (MOST_AUTHOR + 1)}),
        ("undo", {"author": "a\nb"}),
        ("undo", {"author": None}),
        ("undo", {"id": ""}),
        ("undo", {"id": "x" * 61}),
    ],
)
def test_what_was_not_agreed_is_ignored(view, told, said, action, values):
    said(view, **({"type": action} | GOOD[action] | WHO | values))
    assert (told, view.answers, view.refused) == ([], [], 1)


@pytest.mark.parametrize(
    ("action", "values"),
    [
        ("place", {"touchpoint": "Nowhere"}),
        ("place", {"stage": "Nowhere"}),
        ("add", {"stage": "Nowhere"}),
        ("add", {"lane": "felt"}),  # not a lane of words
        ("edit", {"note": "n2"}),
        ("remove", {"note": "constructor"}),
        ("move", {"lane": "touchpoints"}),
    ],
)
def test_what_is_no_longer_there_is_answered_and_changes_nothing(view, told, said, action, values):
    said(view, **({"type": action} | GOOD[action] | WHO | values))
    assert told == []
    assert view.answers == [{"id": "c1", "text": "It is gone.", "problem": True, "waits": 0, "undone": ""}]


def test_only_rows_of_the_map_are_picked(view, told, said):
    for of, row in (("frame", 0), ("stages", 4), ("frame", 9), ("frame", -1), ("frame", 99), ("felt", 0), ("stages", "0")):
        said(view, type="pick", of=of, row=row)
    assert told == [("pick", "frame", 0), ("pick", "stages", 4)]  # 9 is none, -1 that of One-tap, which nobody meets


def test_lanes_are_hidden_in_the_order_of_the_map(view, told, said):
    said(view, type="lanes", hidden=["pain", "felt"])
    said(view, type="lanes", hidden=["nothing"])
    said(view, type="lanes", hidden="felt")
    assert told == [("lanes", ("felt", "pain"))]


def test_a_plan_is_removed_only_where_there_is_one(view, told, said):
    said(view, type="unplan")
    assert told == []
    view.plan = {"name": "As meant", "open": True, "own": True}
    said(view, type="unplan")
    said(view, type="plan")
    assert told == [("unplan",), ("plan",)]


def test_answers_are_kept_for_a_while(view):
    for i in range(MOST_ANSWERS + 5):
        view.answer(f"c{i}", "Kept.")
    assert [view.answers[0]["id"], view.answers[-1]["id"]] == ["c5", f"c{MOST_ANSWERS + 4}"]


def test_fields_end_where_the_store_would_refuse():
    for most in (MOST_TEXT, MOST_AUTHOR):
        assert f'maxlength: "{most}"' in MapView._esm


def test_before_there_is_a_map_nothing_can_be_changed(said):
    view, told = MapView(), []
    view.listen(lambda *values: told.append(values))
    for action in ACTIONS[:-1]:
        said(view, type=action, **GOOD[action], **WHO)
    said(view, type="pick", of="frame", row=0)
    assert told == [] and all(one["problem"] for one in view.answers)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_hostile_messages_do_nothing(data, caplog):
    view, told = MapView(canvas=drawn.canvas()), []
    view.listen(lambda *values: told.append(values))
    before = {name: value for name, value in view.get_state().items() if name != "answers"}
    kind = data.draw(st.sampled_from(view.takes))
    names = ["id", "author", "stage", "lane", "text", "note", "touchpoint", "index", "of", "row", "hidden", "said"]
    view._handle_custom_msg(data.draw(st.dictionaries(st.sampled_from(names), ANYTHING)) | {"type": kind}, None)
    view.set_state({"canvas": {"title": "<img>"}, "answers": [{"id": "x"}], "placed": 9, "_esm": "alert(1)"})
    assert {name: value for name, value in view.get_state().items() if name != "answers"} == before
    assert all(one[0] in {"lanes", "plan"} or one[2] == "undo" for one in told)  # they name nothing on the map
    assert "unexpected" not in caplog.text
