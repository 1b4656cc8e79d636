"""Files up and down: pieces, acknowledgements, caps, and what happens when they are not kept to."""

from __future__ import annotations

import stat

import pytest

from widgets.download import PIECE, Download, file_name
from widgets.upload import PIECE as UP
from widgets.upload import Upload, safe_name


@pytest.fixture
def upload(caught):
    view = Upload(limit_mb=2)
    view.sent = caught(view)
    view.arrived = []
    view.listen(lambda path, name: view.arrived.append((path.read_bytes(), path.name, name)))
    yield view
    view._cleaner()


def last(view) -> dict:
    return view.sent[-1][0]


def test_a_file_arrives_whole_piece_by_piece(upload, said):
    content = bytes(range(256)) * 4096 + b"end"  # 1 MiB and 3 bytes: three pieces
    said(upload, type="begin", id=5, name="C:\\temp\\my log.csv", size=len(content))
    for offset in range(0, len(content), UP):
        assert last(upload) == {"type": "more", "id": 5, "offset": offset}
        said(upload, [content[offset : offset + UP]], type="piece", id=5, offset=offset)
    assert last(upload) == {"type": "more", "id": 5, "offset": len(content)}
    assert upload.arrived == [(content, "my log.csv", "my log")]


def test_the_folder_is_for_this_account_only(upload):
    assert stat.S_IMODE(upload.folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("name", "size", "why"),
    [("a.csv", 2 * 1024 * 1024 + 1, "too_large"), ("a.exe", 5, "wrong_kind"), ("a", 5, "wrong_kind"), ("a.csv", 0, "empty")],
)
def test_what_is_refused_before_anything_is_sent(upload, said, name, size, why):
    said(upload, type="begin", id=1, name=name, size=size)
    assert last(upload) == {"type": "refused", "id": 1, "why": why}
    assert list(upload.folder.iterdir()) == []


@pytest.mark.parametrize("offset, length", [(UP, UP), (0, UP - 1), (0, UP + 1), (0, 0)])
def test_pieces_out_of_order_or_of_another_size_end_it(upload, said, offset, length):
    said(upload, type="begin", id=1, name="a.csv", size=2 * UP)
    said(upload, [b"x" * length], type="piece", id=1, offset=offset)
    assert last(upload) == {"type": "refused", "id": 1, "why": "broken"}
    assert list(upload.folder.iterdir()) == [] and upload.arrived == []
    said(upload, [b"x" * UP], type="piece", id=1, offset=0)
    assert upload.refused == 1  # it is over


def test_more_than_was_announced_is_not_taken(upload, said):
    said(upload, type="begin", id=1, name="a.csv", size=3)
    said(upload, [b"abcd"], type="piece", id=1, offset=0)
    assert last(upload)["type"] == "refused"


def test_a_stopped_upload_leaves_nothing(upload, said):
    said(upload, type="begin", id=1, name="a.csv", size=2 * UP)
    said(upload, [b"x" * UP], type="piece", id=1, offset=0)
    said(upload, type="stop", id=2)
    assert len(list(upload.folder.iterdir())) == 1
    said(upload, type="stop", id=1)
    assert list(upload.folder.iterdir()) == []
    said(upload, [b"x" * UP], type="piece", id=1, offset=UP)
    assert upload.arrived == []


def test_a_page_that_lost_its_connection_is_told_the_last_word_again(upload, said):
    said(upload, type="begin", id=1, name="a.csv", size=2 * UP)
    said(upload, [b"x" * UP], type="piece", id=1, offset=0)
    said(upload, type="where", id=1)
    assert upload.sent[-1] == upload.sent[-2] and last(upload) == {"type": "more", "id": 1, "offset": UP}
    n = len(upload.sent)
    said(upload, type="where", id=2)  # of another file: there is nothing to say
    assert len(upload.sent) == n
    said(upload, type="begin", id=3, name="a.exe", size=1)
    said(upload, type="where", id=3)
    assert last(upload) == {"type": "refused", "id": 3, "why": "wrong_kind"}


def test_a_new_file_replaces_the_one_before(upload, said):
    said(upload, type="begin", id=1, name="a.csv", size=1)
    said(upload, [b"1"], type="piece", id=1, offset=0)
    said(upload, type="begin", id=2, name="b.csv", size=1)
    said(upload, [b"2"], type="piece", id=2, offset=0)
    assert [one[0] for one in upload.arrived] == [b"1", b"2"]
    assert [path.name for path in upload.folder.iterdir()] == ["b.csv"]


@pytest.mark.parametrize(
    ("asked", "made"),
    [
        ("../../etc/passwd.csv", ("passwd", ".csv")),
        ("..csv", ("data", ".csv")),
        ("log.XES.GZ", ("log", ".xes.gz")),
        ("a\\b/c d.tsv", ("c d", ".tsv")),
        ("łódź отчёт.xlsx", ("łódź отчёт", ".xlsx")),
        ("x;rm -rf $HOME.csv", ("x_rm -rf _HOME", ".csv")),
        ("a.csv.exe", ("a_csv_exe", "")),
    ],
)
def test_names_are_made_harmless(asked, made):
    assert safe_name(asked) == made


@pytest.fixture
def download(caught):
    view = Download(labels={"making": "making", "done": "saved"})
    view.offer([("csv", "CSV")])
    view.sent = caught(view)
    return view


def test_a_file_goes_down_in_acknowledged_pieces(download, said):
    told = []
    download.listen(told.append)
    said(download, type="get", item="csv")
    said(download, type="get", item="csv")
    said(download, type="get", item="exe")
    assert (told, download.busy, download.note, download.refused) == (["csv"], True, "making", 2)
    content = b"a" * PIECE + b"b" * 10
    download.send_file(content, "Meridian / flow", "csv")
    begin, first = download.sent
    number = begin[0]["id"]
    assert begin[0] == {"type": "begin", "id": number, "name": "Meridian-flow.csv", "mime": "text/csv", "size": len(content)}
    assert first == ({"type": "piece", "id": number, "index": 0, "last": False}, [b"a" * PIECE])
    said(download, type="got", id=number + 1, index=0)
    assert len(download.sent) == 2
    said(download, type="got", id=number, index=0)
    assert download.sent[2] == ({"type": "piece", "id": number, "index": 1, "last": True}, [b"b" * 10])
    said(download, type="got", id=number, index=1)
    assert (download.busy, download.note) == (False, "saved")


def test_a_piece_that_went_with_its_connection_comes_again(download, said):
    said(download, type="where")
    assert download.sent == []
    content = b"a" * PIECE + b"b"
    download.send_file(content, "a", "csv")
    said(download, type="where")
    assert download.sent[2:] == download.sent[:2]  # its name as well, which may have been lost with it
    said(download, type="got", id=download.sent[0][0]["id"], index=0)
    said(download, type="where")
    assert download.sent[5] == download.sent[4] and download.sent[5][1] == [b"b"]


def test_a_file_that_could_not_be_made(download, said):
    said(download, type="get", item="csv")
    download.fail("no")
    assert (download.busy, download.note) == (False, "no")


def test_an_empty_file_is_a_file(download, said):
    download.send_file(b"", "a", "csv")
    assert download.sent[1][0]["last"] is True


@pytest.mark.parametrize(
    ("name", "made"), [("", "workbench.csv"), ("../x", "x.csv"), ("Łódź 2", "Łódź-2.csv"), ("a" * 200, "a" * 80 + ".csv")]
)
def test_file_names(name, made):
    assert file_name(name, "csv") == made
