"""Presentations read back: every shape with its place on the slide, every run of text."""

from __future__ import annotations

import dataclasses
import io

import pptx
from pptx.enum.shapes import MSO_SHAPE_TYPE


@dataclasses.dataclass(frozen=True)
class Seen:
    """A shape with its place in pt; those in a group have the group's name before theirs."""

    name: str
    shape: object
    box: tuple[float, float, float, float]  # left, top, right, bottom

    @property
    def text(self) -> str:
        return self.shape.text_frame.text if self.shape.has_text_frame else ""


class Read:
    """A presentation as its reader has it."""

    def __init__(self, content: bytes) -> None:
        self.made = pptx.Presentation(io.BytesIO(content))
        self.slides = list(self.made.slides)
        self._shapes = [list(self._walk(each.shapes, "")) for each in self.slides]

    def shapes(self, slide=None) -> list[Seen]:
        return [one for each, all_ in zip(self.slides, self._shapes, strict=True) if slide in (None, each) for one in all_]

    def _walk(self, shapes, within: str):
        for one in shapes:
            box = tuple(round(x / 12700, 2) for x in (one.left, one.top, one.left + one.width, one.top + one.height))
            yield Seen(within + one.name, one, box)
            if one.shape_type == MSO_SHAPE_TYPE.GROUP:
                yield from self._walk(one.shapes, f"{one.name} / ")

    def frames(self, slide=None):
        for one in self.shapes(slide):
            if one.shape.has_text_frame:
                yield one.shape.text_frame
            elif getattr(one.shape, "has_table", False):
                yield from (cell.text_frame for row in one.shape.table.rows for cell in row.cells)

    def runs(self, slide=None):
        for frame in self.frames(slide):
            for paragraph in frame.paragraphs:
                yield from paragraph.runs

    def text(self, slide=None) -> str:
        return "\n".join(frame.text for frame in self.frames(slide))

    def titles(self) -> list[str]:
        return [slide.shapes.title.text_frame.text for slide in self.slides]

    def said(self) -> str:
        """All that shapes, tables and speaker's notes say."""
        notes = [slide.notes_slide.notes_text_frame.text for slide in self.slides if slide.has_notes_slide]
        return "\n".join([self.text(), *notes])

    def notes(self, number: int = 0) -> str:
        return self.slides[number].notes_slide.notes_text_frame.text

    def table(self, number: int = 0) -> list[list[str]]:
        tables = [one.shape.table for one in self.shapes(self.slides[number]) if getattr(one.shape, "has_table", False)]
        return [[cell.text_frame.text for cell in row.cells] for row in tables[0].rows]
