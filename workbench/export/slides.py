"""Slides for a presentation (PPTX, 16:9): what is text stays text, what is drawn can be edited.

Sizes are points, 72 an inch. No text is smaller than `LEAST`: what has no room goes on a further slide.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from workbench.charts import theme
from workbench.export.shapes import CULTURES, LEAST, Box, P, Paragraph, clean, cut, describe, emu, height, line, put, shortened
from workbench.locale import texts

if TYPE_CHECKING:
    import altair as alt

WIDTH, HEIGHT, MARGIN = 960, 540, 28
FONT = "Arial"  # on every machine that shows slides, or one as wide; `theme.text_width` is on its safe side
FOOT = 30  # pt kept for the source at the foot
WIDE = 800  # px that a picture is drawn for: its letters of 12 px have 9 pt where it takes two thirds of a slide
MOST = 20  # slides that what has no room may take


class Deck:
    """A presentation in one language. `slide` begins a slide; the functions below put things on it."""

    def __init__(self, language: str, title: str) -> None:
        import pptx
        from pptx.util import Pt

        self.language = language
        self._made = pptx.Presentation()
        wider = Pt(WIDTH) / self._made.slide_width
        self._made.slide_width, self._made.slide_height = Pt(WIDTH), Pt(HEIGHT)
        master = self._made.slide_master
        self._layout = next(one for one in self._made.slide_layouts if one.name == "Title Only")
        for other in [one for one in self._made.slide_layouts if one is not self._layout]:
            self._made.slide_layouts.remove(other)
        for shape in master.placeholders:  # the template is 4:3, as high as ours
            shape.left, shape.width = round(shape.left * wider), round(shape.width * wider)
        _dress(master)
        about = self._made.core_properties
        now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        about.title, about.language, about.author = clean(title)[:255], CULTURES[language], "Customer-journey workbench"
        about.last_modified_by, about.created, about.modified = about.author, now, now
        about.subject = about.keywords = about.comments = about.category = ""

    def slide(
        self, title: str, subtitle: str = "", *, source: str = "", notes: Sequence[str] = ()
    ) -> tuple[object, float, float]:
        """A slide with its title, what was counted below it, `source` at the foot and notes for the speaker. Returns it, and
        where its free room begins and ends."""
        made = self._made.slides.add_slide(self._layout)
        wide = WIDTH - 2 * MARGIN
        ways = ((1, 24), (1, 20), (1, 18), (2, 20), (2, 16))  # lines and size
        size = next((size for n, size in ways if len(theme.wrap(clean(title), wide, size, n + 1)) <= n), 16)
        head = [shortened(title, wide, size, 2, bold=True)]
        y = MARGIN - 6
        tall = height(head, wide)
        put(made.shapes.title, (MARGIN, y, wide, tall), head, self.language, bottom=True)
        y += tall + 3
        if subtitle:
            said = [shortened(subtitle, wide, 12, 2, color=P.muted)]
            tall = height(said, wide)
            self.text(made, (MARGIN, y, wide, tall), said, name="subtitle")
            y += tall
        if source:
            said = [shortened(source, wide, LEAST, 2, color=P.muted)]
            tall = height(said, wide)
            self.text(made, (MARGIN, HEIGHT - 12 - tall, wide, tall), said, name="source")
        if notes:
            made.notes_slide.notes_text_frame.text = "\n".join(clean(one) if one.strip() else "" for one in notes)
        return made, y + 10, HEIGHT - FOOT - 8

    def text(self, on, box: Box, paragraphs: Iterable[Paragraph], *, name: str = "", **how: object) -> object:
        """A text box on a slide or in a group."""
        made = on.shapes.add_textbox(*emu(box))
        made.name = name or made.name
        put(made, box, paragraphs, self.language, **how)
        return made

    def flow(self, title: str, paragraphs: Sequence[Paragraph], *, more: str, source: str = "") -> None:
        """Paragraphs over the width of as many slides as they take; after `MOST` the last line is `more`."""
        wide, left = WIDTH - 2 * MARGIN, list(paragraphs)
        for number in range(1, MOST + 1):
            if not left:
                return
            made, y, end = self.slide(title if number == 1 else f"{title} ({number})", source=source)
            room, shown = end - y, []
            while left and height([*shown, left[0]], wide) <= room:
                shown.append(left.pop(0))
            if left and not shown:  # one that is longer than a slide: its rest comes on the next
                first, rest = cut(left[0], wide, room)
                shown, left[0] = [first], rest
            if left and number == MOST:
                shown[-1] = line(more, 11, bold=True)
            self.text(made, (MARGIN, y, wide, room), shown, name="text")

    def bytes(self) -> bytes:
        out = io.BytesIO()
        self._made.save(out)
        return out.getvalue()


def _dress(master) -> None:
    """Gives the template our font and colours, so that what somebody adds by hand looks alike."""
    from pptx.opc.constants import RELATIONSHIP_TYPE

    part = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    xml = part.blob.decode("utf-8").replace('<a:latin typeface="Calibri"/>', f'<a:latin typeface="{FONT}"/>')
    for number, color in enumerate((P.accent, P.bad, P.good, P.warn, P.plum, P.other), start=1):
        xml = re.sub(rf'(<a:accent{number}><a:srgbClr val=")\w+', rf"\g<1>{color[1:].upper()}", xml)
    part._blob = xml.encode("utf-8")  # a part that the library keeps as bytes and has no setter for


def spoken(
    sentences: Iterable[str], below: Mapping[str, Iterable[str]], code: tuple[str, str], heading: str = ""
) -> Iterator[str]:
    """The speaker's notes: each heading, then its lines."""
    parts = {heading: sentences} | dict(below) | {code[0]: code[1].split("\n") if code[1] else ()}
    for name, lines in parts.items():
        lines = [*lines]
        if lines:
            yield from [name, *lines, ""] if name else [*lines, ""]


