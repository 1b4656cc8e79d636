"""The way in: load with its report, open, inspect, and the same from a shell."""

from __future__ import annotations

import datetime as dt
import logging
import subprocess
import sys
import threading
from pathlib import Path

import company
import pandas as pd
import pytest

import workbench as wb
from workbench import cli, engine, sources
from workbench.errors import BadInput, Cancelled, NotFound, StoreError
from workbench.model import Rule
from workbench.settings import Settings
from workbench.store import Store, parts

HEADER = "customer_id,case_id,occurred_at,touchpoint,channel,stage"


def lines(rows: list[dict]) -> str:
    written = [{**row, "occurred_at": f"{row['occurred_at']:%Y-%m-%d %H:%M}"} for row in rows]
    return "\n".join(",".join(row[name] for name in HEADER.split(",")) for row in written)


@pytest.fixture
def log(tmp_path) -> Path:
    path = tmp_path / "log.csv"
    path.write_text(f"{HEADER}\n{lines(company.rows())}\n", encoding="utf-8")
    return path


@pytest.fixture
def crm(tmp_path) -> Path:
    path = tmp_path / "crm.csv"
    pd.DataFrame(company.customers()).to_csv(path, index=False)
    return path


@pytest.fixture
def into(tmp_path) -> Path:
    return tmp_path / "twelve"


def counts(report) -> list[tuple]:
    assert (report.rows["rows_in"] == report.rows[["loaded", "already_there", "quarantined"]].sum(axis=1)).all()
    return list(report.rows[["table", "rows_in", "loaded", "already_there", "quarantined"]].itertuples(index=False, name=None))


def stored(into: Path, table: str = "events") -> list[dict]:
    return parts.whole(Store.open(into).manifest().tables[table]).to_pylist()


def test_a_log_becomes_a_study(log, into):
    report = wb.load(log, into, name="Twelve & Co")
    assert counts(report) == [("events", 54, 54, 0, 0)]
    assert (report.version, report.changed, report.company) == (1, True, "Twelve & Co")
    assert not report.problems
    assert report.quarantine == ()
    study = wb.open(into)
    assert (study.store, study.version, study.name, study.rule) == (str(into), 1, "Twelve & Co", Rule("case"))
    assert (study.timezone, study.synthetic, study.filters) == ("UTC", False, ())
    assert study.columns["events"]["occurred_at"] == "time"
    given = [(row["customer_id"], row["case_id"], row["occurred_at"], row["touchpoint"]) for row in company.rows()]
    assert [(row["customer_id"], row["case_id"], row["occurred_at"], row["touchpoint"]) for row in stored(into)] == given


def test_the_same_file_changes_nothing_and_says_so(log, into):
    wb.load(log, into)
    copy = log.with_name("renamed.csv")
    copy.write_bytes(log.read_bytes())
    for again in (log, copy):
        report = wb.load(again, into)
        assert counts(report) == [("events", 54, 0, 54, 0)]
        assert (report.version, report.changed) == (1, False)
        assert report.explain()[:2] == [
            "Nothing changed: none of the 54 rows is new; twelve stays at version 1.",
            f"{again.name} was loaded before with the same mapping (version 1), so it was not read again.",
        ]


def test_a_longer_file_adds_only_what_is_new(log, into):
    wb.load(log, into)
    longer = log.with_name("longer.csv")
    longer.write_text(log.read_text() + "c13,k15,2026-04-01 10:00,Search,web,Discover\n")
    report = wb.load(longer, into)
    assert counts(report) == [("events", 55, 1, 54, 0)]
    assert report.explain()[:2] == [
        "1 row was loaded into twelve, which is now at version 2.",
        "54 rows were there already and were left alone.",
    ]
    assert len(stored(into)) == 55


def test_several_sources_become_one_version(log, crm, into):
    report = wb.load([log, crm], into)
    assert counts(report) == [("events", 54, 54, 0, 0), ("customers", 12, 12, 0, 0)]
    assert report.version == 1
    assert set(wb.open(into).columns) == {"events", "customers"}


def test_frames_are_loaded_as_files_are(into):
    frame = pd.DataFrame(company.rows())
    assert counts(wb.load(frame, into)) == [("events", 54, 54, 0, 0)]
    assert counts(wb.load([frame], into)) == [("events", 54, 0, 54, 0)]


