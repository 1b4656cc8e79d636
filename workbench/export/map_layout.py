"""How much of a journey map has room on a slide: which letters, how many lines of a cell, how many cards of a stage."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping, Sequence

from workbench.charts import theme
from workbench.export.shapes import LEAST, LINE, P, Paragraph, Run, clean, height, line, shortened
from workbench.export.slides import MARGIN, WIDTH

NAMES = 104  # pt of the column with the lanes' names
STAGES = 8  # on a slide; more make further slides
PAD = 4  # pt beside the words of a cell, half of it above and below
GAP = 4  # pt between two cards
BAR, THIN = 5, 3  # pt of a bar's height
MOST_FELT = 110  # pt that the felt lane takes where there is room


@dataclasses.dataclass(frozen=True)
class Measure:
    """What is tried: `size` of the words, at most `lines` of them in a cell, at most `cards` in a stage, the height of the felt
    lane, at most `hints` lines of what a lane's name says of it. `dense`: a card's figure stands behind its name, not below."""

    size: float
    lines: int
    cards: int
    felt: float
    hints: int
    dense: bool = True


def measures(cards: int) -> Iterator[Measure]:
    """From all at ease to as little as can be, for a map with that many cards in its fullest stage."""
    for size in (12, 11, 10, LEAST):
        yield Measure(size, 60, cards, 74, 6, dense=False)
    for lines in (60, 8, 6, 5, 4, 3):
        yield Measure(LEAST, lines, cards, 60, 2)
    for lines in (2, 1):
        for most in range(min(cards, 12), 4, -1):
            yield Measure(LEAST, lines, most, 50, 1)
    for most in (4, 3, 2, 1):
        yield Measure(LEAST, 1, min(most, cards), 50, 1)
    yield Measure(LEAST, 1, min(1, cards), 50, 0)


@dataclasses.dataclass
class Row:
    """A lane laid out: its height, its name, for each stage the words of its cell. `cut`: stages whose cell is not whole."""

    lane: Mapping[str, object]
    height: float
    name: list[Paragraph]
    cells: list[list[Paragraph]]
    cut: set[int]


class Grid:
    """The lanes of some stages, laid out in `room` pt of height; `fits` says whether there was enough of it."""

    def __init__(self, canvas: Mapping, stages: Sequence[Mapping], lanes: Sequence[Mapping], room: float) -> None:
        self.canvas, self.stages = canvas, stages
        self.planned = any(card.get("layer") != "mined" for stage in canvas["stages"] for card in self.cards(stage))
        self.column = (WIDTH - 2 * MARGIN - NAMES) / max(1, len(stages))
        for measure in measures(max((len(self.cards(stage)) for stage in stages), default=0)):
            self.measure = measure
            self.head = [self._head(stage) for stage in stages]
            self.head_height = max((height(one, self.column - 2 * PAD) for one in self.head), default=0) + 2 * PAD
            self.rows = [self._row(lane) for lane in lanes]
            self.height = self.head_height + sum(row.height for row in self.rows)
            self.fits = self.height <= room
            if self.fits:
                self._stretch(room - self.height)
                break

    def _stretch(self, spare: float) -> None:
        """What is left over goes to words that were cut, a line at a time, then to the felt line, where it makes small
        differences visible."""
        words = {place: self.measure.lines for place, row in enumerate(self.rows) if row.lane["kind"] == "words" and row.cut}
        while words:
            for place, lines in [*words.items()]:
                row = self._row(self.rows[place].lane, lines + 1)
                more = row.height - self.rows[place].height
                if more > spare:
                    del words[place]
                    continue
                self.rows[place], spare, words[place] = row, spare - more, lines + 1
                if not row.cut:
                    del words[place]
        for row in self.rows:
            if row.lane["kind"] == "felt":
                more = max(0, min(spare, MOST_FELT - row.height))
                row.height, spare = row.height + more, spare - more
        self.height = self.head_height + sum(row.height for row in self.rows)

    def cell(self, lane: Mapping, stage: Mapping) -> Mapping:
        """What the map has in a lane for a stage; empty where it has nothing."""
        return self.canvas["cells"].get(lane["key"], {}).get(stage["key"]) or {}

    def cards(self, stage: Mapping) -> Sequence[Mapping]:
        return [
            one for lane in self.canvas["lanes"] if lane["kind"] == "cards" for one in self.cell(lane, stage).get("cards", ())
        ]

    def card_name(self, card: Mapping) -> Paragraph:
        """As much of its name as has room: two lines, on a dense card what the figure leaves of one."""
        color = P.muted if card.get("layer") == "planned" else P.ink
        wide, lines = self.column - 4 * PAD, 2
        if self.measure.dense:
            wide, lines = wide - self.figure_width(card) - 2, 1
        return shortened(card["name"], max(wide, 20), self.measure.size, lines, color=color)

    def figure_width(self, card: Mapping) -> float:
        return theme.text_width(clean(card.get("figure", "")), LEAST) + 4

    def card_height(self, card: Mapping) -> float:
        """Its name, and below it the bar with the figure behind; of a dense one a thin bar alone."""
        if self.measure.dense:
            return LEAST * LINE + THIN + 5
        return height([self.card_name(card)], self.column - 4 * PAD) + LEAST * LINE + 6

    def left_out(self, stage: Mapping) -> list[Mapping]:
        """Cards of a stage that are not shown."""
        return list(self.cards(stage)[self.measure.cards :])

    def unread(self, stage: Mapping) -> list[Mapping]:
        """Cards that are not shown, or not with their whole name."""
        shown = self.cards(stage)[: self.measure.cards]
        return [one for one in shown if self.card_name(one).runs[0].text != clean(one["name"])] + self.left_out(stage)

    def _head(self, stage: Mapping) -> list[Paragraph]:
        wide = self.column - 2 * PAD
        said = [shortened(stage["name"], wide, 13 if self.measure.size > LEAST else 11, 2, bold=True)]
        if stage.get("figure"):
            said.append(shortened(stage["figure"], wide, LEAST, 2, color=P.muted))
        return said

    def _row(self, lane: Mapping, lines: int = 0) -> Row:
        kind, wide = lane["kind"], self.column - 2 * PAD
        cells, cut = [], set()
        tall = 0.0
        for number, stage in enumerate(self.stages):
            said, whole = self._words(kind, self.cell(lane, stage), wide, lines or self.measure.lines)
            cells.append(said)
            cut |= set() if whole else {number}
            tall = max(tall, height(said, wide) + PAD)
        if kind == "cards":
            tall = max((self._stacked(stage) for stage in self.stages), default=0) + 2 * GAP
            cut = {number for number, stage in enumerate(self.stages) if self.unread(stage)}
        elif kind == "felt":
            tall = self.measure.felt
        name = [shortened(lane["name"], NAMES - 2 * PAD, min(11, self.measure.size), 2, bold=True)]
        hints = self.measure.hints
        if kind in ("cards", "felt"):  # what has the room anyway
            hints = max(hints, int((tall - PAD - height(name, NAMES - 2 * PAD)) / (LEAST * LINE)))
        if lane.get("hint") and hints > 0:
            name.append(shortened(lane["hint"], NAMES - 2 * PAD, LEAST, hints, color=P.muted))
        return Row(lane, max(tall, height(name, NAMES - 2 * PAD) + PAD), name, cells, cut)

    def _stacked(self, stage: Mapping) -> float:
        more = LEAST * LINE if self.left_out(stage) else -GAP  # how many there are besides
        return sum(self.card_height(card) + GAP for card in self.cards(stage)[: self.measure.cards]) + more

    def _words(self, kind: str, cell: Mapping, wide: float, left: int) -> tuple[list[Paragraph], bool]:
        """The words of a cell, and whether they are all there."""
        if kind in ("figure", "badge"):
            return self._figure(kind, cell, wide), True
        if kind != "words":
            return [], True
        said: list[Paragraph] = []
        for one in worded(cell, self.measure.size):
            needs = one.lines(wide)
            if needs > left:
                if left > 0:
                    said.append(shortened(f"{one.runs[0].text} …", wide, one.runs[0].size, left, color=one.runs[0].color))
                elif said:
                    before = said[-1].runs[0]
                    lines = said[-1].lines(wide)
                    said[-1] = shortened(f"{before.text} " + "… " * 40, wide, before.size, lines, color=before.color)
                return said, False
            said.append(one)
            left -= needs
        return said, True

    def _figure(self, kind: str, cell: Mapping, wide: float) -> list[Paragraph]:
        text, small = clean(cell.get("text", "")), clean(cell.get("small", "") or cell.get("note", ""))
        if not text and not small:
            return []
        size = 12 if kind == "figure" else 10
        tone = {"good": P.good, "warn": P.warn, "bad": P.bad}.get(str(cell.get("tone")), P.ink)
        both = Paragraph((Run(text, size, True, tone), Run(f"  {small}" if small else "", LEAST, False, P.muted)))
        if both.lines(wide) == 1:
            return [both]
        said = [shortened(text, wide, size if len(theme.wrap(text, wide, size)) == 1 else LEAST, 2, bold=True, color=tone)]
        return said + ([shortened(small, wide, LEAST, 2, color=P.muted)] if small else [])


def worded(cell: Mapping, size: float) -> list[Paragraph]:
    """What a cell of words says: the plan's, then each note with who wrote it and when."""
    said = [line(one, size, after=2) for one in str(cell.get("planned") or "").splitlines() if clean(one)]
    for note in cell.get("notes", ()):
        said += [line(one, size) for one in str(note["text"]).splitlines() if clean(one)]
        said.append(
            line(" · ".join(one for one in (note.get("author"), note.get("when")) if one), LEAST, color=P.muted, after=3)
        )
    return said


def filled(canvas: Mapping) -> list[Mapping]:
    """The lanes that say something of any stage."""
    keys = [stage["key"] for stage in canvas["stages"]]
    says = ("cards", "text", "note", "small", "planned", "notes")
    cells = canvas["cells"]
    return [
        lane
        for lane in canvas["lanes"]
        if any((cells.get(lane["key"], {}).get(key) or {}).get(what) for key in keys for what in says)
    ]


def parts(stages: Sequence[Mapping]) -> list[Sequence[Mapping]]:
    """The stages of each slide, as many on one as on the others."""
    n = max(1, -(-len(stages) // STAGES))
    ends = [round(len(stages) * one / n) for one in range(n + 1)]
    return [stages[a:b] for a, b in itertools.pairwise(ends)]
