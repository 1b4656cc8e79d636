"""From cells to the model's rows: kinds, keys, personal data, timelines; and the count that always adds up."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

import company
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench import sources
from workbench.errors import BadInput
from workbench.sources import Mapping, TableMapping

EVENTS = TableMapping("events", {"customer_id": "who", "occurred_at": "when", "touchpoint": "what"})


def conformed(frame: pd.DataFrame, mapping: TableMapping = EVENTS, secret: bytes = b"k") -> sources.Conformed:
    (made,) = sources.conform(sources.inspect(frame), Mapping((mapping,)), secret=secret)
    return made


def test_the_company_of_twelve(load):
    made = load(pd.DataFrame(company.rows()))
    assert made.table == "events" and made.n_in == made.n_out == len(company.rows())
    assert made.rows["occurred_at"].to_pylist() == [row["occurred_at"] for row in company.rows()]
    assert made.rows["case_id"].to_pylist() == [row["case_id"] for row in company.rows()]
    assert not made.problems
    assert dict(made.columns) == {
        "event_id": "id", "customer_id": "id", "occurred_at": "time", "touchpoint": "text", "channel": "text", "stage": "text",
        "case_id": "id",
    }  # fmt: skip


class TestKeys:
    rows = [("a", "2024-01-01", "x"), ("a", "2024-01-01", "x"), ("b", "2024-01-01", "x"), ("a", "2024-01-01", "x")]

    def ids(self, rows, **more) -> list[str]:
        return conformed(pd.DataFrame(rows, columns=["who", "when", "what"]), **more).rows["event_id"].to_pylist()

    def test_every_row_has_its_own(self):
        ids = self.ids(self.rows)
        assert len(set(ids)) == 4
        assert ids[1] == ids[0] + "-2" and ids[3] == ids[0] + "-3" and len(ids[2]) == 32

    def test_the_same_rows_inside_a_longer_file_keep_theirs(self):
        longer = [("z", "2023-01-01", "y"), *self.rows, ("a", "2024-01-01", "x")]
        assert self.ids(longer)[1:5] == self.ids(self.rows)

    def test_the_order_of_columns_changes_nothing(self):
        frame = pd.DataFrame(self.rows, columns=["who", "when", "what"])
        assert conformed(frame[["what", "who", "when"]]).rows["event_id"].to_pylist() == self.ids(self.rows)

    def test_cells_do_not_run_into_each_other(self):
        assert len(set(self.ids([("ab", "2024-01-01", "c"), ("a", "2024-01-01", "bc"), ("ab", "2024-01-01", "c ")]))) == 3

    def test_the_key_of_the_source_is_kept_and_holes_are_filled(self):
        frame = pd.DataFrame({"id": ["e1", None, "e1", "e2"], "who": list("abcd"), "when": "2024-01-01", "what": "x"})
        mapping = dataclasses.replace(EVENTS, columns={"event_id": "id", **EVENTS.columns})
        made = conformed(frame, mapping)
        ids = made.rows["event_id"].to_pylist()
        assert (ids[0], ids[2]) == ("e1", "e2") and len(ids[1]) == 32
        assert made.quarantine.select(["row", "column", "found"]).to_pylist() == [
            {"row": 3, "column": "event_id", "found": "e1"}
        ]


class TestKinds:
    def test_flags_numbers_and_nothing(self, write, load):
        text = "id,vip,joined,worth\na,yes,2024-01-01,1\nb,0,n/a,\nc,нет,-,2\nd,tak,,3\n"
        text += "e,perhaps,2024-01-01,4\nf,True,2024-01-01,5\n"
        made = load(write("a.csv", text), TableMapping("customers", {"customer_id": "id", "vip": "vip", "joined_at": "joined"}))
        assert made.rows["vip"].to_pylist() == [True, False, False, True, True]
        assert [moment and moment.day for moment in made.rows["joined_at"].to_pylist()] == [1, None, None, None, 1]
        assert made.quarantine.select(["row", "column", "found"]).to_pylist() == [
            {"row": 5, "column": "vip", "found": "perhaps"}
        ]

    def test_two_columns_multiplied(self, write, load):
        mapping = TableMapping("orders", {"customer_id": "id", "ordered_at": "day", "amount": "n * price"})
        made = load(write("a.csv", "id,day,n,price\na,2024-01-01,3,1.5\nb,2024-01-01,,1.5\nc,2024-01-01,2,x\n"), mapping)
        assert made.rows["amount"].to_pylist() == [4.5]
        assert made.quarantine.select(["row", "column"]).to_pylist() == [
            {"row": 2, "column": "n * price"},
            {"row": 3, "column": "n * price"},
        ]
        assert made.rows["n"].to_pylist() == [3.0]

    def test_meanings_and_values_that_are_not_allowed(self, write, load):
        mapping = TableMapping(
            "contacts",
            {"customer_id": "id", "contacted_at": "day", "arm": "group"},
            {"campaign": "spring"},
            values={"arm": {"No E-Mail": "control", "Womens E-Mail": "treatment"}},
        )
        made = load(
            write("a.csv", "id,day,group\na,2024-01-01,No E-Mail\nb,2024-01-01,Womens E-Mail\nc,2024-01-01,Mens E-Mail\n"),
            mapping,
        )
        assert made.rows["arm"].to_pylist() == ["control", "treatment"]
        assert made.rows["campaign"].to_pylist() == ["spring", "spring"]
        assert made.quarantine["found"].to_pylist() == ["Mens E-Mail".lower()] or made.quarantine["found"].to_pylist() == [
            "Mens E-Mail"
        ]

    def test_naive_times_are_read_in_the_zone_that_was_declared(self, write, load, events):
        made = load(write("a.csv", "who,when,what\na,2024-07-01 12:00,x\n"), events, timezone="Europe/Warsaw")
        assert made.rows["occurred_at"][0].as_py() == dt.datetime(2024, 7, 1, 10, tzinfo=dt.UTC)

    def test_a_column_said_to_hold_times_is_read_as_most_of_it_fits(self, write, load, events):
        stamps = load(write("a.csv", "who,when,what\na,1709287200,x\nb,1709290800,x\n"), events)  # no name says it is a clock
        assert [moment.hour for moment in stamps.rows["occurred_at"].to_pylist()] == [10, 11]
        mixed = load(write("b.csv", "who,when,what\na,soon,x\nb,later,x\nc,25.03.2024,x\n"), events)
        assert mixed.rows["occurred_at"].to_pylist() == [dt.datetime(2024, 3, 25, tzinfo=dt.UTC)]
        assert mixed.quarantine["row"].to_pylist() == [1, 2]

    def test_formats_set_by_hand(self, write, load, events):
        mapping = dataclasses.replace(events, formats={"when": "epoch s", "n": "decimal comma"})
        made = load(write("a.csv", "who;when;what;n\na;86400;x;1,5\nb;x;x;2\n"), mapping)
        assert made.rows["occurred_at"][0].as_py() == dt.datetime(1970, 1, 2, tzinfo=dt.UTC)
        assert made.rows["n"].to_pylist() == [1.5]

    def test_further_columns_keep_their_kind_or_stay_text(self, write, load, events):
        made = load(
            write(
                "a.csv",
                "who,when,what,n,zip,d,odd,channel\na,2024-01-01,x,1,01234,2024-02-01,1,web\nb,2024-01-01,x,2.5,00001,,n-a,\n",
            ),
            events,
        )
        assert {name: made.columns[name] for name in ("n", "zip", "d", "odd", "channel_2")} == {
            "n": "number", "zip": "id", "d": "time", "odd": "text", "channel_2": "text",
        }  # fmt: skip
        assert made.rows["odd"].to_pylist() == ["1", "n-a"] and made.rows["zip"].to_pylist() == ["01234", "00001"]

    def test_keep_only_some(self, write, load, events):
        made = load(write("a.csv", "who,when,what,n,m\na,2024-01-01,x,1,2\n"), dataclasses.replace(events, keep=("m",)))
        assert made.rows.column_names == ["event_id", "customer_id", "occurred_at", "touchpoint", "m", "source_row"]


class TestPersonal:
    text = (
        "who,when,what,mail,name,note\n"
        "anna@a.pl,2024-01-01,x,anna@a.pl,Anna Nowak,call me +48 601 234 567 please\n"
        "jan@a.pl,never,x,jan@a.pl,Jan Kos,hello there @jan\n"
        "anna@a.pl,2024-01-02\n"
    )
    mapping = dataclasses.replace(
        EVENTS, personal={"who": "hash", "mail": "hash", "name": "drop", "note": "mask"}, formats={"when": "year first"}
    )

    def test_nothing_personal_is_left_anywhere(self, write, load):
        made = load(write("a.csv", self.text), self.mapping)
        written = json.dumps(made.rows.drop_columns(["occurred_at"]).to_pylist()) + json.dumps(made.quarantine.to_pylist())
        written += " ".join(problem.text(language) for problem in made.problems for language in ("en", "ru", "pl"))
        for secret in ("anna@", "Anna", "Nowak", "jan@", "Jan", "601 234", "@jan"):
            assert secret not in written
        assert made.n_quarantined == 2
        assert set(made.personal) == {"customer_id", "mail", "note"}

    def test_the_same_person_is_the_same_in_every_column_of_a_store_and_in_no_other(self, write, load):
        made = load(write("a.csv", self.text), self.mapping)
        row = made.rows.to_pylist()[0]
        assert row["customer_id"] == row["mail"] and len(row["mail"]) == 32
        (other,) = sources.conform(sources.inspect(write("b.csv", self.text)), Mapping((self.mapping,)), secret=b"another")
        assert other.rows["mail"][0].as_py() != row["mail"]

    def test_what_looks_personal_and_is_not_marked_is_said(self, write, load):
        made = load(write("a.csv", self.text), dataclasses.replace(self.mapping, personal={}))
        kinds = {(problem.column, problem.kind) for problem in made.problems}
        assert {("mail", "personal_open"), ("who", "personal_open"), ("note", "personal_in_text")} <= kinds

    def test_what_is_needed_cannot_be_dropped(self, write):
        inspection = sources.inspect(write("a.csv", self.text))
        with pytest.raises(BadInput, match="can’t be dropped"):
            sources.conform(inspection, Mapping((dataclasses.replace(EVENTS, personal={"who": "drop"}),)), secret=b"k")
        with pytest.raises(BadInput, match="can’t be hashed"):
            sources.conform(inspection, Mapping((dataclasses.replace(EVENTS, personal={"when": "hash"}),)), secret=b"k")


class TestTimeline:
    mapping = TableMapping("events", {"customer_id": "who", "case_id": "order"}, timeline={"bought": "Bought", "sent": "Sent"})
    text = "order,who,bought,sent,note\no1,a,2024-01-01,2024-01-03,x\no2,b,2024-01-02,,y\no3,c,,,z\no4,d,2024-01-02,soon,w\n"

    def test_one_event_for_each_filled_time(self, write, load):
        made = load(write("a.csv", self.text), dataclasses.replace(self.mapping, formats={"sent": "year first"}))
        assert made.rows.select(["case_id", "touchpoint", "source_row", "note"]).to_pylist() == [
            {"case_id": "o1", "touchpoint": "Bought", "source_row": 1, "note": "x"},
            {"case_id": "o1", "touchpoint": "Sent", "source_row": 1, "note": "x"},
            {"case_id": "o2", "touchpoint": "Bought", "source_row": 2, "note": "y"},
        ]
        # a row without any time, and one with a time that can't be read, make no events at all
        assert made.quarantine["row"].to_pylist() == [3, 4]
        assert (made.n_in, made.n_quarantined, made.n_out) == (4, 2, 3)

    def test_an_order_that_got_on_keeps_the_keys_of_its_earlier_events(self, write, load):
        first = load(
            write("a.csv", "order,who,bought,sent,state\no1,a,2024-01-01,,new\no2,b,2024-01-02,2024-01-03,sent\n"), self.mapping
        )
        later = load(
            write("b.csv", "order,who,bought,sent,state\no1,a,2024-01-01,2024-01-05,sent\no2,b,2024-01-02,2024-01-03,sent\n"),
            self.mapping,
        )
        assert set(first.rows["event_id"].to_pylist()) < set(later.rows["event_id"].to_pylist())
        assert later.n_out == 4


cell = st.sampled_from(
    ["", " ", "a", "NA", "2024-01-01", "2024-02-30", "31.12.2024", "1", "1,5", "x@y.pl", "yes", "5.7E+17", '"', "é", "a b"]
)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.lists(cell, min_size=3, max_size=3), min_size=1, max_size=25),
    ragged=st.lists(st.tuples(st.integers(0, 24), st.sampled_from(["a", "a,b", "a,b,c,d"])), max_size=4),
    personal=st.sampled_from([{}, {"who": "hash"}, {"what": "mask"}]),
)
def test_rows_in_are_rows_loaded_and_rows_quarantined(tmp_path_factory, rows, ragged, personal):
    lines = [",".join('"' + value.replace('"', '""') + '"' for value in row) for row in rows]
    for place, line in ragged:
        lines.insert(min(place, len(lines)), line)
    path = tmp_path_factory.mktemp("rows") / "log.csv"
    path.write_text("who,when,what\n" + "\n".join(lines) + "\n", encoding="utf-8")
    inspection = sources.inspect(path)
    (made,) = sources.conform(inspection, Mapping((dataclasses.replace(EVENTS, personal=personal),)), secret=b"k")
    loaded, refused = set(made.rows["source_row"].to_pylist()), set(made.quarantine["row"].to_pylist())
    assert made.n_in == inspection.n_rows == len(lines)
    assert loaded | refused == set(range(1, len(lines) + 1)) and not loaded & refused
    assert made.n_out == len(loaded) and made.n_quarantined == len(refused)
    assert len(set(made.rows["event_id"].to_pylist())) == made.n_out
    assert sum(problem.n for problem in made.problems if problem.quarantined) == made.quarantine.num_rows
