"""The frame of every page: landing page, header, language, theme, errors, widths, without reading what apps show."""

from __future__ import annotations

import pytest

from workbench.locale import LANGUAGES, texts

WIDTHS = (360, 768, 1480)
PAGES = {"landing": "", "login": "login", "nothing": "nothing/here", "app": "voila/render/90_probe.ipynb"}


def _go(site, page, name: str, rest: str = "") -> None:
    """Opens one of PAGES and waits until it is whole."""
    page.goto(site.at(PAGES[name] + rest, token=name != "login"))
    if name == "app":
        page.get_by_role("button", name="go").wait_for()
    elif name == "landing":
        page.locator("#cxw-company [data-cxw-text=landing_wait]").wait_for(state="detached")
    if name == "nothing":
        page.watched.forget()  # the browser reports the 404 that was asked for


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(site, open_page, axe, name, scheme):
    page = open_page(color_scheme=scheme)
    _go(site, page, name)
    assert axe(page) == []


@pytest.mark.parametrize("name", PAGES)
def test_no_page_is_wider_than_its_window(site, open_page, name):
    page = open_page()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        _go(site, page, name, "#lang=ru")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_comes_from_the_browser(site, open_page, language):
    page = open_page(site.at(), locale={"en": "en-GB", "ru": "ru-RU", "pl": "pl-PL"}[language])
    assert page.get_by_role("heading", level=1).inner_text() == texts(language)("server.landing_title")
    assert page.locator("html").get_attribute("lang") == language


def test_the_language_is_switched_in_the_page_and_kept(site, open_page):
    from playwright.sync_api import expect

    page = open_page(site.app())
    said = page.locator(".widget-label", has_text="told")
    expect(said).to_have_text("told lang=en")
    page.get_by_role("button", name="RU").click()
    expect(page.locator("#cxw-copy-link")).to_have_text(texts("ru")("server.copy_link"))
    expect(said).to_have_text("told lang=ru")  # Python has been told, although the page was made before
    assert page.locator("[data-cxw-language=ru]").get_attribute("aria-pressed") == "true"
    page.get_by_role("link", name=texts("ru")("server.brand")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(texts("ru")("server.landing_title"))
    page.goto(site.at("?lang=pl"))
    expect(page.get_by_role("heading", level=1)).to_have_text(texts("pl")("server.landing_title"))


def test_an_address_and_its_page_keep_each_other(site, open_page):
    from playwright.sync_api import expect

    page = open_page(site.app(rest="#view=loops&where.channel=a%26b"))
    said = page.locator(".widget-label", has_text="told")
    expect(said).to_have_text("told view=loops&where.channel=a%26b&lang=en")
    page.get_by_role("button", name="go").click()
    page.wait_for_url("**#view=funnel&steps=A+%26+B&lang=en")
    page.evaluate("location.hash = 'view=variants&lang=pl'")
    expect(said).to_have_text("told view=variants&lang=pl")
    expect(page.locator("html")).to_have_attribute("lang", "pl")


def test_a_link_that_is_no_link_harms_nothing(site, open_page):
    from playwright.sync_api import expect

    long = "x" * 7000  # longer than Python takes
    page = open_page(site.app(rest=f"#{long}"))
    page.get_by_role("button", name="go").wait_for()
    page.evaluate("location.hash = 'lang=%3Cscript%3E&view=%00%ff<img src=x onerror=window.hacked=1>'")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="go").click()
    page.wait_for_url("**#view=funnel*")
    assert page.evaluate("window.hacked") is None


def test_the_theme_follows_the_machine_until_it_is_chosen(site, open_page):
    page = open_page(site.at(), color_scheme="dark")

    def ground() -> str:
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    button = page.locator("#cxw-theme")
    assert (ground(), button.inner_text()) == ("rgb(20, 24, 29)", "Theme: auto")
    button.click()
    assert (ground(), button.inner_text()) == ("rgb(245, 246, 248)", "Theme: light")
    page.reload()
    assert (ground(), button.inner_text()) == ("rgb(245, 246, 248)", "Theme: light")
    page.emulate_media(color_scheme="light")
    button.click()
    assert (ground(), button.inner_text()) == ("rgb(20, 24, 29)", "Theme: dark")


def test_the_link_is_copied_without_the_token(site, open_page):
    page = open_page(site.at(), permissions=["clipboard-read", "clipboard-write"])
    page.locator("#cxw-copy-link").click()
    page.get_by_text("Link copied").first.wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == site.url + "#lang=en"


def test_export_is_offered_by_pages_that_can(site, open_page):
    page = open_page(site.at())
    button = page.locator("#cxw-export")
    assert button.is_hidden()
    page.evaluate(
        "window.addEventListener('cxw:export', () => window.asked = true); window.dispatchEvent(new Event('cxw:export-ready'))"
    )
    button.click()
    assert page.evaluate("window.asked") is True


def test_whoever_has_no_token_is_asked_for_it_and_comes_to_where_they_wanted(site, open_page):
    page = open_page(site.url + "voila/render/90_probe.ipynb")
    field = page.get_by_label("Token")
    field.fill("not this")
    field.press("Enter")
    page.get_by_role("alert").wait_for()
    page.watched.forget()  # the browser reports the 401
    field.fill(site.server.served.token)
    field.press("Enter")
    page.get_by_role("button", name="go").wait_for()
    assert "token" not in page.url


def test_an_unknown_address_says_so_in_our_words(site, open_page):
    page = open_page(locale="pl-PL")
    for path in ("voila/render/nope.ipynb", "nothing"):
        page.goto(site.at(path))
        assert page.get_by_role("heading", level=1).inner_text() == texts("pl")("server.error_404_title")
        page.get_by_role("link", name=texts("pl")("server.home")).wait_for()
    page.watched.forget()


def test_the_page_is_painted_before_the_kernel_answers(start, open_page, tmp_path):
    """Without a pool a first cell that takes long leaves the header, the language switch and a skeleton to look at."""
    import nbformat

    wait = tmp_path / "go on"
    cell = f"""\
import pathlib, time
while not pathlib.Path({str(wait)!r}).exists():
    time.sleep(0.02)
import ipywidgets as ipw
ipw.Button(description='ready')"""
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)]), tmp_path / "00_start_here.ipynb")
    slow = start(tmp_path, pool=0)
    page = open_page(home=slow.url)
    page.goto(slow.app("00_start_here"), wait_until="commit")
    page.locator(".cxw-skeleton").wait_for()
    page.get_by_role("button", name="PL").click()
    assert page.locator("nav [aria-current=page]").inner_text() == texts("pl")("server.app_start")
    assert page.get_by_role("button", name="ready").count() == 0
    wait.touch()
    page.get_by_role("button", name="ready").wait_for()
    page.locator(".cxw-skeleton").wait_for(state="hidden")


def test_the_frame_by_keyboard(site, open_page):
    page = open_page(site.at())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "cxw-skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "cxw-content"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('main a')")


def test_the_parts_that_move_stand_still_for_whoever_asks(site, open_page):
    page = open_page(site.at(), reduced_motion="reduce")
    moving = "[...document.querySelectorAll('*')].filter(e => getComputedStyle(e).animationName !== 'none').length"
    assert page.evaluate(moving) == 0
