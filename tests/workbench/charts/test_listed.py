"""Lists with a row an item: names that can be told apart, headings that don't meet, ticks that don't touch."""

from __future__ import annotations

import itertools
import re

import pytest

from workbench.charts import journeys as charts
from workbench.charts import theme
from workbench.charts.journeys import listed
from workbench.locale import LANGUAGES, texts

RANKED = ["touchpoints", "sessions", "loops", "crossings", "handoffs", "conformance", "inventory"]
LONG = ["journeys that stop at “{}” after “Product page”", "“{}” out of its place, after “Support call”", "sesje od „{}”"]
NAME = {
    "conformance": "what",
    "inventory": "what",
    "compare": "what",
    "touchpoints": "touchpoint",
    "sessions": "entry",
    "loops": "touchpoint",
}


def spec(name, frame, width, language="en"):
    return getattr(charts, name)(frame, texts(language), width=width).to_dict()


def rows(made) -> list[dict]:
    """The items, in the order of the list."""
    found = next(part for part in made["datasets"].values() for row in part if "short" in row)
    return sorted(found, key=lambda row: row["y"])


def named(name, frames):
    frame = frames[name].copy()
    frame[NAME[name]] = [LONG[i % len(LONG)].format(f"Touchpoint {i // len(LONG)}") for i in range(len(frame))]
    return frame


def headings(made) -> list[tuple[str, float, float]]:
    """What stands above the scales of a picture 720 px wide: the text, and from where to where its lines reach."""
    found = []
    for layer in made["layer"]:
        for unit in layer.get("layer", []):
            place = unit.get("encoding", {}).get("y", {}).get("value")
            if not isinstance(place, int | float) or unit["mark"].get("style") != "muted":
                continue
            (row,) = made["datasets"][unit["data"]["name"]]
            x = eval(unit["encoding"]["x"]["value"]["expr"], {"width": 712})  # an expression of our own
            wide = max(theme.text_width(line, theme.SMALL) for line in row["text"])
            right = unit["mark"]["align"] == "right"
            found.append((" ".join(row["text"]).replace("\u00a0", " "), x - wide if right else x, x if right else x + wide))
    return found


@pytest.mark.parametrize("name", NAME)
@pytest.mark.parametrize("width", [300, 360, 720])
def test_a_long_name_is_read_to_its_end(name, width, frames):
    frame = named(name, frames)
    made = rows(spec(name, frame, width))
    assert [" ".join(row["short"]) for row in made] == [row["name"] for row in made]  # nothing is cut: two lines are enough
    for row in made:
        assert max(theme.text_width(line) for line in row["short"]) < width


@pytest.mark.parametrize("name", NAME)
def test_on_a_phone_nothing_is_written_over_a_name_and_rows_stay_apart(name, frames):
    made = rows(spec(name, named(name, frames), 300))
    for row in made:
        last = row["head"] + listed.NAME_LINE * (len(row["short"]) - 1)
        assert row["side"] in (last, last + listed.NAME_LINE)
        if row["side"] == last:
            assert theme.text_width(row["short"][-1]) + theme.text_width(row["detail"], theme.SMALL) < 300
        assert row["middle"] > max(row["side"], last) + 12
    for above, below in itertools.pairwise(made):
        assert below["head"] - above["middle"] > 20


def test_a_name_too_long_for_two_lines_loses_its_middle(frames):
    frame = named("compare", frames)
    much = "begins and then there is much to be said about it, and more, and more again"
    frame["what"] = [f"{i} {much}, until {i} ends" for i in range(len(frame))]
    for row in rows(spec("compare", frame, 300)):
        first, last = row["short"]
        i = row["name"].split()[0]
        assert first.startswith(f"{i} begins") and last.endswith(f"{i} ends") and "…" in first + last


def test_squeezing():
    whole = "Zażółć gęślą jaźń, a potem jeszcze raz"
    assert " ".join(theme.squeeze(whole, 400)) == whole
    (cut,) = theme.squeeze(whole, 150)
    assert theme.text_width(cut) <= 150 and cut.startswith("Zażółć") and cut.endswith("raz")
    assert theme.squeeze("", 100) == [""]
    assert len(theme.squeeze("W" * 100_000, 200, lines=2)) == 2


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [300, 720])
@pytest.mark.parametrize("name", RANKED)
def test_every_column_has_its_heading(name, width, language, frames):
    t = texts(language)
    written = {text for text, _, _ in headings(spec(name, frames[name], width, language))}
    assert written == {t(f"charts.{name}.{part}") for part in ("bar", "dot", "detail")}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [*RANKED, "compare"])
def test_headings_do_not_meet(name, language, frames):
    frame = named(name, frames) if name in NAME else frames[name]
    found = sorted(headings(spec(name, frame, 720, language)), key=lambda one: one[1])
    assert len(found) == (2 if name == "compare" else 3)
    for (_, _, end), (_, start, _) in itertools.pairwise(found):
        assert start - end >= 6
    assert found[-1][2] <= 712


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [300, 360, 720])
def test_a_sign_stays_with_its_group(width, language, frames):
    made = charts.compare(frames["compare"], texts(language), names=("app", "все остальные"), width=width).to_dict()
    lines = next(row["text"] for part in made["datasets"].values() for row in part if "●" in str(row.get("text")))
    assert not any(re.match(r"\s*[●■]", line) for line in lines)


@pytest.mark.parametrize("most", [0.004, 0.0145, 0.019, 0.1, 0.23, 0.36, 0.4, 0.77, 1.0])
@pytest.mark.parametrize("px", [110, 160, 300])
def test_ticks_have_room_and_are_on_both_sides(most, px):
    found = listed.ticks(most, px)
    assert 0 in found and len(found) >= 3 and found == [-one for one in reversed(found)]
    assert max(found) <= most
    apart = (found[1] - found[0]) * px / (2 * most)
    assert apart > theme.text_width("+10", theme.SMALL) + 5
