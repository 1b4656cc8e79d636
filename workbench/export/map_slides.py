"""The journey map as slides: a native table of stages and lanes, its cards and the felt line as shapes, all of it editable."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

from workbench.charts import theme
from workbench.export import map_layout
from workbench.export.map_layout import BAR, GAP, NAMES, PAD, THIN, Grid, Row
from workbench.export.shapes import (
    LEAST,
    LINE,
    Box,
    P,
    Paragraph,
    Run,
    block,
    child,
    clean,
    describe,
    emu,
    line,
    put,
    shortened,
    stroke,
    write,
)
from workbench.export.slides import MARGIN, WIDTH, Deck, spoken
from workbench.locale import texts

CHANNELS = (P.accent, P.bad, P.good, P.warn, P.plum, P.other)
PLAIN_TABLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # the format's own name of a table without grid and colours


def map_to_pptx(
    canvas: Mapping,
    *,
    below: Mapping[str, Iterable[str]] | None = None,
    code: tuple[str, str] = ("", ""),
    language: str = "en",
) -> bytes:
    """A canvas of `journeys.map` as an editable slide, its title the finding; notes keep their author and time.

    The speaker's notes hold the sentences, what the lanes mean, the lines of `below`, each heading with its own, and `code`
    with its heading. More than eight stages make further slides; words and cards that have no room are cut with "…" and stand
    in full on the slides after the map. No text is smaller than 9 pt."""
    t = texts(language)
    deck = Deck(language, canvas["title"])
    lanes = map_layout.filled(canvas)
    meant = {t("export.lanes"): [f"{lane['name']}: {lane['hint']}" for lane in lanes if lane.get("hint")]}
    said = dict.fromkeys([canvas["title"], *canvas.get("sentences", ())])  # the finding is often the first of both
    notes = [*spoken(said, meant | dict(below or {}), code)]
    full: list[Paragraph] = []
    number = 0
    for some in map_layout.parts(canvas["stages"]):
        left = lanes
        while left or not number:
            number += 1
            title = canvas["title"] if number == 1 else f"{canvas['title']} ({number})"
            spoke = notes if number == 1 else ()
            slide, y, end = deck.slide(title, canvas.get("subtitle", ""), source=canvas.get("source", ""), notes=spoke)
            end -= _legend(deck, slide, canvas, end)
            tried = (Grid(canvas, some, left[:n], end - y) for n in range(len(left), 0, -1))
            grid = next((one for one in tried if one.fits or len(one.rows) == 1), None) or Grid(canvas, some, (), end - y)
            left = left[len(grid.rows) :]
            _draw(deck, slide, grid, y)
            full += _in_full(grid)
    deck.flow(
        t("export.in_full", title=canvas["title"].rstrip(". ")),
        full,
        more=t("export.left_out"),
        source=canvas.get("source", ""),
    )
    return deck.bytes()


def _legend(deck: Deck, slide, canvas: Mapping, end: float) -> float:
    """The channels' colours above the foot; returns the height taken."""
    x, tall = MARGIN + NAMES, LEAST * LINE + 6
    y = end - tall + 4
    for number, channel in enumerate(canvas.get("channels", ())):
        said = shortened(channel["name"], 120, LEAST, 1, color=P.muted)
        wide = theme.text_width(said.runs[0].text, LEAST) + 4
        if x + 12 + wide > WIDTH - MARGIN:
            break
        block(slide, (x, y + 2, 8, 8), _channel(number), name="")
        deck.text(slide, (x + 12, y, wide, LEAST * LINE), [said], name="channel")
        x += wide + 24
    return tall if x > MARGIN + NAMES else 0


def _channel(number: int) -> str:
    return CHANNELS[min(number, len(CHANNELS) - 1)]


def _in_full(grid: Grid) -> Iterator[Paragraph]:
    """What was cut, in full: each under its stage and lane."""
    for row in grid.rows:
        for number in sorted(row.cut):
            stage = grid.stages[number]
            yield line(f"{stage['name']} · {row.lane['name']}", 13, bold=True, after=3)
            if row.lane["kind"] == "cards":
                for card in grid.unread(stage):
                    said = (
                        Run(clean(f"{card['name']}  {card.get('figure', '')}"), 11),
                        Run(_hint(card), LEAST, False, P.muted),
                    )
                    yield Paragraph(said, after=3)
            else:
                yield from map_layout.worded(grid.cell(row.lane, stage), 11)


def _hint(cell: Mapping) -> str:
    return f"  {clean(cell['hint'])}" if cell.get("hint") else ""


