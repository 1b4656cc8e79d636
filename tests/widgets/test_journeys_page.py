"""The journey page on the company of twelve: no browser, no event loop; what is shown against numbers counted by hand."""

from __future__ import annotations

import dataclasses
import datetime as dt
import html
import io
import unittest.mock

import openpyxl
import pandas as pd
import pytest

import widgets
import workbench as wb
from widgets import company


def shown(one) -> bool:
    return one.layout.display != "none"


def test_the_first_screen_has_finding_counts_picture_and_code(page, study):
    # the sentences are the room's own and tested there; here they must be what is shown
    flow = wb.journeys.flow(study.guarded())
    assert page.headline.title == flow.explain()[0]
    assert "14 journeys of 12 customers" in page.headline.subtitle and "Twelve" in page.headline.subtitle
    assert list(page.explain.sentences) == flow.explain()[1:]
    assert page.chart.spec["layer"] and "title" not in page.chart.spec
    assert set(page.chart.configs) == {"light", "dark"}
    assert (shown(page.chart), shown(page.table), page.status.kind) == (True, False, "quiet")
    assert "wb.journeys.flow(study)" in page.code.code


@pytest.mark.parametrize("language", ["en", "ru", "pl"])
def test_every_view_in_every_language(page, said, language):
    for view in ("flow", "sankey", "steps", "variants", "funnel", "loops", "sessions", "crossings", "attribution", "inventory"):
        said(page.url, type="link", link=f"view={view}&shape=table&lang={language}")
        assert page.status.kind == "quiet", page.status.message
        assert page.headline.title and page.table.rows and shown(page.table) and not shown(page.chart)
        assert page.t.language == language
        assert page.state.view == view == page.controls.view.value


@pytest.mark.parametrize("language", ["en", "ru", "pl"])
def test_who_comes_back_and_where_customers_cross(page, said, language, see):
    said(page.url, type="link", link=f"view=retention&by=week&shape=table&lang={language}")
    cohorts = wb.journeys.cohorts(page.answer.result.study, by="week").guarded()
    assert [page.headline.title, *page.explain.sentences] == cohorts.explain()
    assert (page.status.kind, page.state.by, page.controls.one["by"].value) == ("quiet", "week", "week")
    assert "wb.journeys.cohorts(study, by='week')" in page.code.code
    assert shown(page.controls.one["by"]) and page.table.rows[0]["cells"][0] == page.t.day(dt.date(2026, 3, 2))
    said(page.table, type="pick", row=0)
    # in the week they were first seen all twelve are there
    assert page.who.head.count == page.t("widgets.who.count", n=12, customers=12)
    assert page.who.head.title.startswith(page.t("widgets.who.after", cohort=page.t.day(dt.date(2026, 3, 2)), after="0"))
    see("crossings")
    # of the small groups' rows one is hidden: the single crossing from courier to phone; seven journeys meet several channels
    assert len(page.table.rows) == 3 and not shown(page.controls.one["by"])
    assert shown(page.further) and [row["cells"][1] for row in page.further.rows] == ["7", "7"]
    said(page.further, type="pick", row=0)
    assert page.who.head.count == page.t("widgets.who.count", n=7, customers=6)
    assert page.who.head.title.startswith(page.t("widgets.kind.several"))


def test_a_view_that_the_data_have_nothing_for_says_what_is_missing(page, said, see):
    see("handoffs")
    assert page.status.kind == "error" and "has an owner" in page.status.message
    see("retention")
    assert page.status.kind == "error" and "choose a shorter one" in page.status.message
    said(page.controls.one["by"], type="pick", value="week")
    assert page.status.kind == "quiet" and page.answer.result.params == {"by": "week"}


def test_the_sankey_has_its_own_finding_and_says_that_of_the_steps_below(page, said, see):
    see("sankey")
    assert page.headline.title == page.answer.result.sankey_title()
    steps = page.answer.result.explain()
    assert list(page.explain.sentences) == steps
    see("steps")
    assert [page.headline.title, *page.explain.sentences] == steps


def test_every_row_of_every_view_opens_exactly_its_customers(page, said, caught, see):
    for view in ("flow", "sankey", "steps", "variants", "funnel", "loops", "sessions", "crossings", "attribution", "inventory"):
        see(view)
        for part in page.answer.parts:
            for row in part.frame.index:
                page._open(part, int(row))
                n, customers = int(part.frame.at[row, "n"]), int(part.frame.at[row, "n_customers"])
                if n:
                    assert len(page.who.frame) == customers
                    assert int(page.who.frame["n"].sum()) == n
                    assert page.who.head.count == page.t("widgets.who.count", n=n, customers=customers)


