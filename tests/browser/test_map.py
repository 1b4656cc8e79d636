"""The journey map as a person works with it: mouse, keyboard, what stays after a reload, what a stranger writes."""

from __future__ import annotations

import re
import shutil

import pytest
from breaking import Line

from workbench.locale import LANGUAGES, texts
from workbench.settings import ROOT, SAMPLE
from workbench.store.notes import Notes

APP = "10_journey_mapping"
EVIL = "<img src=x onerror=window.hacked=1>"
T = texts("en")
CARDS = "td[data-drop=cards][data-stage='{}'] [data-card]"
NAMES = "all => all.map((one) => one.dataset.card)"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """The sample in a folder of the tests' own: nobody's notes are touched."""
    return shutil.copytree(SAMPLE, tmp_path_factory.mktemp("companies") / "shop")


@pytest.fixture(scope="module")
def desk(start, store, tmp_path_factory):
    """A server of that company."""
    folder = tmp_path_factory.mktemp("notebooks")
    shutil.copy(ROOT / "notebooks" / f"{APP}.ipynb", folder)
    return start(folder, store=str(store), samples=str(store.parent))


@pytest.fixture
def address(desk):
    """address(what a link says besides) -> where that company's page is."""
    return lambda rest="": desk.app(APP, f"#lang=en{rest}")


@pytest.fixture
def clean(store):
    """Nothing is noted, dragged or planned."""
    for name in ("notes.jsonl", "plan.json"):
        (store / name).unlink(missing_ok=True)
    return Notes(store)


@pytest.fixture
def shown(desk, address, open_page, clean):
    """shown(what the link says besides, options of the context) -> the page, its map drawn."""

    def show(rest: str = "", **options):
        page = open_page(home=desk.url, **options)
        page.goto(address(rest))
        ready(page)
        return page

    return show


def ready(page) -> None:
    page.locator(".cxw-map-table").wait_for()
    page.locator(".cxw-status[data-kind=busy]").wait_for(state="detached")


def named(page, name: str = "Anna") -> None:
    page.get_by_label(T("widgets.map.name")).fill(name)
    page.get_by_label(T("widgets.map.name")).press("Enter")


def cards(page, stage: str) -> list[str]:
    return page.locator(CARDS.format(stage)).evaluate_all(NAMES)


def stand(page, stage: str, wanted: list[str]) -> None:
    """Waits: a page kept warm shows first how the cards stood when it was made."""
    there = f"([at, wanted]) => String(({NAMES})([...document.querySelectorAll(at)])) === String(wanted)"
    page.wait_for_function(there, arg=[CARDS.format(stage), wanted])


def key(page, name: str):
    return page.locator(f"[data-key='{name}']")


def focused(page) -> str:
    return page.evaluate("document.activeElement.dataset.key ?? ''")


def middle(page, selector: str) -> tuple[float, float]:
    box = page.locator(selector).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def told(page, text: str) -> None:
    from playwright.sync_api import expect

    # what is said instead stands in the failure
    expect(page.locator(".cxw-map-told")).to_contain_text(text, timeout=60_000)


def note(page, stage: str, text: str) -> None:
    key(page, f"add notes {stage}").click()
    page.keyboard.type(text)
    page.keyboard.press("Control+Enter")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_map_is_what_a_link_without_a_view_shows(desk, clean, open_page, language):
    page, t = open_page(home=desk.url), texts(language)
    page.goto(desk.app(APP, f"#lang={language}"))
    ready(page)
    table = page.locator(".cxw-map-table")
    heads = table.locator("thead th[scope=col]").all_inner_texts()
    assert [one.split("\n")[0] for one in heads] == ["Discover", "Choose", "Buy", "Use", "Stay"]
    lanes = table.locator("tbody th[scope=row] .cxw-map-lane-name").all_inner_texts()
    assert lanes[0] == t("map.lane.touchpoints") and lanes[-1] == t("map.lane.notes")
    assert page.get_by_role("button", name=t("widgets.map.undo"), exact=True).is_visible()
    assert page.locator(".cxw-chart").is_hidden()


def test_a_link_with_a_view_shows_that_view(desk, address, open_page):
    page = open_page(home=desk.url)
    page.goto(address("&view=variants"))
    page.locator(".cxw-chart svg").first.wait_for()
    assert page.locator(".cxw-map-table").is_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_serious_and_the_page_is_no_wider_than_its_window(shown, axe, clean, scheme, width):
    clean.add("Buy", "pain", "Declined twice", "Anna")
    clean.add("Buy", "notes", "A word " * 60, "Anna")
    page = shown(viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce")
    assert axe(page) == []
    key(page, "lanes").click()
    key(page, "grip Cart").click()
    key(page, "add notes Buy").click()
    key(page, "plan").click()
    page.locator(".cxw-map-plan input[type=file]").wait_for(state="attached")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_number_opens_its_customers_by_mouse_and_by_keyboard(shown):
    from playwright.sync_api import expect

    page = shown()
    key(page, "card Cart").click()
    expect(page.locator(".cxw-picked-name")).to_have_text(re.compile("^Cart"))
    expect(key(page, "card Cart")).to_have_attribute("aria-pressed", "true")
    page.wait_for_url("**row=**")
    key(page, "leave Choose").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".cxw-picked-name")).to_have_text(re.compile("^Choose"))
    expect(key(page, "card Cart")).to_have_attribute("aria-pressed", "false")
    assert focused(page) == "leave Choose"


