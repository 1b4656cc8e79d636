"""Two groups side by side on the page of journeys: no browser; what is shown against numbers worked out by hand."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io

import openpyxl
import pandas as pd
import pytest

import widgets
import workbench as wb
from widgets import journey_answer, journey_compare, journey_files
from widgets.state import Allowed, State, read
from widgets.work import Task
from workbench import engine
from workbench.errors import Cancelled
from workbench.settings import Settings

COMPARED = ("flow", "sankey", "steps", "variants", "funnel", "loops", "sessions", "crossings")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """100 customers of segment a and 100 of b, in March and in April: all look; 30 and 20 ask, 60 and 40 buy. Two of each
    segment are gifted, fewer than are shown."""
    rows, start = [], dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    for segment, (asked, bought) in {"a": (30, 60), "b": (20, 40)}.items():
        for i in range(100):
            when = start + dt.timedelta(days=31 * (i % 2))
            names = ["Look", *["Ask"] * (i < asked), *["Buy"] * (i >= 100 - bought), *["Gift"] * (i < 2)]
            for place, name in enumerate(names):
                row = {"customer_id": f"{segment}{i:02}", "segment": segment, "touchpoint": name, "channel": "web"}
                rows.append(row | {"occurred_at": when + dt.timedelta(minutes=place)})
    folder = tmp_path_factory.mktemp("compare") / "two hundred"
    wb.load([pd.DataFrame(rows)], folder, name="Two hundred", timezone="UTC")
    return wb.open(folder, settings=Settings(min_group=5, store=str(folder)))


@pytest.fixture
def page(page):
    """The page, showing the flow."""
    page.change(view="flow")
    return page


def pill(page):
    return next((one for one in page.filters.pills if one["key"] == "versus"), None)


def test_with_all_others_and_back(page, said):
    said(page.filters, type="versus", kind="rest")
    # of all journeys nobody is left over: the pill doesn't offer it yet
    assert page.filters.refused == 1 and pill(page) is None
    alone = page.headline.title
    said(page.filters, type="where", column="segment", values=["a"])
    said(page.filters, type="versus", kind="rest")
    assert (pill(page)["name"], pill(page)["text"], pill(page)["removable"]) == ("Compared with", "all others", True)
    assert "versus=rest" in page.url.link and page.status.kind == "quiet"
    # the sentences are the room's own and tested there; here they must be what is shown
    found = wb.journeys.compare(page.answer.result.study, of="flow").guarded()
    assert [page.headline.title, *page.explain.sentences] == found.explain()
    assert (
        page.headline.subtitle
        == "segment a: 100 journeys of 100 customers; all others: 100 journeys of 100 customers · Two hundred"
    )
    assert page.code.code.endswith("wb.journeys.compare(study, of='flow')")
    assert page.controls.one["coverage"].layout.display == "none"
    said(page.filters, type="remove", key="versus")
    assert pill(page) is None and "versus" not in page.url.link
    said(page.filters, type="remove", key="where segment")
    assert page.headline.title == alone and page.controls.one["coverage"].layout.display != "none"


def test_two_segments_in_the_picture_the_table_and_who(page, said):
    said(page.filters, type="where", column="segment", values=["a"])
    said(page.filters, type="versus", kind="where", start="", end="", column="segment", values=["b"])
    assert pill(page)["text"] == "segment b" and "other.segment=b" in page.url.link
    said(
        page.url, type="link", link="view=funnel&steps=Look&steps=Buy&where.segment=a&versus=where&other.segment=b&shape=table"
    )
    # Buy after Look: 60 of 100 and 40 of 100
    assert page.headline.title == "Largest difference shown: “Look” → “Buy”, 60% (segment a) and 40% (segment b)"
    assert [one["label"] for one in page.table.columns][:3] == ["Compared", "segment a", "segment b"]
    first, second = page.table.rows
    assert first["cells"][:5] == [
        "“Look” → “Buy”", "60% (60 of 100)", "40% (40 of 100)", "+20 pp (95 %: +6.1 … +33)", "difference\xa0shown",
    ]  # fmt: skip
    # all look: there is nothing to tell apart, and the row is greyed and says so
    assert second["cells"][4] == "too\xa0few\xa0to\xa0compare" and (first["quiet"], second["quiet"]) == (False, True)
    said(page.table, type="pick", row=first["key"])
    assert page.who.head.title == "“Look” → “Buy”: 60% (segment a), 40% (segment b)"
    assert page.who.head.count == page.t("widgets.who.count", n=100, customers=100)
    assert list(page.who.frame[["n_a", "n_b"]].sum()) == [60, 40]
    assert [one["label"] for one in page.who.table.columns] == ["Customer", "Times", "segment a", "segment b"]
    *opened, call = page.code.code.splitlines()
    space = {}
    exec("\n".join(opened), space)
    pd.testing.assert_frame_equal(eval(call, space).frame, page.answer.result.frame)


def test_the_period_before_has_as_many_days(page, said):
    kinds = {one["value"]: one["off"] for one in page.filters.versus["kinds"]}
    assert kinds == {"rest": True, "before": True, "period": False, "where": False}
    said(page.filters, type="period", start="2026-04-01", end="2026-04-30")
    said(page.filters, type="versus", kind="before")
    # thirty days: 2 to 31 March, with all that began on the second of it
    assert pill(page)["text"] == "the period before, 2 Mar 2026 – 31 Mar 2026"
    assert page.answer.result.sizes == (100, 100, 100, 100)
    assert page.headline.subtitle.startswith(
        "1 Apr 2026 – 30 Apr 2026: 100 journeys of 100 customers; 2 Mar 2026 – 31 Mar 2026: 100"
    )
    said(page.filters, type="remove", key="period")
    assert page.status.kind == "error" and page.status.message.startswith("The period before needs one to be before")
    said(page.filters, type="versus", kind="period", start="2026-04-01", end="2026-03-01")
    assert (page.state.other_start, page.state.other_end) == ("2026-03-01", "2026-04-01")
    assert pill(page)["text"] == "1 Mar 2026 – 1 Apr 2026"
    # all 200 journeys beside the half of them that begin in March, until only those of April are left
    assert page.status.kind == "error" and page.status.message.startswith("The same journeys lie in both groups (100 of 200)")
    said(page.filters, type="period", start="2026-04-02", end="2026-04-30")
    assert page.status.kind == "quiet" and page.answer.result.sizes == (100, 100, 100, 100)


@pytest.mark.parametrize(
    "start, end, days",
    [
        ("2026-04-01", "2026-04-01", ("2026-03-31", "2026-03-31")),
        ("2026-04-01", "2026-04-30", ("2026-03-02", "2026-03-31")),
        ("2026-04-29", "", ("2026-04-27", "2026-04-28")),  # two days, to the last there is
        ("2027-01-01", "", ("2026-12-31", "2026-12-31")),
        ("0001-01-01", "", ("0001-01-01", "0001-01-01")),
    ],
)
def test_days_before(start, end, days):
    assert journey_compare.before(State(start=start, end=end), Allowed(last="2026-04-30")) == days


@pytest.mark.parametrize("language", ["en", "ru", "pl"])
def test_every_view_in_every_language(page, said, language):
    for view in COMPARED:
        for shape in ("picture", "table"):
            link = f"view={view}&shape={shape}&where.segment=a&versus=rest&lang={language}"
            said(page.url, type="link", link=link)
            assert page.status.kind == "quiet", page.status.message
            assert [page.headline.title, *page.explain.sentences] == page.answer.result.explain()
        assert page.t("journeys.compare.name_rest") in page.headline.subtitle
        assert page.t("journeys.compare.name_rest") in [one["label"] for one in page.table.columns]
        for row, one in page.answer.result.frame.iterrows():
            page._open(page.answer.parts[0], row)
            assert len(page.who.frame) == one["n_customers"] >= 5 and page.who.frame["n"].sum() == one["n"]
    # two in each group are gifted: they are not shown
    said(page.url, type="link", link=f"view=loops&where.segment=a&versus=rest&lang={language}")
    assert "Gift" not in str(page.table.rows)


def test_the_picture_names_both_groups(page, said):
    said(page.url, type="link", link="view=flow&where.segment=a&versus=rest")
    drawn = str(page.chart.spec).replace("\\xa0", " ")  # a sign stays beside its name
    assert "segment a ● · all others ■" in drawn and "Circle: segment a; square: all others." in drawn


def test_what_is_compared_stands_in_the_files(page, said):
    said(page.url, type="link", link="view=flow&where.segment=a&versus=where&other.segment=b")
    answer, known = page.answer, page.known
    assert journey_answer.about(answer, known)["Compared with"] == ["segment b"]
    html = journey_files.view_file(answer, known, "html", answer.state).decode()
    assert "Compared with" in html and "segment b" in html and "wb.journeys.compare(study, other, of=" in html
    made = journey_files.table_file(answer, known, "xlsx", answer.parts[0].frame, "flow", answer.title)
    told = [cell.value for row in openpyxl.load_workbook(io.BytesIO(made)).worksheets[1].iter_rows() for cell in row]
    assert "Compared with" in told and "segment b" in told


def test_stopping_stops_both_groups_and_the_two_together(study):
    allowed = Allowed(values={"segment": ("a", "b")})
    state = State(view="flow", where=(("segment", ("a",)),), versus="where", other=(("segment", ("b",)),))
    task = Task()
    answer = journey_answer.ask(state, study, allowed, 960, task)
    own, other = answer.result.study, answer.result.other
    under_way = [engine.prepared(one) for one in (own, other)] + [engine.together(own, other)]
    assert [one.n_journeys for one in under_way] == [100, 100, 200]
    task.stop()
    for one in under_way:
        with pytest.raises(Cancelled):
            one.query("SELECT 1")
    # who is behind a row is asked of both groups
    task = Task()
    journey_answer.who(answer, answer.parts[0], int(answer.parts[0].frame.index[0]), task)
    under_way = [engine.prepared(one) for one in (own, other)]
    task.stop()
    for one in under_way:
        with pytest.raises(Cancelled):
            one.query("SELECT 1")


# -- the link ----------------------------------------------------------------------------------------------------------

ALLOWED = Allowed(
    touchpoints=("Look",), values={"segment": ("a", "b"), "channel": ("web",)}, first="2026-03-02", last="2026-04-02"
)


@pytest.mark.parametrize(
    "state",
    [
        State(where=(("segment", ("a",)),), versus="rest"),
        State(start="2026-04-01", versus="before"),
        State(versus="period", other_start="2026-03-01", other_end="2026-03-31"),
        State(versus="period", other_end="2026-03-31"),
        State(versus="where", other=(("channel", ("web",)), ("segment", ("a", "b")))),
    ],
)
def test_a_comparison_comes_back_from_its_link(state):
    default = State()
    assert read(state.link(default), default, ALLOWED) == (state, ())


@pytest.mark.parametrize(
    "link, named",
    [
        ("versus=everything", ("versus",)),
        ("versus=rest", ("versus",)),  # nothing is narrowed
        ("versus=before&end=2026-04-01", ("versus",)),
        ("versus=period", ("versus",)),
        ("versus=period&other_start=2026-04-01&other_end=2026-03-01", ("versus",)),
        ("versus=period&other_start=yesterday", ("other_start", "versus")),
        ("versus=where", ("versus",)),
        ("versus=where&other.segment=c", ("other.segment", "versus")),
        ("versus=where&other.plan=gold", ("other.plan", "versus")),
        ("other.segment=a", ("versus",)),
        ("other_start=2026-03-01", ("versus",)),
        ("where.segment=a&versus=rest&other.segment=b", ("versus",)),
    ],
)
def test_a_comparison_that_can_not_be_had_is_left_out_and_named(link, named):
    state, bad = read(link, State(), ALLOWED)
    assert bad == named
    assert (state.versus, state.other_start, state.other_end, state.other) == ("", "", "", ())


@pytest.mark.parametrize(
    "content",
    [
        {"kind": "everything"},
        {"kind": "before"},
        {"kind": "period", "start": "", "end": ""},
        {"kind": "period", "start": "1.4.2026", "end": ""},
        {"kind": "period"},
        {"kind": "where", "column": "segment", "values": []},
        {"kind": "where", "column": "segment", "values": ["c"]},
        {"kind": "where", "column": "plan", "values": ["a"]},
        {"kind": "where", "column": "segment", "values": "a"},
    ],
)
def test_messages_that_no_pill_sends_are_refused(page, said, content):
    before = page.state
    said(page.filters, type="versus", **content)
    assert page.filters.refused == 1 and page.state == before


def test_another_company_begins_without_a_comparison(study, monkeypatch, said):
    monkeypatch.setattr("widgets.journeys.fill", lambda: None)
    page = widgets.JourneysPage(dataclasses.replace(study))
    said(page.url, type="link", link="view=flow&where.segment=a&versus=rest")
    assert page.state.versus == "rest"
    said(page.url, type="link", link="")
    assert page.state.versus == "" and pill(page) is None
