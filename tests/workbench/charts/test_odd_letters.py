"""Characters that no picture may hold, and signs that begin a formula elsewhere in the world."""

from __future__ import annotations

import altair as alt
import pandas as pd
import pytest

from workbench import export


@pytest.mark.parametrize("odd", ["\x00", "\x01", "\x0b", "\x1b", "\x1f", "\ufffe", "\uffff"])
def test_a_character_that_no_picture_may_hold_is_a_blank(odd):
    frame = pd.DataFrame({"name": [f"a{odd}b"], "n": [1]}, dtype=object)
    chart = alt.Chart(frame, title=f"t{odd}u").mark_bar().encode(alt.X("n:Q"), alt.Y("name:N"))
    text = export.to_svg(chart)
    assert "a b" in text and "t u" in text and odd not in text
    assert export.to_png(chart).startswith(b"\x89PNG")


@pytest.mark.parametrize("sign", ["＝", "＋", "－", "＠"])
def test_wide_signs_begin_no_formula(sign):
    assert export.to_csv(pd.DataFrame({"a": [f"{sign}1+1"]})).decode("utf-8-sig").split("\r\n")[1] == f"'{sign}1+1"


def test_a_page_holds_no_control_characters():
    page = export.results_to_html([("t\0u", pd.DataFrame({"a": ["x\x1by"]}), ["s\x00t"], "")])
    assert "t u" in page and "x y" in page and "s t" in page and not set("\0\x1b") & set(page)
