"""The journey map as slides, read back from the file: what it says, where it stands, that nothing is lost."""

from __future__ import annotations

import copy
import io
import itertools
import zipfile

import drawn
import hypothesis
import hypothesis.strategies as st
import pytest
from PIL import ImageFont
from pptx.enum.dml import MSO_LINE

from workbench import export

CODE = ("Code", "import workbench as wb\nwb.journeys.map(study)")
EVIL = "</a:t><script>alert(1)</script> =cmd|' /C calc'!A1 \x00\x07\u2028\ud800 \u202egnp.exe & {{TITLE}} _x0041_"


def made(canvas, **how) -> bytes:
    return export.map_to_pptx(canvas, **{"language": "en"} | how)


@pytest.mark.parametrize("language", ["en", "ru", "pl"])
def test_one_slide_says_all_that_the_map_says(read, sound, language):
    canvas = drawn.canvas(language)
    deck = read(made(canvas, below={"Caveats": ["One is small."]}, code=CODE, language=language))
    sound(deck)
    assert len(deck.slides) == 1
    slide = deck.slides[0]
    assert slide.shapes.title.text_frame.text == canvas["title"]
    texts = [one.text for one in deck.shapes()]
    assert canvas["subtitle"] in texts and canvas["source"] in texts
    assert {"web", "app", "store"} <= set(texts)
    group = {one.name: one.text for one in deck.shapes()}
    for name, thousands, _ in itertools.chain(*drawn.CARDS):
        assert group[f"{name} / card"] == name and group[f"{name} / figure"] == f"{thousands}k"
    table = deck.table()
    assert [cell.split("\n")[0] for cell in table[0]] == ["", *drawn.STAGES[language]]
    assert [row[0].split("\n")[0] for row in table[1:]] == drawn.LANES[language]
    assert table[-1][3] == f"{drawn.NOTE[language]}\nAnna Kowalska · 22 Nov 2026, 14:05"
    assert table[-2][3] == drawn.PAIN[language]
    assert [row[2] for row in table[4:6]] == ["66 %  n 9,871", canvas["cells"]["agree"]["Choose"]["text"]]
    assert {run._r.rPr.get("lang") for run in deck.runs()} == {{"en": "en-GB", "ru": "ru-RU", "pl": "pl-PL"}[language]}


def test_nothing_on_the_map_is_a_bitmap(read):
    content = made(drawn.canvas())
    assert not [name for name in zipfile.ZipFile(io.BytesIO(content)).namelist() if "media" in name]


def test_the_speakers_notes_hold_sentences_meaning_caveats_and_code(read):
    notes = read(made(drawn.canvas(), below={"Caveats": ["One is small."], "Filters": []}, code=CODE)).notes()
    for line in (
        *drawn.SAID["en"],
        "Felt: NPS after the touchpoint, 95 % interval",
        "Caveats\nOne is small.",
        "Code\n" + CODE[1],
    ):
        assert line in notes
    assert "Filters" not in notes


def test_what_cannot_be_seen_is_said(read):
    deck = read(made(drawn.canvas()))
    said = {one.name: one.shape._element.xpath(".//p:cNvPr")[0].get("descr") for one in deck.shapes()}
    assert said["map"] == f"{drawn.TITLE['en']}. {drawn.COUNTED['en']}"
    assert said["Payment"] == "Payment: 10,000 of 41,208"
    assert said["Felt"].startswith("Discover: NPS 18, n 1,204; Choose: NPS 24") and said["Felt"].endswith("Stay: n 12")


def test_the_template_leaves_no_name_of_its_author(read):
    content = made(drawn.canvas())
    about = read(content).made.core_properties
    assert (about.title, about.author, about.last_modified_by) == (drawn.TITLE["en"], *["Customer-journey workbench"] * 2)
    for name in (archive := zipfile.ZipFile(io.BytesIO(content))).namelist():
        assert b"Canny" not in archive.read(name)


