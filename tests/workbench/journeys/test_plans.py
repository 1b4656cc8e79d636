"""Planned journeys: read from spreadsheets in three languages, refused with file, row and column, kept beside the store."""

from __future__ import annotations

import json
import pickle

import openpyxl
import pandas as pd
import pytest

import workbench as wb
from workbench import engine
from workbench.errors import BadInput, NotFound, StoreError
from workbench.journeys import Plan, PlannedStep
from workbench.journeys.plans import FILE, as_in_log
from workbench.store import Store


def written(folder, text, name="plan.csv"):
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_two_columns_in_the_order_of_their_rows_are_enough(tmp_path):
    book = openpyxl.Workbook()
    for row in [("Stage", "Touchpoint"), ("Find", "Search"), (None, "Visit"), ("Buy", "Pay")]:
        book.active.append(row)
    book.save(tmp_path / "touchpoints.xlsx")
    found = wb.journeys.plan(tmp_path / "touchpoints.xlsx")
    assert found.name == "touchpoints"
    assert found.stages == ("Find", "Buy")
    # the empty cell is a merged one: Visit is in the stage above it
    assert [(one.touchpoint, one.stage, one.order) for one in found.steps] == [
        ("Search", "Find", 1), ("Visit", "Find", 2), ("Pay", "Buy", 3),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "Stage,Touchpoint,Order,Optional,Within,Goal,Feeling,Remark\nFind,Search,10,yes,30 min,know,calm,-\n"
        "Find,Visit,20,,2 h 30 min,,,-\nFind,Chat,20,no,,,,-\n",
        "Этап;Точка контакта;Порядок;Необязательно;Срок;Цель;Эмоции;Remark\nFind;Search;10;да;30 мин;know;calm;-\n"
        "Find;Visit;20;;2 ч 30 мин;;;-\nFind;Chat;20;нет;;;;-\n",
        "Etap;Punkt styku;Kolejność;Opcjonalnie;W ciągu;Cel;Emocje;Remark\nFind;Search;10;tak;30 minut;know;calm;-\n"
        "Find;Visit;20;;2 godz. 30 min;;;-\nFind;Chat;20;nie;;;;-\n",
    ],
)
def test_columns_are_known_by_their_names_in_three_languages(tmp_path, text):
    found = wb.journeys.plan(written(tmp_path, text), name="Buying")
    assert found == Plan(
        "Buying",
        (
            PlannedStep("Search", "Find", 1, optional=True, goal="know", emotion="calm", within_s=1800.0),
            PlannedStep("Visit", "Find", 2, within_s=9000.0),
            PlannedStep("Chat", "Find", 2),
        ),
    )
    assert found.unread == ("Remark",)


@pytest.mark.parametrize(
    ("header", "cell", "seconds"),
    [
        ("Within, days", "1.5", 129_600),
        ("w ciągu (dni)", "2", 172_800),
        ("Срок, часов", "3", 10_800),
        ("SLA min", "10", 600),
        ("within", "1 week", 604_800),
        ("within", "2,5 h", 9_000),
        ("within", "90 s", 90),
    ],
)
def test_a_planned_time_has_a_unit(tmp_path, header, cell, seconds):
    frame = pd.DataFrame({"touchpoint": ["A"], header: [cell]})
    assert wb.journeys.plan(frame).steps[0].within_s == seconds