def test_a_card_is_dragged_by_the_mouse_and_stays_there(shown, address):
    page = shown()
    before = cards(page, "Choose")
    x, y = middle(page, "[data-card=Cart]")
    to_x, to_y = middle(page, f"[data-card='{before[1]}']")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 20, y, steps=3)
    page.mouse.move(to_x, to_y - 12, steps=6)
    page.mouse.up()
    # the first change asks for the name; the card is where it was let go meanwhile
    wanted = [before[0], "Cart", *before[1:]]
    assert cards(page, "Choose") == wanted and focused(page) == "name"
    page.keyboard.type("Anna")
    page.keyboard.press("Enter")
    told(page, T("widgets.map.done_place", touchpoint="Cart", stage="Choose", place=2))
    ready(page)
    assert cards(page, "Choose") == wanted and "Cart" not in cards(page, "Buy")
    page.goto("about:blank")
    page.goto(address())
    ready(page)
    stand(page, "Choose", wanted)
    assert page.get_by_label(T("widgets.map.name")).input_value() == "Anna"
    assert page.locator(".cxw-picked-name").count() == 0  # a drag opens nothing


def test_a_card_is_moved_by_the_keyboard_and_taken_back(shown):
    page = shown()
    named(page)
    before = {stage: cards(page, stage) for stage in ("Discover", "Choose", "Buy")}
    key(page, "card Cart").focus()
    page.keyboard.press("Alt+ArrowLeft")
    told(page, T("widgets.map.done_place", touchpoint="Cart", stage="Choose", place=1))
    assert focused(page) == "card Cart" and cards(page, "Choose")[0] == "Cart"
    page.keyboard.press("Alt+ArrowDown")
    told(page, T("widgets.map.done_place", touchpoint="Cart", stage="Choose", place=2))
    assert focused(page) == "card Cart" and cards(page, "Choose")[1] == "Cart"
    for _ in range(2):
        page.keyboard.press("Control+z")
        told(page, T("widgets.map.done_undo_place"))
        page.wait_for_timeout(50)
    page.wait_for_function('() => document.querySelector("[data-stage=Buy] [data-card=Cart]")')
    ready(page)
    assert {stage: cards(page, stage) for stage in before} == before


def test_the_menu_moves_a_card_without_dragging(shown):
    page = shown()
    named(page)
    key(page, "grip Cart").click()
    menu = page.get_by_role("group", name=f"{T('widgets.map.move')}: Cart")
    menu.get_by_role("button", name=f"{T('widgets.map.to')} Use").click()
    told(page, T("widgets.map.done_place", touchpoint="Cart", stage="Use", place=5))
    assert cards(page, "Use")[-1] == "Cart" and focused(page) == "grip Cart"


def test_a_note_is_written_edited_moved_deleted_and_brought_back(shown, clean, address):
    page = shown()
    named(page)
    note(page, "Buy", "First\nsecond line")
    told(page, T("widgets.map.done_add", lane=T("map.lane.notes"), stage="Buy"))
    (kept,) = clean.all()
    assert (kept.text, kept.author, kept.stage, kept.lane) == ("First\nsecond line", "Anna", "Buy", "notes")
    key(page, f"edit {kept.id}").click()
    page.locator(".cxw-map-editor textarea").fill("Better")
    page.get_by_role("button", name=T("widgets.map.save"), exact=True).click()
    told(page, T("widgets.map.done_edit"))
    assert page.locator(".cxw-map-note p").all_inner_texts()[0] == "Better"
    assert page.locator(".cxw-map-note p").all_inner_texts()[1].startswith("Anna · ")
    key(page, f"grip {kept.id}").click()
    page.get_by_role("button", name=f"{T('widgets.map.to')} Use").click()
    told(page, T("widgets.map.done_move", lane=T("map.lane.notes"), stage="Use"))
    key(page, f"edit {kept.id}").press("Alt+ArrowLeft")
    told(page, T("widgets.map.done_move", lane=T("map.lane.notes"), stage="Buy"))
    key(page, f"remove {kept.id}").click()
    told(page, T("widgets.map.done_remove"))
    assert page.locator(".cxw-map-note").count() == 0 and clean.all() == ()
    key(page, "undo").click()
    told(page, T("widgets.map.done_undo_remove"))
    page.goto("about:blank")
    page.goto(address())
    ready(page)
    assert page.locator("td[data-lane=notes][data-stage=Buy] .cxw-map-note p").first.inner_text() == "Better"


