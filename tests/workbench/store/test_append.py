"""What a load does to the rows that are there: new, there already, contradicting, replacing."""

from __future__ import annotations

import csv
import datetime as dt
import threading

import company
import pytest

from workbench.errors import Cancelled
from workbench.store import Origin, parts

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


def event(key: str, touchpoint: str = "Search", **more) -> dict:
    return {"event_id": key, "customer_id": "c01", "occurred_at": AT, "touchpoint": touchpoint, **more}


def counts(appended) -> tuple[int, int, int, int]:
    record = appended.record
    assert record.rows_in == record.loaded + record.already_there + record.quarantined
    return record.loaded, record.replaced, record.already_there, record.quarantined


def test_rows_come_back_as_they_went_in(store, put, read, events):
    assert counts(put("events", events)) == (54, 0, 0, 0)
    found = read("events")
    assert [row["row_order"] for row in found] == list(range(54))
    for given, row in zip(events, found, strict=True):
        assert {name: row[name] for name in given} == given
    assert store.version == 1
    kinds = {
        "customer_id": "id",
        "case_id": "id",
        "occurred_at": "time",
        "touchpoint": "text",
        "channel": "text",
        "stage": "text",
    }
    assert store.manifest().columns["events"] == {**kinds, "event_id": "id"}


def test_the_same_rows_again_change_nothing(store, put, events):
    put("events", events)
    before = sorted(path.name for path in store.path.rglob("*"))
    assert counts(put("events", events, name="renamed.csv")) == (0, 0, 54, 0)
    assert store.version == 1
    assert sorted(path.name for path in store.path.rglob("*")) == before


def test_of_a_longer_file_only_the_new_rows_are_added(store, put, read, events):
    put("events", events[:40])
    first = store.manifest().tables["events"].files
    assert counts(put("events", events, name="longer.csv")) == (14, 0, 40, 0)
    entry = store.manifest().tables["events"]
    assert entry.n_rows == 54
    assert entry.files[0] == first[0]
    assert [row["event_id"] for row in read("events")] == [f"k{place}" for place in range(54)]


