"""What is taken away from the page of journeys: a view as a slide; the same from Python."""

from __future__ import annotations

import re

import pytest
from taken import Read

import workbench as wb
from widgets import journey_files


@pytest.mark.parametrize("view", ["sankey", "funnel", "variants", "cohorts", "attribution"])  # all take the same way
def test_a_view_becomes_a_slide_with_its_words(page, said, get, view):
    said(page.url, type="link", link=f"view={view}&lang=ru")
    assert [one["label"] for one in page.exports.items] == ["HTML", "PNG", "SVG", "PPTX", "CSV", "XLSX"]
    deck = Read(get("pptx"))
    titles, told = deck.titles(), deck.said()
    assert titles[0] == page.headline.title
    for line in [page.headline.subtitle, *page.explain.sentences, *page.foot.notes, *page.who.caveats.notes, page.code.code]:
        assert re.sub(" +", " ", line) in told, line


def test_the_same_from_python(study):
    from workbench import export
    from workbench.locale import texts

    found = wb.journeys.map(study)
    canvas = found.canvas(texts("en"))
    assert Read(export.map_to_pptx(canvas, code=("Code", found.code()))).titles() == [canvas["title"]]
    assert canvas["title"] in export.map_to_html(canvas)
    assert list(export.map_sheets(found)) == ["touchpoints", "stages", "channels", "felt", "notes"]
    assert journey_files.kinds(True)[3] == ("pdf", "PDF")
