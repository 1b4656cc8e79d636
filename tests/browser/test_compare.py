"""Comparing two groups on the page of journeys, in a real browser on the shipped sample."""

from __future__ import annotations

import pytest

from workbench.locale import texts

JOURNEYS = "10_journey_mapping"
PILL = "[data-key='pill versus']"
APP = "where.channel=app"
READY = ".cxw-chart svg:visible, table tbody tr:visible"  # the map, hidden here, is a table too


def _open(site, page, rest: str, call: str = "compare") -> None:
    """The page with that link, once it shows the answer of that call (before it may show what no link asks for)."""
    page.goto(site.app(JOURNEYS, f"#{rest}"))
    page.locator(".cxw-code code", has_text=f".{call}(").wait_for()
    page.locator(READY).first.wait_for()
    page.locator(".cxw-status[data-kind=busy]").wait_for(state="detached")


def _compares(page, *groups: str) -> None:
    """Until the page shows a comparison of groups of these names."""
    for name in groups:
        page.locator(".cxw-headline .cxw-sub", has_text=f"{name}:").wait_for()
    page.locator(".cxw-status[data-kind=busy]").wait_for(state="detached")


def test_all_others_another_segment_and_back_by_the_pill(site, open_page):
    t = texts("en")
    page = open_page()
    _open(site, page, f"lang=en&view=flow&{APP}", "flow")
    alone = page.locator("h1").first.inner_text()
    page.locator(PILL).click()
    # no period is chosen, so that there is none before it
    assert page.locator("[data-key='versus before']").is_disabled()
    page.locator("[data-key='versus rest']").check()
    page.get_by_role("button", name=t("widgets.versus.apply"), exact=True).click()
    page.wait_for_url("**versus=rest**")
    _compares(page, "app", "all others")
    assert page.locator(PILL).inner_text() == "Compared with all others"
    assert page.locator(".cxw-chart", has_text="app ● · all others ■").count() == 1
    page.locator(PILL).click()
    page.locator("[data-key='versus where']").check()
    assert page.locator("[data-key=apply]").is_disabled()
    page.locator("[data-key='versus column']").select_option("channel")
    page.locator(".cxw-panel .cxw-check", has_text="web").locator("input").check()
    page.locator("[data-key=apply]").click()
    page.wait_for_url("**versus=where&other.channel=web**")
    _compares(page, "app", "web")
    page.reload()
    page.locator(READY).first.wait_for()
    _compares(page, "app", "web")
    page.locator("[data-key='drop versus']").click()
    page.locator("h1", has_text=alone).first.wait_for()
    assert "versus" not in page.url and "other" not in page.url
    assert page.locator(PILL).inner_text() == t("widgets.versus.add")


def test_by_keyboard_alone(site, open_page):
    page = open_page()
    _open(site, page, f"lang=en&view=flow&{APP}", "flow")
    at = "() => document.activeElement.dataset.key"
    page.locator(".cxw-filters [data-key=add]").focus()
    page.keyboard.press("Tab")
    assert page.evaluate(at) == "pill versus"
    page.keyboard.press("Enter")
    page.locator(".cxw-versus").wait_for()
    assert page.evaluate(at) == "versus rest"
    page.keyboard.press("Escape")
    assert page.evaluate(at) == "pill versus"
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")  # what can't be chosen is passed over
    assert page.evaluate(at) == "versus period" and page.locator("[data-key='date start']").is_visible()
    page.keyboard.press("ArrowUp")
    assert page.evaluate(at) == "versus rest"
    while page.evaluate(at) != "apply":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**versus=rest**")
    _compares(page, "app", "all others")
    assert page.evaluate(at) == "pill versus"
    page.locator("[data-key='drop versus']").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "versus" not in url)


@pytest.mark.parametrize("language", ["en", "ru", "pl"])
def test_a_comparison_in_every_language_and_on_a_phone(site, open_page, axe, language):
    t = texts(language)
    page = open_page(reduced_motion="reduce")
    for shape in ("picture", "table"):
        _open(site, page, f"lang={language}&view=funnel&shape={shape}&{APP}&versus=rest")
        _compares(page, "app", t("journeys.compare.name_rest"))
        assert axe(page) == [], shape
        page.locator(PILL).click()
        page.locator("[data-key='versus where']").check()
        assert axe(page) == [], f"panel over {shape}"
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_function("width => document.documentElement.scrollWidth <= width", arg=width)
        page.keyboard.press("Escape")
    page.locator("table .cxw-link").first.click()
    page.locator(".cxw-picked-name", has_text="app").wait_for()
    # both groups have a column among the customers
    heads = page.locator(".cxw-aside thead th").all_inner_texts()
    assert [one.strip() for one in heads][-2:] == ["app", t("journeys.compare.name_rest")]
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function("width => document.documentElement.scrollWidth <= width", arg=width)
    assert page.locator("tr.cxw-quiet", has_text=t("charts.compare.not_shown").replace(" ", "\u00a0")).count() >= 1


def test_a_dark_comparison_has_enough_contrast(site, open_page, axe):
    page = open_page(color_scheme="dark", reduced_motion="reduce")
    for shape in ("picture", "table"):
        _open(site, page, f"lang=en&view=flow&shape={shape}&{APP}&versus=rest")
        _compares(page, "app", "all others")
        assert axe(page) == []


@pytest.mark.parametrize("view", ["map", "conformance", "attribution", "retention"])
def test_views_whose_rows_are_no_moves(site, open_page, axe, view):
    page = open_page(reduced_motion="reduce")
    _open(site, page, f"lang=en&view={view}&{APP}&versus=rest")
    _compares(page, "app", "all others")
    assert page.locator(".cxw-chart", has_text="app ● · all others ■").is_visible() and axe(page) == []
    _open(site, page, f"lang=en&view={view}&shape=table&{APP}&versus=rest")
    _compares(page, "app", "all others")
    page.set_viewport_size({"width": 360, "height": 900})
    page.wait_for_function("width => document.documentElement.scrollWidth <= width", arg=360)
    assert page.locator("table tbody tr:visible").count() > 1 and axe(page) == []