def test_rejected_rows_are_counted_kept_and_told_in_three_languages(log, into):
    log.write_text(log.read_text() + "c13,k15,yesterday,Search,web,Discover\nc14,k16,2026-04-01 10:00,,web,Discover\n")
    report = wb.load(log, into)
    assert counts(report) == [("events", 56, 54, 0, 2)]
    (file,) = report.quarantine
    kept = pd.read_csv(file, encoding="utf-8-sig")
    assert sorted(kept["row"]) == [55, 56]
    assert kept["raw"].str.contains("yesterday").sum() == 1
    assert {problem.column: problem.rows for problem in report.problems} == {"occurred_at": (55,), "touchpoint": (56,)}
    for language, word in (("en", "2 of 56 rows were rejected"), ("ru", "Отклонены 2 строки"), ("pl", "Odrzucono 2 wiersze")):
        said = report.explain(language)
        assert word in said[1]
        assert str(file) in said[1]
        assert len(said) >= 4
    assert str(report).splitlines() == report.explain()
    assert (
        repr(report)
        == f"LoadReport({str(into)!r}, version=1, changed=True, rows_in=56, loaded=54, already_there=0, quarantined=2)"
    )
    again = wb.load(log, into)
    assert counts(again) == [("events", 56, 0, 54, 2)]
    assert again.quarantine == (file,)


@pytest.mark.parametrize(
    ("order", "variant"),
    [("", "Payment → Cart → Search → Delivery"), ("step", "Search → Cart → Payment → Delivery")],
)
def test_ties_stand_in_the_declared_order_else_in_that_of_the_file(tmp_path, into, order, variant):
    file = tmp_path / "log.csv"
    at = "2026-03-02T09:00"  # all at the same minute; 10 comes after 9 as a number, not as a text
    rows = [("Payment", 10), ("Cart", 9), ("Search", 1), ("Delivery", "")]
    file.write_text("customer_id,occurred_at,touchpoint,step\n" + "".join(f"c1,{at},{name},{step}\n" for name, step in rows))
    columns = {name: name for name in ("customer_id", "occurred_at", "touchpoint")}
    mapping = sources.Mapping((sources.TableMapping("events", columns, order=order),))
    assert sources.Mapping.from_toml(mapping.to_toml()) == mapping
    wb.load(file, into, mapping)
    assert list(wb.journeys.variants(wb.open(into)).frame["variant"]) == [variant]


def test_a_load_that_rejects_most_rows_says_so(tmp_path, into):
    file = tmp_path / "log.csv"
    good = ["c1,2026-03-02T09:00,Search", "c1,2026-03-02T09:05,Cart"]
    bad = ["c1,never,Search", "c1,never,Cart"]
    file.write_text("\n".join(["customer_id,occurred_at,touchpoint", *good, *bad]) + "\n")
    mapping = sources.Mapping(
        (sources.TableMapping("events", {name: name for name in ("customer_id", "occurred_at", "touchpoint")}),)
    )
    assert "More than half" not in str(wb.load(file, into, mapping))  # 2 of 4 are rejected
    file.write_text(file.read_text() + "c1,never,Payment\n")
    assert "More than half" in str(wb.load(file, into.with_name("other"), mapping))  # 3 of 5


def test_a_mapping_may_be_given_as_file_object_or_list(log, crm, into, tmp_path):
    events = sources.TableMapping(
        "events", {"customer_id": "customer_id", "occurred_at": "occurred_at", "touchpoint": "channel"}, keep=()
    )
    mapping = sources.Mapping((events,))
    mapping.write(tmp_path / "m.toml")
    wb.load(log, into, tmp_path / "m.toml")
    assert {row["touchpoint"] for row in stored(into)} == {"web", "app", "store", "phone", "courier"}
    assert wb.open(into).rule == Rule("customer")
    assert not wb.load(log, into, mapping).changed
    assert counts(wb.load([log, crm], tmp_path / "two", [mapping, None]))[1][:3] == ("customers", 12, 12)
    with pytest.raises(BadInput, match="3 mappings were given for 2 sources"):
        wb.load([log, crm], into, [mapping] * 3)


def test_one_mapping_of_several_tables_serves_several_files(log, crm, into):
    events = sources.propose(sources.inspect(log)).tables[0]
    customers = sources.TableMapping("customers", {"customer_id": "customer_id"}, source="crm*")
    mapping = sources.Mapping((sources.TableMapping(**{**vars(events), "source": "log*"}), customers))
    report = wb.load([log, crm], into, mapping)
    assert [(row.source, row.table, row.loaded) for row in report.rows.itertuples()] == [
        ("log.csv", "events", 54),
        ("crm.csv", "customers", 12),
    ]
    strange = log.with_name("strange.csv")
    strange.write_text("a,b\n1,2\n3,4\n")
    with pytest.raises(BadInput, match=r"No table of the mapping fits strange\.csv, which has the columns a, b"):
        wb.load(strange, into, mapping)


