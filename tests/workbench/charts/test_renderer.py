"""What a notebook stores for a chart, and that drawing never reads a file or the net."""

from __future__ import annotations

import altair as alt
import nbformat
import pytest

from workbench import charts
from workbench.charts import journeys, renderer
from workbench.errors import BadInput
from workbench.locale import texts


@pytest.fixture
def enabled():
    before = alt.renderers.active
    charts.enable()
    yield
    alt.renderers.enable(before)


def test_a_bare_chart_in_a_notebook(enabled, frames):
    bundle = journeys.funnel(frames["funnel"], texts("en"))._repr_mimebundle_(None, None)
    assert set(bundle) == {"application/vnd.vegalite.v5+json", "image/svg+xml", "text/plain"}
    spec = bundle["application/vnd.vegalite.v5+json"]
    assert spec["$schema"].endswith("vega-lite/v5.json") and spec["width"] == renderer.WIDTH
    assert bundle["text/plain"].startswith("Funnel of 4 steps")
    assert bundle["image/svg+xml"].startswith("<svg")
    # the notebook format accepts it, which it doesn't do for Altair's own type
    output = nbformat.v4.new_output("execute_result", bundle, execution_count=1)
    cell = nbformat.v4.new_code_cell("chart", outputs=[output], execution_count=1)
    nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))


@pytest.mark.parametrize("address", ["https://example.org/a.csv", "file:///etc/hostname", "a.csv"])
def test_addresses_are_refused(address):
    chart = alt.Chart(address).mark_point().encode(x="a:Q")
    for draw in (renderer.to_svg, renderer.to_png, renderer.spec):
        with pytest.raises(BadInput, match="This chart would load"):
            draw(chart)


def test_images_are_refused():
    with pytest.raises(BadInput, match="image"):
        renderer.spec(alt.Chart(alt.Data(values=[{"u": "https://example.org/a.png"}])).mark_image().encode(url="u:N"))


def test_a_field_called_url_in_the_data_is_only_data(frames):
    chart = alt.Chart(alt.InlineData(values=[{"url": "https://example.org", "a": 1}])).mark_point().encode(x="a:Q")
    assert renderer.to_svg(chart).startswith("<svg")


def test_png_is_drawn_at_the_scale_asked(frames):
    chart = journeys.steps(frames["steps"], texts("en"))
    one, two = (renderer.to_png(chart, scale=scale) for scale in (1, 2))
    width = [int.from_bytes(png[16:20], "big") for png in (one, two)]
    assert one.startswith(b"\x89PNG") and width[1] == pytest.approx(2 * width[0], abs=2)