def _draw(deck: Deck, slide, grid: Grid, y: float) -> None:
    """The table, then what lies on it."""
    from pptx.util import Pt

    wide = WIDTH - 2 * MARGIN
    frame = slide.shapes.add_table(len(grid.rows) + 1, len(grid.stages) + 1, *emu((MARGIN, y, wide, grid.height)))
    describe(frame, f"{grid.canvas['title']}. {grid.canvas.get('subtitle', '')}", "map")
    table = frame.table
    table._tbl.tblPr.find("{*}tableStyleId").text = PLAIN_TABLE
    table.first_row, table.first_col, table.horz_banding = True, True, False
    for number, column in enumerate(table.columns):
        column.width = Pt(grid.column if number else NAMES)
    heights = [grid.head_height, *(row.height for row in grid.rows)]
    for row, tall in zip(table.rows, heights, strict=True):
        row.height = Pt(tall)
    _row(table, 0, [[], *grid.head], P.ink, deck.language)
    top = y + grid.head_height
    for number, row in enumerate(grid.rows, start=1):
        _row(table, number, [row.name, *row.cells], P.line, deck.language)
        if row.lane["kind"] == "badge":
            for cell, stage in zip([*table.rows[number].cells][1:], grid.stages, strict=True):
                _highlight(cell, grid.cell(row.lane, stage))
        elif row.lane["kind"] == "cards":
            for place, stage in enumerate(grid.stages):
                _cards(deck, slide, grid, stage, _left(grid, place), top)
        elif row.lane["kind"] == "felt":
            _felt(deck, slide, grid, row, top)
        top += row.height


def _left(grid: Grid, place: int) -> float:
    return MARGIN + NAMES + place * grid.column


def _row(table, number: int, cells: Sequence[Sequence[Paragraph]], below: str, language: str) -> None:
    """Writes a row of the table, a line under it."""
    from pptx.util import Pt

    for cell, said in zip(table.rows[number].cells, cells, strict=True):
        cell.margin_left = cell.margin_right = Pt(PAD)
        cell.margin_top = cell.margin_bottom = Pt(PAD / 2)
        if said:
            write(cell.text_frame, said, language)
        else:  # an empty cell is as high as its letters would be
            child(cell.text_frame.paragraphs[0]._p, "a:endParaRPr", sz=str(LEAST * 100))
        about = cell._tc.get_or_add_tcPr()
        for side in ("lnL", "lnR", "lnT"):
            child(child(about, f"a:{side}", w="0"), "a:noFill")
        rule = child(about, "a:lnB", w="19050" if number == 0 else "9525")
        child(child(rule, "a:solidFill"), "a:srgbClr", val=below[1:].upper())
        child(about, "a:noFill")


def _highlight(cell, badge: Mapping) -> None:
    """The soft ground of a badge behind its first word: it goes with the text when that is edited."""
    from pptx.oxml.ns import qn

    runs = [run for paragraph in cell.text_frame.paragraphs for run in paragraph.runs]
    if runs and badge.get("text"):
        tone = {"good": P.good_soft, "warn": P.warn_soft, "bad": P.bad_soft}.get(str(badge.get("tone")), P.accent_soft)
        about = runs[0]._r.rPr
        ground = child(about, "a:highlight")
        child(ground, "a:srgbClr", val=tone[1:].upper())
        about.find(qn("a:solidFill")).addnext(ground)


def _cards(deck: Deck, slide, grid: Grid, stage: Mapping, x: float, y: float) -> None:
    y += GAP
    wide = grid.column - 2 * PAD
    for card in grid.cards(stage)[: grid.measure.cards]:
        tall = grid.card_height(card)
        _card(deck, slide, grid, card, (x + PAD, y, wide, tall))
        y += tall + GAP
    if more := len(grid.left_out(stage)):
        said = shortened(texts(deck.language)("export.more_cards", n=more), wide, LEAST, 1, color=P.muted)
        deck.text(slide, (x + PAD, y - 1, wide, LEAST * LINE), [said], name="more")


