"""How a file is written: seen rightly, shown, and overruled where a person knows better."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

from workbench import sources
from workbench.errors import BadInput
from workbench.sources import quantities, times

RUSSIAN = "клиент;дата;событие\nИванов;2024-03-01;Поиск товара\nПетрова;2024-03-02;Оплата счёта\n"
POLISH = "klient;data;zdarzenie\nŻółć;2024-03-01;Złożenie zamówienia\nŚwięch;2024-03-02;Płatność\n"


@pytest.mark.parametrize(
    ("text", "written", "seen"),
    [
        (POLISH, "utf-8", "utf-8"),
        (POLISH, "utf-8-sig", "utf-8 (BOM)"),
        (RUSSIAN, "utf-16", "utf-16"),
        (POLISH, "utf-16-le", "utf-16-le"),
        (POLISH, "utf-16-be", "utf-16-be"),
        (POLISH, "cp1250", "cp1250"),
        (RUSSIAN, "cp1251", "cp1251"),
        ("a;b\nMüller;x\nGroß;y\n", "cp1252", "cp1252"),
    ],
)
def test_encodings(text, written, seen, write):
    found = sources.inspect(write("log.csv", text.encode(written)))
    assert found.detected.encoding == seen
    lines = [line.split(";") for line in text.splitlines()]
    assert [column.name for column in found.columns] == lines[0]
    assert found.table().column(0).to_pylist() == [line[0] for line in lines[1:]]


def test_one_bad_byte_in_utf8_names_the_line(write):
    data = ("who;what\n" + "Żółć;Płatność\n" * 30).encode() + b"x;\xff\n"
    found = sources.inspect(write("log.csv", data))
    assert found.detected.encoding == "utf-8"
    (note,) = found.notes
    assert note.key == "sources.bad_bytes" and note.values == {"line": 32}
    assert found.table()["what"][-1].as_py() == "�"


def test_a_utf8_file_cut_inside_a_letter_is_still_utf8(write):
    data = "who;what\na;Płatność\nb;Zł".encode()[:-1]
    assert sources.inspect(write("log.csv", data)).detected.encoding == "utf-8"


def test_an_encoding_can_be_overruled_and_must_exist(write):
    path = write("log.csv", "who,what\nx,\u0142\n".encode("cp1250"))
    found = sources.inspect(path, overrides=sources.Overrides(encoding="cp1250"))
    assert found.table()["what"].to_pylist() == ["ł"]
    with pytest.raises(BadInput, match="cp9999"):
        sources.inspect(path, overrides=sources.Overrides(encoding="cp9999"))


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_separators(mark, write):
    rows = [["who", "what", "worth"], ["a", "x, y; z", "1"], ["b", "plain", "2"]]
    text = "\n".join(mark.join(f'"{cell}"' for cell in row) for row in rows)
    found = sources.inspect(write("log.csv", text))
    assert found.detected.separator == mark
    assert found.table()["what"].to_pylist() == ["x, y; z", "plain"]


def test_decimal_commas_do_not_become_separators(write):
    found = sources.inspect(write("log.csv", "who;worth\na;1,5\nb;2,25\nc;3,75\n"))
    assert (found.detected.separator, found.detected.decimal) == (";", ",")


def test_columns_set_apart_by_blanks(write):
    found = sources.inspect(write("log.txt", " id   date  worth\n 001  19970101  1.5\n 002  19970118  29.33\n"))
    assert [column.name for column in found.columns] == ["id", "date", "worth"]
    assert found.column("date").format == "compact"
    assert found.table()["id"].to_pylist() == ["001", "002"]


def test_sep_line_of_a_spreadsheet(write):
    found = sources.inspect(write("log.csv", "sep=;\r\nwho;what\r\na;b\r\n"))
    assert found.table().to_pydict() == {"who": ["a"], "what": ["b"], "source_row": [1]}


def test_the_names_may_stand_below_a_title_or_be_absent(write):
    titled = sources.inspect(write("a.csv", "Export of March\n\nwho,when,what\na,2024-03-01,x\nb,2024-03-02,y\n"))
    assert titled.detected.header_row == 3 and titled.table()["who"].to_pylist() == ["a", "b"]
    bare = sources.inspect(write("b.csv", "1,2024-03-01,x\n2,2024-03-02,y\n"))
    assert bare.detected.header_row == 0 and bare.n_rows == 2
    assert [column.name for column in bare.columns] == ["column_1", "column_2", "column_3"]
    forced = sources.inspect(write("c.csv", "who,what\na,b\n"), overrides=sources.Overrides(header_row=0))
    assert forced.table()["column_1"].to_pylist() == ["who", "a"]


def moment(text: str, form: str, zone: str = "UTC") -> dt.datetime | None:
    found = times.parse(pa.array([text]), form, zone)
    return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=int(found.micros[0])) if found.ok[0] else None


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("text", "form", "zone", "expected"),
    [
        ("2024-03-01", "year first", "UTC", utc(2024, 3, 1)),
        ("2012/10/09 14:50:17.000", "year first", "UTC", utc(2012, 10, 9, 14, 50, 17)),
        ("2024-03-01T10:00:00.1234567Z", "year first", "UTC", utc(2024, 3, 1, 10, 0, 0, 123456)),
        ("2024-03-01 10:00:00,250 +0530", "year first", "UTC", utc(2024, 3, 1, 4, 30, 0, 250000)),
        ("2024-03-01 00:30+02", "year first", "UTC", utc(2024, 2, 29, 22, 30)),
        ("1.3.2024", "day first", "UTC", utc(2024, 3, 1)),
        ("31/12/99 23:59", "day first", "UTC", utc(1999, 12, 31, 23, 59)),
        ("12/31/2024 12:05 AM", "month first", "UTC", utc(2024, 12, 31, 0, 5)),
        ("12/31/2024 12:05:07 pm", "month first", "UTC", utc(2024, 12, 31, 12, 5, 7)),
        ("5 мая 2024 г. 08:00", "day first", "UTC", utc(2024, 5, 5, 8)),
        ("7 paź 2024", "day first", "UTC", utc(2024, 10, 7)),
        ("Jan 31, 2024 7:00 PM", "month first", "UTC", utc(2024, 1, 31, 19)),
        ("20240229", "compact", "UTC", utc(2024, 2, 29)),
        ("20240229T235959", "compact", "UTC", utc(2024, 2, 29, 23, 59, 59)),
        ("1709287200", "epoch s", "Europe/Warsaw", utc(2024, 3, 1, 10)),
        ("1709287200.5", "epoch s", "UTC", utc(2024, 3, 1, 10, 0, 0, 500000)),
        ("1709287200123", "epoch ms", "UTC", utc(2024, 3, 1, 10, 0, 0, 123000)),
        ("1709287200123456", "epoch us", "UTC", utc(2024, 3, 1, 10, 0, 0, 123456)),
        # Warsaw: +1 in winter, +2 in summer; 02:30 is skipped on 31 March and comes twice on 27 October
        ("2024-01-01 00:30", "year first", "Europe/Warsaw", utc(2023, 12, 31, 23, 30)),
        ("2024-07-01 00:30", "year first", "Europe/Warsaw", utc(2024, 6, 30, 22, 30)),
        ("2024-03-31 02:30", "year first", "Europe/Warsaw", utc(2024, 3, 31, 1, 0)),
        ("2024-10-27 02:30", "year first", "Europe/Warsaw", utc(2024, 10, 27, 0, 30)),
        ("2024-07-01 00:30+00:00", "year first", "Europe/Warsaw", utc(2024, 7, 1, 0, 30)),
        ("2023-02-29", "year first", "UTC", None),
        ("31/04/2024", "day first", "UTC", None),
        ("12/25/2024", "day first", "UTC", None),
        ("2024-01-01 24:30", "year first", "UTC", None),
        ("13:00 PM", "month first", "UTC", None),
        ("12/31/2024 13:05 PM", "month first", "UTC", None),
        ("soon", "year first", "UTC", None),
        ("2024-01-01 10:00+99:99", "year first", "UTC", None),
        ("99999999999999999999", "epoch s", "UTC", None),
    ],
)
def test_times(text, form, zone, expected):
    assert moment(text, form, zone) == expected


def test_a_zone_must_exist(write):
    with pytest.raises(BadInput, match="Europe/Warszawa"):
        sources.inspect(write("a.csv", "a\n1\n"), overrides=sources.Overrides(timezone="Europe/Warszawa"))


def test_mixed_forms_of_one_column(load, write, events):
    made = load(write("a.csv", "who,when,what\na,2024-03-01,x\nb,2024-03-01T10:00:00Z,x\nc,2024-03-01 10:00+03:00,x\n"), events)
    assert [moment.hour for moment in made.rows["occurred_at"].to_pylist()] == [0, 10, 7]


@pytest.mark.parametrize(
    ("dates", "day_first", "first"),
    [
        (["03/04/2024", "25/04/2024"], True, utc(2024, 4, 3)),
        (["03/04/2024", "04/25/2024"], False, utc(2024, 3, 4)),
        (["03.04.2024", "04.05.2024"], True, utc(2024, 4, 3)),
        (["3/4/2024 1:00 PM", "4/5/2024 2:00 AM"], False, utc(2024, 3, 4, 13)),
    ],
)
def test_day_or_month_first(dates, day_first, first, write, load, events):
    path = write("a.csv", "who,when,what\n" + "".join(f"a,{date},x\n" for date in dates))
    assert sources.inspect(path).detected.day_first is day_first
    assert load(path, events).rows["occurred_at"][0].as_py() == first


def test_dates_that_could_be_either_are_said_and_can_be_overruled(write, load, events):
    path = write("a.csv", "who,when,what\na,03/04/2024,x\n")
    found = sources.inspect(path)
    assert [note.key for note in found.notes] == ["sources.ambiguous_dates"]
    assert load(path, events, day_first=False).rows["occurred_at"][0].as_py() == utc(2024, 3, 4)
    mapping = sources.Mapping((events,), sources.Overrides(day_first=False))
    (made,) = sources.conform(found, mapping, secret=b"k")  # overruled in the mapping, after the inspection
    assert made.rows["occurred_at"][0].as_py() == utc(2024, 3, 4)


def test_one_day_far_down_decides(write):
    lines = "a,03/04/2024,x\n" * 30_000 + "a,04/25/2024,x\n"
    assert sources.inspect(write("a.csv", "who,when,what\n" + lines)).detected.day_first is False


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("1234.5", "decimal point", 1234.5),
        ("1,234,567.5", "decimal point", 1234567.5),
        ("-3e2", "decimal point", -300.0),
        ("$ 12.50", "decimal point", 12.5),
        ("1 234,50 zł", "decimal comma", 1234.5),
        ("1.234,5", "decimal comma", 1234.5),
        ("12 000 руб.", "decimal comma", 12000.0),
        ("1,2,3", "decimal comma", None),
        ("12a", "decimal point", None),
        ("inf", "decimal point", None),
        ("NaN", "decimal point", None),
    ],
)
def test_numbers(text, form, expected):
    values, ok = quantities.numbers(pa.array([text]), form)
    assert (values[0] if ok[0] else None) == expected


def test_epochs_are_seen_by_their_size(write):
    text = "who,timestamp,created_ms,order_number\na,1709287200,1709287200123,1709287200\n"
    found = sources.inspect(write("a.csv", text))
    assert [column.format for column in found.columns] == ["", "epoch s", "epoch ms", ""]
    assert found.column("order_number").kind == "id"
