"""What holds for every presentation of ours."""

from __future__ import annotations

import pytest
from taken import Read


@pytest.fixture
def read():
    return Read


@pytest.fixture
def sound():
    """sound(read(content)): nothing off the slide, nothing too small, nothing from outside."""

    def check(deck: Read) -> None:
        assert (deck.made.slide_width / 12700, deck.made.slide_height / 12700) == (960, 540)
        assert deck.slides
        for slide in deck.slides:
            assert slide.shapes.title.text_frame.text.strip()
        for one in deck.shapes():
            left, top, right, bottom = one.box
            assert -0.1 <= left <= right <= 960.1 and -0.1 <= top <= bottom <= 540.1, (one.name, one.box)
        sizes = [run.font.size.pt for run in deck.runs()]  # an inherited size would be None and fail here
        assert min(sizes) >= 9
        for slide in deck.slides:
            kinds = {rel.reltype.rsplit("/", 1)[1] for rel in slide.part.rels.values()}
            assert kinds <= {"slideLayout", "notesSlide", "image"}  # no link, no program, nothing from outside
            assert not any(rel.is_external for rel in slide.part.rels.values())

    return check