def test_a_frame_gives_the_same_plan_again(tmp_path):
    found = Plan("x", (PlannedStep("A", "S", 1, within_s=60.0), PlannedStep("B", "", 2, True, True, "web", "Shop", "g", "e")))
    assert wb.journeys.plan(found.frame, name="x") == found
    assert Plan.from_dict(json.loads(json.dumps(found.to_dict()))) == found


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Stage,Touchpoint\nA,x\nB,x\n", r"plan\.csv, row 2 .*“Touchpoint”: “x” stands in row 1"),
        ("Stage,Touchpoint\nA,x\nB,\n", r"plan\.csv, row 2 .*“Touchpoint”: the touchpoint is missing"),
        ("Stage,Touchpoint\n,x\nA,y\n", r"plan\.csv, row 1 .*“Stage”: the first touchpoint has no stage"),
        ("Touchpoint,Order\nx,1\ny,second\n", r"plan\.csv, row 2 .*“Order”: “second”"),
        ("Touchpoint,Order\nx,1\ny,\n", r"plan\.csv, row 2 .*“Order”: “”"),
        ("Touchpoint,Optional\nx,perhaps\n", r"plan\.csv, row 1 .*“Optional”: “perhaps”"),
        ("Touchpoint,Within\nx,30\n", r"plan\.csv, row 1 .*“Within”: “30” is not a length of time"),
        ("Touchpoint,Within\nx,soon\n", r"plan\.csv, row 1 .*“Within”: “soon”"),
        ("Touchpoint,Within\nx,0 h\n", r"plan\.csv, row 1 .*“Within”: “0 h”"),
        ("Stage,Touchpoint\nA,x,more\n", r"plan\.csv, row 1 .*more or fewer cells"),
        ("Stage,Colour\nA,x\n", r"plan\.csv has no column of touchpoints; it has Stage, Colour"),
        ("Touchpoint\n" + "x" * 201 + "\n", r"plan\.csv, row 1 .*201 characters; at most 200"),
        ("Touchpoint,Goal\nx," + "y" * 2001 + "\n", r"plan\.csv, row 1 .*2,001 characters; at most 2,000"),
        ("Touchpoint\n" + "\n".join(f"t{i}" for i in range(501)) + "\n", "1 to 500 touchpoints; this one has 501"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path, text, says):
    with pytest.raises(BadInput, match=says):
        wb.journeys.plan(written(tmp_path, text))


def test_columns_can_be_said(tmp_path):
    file = written(tmp_path, "Stage,Colour\nA,x\n")
    assert wb.journeys.plan(file, columns={"touchpoint": "Colour"}).touchpoints == ("x",)
    with pytest.raises(NotFound, match="no field “touchpiont”"):
        wb.journeys.plan(file, columns={"touchpiont": "What"})
    with pytest.raises(NotFound, match="Wat"):
        wb.journeys.plan(file, columns={"touchpoint": "Wat"})


def test_text_stays_text(tmp_path):
    file = written(tmp_path, 'Touchpoint,Goal\n"=HYPERLINK(""x"")",<b>\u0007bold\u202e</b>\n')
    one = wb.journeys.plan(file).steps[0]
    assert one.touchpoint == '=HYPERLINK("x")'
    assert one.goal == "<b>bold</b>"  # what can't be shown is gone; escaping is for whoever draws it


@pytest.mark.parametrize(
    "fields",
    [
        {"touchpoint": " "}, {"order": 0}, {"order": True}, {"order": "1"}, {"optional": "yes"}, {"within_s": 0.0},
        {"within_s": float("nan")}, {"stage": None}, {"goal": "x" * 2001}, {"unknown": "x"},
        {"order": 10**300}, {"within_s": 10**300}, {"touchpoint": "\ud83d"}, {"pain": "\udfff"},
    ],
)  # fmt: skip
def test_a_damaged_plan_is_refused(fields):
    with pytest.raises(BadInput):
        Plan.from_dict({"name": "x", "steps": [{"touchpoint": "A", "stage": "S", "order": 1} | fields]})


def test_a_refusal_is_one_line_however_large_what_was_found():
    with pytest.raises(BadInput) as refused:
        Plan.from_dict({"steps": [{"touchpoint": "A", "stage": "S", "order": ["x" * 100_000]}]})
    assert len(str(refused.value)) < 400
    with pytest.raises(BadInput, match="ud83d"):
        Plan("\ud83d", (PlannedStep("A", "S", 1),))


def test_a_touchpoint_stands_in_a_plan_once():
    with pytest.raises(BadInput, match="“A” stands twice"):
        Plan("x", (PlannedStep("A", "S", 1), PlannedStep("A", "T", 2)))
    with pytest.raises(BadInput, match="this one has 0"):
        Plan("x", ())


def test_a_plan_is_kept_beside_the_store(tmp_path):
    found = Plan("x", (PlannedStep("A", "S", 1),))
    with pytest.raises(StoreError, match="There is no folder"):
        found.save(tmp_path / "none")
    store = Store.create(tmp_path / "store", name="x")
    assert Plan.of(store.path) is None
    found.save(store.path)
    store.repair()
    assert Plan.of(store.path) == found
    (store.path / FILE).write_text('{"steps": [')
    with pytest.raises(BadInput, match="does not hold a planned journey"):
        Plan.of(store.path)


@pytest.mark.parametrize("steps", [("a",), None, 5, {"touchpoint": "A"}, PlannedStep("A", "S", 1)])
def test_steps_of_another_kind_are_refused(steps):
    with pytest.raises(BadInput, match="Column “steps” of a planned journey can’t hold"):
        Plan("x", steps)


