"""The start page: a file goes in, a mapping is confirmed, a store comes out. No browser."""

from __future__ import annotations

import company
import pandas as pd
import pytest

import widgets
import workbench as wb
from workbench.settings import Settings

HEADER = "Customer;Time;Touchpoint;Channel;E-mail\n"


def content() -> bytes:
    lines = [
        f"{who};{row['occurred_at']:%d.%m.%Y %H:%M};{row['touchpoint']};{row['channel']};{who}@example.org\n"
        for row in company.rows()
        for who in [row["customer_id"]]
    ]
    return (HEADER + "".join(lines) + "c13;no date;Search;web;c13@example.org\n").encode("cp1251")


@pytest.fixture
def page(tmp_path, private, made):
    start = widgets.StartPage(wb.open(made(tmp_path / "twelve"), settings=Settings(upload_limit_mb=1)))
    yield start
    start.upload._cleaner()


@pytest.fixture
def uploaded(page, said, caught):
    caught(page.upload)
    data = content()
    said(page.upload, type="begin", id=1, name="shop log.csv", size=len(data))
    said(page.upload, [data], type="piece", id=1, offset=0)
    return page


def texts_on(page) -> str:
    """All that the views show, without the ids of their models."""
    views = (page.confirm, page.report, page.counts, page.status, page.tiles)
    return repr([{name: value for name, value in view.get_state().items() if name not in {"layout", "_esm"}} for view in views])


def test_what_a_journey_is_stands_on_the_page_in_its_language(page):
    steps = [step for stage in page.example.stages for step in stage["steps"]]
    assert [stage["name"] for stage in page.example.stages] == ["Choosing", "Buying", "Using"]
    assert steps[0] == {"touchpoint": "Search", "channel": "site", "when": "first contact"}
    assert [step["when"] for step in steps[1:]] == ["3 min later", "13 h later", "4 min later", "2 d later", "5 d later"]
    assert len(page.example.sentences) == 4 and "journey" in page.example.sentences[0]
    assert page.children.index(page.example) < page.children.index(page.tiles)
    page.change_language("ru")
    assert page.example.labels["title"] == "Что такое путь клиента?"
    assert page.example.stages[0]["steps"][1]["when"] == "через 3 мин"


def test_the_open_company_in_figures(page):
    assert {one["label"]: one["value"] for one in page.tiles.tiles}["Customers"] == "12"
    assert {one["label"]: one["value"] for one in page.tiles.tiles}[
        "Events"
    ] == "54"  # 5 + 6 + 2 + 4 + 5 + 3 + 5 + 2 + 7 + 1 + 6 + 2 + 5 + 1


def test_a_page_that_listens_again_is_told_all_of_it(page, said, monkeypatch):
    sent = {}
    monkeypatch.setattr("ipywidgets.Widget.send_state", lambda one, key=None: sent.setdefault(one, set(key)))
    said(page.watchdog, type="again")
    assert {"title", "tiles"} <= sent[page.tiles] and "message" in sent[page.status]
    assert {"labels", "ready"} <= sent[page.confirm]
    assert {"note", "items"} <= sent[page.rejected]  # views in boxes as well
    assert "display" in sent[page.confirm.layout]  # and what is shown at all
    assert not any(name.startswith("_") for names in sent.values() for name in names)  # scripts don't change


def test_a_file_is_inspected_and_a_mapping_proposed(uploaded):
    chosen = {one["name"]: one["value"] for one in uploaded.confirm.fields}
    assert (chosen["customer_id"], chosen["occurred_at"], chosen["touchpoint"], chosen["channel"]) == (
        "Customer",
        "Time",
        "Touchpoint",
        "Channel",
    )
    assert {one["name"]: one["value"] for one in uploaded.confirm.settings}["separator"] == ";"
    assert uploaded.confirm.ready and uploaded.confirm.company == "shop log"


def test_examples_of_personal_columns_are_masked(uploaded, said):
    assert "@example.org" not in texts_on(uploaded)
    assert "c01 ·" in texts_on(uploaded)
    said(uploaded.confirm, type="personal", column="Customer", action="hash")
    assert "c01 ·" not in texts_on(uploaded)


