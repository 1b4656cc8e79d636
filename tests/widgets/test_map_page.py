"""The journey map on its page, on the company of twelve: no browser; what is kept is read from the store itself."""

from __future__ import annotations

import pandas as pd
import pytest

import widgets
import workbench as wb
from widgets.journey_map import template
from widgets.state import LANES, Allowed, State, read
from workbench.journeys import Plan
from workbench.locale import texts
from workbench.settings import Settings
from workbench.store.notes import Notes

WHO = {"author": "Anna"}


def shown(one) -> bool:
    return one.layout.display != "none"


@pytest.fixture
def study(tmp_path, made):
    """A store of the test's own: it is written to."""
    folder = made(tmp_path / "twelve")
    return wb.open(folder, settings=Settings(min_group=2, store=str(folder)))


@pytest.fixture
def page(study, monkeypatch):
    monkeypatch.setattr("widgets.journeys.fill", lambda: None)
    return widgets.JourneysPage(study)


@pytest.fixture
def cards(page):
    """cards() -> stage -> its touchpoints, as the screen has them."""
    return lambda: {
        stage: [one["key"] for one in cell["cards"]] for stage, cell in page.map.view.canvas["cells"]["touchpoints"].items()
    }


@pytest.fixture
def change(page, said):
    """change(action, …) -> what the page was answered."""

    def say(action: str, **values) -> dict:
        number = f"c{len(page.map.view.answers)}"
        said(page.map.view, type=action, id=number, **(WHO | values))
        (answer,) = (one for one in page.map.view.answers if one["id"] == number)
        return answer

    return say


def test_a_link_that_says_nothing_shows_the_map_and_others_what_they_name(page, said):
    assert page.state.view == "map" and page.state.link(page.default) == ""
    assert (shown(page.map.box), shown(page.chart), shown(page.table), shown(page.further)) == (True, False, False, False)
    assert page.headline.title == page.map.view.canvas["title"]
    assert "wb.journeys.map(study)" in page.code.code
    said(page.url, type="link", link="view=flow")
    assert (shown(page.map.box), shown(page.chart)) == (False, True)
    said(page.url, type="link", link="view=map&shape=table")
    assert (shown(page.map.box), shown(page.chart), shown(page.table), shown(page.further)) == (False, False, True, True)


@pytest.mark.parametrize("language", ["en", "ru", "pl"])
def test_the_map_speaks_the_pages_language(page, said, language):
    said(page.url, type="link", link=f"lang={language}")
    t = texts(language)
    assert page.status.kind == "quiet", page.status.message
    assert page.map.view.canvas["lanes"][0]["name"] == t("map.lane.touchpoints")
    assert page.map.view.labels["undo"] == t("widgets.map.undo")
    assert page.map.upload.labels["title"] == t("widgets.map.plan_title")
    said(page.controls.shape, type="pick", value="table")
    assert page.table.rows and page.further.rows
    wrong = [one["label"] for one in (*page.table.columns, *page.further.columns) if "_" in one["label"] or not one["label"]]
    assert wrong == []


def test_hidden_lanes_stand_in_the_link():
    link = State(hidden=("felt", "notes")).link(State())
    assert link == "hidden=felt&hidden=notes"
    assert read(link, State(), Allowed()) == (State(hidden=("felt", "notes")), ())
    assert read("hidden=notes&hidden=felt", State(), Allowed())[0].hidden == ("felt", "notes")
    assert read("hidden=feelings", State(), Allowed()) == (State(), ("hidden",))


def test_every_lane_can_be_hidden(page, said):
    assert {one["key"] for one in page.map.view.canvas["lanes"]} <= set(LANES)
    said(page.map.view, type="lanes", hidden=["next"])
    assert page.map.view.hidden == ["next"] and "hidden=next" in page.url.link


def test_cards_and_stages_open_exactly_their_customers(page, said):
    result = page.answer.result
    for of, frame in (("frame", result.frame), ("stages", result.stages)):
        for row in frame.index[frame["n"] > 0]:
            said(page.map.view, type="pick", of=of, row=int(row))
            assert len(page.who.frame) == frame.at[row, "n_customers"]
            assert page.map.view.picked == {"of": of, "row": int(row)}
    said(page.who.head, type="close")
    assert not page.who.head.picked and page.map.view.picked["row"] == -1


def test_what_is_picked_is_called_by_its_name(page, said):
    result = page.answer.result
    said(page.map.view, type="pick", of="frame", row=0)
    assert page.who.head.title.startswith(result.frame.at[0, "touchpoint"])
    said(page.map.view, type="pick", of="stages", row=0)
    assert page.who.head.title.startswith(page.map.view.canvas["stages"][0]["name"])


def test_notes_are_kept_beside_the_store_with_author_and_time(page, study, change):
    stage = page.map.view.canvas["stages"][0]["key"]
    assert not change("add", stage=stage, lane="notes", text="First\nsecond")["problem"]
    (kept,) = Notes(study.store).all()
    assert (kept.text, kept.author, kept.stage) == ("First\nsecond", "Anna", stage)
    (shown_,) = page.map.view.canvas["cells"]["notes"][stage]["notes"]
    assert (shown_["id"], shown_["text"], shown_["author"]) == (kept.id, "First\nsecond", "Anna") and shown_["when"]
    change("edit", note=kept.id, text="Better", author="Jan")
    assert [(one.text, one.author, one.added_by) for one in Notes(study.store).all()] == [("Better", "Jan", "Anna")]
    change("remove", note=kept.id)
    assert Notes(study.store).all() == () and page.map.view.canvas["cells"]["notes"][stage]["notes"] == []
    answer = change("undo")
    assert (answer["undone"], answer["text"]) == ("remove", page.t("widgets.map.done_undo_remove"))
    assert [one["text"] for one in page.map.view.canvas["cells"]["notes"][stage]["notes"]] == ["Better"]


