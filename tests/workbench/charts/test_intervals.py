"""Intervals of shares: drawn from end to end as the frame has them, written in tooltips, left out where there are none."""

from __future__ import annotations

import math

import pytest

from workbench.charts import base, theme
from workbench.charts import journeys as charts
from workbench.locale import LANGUAGES, texts

#: chart -> share of the frame -> (lower end, upper end): columns of the frame, then the fields that are drawn
DRAWN = {
    "variants": {"share": ("low", "high", "low", "high")},
    "touchpoints": {
        "share": ("low", "high", "low", "high"),
        "entry_share": ("entry_low", "entry_high", "start_low", "start_high"),
        "exit_share": ("exit_low", "exit_high", "end_low", "end_high"),
    },
    "sessions": {
        "share": ("share_low", "share_high", "low", "high"),
        "single_share": ("low", "high", "estimate_low", "estimate_high"),
    },
}


def bounded(frame, columns):
    """Ends that no formula makes, of a width of their own for each share, so that none can stand for another."""
    frame = frame.copy()
    for place, (share, (low, high, *_)) in enumerate(columns.items(), start=1):
        frame[low], frame[high] = frame[share] - 0.01 * place, frame[share] + 0.02 * place
    return frame


def units(spec):
    for layer in spec["layer"]:
        yield from units(layer) if "layer" in layer else [layer]


def whiskers(spec) -> set[tuple[str, str]]:
    """The fields between which a horizontal line is drawn, as `interval` or in the colour of its mark."""
    lines = (unit for unit in units(spec) if "interval" in unit["mark"].get("style", "") and "x2" in unit["encoding"])
    return {(line["encoding"]["x"]["field"], line["encoding"]["x2"]["field"]) for line in lines}


def values(spec, field):
    return {row["row"]: row for rows in spec["datasets"].values() for row in rows if field in row}


@pytest.mark.parametrize("name", DRAWN)
def test_whiskers_reach_from_end_to_end_of_the_frame(name, frames):
    frame = bounded(frames[name], DRAWN[name])
    spec = getattr(charts, name)(frame, texts("en")).to_dict()
    assert whiskers(spec) == {(low, high) for *_, low, high in DRAWN[name].values()}
    rows = values(spec, "share_text")
    assert set(rows) == set(frame.index)
    for share, (low, high, drawn_low, drawn_high) in DRAWN[name].items():
        for label, one in frame.iterrows():
            if one[share]:
                assert (rows[label][drawn_low], rows[label][drawn_high]) == (one[low], one[high])
            else:  # nothing begins or ends here: no mark, no line
                assert rows[label][drawn_low] is rows[label][drawn_high] is None
    assert texts("en")("charts.whiskers") in spec["usermeta"]["notes"]


@pytest.mark.parametrize("name", DRAWN)
def test_frames_without_intervals_draw_and_do_not_speak_of_them(name, frames):
    columns = {end for low, high, *_ in DRAWN[name].values() for end in (low, high)}
    assert not columns & set(frames[name].columns) or name == "sessions"  # only the share of a single step has one
    spec = getattr(charts, name)(frames[name], texts("en")).to_dict()
    assert texts("en")("charts.whiskers") not in spec["usermeta"]["notes"]
    assert all("(" not in row["share_text"] for row in values(spec, "share_text").values())


@pytest.mark.parametrize("name", ["touchpoints", "sessions", "loops"])
@pytest.mark.parametrize("width", [300, 1000])
def test_an_interval_is_seen_however_narrow(name, width, frames):
    frame = bounded(frames[name], DRAWN[name]) if name in DRAWN else frames[name]
    spec = getattr(charts, name)(frame, texts("en"), width=width).to_dict()
    drawn = list(units(spec))
    marks = {unit["encoding"]["x"]["field"]: place for place, unit in enumerate(drawn) if "size" in unit["mark"]}
    caps = {
        unit["encoding"]["x"]["field"]: place
        for place, unit in enumerate(drawn)
        if unit["encoding"].get("y2") == {"field": "cap2"}
    }
    assert marks
    for field, place in marks.items():  # drawn after their mark, so over it
        assert caps[f"{field}_low"] > place and caps[f"{field}_high"] > place
    # of a circle of that many px²; half a side of a square is less
    radius = max(math.sqrt(drawn[place]["mark"]["size"] / math.pi) for place in marks.values())
    for row in values(spec, "cap").values():
        assert row["middle"] - row["cap"] > radius + 1 and row["cap2"] - row["middle"] > radius + 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["touchpoints", "sessions", "loops"])
