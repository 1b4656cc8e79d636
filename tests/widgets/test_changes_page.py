"""The view of changes: no browser; what is shown is what one line of Python returns."""

from __future__ import annotations

import changing
import pytest

import widgets
import workbench as wb
from widgets.state import Allowed, State, read
from workbench.settings import Settings


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page") / "asked"
    wb.load([changing.rows()], into=folder, name="Asked")
    return wb.open(folder, settings=Settings(min_group=2, store=str(folder))).by_case()


@pytest.fixture
def page(asked, monkeypatch):
    monkeypatch.setattr("widgets.journeys.fill", lambda: None)
    return widgets.JourneysPage(asked)


def shown(view):
    return view.layout.display != "none"


@pytest.mark.parametrize("language", ["en", "ru", "pl"])
def test_what_changed(page, said, language):
    said(page.url, type="link", link=f"view=changes&shape=table&seen=moves&lang={language}")
    assert page.status.kind == "quiet", page.status.message
    result = wb.journeys.changes(page.answer.result.study, of="moves").guarded()
    assert [page.headline.title, *page.explain.sentences] == result.explain()
    assert "wb.journeys.changes(study, by='day', of='moves')" in page.code.code
    assert len(page.table.rows) == len(result.frame)
    first = result.frame.iloc[0]
    cells = page.table.rows[0]["cells"]
    assert cells[:3] == [page.t(f"widgets.measure.{first['measure']}"), first["source"], first["target"]]
    days = [page.t.day(first[name]) for name in ("from_day", "from_low_day", "from_high_day")]
    assert cells[3].replace("\u00a0", " ") == page.t("widgets.interval", x=days[0], low=days[1], high=days[2])
    said(page.table, type="pick", row=0)
    count = page.t("widgets.who.count", n=int(first["n"]), customers=int(first["n_customers"]))
    assert page.who.head.count == count
    assert page.who.head.title.startswith(f"{first['source']} → {first['target']}")


def test_its_controls(page, said):
    said(page.url, type="link", link="view=changes&shape=table")
    assert [page.controls.one[name].value for name in ("each", "seen")] == ["day", "touchpoints"]
    said(page.controls.one["seen"], type="pick", value="moves")
    said(page.controls.one["each"], type="pick", value="week")
    assert page.answer.result.params == {"by": "week", "of": "moves"}
    assert "seen=moves" in page.url.link and "each=week" in page.url.link
    shown_ones = {name for name, control in page.controls.one.items() if shown(control)} - {"gap", "window"}
    assert {"each", "seen"} <= shown_ones and "by" not in shown_ones


def test_a_link_that_asks_for_something_else():
    allowed = Allowed(touchpoints=("Ask",), rules=("case", "customer"))
    state, bad = read("view=changes&each=quarter&seen=customers", State(), allowed)
    assert (state.view, state.each, state.seen, set(bad)) == ("changes", "day", "touchpoints", {"each", "seen"})
