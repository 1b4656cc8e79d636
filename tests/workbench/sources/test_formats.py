"""The same four events through every kind of source; and what is particular to each."""

from __future__ import annotations

import datetime as dt
import gzip
import sqlite3

import duckdb
import openpyxl
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench import sources
from workbench.errors import BadInput, NotFound

ROWS = [
    ("007", "2024-03-01 10:00:00", "Search", 1.5),
    ("007", "2024-03-01 10:05:00", "Cart", None),
    ("NA", "2024-03-02 09:00:00", "Search", 2.0),
    ("9007199254740993", "2024-03-02 09:30:00", "Żółty", 10.25),
]
NAMES = ["who", "when", "what", "worth"]
WHEN = [dt.datetime.fromisoformat(row[1]).replace(tzinfo=dt.UTC) for row in ROWS]


def csv(separator: str = ",") -> str:
    return "\n".join(separator.join("" if cell is None else str(cell) for cell in row) for row in [NAMES, *ROWS]) + "\n"


def frame() -> pd.DataFrame:
    return pd.DataFrame(ROWS, columns=NAMES).assign(when=lambda t: pd.to_datetime(t["when"]))


def make(kind: str, folder) -> object:
    path = folder / f"log.{kind}"
    if kind in ("csv", "tsv"):
        path.write_text(csv("\t" if kind == "tsv" else ","), encoding="utf-8")
    elif kind == "csv.gz":
        path.write_bytes(gzip.compress(csv().encode()))
    elif kind == "xlsx":
        book = openpyxl.Workbook()
        for row in [NAMES, *ROWS]:
            book.active.append(
                [dt.datetime.fromisoformat(cell) if place == 1 and cell != "when" else cell for place, cell in enumerate(row)]
            )
        book.save(path)
    elif kind == "parquet":
        frame().to_parquet(path)
    elif kind == "jsonl":
        frame().assign(when=lambda t: t["when"].astype(str)).to_json(path, orient="records", lines=True, force_ascii=False)
    elif kind == "json":
        frame().assign(when=lambda t: t["when"].astype(str)).to_json(path, orient="records", force_ascii=False)
    elif kind == "sql":
        with sqlite3.connect(folder / "shop.db") as connection:
            connection.execute('CREATE TABLE log (who TEXT, "when" TEXT, what TEXT, worth REAL)')
            connection.executemany("INSERT INTO log VALUES (?, ?, ?, ?)", ROWS)
        connection.close()
        return f"sqlite:///{folder}/shop.db#log"
    elif kind == "duckdb":
        with duckdb.connect(str(path)) as connection:
            connection.execute('CREATE TABLE log (who VARCHAR, "when" TIMESTAMP, what VARCHAR, worth DOUBLE)')
            connection.executemany("INSERT INTO log VALUES (?, ?, ?, ?)", ROWS)
    elif kind == "pandas":
        return frame()
    elif kind == "polars":
        return pl.from_pandas(frame())
    elif kind == "polars lazy":
        return pl.from_pandas(frame()).lazy()
    elif kind == "arrow":
        return pa.Table.from_pandas(frame())
    elif kind == "xes":
        path.write_text(xes(), encoding="utf-8")
    return path


def xes() -> str:
    def event(row) -> str:
        worth = "" if row[3] is None else f'<float key="worth" value="{row[3]}"/>'
        return (
            f'<event><string key="who" value="{row[0]}"/><date key="when" value="{row[1].replace(" ", "T")}Z"/>'
            f'<string key="what" value="{row[2]}"/>{worth}</event>'
        )

    return f'<?xml version="1.0"?><log xes.version="1.0"><trace>{"".join(map(event, ROWS))}</trace></log>'