def test_cards_stand_in_the_cell_of_their_stage_and_apart(read):
    deck = read(made(drawn.canvas()))
    boxes = {one.name.removesuffix(" / card"): one.box for one in deck.shapes() if one.name.endswith(" / card")}
    frame = next(one for one in deck.shapes() if one.name == "map")
    columns, rows = frame.shape.table.columns, frame.shape.table.rows
    edges = [frame.box[0]]
    for column in columns:
        edges.append(edges[-1] + column.width / 12700)
    top = frame.box[1] + rows[0].height / 12700
    bottom = top + rows[1].height / 12700
    for number, cards in enumerate(drawn.CARDS):
        lowest = top
        for name, *_ in cards:
            left, upper, right, lower = boxes[name]
            assert edges[number + 1] < left < right < edges[number + 2]
            assert lowest < upper < lower < bottom
            lowest = lower


def test_bars_are_as_long_as_the_share_and_parted_by_channels(read):
    shapes = {one.name: one.box for one in read(made(drawn.canvas())).shapes()}

    def wide(name: str) -> float:
        return shapes[name][2] - shapes[name][0]

    for name, fill in (("Search", 1), ("Cart", 14 / 31)):
        for channel, share in (("web", 0.5), ("app", 0.3), ("store", 0.2)):
            assert wide(f"{name} / {channel}") == pytest.approx(fill * share * wide(f"{name} / whole"), abs=0.03)
    assert "One-tap / web" not in shapes  # nobody was there


def test_planned_is_dashed_and_unplanned_tinted_where_there_is_a_plan(read):
    def looks(canvas) -> dict:
        shapes = {one.name: one.shape for one in read(made(canvas)).shapes()}
        names = ("Payment", "Pay again", "One-tap")
        cards = [shapes[f"{name} / card"] for name in names if f"{name} / card" in shapes]
        return {card.text_frame.text: (card.line.dash_style, str(card.fill.fore_color.rgb)) for card in cards}

    canvas = drawn.canvas()
    white = "FFFFFF"
    found = looks(canvas)
    assert found["Payment"] == (None, white) and found["One-tap"] == (MSO_LINE.DASH, white)
    assert found["Pay again"][0] is None and found["Pay again"][1] != white
    for cell in canvas["cells"]["touchpoints"].values():
        cell["cards"] = [card | {"layer": "mined"} for card in cell["cards"]]
    assert set(looks(canvas).values()) == {(None, white)}


def test_the_felt_line_is_drawn_to_scale_with_its_intervals(read):
    shapes = read(made(drawn.canvas())).shapes()
    points = [one.box for one in shapes if one.name in {f"Felt / {stage}" for stage in drawn.STAGES["en"]}]
    y = [(top + bottom) / 2 for _, top, _, bottom in points]
    assert len(y) == 4  # the fifth has no score
    # 18, 24, -21, 9: the steps are +6, -45, +30
    assert (y[0] - y[1]) / 6 == pytest.approx((y[2] - y[1]) / 45, rel=0.03) == pytest.approx((y[2] - y[3]) / 30, rel=0.03)
    upright = [one.box for one in shapes if one.name == "Felt / interval" and one.box[0] == one.box[2]]
    assert len(upright) == 4
    for (_, top, _, bottom), middle in zip(upright, y, strict=True):  # 4 to either side of the value
        assert middle - top == pytest.approx(bottom - middle, abs=0.03) == pytest.approx(4 * (y[2] - y[1]) / 45, abs=0.05)
    assert len([one for one in shapes if one.name == "Felt / felt"]) == 3  # no line to a stage without a score
    assert [one.text for one in shapes if one.name == "Felt / value"] == ["+18 ±4", "+24 ±4", "−21 ±4", "+9 ±4"]
    assert [one.text for one in shapes if one.name == "Felt / note"] == ["n 12"]