def test_small_groups_are_not_shown(study, monkeypatch):
    monkeypatch.setattr("widgets.journeys.fill", lambda: None)
    guarded = dataclasses.replace(study, settings=dataclasses.replace(study.settings, min_group=5))
    page = widgets.JourneysPage(guarded)
    page.change(view="variants")
    assert all(n >= 5 for n in page.answer.parts[0].frame["n_customers"])
    assert any("fewer than 5" in note for note in page.who.caveats.notes)


def test_a_number_is_picked_in_the_chart_and_stands_in_the_link(page, said):
    said(page.chart, type="pick", row=int(page.answer.parts[0].frame.index[0]))
    assert page.who.head.picked and len(page.who.frame) == page.answer.parts[0].frame["n_customers"].iloc[0]
    assert "row=" in page.url.link
    said(page.chart, type="pick", row=10**6)
    assert page.who.head.picked
    said(page.who.head, type="close")
    assert not page.who.head.picked and page.who.frame is None and "row=" not in page.url.link


def test_the_link_is_written_and_reading_it_gives_the_same_screen(page, study, said, monkeypatch, see):
    see("funnel")
    said(page.controls.one["steps"], type="steps", value=["Search", "Cart", "Payment"])
    said(page.filters, type="where", column="channel", values=["web"])
    other = widgets.JourneysPage(study)
    said(other.url, type="link", link=page.url.link)
    assert other.state == page.state
    assert other.headline.title == page.headline.title
    # web journeys: k01 k03 k05 k08 k09 k11 k12; Cart after Search in k01 k05 k09 k11, all of them pay
    assert [int(n) for n in page.answer.result.frame["n"]] == [7, 4, 4]


def test_a_link_with_nonsense_shows_the_default_and_says_so(page, said):
    said(page.url, type="link", link="view=<script>&coverage=7e9&where.channel=fax")
    assert page.state.view == "flow" and page.status.kind == "note"
    assert page.status.message.endswith("view, coverage, where.channel.")


def test_a_pattern_is_checked_while_typed_and_applied(page, said):
    said(page.filters, type="check", index=0, value="Cart -> -> Payment", apply=True)
    assert page.filters.check["problem"] and page.filters.check["position"] == 8 and page.state.patterns == ()
    said(page.filters, type="check", index=0, value="Cart -> Payment", apply=False)
    assert page.filters.check == {"typed": "Cart -> Payment", "problem": "", "position": -1, "applied": False}
    assert page.state.patterns == ()
    said(page.filters, type="check", index=0, value="Cart, then Paymnet", apply=False)
    assert "the nearest: Payment" in page.filters.check["problem"] and page.filters.check["position"] == 11
    said(page.filters, type="check", index=0, value="Cart, then Payment", apply=True)
    assert page.filters.pills[-1]["text"] == "Cart -> Payment"
    # Cart then Payment: k01 k02 k05 k06 k09 k11 k13
    assert "7 journeys of 6 customers" in page.headline.subtitle
    said(page.filters, type="remove", key="pattern 0")
    assert "14 journeys of 12 customers" in page.headline.subtitle


def test_what_is_wrong_with_a_pattern_is_said_in_the_language_of_the_page(page, said):
    said(page.filters, type="check", index=0, value="Cart -> -> Payment", apply=False)
    english = page.filters.check
    said(page.url, type="link", link="lang=ru")
    assert page.filters.check["problem"].startswith("На месте 9 шаблона нужна точка контакта")
    assert page.filters.check == english | {"problem": page.filters.check["problem"]}
    said(page.filters, type="check", index=0, value="Cart", apply=False)
    said(page.url, type="link", link="lang=pl")
    assert page.filters.check["problem"] == ""


def test_filters_narrow_and_all_values_are_no_filter(page, said):
    said(page.filters, type="period", start="2026-03-12", end="")
    assert (page.state.start, page.state.end) == ("2026-03-12", "")
    assert "2 journeys of 2 customers" in page.headline.subtitle  # k13 and k14
    said(page.filters, type="remove", key="period")
    every = [one["value"] for one in page.filters.columns[0]["values"]]
    said(page.filters, type="where", column=page.filters.columns[0]["name"], values=every)
    assert page.state.where == ()


def test_no_journey_left_is_one_line_and_not_the_answer_before(page, said):
    said(page.filters, type="check", index=0, value="Delivery -> Search", apply=True)
    assert page.status.kind == "error" and page.explain.sentences == [] and page.code.code == ""
    assert not shown(page.chart) and not shown(page.aside)
    said(page.filters, type="remove", key="pattern 0")
    assert page.status.kind == "quiet" and shown(page.chart)