def test_what_could_not_be_proposed_is_named(tmp_path, into):
    path = tmp_path / "strange.csv"
    path.write_text("customer_id,channel\nc1,web\nc2,app\n")
    with pytest.raises(BadInput, match=r"strange.csv could be found for .*; it has customer_id, channel: write a mapping"):
        wb.load(path, into, sources.Mapping((sources.TableMapping("events", {"customer_id": "customer_id"}),)))
    assert not into.exists()
    found = wb.inspect(path)
    assert found.inspection.n_rows == 2
    assert found.mapping.tables


def test_inspect_shows_what_would_be_loaded(log):
    found = wb.inspect(log)
    assert found.mapping.tables[0].table == "events"
    assert found.missing == {}
    assert found.inspection.detected.separator == ","
    assert wb.inspect(log, separator=",", timezone="Asia/Almaty").inspection.detected.timezone == "Asia/Almaty"
    with pytest.raises(NotFound, match="Did you mean “separator”"):
        wb.inspect(log, seperator=";")


def test_times_without_an_offset_are_the_companys(tmp_path, into):
    path = tmp_path / "log.csv"
    path.write_text("customer_id,occurred_at,touchpoint\nc1,2026-07-01 09:00,Search\nc2,2026-07-01 10:00,Cart\n")
    wb.load(path, into, timezone="Europe/Warsaw")
    # Warsaw in July is two hours ahead of UTC
    assert stored(into)[0]["occurred_at"] == dt.datetime(2026, 7, 1, 7, tzinfo=dt.UTC)
    assert wb.open(into).timezone == "Europe/Warsaw"
    assert wb.open(into, settings=Settings(timezone="UTC")).timezone == "UTC"
    later = tmp_path / "later.csv"
    later.write_text("customer_id,occurred_at,touchpoint\nc1,2026-07-02 09:00,Search\nc2,2026-07-02 10:00,Cart\n")
    wb.load(later, into)
    assert stored(into)[2]["occurred_at"] == dt.datetime(2026, 7, 2, 7, tzinfo=dt.UTC)
    with pytest.raises(StoreError, match="keeps time in Europe/Warsaw, and UTC was asked for"):
        wb.load(later, into, timezone="UTC")
    later.write_text("customer_id,occurred_at,touchpoint\nc1,2026-07-03 09:00,Search\nc2,2026-07-03 10:00,Cart\n")
    wb.load(later, into, overrides={"timezone": "UTC"})
    assert stored(into)[4]["occurred_at"] == dt.datetime(2026, 7, 3, 9, tzinfo=dt.UTC)


def test_a_first_load_that_failed_settles_nothing(tmp_path, into, log):
    path = tmp_path / "bad.csv"
    path.write_text("customer_id,occurred_at,touchpoint\nc1,soon,Search\nc2,later,Cart\nc3,2026-13-01 10:00,Cart\n")
    Store.create(into, name="x", timezone="Asia/Almaty")
    with pytest.raises(StoreError, match=r"twelve holds no events yet; load a file into it first"):
        wb.open(into)
    wb.load(log, into, timezone="Europe/Warsaw", name="y")
    assert (wb.open(into).timezone, wb.open(into).name) == ("Europe/Warsaw", "y")


def test_personal_columns_are_hashed_with_the_stores_secret_or_dropped(tmp_path, into):
    path = tmp_path / "log.csv"
    rows = ["c1,2026-07-01 09:00,Search,ann@example.org,1", "c2,2026-07-01 10:00,Cart,bob@example.org,2"]
    path.write_text("customer_id,occurred_at,touchpoint,email,phone\n" + "\n".join([*rows, rows[0].replace("09", "08")]) + "\n")
    wb.load(path, into, personal={"email": "hash", "phone": "drop"})
    found = stored(into)
    hashes = [row["email"] for row in found]
    assert hashes[0] == hashes[2] != hashes[1]
    assert not any("example" in str(value) for row in found for value in row.values())
    assert "phone" not in found[0]
    assert Store(into).manifest().tables["events"].personal == ("email",)
    assert b"example" not in b"".join(file.read_bytes() for file in into.rglob("*") if file.is_file())
    wb.load(path, tmp_path / "other", personal={"email": "hash", "phone": "drop"})
    assert stored(tmp_path / "other")[0]["email"] != hashes[0]
    with pytest.raises(NotFound, match=r"no column “mail”.*Did you mean “email”"):
        wb.load(path, into, personal={"mail": "hash"})