def test_the_mapping_can_be_changed_and_what_is_missing_is_said(uploaded, said):
    said(uploaded.confirm, type="column", name="touchpoint", source="")
    assert not uploaded.confirm.ready and "Touchpoint" in uploaded.confirm.missing
    said(uploaded.confirm, type="load")
    assert uploaded._report is None
    said(uploaded.confirm, type="column", name="touchpoint", source="Channel")
    said(uploaded.confirm, type="column", name="channel", source="Nothing")
    said(uploaded.confirm, type="company", value="  Our shop ")
    assert uploaded.confirm.ready and uploaded.confirm.company == "Our shop"


def test_a_setting_is_overruled(uploaded, said):
    said(uploaded.confirm, type="setting", name="day_first", value="false")
    assert {one["name"]: one["value"] for one in uploaded.confirm.settings}["day_first"] == "false"
    said(uploaded.confirm, type="setting", name="timezone", value="../etc")
    assert {one["name"]: one["value"] for one in uploaded.confirm.settings}["timezone"] == "UTC"


def test_loading_counts_every_row_and_gives_a_link(uploaded, said, private):
    said(uploaded.confirm, type="load")
    assert uploaded.status.kind == "quiet", uploaded.status.message
    (shown,) = uploaded.counts.rows
    row = shown["cells"]
    assert row[:4] == ["shop log.csv", "events", "55", "54"] and row[-1] == "1"
    (link,) = uploaded.report.links
    number = link["href"].split("company=")[1].split("&")[0]
    study = wb.open(private / number)
    assert (study.name, wb.journeys.overview(study).frame["n_customers"].iloc[0]) == ("shop log", 12)
    assert "@example.org" not in texts_on(uploaded)
    assert list(uploaded.upload.folder.iterdir()) == []
    assert str(private) not in repr(uploaded.report.get_state())


def test_rejected_rows_can_be_taken_away(uploaded, said, caught):
    said(uploaded.confirm, type="load")
    sent = caught(uploaded.rejected)
    said(uploaded.rejected, type="get", item="csv")
    assert b"no date" in sent[1][1][0] and b"c13@example.org" not in sent[1][1][0]


def test_a_file_that_can_not_be_read_is_one_line(page, said, caught):
    caught(page.upload)
    said(page.upload, type="begin", id=1, name="a.parquet", size=4)
    said(page.upload, [b"PAR0"], type="piece", id=1, offset=0)
    assert page.status.kind == "error" and "unexpected" not in page.status.message
    assert page.confirm.layout.display == "none"


def test_a_load_that_fails_leaves_nothing(uploaded, said, private, monkeypatch):
    def refuse(path, into, *args, **values):
        into.mkdir()
        raise wb.errors.BadInput("bad_moment", asked="'x'")

    monkeypatch.setattr("widgets.start.wb", type("Fake", (), {"load": staticmethod(refuse), "journeys": wb.journeys}))
    said(uploaded.confirm, type="load")
    assert uploaded.status.kind == "error" and list(private.iterdir()) == []


@pytest.mark.parametrize("language", ["ru", "pl"])
def test_all_of_it_in_another_language(uploaded, said, language):
    said(uploaded.url, type="link", link=f"lang={language}")
    said(uploaded.confirm, type="load")
    assert uploaded.t.language == language
    assert uploaded.headline.title == uploaded.t("widgets.start.title")
    assert uploaded.url.language == language
    assert uploaded.counts.caption == uploaded.t("widgets.start.counts")


def test_the_days_of_the_open_company_are_those_of_its_zone(tmp_path, private):
    # half past midnight on 1 September in Warsaw is still August by UTC
    rows = pd.DataFrame({"customer_id": ["a"], "touchpoint": ["Ad"], "occurred_at": ["2025-08-31T22:30Z"]})
    wb.load(rows, tmp_path / "one", name="One", timezone="Europe/Warsaw")
    page = widgets.StartPage(wb.open(tmp_path / "one"))
    assert [one["value"] for one in page.tiles.tiles][-2:] == ["1 Sep 2025", "1 Sep 2025"]
    page.upload._cleaner()