def test_around_a_touchpoint_waits_for_the_touchpoint(page, said):
    said(page.controls.rule, type="pick", value="anchor")
    assert page.status.kind == "note" and shown(page.controls.one["around"])
    # and shows no numbers meanwhile: those of the rule before would be taken for its own
    assert page.headline.title == "Around which touchpoint?" and page.headline.subtitle == ""
    assert page.explain.sentences == [] and page.code.code == "" and not shown(page.chart) and not shown(page.table)
    said(page.controls.one["around"], type="pick", value="Support call")
    assert page.status.kind == "quiet" and shown(page.chart)
    assert ".by_anchor(" in page.code.code


def test_an_answer_that_comes_late_is_not_shown_under_the_next_question(study, said, monkeypatch):
    monkeypatch.setattr("widgets.journeys.fill", lambda: None)
    time = Held()
    page = widgets.JourneysPage(study, at=time)
    time.pass_by()
    page.change(view="variants")
    time.waiting.pop(0).call()  # it is being computed …
    said(page.controls.rule, type="pick", value="anchor")
    time.pass_by()
    assert page.headline.title == "Around which touchpoint?" and page.status.kind == "note"
    said(page.controls.rule, type="pick", value="customer")
    time.pass_by()
    assert page.answer is not None and page.state.view == "variants" and page.status.kind == "quiet"


def test_pictures_are_drawn_for_the_room_they_have(page, said):
    wide = page.chart.spec
    said(page.chart, type="room", width=370)
    assert page.chart.spec != wide


def test_a_room_told_while_the_first_picture_is_made_gets_its_own_and_the_note_stays(study, said, monkeypatch):
    monkeypatch.setattr("widgets.journeys.fill", lambda: None)
    specs = []
    for early in (True, False):
        time = Held()
        page = widgets.JourneysPage(study, at=time)
        said(page.url, type="link", link="view=sessions&weather=rain")
        while not page.known.ready:
            time.waiting.pop(0).call()
        time.waiting.pop(0).call()
        assert page.answer is None and len(time.waiting) == 1  # it is being computed
        if early:
            said(page.chart, type="room", width=400)
        time.pass_by()
        if not early:
            assert page.chart.spec != specs[0]
            said(page.chart, type="room", width=400)
            time.pass_by()
        assert page.status.kind == "note" and "weather" in page.status.message
        specs.append(page.chart.spec)
    assert specs[0] == specs[1]


def test_tables_and_customers_as_files(page, said, caught):
    sent = caught(page.exports)
    said(page.exports, type="get", item="csv")
    assert sent[0][0]["name"] == "Twelve-flow.csv"
    assert sent[1][1][0].decode("utf-8-sig").splitlines()[0].startswith("kind,source,target,n")
    said(page.table, type="pick", row=page.table.rows[0]["key"])
    sent = caught(page.who.file)
    said(page.who.file, type="get", item="xlsx")
    assert sent[1][1][0][:2] == b"PK"


def received(sent) -> bytes:
    return b"".join(buffers[0] for content, buffers in sent[1:])


def test_a_workbook_says_on_a_second_sheet_how_to_read_the_first(page, said, caught):
    said(page.url, type="link", link="view=flow&start=2026-01-01&patterns=Search&lang=pl")
    sent = caught(page.exports)
    said(page.exports, type="get", item="xlsx")
    book = openpyxl.load_workbook(io.BytesIO(received(sent)))
    first, second = book.worksheets
    assert [cell.value for cell in first[1]] == list(page.answer.parts[0].frame.columns)
    assert second.title == "O tej tabeli"
    (_, title), *rows = second.iter_rows(values_only=True)
    assert title == page.headline.title
    told = {}
    for heading, line in rows:
        told.setdefault(heading, []).append(line)
    assert told["Co policzono"] == [page.headline.subtitle]
    assert told["Filtry"][0].startswith("Okres: 1 sty 2026") and told["Filtry"][1] == "Wzorzec ścieżki: Search"
    assert told["O czym pamiętać"] == list(page.who.caveats.notes) != []
    assert told["Źródło"] == list(page.foot.notes)
    assert "\n".join(told["Kod"]) == page.code.code


def test_a_page_to_take_away_has_what_the_screen_says_beside_the_picture(page, said, caught):
    said(page.url, type="link", link="view=funnel&lang=ru")
    sent = caught(page.exports)
    said(page.exports, type="get", item="html")
    made = html.unescape(received(sent).decode())
    assert '<html lang="ru"' in made
    beside = [page.headline.title, page.headline.subtitle, *page.explain.sentences, "Что учесть", *page.who.caveats.notes]
    assert page.who.caveats.notes
    for text in [*beside, *page.foot.notes, page.code.code]:
        assert text in made, text


def test_a_svg_carries_title_and_source(page, said, caught):
    sent = caught(page.exports)
    said(page.exports, type="get", item="svg")
    content = b"".join(buffers[0] for content, buffers in sent[1:])
    assert content.startswith(b"<svg") and b"Twelve" in content


