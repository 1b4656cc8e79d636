"""The journey map taken away from its page: every kind of file, read back."""

from __future__ import annotations

import io
import re
import zipfile

import company
import openpyxl
import pytest
from taken import Read

from workbench.errors import BadInput
from workbench.export import chromium
from workbench.journeys.plans import Plan, PlannedStep
from workbench.store.notes import Notes

NOTE = "Call them back. =1+1 </script>"


@pytest.fixture
def mapped(page, said, study):
    """The page shows a map with a plan, a note, and without the lane of owners, in Polish."""
    steps = [PlannedStep("Search", "Choose", 1, owner="Web team", pain="Slow"), PlannedStep("Payment", "Buy", 2)]
    Plan("Plan of ours", tuple(steps)).save(study.store)
    Notes(study.store).add("Buy", "notes", NOTE, "Anna Kowalska")
    said(page.url, type="link", link="view=map&hidden=owner&lang=pl")
    assert page.answer is not None, page.status.message
    yield page
    for one in Notes(study.store).all():
        Notes(study.store).remove(one.id, "Anna Kowalska")
    Plan.remove(study.store)


def packed(content: bytes) -> str:
    """All texts of a zipped file."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


def customers() -> set[str]:
    return {str(row["customer_id"]) for row in company.rows()}


def test_the_map_is_offered_as_pdf_too_and_other_views_are_not(mapped, said):
    assert [one["label"] for one in mapped.exports.items] == ["HTML", "PNG", "SVG", "PDF", "PPTX", "CSV", "XLSX"]
    said(mapped.url, type="link", link="view=variants")
    assert "PDF" not in [one["label"] for one in mapped.exports.items]


def test_the_map_as_a_slide_and_as_a_page_is_the_map_of_the_screen(mapped, get):
    deck = Read(get("pptx"))
    titles, told = deck.titles(), deck.said()
    page = get("html").decode()
    assert titles == [mapped.headline.title]
    for line in (mapped.headline.subtitle, mapped.foot.notes[0], NOTE, "Slow"):
        assert line in told
    assert mapped.code.code.replace("\n", " ") in told.replace("\n", " ").replace("\x0b", " ")
    assert "Anna Kowalska · " in told
    assert "Slow" in page and "Anna Kowalska" in page and 'lang="pl"' in page
    for made in (told, page):
        assert "Web team" not in made  # its lane is hidden


def test_a_note_written_after_the_map_was_made_is_in_the_file(mapped, study, get):
    Notes(study.store).add("Buy", "notes", "Written later", "Jan")
    assert "Written later" in Read(get("pptx")).said()


def test_the_map_as_a_workbook_has_its_frames_the_notes_and_how_to_read_them(mapped, get):
    book = openpyxl.load_workbook(io.BytesIO(get("xlsx")))
    assert book.sheetnames == ["touchpoints", "stages", "channels", "felt", "notes", "O tej tabeli"]
    result = mapped.answer.result
    for name, frame in (("touchpoints", result.frame), ("stages", result.stages), ("channels", result.channels)):
        rows = list(book[name].iter_rows(values_only=True))
        assert rows[0] == tuple(frame.columns) and len(rows) == len(frame) + 1
    (head, row) = book["notes"].iter_rows(values_only=True)
    told = dict(zip(head, row, strict=True))
    assert (told["stage"], told["lane"], told["text"], told["author"]) == ("Buy", "notes", NOTE, "Anna Kowalska")
    assert book["notes"]["C2"].data_type == "s"  # text, not a formula
    assert mapped.answer.title == book["O tej tabeli"]["B1"].value
    assert get("csv").decode("utf-8-sig").split("\r\n")[0] == ",".join(result.frame.columns)


def test_the_map_is_printed_without_its_code(mapped, get, monkeypatch):
    printed = []
    monkeypatch.setattr(chromium, "pdf", lambda page, seconds: printed.append(page) or b"%PDF-made")
    assert get("pdf") == b"%PDF-made"
    (page,) = printed
    assert 'data-print="now"' in page and "Slow" in page and "wb.journeys.map" not in page


def test_without_a_browser_the_page_says_so_in_a_sentence(mapped, said, caught, monkeypatch):
    monkeypatch.setattr(chromium, "found", lambda: None)
    sent = caught(mapped.exports)
    said(mapped.exports, type="get", item="pdf")
    assert sent == [] and not mapped.exports.busy
    assert mapped.exports.note == BadInput("export.no_chromium", sought=", ".join(chromium.NAMES)).text("pl")


@pytest.mark.parametrize("kind", ["html", "pptx", "xlsx", "csv", "svg"])
def test_no_customer_is_in_a_file_of_a_map(mapped, get, kind):
    content = get(kind)
    text = packed(content) if content[:2] == b"PK" else content.decode()
    assert customers() and not [one for one in customers() if re.search(rf"\b{re.escape(one)}\b", text)]