KINDS = [
    "csv",
    "tsv",
    "csv.gz",
    "xlsx",
    "parquet",
    "jsonl",
    "json",
    "sql",
    "duckdb",
    "pandas",
    "polars",
    "polars lazy",
    "arrow",
    "xes",
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_source_gives_the_same_rows(kind, tmp_path, load, events):
    made = load(make(kind, tmp_path), events)
    assert made.rows["customer_id"].to_pylist() == [row[0] for row in ROWS]
    assert made.rows["touchpoint"].to_pylist() == [row[2] for row in ROWS]
    assert made.rows["occurred_at"].to_pylist() == WHEN
    assert made.rows["worth"].to_pylist() == [row[3] for row in ROWS]
    assert made.rows["source_row"].to_pylist() == [1, 2, 3, 4]
    assert made.rows.schema.field("occurred_at").type == pa.timestamp("us", "UTC")
    assert made.columns["worth"] == "number"


@pytest.mark.parametrize("kind", ["csv", "sql", "duckdb", "pandas", "xes"])
def test_the_same_contents_have_the_same_hash(kind, tmp_path):
    first = sources.inspect(make(kind, tmp_path)).sha256
    assert len(first) == 64
    other = tmp_path / "again"
    other.mkdir()
    assert sources.inspect(make(kind, other)).sha256 == first


class TestXes:
    def read(self, write, inner: str) -> pd.DataFrame:
        path = write("log.xes", f'<log xmlns="http://www.xes-standard.org/">{inner}</log>')
        return sources.inspect(path).table().to_pandas()

    def test_case_attributes_nested_ones_and_lists(self, write):
        found = self.read(
            write,
            '<global scope="event"><string key="concept:name" value="UNKNOWN"/></global>'
            '<string key="of the log" value="left out"/>'
            '<trace><string key="concept:name" value="NA"><int key="age" value="7"/></string>'
            '<event><string key="concept:name" value="A"/>'
            '<list key="tags"><values><string key="tag" value="x"/><string key="tag" value="y"/></values></list></event>'
            '<event><string key="concept:name" value="B"/></event></trace>'
            '<trace><event><string key="concept:name" value="C"/></event></trace>',
        )
        assert list(found) == ["case:concept:name", "case:concept:name/age", "concept:name", "tags/tag", "source_row"]
        assert found["case:concept:name"].tolist()[:2] == ["NA", "NA"] and pd.isna(found["case:concept:name"][2])
        assert found["case:concept:name/age"].tolist()[:2] == ["7", "7"]
        assert found["tags/tag"][0] == "x; y" and found["concept:name"].tolist() == ["A", "B", "C"]

    @pytest.mark.parametrize("share", [0.3, 0.6, 0.99])
    @pytest.mark.parametrize("packed", [False, True])
    def test_a_cut_file_is_refused(self, share, packed, write):
        whole = xes().encode()
        if packed:
            path = write("log.xes.gz", (data := gzip.compress(whole))[: int(len(data) * share)])
        else:
            path = write("log.xes", whole[: int(len(whole) * share)])
        with pytest.raises(BadInput) as caught:
            sources.inspect(path)
        assert caught.value.key in ("sources.xes_cut", "sources.gzip_cut")
        assert "again" in str(caught.value)

    def test_any_doctype_is_refused(self, write):
        with pytest.raises(BadInput, match=r"line 1.*DOCTYPE"):
            sources.inspect(write("log.xes", '<!DOCTYPE log SYSTEM "file:///etc/passwd"><log/>'))

    def test_an_entity_bomb_is_refused_before_it_unfolds(self, write):
        bomb = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><log><trace><string key="k" value="&b;"/></trace></log>'
        with pytest.raises(BadInput, match="DOCTYPE"):
            sources.inspect(write("log.xes", bomb))

    def test_other_xml_is_refused(self, write):
        with pytest.raises(BadInput, match="no XES log"):
            sources.inspect(write("log.xes", "<html><body/></html>"))

    def test_broken_xml_names_the_line(self, write):
        with pytest.raises(BadInput, match=r"line 2.*not well-formed"):
            sources.inspect(write("log.xes", "<log><trace>\n</event></trace></log>"))


class TestExcel:
    def book(self, tmp_path, rows, **others):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        for name, lines in others.items():
            sheet = book.create_sheet(name)
            for row in lines:
                sheet.append(row)
        book.save(tmp_path / "book.xlsx")
        return tmp_path / "book.xlsx"

    def test_title_rows_above_the_names_and_ids_as_numbers(self, tmp_path):
        path = self.book(tmp_path, [["Export of March"], [], ["id", "amount"], [17850.0, 2.5], [None, None], [5.70306e17, 3]])
        found = sources.inspect(path)
        assert found.detected.header_row == 3
        table = found.table().to_pydict()
        assert table["id"] == ["17850", "5.70306e+17"] and table["amount"] == ["2.5", "3"]
        assert table["source_row"] == [1, 3]  # sheet rows 4 and 6

    def test_a_sheet_by_name(self, tmp_path):
        path = self.book(tmp_path, [["a"], [1]], Orders=[["who", "n"], ["x", 2]])
        assert [note.key for note in sources.inspect(path).notes] == ["sources.other_sheets"]
        assert sources.inspect(f"{path}#Orders").table().to_pydict() == {"who": ["x"], "n": ["2"], "source_row": [1]}
        with pytest.raises(NotFound, match="Orders"):
            sources.inspect(f"{path}#Order")

    def test_an_empty_workbook_is_refused(self, tmp_path):
        with pytest.raises(BadInput, match="no table"):
            sources.inspect(self.book(tmp_path, []))


class TestSql:
    def test_a_query(self, tmp_path):
        address = make("sql", tmp_path).split("#")[0]
        found = sources.inspect(f"{address}#SELECT who, count(*) AS n FROM log GROUP BY who ORDER BY who")
        assert found.table()["n"].to_pylist() == ["2", "1", "1"]

    def test_the_only_table_needs_no_name_and_a_wrong_one_is_named(self, tmp_path):
        address = make("sql", tmp_path).split("#")[0]
        assert sources.inspect(address).n_rows == 4
        with pytest.raises(NotFound, match="log"):
            sources.inspect(address + "#logs")

    def test_what_writes_is_not_run(self, tmp_path):
        address = make("sql", tmp_path)
        with pytest.raises(BadInput, match="Only a SELECT"):
            sources.inspect(address.split("#")[0] + "#DROP TABLE log")
        assert sources.inspect(address).n_rows == 4

    def test_a_missing_database_is_not_made(self, tmp_path):
        with pytest.raises(BadInput, match="There is no file"):
            sources.inspect(f"sqlite:///{tmp_path}/nothing.db#log")
        assert not (tmp_path / "nothing.db").exists()

    def test_a_password_is_shown_nowhere(self):
        with pytest.raises(BadInput) as caught:
            sources.inspect("nosuchbase://anna:geheim@host/shop#orders")
        assert "geheim" not in str(caught.value) and "nosuchbase" in str(caught.value)


class TestDuckDB:
    def test_a_view_cannot_read_other_files(self, tmp_path, write):
        secret = write("secret.csv", "a\n1\n")
        with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
            connection.execute(f"CREATE VIEW peek AS SELECT * FROM read_csv('{secret}')")
        with pytest.raises(BadInput, match="can’t be opened"):
            sources.inspect(tmp_path / "shop.duckdb")

    def test_tables_by_name(self, tmp_path):
        with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
            connection.execute('CREATE TABLE "a""b" (x INTEGER); CREATE TABLE other (y INTEGER); INSERT INTO "a""b" VALUES (3)')
        assert sources.inspect(f'{tmp_path}/shop.duckdb#a"b').table()["x"].to_pylist() == ["3"]
        with pytest.raises(BadInput, match="several tables"):
            sources.inspect(tmp_path / "shop.duckdb")


class TestJson:
    def test_bad_lines_are_put_aside_and_long_numbers_survive(self, write, load, events):
        lines = [
            '{"who": 12345678901234567890, "when": "2024-01-01", "what": "A", "more": {"x": 1.10, "list": [1, 2]}}',
            "not json",
            '["no object"]',
            '{"who": "b", "when": "2024-01-02", "what": "B"}',
            '{"who": "c", "when": "2024-0',
        ]
        made = load(write("log.jsonl", "\n".join(lines)), events)
        assert made.rows["customer_id"].to_pylist() == ["12345678901234567890", "b"]
        assert made.rows["more.x"].to_pylist() == [1.1, None]
        assert {problem.kind: problem.rows for problem in made.problems} == {"bad_json": (2, 3), "cut_row": (5,)}


class TestFrames:
    def test_mixed_objects_floats_and_categories(self, load, events):
        data = pd.DataFrame(
            {
                "who": pd.Series([17850.0, None, 3.0]),
                "when": pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03"]).tz_localize("Europe/Warsaw"),
                "what": pd.Categorical(["A", "B", "A"]),
                "mixed": pd.Series([1, "x", None], dtype=object),
            }
        )
        made = load(data, events)
        assert made.rows["customer_id"].to_pylist() == ["17850", "3"]  # not "17850.0"
        assert made.rows["occurred_at"][0].as_py() == dt.datetime(2023, 12, 31, 23, tzinfo=dt.UTC)
        assert made.rows["mixed"].to_pylist() == ["1", None]
        assert made.quarantine["row"].to_pylist() == [2]

    def test_something_else_is_refused(self):
        with pytest.raises(BadInput, match="neither a path nor a frame"):
            sources.inspect(42)


def test_parquet_with_its_types(tmp_path, load, events):
    table = pa.table(
        {
            "who": pa.array([2**53 + 1, 7], pa.int64()),
            "when": pa.array([dt.datetime(2024, 1, 1, 12), dt.datetime(2024, 1, 2)], pa.timestamp("ns", "America/New_York")),
            "what": pa.array(["A", "B"]).dictionary_encode(),
            "took": pa.array([dt.timedelta(seconds=90), None]),
            "tags": pa.array([["a", "b"], None]),
        }
    )
    pq.write_table(table, tmp_path / "log.parquet")
    made = load(tmp_path / "log.parquet", events)
    assert made.rows["customer_id"].to_pylist() == ["9007199254740993", "7"]
    assert made.rows["occurred_at"].to_pylist()[0] == dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC)
    assert made.rows["took"].to_pylist() == [90.0, None]
    assert made.rows["tags"].to_pylist() == ['["a", "b"]', None]


@pytest.mark.parametrize("kind", ["csv", "tsv", "xlsx", "parquet", "jsonl"])
@pytest.mark.parametrize("n", [59, 60, 61, 62, 500])
def test_every_row_of_a_longer_file(kind, n, tmp_path):
    # what is read ahead to find the header is part of the table
    rows = pd.DataFrame({"who": [f"c{i}" for i in range(n)], "what": "Search"})
    path = tmp_path / f"log.{kind}"
    if kind == "xlsx":
        rows.to_excel(path, index=False)
    elif kind == "parquet":
        rows.to_parquet(path)
    elif kind == "jsonl":
        rows.to_json(path, orient="records", lines=True)
    else:
        rows.to_csv(path, sep="," if kind == "csv" else "\t", index=False)
    found = sources.inspect(path).table()
    assert found["who"].to_pylist() == rows["who"].tolist()