def test_a_company_is_opened_by_its_id_only(page, said, private, made):
    number = "0123456789abcdef" * 2
    made(private / number)
    said(page.url, type="link", link=f"company={number}&view=variants")
    assert page.base.store == str(private / number) and page.state.view == "variants" and page.status.kind == "quiet"
    said(page.url, type="link", link="")
    assert page.base is page.home


@pytest.mark.parametrize("number", ["f" * 32, "../../etc", "", "0" * 31])
def test_an_id_of_nothing_is_refused_without_naming_others(number, private, made):
    made(private / ("a" * 32))
    with pytest.raises(wb.errors.NotFound) as caught:
        company.folder(number)
    assert "a" * 32 not in caught.value.text("en")


class Held:
    """A clock whose time passes when told: what was put off, in its order."""

    def __init__(self) -> None:
        self.waiting: list = []

    def after(self, seconds, call):
        held = unittest.mock.Mock(call=call)
        held.cancel = lambda: self.waiting.remove(held) if held in self.waiting else None
        self.waiting.append(held)
        return held

    def soon(self, call) -> None:
        self.after(0, call)

    def work(self, run, back) -> None:
        self.after(0, lambda: back(run()))

    def pass_by(self) -> None:
        while self.waiting:
            self.waiting.pop(0).call()


def test_a_company_of_a_link_is_shown_whatever_the_browser_says_meanwhile(study, said, private, tmp_path, monkeypatch):
    # a page kept warm has its answer; the link and the width of the window arrive together
    monkeypatch.setattr("widgets.journeys.fill", lambda: None)
    number, time = company.new_id(), Held()
    rows = pd.DataFrame({"customer_id": ["a", "b"] * 3, "occurred_at": "2026-01-05", "touchpoint": ["Ad", "Buy"] * 3})
    wb.load(rows, private / number, name="No cases", timezone="UTC")
    page = widgets.JourneysPage(study, at=time)
    time.pass_by()
    assert "Twelve" in page.headline.subtitle
    said(page.url, type="link", link=f"company={number}&lang=pl")
    said(page.chart, type="room", width=400)
    time.pass_by()
    assert page.status.kind != "error" and page.t.language == "pl"
    assert "No cases" in page.headline.subtitle


def test_what_is_still_shown_of_another_view_is_pale(study, said, monkeypatch):
    monkeypatch.setattr("widgets.journeys.fill", lambda: None)
    time = Held()
    page = widgets.JourneysPage(study, at=time)
    time.pass_by()
    told = (page.headline, page.map.box, page.chart, page.table, page.aside)
    pale = lambda: {"cxw-earlier" in one._dom_classes for one in told}  # noqa: E731
    assert pale() == {False}
    said(page.url, type="link", link="view=loops")
    while pale() == {False}:
        time.waiting.pop(0).call()
    assert pale() == {True} and page.answer.state.view != "loops"
    time.pass_by()
    assert pale() == {False} and page.answer.state.view == "loops"
    said(page.chart, type="room", width=400)  # the same view again keeps its contrast
    while time.waiting:
        assert pale() == {False}
        time.waiting.pop(0).call()
    said(page.url, type="link", link="view=flow&start=1999-01-01&end=1999-01-02")  # where nothing is
    time.pass_by()
    assert pale() == {False} and page.answer is None


def test_an_unknown_company_is_one_line_and_no_numbers_of_another(page, said):
    said(page.url, type="link", link="company=" + "f" * 32)
    assert page.status.kind == "error" and page.base is page.home
    assert page.headline.title == page.t("widgets.no_answer") and not shown(page.chart)


def test_the_language_of_a_link_is_spoken_at_once_and_the_page_says_when_all_of_it_does(study, said, monkeypatch):
    monkeypatch.setattr("widgets.journeys.fill", lambda: None)
    time = Held()
    page = widgets.JourneysPage(study, at=time)
    time.pass_by()
    assert page.url.language == "en"
    said(page.url, type="link", link="lang=pl&view=flow")
    assert page.explain.labels["title"] == page.t("widgets.explain.title") != ""
    assert page.t.language == "pl" and page.controls.view.options[1]["label"] == "Sankey"
    assert page.controls.rule.options[-1]["label"] == page.t("widgets.rule.anchor")
    assert page.url.language == "en"  # the answer is still the English one
    time.pass_by()
    assert page.url.language == "pl" and page.headline.title.startswith("Po „")


def test_a_link_in_another_language_that_has_no_answer_is_shown_all_the_same(page, said):
    said(page.url, type="link", link="lang=ru&start=2030-01-01")
    assert page.status.kind == "error" and page.url.language == "ru"
