"""A result or its chart as the last line of a cell: shown by any notebook, offline, without anything being called before."""

from __future__ import annotations

import base64
import re

import altair as alt
import pandas as pd

import workbench as wb


def test_a_chart_shows_itself_whatever_renderer_altair_has(study):
    flow = wb.journeys.flow(study)
    with alt.renderers.enable("html"):  # Altair's own: a page that loads a library from the net
        shown = flow.chart().properties(height=200)._repr_mimebundle_()
    assert set(shown) == {"application/vnd.vegalite.v5+json", "image/svg+xml", "text/plain"}
    assert shown["application/vnd.vegalite.v5+json"]["height"] == 200
    drawn = flow.chart().to_dict()["usermeta"]
    assert drawn["title"] == flow.explain()[0]
    assert drawn["subtitle"].startswith("14 journeys of 12 customers")  # as in tests/company.py
    assert drawn["source"].startswith("Source: Twelve")


def test_a_result_shows_its_picture_and_its_frame(study):
    funnel = wb.journeys.funnel(study, steps=["Search", "Cart"])
    shown = funnel._repr_mimebundle_(include=None, exclude=None)
    image = base64.b64decode(re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', shown["text/html"])[1]).decode()
    assert image.startswith("<svg") and re.search(r">2\s+Cart<", image)  # the second step, as the funnel labels it
    assert "<td>Cart</td>" in shown["text/html"]
    assert "http" not in re.sub(r'xmlns(:xlink)?="[^"]+"', "", image) and "<script" not in shown["text/html"]
    assert shown["text/plain"].startswith("\n".join(funnel.explain())) and "step_rate" in shown["text/plain"]


def test_names_from_the_data_are_text(tmp_path):
    rows = pd.DataFrame(
        {"customer_id": ["a", "a"], "occurred_at": ["2026-01-01", "2026-01-02"], "touchpoint": ['<b onclick="x()">', "End"]}
    )
    wb.load(rows, into=tmp_path / "store")
    shown = wb.journeys.flow(wb.open(tmp_path / "store"))._repr_mimebundle_()["text/html"]
    assert "<b " not in shown and "&lt;b onclick" in shown