def test_words_fit_their_cells_by_a_real_font(read):
    deck = read(made(drawn.canvas()))
    fonts = {}
    table = next(one for one in deck.shapes() if one.name == "map").shape.table
    for row in table.rows:
        for cell, column in zip(row.cells, table.columns, strict=True):
            taken = 4.0
            for paragraph in cell.text_frame.paragraphs:
                if not paragraph.runs:
                    continue
                size = max(run.font.size.pt for run in paragraph.runs)
                font = fonts.setdefault(size, ImageFont.load_default(size))
                lines, at = 1, 0.0
                for word in paragraph.text.split(" "):
                    wide = font.getlength(word + " ")
                    if at and at + wide - font.getlength(" ") > column.width / 12700 - 8:
                        lines, at = lines + 1, 0.0
                    at += wide
                taken += lines * size * 1.2 + (paragraph.space_after.pt if paragraph.space_after else 0)
            assert taken <= row.height / 12700 + 0.01, cell.text_frame.text


def test_fourteen_stages_take_two_slides_with_each_once(read, sound):
    canvas = drawn.canvas()
    names = [f"Stage {number}" for number in range(14)]
    canvas["stages"] = [{"key": name, "name": name, "figure": "1", "hint": "", "row": 0} for name in names]
    cards = {name: {"cards": [drawn.card(f"Touchpoint {name}", 1)]} for name in names}
    canvas["cells"] = {"touchpoints": cards, "owner": {name: {"planned": f"Team of {name}"} for name in names}}
    deck = read(made(canvas))
    sound(deck)
    assert len(deck.slides) == 2
    heads = [cell.split("\n")[0] for number in range(2) for cell in deck.table(number)[0][1:]]
    assert heads == names and len(deck.table(0)[0]) == len(deck.table(1)[0])
    assert sorted(one.text for one in deck.shapes() if one.name.endswith(" / card")) == sorted(f"Touchpoint {n}" for n in names)
    assert deck.slides[0].shapes.title.text_frame.text != deck.slides[1].shapes.title.text_frame.text


def test_what_has_no_room_is_cut_and_stands_in_full_on_the_next_slides(read, sound):
    canvas = drawn.canvas()
    long = " ".join(f"word{number}" for number in range(250))  # some 2,000 letters
    for stage in drawn.STAGES["en"]:
        canvas["cells"]["notes"][stage] = {"notes": [drawn.note(f"{stage} {long}"), drawn.note(f"Second of {stage}")]}
    canvas["cells"]["touchpoints"]["Buy"]["cards"] = [drawn.card(f"Point {number:02}", number) for number in range(40)]
    deck = read(made(canvas))
    sound(deck)
    assert len(deck.slides) > 1
    for column, stage in enumerate(drawn.STAGES["en"], start=1):
        assert deck.table()[-1][column].startswith(f"{stage} word0") and "…" in deck.table()[-1][column]
    first = {one.text for one in deck.shapes(deck.slides[0]) if one.name.endswith(" / card")}
    shown = [name for name in first if name.startswith("Point")]
    assert next(one.text for one in deck.shapes() if one.name == "more").startswith(f"+ {40 - len(shown)} more")
    later = "\n".join(deck.text(slide) for slide in deck.slides[1:])
    for number in range(40):
        name = f"Point {number:02}"
        assert (name in first) + later.count(f"{name} {number}k") == 1
    joined = later.replace("\n", " ")
    for stage in drawn.STAGES["en"]:
        assert f"{stage} · Notes" in later and f"Second of {stage}\nAnna Kowalska" in later
        assert f"{stage} word0" in joined
    assert joined.count("word249") == 5


def test_more_than_twenty_slides_of_notes_end_in_a_sentence(read, sound):
    canvas = drawn.canvas()
    canvas["cells"]["notes"]["Buy"] = {"notes": [drawn.note(f"Note {number}. " + "word " * 300) for number in range(200)]}
    deck = read(made(canvas))
    sound(deck)
    assert len(deck.slides) == 21
    assert deck.text(deck.slides[-1]).endswith("it stands in the workbook (XLSX).")


