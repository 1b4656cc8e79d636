"""Presentations that a page gave away, read back."""

from __future__ import annotations

import io

import pptx


def slides(content: bytes) -> tuple[list[str], str]:
    """The titles of a presentation, and all that its shapes, tables and notes say."""
    made = pptx.Presentation(io.BytesIO(content))
    said = []

    def walk(shapes):
        for one in shapes:
            if one.has_text_frame:
                said.append(one.text_frame.text)
            elif getattr(one, "has_table", False):
                said.extend(cell.text_frame.text for row in one.table.rows for cell in row.cells)
            elif hasattr(one, "shapes"):
                walk(one.shapes)

    for slide in made.slides:
        walk(slide.shapes)
        if slide.has_notes_slide:
            said.append(slide.notes_slide.notes_text_frame.text)
    return [slide.shapes.title.text_frame.text for slide in made.slides], "\n".join(said)
