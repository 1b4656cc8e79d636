"""Two groups side by side in views whose rows are not moves: no browser, on a company of half a year."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

import workbench as wb
from widgets import journey_files
from workbench.settings import Settings

COMPARED = ("map", "conformance", "retention", "attribution")
WAYS = (("Look", "Ask", "Buy"), ("Look", "Buy"), ("Buy",), ("Look", "Look"))


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """80 customers of segment a and 80 of b, half of them in January first; three of four of a are back a month later, one of
    four of b. Every other of a buys on the phone, one of eight of b."""
    rows, start = [], dt.datetime(2026, 1, 10, 9, tzinfo=dt.UTC)
    for segment, (back, phone) in {"a": (3, 4), "b": (1, 1)}.items():
        for i in range(80):
            months = [i % 2, *([i % 2 + 1] if i // 2 % 4 < back else [])]
            for month in months:
                when = start + dt.timedelta(days=31 * month, minutes=i)
                for place, name in enumerate(WAYS[(i + month) % 4]):
                    row = {"customer_id": f"{segment}{i:02}", "case_id": f"{segment}{i:02}.{month}", "segment": segment}
                    row |= {"touchpoint": name, "channel": "phone" if i % 8 < phone else "web"}
                    rows.append(row | {"occurred_at": when + dt.timedelta(hours=place)})
    rows.append(
        rows[-1] | {"occurred_at": dt.datetime(2026, 6, 30, 20, tzinfo=dt.UTC), "case_id": "last", "customer_id": "b79"}
    )
    folder = tmp_path_factory.mktemp("compare") / "returns"
    wb.load([pd.DataFrame(rows)], folder, name="Returns", timezone="UTC")
    return wb.open(folder, settings=Settings(min_group=5, store=str(folder)))


def links(view):
    for versus in (
        "where.segment=a&versus=rest",
        "start=2026-02-01&versus=before",
        "where.segment=a&versus=where&other.segment=b",
    ):
        yield f"view={view}&rule=case&{versus}"


@pytest.mark.parametrize("language", ["en", "ru", "pl"])
@pytest.mark.parametrize("view", COMPARED)
def test_every_view_in_every_language(page, said, view, language):
    for link in links(view):
        for shape in ("picture", "table"):
            said(page.url, type="link", link=f"{link}&shape={shape}&lang={language}")
            # without a plan the usual way is held against, and a note says so
            usual = view == "conformance" and page.status.message == page.t("widgets.conformance.usual")
            assert page.status.kind == "quiet" or usual, page.status.message
            assert [page.headline.title, *page.explain.sentences] == page.answer.result.explain()
        assert "compare(" in page.code.code and len(page.table.rows)
        for row, one in page.answer.result.frame.iterrows():
            page._open(page.answer.parts[0], row)
            assert len(page.who.frame) == one["n_customers"] and page.who.frame["n"].sum() == one["n"]
            assert one["n_customers"] == 0 or one["n_customers"] >= 5


def test_who_comes_back_in_two_segments(page, said):
    said(page.url, type="link", link="view=retention&rule=case&shape=table&where.segment=a&versus=rest")
    # 60 of 80 and 20 of 80
    assert page.headline.title == "Largest difference shown: active again 1 month later, 75% (segment a) and 25% (all others)"
    first = page.table.rows[0]["cells"]
    assert first[:3] == ["active again 1 month later", "75% (60 of 80)", "25% (20 of 80)"]


def test_credit_is_a_share_of_conversions_not_of_journeys_with_it(page, said):
    link = "view=attribution&target=Buy&rule=case&shape=table&where.segment=a&versus=where&other.segment=b"
    said(page.url, type="link", link=link)
    frame = page.answer.result.frame
    assert "of='attribution', target='Buy', by='channel', half_life='7d', order=1" in page.code.code
    row = page.table.rows[0]
    one = frame.loc[row["key"]]
    assert row["cells"][1] == f"{page.t.percent(one['share_a'])} (n = {one['total_a']})"
    told = frame.groupby("model")[["share_a", "share_b"]].sum()
    assert told.to_numpy().ravel().tolist() == pytest.approx([1] * 14)


def test_a_view_that_compares_nothing_says_so(page, said, see):
    said(page.url, type="link", link="view=changes&where.segment=a&versus=rest")
    note = page.t("widgets.versus.not_here")
    assert (page.status.kind, page.status.message) == ("note", note)
    assert "wb.journeys.changes(" in page.code.code and [one["text"] for one in page.filters.pills][-1:] == ["all others"]
    see("flow")
    assert page.status.kind == "quiet" and "compare(" in page.code.code


def test_a_compared_map_is_drawn_as_any_other_comparison(page, said):
    said(page.url, type="link", link="view=map&rule=case")
    assert page.map.box.layout.display != "none" and page.chart.layout.display == "none"
    assert ("pdf", "PDF") in [tuple(one) for one in journey_files.kinds(page.answer.is_map)]
    said(page.url, type="link", link="view=map&rule=case&where.segment=a&versus=rest")
    assert page.map.box.layout.display == "none" and page.chart.layout.display != "none"
    assert page.chart.spec and not page.answer.is_map and "of='map'" in page.code.code
    for kind, _ in journey_files.kinds(page.answer.is_map):
        if kind in {"html", "csv", "xlsx"}:
            assert journey_files.view_file(page.answer, page.known, kind, page.state)
    assert "pdf" not in dict(journey_files.kinds(page.answer.is_map))
    said(page.url, type="link", link="view=map&rule=case&where.segment=a")
    assert page.map.box.layout.display != "none" and page.answer.is_map
