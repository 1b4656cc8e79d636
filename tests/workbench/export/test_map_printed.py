"""The map's page and PDF by a real browser: it draws, executes nothing foreign, and comes on one sheet."""

from __future__ import annotations

import re
import zlib

import drawn
import pytest

from workbench import export
from workbench.export.chromium import found

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
EVIL = "</script><script>window.foreign = 1</script><img src=x onerror='window.foreign = 1'>"


@pytest.fixture(scope="module")
def browser(chromium):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield running
        running.close()


@pytest.fixture
def shown(browser, tmp_path):
    """shown(canvas, …) -> the page in a browser, and what it said and asked for."""
    opened = []

    def show(canvas, scheme: str = "light", **how):
        file = tmp_path / "map.html"
        file.write_text(export.map_to_html(canvas, **how), encoding="utf-8")
        page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
        opened.append(page)
        told: list[str] = []
        page.on("console", lambda message: told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on("request", lambda request: told.append(request.url) if request.url != file.as_uri() else None)
        page.goto(file.as_uri())
        page.wait_for_selector("table")
        return page, told

    yield show
    for page in opened:
        page.close()


def crowded() -> dict:
    """A map of eleven stages, twenty touchpoints each, with notes of two thousand letters."""
    canvas = drawn.canvas()
    keys = [f"Stage {number}" for number in range(11)]
    canvas["stages"] = [{"key": key, "name": key, "figure": "1", "hint": "", "row": 0} for key in keys]
    canvas["cells"] = {
        "touchpoints": {key: {"cards": [drawn.card(f"Touchpoint {number}", 9) for number in range(20)]} for key in keys},
        "notes": {key: {"planned": "", "notes": [drawn.note("words " * 330)]} for key in keys[::3]},
    }
    return canvas


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_draws_alone_and_can_be_read_by_all(shown, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page, told = shown(drawn.canvas("pl"), scheme, below={"Uwagi": ["Jedna."]}, code=("Kod", "x"), language="pl")
    assert told == []
    assert page.locator("th[scope=col]").all_inner_texts()[0].startswith("Odkrywanie")
    assert page.locator(".cxw-map-card").count() == 16
    assert page.locator("td.cxw-map-felt .cxw-map-number b").all_inner_texts() == ["+18", "+24", "−21", "+9"]
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", ground)[:3])) < 200) == (scheme == "dark")
    found = [one["id"] for one in Axe().run(page).response["violations"] if one["impact"] in ("serious", "critical")]
    assert found == []


def test_hostile_texts_are_shown_as_text(shown):
    canvas = drawn.canvas()
    canvas |= {"title": EVIL, "sentences": [EVIL + "!"]}
    canvas["cells"]["notes"]["Buy"] = {"planned": EVIL, "notes": [drawn.note(EVIL, EVIL)]}
    canvas["cells"]["touchpoints"]["Buy"]["cards"][0]["name"] = EVIL
    page, told = shown(canvas, below={EVIL: [EVIL]})
    assert told == [] and page.evaluate("window.foreign") is None and page.locator("img").count() == 0
    assert page.locator("h1").inner_text() == page.locator(".cxw-map-note p").first.inner_text() == EVIL


@pytest.mark.parametrize("canvas", [drawn.canvas(), crowded()], ids=["usual", "crowded"])
def test_printed_by_hand_it_takes_one_sheet_and_is_as_before_afterwards(shown, canvas):
    page, _ = shown(canvas)
    before = page.evaluate("document.querySelector('main').getBoundingClientRect().height")
    assert sheets(page.pdf(prefer_css_page_size=True)) == 1
    page.wait_for_function("!document.documentElement.classList.contains('printed')")
    assert page.evaluate("document.querySelector('main').getBoundingClientRect().height") == before


def sheets(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def letters(pdf: bytes) -> set[str]:
    """The letters that the fonts of a PDF give to whoever selects or searches its text: the ends of their CMaps."""
    found: set[str] = set()
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            text = zlib.decompress(stream)
        except zlib.error:
            continue
        for block in re.findall(rb"beginbfchar(.*?)endbfchar", text, re.DOTALL):
            found |= {bytes.fromhex(one.decode()).decode("utf-16-be") for one in re.findall(rb"<\w+> <(\w+)>", block)}
        for block in re.findall(rb"beginbfrange(.*?)endbfrange", text, re.DOTALL):
            for low, high, first in re.findall(rb"<(\w+)> <(\w+)> <(\w{4})>", block):
                found |= {chr(int(first, 16) + number) for number in range(int(high, 16) - int(low, 16) + 1)}
    return found


@pytest.mark.parametrize("language", ["en", "ru", "pl"])
def test_the_pdf_is_one_landscape_sheet_of_text(chromium, language):
    canvas = drawn.canvas(language)
    pdf = export.map_to_pdf(canvas, language=language)
    assert sheets(pdf) == 1
    wide, high = (float(one) for one in re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf).groups())
    assert (wide / 72 * 25.4, high / 72 * 25.4) == pytest.approx((297, 210), abs=0.5)
    assert b"/StructTreeRoot" in pdf and f"/Lang ({language})".encode() in pdf
    assert b"/Subtype /Image" not in pdf
    wanted = set(canvas["title"] + canvas["sentences"][0] + drawn.NOTE[language] + "".join(drawn.LANES[language])) - {" "}
    assert wanted <= letters(pdf)


def test_a_crowded_map_takes_a_larger_sheet_not_a_second_one(chromium):
    pdf = export.map_to_pdf(crowded())
    assert sheets(pdf) == 1
    wide, high = (float(one) for one in re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf).groups())
    assert wide > high and wide / 72 * 25.4 > 400


def test_the_tests_browser_is_found_by_the_export_too(chromium, monkeypatch):
    monkeypatch.setenv("CXW_CHROMIUM", chromium)
    assert found() == chromium
