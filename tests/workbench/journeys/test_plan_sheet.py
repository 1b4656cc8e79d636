"""Plans in Excel workbooks, and in what the map's page writes: whatever a cell holds is read as it was meant, or refused."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import xlsxwriter

import workbench as wb
from workbench import export
from workbench.errors import BadInput
from workbench.journeys import Plan, PlannedStep


def written(folder, name, text) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def book(folder, *rows, name="plan.xlsx", more=None) -> Path:
    """A workbook as a spreadsheet program or a script writes it; `more` does the rest to it."""
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    if more:
        more(made)
    made.save(folder / name)
    return folder / name


@pytest.mark.parametrize(
    ("rows", "row", "column"),
    [
        ([("touchpoint",), ("A",), ('="B"&"C"',), ("D",)], 2, "touchpoint"),
        ([("touchpoint", "stage"), ("A", "s"), ("B", '="z"')], 2, "stage"),
        ([("touchpoint", "optional"), ("A", "=TRUE()"), ("B", "=FALSE()")], 1, "optional"),
        ([("touchpoint",), ("=A9",), ("=A10",)], 1, "touchpoint"),
        ([("Our plan of 2026", None), ("touchpoint", "stage"), ("A", "s"), (None, None), ("=A1", "z")], 3, "touchpoint"),
        ([(None, "goal", "touchpoint"), (None, "g", "A"), (None, "=B2", "B")], 2, "goal"),
    ],
)
def test_a_formula_whose_value_was_never_saved_is_told_of(tmp_path, rows, row, column):
    with pytest.raises(BadInput, match=rf"plan\.xlsx, row {row} .*“{column}”: a formula without a saved value; open"):
        wb.journeys.plan(book(tmp_path, *rows))


def test_formulas_with_a_saved_value_are_that_value_and_unread_ones_do_not_matter(tmp_path):
    first, file = tmp_path / "first.xlsx", tmp_path / "saved.xlsx"
    with xlsxwriter.Workbook(first) as made:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, ["touchpoint", "stage", "goal"])
        sheet.write_formula(1, 0, '="B"&"C"', value="BC")
        sheet.write_formula(1, 1, '=IF(A9="","",A9)', value="?")
        sheet.write_formula(1, 2, "=1+1", value=2)
    with zipfile.ZipFile(first) as found, zipfile.ZipFile(file, "w") as made:
        for part in found.namelist():  # the stage's value is an empty text, as spreadsheet programs save it
            made.writestr(part, found.read(part).replace(b"<v>?</v>", b"<v></v>"))
    found = wb.journeys.plan(file)
    assert [(one.touchpoint, one.stage, one.goal) for one in found.steps] == [("BC", "", "2")]
    rows = [("touchpoint", "remark"), ("A", "=1+1"), ("B", "x")]
    assert wb.journeys.plan(book(tmp_path, *rows)).touchpoints == ("A", "B")
    text = book(tmp_path, ("touchpoint",), ("A",), ("=B",), more=lambda made: setattr(made.active["A3"], "data_type", "s"))
    assert wb.journeys.plan(text).touchpoints == ("A", "=B")


@pytest.mark.parametrize("shown", ["#REF!", "#N/A", "#n/a", "#ССЫЛКА!", "#ADR!", "Err:502"])
@pytest.mark.parametrize("column", ["touchpoint", "stage", "goal"])
def test_what_a_spreadsheet_shows_for_a_failed_formula_is_no_name(tmp_path, shown, column):
    one = {"touchpoint": "A", "stage": "s", "goal": "g"}
    rows = [tuple(one), tuple(one.values()), tuple({**one, "touchpoint": "B", column: shown}.values())]
    with pytest.raises(BadInput, match=rf"plan\.xlsx, row 2 .*“{column}”: “{shown}” is what a spreadsheet shows"):
        wb.journeys.plan(book(tmp_path, *rows))


@pytest.mark.parametrize("stages", ["   ", "S  ", " S ", "S T", "SST", "  S"])
def test_the_file_that_the_page_writes_gives_the_same_plan_again(tmp_path, stages):
    flags = [(False, True), (True, False), (True, True)]
    steps = [PlannedStep(f"{i}", stage.strip(), i + 1, *flags[i], within_s=90.5 * i or None) for i, stage in enumerate(stages)]
    plan = Plan("own", tuple(steps))
    (tmp_path / "own.xlsx").write_bytes(export.to_xlsx({"plan": plan.frame}))
    assert wb.journeys.plan(tmp_path / "own.xlsx") == plan


def test_an_empty_text_says_no_stage_where_an_empty_cell_says_the_one_above():
    frame = pd.DataFrame({"touchpoint": list("ABCDE"), "stage": ["S", None, "", None, "T"]})
    assert [one.stage for one in wb.journeys.plan(frame).steps] == ["S", "S", "", "", "T"]


def test_an_empty_column_of_stages_is_none(tmp_path):
    assert wb.journeys.plan(written(tmp_path, "plan.csv", "Stage,Touchpoint\n,x\n,y\n")).stages == ()


@pytest.mark.parametrize("name", ["touchpoint", "Touch point", "Точка контакта", "punkt styku"])
def test_touchpoints_that_are_numbers_are_texts(tmp_path, name):
    for rows in ([(101,), (102,)], [(101.0,), (102.0,)], [("101",), ("102",)]):
        assert wb.journeys.plan(book(tmp_path, (name,), *rows)).touchpoints == ("101", "102")
    # beside a column of words they are the places of an order, as under any other name
    frame = pd.DataFrame({name: [2, 1], "name": ["B", "A"]})
    assert wb.journeys.plan(frame).touchpoints == ("B", "A")
    with pytest.raises(BadInput, match="no column of touchpoints"):
        wb.journeys.plan(pd.DataFrame({"step": [1, 2]}))


def test_letters_that_only_join_others_stay(tmp_path):
    names = ["👨\u200d👩\u200d👧 Family", "می\u200cخواهم"]
    assert wb.journeys.plan(pd.DataFrame({"touchpoint": names})).touchpoints == tuple(names)
    assert wb.journeys.plan(pd.DataFrame({"touchpoint": ["a\u202e\x07\u2066b\n c"]})).touchpoints == ("ab c",)


def second(title: str, *rows: tuple, state: str = "visible"):
    def more(made) -> None:
        sheet = made.create_sheet(title)
        sheet.sheet_state = state
        for row in rows:
            sheet.append(row)

    return more


def test_of_a_book_the_sheet_with_touchpoints_is_read(tmp_path):
    cover, plan = [("Name", "Version"), ("Map", 2)], [("touchpoint", "stage"), ("Search", "D")]
    file = book(tmp_path, *cover, more=second("The plan", *plan))
    assert wb.journeys.plan(file).touchpoints == ("Search",)
    assert wb.journeys.plan(file).name == "plan"
    assert wb.journeys.plan(f"{file}#Sheet").touchpoints == ("Map",)
    assert wb.journeys.plan(file, columns={"touchpoint": "Name"}).touchpoints == ("Map",)
    hidden = book(tmp_path, *cover, more=second("Old", *plan, state="hidden"))
    assert wb.journeys.plan(hidden).touchpoints == ("Map",)
    failed = book(tmp_path, *cover, more=second("The plan", *plan, (None, "T")))
    with pytest.raises(BadInput, match=r"plan\.xlsx#The plan, row 2 .*the touchpoint is missing"):
        wb.journeys.plan(failed)
    none = book(tmp_path, ("Version",), ("x",), more=second("Two", ("Remark",), ("y",)))
    with pytest.raises(BadInput, match=r"No sheet of plan\.xlsx has a column of touchpoints; it has the sheets Sheet, Two"):
        wb.journeys.plan(none)
    empty = book(tmp_path, more=second("Two", *plan))
    assert wb.journeys.plan(empty).touchpoints == ("Search",)
    with pytest.raises(BadInput, match="holds no table"):
        wb.journeys.plan(book(tmp_path))
    sharp = book(tmp_path, *cover, name="no#1.xlsx", more=second("The plan", *plan))
    assert (wb.journeys.plan(sharp).name, wb.journeys.plan(sharp).touchpoints) == ("no#1", ("Map",))


@pytest.mark.parametrize("header", ["within", "within, days"])
def test_a_length_of_time_is_one_whatever_the_column_counts_in(tmp_path, header):
    times = [dt.timedelta(hours=2), dt.time(0, 1, 30), dt.timedelta(days=3, seconds=1), "1:00:05", "2 h"]
    file = book(tmp_path, ("touchpoint", header), *zip("ABCDE", times, strict=True))
    assert [one.within_s for one in wb.journeys.plan(file).steps] == [7200, 90, 259_201, 3605, 7200]
    with pytest.raises(BadInput, match="“1:30” is not a length of time"):  # minutes or hours
        wb.journeys.plan(pd.DataFrame({"touchpoint": ["A"], header: ["1:30"]}))


def test_a_plan_is_named_as_its_file(tmp_path):
    assert wb.journeys.plan(str(written(tmp_path, "pl#an.csv", "touchpoint\nA\n"))).name == "pl#an"


@pytest.mark.parametrize(
    ("said", "says"), [({"name": 5}, "“name” .*can’t hold 5"), ({"columns": ["touchpoint"]}, "columns is a list; say by name")]
)
def test_arguments_of_another_kind_are_refused(said, says):
    with pytest.raises(BadInput, match=says):
        wb.journeys.plan(pd.DataFrame({"touchpoint": ["A"]}), **said)
