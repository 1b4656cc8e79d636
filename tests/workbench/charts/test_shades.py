"""What is written on a shaded cell can be read: every shade of the scale, drawn in both schemes."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from workbench.charts import journeys as charts
from workbench.charts import renderer
from workbench.locale import texts

SHARES = [one / 100 for one in range(1, 101)]
CELL = re.compile(r'aria-label="[^"]*: (\d+%)"[^>]*fill="([^"]+)"')
TEXT = re.compile(r'<text[^>]*fill="([^"]+)"[^>]*>(\d+%)</text>')


def cohorts() -> pd.DataFrame:
    frame = pd.DataFrame({"cohort": pd.Timestamp("2026-01-01"), "after": range(1, 101), "n_cohort": 200, "share": SHARES})
    return frame.assign(n=2 * frame["after"], n_customers=2 * frame["after"], low=None, high=None)


def steps() -> pd.DataFrame:
    frame = pd.DataFrame({"position": range(100), "touchpoint": "Cart", "share": SHARES, "n": range(1, 101)})
    return frame.assign(n_customers=frame["n"])


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)] if colour[0] == "#" else map(int, re.findall(r"\d+", colour))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in parts)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", ["cohorts", "steps"])
def test_every_shade_can_be_written_on(name, dark):
    frame = {"cohorts": cohorts, "steps": steps}[name]()
    svg = renderer.to_svg(getattr(charts, name)(frame, texts("en"), width=4000), dark=dark, width=4000)
    cells, written = dict(CELL.findall(svg)), {text: colour for colour, text in TEXT.findall(svg)}
    assert set(cells) == set(written) == {f"{one}%" for one in range(1, 101)}
    for text, ground in cells.items():
        low, high = sorted((luminance(ground), luminance(written[text])))
        assert (high + 0.05) / (low + 0.05) >= 4.5, (text, ground, written[text])  # WCAG 2.2, 1.4.3


@pytest.mark.parametrize("dark", [False, True])
def test_more_is_a_stronger_shade(dark):
    svg = renderer.to_svg(charts.cohorts(cohorts(), texts("en"), width=4000), dark=dark, width=4000)
    cells = dict(CELL.findall(svg))
    shades = [luminance(cells[f"{one}%"]) for one in range(1, 101)]
    assert shades == sorted(shades, reverse=not dark)
