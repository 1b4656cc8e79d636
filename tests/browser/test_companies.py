"""Choosing a company: on the landing page, in the link, in the apps that are opened from there."""

from __future__ import annotations

import re
import shutil

import company
import pandas as pd
import pytest

import workbench as wb
from workbench.locale import LANGUAGES, texts
from workbench.settings import ROOT, SAMPLE

JOURNEYS = "10_journey_mapping"
TWELVE = "Twelve <b>& Co</b>"


@pytest.fixture(scope="module")
def site(start, tmp_path_factory):
    """Two companies to choose among: the shipped one, which is opened first, and the twelve customers."""
    samples = tmp_path_factory.mktemp("samples")
    shutil.copytree(SAMPLE, samples / "shop")
    wb.load(pd.DataFrame(company.rows()), samples / "twelve", name=TWELVE, timezone="UTC")
    return start(ROOT / "notebooks", store=str(samples / "shop"), samples=str(samples))


def _figure(page):
    return page.locator("[data-cxw-figure=start] strong")


def _choice(page, name: str):
    return page.locator(f"[data-cxw-company={name}]")


def test_the_cards_show_the_chosen_company_and_the_apps_open_on_it(site, open_page):
    from playwright.sync_api import expect

    page = open_page(site.at("#lang=en"), home=site.url)
    first = int(wb.journeys.overview(wb.open(SAMPLE)).frame.set_index("measure")["value"]["events"])
    expect(_figure(page)).to_have_text(f"{first:,}")
    expect(_choice(page, "shop")).to_have_attribute("aria-current", "true")
    _choice(page, "twelve").click()
    expect(_figure(page)).to_have_text(str(len(company.rows())))
    expect(page.locator("#cxw-company")).to_contain_text("Twelve")
    expect(page.locator("[data-cxw-company][aria-current]")).to_have_text(TWELVE)
    assert "company=twelve" in page.url
    page.locator("[data-cxw-app=journeys]").click()
    page.wait_for_url(f"**/{JOURNEYS}.ipynb#company=twelve&lang=en")
    page.locator(".cxw-headline .cxw-sub", has_text=re.compile("12 customers.* · Twelve")).wait_for()
    # the choice stays through the app's own changes, its header's links and a reader's reload
    page.locator(".cxw-choice-tabs label", has_text=texts("en")("widgets.view_group.ways")).click()
    page.locator(".cxw-views input[value=variants]").check()
    page.wait_for_url("**view=variants**")
    assert "company=twelve" in page.url
    page.locator(".cxw-brand").click()
    expect(_figure(page)).to_have_text(str(len(company.rows())))
    page.go_back()
    page.go_back()
    page.go_back()
    expect(_figure(page)).to_have_text(f"{first:,}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_link_alone_says_which_company(site, open_page, language):
    from playwright.sync_api import expect

    page = open_page(site.at(f"#company=twelve&lang={language}"), home=site.url)
    expect(_figure(page)).to_have_text(str(len(company.rows())))
    expect(page.locator("nav.cxw-companies")).to_have_attribute("aria-label", texts(language)("server.companies"))
    second = open_page(site.app(JOURNEYS, f"#company=twelve&lang={language}"), home=site.url)
    second.locator(".cxw-headline .cxw-sub", has_text="Twelve").wait_for()


def test_a_link_to_no_company_says_so_and_shows_no_other_ones_figures(site, open_page):
    from playwright.sync_api import expect

    page = open_page(site.at("#company=..%2F..%2Fetc&lang=en"), home=site.url)
    line = page.locator("#cxw-company")
    expect(line).to_have_text(texts("en")("server.landing_unknown"))
    expect(_figure(page)).to_be_hidden()
    page.goto(site.at(f"#company={'a' * 32}&lang=en"))
    expect(line).to_have_text(texts("en")("server.landing_own"))
    page.evaluate("location.hash = 'company=constructor&lang=en'")
    expect(line).to_have_text(texts("en")("server.landing_unknown"))
    _choice(page, "twelve").click()
    expect(_figure(page)).to_have_text(str(len(company.rows())))


@pytest.mark.parametrize("name", ["nope", "..", "../../etc", ""])
def test_figures_are_told_of_companies_to_choose_only(site, name):
    status, _, body = site.get(f"headlines?company={name}", token=True)
    assert (status, body) == (200, "null")


def test_choosing_by_keyboard(site, open_page):
    from playwright.sync_api import expect

    page = open_page(site.at("#lang=en"), home=site.url)
    expect(_figure(page)).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # to the content; the address keeps its language
    assert page.evaluate("[document.activeElement.id, location.hash]") == ["cxw-content", "#lang=en"]
    for _ in range(3):  # past the link to one's own data and the first company
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(_choice(page, "twelve")).to_have_attribute("aria-current", "true")
    expect(_choice(page, "twelve")).to_be_focused()


def test_the_start_page_offers_the_same_choice(site, open_page, axe):
    from playwright.sync_api import expect

    page = open_page(site.app("00_start_here", "#lang=en"), home=site.url)
    choices = page.locator(".cxw-tiles nav a")
    choices.first.wait_for()
    assert choices.all_inner_texts() == ["Meridian Retail", TWELVE]
    choices.nth(1).click()
    page.locator(".cxw-tiles h2", has_text="Twelve").wait_for()
    expect(choices.nth(1)).to_have_attribute("aria-current", "true")
    expect(page.locator(".cxw-stat")).to_contain_text("54")
    assert axe(page) == []
    page.get_by_role("link", name=texts("en")("widgets.start.to_journeys")).click()
    page.locator(".cxw-headline .cxw-sub", has_text="Twelve").wait_for()
    assert "company=twelve" in page.url


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_choice_is_fit_for_everyone(site, open_page, axe, scheme):
    page = open_page(site.at("#company=twelve&lang=ru"), home=site.url, color_scheme=scheme)
    _figure(page).wait_for()
    assert axe(page) == []
    for width in (320, 768):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_one_company_alone_is_no_choice(start, open_page, tmp_path, made_store):
    alone = start(ROOT / "notebooks", store=str(made_store), pool=0)
    page = open_page(alone.at("#lang=en"), home=alone.url)
    page.locator("#cxw-company", has_text="Twelve").wait_for()
    assert page.locator("[data-cxw-company]").count() == 0


@pytest.fixture
def made_store(tmp_path):
    wb.load(pd.DataFrame(company.rows()), tmp_path / "own", name="Twelve", timezone="UTC")
    return tmp_path / "own"
