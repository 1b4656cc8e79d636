"""Rows of CSV files that don't fit their header, and the numbers they are called by."""

from __future__ import annotations

import json

import pytest

from workbench import sources
from workbench.locale import texts


def test_ragged_rows_are_put_aside_with_their_numbers(write, load, events):
    text = "who,when,what\na,2024-03-01,Open\nb,2024-03-02\nc,2024-03-03,Open,more\n\nd,2024-03-04,Open\n"
    made = load(write("log.csv", text), events)
    assert made.rows["source_row"].to_pylist() == [1, 4]  # blank lines are not rows
    assert made.n_in == 4
    assert [(problem.kind, problem.rows, problem.found) for problem in made.problems] == [
        ("too_few_fields", (2,), "2 / 3"),
        ("too_many_fields", (3,), "4 / 3"),
    ]
    assert [json.loads(raw)["text"] for raw in made.quarantine["raw"].to_pylist()] == ["b,2024-03-02", "c,2024-03-03,Open,more"]


def test_rows_keep_their_numbers_behind_cells_of_several_lines(write, load, events):
    text = 'who,when,what\n"a\nb\nc",2024-03-01,Open\nd,soon,Open\n' + "e,2024-03-01,Open\n" * 9
    made = load(write("log.csv", text), events)
    assert made.rows["customer_id"][0].as_py() == "a\nb\nc"
    assert made.quarantine["row"].to_pylist() == [2]


def test_quotes_inside_cells_that_are_not_quoted(write):
    found = sources.inspect(write("log.csv", 'what,n\n5" pipe,1\nplain,2\n'))
    assert found.table()["what"].to_pylist() == ['5" pipe', "plain"]


def test_a_good_last_row_needs_no_line_end(write, load, events):
    made = load(write("log.csv", "who,when,what\na,2024-03-01,Open"), events)
    assert made.n_out == 1 and not made.problems


def test_only_a_header(write, load, events):
    made = load(write("log.csv", "who,when,what\n"), events)
    assert made.n_in == made.n_out == 0
    assert made.rows.column_names == ["event_id", "customer_id", "occurred_at", "touchpoint", "source_row"]


def test_a_separator_at_the_end_of_every_row_but_the_names(write, load, events):
    made = load(write("log.csv", "who;when;what\na;2024-03-01;Open;\nb;2024-03-02;Open;\n"), events)
    assert made.n_out == 2 and not made.problems


def test_windows_and_old_mac_line_ends(write):
    for end in ("\r\n", "\r"):
        found = sources.inspect(write("log.csv", f"a,b{end}1,2{end}3,4{end}"))
        assert found.table()["a"].to_pylist() == ["1", "3"]


def test_names_that_are_empty_or_twins(write):
    found = sources.inspect(write("log.csv", "x,,x,source_row\n1,2,3,4\n"))
    assert [column.name for column in found.columns] == ["x", "column_2", "x_2", "source_row_2"]
    assert [note.key for note in found.notes] == ["sources.twin_columns"]


@pytest.mark.parametrize("language", ["en", "ru", "pl"])
def test_a_problem_says_where_what_is_allowed_and_what_to_do(language, write, load, events):
    text = "who,when,what\na,31.02.2024,Open\n" + "b,28.02.2024,Open\n" * 20
    (problem,) = load(write("log.csv", text), events).problems
    said = problem.text(language)
    assert "when" in said and "31.02.2024" in said and "1" in said
    assert problem.allowed_in(language) in said and problem.todo_in(language) in said


def test_every_kind_of_problem_has_its_sentences_in_three_languages():
    kinds = {key.split(".")[1] for key in texts("en").entries if key.startswith("sources.") and key.endswith(".found")}
    assert len(kinds) >= 19
    for language in ("en", "ru", "pl"):
        for kind in kinds:
            values = {"format": "f", "allowed": "a", "low": "1", "high": "5", "offsets": "+01:00"}
            said = sources.Problem("events", "c", kind, 2, (1, 2), "x", True, values).text(language)
            assert "{" not in said and "events" in said
