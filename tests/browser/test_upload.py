"""Bringing a file as a person does who uses no mouse, and as one who drags it onto the page."""

from __future__ import annotations

import re

import pytest

from workbench.locale import LANGUAGES, texts
from workbench.settings import Settings

FOCUSED = "(() => { const e = document.activeElement; return %s; })()"
DROP = """([name, text]) => {
  const held = new DataTransfer();
  held.items.add(new File([text], name, { type: "text/csv" }));
  const box = document.querySelector(".cxw-drop");
  for (const kind of ["dragenter", "dragover"]) box.dispatchEvent(new DragEvent(kind, { dataTransfer: held, bubbles: true }));
  const marked = box.classList.contains("cxw-over");
  box.dispatchEvent(new DragEvent("drop", { dataTransfer: held, bubbles: true, cancelable: true }));
  return marked;
}"""


def _table() -> str:
    lines = ["customer_id,occurred_at,touchpoint,channel"]
    for customer in range(30):
        for place, touchpoint in enumerate(["Ad", "Search", "Buy"]):
            lines.append(f"c{customer},2026-01-{place + 1:02} 10:{customer:02}:00,{touchpoint},site")
    return "\n".join(lines) + "\n"


def _start(site, page, language: str) -> None:
    page.goto(site.app("00_start_here", f"#lang={language}"))
    page.get_by_text(texts(language)("widgets.upload.choose"), exact=True).wait_for()


def _tab_to(page, test: str, most: int = 120) -> None:
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED % f"!!({test})"):
            return
    raise AssertionError(f"{test} is not reached by Tab")


def test_from_the_button_to_the_journeys_by_keyboard_alone(site, open_page, tmp_path):
    from playwright.sync_api import expect

    t = texts("pl")
    path = tmp_path / "sklep.csv"
    path.write_text(_table(), encoding="utf-8")
    page = open_page()
    _start(site, page, "pl")
    with page.expect_file_chooser() as chooser:
        _tab_to(page, "e.type === 'file'")
        assert page.evaluate(FOCUSED % "e.labels[0].textContent") == t("widgets.upload.choose")
        assert page.evaluate(FOCUSED % "getComputedStyle(e.labels[0]).outlineStyle") == "solid"  # where the focus is, is seen
        page.keyboard.press("Enter")
    chooser.value.set_files(path)
    for name in (t("widgets.confirm.load"), t("widgets.start.open_it")):
        page.get_by_text(name, exact=True).wait_for()
        _tab_to(page, f"e.textContent.trim() === {name!r}")
        page.keyboard.press("Enter")
    page.wait_for_url("**/10_journey_mapping.ipynb**")
    expect(page.locator(".cxw-headline .cxw-sub")).to_contain_text(t("units.journeys", n=30), timeout=60_000)
    expect(page.locator(".cxw-headline .cxw-sub")).to_contain_text("sklep")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_loaded_is_open_listed_in_this_browser_and_removed_by_keyboard(site, open_page, axe, tmp_path, language):
    from playwright.sync_api import expect

    t = texts(language)
    path = tmp_path / "sklep.csv"
    path.write_text(_table(), encoding="utf-8")
    page = open_page(reduced_motion="reduce")
    _start(site, page, language)
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name=t("widgets.confirm.load"), exact=True).click()
    page.get_by_role("link", name=t("widgets.start.open_it")).wait_for()
    expect(page.locator(".cxw-tiles h2")).to_have_text(t("widgets.start.open_company", company="sklep"), timeout=30_000)
    page.wait_for_url("**#company=*")
    link = page.url[page.url.index("#") :]
    expect(page.locator(".cxw-nav a[href*='10_journey']")).to_have_attribute("href", re.compile("company=[0-9a-f]{32}"))

    page.reload()  # the browser knows it, and the address opens it
    own = page.locator(".cxw-own li")
    expect(own.locator("a[aria-current]")).to_have_text("sklep")
    assert axe(page) == []
    other = open_page(site.app("00_start_here", link))  # who is sent the link can open it, and has nothing to remove
    expect(other.locator(".cxw-tiles h2")).to_have_text(t("widgets.start.open_company", company="sklep"), timeout=30_000)
    assert other.locator(".cxw-own").is_hidden()

    _tab_to(page, f"e.dataset.key?.startsWith('drop ') && e.textContent === {t('widgets.own.remove')!r}")
    page.keyboard.press("Enter")
    page.get_by_text(t("widgets.own.ask", company="sklep")).wait_for()
    assert page.evaluate(FOCUSED % "e.textContent") == t("widgets.own.keep")  # the one that harms nothing
    page.keyboard.press("Escape")
    assert page.evaluate(FOCUSED % "e.textContent") == t("widgets.own.remove")
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.get_by_text(t("widgets.own.removed", company="sklep")).wait_for()
    assert page.locator(".cxw-own li").count() == 0
    assert page.evaluate(FOCUSED % "e.textContent") == t("widgets.own.title")
    expect(page.locator(".cxw-tiles")).not_to_contain_text("sklep", timeout=30_000)
    assert "company=" not in page.url
    page.reload()
    page.locator(".cxw-tiles dd").first.wait_for()
    assert page.locator(".cxw-own").is_hidden()


def test_a_file_dropped_onto_the_box_is_taken(site, open_page):
    page = open_page()
    _start(site, page, "en")
    assert page.evaluate(DROP, ["shop.csv", _table()]), "the box does not show that it would take the file"
    page.get_by_role("button", name=texts("en")("widgets.confirm.load"), exact=True).wait_for()
    assert page.locator(".cxw-file-name").inner_text() == "shop.csv"
    assert not page.locator(".cxw-over").count()


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_that_the_upload_says_is_in_the_language_and_names_the_limit(site, open_page, language):
    t = texts(language)
    page = open_page(locale="de-DE")
    _start(site, page, language)
    said = page.locator(".cxw-upload").inner_text().split("\n")
    wanted = [
        t(f"widgets.upload.{key}", limit=Settings().upload_limit_mb) for key in ("title", "choose", "drop", "none", "help")
    ]
    assert [line for line in said if line.strip()] == wanted
    shown = page.locator(".cxw-file-input").bounding_box()
    assert shown["width"] <= 1 and shown["height"] <= 1  # the browser's own control, in the browser's own language