def to_pptx(
    chart: alt.TopLevelMixin,
    *,
    sentences: Iterable[str] = (),
    below: Mapping[str, Iterable[str]] | None = None,
    code: tuple[str, str] = ("", ""),
    language: str = "en",
) -> bytes:
    """A slide with one chart as a picture with its alternative text: title, subtitle and source as text around it, `sentences`
    beside or below it, wherever the picture is larger. The speaker's notes hold the lines of `below`, each heading with its
    own, and `code` with its heading. Sentences that have no room come on a further slide."""
    from workbench.charts import renderer
    from workbench.export.pages import bare

    made, around = bare(chart)
    described = str(made.get("description") or around.get("title") or "")
    png = renderer.to_png(made, width=WIDE, scale=2)
    t = texts(language)
    title = around.get("title") or described
    sentences = [clean(one) for one in sentences]
    notes = [one for one in around.get("notes", ()) if one]
    spoke = [*spoken([title, *sentences, *notes], below or {}, code)]
    deck = Deck(language, title)
    source = around.get("source", "")
    slide, y, end = deck.slide(title, around.get("subtitle", ""), source=source, notes=spoke)
    wide, tall = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
    box, beside = _places(wide / tall, y, end, bool(sentences or notes))
    shown = slide.shapes.add_picture(io.BytesIO(png), *emu(box))
    describe(shown, described, "picture")
    size = next((one for one in (14, 13, 12, 11, 10) if height(_listed(sentences, notes, one), beside[2]) <= beside[3]), LEAST)
    said, rest = _listed(sentences, notes, size), []
    while said and height(said, beside[2]) > beside[3]:
        rest.insert(0, said.pop())
    if said:
        deck.text(slide, beside, said, name="sentences")
    deck.flow(t("export.further", title=title), rest, more=t("export.left_out"), source=source)
    return deck.bytes()


def _listed(sentences: Sequence[str], notes: Sequence[str], size: float) -> list[Paragraph]:
    said = [line(one, size, after=size * 0.6) for one in sentences]
    return said + [line(one, max(LEAST, size - 2), color=P.muted, after=size * 0.5) for one in notes]


def _places(ratio: float, y: float, end: float, said: bool) -> tuple[Box, Box]:
    """Where a picture of that ratio (width by height) and its sentences stand: side by side, or the picture above, wherever
    it is drawn larger."""
    wide, tall, gap = WIDTH - 2 * MARGIN, end - y, 18
    if not said:
        return _inside(wide, tall, y, ratio), (MARGIN, y, 0, 0)
    left, over = _inside(wide * 0.66, tall, y, ratio), _inside(wide, tall * 0.7, y, ratio)
    if left[2] >= over[2]:
        return left, (MARGIN + left[2] + gap, y, wide - left[2] - gap, tall)
    return over, (MARGIN, y + over[3] + gap, wide, tall - over[3] - gap)


def _inside(wide: float, tall: float, y: float, ratio: float) -> Box:
    return (MARGIN, y, min(wide, tall * ratio), min(tall, wide / ratio))
