"""The ten traps of real files, each as a small file that springs it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

import pandas as pd

from workbench import sources


def kinds(made: sources.Conformed) -> set[str]:
    return {problem.kind for problem in made.problems}


def one(made: sources.Conformed, kind: str) -> sources.Problem:
    return next(problem for problem in made.problems if problem.kind == kind)


def test_1_case_id_na_stays_text(write, load):
    path = write(
        "log.csv",
        "case_id,activity,timestamp\nNA,Open,2024-03-01 10:00\nNA,Close,2024-03-01 11:00\nnull,Open,2024-03-02 10:00\n",
    )
    made = load(path)
    assert made.n_out == 3
    assert made.rows["case_id"].to_pylist() == ["NA", "NA", "null"]


def test_2_ids_spoiled_by_a_spreadsheet_are_kept_as_text_and_said(write, load, events):
    path = write(
        "log.csv", "who,when,what\n5.70306E+17,2024-03-01,Open\n9007199254740993,2024-03-02,Open\n00042,2024-03-03,Open\n"
    )
    made = load(path, events)
    # 2**53 + 1 would be …992 as a float; the leading zeros would be gone
    assert made.rows["customer_id"].to_pylist() == ["5.70306E+17", "9007199254740993", "00042"]
    problem = one(made, "spoiled_ids")
    assert (problem.column, problem.rows, problem.found, problem.quarantined) == ("who", (1,), "5.70306E+17", False)


def test_2_long_integers_in_a_further_column_stay_text(write, load, events):
    path = write(
        "log.csv", "who,when,what,ref\na,2024-03-01,Open,12345678901234567890\nb,2024-03-02,Open,12345678901234567891\n"
    )
    made = load(path, events)
    assert made.rows["ref"].to_pylist() == ["12345678901234567890", "12345678901234567891"]


def test_3_offsets_become_utc_and_the_other_day_is_said(write, load, events):
    path = write("log.csv", "who,when,what\na,2024-03-31T01:30:00+01:00,Open\na,2024-04-01T00:30:00+02:00,Close\n")
    made = load(path, events)
    assert made.rows["occurred_at"].to_pylist() == [
        dt.datetime(2024, 3, 31, 0, 30, tzinfo=dt.UTC),  # 01:30 at +1 is 00:30
        dt.datetime(2024, 3, 31, 22, 30, tzinfo=dt.UTC),  # half past midnight at +2 is the evening before
    ]
    problem = one(made, "other_day")
    assert (problem.n, problem.rows) == (1, (2,))
    assert problem.values["offsets"] == "+01:00, +02:00"


def test_4_absurd_times_are_kept_and_said(write, load, events):
    path = write(
        "log.csv", "who,when,what\na,1970-01-01 00:00:05,Open\nb,1948-02-29,Open\nc,2024-02-29,Open\nd,9999-12-31,Open\n"
    )
    made = load(path, events)
    assert made.n_out == 4
    assert one(made, "absurd_times").rows == (1, 2, 4)


def test_4_impossible_times_are_quarantined(write, load, events):
    path = write(
        "log.csv",
        "who,when,what\na,2023-02-29,Open\nb,2024-02-29,Open\nc,yesterday,Open\nd,2024-13-01,Open\n"
        + "e,2024-01-01,Open\n" * 20,
    )
    made = load(path, events)
    assert made.quarantine["row"].to_pylist() == [1, 3, 4]
    assert made.quarantine["found"].to_pylist() == ["2023-02-29", "yesterday", "2024-13-01"]
    assert one(made, "bad_time").n == 3


def test_5_a_file_cut_in_the_middle_of_a_line(write, load, events):
    made = load(write("log.csv", "who,when,what\na,2024-03-01,Open\nb,2024-03-02,Open\nc,2024-0"), events)
    assert made.n_in == 3 and made.n_out == 2
    problem = one(made, "cut_row")
    assert problem.rows == (3,) and "cut off" in problem.text()


def test_5_a_file_cut_inside_quotes(write, load, events):
    made = load(write("log.csv", 'who,when,what\na,2024-03-01,Open\nb,2024-03-02,"Open the'), events)
    assert made.n_out == 1
    assert one(made, "cut_row").rows == (2,)
    assert json.loads(made.quarantine["raw"][0].as_py())["text"] == 'b,2024-03-02,"Open the'


def test_6_bom_semicolons_decimal_commas_blanks_in_names_day_first(write, load):
    text = "\ufeffKlient ;Data zakupu;Kwota \nk1;24/12/2023 18:05;1 234,50\nk2;02/01/2024 09:00;7,25\n"
    path = write("zakupy.csv", text)
    inspection = sources.inspect(path)
    assert [column.name for column in inspection.columns] == ["Klient", "Data zakupu", "Kwota"]
    found = inspection.detected
    assert (found.separator, found.decimal, found.day_first, found.encoding) == (";", ",", True, "utf-8 (BOM)")
    made = load(path)
    assert made.table == "orders"
    assert made.rows["amount"].to_pylist() == [1234.5, 7.25]
    assert made.rows["ordered_at"].to_pylist() == [
        dt.datetime(2023, 12, 24, 18, 5, tzinfo=dt.UTC),
        dt.datetime(2024, 1, 2, 9, 0, tzinfo=dt.UTC),
    ]


def test_7_one_case_for_each_variant_is_said(load):
    # 32 cases: every subset of five touchpoints but the empty ones, so each case has its own variant
    rows = [
        {"case_id": f"k{case}", "activity": name, "timestamp": f"2024-01-{case + 1 if case < 28 else 28:02d} 10:{step:02d}"}
        for case in range(32)
        for step, name in enumerate(["Start"] + [letter for bit, letter in enumerate("ABCDE") if case >> bit & 1])
    ]
    made = load(pd.DataFrame(rows))
    assert one(made, "one_of_each").found == "32"
    doubled = [*rows, *({**row, "case_id": row["case_id"] + "b"} for row in rows)]
    assert "one_of_each" not in kinds(load(pd.DataFrame(doubled)))


def test_8_how_a_sample_was_drawn_is_said_where_a_person_knows(write, load, events):
    # no file tells that it is a sample: the mapping carries it, and the report repeats it
    mapping = dataclasses.replace(events, sample="every cancelled order, 5 % of the delivered")
    made = load(write("log.csv", "who,when,what\na,2024-03-01,Open\n"), mapping)
    assert one(made, "sampled").n == 1 and "5 % of the delivered" in one(made, "sampled").text()


def test_9_a_scale_of_1_to_11_where_nps_is_meant(write, load):
    lines = "".join(f"r{i},c{i},2024-05-{i + 1:02d},{score}\n" for i, score in enumerate([1, 5, 9, 10, 11, 11]))
    made = load(write("nps.csv", "response_id,customer_id,answered_at,nps\n" + lines))
    assert made.table == "surveys" and made.n_out == 6
    problem = one(made, "nps_scale")
    assert problem.found == "11" and not problem.quarantined and "0 to 10" in problem.text()


def test_9_scores_outside_of_their_scale_are_quarantined(write, load):
    lines = "c1,2024-05-01,5\nc2,2024-05-02,0\nc3,2024-05-03,6\nc4,2024-05-04,1\n"
    mapping = sources.TableMapping(
        "surveys",
        {"customer_id": "who", "answered_at": "when", "score": "score"},
        {"instrument": "csat", "scale_min": 1, "scale_max": 5},
    )
    made = load(write("csat.csv", "who,when,score\n" + lines), mapping)
    assert made.rows["score"].to_pylist() == [5.0, 1.0]
    assert made.quarantine["row"].to_pylist() == [2, 3]  # 0 = not applicable, and one typed wrongly


def test_10_handles_in_free_text_are_said_and_masked(write, load):
    text = (
        "customer_id,review date,rating,review text\n"
        'c1,2024-01-01,5,"thanks to @anna_k from support"\n'
        'c2,2024-01-02,1,"write to jan.kowalski@example.com or +48 601 234 567 now"\n'
    )
    path = write("reviews.csv", text)
    proposed = sources.propose(sources.inspect(path)).tables[0]
    assert proposed.personal == {"review text": "mask"}
    assert load(path).rows["text"].to_pylist() == ["thanks to @••• from support", "write to ••• or ••• now"]
    open_made = load(path, dataclasses.replace(proposed, personal={}))
    assert one(open_made, "personal_in_text").n == 2