def test_what_is_being_written_outlives_new_numbers(shown):
    page = shown()
    named(page)
    key(page, "add notes Choose").click()
    page.keyboard.type("Half a sent")
    # by the address: the focus stays in the note while other journeys are asked for
    page.evaluate("() => { location.hash += '&where.channel=web'; }")
    page.locator(".cxw-pill", has_text="web").wait_for()
    ready(page)
    page.wait_for_timeout(300)
    page.keyboard.type("ence")
    assert page.locator(".cxw-map-editor textarea").input_value() == "Half a sentence"


def test_what_a_stranger_wrote_is_never_executed(shown, clean):
    clean.add("Buy", "notes", EVIL, EVIL)
    clean.add("Buy", "pain", EVIL, "")
    page = shown()
    named(page, EVIL)
    note(page, "Use", EVIL)
    told(page, T("widgets.map.done_add", lane=T("map.lane.notes"), stage="Use"))
    assert page.locator(".cxw-map-note").count() == 3
    key(page, f"edit {clean.all()[0].id}").click()
    assert page.locator(".cxw-map-editor textarea").input_value() == EVIL
    assert page.locator("img[src=x]").count() == 0
    assert page.evaluate("window.hacked") is None


@pytest.fixture
def disturbed(desk, address, open_page, clean):
    """The page with a name given, and the line between it and the server."""
    page = open_page(home=desk.url)
    line = Line(page)
    page.goto(address())
    ready(page)
    named(page)
    page.watched.lost()  # the console tells of a broken connection
    return page, line


def test_a_change_without_a_connection_is_said_and_kept_once_it_is_back(disturbed, clean):
    page, line = disturbed
    line.closed = True
    line.breaks()
    note(page, "Buy", "Still here")
    page.locator(".cxw-problem", has_text=T("widgets.map.unsaved")).wait_for()
    assert page.locator(".cxw-map-note", has_text="Still here").is_visible() and clean.all() == ()
    line.closed = False
    told(page, T("widgets.map.done_add", lane=T("map.lane.notes"), stage="Buy"))
    assert [one.text for one in clean.all()] == ["Still here"]
    assert page.locator(".cxw-problem").is_hidden()


def test_a_change_whose_answer_is_lost_is_made_once(disturbed, clean):
    page, line = disturbed
    line.eats = rb'"answers": ?\[\{'
    note(page, "Buy", "Once")
    told(page, T("widgets.map.done_add", lane=T("map.lane.notes"), stage="Buy"))
    assert line.eats == b"" and [one.text for one in clean.all()] == ["Once"]
    assert page.locator(".cxw-map-note").count() == 1


def test_a_plan_is_brought_and_removed(shown, store, tmp_path):
    from openpyxl import load_workbook

    from workbench.journeys import Plan

    page = shown()
    key(page, "plan").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=T("widgets.map.files_template")).click()
    sheet = tmp_path / "Meant.xlsx"
    download.value.save_as(sheet)
    book = load_workbook(sheet)
    rows = [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert rows[0][:3] == ["touchpoint", "stage", "order"] and ["Cart", "Buy"] in [row[:2] for row in rows]
    book.active.append(["Thank-you call", "Stay", 99])
    for row in book.active.iter_rows(min_row=2):
        if row[0].value == "Cart":
            row[rows[0].index("owner")].value = EVIL
        if row[0].value == "Pay again":
            book.active.delete_rows(row[0].row)
    book.save(sheet)
    page.locator(".cxw-map-plan input[type=file]").set_input_files(sheet)
    page.locator(".cxw-map-row-badge", has_text=T("map.lane.agree")).wait_for()
    assert "Thank-you call" in Plan.of(store).touchpoints and Plan.of(store).name == "Meant"
    assert page.locator("li.cxw-map-planned").evaluate_all(NAMES) == ["Thank-you call"]
    assert page.locator("li.cxw-map-mined").evaluate_all(NAMES) == ["Pay again"]
    assert page.locator("td[data-lane=owner][data-stage=Buy]").inner_text().strip() == EVIL
    assert page.evaluate("window.hacked") is None
    # what the plan puts into a stage stays there, and that is said
    named(page)
    key(page, "card Cart").focus()
    page.keyboard.press("Alt+ArrowLeft")
    page.locator(".cxw-problem", has_text=T("widgets.map.by_plan", touchpoint="Cart", stage="Buy")).wait_for()
    assert "Cart" in cards(page, "Buy")
    page.locator(".cxw-map-tools").get_by_role("button", name=T("widgets.map.plan")).click()
    key(page, "unplan").click()
    page.locator("li.cxw-map-planned").wait_for(state="detached")
    assert Plan.of(store) is None


def test_lanes_are_hidden_and_the_link_says_so(shown):
    page = shown()
    key(page, "lanes").click()
    page.get_by_role("checkbox", name=T("map.lane.next")).uncheck()
    page.wait_for_url("**hidden=next**")
    page.locator(".cxw-map-row-figure").wait_for(state="detached")
    link = page.url
    page.goto("about:blank")
    page.goto(link)
    ready(page)
    page.locator(".cxw-map-row-figure").wait_for(state="detached")  # a page kept warm shows what no link asks for first
    assert page.locator(".cxw-map-row-cards").count() == 1
