"""What would fill the memory or run away is refused with a sentence that says what to do."""

from __future__ import annotations

import gzip
import zipfile

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench import sources
from workbench.errors import BadInput, Cancelled
from workbench.locale import texts

SMALL = sources.Limits(bytes=1 << 20, columns=50, rows=1000, cell=200, text_bytes=100_000, xlsx_bytes=1 << 20, xlsx_entries=20)


def refusal(path, limits: sources.Limits = SMALL) -> BadInput:
    with pytest.raises(BadInput) as caught:
        sources.inspect(path, limits=limits)
    for language in ("en", "ru", "pl"):
        assert caught.value.text(language).count("{") == 0
    return caught.value


def test_a_csv_of_too_many_columns(write):
    error = refusal(write("wide.csv", ",".join(f"c{i}" for i in range(200_000)) + "\n"), sources.Limits())
    assert error.key == "sources.too_many_columns" and "wide.csv" in str(error) and "200000" in str(error)


def test_a_csv_with_a_huge_cell_names_row_and_column(write):
    error = refusal(write("log.csv", "who,what\na,b\nc," + "x" * 5000 + "\n"))
    assert error.key == "sources.long_cell"
    assert error.values["row"] == 2 and error.values["column"] == "what"


def test_a_quote_that_is_never_closed_names_the_line(write):
    text = 'who,what\na,b\nc,"open\n' + "d,e\n" * 500
    error = refusal(write("log.csv", text), sources.Limits())
    assert error.key == "sources.open_quote" and error.values["line"] == 3


def test_a_picture_named_csv(write):
    assert refusal(write("log.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)).key == "sources.not_text"


def test_a_file_that_unpacks_to_too_much(write):
    path = write("log.csv.gz", gzip.compress(b"a,b\n" + b"1,2\n" * 600_000))
    assert refusal(path).key == "sources.too_big"


def test_a_gzip_bomb(write):
    path = write("log.csv.gz", gzip.compress(b"0" * (80 << 20)))
    assert refusal(path, sources.Limits()).key == "sources.gzip_bomb"


def test_a_cut_and_a_false_gzip(write):
    whole = gzip.compress(b"a,b\n" + b"".join(b"%d,%d\n" % (i, i * i) for i in range(5000)))
    assert refusal(write("a.csv.gz", whole[: len(whole) // 2])).key == "sources.gzip_cut"
    assert refusal(write("b.csv.gz", b"a,b\n1,2\n")).key == "sources.gzip_bad"


def zipped(path, parts: dict[str, bytes]):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_excel_bombs_are_refused_before_they_unfold(tmp_path):
    big = zipped(tmp_path / "big.xlsx", {"xl/worksheets/sheet1.xml": b"<a/>" * 500_000})
    assert refusal(big).key == "sources.xlsx_size"
    assert refusal(big, sources.Limits()).key == "sources.xlsx_ratio"
    many = zipped(tmp_path / "many.xlsx", {f"xl/{i}.xml": b"<a/>" for i in range(30)})
    assert refusal(many).key == "sources.xlsx_entries"
    entity = zipped(tmp_path / "entity.xlsx", {"xl/workbook.xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a/>'})
    assert refusal(entity).key == "sources.doctype"


def test_what_is_no_workbook(tmp_path, write):
    assert refusal(write("a.xlsx", b"who,what\n")).key == "sources.xlsx_bad"
    assert refusal(zipped(tmp_path / "b.xlsx", {"hello.txt": b"hello"})).key == "sources.xlsx_bad"


def test_an_excel_sheet_of_too_many_columns(tmp_path):
    book = openpyxl.Workbook()
    book.active.append([f"c{i}" for i in range(60)])
    book.save(tmp_path / "wide.xlsx")
    assert refusal(tmp_path / "wide.xlsx").key == "sources.too_many_columns"


def test_parquet_limits(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": range(2000)}), path)
    assert refusal(path).key == "sources.too_many_rows"
    pq.write_table(pa.table({f"c{i}": [1] for i in range(60)}), path)
    assert refusal(path).key == "sources.too_many_columns"
    # a kilobyte of text a thousand times over: small on the disk, large once written out
    pq.write_table(pa.table({"a": ["x" * 1000] * 1000}), path)
    error = refusal(path, sources.Limits(text_bytes=500_000))
    assert error.key == "sources.text_bomb" and error.values["column"] == "a"
    path.write_bytes(path.read_bytes()[:-20])
    assert refusal(path).key == "sources.parquet_bad"


def test_xml_nested_too_deep(write):
    deep = '<string key="k" value="v">' * 100 + "</string>" * 100
    assert (
        refusal(write("log.xes", f"<log><trace><event>{deep}</event></trace></log>"), sources.Limits()).key
        == "sources.too_deep"
    )


def test_a_missing_an_empty_and_an_unknown_file(tmp_path, write):
    assert refusal(tmp_path / "nothing.csv").key == "sources.no_source"
    assert refusal(write("empty.csv", b"")).key == "sources.empty_file"
    assert refusal(write("log.doc", b"x")).key == "sources.unknown_kind"
    assert refusal(write("lines.csv", b"\n\n\n")).key == "sources.no_cells"


def test_reading_can_be_stopped_and_says_how_far_it_is(write):
    import threading

    path = write("log.csv", "who,when,what\na,2024-01-01,x\n")
    said = []
    sources.inspect(path, progress=lambda share, key: said.append((share, key)))
    assert said and all(0 <= share <= 1 and texts("pl").has(key) for share, key in said)
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        sources.inspect(path, cancel=stop)
