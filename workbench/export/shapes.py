"""What slides are made of: paragraphs measured before they are written, text frames, rectangles, strokes. Sizes are points."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable

from workbench.charts import theme

P = theme.palette(dark=False)
LEAST = 9  # pt of the smallest text
LINE = 1.2  # a line's height, in sizes of its letters
CULTURES = {"en": "en-GB", "ru": "ru-RU", "pl": "pl-PL"}
# what no XML may hold, what draws nothing, and what ends a line
_REFUSED = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")

Box = tuple[float, float, float, float]  # x, y, width, height


@dataclasses.dataclass(frozen=True)
class Run:
    """Letters of one kind: `size` in pt, `color` as "#rrggbb"."""

    text: str
    size: float = 12
    bold: bool = False
    color: str = P.ink


@dataclasses.dataclass(frozen=True)
class Paragraph:
    """Runs on the same lines, then `after` pt of room."""

    runs: tuple[Run, ...]
    after: float = 0

    def lines(self, width: float) -> int:
        """About how many lines it takes: as many as if all its letters had the size of its largest."""
        return len(theme.wrap("".join(run.text for run in self.runs), width, max(run.size for run in self.runs)))

    def height(self, width: float) -> float:
        return self.lines(width) * max(run.size for run in self.runs) * LINE + self.after


def line(text: object, size: float = 12, *, bold: bool = False, color: str = P.ink, after: float = 0) -> Paragraph:
    """A paragraph of one kind of letters."""
    return Paragraph((Run(clean(text), size, bold, color),), after)


def clean(text: object) -> str:
    """`text` on one line, without what a slide can't hold."""
    return re.sub(" +", " ", _REFUSED.sub(" ", str(text))).strip(" ")


def height(paragraphs: Iterable[Paragraph], width: float) -> float:
    return sum(one.height(width) for one in paragraphs)


def shortened(text: object, width: float, size: float, lines: int, **kind: object) -> Paragraph:
    """A paragraph of at most `lines` lines; what doesn't fit ends in "…"."""
    said = clean(text)
    if len(theme.wrap(said, width, size, lines + 1)) > lines:
        end = _end(said, width, size, lines - 1)
        said = said[:end] + theme.shorten(said[end:], width, size)
    return line(said, size, **kind)


def _end(text: str, width: float, size: float, lines: int) -> int:
    """Where the next line begins in `text` after that many."""
    end = 0
    for one in theme.wrap(text, width, size)[:lines]:
        end = text.index(one, end) + len(one)
    return end


def cut(paragraph: Paragraph, width: float, room: float) -> tuple[Paragraph, Paragraph]:
    """What fits into `room` pt, and the rest; of a paragraph of one kind of letters."""
    run = paragraph.runs[0]
    end = _end(run.text, width, run.size, max(1, int(room / (run.size * LINE))))
    parts = run.text[:end], run.text[end:].strip(" ")
    return tuple(dataclasses.replace(paragraph, runs=(dataclasses.replace(run, text=one),)) for one in parts)


def emu(box: Box) -> tuple[int, int, int, int]:
    """Points as the units of the file."""
    return tuple(round(one * 12700) for one in box)


def put(
    shape, box: Box, paragraphs: Iterable[Paragraph], language: str, *,
    bottom: bool = False, middle: bool = False, align: str = "left", margin: tuple[float, float] = (0, 0),
) -> None:  # fmt: skip
    """Places a shape and writes paragraphs into it, `margin` pt from its sides and from its top and bottom."""
    from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE
    from pptx.util import Pt

    shape.left, shape.top, shape.width, shape.height = emu(box)
    frame = shape.text_frame
    frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.NONE
    frame.margin_left = frame.margin_right = Pt(margin[0])
    frame.margin_top = frame.margin_bottom = Pt(margin[1])
    frame.vertical_anchor = MSO_ANCHOR.BOTTOM if bottom else MSO_ANCHOR.MIDDLE if middle else MSO_ANCHOR.TOP
    write(frame, paragraphs, language, align=align)


def write(frame, paragraphs: Iterable[Paragraph], language: str, *, align: str = "left") -> None:
    """Writes paragraphs into a text frame."""
    from pptx.dml.color import RGBColor
    from pptx.enum.text import PP_ALIGN
    from pptx.util import Pt

    aligned = {"left": PP_ALIGN.LEFT, "right": PP_ALIGN.RIGHT, "center": PP_ALIGN.CENTER}[align]
    for number, one in enumerate(paragraphs):
        place = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        place.alignment, place.space_after, place.space_before = aligned, Pt(one.after), Pt(0)
        for run in one.runs:
            made = place.add_run()
            made.text = run.text
            made.font.size, made.font.bold = Pt(run.size), run.bold
            made.font.color.rgb = RGBColor.from_string(run.color[1:].upper())
            made._r.get_or_add_rPr().set("lang", CULTURES[language])


def describe(shape, text: str, name: str = "") -> None:
    """What a reader of the screen says of it."""
    about = shape._element.xpath(".//p:cNvPr")[0]
    about.set("descr", clean(text))
    if name:
        about.set("name", clean(name))


def child(parent, tag: str, **values: str):
    """An element at the end of another, for what the library has no call for."""
    from pptx.oxml.xmlchemy import OxmlElement

    made = OxmlElement(tag)
    for name, value in values.items():
        made.set(name, value)
    parent.append(made)
    return made


def block(on, box: Box, ground: str, *, edge: str = "", round_: bool | None = False, name: str = ""):
    """A filled rectangle, with rounded corners, or (None) an ellipse."""
    from pptx.dml.color import RGBColor
    from pptx.enum.shapes import MSO_SHAPE
    from pptx.util import Pt

    kind = {True: MSO_SHAPE.ROUNDED_RECTANGLE, False: MSO_SHAPE.RECTANGLE, None: MSO_SHAPE.OVAL}[round_]
    made = on.shapes.add_shape(kind, *emu(box))
    if round_:
        made.adjustments[0] = min(0.5, 4 / max(1.0, min(box[2], box[3])))
    made.fill.solid()
    made.fill.fore_color.rgb = RGBColor.from_string(ground[1:].upper())
    if edge:
        made.line.color.rgb, made.line.width = RGBColor.from_string(edge[1:].upper()), Pt(0.75)
    else:
        made.line.fill.background()
    _plain(made)
    made.name = clean(name) or made.name
    return made


def stroke(on, start: tuple[float, float], end: tuple[float, float], color: str, width: float, name: str) -> None:
    """A straight line."""
    from pptx.dml.color import RGBColor
    from pptx.enum.shapes import MSO_CONNECTOR
    from pptx.util import Pt

    made = on.shapes.add_connector(MSO_CONNECTOR.STRAIGHT, *emu((*start, *end)))
    made.line.color.rgb, made.line.width, made.name = RGBColor.from_string(color[1:].upper()), Pt(width), name
    _plain(made)


def _plain(shape) -> None:
    """Without the shadow and colours that the template gives to shapes."""
    style = shape._element.find("{*}style")
    shape._element.remove(style)