def test_hostile_texts_are_text(read, sound):
    canvas = drawn.canvas()
    canvas |= {"title": EVIL, "subtitle": EVIL, "source": EVIL, "sentences": [EVIL], "channels": [{"name": EVIL}]}
    canvas["lanes"] = [lane | {"name": EVIL, "hint": EVIL} for lane in canvas["lanes"]]
    canvas["stages"] = [stage | {"name": EVIL, "figure": EVIL} for stage in canvas["stages"]]
    canvas["cells"]["touchpoints"]["Buy"]["cards"][0] |= {"name": EVIL, "figure": EVIL[:20], "hint": EVIL}
    canvas["cells"]["notes"]["Buy"] = {"planned": EVIL, "notes": [drawn.note(EVIL, EVIL, EVIL)]}
    canvas["cells"]["leave"]["Buy"] |= {"text": EVIL, "small": EVIL, "tone": EVIL}
    content = made(canvas, below={EVIL: [EVIL]}, code=(EVIL, EVIL))
    deck = read(content)
    sound(deck)
    clean = "</a:t><script>alert(1)</script> =cmd|' /C calc'!A1 \u202egnp.exe & {{TITLE}} _x0041_"
    assert deck.slides[0].shapes.title.text_frame.text == clean
    assert clean in deck.text(deck.slides[-1])
    for name in (archive := zipfile.ZipFile(io.BytesIO(content))).namelist():
        assert b"<script" not in archive.read(name) and b"hlinkClick" not in archive.read(name)


@pytest.mark.parametrize("text", ["x" * 3000, "寿" * 3000, "🙂" * 1500, "a " * 3000, "\n" * 50 + "end"])
def test_a_text_of_any_length_stays_inside(read, sound, text):
    canvas = drawn.canvas()
    canvas |= {"title": f"T {text}", "subtitle": text, "source": text}
    canvas["stages"][2] |= {"name": text}
    canvas["cells"]["touchpoints"]["Buy"]["cards"][0]["name"] = text
    canvas["cells"]["notes"]["Buy"] = {"notes": [drawn.note(text)]}
    sound(read(made(canvas)))


def test_a_map_of_nothing_is_a_slide_that_says_so(read, sound):
    canvas = drawn.canvas() | {"stages": [], "lanes": [], "cells": {}, "channels": []}
    deck = read(made(canvas))
    sound(deck)
    assert len(deck.slides) == 1 and deck.table() == [[""]]


@hypothesis.settings(max_examples=8, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
@hypothesis.given(
    cards=st.lists(st.integers(0, 25), min_size=1, max_size=17), words=st.lists(st.integers(0, 60), min_size=1, max_size=7)
)
def test_any_map_keeps_inside_its_slides_and_loses_nothing(read, sound, cards, words):
    keys = [f"S{number}" for number in range(len(cards))]
    lanes = [
        {"key": f"w{number}", "name": f"Lane {number}", "hint": "what it is", "kind": "words"} for number in range(len(words))
    ]
    canvas = drawn.canvas() | {
        "stages": [{"key": key, "name": f"Stage {key}", "figure": "9 · 1 %", "hint": "", "row": 0} for key in keys],
        "lanes": [drawn.canvas()["lanes"][0], *lanes],
    }
    canvas["cells"] = {
        "touchpoints": {
            k: {"cards": [drawn.card(f"card-{k}-{i}.", i) for i in range(n)]} for k, n in zip(keys, cards, strict=True)
        }
    } | {
        f"w{number}": {key: {"planned": " ".join(f"{key}w{number}x{i}." for i in range(n))} for key in keys}
        for number, n in enumerate(words)
    }
    deck = read(made(copy.deepcopy(canvas)))
    sound(deck)
    text = deck.text()
    for key, n in zip(keys, cards, strict=True):
        assert all(f"card-{key}-{i}." in text for i in range(n))
    for number, n in enumerate(words):
        assert all(f"{key}w{number}x{i}." in text for key in keys for i in range(n))
