"""Files written to do harm, or by accident as if they were: each ends in rows or in one sentence, soon and in little memory."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import zipfile

import duckdb
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench import settings, sources
from workbench.errors import BadInput
from workbench.sources.sql import shown

HEAD = "customer_id,time,touchpoint\n"
ROWS = "c1,2024-01-01 10:00,Visit\nc2,2024-01-02 10:00,Buy\n"


def refusal(source: object, limits: sources.Limits | None = None, **overrides: object) -> BadInput:
    with pytest.raises(BadInput) as caught:
        sources.inspect(source, overrides=sources.Overrides(**overrides), limits=limits or sources.Limits())
    for language in ("en", "ru", "pl"):
        assert "{" not in caught.value.text(language).replace("{}", "")
    return caught.value


@pytest.mark.parametrize("name", ["zlib", "hex", "rot13", "undefined", "idna", "a\0b"])
def test_an_encoding_that_writes_no_text(write, name):
    assert refusal(write("log.csv", HEAD + ROWS), encoding=name).key == "sources.bad_encoding"


@pytest.mark.parametrize("sign", ["\0", "é", "\ud800"])
def test_a_separator_that_can_be_none(write, sign):
    assert refusal(write("log.csv", HEAD + ROWS), separator=sign).key == "sources.bad_separator"


def test_half_a_letter_out_of_an_escape_is_a_question_mark(write):
    found = sources.inspect(
        write("log.csv", HEAD + "c1,2024-01-01,\\ud800\n"), overrides=sources.Overrides(encoding="unicode_escape")
    )
    assert found.table()["touchpoint"].to_pylist() == ["?"]


def test_half_a_letter_in_json_and_in_a_frame_is_a_question_mark(write):
    line = '{"customer_id":"c\\ud800","time":"2024-01-01 10:00","touchpoint":["\\udfff"],"\\udc00":1}'
    for path in (write("log.jsonl", line + "\n"), write("log.json", f"[{line}]")):
        table = sources.inspect(path).table()
        assert (
            table["customer_id"].to_pylist() == ["c?"]
            and table["touchpoint"].to_pylist() == ['["?"]']
            and "?" in table.column_names
        )
    frame = pd.DataFrame({"a": pd.Series(["x\ud800", "y"], dtype=object)})
    assert sources.inspect(frame).table()["a"].to_pylist() == ["x?", "y"]


@pytest.mark.parametrize("encoding", ["big5", "no-such", "utf-7", "idna", "zlib"])
def test_xes_in_an_encoding_that_cannot_be(write, encoding):
    text = f'<?xml version="1.0" encoding="{encoding}"?><log><trace><event><string key="a" value="b"/></event></trace></log>'
    assert refusal(write("log.xes", text)).key == "sources.xes_bad"


def test_xes_with_a_key_an_event_is_refused_at_the_first_too_many(write):
    events = "".join(f'<event><string key="k{i}" value="A"/></event>' for i in range(60))
    error = refusal(write("log.xes", f"<log><trace>{events}</trace></log>"), sources.Limits(columns=50))
    assert error.key == "sources.too_many_columns" and error.values["found"] == 51


@pytest.mark.timeout(20)
def test_an_attribute_given_many_times_is_joined_once(write):
    several = '<string key="a" value="yyyyyyyy"/>' * 100_000
    error = refusal(write("log.xes", f"<log><trace><event>{several}</event></trace></log>"), sources.Limits(cell=900_000))
    assert error.key == "sources.long_cell"  # 100,000 × 8 letters and 99,999 × 2 between them are 999,998
    found = sources.inspect(write("two.xes", f"<log><trace><event>{several[:68]}</event><event/></trace></log>"))
    assert found.table()["a"].to_pylist() == ["yyyyyyyy; yyyyyyyy", None]


def test_lines_that_end_with_a_carriage_return_alone(write):
    found = sources.inspect(write("log.csv", (HEAD + ROWS * 3000).replace("\n", "\r")))
    assert [column.name for column in found.columns] == ["customer_id", "time", "touchpoint"] and found.n_rows == 6000


def test_too_many_rows_that_are_no_records(write):
    limits = sources.Limits(faults=100)
    for name, text in (("log.csv", "a,b\n" + "x\n" * 200 + "1,2\n"), ("log.jsonl", "x\n" * 200)):
        error = refusal(write(name, text), limits)
        assert error.key == "sources.too_many_faults" and name in str(error)
    assert sources.inspect(write("few.csv", "a,b\n" + "x\n" * 100 + "1,2\n"), limits=limits).n_rows == 101


def test_rows_times_columns_are_limited_where_cells_cost_nothing_in_the_file(write, tmp_path):
    limits = sources.Limits(cells=1000)
    wide = json.dumps({f"k{i}": 1 for i in range(20)}) + "\n"
    bare = tmp_path / "bare.parquet"
    pq.write_table(pa.table({f"k{i}": pa.nulls(60, pa.string()) for i in range(20)}), bare)
    listed = tmp_path / "listed.parquet"
    pq.write_table(pa.table({"a": [[0] * 900, [0] * 900]}), listed)
    csv = write("log.csv", ",".join("abcdefghij") + "\n" + ",,,,,,,,,\n" * 200)
    for path in (write("log.jsonl", wide + "{}\n" * 100), write("log.json", f"[{wide}{',{}' * 100}]"), bare, listed, csv):
        assert refusal(path, limits).key == "sources.too_many_cells", path


def test_texts_in_lists_and_bytes_that_unfold_are_refused(tmp_path):
    limits = sources.Limits(text_bytes=100_000)
    for name, column in (
        ("lists", pa.array([["x" * 1000] * 100] * 3)),
        ("bytes", pa.array([b"x" * 1000] * 300)),
        ("fixed", pa.array([b"x" * 1000] * 300, pa.binary(1000))),
        ("large", pa.array(["x" * 1000] * 300, pa.large_string())),
    ):
        path = tmp_path / f"{name}.parquet"
        pq.write_table(pa.table({"a": column}), path)
        error = refusal(path, limits)
        assert error.key == "sources.text_bomb" and "a" in error.values["column"], name


def test_a_text_column_too_long_for_one_array(write):
    error = refusal(write("log.csv", "who,what\n" + ("c," + "x" * 90 + "\n") * 100), sources.Limits(text_bytes=8_999))
    assert error.key == "sources.text_bomb" and error.values["column"] == "what"


@pytest.mark.parametrize("body", ["[source]\nheader_row = " + "9" * 5000, "a = " + "[" * 5000])
def test_toml_that_breaks_its_reader(body, write):
    with pytest.raises(BadInput) as caught:
        sources.Mapping.from_toml(body)
    assert caught.value.key == "sources.bad_toml"
    with pytest.raises(BadInput) as caught:
        settings.load({}, write("workbench.toml", body))
    assert caught.value.key == "bad_settings_file"


def test_a_name_that_no_file_can_have():
    assert refusal("a" * 5000 + ".csv").key == "sources.no_source"


@pytest.mark.parametrize("address", ["postgresql://u:SECRET#x@host/db", "postgresql://u:SECRET@[::1/db", "://SECRET"])
def test_an_address_that_is_none_tells_nothing(address):
    assert "SECRET" not in str(refusal(address))


def test_a_password_behind_the_question_mark_is_not_shown():
    assert shown("postgresql://host/db?password=SECRET&user=u", "orders") == "postgresql://host/db#orders"


def test_a_view_in_a_duckdb_file_reads_nothing_else(tmp_path, write):
    other = write("other.csv", "secret\nx\n")
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE VIEW files AS SELECT * FROM read_csv('{other}')")
        connection.execute("CREATE VIEW big AS SELECT repeat('x', 1000) AS a FROM range(5000)")
    assert refusal(f"{path}#files").key == "sources.duckdb_bad"
    assert refusal(f"{path}#big", sources.Limits(bytes=1 << 20)).key == "sources.too_big"


def test_times_outside_of_the_calendar_are_refused_and_those_at_its_ends_kept(write, load):
    far = "a,0000-01-01 00:00:00,x\nb,0001-01-01 00:00:00,x\nc,9999-12-31 23:59:59,x\nd,2024-01-01 00:00:00,x\n"
    made = load(write("log.csv", HEAD + far))
    assert made.rows["customer_id"].to_pylist() == ["c", "d"] and made.n_quarantined == 2


def test_columns_the_engine_names_itself_and_twins_but_for_capitals_get_names_of_their_own(write, load):
    names = ["Foo", "foo", "ord", "Seq", "FILE_ROW_NUMBER", "Touchpoint_", "Customer_Id"]
    head = "customer_id,time,touchpoint," + ",".join(names) + "\n"
    made = load(
        write("log.csv", head + "c1,2024-01-01 10:00,A,p,q,r,s,t,u,v\nc2,2024-01-01 11:00,A,p,q,r,s,t,u,v\n"),
        sources.TableMapping("events", {"customer_id": "customer_id", "occurred_at": "time", "touchpoint": "touchpoint"}),
    )
    found = made.rows.column_names
    assert len({name.lower() for name in found}) == len(found)
    assert {"Foo", "foo_2", "ord_2", "Seq_2", "FILE_ROW_NUMBER_2", "Touchpoint_", "Customer_Id_2"} <= set(found)
    assert made.rows["foo_2"].to_pylist() == ["q", "q"]


def sheet(path, rows: str):
    """A workbook whose only sheet holds `rows` as they are."""
    plain = path.with_name("plain.xlsx")
    openpyxl.Workbook().save(plain)
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    with zipfile.ZipFile(plain) as found, zipfile.ZipFile(path, "w") as made:
        for part in found.namelist():
            text = f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'
            made.writestr(part, text if part.endswith("sheet1.xml") else found.read(part))
    return path


@pytest.mark.timeout(60)
def test_a_sheet_that_says_it_has_billions_of_rows(tmp_path):
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1999999999"><c r="A1999999999"><v>2</v></c></row>'
    assert refusal(sheet(tmp_path / "far.xlsx", rows)).key == "sources.too_many_rows"


def test_a_sheet_with_one_cell_far_to_the_right_in_each_row(tmp_path):
    rows = "".join(f'<row r="{i}"><c r="CV{i}"><v>1</v></c></row>' for i in range(1, 50))  # CV is column 100
    error = refusal(sheet(tmp_path / "sparse.xlsx", rows), sources.Limits(xlsx_cells=1000))
    assert error.key == "sources.too_many_cells"


def test_a_query_that_deletes_after_with_is_refused_and_deletes_nothing(tmp_path):
    path = tmp_path / "shop.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
    for query in ("WITH x AS (SELECT 1) DELETE FROM t", "WITH x AS (SELECT 1) INSERT INTO t SELECT 5 RETURNING a"):
        assert refusal(f"sqlite:///{path}#{query}").key == "sources.sql_bad"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT a FROM t").fetchall() == [(1,)]


def test_a_column_called_name_is_personal_where_people_are_in_it(write):
    body = "".join(f"c{i},2024-01-0{i} 10:00,Visit,{{}}\n" for i in range(1, 6))
    for who, personal in (("Anna Nowak", {"name": "drop"}), ("Иван Петров", {"name": "drop"}), ("newsletter", {})):
        path = write("log.csv", "customer_id,time,touchpoint,name\n" + body.replace("{}", who))
        assert sources.propose(sources.inspect(path)).tables[0].personal == personal


def test_one_bad_time_among_five_leaves_a_column_of_times(write, load):
    times = ["2024-01-01 10:00", "2024-01-02 10:00", "soon", "2024-01-04 10:00", "2024-01-05 10:00"]
    made = load(write("log.csv", HEAD + "".join(f"c{i},{time},A\n" for i, time in enumerate(times))))
    assert made.table == "events" and made.n_out == 4 and [problem.kind for problem in made.problems] == ["bad_time"]