def test_progress_rises_and_a_load_can_be_cancelled(log, crm, into):
    heard: list[tuple[float, str]] = []
    wb.load([log, crm], into, progress=lambda share, key: heard.append((share, key)))
    shares = [share for share, _ in heard]
    assert shares == sorted(shares)
    assert 0 <= shares[0] < 0.3
    assert heard[-1] == (1.0, "store.done")
    from workbench.locale import texts

    for language in ("en", "ru", "pl"):
        assert all(texts(language).has(key) for _, key in heard)
    cancel = threading.Event()
    more = log.with_name("more.csv")
    more.write_text(log.read_text() + "c13,k15,2026-04-01 10:00,Search,web,Discover\n")

    def stop_late(share: float, _: str) -> None:
        if share > 0.5:
            cancel.set()

    with pytest.raises(Cancelled):
        wb.load([more, crm], into, progress=stop_late, cancel=cancel)
    assert Store.open(into).version == 1


def test_a_failed_preparation_does_not_call_the_load_failed(log, into, monkeypatch, caplog):
    monkeypatch.setattr(engine, "prepared", lambda study: 1 / 0)
    with caplog.at_level(logging.ERROR):
        report = wb.load(log, into)
    assert report.changed
    assert [note.key for note in report.notes][-1] == "store.not_prepared"
    assert "ZeroDivisionError" in caplog.text


def test_the_first_page_is_prepared(log, into):
    wb.load(log, into)
    assert [path.name[:6] for path in (into / "prepared").iterdir()] == ["000001"]


def test_a_load_of_nothing(into):
    with pytest.raises(BadInput, match="Nothing was given to load"):
        wb.load([], into)


def test_an_older_version_can_be_opened(log, crm, into):
    wb.load(log, into)
    wb.load(crm, into)
    assert set(wb.open(into, version=1).columns) == {"events"}
    assert wb.open(into).version == 2
    with pytest.raises(StoreError, match=r"Version 7 of store .* is not kept; the current one is 2"):
        wb.open(into, version=7)


def test_the_settings_store_is_the_default(log, into, monkeypatch):
    wb.load(log, into)
    monkeypatch.setenv("CXW_STORE", str(into))
    monkeypatch.setenv("CXW_LANGUAGE", "pl")
    assert (wb.open().store, wb.open().language) == (str(into), "pl")


def test_the_command_loads_and_tells(log, crm, into, capsys):
    asked = [
        "load",
        str(log),
        str(crm),
        "--into",
        str(into),
        "--name",
        "Firma",
        "--timezone",
        "Europe/Warsaw",
        "--language",
        "pl",
    ]
    assert cli.main(asked) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "Wczytano 66 wierszy do firmy Firma; jej dane mają teraz wersję 1."
    assert (wb.open(into).name, wb.open(into).timezone) == ("Firma", "Europe/Warsaw")
    assert cli.main(["load", str(log), str(crm), "--into", str(into)]) == 0
    assert capsys.readouterr().out.startswith("Nothing changed")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["missing.csv"], "missing.csv"),
        (["{log}", "--mapping", "missing.toml"], "There is no file missing.toml."),
        (["{log}", "--personal", "email"], "“email” does not say what to do with a personal column"),
        (["{log}", "--personal", "channel=burn"], "burn"),
        (["{log}", "--timezone", "Mars/Olympus"], "There is no time zone “Mars/Olympus”"),
    ],
)
def test_the_command_fails_in_one_line(log, into, capsys, arguments, sentence):
    assert cli.main(["load", *(one.format(log=log) for one in arguments), "--into", str(into)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert sentence in line
    assert not Store.exists(into)


def test_the_command_takes_a_personal_column(log, into, capsys):
    assert cli.main(["load", str(log), "--into", str(into), "--personal", "channel=drop"]) == 0
    assert "channel" not in wb.open(into).columns["events"]


def test_importing_the_door_is_cheap():
    asked = (
        "import sys, workbench.door; sys.exit(any(name in sys.modules for name in ('pandas', 'duckdb', 'pyarrow', 'narwhals')))"
    )
    root = Path(wb.__file__).parent.parent
    assert subprocess.run([sys.executable, "-c", asked], cwd=root).returncode == 0
