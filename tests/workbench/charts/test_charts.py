"""Every chart of the journeys room as data: a valid spec, its columns exist, every row can be picked, it draws."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest
import vl_convert

from workbench.charts import base, bundle, renderer, theme
from workbench.charts import journeys as charts
from workbench.charts.journeys.flow import covering
from workbench.locale import texts

NAMES = list(charts.__all__)
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|rgba|hsl)\(|\b(?:red|green|blue|black|white|steelblue|gray|grey)\b")


def draw(name, frames, t, **given):
    if name == "changes":
        given = {"series": frames[name].attrs["series"], "heads": {0: "From 2 Feb 2026 more of it"}} | given
    return getattr(charts, name)(frames[name], t, **given)


def walk(part):
    yield part
    for child in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from walk(child)


def units(spec, data=None, transforms=()):
    """The layers that draw, each with its rows and the fields that its transforms make."""
    data = spec.get("data", data)
    transforms = [*transforms, *spec.get("transform", [])]
    if "layer" in spec:
        for layer in spec["layer"]:
            yield from units(layer, data, transforms)
    else:
        yield spec, data, transforms


def made(transforms) -> set[str]:
    names = set()
    for transform in transforms:
        if "calculate" in transform:
            names.add(transform["as"])
    return names


@pytest.mark.parametrize("name", NAMES)
def test_fields_exist_in_the_data(name, frames, t):
    spec = draw(name, frames, t).to_dict()  # altair checks it against the schema
    for unit, data, transforms in units(spec):
        rows = spec["datasets"][data["name"]]
        assert rows
        known = set(rows[0]) | made(transforms)
        for channel in walk(unit["encoding"]):
            if isinstance(channel, dict) and "field" in channel:
                assert channel["field"] in known, (name, channel)


@pytest.mark.parametrize("name", NAMES)
def test_no_colour_and_no_address_in_a_spec(name, frames):
    spec = renderer.spec(draw(name, frames, texts("en"), title="T", source="S"))
    assert not COLOUR.search(json.dumps({k: v for k, v in spec.items() if k != "datasets"}))
    assert not [part for part in walk(spec) if isinstance(part, dict) and "url" in part]
    assert set(spec["config"]) == {"locale"}


@pytest.mark.parametrize("name", NAMES)
def test_every_style_exists_in_both_schemes(name, frames):
    spec = draw(name, frames, texts("en")).to_dict()
    used = {unit["mark"]["style"] for unit, _, _ in units(spec) if "style" in unit["mark"]}
    for dark in (False, True):
        assert used <= set(theme.config(dark)["style"])


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"flow", "sankey"}))
def test_every_row_of_the_frame_can_be_picked(name, frames):
    frame = frames[name].set_axis(range(100, 100 + len(frames[name])))  # labels that aren't positions
    spec = draw(name, {name: frame}, texts("en")).to_dict()
    (picked,) = [p for p in spec["params"] if p["name"] == "pick"]
    assert picked["select"]["fields"][0] == "row"
    seen = {row["row"] for rows in spec["datasets"].values() for row in rows if "row" in row}
    assert seen - {None} == set(frame.index)


def test_flow_at_full_coverage_shows_every_row(frames):
    frame = frames["flow"].set_axis(range(100, 100 + len(frames["flow"])))
    spec = charts.flow(frame, texts("en"), coverage=1.0).to_dict()
    curves = [row["row"] for rows in spec["datasets"].values() for row in rows if "path" in row]
    assert sorted(curves) == list(frame.index)


def test_sankey_bands_are_all_journeys(frames):
    frame = frames["sankey"]
    spec = charts.sankey(frame, texts("en"), top=20).to_dict()
    bands = [row for rows in spec["datasets"].values() for row in rows if "tall" in row]
    assert sorted(band["row"] for band in bands) == list(frame.index)
    # all bands that leave the first position are as thick together as its 14 journeys, and every band in proportion
    px = {band["row"]: band["tall"] / frame.at[band["row"], "n"] for band in bands}
    assert max(px.values()) - min(px.values()) < 0.01
    assert sum(frame.at[band["row"], "n"] for band in bands if band["x0"] == 0) == 14


def test_sankey_joins_the_rest(frames):
    spec = charts.sankey(frames["sankey"], texts("en"), top=1).to_dict()
    nodes = [row for rows in spec["datasets"].values() for row in rows if "quiet" in row and row["x"] == 0]
    # 14 journeys begin: 11 with Search, 2 with Product page, 1 with Support call
    assert {(node["name"], node["n"]) for node in nodes} == {("Search", "11"), ("others", "3")}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dark", [False, True])
def test_draws_under_vega_lite_5(name, dark, frames):
    chart = draw(name, frames, texts("pl"), title="Tytuł", subtitle="Podtytuł", source="Źródło: zdarzenia")
    svg = renderer.to_svg(chart, dark=dark)
    assert "Tytuł" in svg and "Podtytuł" in svg and "Źródło: zdarzenia" in svg
    assert theme.palette(dark).card in svg
    assert "#4c78a8" not in svg  # Vega's own blue: a style that doesn't reach its mark


@pytest.mark.parametrize("name", NAMES)
def test_draws_without_warnings_in_the_bundle_s_version_too(name, frames, capfd):
    spec = renderer.spec(draw(name, frames, texts("ru")), dark=False, width=600)
    for version, schema in ((renderer.VEGA_LITE, renderer.SCHEMA), (bundle.VERSION, renderer.BUNDLE_SCHEMA)):
        svg = vl_convert.vegalite_to_svg(
            spec | {"$schema": schema}, vl_version=version, show_warnings=True, allowed_base_urls=[]
        )
        assert svg.startswith("<svg")
    assert "WARN" not in capfd.readouterr().err


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [300, 360, 1000])
def test_fits_the_width_it_was_made_for(name, width, frames):
    chart = draw(name, frames, texts("en"), width=width)
    made_for = chart.to_dict()["usermeta"]["min_width"]
    svg = renderer.to_svg(chart, width=max(width, made_for))
    drawn = float(re.search(r'<svg[^>]* width="([\d.]+)"', svg)[1])
    assert drawn <= max(width, made_for) + 10
    if name not in ("flow", "sankey"):
        assert made_for <= width


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_frame_says_so(name, frames, t):
    chart = getattr(charts, name)(frames[name].head(0), t, title="T")
    assert t("charts.nothing")[:20] in renderer.to_svg(chart)
    assert t("charts.nothing.alt") in chart.to_dict()["description"]


@pytest.mark.parametrize("name", NAMES)
def test_missing_values_are_left_out(name, frames):
    frame = frames[name].copy()
    for column in frame.columns.intersection(["median_s", "mean_s", "low", "high", "reach_low", "reach_high", "single_share"]):
        frame[column] = pd.Series([None] * len(frame), index=frame.index, dtype="Float64")
    if name == "sessions":
        frame["single_share"] = frames[name]["single_share"]
    spec = draw(name, {name: frame}, texts("en")).to_dict()
    written = json.dumps(spec["datasets"], allow_nan=False)
    assert "<NA>" not in written and '"nan' not in written
    assert renderer.to_svg(spec).startswith("<svg")


def test_alt_text_says_what_is_seen(frames):
    # 14 journeys: 12 at the first step of the funnel, 6 at the last
    said = charts.funnel(frames["funnel"], texts("en"), title="Half stop").to_dict()["description"]
    assert said == "Half stop. Funnel of 4 steps: 12 journeys at the first, 6 at the last."


def test_intervals_are_drawn_where_the_frame_has_them(frames):
    rows = charts.funnel(frames["funnel"], texts("en")).to_dict()["datasets"].values()
    bars = {row["step"]: row for part in rows for row in part if "reach" in row}
    # Wilson's interval of 9 of 12 by hand: (0.75 + 0.1601 ± 1.96·sqrt(0.015625 + 0.006669)) / 1.3201 = 0.468 … 0.911
    assert bars["Product page"]["low"] == pytest.approx(0.468, abs=1e-3)
    assert bars["Product page"]["high"] == pytest.approx(0.911, abs=1e-3)
    assert bars["Search"]["low"] is None  # all of the first step reach it by definition


def test_numbers_are_written_in_the_language(frames):
    frame = frames["touchpoints"].assign(n=1234567, share=0.125)
    for language, count, share in (
        ("en", "1,234,567", "12%"),
        ("pl", "1\xa0234\xa0567", "12%"),
        ("ru", "1\xa0234\xa0567", "12\xa0%"),
    ):
        spec = charts.touchpoints(frame, texts(language)).to_dict()
        row = next(row for rows in spec["datasets"].values() for row in rows if "n" in row)
        assert row["n"] == count and row["share_text"] == share
        assert spec["config"]["locale"]["number"]["percent"] == share.removeprefix("12")


def test_coverage_takes_the_fewest_rows_and_keeps_them_connected():
    def move(kind, source, target, n):
        return {"kind": kind, "source": source, "target": target, "n": n}

    moves = [
        move("entry", base.START, "A", 100), move("step", "A", "B", 90), move("step", "B", "C", 80),
        move("exit", "C", base.END, 80), move("exit", "A", base.END, 10), move("exit", "B", base.END, 10),
        move("step", "X", "Y", 95), move("entry", base.START, "X", 2), move("exit", "Y", base.END, 2),
        move("step", "Y", "X", 93),
    ]  # fmt: skip
    # 562 in all. Half of it, 281, needs 100 + 95 + 93 = 288: start → A, X → Y, Y → X.
    # X is then loose: start → X (2) is its only way in. A needs a way to the end: A → B (90) is none, A → end (10) is;
    # Y → end (2) serves X and Y.
    chosen = covering(moves, 0.5)
    assert {(m["source"], m["target"]) for m in chosen} == {
        (base.START, "A"), ("X", "Y"), ("Y", "X"), (base.START, "X"), ("A", base.END), ("Y", base.END)
    }  # fmt: skip


def test_variants_join_repeats_and_count_the_rest():
    long = " → ".join([f"T{i}" for i in range(40)])
    frame = pd.DataFrame(
        {"rank": [1, 2], "variant": ["A → B → B → B → C", long], "n": [3, 1], "n_customers": [3, 1], "share": [0.75, 0.25],
         "cumulative_share": [0.75, 1.0], "n_steps": [5, 40], "median_s": [10.0, 20.0]}
    )  # fmt: skip
    spec = charts.variants(frame, texts("en"), width=360).to_dict()
    tiles = [row for rows in spec["datasets"].values() for row in rows if "times" in row]
    first = sorted((row["x"], row["text"]) for row in tiles if row["row"] == 0)
    assert [text for _, text in first] == [["A"], ["B ×3"], ["C"]]
    # two lines of three tiles: five touchpoints and what is left of forty
    rest = [row for row in tiles if row["row"] == 1]
    assert len(rest) == 6 and ["+35"] in [row["text"] for row in rest]


@pytest.mark.parametrize("dark", [False, True])
def test_texts_can_be_read(dark):
    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(a, b):
        low, high = sorted((luminance(a), luminance(b)))
        return (high + 0.05) / (low + 0.05)

    p = theme.palette(dark)
    grounds = [p.card, p.page, *(getattr(p, f"{name}_soft") for name in theme.SOFT)]
    assert all(contrast(p.ink, ground) >= 4.5 for ground in grounds)  # WCAG 2.2, 1.4.3
    assert contrast(p.muted, p.card) >= 4.5
    assert contrast(p.card, p.accent) >= 4.5
    assert all(contrast(getattr(p, name), p.card) >= 3 for name in ("accent", "good", "bad", "warn", "plum"))  # 1.4.11


def test_wrapping_keeps_every_word():
    text = "Zażółć gęślą jaźń, a potem jeszcze raz bardzo długie zdanie"
    assert " ".join(theme.wrap(text, 120)) == text
    assert theme.wrap(text, 120, lines=1)[0].endswith("…")
    assert theme.wrap("", 100) == [""]
    # 75 and its sign are one word
    assert theme.wrap("от 73 до 75\u00a0%, медиана", theme.text_width("от 73 до 75")) == ["от 73 до", "75\u00a0%,", "медиана"]
    assert "".join(theme.wrap("A" * 60, 100)) == "A" * 60


def test_a_box_counts_what_small_groups_took_out_of_the_table():
    """Ten journeys A, seven of which go on to B; the row of three that end at A is about too few customers and was left out."""
    rows = [("entry", "(start)", "A", 10, 1.0), ("step", "A", "B", 7, 0.7), ("exit", "B", "(end)", 7, 1.0)]
    frame = pd.DataFrame(rows, columns=["kind", "source", "target", "n", "share"])
    frame = frame.assign(n_journeys=frame.n, n_customers=frame.n, low=None, high=None, mean_s=60.0, median_s=60.0)
    spec = charts.flow(frame, texts("en"), coverage=1.0).to_dict()
    boxes = {row["said"] for rows in spec["datasets"].values() for row in rows if "said" in row and "→" not in row["said"]}
    assert boxes == {"Start: 10", "A: 10", "B: 7", "End: 10"}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "The others: Payment too late 60%, Search 30%."),
        ("ru", "Остальные: Payment слишком поздно 60 %, Search 30 %."),
        ("pl", "Pozostałe: Payment za późno 60%, Search 30%."),
    ],
)
def test_who_reached_the_next_step_after_the_window_is_said_to_be_late(frames, language, said):
    steps = frames["funnel"].head(2).assign(step=["Cart", "Payment"])
    left = pd.DataFrame({"position": 1, "touchpoint": ["Payment", "Search"], "n": [6, 3], "share": [0.6, 0.3]})
    drawn = json.dumps(charts.funnel(steps, texts(language), left=left).to_dict(), ensure_ascii=False)
    assert said in drawn.replace("\\u00a0", " ").replace("\u00a0", " ")