def test_a_page_made_before_shows_what_was_arranged_and_planned_since(page, study, said, cards):
    """A page is kept warm before its visitor comes; so is one that somebody else has open."""
    before, plan = cards(), template(page.map.view.canvas, "By hand")
    stage, (first, *rest) = next((one, names) for one, names in before.items() if len(names) > 1)
    Notes(study.store).place(first, stage, len(rest), "Jan")
    said(page.url, type="link", link="")
    assert cards()[stage] == [*rest, first]
    Notes(study.store).undo("Jan")
    plan.save(study.store)
    said(page.url, type="link", link="")
    assert cards() == before and page.answer.result.plan.name == "By hand"
    said(page.url, type="link", link="view=conformance")
    Plan.remove(study.store)
    asked = page.answer
    said(page.url, type="link", link="view=conformance")
    assert page.answer is not asked
    shown = page.answer
    said(page.url, type="link", link="view=conformance")
    assert page.answer is shown


def test_a_card_stays_where_it_was_dragged_and_numbers_are_counted_anew(page, study, change, cards):
    before = cards()
    stages = list(before)
    card = before[stages[0]][0]
    home = page.answer.result.stages.set_index("stage")["n"].to_dict()
    answer = change("place", touchpoint=card, stage="Somewhere", index=0)
    assert answer["problem"] and answer["text"] == page.t("widgets.map.gone")
    if len(stages) > 1:
        answer = change("place", touchpoint=card, stage=stages[1], index=0)
        assert cards()[stages[1]][0] == card and card not in cards().get(stages[0], [])
        assert page.answer.result.stages.set_index("stage")["n"].to_dict() != home
    else:
        answer = change("place", touchpoint=card, stage=stages[0], index=2)
        assert cards()[stages[0]][2] == card
    # the page shows the change by itself until the canvas holds it, which it does now
    assert answer["waits"] == page.map.view.placed == 1
    change("undo")
    assert cards() == before and page.map.view.placed == 2


def test_what_cannot_be_kept_is_said(page, change, monkeypatch):
    stage = page.map.view.canvas["stages"][0]["key"]
    monkeypatch.setattr(Notes, "add", lambda *_: 1 / 0)
    answer = change("add", stage=stage, lane="notes", text="Lost")
    assert answer["problem"] and answer["text"].startswith("Something unexpected happened")
    answer = change("undo")
    assert answer["problem"] and answer["text"] == change("undo")["text"] != ""


def test_a_plan_is_brought_kept_and_removed(page, study, said, cards, change, tmp_path):
    touchpoints = [one for names in cards().values() for one in names]
    sheet = tmp_path / "meant.csv"
    planned = [*touchpoints[1:], "Thank you"]
    pd.DataFrame({"touchpoint": planned, "stage": ["Early", *["Late"] * (len(planned) - 1)]}).to_csv(sheet, index=False)
    said(page.map.view, type="plan")
    assert shown(page.map.panel) and page.map.view.plan == {"name": "", "open": True, "own": False}
    page.map.upload.tell(sheet, "meant")
    assert page.status.kind == "note" and page.t("widgets.map.planned", plan="meant", n=len(planned)) in page.status.message
    assert Plan.of(study.store).touchpoints == tuple(planned)
    assert page.map.view.plan == {"name": "meant", "open": False, "own": True} and not shown(page.map.panel)
    assert cards()["Early"] == [touchpoints[1]] and "Thank you" in cards()["Late"]
    assert set(page.map.view.fixed) == set(planned)
    # within its stage a planned card moves; out of it only another plan takes it
    answer = change("place", touchpoint="Thank you", stage="Early", index=0)
    assert answer["problem"] and answer["text"] == page.t("widgets.map.by_plan", touchpoint="Thank you", stage="Late")
    assert not change("place", touchpoint="Thank you", stage="Late", index=0)["problem"]
    assert cards()["Late"][0] == "Thank you"
    said(page.map.view, type="unplan")
    assert Plan.of(study.store) is None and page.map.view.plan["name"] == ""
    assert "Thank you" not in [one for names in cards().values() for one in names]


def test_a_sheet_that_is_no_plan_is_said_and_changes_nothing(page, study, tmp_path):
    sheet = tmp_path / "prices.csv"
    sheet.write_text("a,b\n1,2\n", encoding="utf-8")
    before = page.map.view.canvas
    page.map.upload.tell(sheet, "prices")
    assert page.status.kind == "error" and "prices" in page.status.message
    assert Plan.of(study.store) is None and page.map.view.canvas == before


def test_the_template_holds_the_touchpoints_and_can_be_read_back(page, said, caught, tmp_path):
    sent = caught(page.map.files)
    said(page.map.files, type="get", item="template")
    sheet = tmp_path / "template.xlsx"
    sheet.write_bytes(b"".join(bytes(buffers[0]) for content, buffers in sent if content["type"] == "piece"))
    found = wb.journeys.plan(sheet, name="Twelve")
    made = template(page.map.view.canvas, "Twelve")
    assert found == made and found.unread == ()
    assert made.touchpoints == tuple(
        one["key"] for cell in page.map.view.canvas["cells"]["touchpoints"].values() for one in cell["cards"]
    )


def test_of_a_sample_the_page_says_where_notes_go(page, study, monkeypatch, tmp_path):
    hint = page.t("widgets.map.plan_sample")
    assert hint not in page.map.upload.labels["help"]
    monkeypatch.setattr("widgets.journey_map.beside", lambda store: tmp_path / "elsewhere")
    page.map.speak()
    assert hint in page.map.upload.labels["help"]
