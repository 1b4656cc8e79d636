"""Exports: complete in themselves, and no text in the data can become markup, script or formula."""

from __future__ import annotations

import html.parser
import io
import json
import re

import numpy as np
import openpyxl
import pandas as pd
import pytest

from workbench import export
from workbench.charts import journeys
from workbench.errors import BadInput
from workbench.locale import texts

EVIL = "<img src=x onerror=alert(1)></script><script>alert(2)</script><!--"
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx"]


class Page(html.parser.HTMLParser):
    """What a browser would see: elements, scripts and texts."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags, self.scripts, self.texts, self.attributes, self.comments = [], [], [], [], 0
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data):
        if self.lasttag == "script" and self.scripts and self.tags[-1] == "script":
            self.scripts[-1] += data
        else:
            self.texts.append(data)

    def handle_comment(self, data):
        self.comments += 1


def evil_frame(frames):
    return frames["flow"].replace({"Search": EVIL})


@pytest.fixture(scope="module")
def page(frames):
    t = texts("en")
    chart = journeys.flow(evil_frame(frames), t, title=EVIL, subtitle=EVIL, source=EVIL, coverage=1.0)
    table = pd.DataFrame({EVIL: [EVIL, None], "n": [1234, 5]})
    return export.results_to_html([("", chart, [EVIL], ""), (EVIL, table, [EVIL], EVIL)], title=EVIL, subtitle=EVIL)


def test_no_text_becomes_markup(page):
    seen = Page(page)
    assert "img" not in seen.tags and seen.comments == 0
    assert len(seen.scripts) == 3  # the charts, the library, our few lines
    assert not [a for a in seen.attributes if a[1].startswith("on") or a[1] in ("src", "href")]
    assert EVIL not in page
    # and nothing was lost: the texts are there, as texts
    assert sum(text.count(EVIL) for text in seen.texts) >= 7


def test_the_charts_in_a_page_are_whole(page):
    held = json.loads(Page(page).scripts[0])
    assert set(held) == {"specs", "light", "dark"} and len(held["specs"]) == 1
    spec = held["specs"][0]
    assert "title" not in spec and "footer" not in [layer.get("name") for layer in spec["layer"]]
    assert EVIL in json.dumps(spec["datasets"])


def test_a_page_may_load_nothing(page):
    policy = next(v for tag, name, v in Page(page).attributes if tag == "meta" and name == "content" and "default-src" in v)
    assert policy.startswith("default-src 'none'") and "http" not in policy and "connect-src" not in policy
    outside = page[: page.index('id="charts"')]
    assert not re.search(r"https?://|@import|url\(", outside)


def test_a_page_of_one_chart(frames):
    made = export.to_html(journeys.funnel(frames["funnel"], texts("pl"), title="Połowa odpada", source="Źródło"), language="pl")
    assert '<html lang="pl" data-scheme="auto">' in made
    assert "<h1>Połowa odpada</h1>" in made and "Źródło" in made and "<title>Połowa odpada</title>" in made
    assert 'data-scheme="dark"' in export.to_html(journeys.funnel(frames["funnel"], texts("en")), dark=True)


def test_a_page_of_tables_carries_no_library():
    made = export.results_to_html([("Rows", pd.DataFrame({"n": [1234567], "share": [0.5]}), [], "events")])
    assert len(made) < 8_000
    assert '<td class="count">1,234,567</td>' in made and '<td class="number">0.5</td>' in made


def test_pictures(frames):
    chart = journeys.variants(frames["variants"], texts("en"), title="T")
    assert export.to_png(chart, width=500).startswith(b"\x89PNG")
    svg = export.to_svg(journeys.flow(evil_frame(frames), texts("en"), title=EVIL, coverage=1.0), dark=True)
    assert "<img" not in svg and "<script" not in svg


def test_csv_has_no_formulas():
    frame = pd.DataFrame({"=name": [*FORMULAS, "plain", None], "x": [-1.5, 2, 3, 4, 5, 6, 7, 8, np.nan]})
    made = export.to_csv(frame)
    assert made.startswith(b"\xef\xbb\xbf")
    back = pd.read_csv(io.BytesIO(made), encoding="utf-8-sig", keep_default_na=False, dtype=str, lineterminator=None)
    assert list(back.columns) == ["'=name", "x"]
    assert [text[0] for text in back["'=name"][:7]] == ["'"] * 7
    assert list(back["'=name"][7:]) == ["plain", ""]
    assert back["x"][0] == "-1.5"  # a negative number stays a number
    assert list(frame.columns) == ["=name", "x"] and frame["=name"][0] == "=1+1"  # the frame is untouched


def test_csv_of_mixed_and_categorical_text():
    frame = pd.DataFrame({"a": pd.Series(["=x", -2, 1.5, None], dtype=object), "b": pd.Categorical(["@b", "c", "c", "c"])})
    lines = export.to_csv(frame).decode("utf-8-sig").split("\r\n")
    assert lines == ["a,b", "'=x,'@b", "-2,c", "1.5,c", ",c", ""]


def test_csv_keeps_times_and_letters():
    frame = pd.DataFrame({"at": pd.to_datetime(["2026-03-02 09:00+00:00"], utc=True), "name": ["Łódź, Пермь"]})
    assert export.to_csv(frame).decode("utf-8-sig").split("\r\n")[1] == '2026-03-02 09:00:00+00:00,"Łódź, Пермь"'


def test_workbook():
    at = pd.to_datetime(["2026-03-02 09:30+01:00", None], utc=True)
    frame = pd.DataFrame(
        {
            "=head": ["=1+1", "http://a.b/"],
            "n": [1234, 5],
            "share": [0.25, np.nan],
            "seen_at": at,
            "id": [2**60, 1],
            "long": ["x" * 40_000, EVIL],
        }
    )
    book = openpyxl.load_workbook(io.BytesIO(export.to_xlsx({"a/b:c": frame, "A B C": frame.head(0), "": frame.head(1)})))
    assert book.sheetnames == ["a b c", "A B C 2", "Sheet"]
    sheet = book["a b c"]
    assert sheet.freeze_panes == "A2" and sheet["A1"].font.bold
    assert [sheet["A1"].data_type, sheet["A2"].data_type, sheet["A2"].value] == ["s", "s", "=1+1"]
    assert sheet["A3"].hyperlink is None
    assert (sheet["B2"].value, sheet["C2"].value, sheet["C2"].number_format, sheet["C3"].value) == (1234, 0.25, "0.0%", None)
    assert str(sheet["D2"].value) == "2026-03-02 08:30:00"  # UTC
    assert sheet["E2"].value == "1152921504606846976"  # beyond 2^53 a spreadsheet would spoil it
    assert len(sheet["F2"].value) == 32_767 and sheet["F2"].value.endswith("[…]")
    assert sheet["F3"].value == EVIL


@pytest.mark.parametrize(
    ("asked", "made"),
    [("x" * 40, "x" * 31), ("History", "History 1"), ("'a'", "a"), ("[]:*?/\\", "Sheet"), ("Ścieżki", "Ścieżki")],
)
def test_sheet_names(asked, made):
    book = openpyxl.load_workbook(io.BytesIO(export.to_xlsx({asked: pd.DataFrame({"a": [1]})})))
    assert book.sheetnames == [made]


def test_workbook_refuses_what_it_cannot_hold():
    with pytest.raises(BadInput, match="no table to write"):
        export.to_xlsx({})
    with pytest.raises(BadInput, match="Table “t” has 1,048,576 rows; a sheet holds at most 1,048,575"):
        export.to_xlsx({"t": pd.DataFrame({"a": np.zeros(1_048_576, dtype="int8")})})