def test_headings_have_room_on_a_phone(name, language, frames):
    t = texts(language)
    spec = getattr(charts, name)(frames[name], t, width=300).to_dict()
    heads = {
        " ".join(row["text"]).replace("\u00a0", " "): row["text"]
        for rows in spec["datasets"].values()
        for row in rows
        if "said" not in row and isinstance(row["text"], list)
    }
    for part, share in (("bar", 0.56), ("dot", 0.44)):  # the bars have 56 % of the width, the marks the rest
        lines = heads[t(f"charts.{name}.{part}")]
        assert max(theme.text_width(line, theme.SMALL) for line in lines) < share * 300


def test_tooltips_write_the_interval(frames):
    move = {"low": 0.6149, "high": 0.6402, "share": 0.6275}
    flow = charts.flow(frames["flow"].assign(**move), texts("en"), coverage=1.0).to_dict()
    assert {row["share"] for row in values(flow, "path").values()} == {"63% (95 %: 61–64%)"}
    cells = frames["steps"].assign(**move)
    steps = charts.steps(cells, texts("en")).to_dict()
    assert {row["share_text"] for row in values(steps, "strong").values()} == {"63% (95 %: 61–64%)"}
    assert {row["text"] for row in values(steps, "strong").values()} == {"63%"}  # what is printed stays short


def test_a_node_of_the_sankey_says_the_share_of_its_cell(frames):
    cells = frames["steps"].assign(low=frames["steps"]["share"] - 0.04, high=frames["steps"]["share"] + 0.05)
    spec = charts.sankey(frames["sankey"], texts("en"), cells=cells, top=20).to_dict()
    nodes = [row for rows in spec["datasets"].values() for row in rows if "quiet" in row]
    # 11 of 14 journeys begin with Search: 78.6 %
    (search,) = {node["share_text"] for node in nodes if (node["name"], node["position"]) == ("Search", 0)}
    assert search == "79% (95 %: 75–84%)"
    # a node and its cell are the same journeys
    counts = {(row["position"], row["touchpoint"]): row["n"] for row in base.rows(cells)}
    named = [node for node in nodes if node["share_text"]]
    assert named and all(counts[node["position"], node["touchpoint"]] == int(node["n"]) for node in named)


@pytest.mark.parametrize(
    ("low", "high", "language", "said"),
    [
        (0.612, 0.63, "en", "61–63%"),
        (0.0957, 0.1068, "en", "9.6–10.7%"),
        (0.0957, 0.1068, "pl", "9,6–10,7%"),
        (0.0957, 0.1068, "ru", "9,6–10,7\xa0%"),
        (0.9978, 1.0, "en", "99.8–100%"),  # as whole percents both ends would be the same
        (0.0, 0.0009, "en", "0–0.1%"),
        (None, 0.5, "en", ""),
    ],
)
def test_both_ends_have_as_many_places(low, high, language, said):
    assert base.interval(texts(language), low, high) == said


@pytest.mark.parametrize("width", [300, 720])
def test_the_band_of_a_series_is_cut_only_where_a_triangle_says_so(width, frames):
    points = frames["changes"].attrs["series"].copy()
    points[["share", "low", "high"]] /= 10
    frame = frames["changes"].assign(before_share=0.02, after_share=0.05)
    points.loc[2, "high"] = 0.9  # of few customers: drawn as it is, it would leave all else flat
    spec = charts.changes(frame, texts("en"), series=points, heads={0: "More"}, width=width).to_dict()
    drawn = [row for rows in spec["datasets"].values() for row in rows if "is_beyond" in row]
    assert [row["is_beyond"] for row in drawn] == [place == 2 for place in range(10)]
    px = (drawn[0]["y"] - drawn[4]["y"]) / (0.05 - 0.02)  # of a share, by two that are known
    foot = drawn[0]["y"] + 0.02 * px
    for row, high in zip(drawn, points["high"], strict=True):
        if not row["is_beyond"]:
            assert foot - row["high"] == pytest.approx(high * px)
        assert row["high"] > row["top"] > foot - 96  # below the triangles, and these within the panel


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_series_begins_beside_its_scale(language, frames):
    points = frames["changes"].attrs["series"]
    spec = charts.changes(frames["changes"], texts(language), series=points, heads={0: "More"}, width=300).to_dict()
    (line,) = [unit for unit in units(spec) if unit["mark"]["type"] == "line"]
    start = eval(line["encoding"]["x"]["scale"]["range"][0]["expr"], {"width": 300})  # an expression of our own
    written = {row["text"] for rows in spec["datasets"].values() for row in rows if set(row) == {"text", "y"}}
    assert len(written) == 2 and "0" in written
    assert start > max(theme.text_width(one, theme.SMALL) for one in written)
