"""An exported page in a real browser: it draws in both schemes, loads nothing, executes nothing, and a click picks a row."""

from __future__ import annotations

import pytest

from workbench import export
from workbench.charts import journeys
from workbench.locale import texts

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
LISTEN = "held.then((made) => { made.view.addSignalListener('pick', (_, value) => { window.picked = value; }); })"
ALONG = """(path) => {
  const at = path.getPointAtLength(path.getTotalLength() * 0.3).matrixTransform(path.getScreenCTM());
  return [at.x, at.y];
}"""
EVIL = "<img src=x onerror=alert(1)></script><script>alert(2)</script><!--"


@pytest.fixture
def browser(chromium):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield running
        running.close()


def middle(mark) -> tuple[float, float]:
    """Where a mark is on the screen; a text on it may lie above, and stands for the same row."""
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def open_page(browser, file, **context):
    page = browser.new_page(**context)
    seen = {"said": [], "asked": [], "alerts": []}
    page.on("console", lambda message: seen["said"].append(message.text))
    page.on("pageerror", lambda error: seen["said"].append(str(error)))
    page.on("request", lambda request: seen["asked"].append(request.url))
    page.on("dialog", lambda dialog: (seen["alerts"].append(dialog.message), dialog.dismiss()))
    page.goto(file.as_uri())
    page.wait_for_selector(".chart svg.marks")
    return page, seen


def test_a_page_lives_on_its_own(browser, frames, tmp_path):
    t = texts("en")
    evil = frames["flow"].replace({"Search": EVIL})
    charts = [
        journeys.flow(evil, t, title=EVIL, coverage=1.0), journeys.funnel(frames["funnel"].replace({"Search": EVIL}), t),
        *(getattr(journeys, name)(frames[name], t) for name in ("variants", "steps", "sankey", "loops", "sessions")),
    ]  # fmt: skip
    file = tmp_path / "page.html"
    file.write_text(export.results_to_html([("", chart, [EVIL], EVIL) for chart in charts], title=EVIL), encoding="utf-8")
    grounds = {}
    for scheme in ("light", "dark"):
        page, seen = open_page(browser, file, color_scheme=scheme, viewport={"width": 1000, "height": 900})
        page.wait_for_function(f"document.querySelectorAll('.chart svg.marks').length === {len(charts)}")
        page.mouse.move(*middle(page.locator(".chart svg.marks .mark-rect path[aria-roledescription]").first))
        page.wait_for_selector("#vg-tooltip-element")
        assert seen == {"said": [], "asked": [file.as_uri()], "alerts": []}
        assert page.locator("img").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= 1000
        grounds[scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.close()
    assert grounds["light"] != grounds["dark"]


@pytest.mark.parametrize("name", ["funnel", "variants", "loops", "sessions", "touchpoints", "steps"])
def test_a_click_on_a_mark_picks_its_row(browser, frames, tmp_path, name):
    frame = frames[name].set_axis(range(100, 100 + len(frames[name])))
    file = tmp_path / "page.html"
    made = export.to_html(getattr(journeys, name)(frame, texts("en")))
    file.write_text(made.replace("drawn.push(vegaEmbed(", "drawn.push(window.held = vegaEmbed("), encoding="utf-8")
    page, _ = open_page(browser, file, viewport={"width": 1100, "height": 900})
    page.evaluate(LISTEN)
    page.locator(".chart svg path[aria-roledescription]").first.click(position={"x": 8, "y": 3})
    page.wait_for_function("window.picked && window.picked.row")
    assert page.evaluate("window.picked.row") == [100]
    page.close()


def test_a_click_in_the_flow_picks_a_transition_or_a_touchpoint(browser, frames, tmp_path):
    frame = frames["flow"].set_axis(range(100, 100 + len(frames["flow"])))
    file = tmp_path / "page.html"
    made = export.to_html(journeys.flow(frame, texts("en")))
    file.write_text(made.replace("drawn.push(vegaEmbed(", "drawn.push(window.held = vegaEmbed("), encoding="utf-8")
    page, _ = open_page(browser, file, viewport={"width": 1100, "height": 1200})
    page.evaluate(LISTEN)
    # 9 of the 12 visits of the product page go on to the cart: 7 + 2 by c02 and c13, counted in company.py
    curve = page.locator("path[aria-label='Product page → Cart: 9']")
    curve.scroll_into_view_if_needed()
    page.mouse.click(*curve.evaluate(ALONG))
    page.wait_for_function("window.picked && window.picked.row.length")
    (row,) = page.evaluate("window.picked.row")
    assert list(frame.loc[row, ["source", "target"]]) == ["Product page", "Cart"]
    page.mouse.click(*middle(page.locator("path[aria-label='Payment: 7']")))
    page.wait_for_function("window.picked.touchpoint.length")
    assert page.evaluate("[window.picked.row, window.picked.touchpoint]") == [[], ["Payment"]]
    page.close()