def _card(deck: Deck, slide, grid: Grid, card: Mapping, box: Box) -> None:
    """A touchpoint: a group of its frame with the name, the bar of its channels, and the figure."""
    from pptx.enum.dml import MSO_LINE

    x, y, wide, tall = box
    group = slide.shapes.add_group_shape()
    layer = card.get("layer", "both") if grid.planned else "both"  # without a plan nothing can be unplanned
    ground, edge = {"mined": (P.bad_soft, P.bad), "planned": (P.card, P.other)}.get(layer, (P.card, P.line))
    frame = block(group, box, ground, edge=edge, round_=True)
    frame.name = "card"
    if layer == "planned":
        frame.line.dash_style = MSO_LINE.DASH
    dense = grid.measure.dense
    put(frame, box, [grid.card_name(card)], deck.language, margin=(PAD, 1 if dense else 2))
    figure = line(card.get("figure", ""), LEAST, color=P.muted)
    taken = grid.figure_width(card)
    low = y + 1 if dense else y + tall - LEAST * LINE - 3
    deck.text(group, (x + wide - PAD - taken, low, taken, LEAST * LINE), [figure], name="figure", align="right")
    bar = (x + PAD, low + 3, wide - 2 * PAD - taken - 4, BAR)
    if dense:
        bar = (x + PAD, y + tall - THIN - 2, wide - 2 * PAD, THIN)
    if bar[2] > 8:
        _bar(group, grid.canvas, card, bar)
    describe(group, card.get("hint") or f"{card['name']} {card.get('figure', '')}", card["name"])


def _bar(group, canvas: Mapping, card: Mapping, box: Box) -> None:
    x, y, wide, tall = box
    block(group, box, P.line, name="whole")
    channels = canvas.get("channels", ())
    for one in card.get("mix", ()):
        part = wide * _within(card.get("fill", 0)) * _within(one["share"])
        number = int(one["channel"])
        if part >= 0.4 and 0 <= number < len(channels):
            block(group, (x, y, part, tall), _channel(number), name=channels[number]["name"])
            x += part


def _within(share: object) -> float:
    return min(1.0, max(0.0, float(share or 0)))


def _felt(deck: Deck, slide, grid: Grid, row: Row, top: float) -> None:
    """The felt line: for each stage a point with its interval, its value above; no line to or from a stage that has none."""
    group = slide.shapes.add_group_shape()
    above = LEAST * LINE + 4  # for the value over the highest interval
    cells = [grid.cell(row.lane, stage) for stage in grid.stages]
    ends = [end for cell in cells for end in _ends(cell)]
    scale = row.lane.get("scale") or (0, 1)
    low, high = min([scale[0], *ends]), max([scale[1], *ends])

    def down(value: float) -> float:
        return top + above + (row.height - above - 6) * ((high - value) / (high - low) if high > low else 0.5)

    if low < 0 < high:
        stroke(group, (_left(grid, 0), down(0)), (_left(grid, len(cells)), down(0)), P.line, 1, "0")
    at = [(_left(grid, i) + grid.column / 2, [down(end) for end in _ends(cell)]) for i, cell in enumerate(cells)]
    for (x, ys), (next_x, next_ys) in itertools.pairwise(at):
        if ys and next_ys:
            stroke(group, (x, ys[1]), (next_x, next_ys[1]), P.accent, 1.75, "felt")
    for (x, ys), cell, stage in zip(at, cells, grid.stages, strict=True):
        if ys:
            lower, y, upper = ys
            stroke(group, (x, upper), (x, lower), P.ink, 1.25, "interval")
            for end in (upper, lower):
                stroke(group, (x - 3, end), (x + 3, end), P.ink, 1.25, "interval")
            color = P.bad if float(cell["value"]) < 0 and low < 0 else P.accent
            block(group, (x - 3.5, y - 3.5, 7, 7), color, round_=None, name=stage["name"])
            runs = Run(clean(cell.get("text", "")), 10, True), Run(f" {clean(cell.get('spread', ''))}", LEAST, False, P.muted)
            box = (x - grid.column / 2, upper - above + 1, grid.column, 10 * LINE)
            deck.text(group, box, [Paragraph(runs)], name="value", align="center")
        elif cell.get("text") or cell.get("note"):
            said = shortened(cell.get("text") or cell["note"], grid.column - 2 * PAD, LEAST, 2, color=P.muted)
            box = (x - grid.column / 2 + PAD, top + row.height / 2 - 8, grid.column - 2 * PAD, 2 * LEAST * LINE)
            deck.text(group, box, [said], name="note", align="center")
    hints = [f"{stage['name']}: {cell['hint']}" for stage, cell in zip(grid.stages, cells, strict=True) if cell.get("hint")]
    describe(group, "; ".join(hints) or row.lane["name"], row.lane["name"])


def _ends(cell: Mapping) -> list[float]:
    """The lower end of a value's interval, the value, the upper end; empty where there is no value."""
    if cell.get("value") is None:
        return []
    return [float(cell["value"] if cell.get(end) is None else cell[end]) for end in ("low", "value", "high")]
