"""A connection that breaks takes messages with it; what a person did and what Python answered must not be lost with them."""

from __future__ import annotations

import time

import pytest
from breaking import Line

from workbench.locale import texts

START = "00_start_here"
TABLE = "customer_id,occurred_at,touchpoint\n" + "".join(
    f"c{i},2026-01-0{day} 10:00,{touchpoint}\n" for i in range(30) for day, touchpoint in enumerate(["Ad", "Search", "Buy"], 1)
)
# one distinct place of the page for each step that it scrolled
SCROLLED = "() => { window.places = new Set(); addEventListener('scroll', () => places.add(Math.round(scrollY))); }"


def _until(page, condition) -> None:
    """Lets the browser go on until that is so."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        page.wait_for_timeout(20)


def _start(site, page) -> Line:
    line = Line(page)
    page.goto(site.app(START, "#lang=en"))
    page.locator(".cxw-tiles dd").first.wait_for()
    return line


def _bring(page, path) -> None:
    path.write_text(TABLE, encoding="utf-8")
    page.locator("input[type=file]").set_input_files(path)


def _load(page):
    return page.get_by_role("button", name=texts("en")("widgets.confirm.load"), exact=True)


def _loaded(page) -> None:
    page.get_by_role("link", name=texts("en")("widgets.start.open_it")).wait_for()


@pytest.mark.parametrize("lost", [rb'"type":"begin"', rb'"type":"piece"', rb'"type": ?"more"'])
def test_an_upload_goes_on_where_its_connection_broke(site, open_page, tmp_path, lost):
    page = open_page()
    line = _start(site, page)
    line.eats = lost
    _bring(page, tmp_path / "shop.csv")
    _load(page).wait_for()
    assert line.eats == b""  # it was lost indeed
    assert texts("en")("units.rows", n=90) in page.locator(".cxw-mapping").inner_text()


@pytest.mark.parametrize("lost", [rb'"type":"load"', rb'"outcome": ?\["'])
def test_a_click_and_its_answer_outlive_the_connection(site, open_page, tmp_path, lost):
    page = open_page()
    line = _start(site, page)
    _bring(page, tmp_path / "shop.csv")
    _load(page).wait_for()
    line.eats = lost
    _load(page).click()
    _loaded(page)
    assert line.eats == b""


def test_what_is_said_again_is_done_once(site, open_page, tmp_path):
    from workbench.settings import ROOT

    private = ROOT / "data" / "private"
    page = open_page()
    line = _start(site, page)
    _bring(page, tmp_path / "shop.csv")
    _load(page).wait_for()
    before = set(private.iterdir())
    line.deaf = True  # Python loads, and the page learns nothing of it
    _load(page).click()
    _until(page, lambda: any(b'"type":"load"' in one for one in line.said))
    line.deaf = False
    line.breaks()
    _loaded(page)
    assert sum(b'"type":"load"' in one for one in line.said) == 2
    assert len(set(private.iterdir()) - before) == 1


def test_a_file_on_its_way_to_the_person_arrives(site, open_page):
    page = open_page()
    line = Line(page)
    page.goto(site.app("10_journey_mapping", "#lang=en&view=flow&shape=table"))
    page.locator(".cxw-code code", has_text=".flow(").wait_for()  # a warm page shows the map first
    page.locator("table tbody tr:visible").first.wait_for()
    page.locator(".cxw-status[data-kind=busy]").wait_for(state="detached")
    line.eats = rb'"type": ?"piece"'
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    assert line.eats == b""
    assert download.value.path().read_text(encoding="utf-8-sig").startswith("kind,source,target,n")
    page.get_by_text(texts("en")("widgets.saved")).wait_for()


def test_a_page_learns_what_was_said_while_it_heard_nothing(site, open_page):
    page = open_page()
    line = _start(site, page)
    line.deaf = True
    page.get_by_role("button", name="PL").click()
    _until(page, lambda: any(b"lang=pl" in one for one in line.said))
    line.deaf = False
    assert page.locator("h1").first.inner_text() == texts("en")("widgets.start.title")
    line.breaks()
    page.get_by_role("heading", name=texts("pl")("widgets.start.title")).wait_for()


def test_a_server_that_answers_is_connected_to_again_and_no_session_is_said_to_have_ended(site, open_page):
    page = open_page()
    line = Line(page)
    page.goto(site.app())
    page.locator("html[data-cxw-session=fine]").wait_for()
    seen = """() => {
      window.seen = new Set();
      const look = () => seen.add(document.documentElement.dataset.cxwSession);
      new MutationObserver(look).observe(document.documentElement, { attributeFilter: ["data-cxw-session"] });
    }"""
    page.evaluate(seen)
    line.closed = True
    line.breaks()
    page.get_by_text(texts("en")("server.session_lost")).wait_for()
    _until(page, lambda: line.refused > 6)  # rounds of the watchdog, each of which finds a server that is there
    line.closed = False
    page.locator("html[data-cxw-session=fine]").wait_for()
    assert "ended" not in page.evaluate("[...seen]")
    assert page.locator(".cxw-banner").count() == 0


def test_a_button_that_is_redrawn_while_it_is_pressed_takes_the_click(site, open_page, tmp_path):
    page = open_page()
    _start(site, page)
    _bring(page, tmp_path / "shop.csv")
    load = _load(page)
    load.scroll_into_view_if_needed()
    box = load.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.evaluate("() => document.querySelector('[data-cxw-language=pl]').click()")
    page.get_by_role("heading", name=texts("pl")("widgets.start.title")).wait_for()
    page.mouse.up()
    page.get_by_role("link", name=texts("pl")("widgets.start.open_it")).wait_for()


def test_a_file_that_has_been_read_is_in_sight_at_once(site, open_page, tmp_path):
    page = open_page()
    _start(site, page)
    page.evaluate(SCROLLED)
    _bring(page, tmp_path / "shop.csv")
    _load(page).wait_for()
    page.wait_for_function("() => Math.abs(document.querySelector('.cxw-mapping').getBoundingClientRect().top - 80) < 2")
    assert len(page.evaluate("[...places]")) == 1  # what moves under a pointer is missed
