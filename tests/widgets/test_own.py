"""One's own companies: those loaded from a browser are listed for it alone, opened, and removed by whoever has the key."""

from __future__ import annotations

import os
import time

import pandas as pd
import pytest

import widgets
import workbench as wb
from widgets import company
from widgets.own_view import OwnView
from workbench.locale import texts

A, B, C = ("a" * 32, "b" * 32, "c" * 32)
HOUR = 3600


def shop(folder, name: str, rows: int = 3):
    times = [f"2026-01-05 10:{minute:02}" for minute in range(rows)]
    events = pd.DataFrame({"customer_id": "c1", "occurred_at": times, "touchpoint": "Ad"})
    wb.load(events, folder, name=name, timezone="UTC")


@pytest.fixture
def page(tmp_path, private, made):
    start = widgets.StartPage(wb.open(made(tmp_path / "twelve")))
    yield start
    start.upload._cleaner()


def loaded(page, said, caught, name: str = "shop") -> tuple[str, str]:
    """Brings a file as a browser does; the id and the key that it is given."""
    caught(page.upload)
    data = b"customer_id,occurred_at,touchpoint\nc1,2026-01-05 10:00,Ad\nc2,2026-01-05 10:00,Ad\n"
    said(page.upload, type="begin", id=1, name=f"{name}.csv", size=len(data))
    said(page.upload, [data], type="piece", id=1, offset=0)
    said(page.confirm, type="load")
    return page.own.added["id"], page.own.added["key"]


def test_what_was_loaded_is_the_open_company_and_stands_in_the_list_and_the_address(page, said, caught, private):
    assert "Twelve" in page.tiles.title and page.own.rows == []
    number, key = loaded(page, said, caught)
    assert page.tiles.title == "Open company: shop"
    assert {one["label"]: one["value"] for one in page.tiles.tiles}["Customers"] == "2"
    assert page.tiles.links[0]["href"] == f"10_journey_mapping.ipynb#company={number}&lang=en"
    assert page.url.link == f"company={number}&lang=en"
    (row,) = page.own.rows
    assert (row["id"], row["name"], row["on"]) == (number, "shop", True) and row["text"].startswith("2 rows, loaded ")
    assert key not in (private / number / "owner").read_text() and key not in page.url.link
    said(page.url, type="link", link="lang=ru")
    assert page.own.rows[0]["ask"].startswith("Удалить «shop»?") and "Twelve" in page.tiles.title
    assert not page.own.rows[0]["on"]


def test_a_browser_sees_those_it_names_and_no_others(page, said, private):
    for number, name in ((A, "first"), (B, "second")):
        shop(private / number, name)
    said(page.own, type="mine", ids=[B, C, B])
    assert [one["name"] for one in page.own.rows] == ["second"]
    for wrong in ("../x", [A, "../" + "a" * 29], [A] * 51, [1], None):
        said(page.own, type="mine", ids=wrong)
    assert [one["name"] for one in page.own.rows] == ["second"] and page.own.refused == 5


def test_removing_needs_the_key_which_no_link_holds(page, said, caught, private):
    number, key = loaded(page, said, caught)
    said(page.own, type="remove", id=number, key="0" * 32)
    assert "no company" in page.own.said and (private / number).is_dir()
    for wrong in ("", "x" * 32, key + "0", None):
        said(page.own, type="remove", id=number, key=wrong)
    said(page.own, type="remove", id=C, key=key)
    assert page.own.refused == 5 and (private / number).is_dir()


def test_a_removed_company_is_gone_and_the_first_one_is_open_again(page, said, caught, private):
    number, key = loaded(page, said, caught)
    said(page.own, type="remove", id=number, key=key)
    assert list(private.iterdir()) == []
    assert page.own.rows == [] and "Twelve" in page.tiles.title and page.url.link == "lang=en"
    assert page.own.said == "“shop” has been removed."
    assert page.report.layout.display == "none"  # its link would lead nowhere
    said(page.url, type="link", link=f"company={number}&lang=pl")
    assert page.own.said == ""  # it was said in another language
    assert page.status.kind == "error" and number in page.status.message


def test_removing_another_than_the_open_one_leaves_that_open(page, said, caught):
    first, key = loaded(page, said, caught, "first")
    loaded(page, said, caught, "second")
    assert [one["name"] for one in page.own.rows] == ["second", "first"]
    said(page.own, type="remove", id=first, key=key)
    assert [one["name"] for one in page.own.rows] == ["second"] and "second" in page.tiles.title
    assert page.own.said == "“first” has been removed." and page.report.layout.display != "none"


def test_a_company_nobody_claimed_is_removed_by_nobody(private):
    shop(private / A, "old")
    with pytest.raises(wb.errors.NotFound):
        company.remove(A, "0" * 32)
    assert wb.open(private / A).name == "old"


def test_what_the_system_keeps_is_said(private, monkeypatch):
    shop(private / A, "held")
    key = company.claim(A)
    monkeypatch.setattr("pathlib.Path.rename", lambda one, to: (_ for _ in ()).throw(PermissionError))
    with pytest.raises(wb.errors.StoreError) as caught:
        company.remove(A, key)
    for language in ("en", "ru", "pl"):
        assert caught.value.text(language)
    assert wb.open(private / A).name == "held"


def test_rows_and_days_are_told_in_every_language(private, page, said):
    shop(private / A, "shop", rows=5)
    said(page.own, type="mine", ids=[A])
    day = company.own([A])[0].loaded
    for language, rows in (("en", "5 rows"), ("ru", "5 строк"), ("pl", "5 wierszy")):
        page.change_language(language)
        assert page.own.rows[0]["text"].startswith(rows) and page.own.rows[0]["text"].endswith(texts(language).day(day))


def test_what_died_half_way_is_cleared_after_a_day(private):
    shop(private / A, "whole")
    for name in (B, C, f"gone-{A}", "notes"):
        (private / name).mkdir()
    for name in (A, B, f"gone-{A}", "notes"):
        os.utime(private / name, (time.time() - 25 * HOUR,) * 2)
    company.tidy()
    assert {one.name for one in private.iterdir()} == {A, C, "notes"}


def test_the_list_takes_only_ids_and_keys(said):
    view, told = OwnView(rows=[{"id": A}]), []
    view.listen(lambda *values: told.append(values))
    said(view, type="remove", id=A, key=B)
    said(view, type="mine", ids=[])
    assert told == [("remove", A, B), ("mine", ())]
