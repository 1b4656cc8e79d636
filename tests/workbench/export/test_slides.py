"""A view as a slide, read back from the file."""

from __future__ import annotations

import struct

import pandas as pd
import pytest

from workbench import export
from workbench.charts import journeys
from workbench.locale import texts

SENTENCES = ["9 of 12 go on to Product page.", "Медиана: 2 мин.", "Zażółć gęślą jaźń."]
CODE = ("Code", "import workbench as wb\nwb.journeys.funnel(study)")
EVIL = "</a:t><script>alert(1)</script> =1+1 \x00\ud800"


def chart(language: str = "en", steps: int = 3, width: int = 800, **around):
    """A funnel of so many steps, each reached by nine of ten."""
    frame = pd.DataFrame({"step": [f"Step {i}" for i in range(steps)], "position": range(1, steps + 1)})
    frame["n"] = [round(10_000 * 0.9**i) for i in range(steps)]
    frame["n_customers"], frame["median_s"] = frame.n, 60.0
    frame["reach_share"], frame["step_rate"] = frame.n / 10_000, 0.9
    for name in ("reach_low", "low"):
        frame[name], frame[name.replace("low", "high")] = frame.reach_share - 0.01, frame.reach_share + 0.01
    around = {"title": "Nine of ten go on", "subtitle": "12 journeys", "source": "Twelve, version 1"} | around
    return journeys.funnel(frame, texts(language), width=width, **around)


@pytest.mark.parametrize("language", ["en", "ru", "pl"])
def test_a_slide_says_what_the_screen_says(read, sound, language):
    drawn = chart(language)
    below = {"Caveats": ["Some journeys are open."], "Filters": ["Channel: app"]}
    deck = read(export.to_pptx(drawn, sentences=SENTENCES, below=below, code=CODE, language=language))
    sound(deck)
    assert len(deck.slides) == 1
    slide = deck.slides[0]
    assert slide.shapes.title.text_frame.text == "Nine of ten go on"
    shown = {one.name: one for one in deck.shapes()}
    assert shown["subtitle"].text == "12 journeys" and shown["source"].text == "Twelve, version 1"
    assert shown["sentences"].text.split("\n")[:3] == SENTENCES
    assert deck.notes().startswith("\n".join(["Nine of ten go on", *SENTENCES]))
    for line in ("Caveats\nSome journeys are open.", "Filters\nChannel: app", "Code\n" + CODE[1]):
        assert line in deck.notes()
    spec = drawn.to_dict()
    picture = shown["picture"].shape
    assert picture._element.xpath(".//p:cNvPr")[0].get("descr") == spec["description"]
    wide, tall = struct.unpack(">II", picture.image.blob[16:24])
    assert 2 * 780 <= wide <= 2 * 830  # two dots a px
    left, top, right, bottom = shown["picture"].box
    assert (right - left) / (bottom - top) == pytest.approx(wide / tall, rel=0.01)


@pytest.mark.parametrize("steps", [1, 3, 9, 25], ids=["flat", "usual", "tall", "very tall"])
def test_picture_and_sentences_never_lie_on_each_other(read, sound, steps):
    deck = read(export.to_pptx(chart(steps=steps), sentences=SENTENCES))
    sound(deck)
    boxes = {one.name: one.box for one in deck.shapes(deck.slides[0])}
    left, top, right, bottom = boxes["picture"]
    for name in ("subtitle", "sentences", "source", "Title 1"):
        other = boxes[name]
        assert other[0] >= right or other[2] <= left or other[1] >= bottom or other[3] <= top, name
    assert boxes["sentences"][2] - boxes["sentences"][0] > 200


def test_sentences_without_room_come_on_the_next_slide(read, sound):
    many = [f"Sentence {number}: " + "so many words " * 12 for number in range(30)]
    deck = read(export.to_pptx(chart(), sentences=many))
    sound(deck)
    assert len(deck.slides) > 1
    text = deck.text()
    assert all(text.count(f"Sentence {number}:") == 1 for number in range(30))
    titles = [slide.shapes.title.text_frame.text for slide in deck.slides]
    assert titles[1] == "Nine of ten go on (continued)" and len(set(titles)) == len(titles)


def test_hostile_texts_are_text(read, sound):
    deck = read(
        export.to_pptx(chart(title=EVIL, subtitle=EVIL, source=EVIL), sentences=[EVIL], below={EVIL: [EVIL]}, code=(EVIL,) * 2)
    )
    sound(deck)
    assert deck.slides[0].shapes.title.text_frame.text == "</a:t><script>alert(1)</script> =1+1"


def test_a_chart_without_words_has_its_description_as_title(read, sound):
    deck = read(export.to_pptx(chart(title="", subtitle="", source="")))
    sound(deck)
    assert deck.slides[0].shapes.title.text_frame.text == chart(title="").to_dict()["description"]
