"""What goes to the browser: no way for data to become markup, and one bundle for all charts."""

from __future__ import annotations

import re

import pytest

from widgets import chart_view
from widgets.view import STATIC, script
from workbench.charts import drawing
from workbench.export import map_page

FORBIDDEN = (
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|createContextualFragment|srcdoc"
)


@pytest.mark.parametrize("path", sorted([*STATIC.glob("*.js"), *drawing.HERE.glob("*.js")]), ids=lambda path: path.name)
def test_no_script_makes_markup_of_text(path):
    assert not re.search(FORBIDDEN, path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", sorted([*STATIC.glob("*.*"), *drawing.HERE.glob("*.*")]), ids=lambda path: path.name)
def test_nothing_is_loaded_from_elsewhere(path):
    addresses = re.findall(r"(?:https?:)?//[\w.-]+\.[a-z]{2,}", path.read_text(encoding="utf-8"))
    assert [one for one in addresses if not one.endswith("www.w3.org")] == []


def test_a_script_is_the_kit_and_its_own():
    assert script("choice").startswith(drawing.text("elements.js") + (STATIC / "kit.js").read_text(encoding="utf-8"))
    assert "export default { render }" in script("choice")


def test_all_charts_of_a_page_share_one_bundle():
    first, second = chart_view.ChartView(), chart_view.ChartView()
    assert first.bundle == second.bundle == chart_view.bundle().model_id


def test_an_exported_map_has_the_colours_of_the_pages():
    token = r"(--cxw-[\w-]+): ([^;]+);"
    ours = dict(re.findall(token, (STATIC / "workbench.css").read_text(encoding="utf-8")))
    theirs = dict(re.findall(token, map_page.PAGE.read_text(encoding="utf-8")))
    assert theirs and theirs.items() <= ours.items()