@pytest.mark.parametrize("ask", [Plan.of, Plan.remove, Plan("x", (PlannedStep("A", "S", 1),)).save])
def test_a_plan_is_asked_of_a_study_or_a_folder(ask):
    with pytest.raises(BadInput, match="None is neither a study nor the folder"):
        ask(None)


def one_step(more, name="x"):
    """A file of a plan with one step; `more`: further fields of it, as they are written."""
    return f'{{"name": "{name}", "steps": [{{"touchpoint": "A", "stage": "", "order": 1{more}}}]}}'


@pytest.mark.parametrize(
    "written",
    [
        "[]", "{}", "null", "3", '{"steps": [1]}', '{"steps": []}', one_step("").replace('"x"', "null"),
        one_step(', "within_s": NaN'), one_step(', "order": "1"'), one_step(', "within_s": 1e999'),
        one_step(', "stage": "\\u202eB"'), one_step(', "goal": "B\\u0000"'), one_step("", name="\\u2066"),
        pytest.param("[" * 100_000, id="deep"),
    ],
)  # fmt: skip
def test_a_damaged_file_is_named_whatever_is_in_it(tmp_path, written):
    (tmp_path / FILE).write_text(written)
    with pytest.raises(BadInput, match=r"plan\.json does not hold a planned journey \([^(]+\); read it again") as refused:
        Plan.of(tmp_path)
    assert len(str(refused.value)) < 700 and str(refused.value).isprintable()


def test_what_is_wrong_in_a_file_is_told_in_one_language(tmp_path):
    (tmp_path / FILE).write_text("[]")
    with pytest.raises(BadInput) as refused:
        Plan.of(tmp_path)
    assert "(Column “steps” of a planned journey can’t hold []); read" in refused.value.text("en")
    assert "(В столбце «steps» запланированного пути не может стоять []); прочитайте" in refused.value.text("ru")
    assert "(Kolumna „steps” zaplanowanej ścieżki nie może zawierać []); wczytaj" in refused.value.text("pl")
    assert pickle.loads(pickle.dumps(refused.value)).text("pl") == refused.value.text("pl")


def test_nothing_is_kept_that_could_not_be_read_again(tmp_path):
    for name in ("A\x00", "\u202eA"):
        with pytest.raises(BadInput, match="Column “touchpoint” of a planned journey can’t hold"):
            Plan("x", (PlannedStep(name, "", 1),)).write(tmp_path)
    assert not (tmp_path / FILE).exists()
    # blanks between lines and joiners within words are text
    kept = Plan("x", (PlannedStep("👨‍👩‍👧 می‌خواهم", "", 1, goal="one\ntwo\tthree"),))
    kept.write(tmp_path)
    assert Plan.of(tmp_path) == kept


def test_a_plan_takes_the_names_of_the_log(study):
    p = engine.prepared(study)
    asked = Plan(
        "x", (PlannedStep("  product   PAGE ", "S", 2, True, goal="g"), PlannedStep("Mars", "", 1), PlannedStep("Cart", "", 3))
    )
    found = as_in_log(p, asked)
    assert found == Plan(
        "x", (PlannedStep("Mars", "", 1), PlannedStep("Product page", "S", 2, True, goal="g"), PlannedStep("Cart", "", 3))
    )
    with pytest.raises(BadInput, match="“search” and “SEARCH” in the planned journey are both “Search” in the log"):
        as_in_log(p, Plan("x", (PlannedStep("search", "", 1), PlannedStep("SEARCH", "", 2))))
    with pytest.raises(BadInput, match="“Search” and “search”"):
        as_in_log(p, Plan("x", (PlannedStep("Search", "", 1), PlannedStep("search", "", 2))))
    # what the log doesn't have may be alike
    apart = Plan("x", (PlannedStep("mars", "", 1), PlannedStep("Mars", "", 2)))
    assert as_in_log(p, apart) == apart


def test_a_name_that_could_be_several_of_the_log_is_asked_about(tmp_path):
    rows = pd.DataFrame({"customer_id": "c", "occurred_at": "2026-03-02 09:00", "touchpoint": ["Cart", "CART", "Pay"]})
    wb.load(rows, into=tmp_path / "store", name="Alike")
    p = engine.prepared(wb.open(tmp_path / "store"))
    with pytest.raises(BadInput, match=r"“cart” .* any of these in the log: CART, Cart; write"):
        as_in_log(p, Plan("x", (PlannedStep("cart", "", 1),)))
    both = Plan("x", (PlannedStep("Cart", "", 1), PlannedStep("CART", "", 2)))
    assert as_in_log(p, both) == both