def test_a_key_taken_by_other_contents_is_quarantined_by_name(store, put, read):
    put("events", [event("a"), event("b")])
    appended = put("events", [event("a", "Cart"), event("b"), event("c")], name="fixed.csv")
    assert counts(appended) == (1, 0, 1, 1)
    (problem,) = appended.problems
    assert (problem.column, problem.n, problem.rows, problem.found) == ("event_id", 1, (1,), "a")
    assert [row["touchpoint"] for row in read("events")] == ["Search"] * 3
    with (store.path / appended.record.quarantine).open(encoding="utf-8-sig", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert (row["row"], row["column"], row["found"], row["reason"]) == ("1", "event_id", "a", "same key, other contents")
    assert '"touchpoint": "Cart"' in row["raw"]


def test_within_one_source_the_first_row_of_a_key_counts(put, read):
    rows = [event("a"), event("b"), event("a", "Cart"), event("b"), event("a", "Cart")]
    assert counts(put("events", rows)) == (2, 0, 1, 2)
    assert [row["touchpoint"] for row in read("events")] == ["Search", "Search"]


def test_what_repeats_a_refused_row_is_refused_with_it(put):
    put("events", [event("a")])
    assert counts(put("events", [event("a", "Cart"), event("a", "Cart"), event("b")])) == (1, 0, 0, 2)


def test_a_changed_customer_is_replaced_by_the_newer_row(store, put, read):
    put("customers", company.customers())
    newer = [
        {"customer_id": "c03", "plan": "silver", "city": "Warsaw"},
        {"customer_id": "c13", "plan": "basic", "city": "Łódź"},
    ]
    assert counts(put("customers", [*newer, company.customers()[0]])) == (2, 1, 1, 0)
    found = read("customers")
    assert [row["customer_id"] for row in found] == [f"c{number:02}" for number in range(1, 14)]
    assert found[2]["plan"] == "silver"
    # the version before still has the older row
    assert read("customers", version=1)[2]["plan"] == "gold"


def test_a_newer_customer_row_keeps_what_it_does_not_speak_of(put, read):
    put("customers", company.customers())
    appended = put("customers", [{"customer_id": "c03", "plan": "gold", "segment": "loyal"}])
    assert counts(appended) == (1, 1, 0, 0)
    row = read("customers")[2]
    assert (row["plan"], row["city"], row["segment"]) == ("gold", "Warsaw", "loyal")
    assert read("customers")[0]["segment"] is None


def test_of_two_rows_about_a_customer_in_one_source_the_last_counts(put, read):
    rows = [{"customer_id": "c01", "plan": "basic"}, {"customer_id": "c01", "plan": "gold"}]
    assert counts(put("customers", rows)) == (1, 0, 0, 1)
    assert [row["plan"] for row in read("customers")] == ["gold"]
    assert counts(put("customers", rows, name="again.csv")) == (0, 0, 1, 1)


def test_columns_may_differ_from_load_to_load(store, put, read):
    put("events", [event("a", shop="north")])
    put("events", [event("b", score=2.5)])
    assert store.manifest().columns["events"]["shop"] == "text"
    assert store.manifest().columns["events"]["score"] == "number"
    assert [(row["shop"], row["score"]) for row in read("events")] == [("north", None), (None, 2.5)]


def test_a_new_column_of_rows_that_are_there_is_told(put, read):
    put("events", [event("a"), event("b")])
    appended = put("events", [event("a", shop="north"), event("b"), event("c", shop="south")])
    assert counts(appended) == (1, 0, 2, 0)
    (note,) = appended.notes
    assert note.text() == "Column “shop” of events is new; 1 row that was there already did not get its value."
    assert [row["shop"] for row in read("events")] == [None, None, "south"]
    # the same rows in the next export are still no contradiction
    again = put("events", [event("a", shop="north"), event("b"), event("c", shop="south")], name="next.csv")
    assert counts(again) == (0, 0, 3, 0)
    assert [note.values["n"] for note in again.notes] == [1]


def test_an_empty_column_is_not_stored_and_does_not_settle_a_kind(store, put, read):
    put("events", [event("a", shop=None, channel=None)])
    assert not {"shop", "channel"} & set(store.manifest().columns["events"])
    put("events", [event("b", shop=7.0)])
    put("events", [event("c", shop=None)])
    assert store.manifest().columns["events"]["shop"] == "number"
    assert [row["shop"] for row in read("events")] == [None, 7.0, None]


@pytest.mark.parametrize(
    ("older", "newer", "stored"),
    [
        ([5.0, 2.5], ["00-950", "7"], ["5", "2.5", "00-950", "7"]),
        (["00-950"], [123456789012.0, 0.1], ["00-950", "123456789012", "0.1"]),
        ([True], ["maybe"], ["true", "maybe"]),
        ([AT], ["soon"], ["2026-03-02T09:00:00Z", "soon"]),
        ([AT], [1.0], ["2026-03-02T09:00:00Z", "1"]),
    ],
)
def test_a_column_of_two_kinds_becomes_text(store, put, read, older, newer, stored):
    put("events", [event(f"o{place}", zip=value) for place, value in enumerate(older)])
    appended = put("events", [event(f"n{place}", zip=value) for place, value in enumerate(newer)])
    assert [note.key for note in appended.notes] == ["store.widened"]
    assert store.manifest().columns["events"]["zip"] == "text"
    assert [row["zip"] for row in read("events")] == stored
    # and the older rows are recognised when they come again, in their old kind
    again = put("events", [event(f"o{place}", zip=value) for place, value in enumerate(older)], name="again.csv")
    assert counts(again) == (0, 0, len(older), 0)


def test_a_column_called_as_the_order_of_loading_is_kept(store, put, read):
    put("events", [event("a", row_order="first")])
    (row,) = read("events")
    assert (row["row_order"], row["row_order_"]) == (0, "first")


def test_rows_rejected_by_the_checks_are_counted_with_the_others(store, put):
    appended = put("events", [event("a"), event("a", "Cart")], rejected=(7, 8, 8))
    # rows 7 and 8 by the checks (8 for two reasons), row 2 for its key
    assert counts(appended) == (1, 0, 0, 3)
    assert appended.record.rows_in == 4
    assert len((store.path / appended.record.quarantine).read_text("utf-8-sig").splitlines()) == 1 + 4


def test_nothing_but_rejected_rows_is_no_new_version(store, put):
    appended = put("events", [], rejected=(1, 2))
    assert counts(appended) == (0, 0, 0, 2)
    assert store.version == 0
    assert (store.path / appended.record.quarantine).exists()


def test_a_text_that_a_spreadsheet_would_run_is_disarmed(store, put):
    keys = ["=1+1", "+49 30", "-5", "@x", "-2+cmd"]
    put("events", [event(key) for key in keys])
    appended = put("events", [event(key, "Cart") for key in keys])
    with (store.path / appended.record.quarantine).open(encoding="utf-8-sig", newline="") as stream:
        assert [row["found"] for row in csv.DictReader(stream)] == ["'=1+1", "+49 30", "-5", "'@x", "'-2+cmd"]


def test_several_sources_become_one_version(store, events, conformed):
    with store.writing() as writer:
        writer.append(conformed("events", events[:30]), Origin("a.csv"))
        second = writer.append(conformed("events", events), Origin("b.csv"))
        writer.append(conformed("customers", company.customers()), Origin("c.csv"))
    assert counts(second) == (24, 0, 30, 0)
    assert store.version == 1
    assert {name: entry.n_rows for name, entry in store.manifest().tables.items()} == {"events": 54, "customers": 12}
    assert [record.source for record in store.manifest().sources] == ["a.csv", "b.csv", "c.csv"]


def test_cancelling_leaves_everything_as_it_was(store, put, events, conformed):
    put("events", events[:20])
    before = sorted(path.name for path in store.path.rglob("*"))
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled, match="nothing has changed"), store.writing(cancel=cancel) as writer:
        writer.append(conformed("events", events), Origin("b.csv"))
    assert store.version == 1
    assert sorted(path.name for path in store.path.rglob("*")) == before


def test_personal_columns_stay_marked(store, put):
    put("events", [event("a", email="h1")], personal=("email",))
    put("events", [event("b", email="h2")])
    assert store.manifest().tables["events"].personal == ("email",)


def test_many_rows_cross_part_and_group_borders(store, put, monkeypatch):
    monkeypatch.setattr(parts, "GROUP", 7)
    monkeypatch.setattr(parts, "PART", 21)
    rows = [event(f"e{number}", amount=float(number)) for number in range(100)]
    put("events", rows[:50])
    assert [part.n_rows for part in store.manifest().tables["events"].parts] == [21, 21, 8]
    changed = [{**row, "amount": -1.0} if place in (5, 33, 49) else row for place, row in enumerate(rows)]
    appended = put("events", changed)
    assert counts(appended) == (50, 0, 47, 3)
    assert appended.problems[0].rows == (6, 34, 50)
    found = parts.whole(store.manifest().tables["events"])
    assert found["amount"].to_pylist() == [float(number) for number in range(100)]
    assert found["row_order"].to_pylist() == list(range(100))
