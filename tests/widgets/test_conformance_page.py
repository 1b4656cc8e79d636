"""The view of conformance on the company of twelve, without a browser: against the analysis and numbers counted by hand."""

from __future__ import annotations

import pytest

import workbench as wb
from workbench.journeys import Plan, PlannedStep

PLAN = Plan(
    "Buying",
    tuple(
        PlannedStep(name, "", order) for order, name in enumerate(("Search", "Product page", "Cart", "Payment", "Delivery"), 1)
    ),
)


@pytest.fixture
def planned(study):
    """The plan, kept beside the store for the length of a test."""
    PLAN.save(study)
    yield
    Plan.remove(study)


@pytest.mark.parametrize("language", ["en", "ru", "pl"])
def test_where_journeys_depart(planned, page, said, language):
    said(page.url, type="link", link=f"view=conformance&rule=case&shape=table&lang={language}")
    result = wb.journeys.conformance(page.answer.result.study).guarded()
    assert [page.headline.title, *page.explain.sentences] == result.explain() and "Buying" in page.headline.title
    assert page.code.code.endswith("wb.journeys.conformance(study)") and page.status.kind != "note"
    # of fourteen departures five are made by two customers or more, and so is one of Pay again
    assert len(page.table.rows) == 6
    t = page.t
    assert page.table.rows[0]["cells"][:3] == [t("widgets.kind.skipped"), "Delivery", "Payment"]
    said(page.table, type="pick", row=0)
    assert page.who.head.count == t("widgets.who.count", n=9, customers=9)
    assert page.who.head.title == t(
        "widgets.who.named", name=t("conformance.skipped", touchpoint="Delivery"), rate=t.percent(9 / 14)
    )
    # the second table: three journeys of two customers fit
    assert page.further.rows[0]["cells"][0] == t("widgets.kind.fits")
    said(page.further, type="pick", row=0)
    assert page.who.head.count == t("widgets.who.count", n=3, customers=2)
    assert page.who.head.title.startswith(t("widgets.conformance.fits"))


def test_without_a_plan_the_usual_way_is_shown_and_said(page, see):
    see("conformance")
    assert page.state.view == "conformance" and page.url.link.startswith("view=conformance")
    assert (
        "the usual way" in page.headline.title
        and page.status.kind == "note"
        and "Read a planned journey" in page.status.message
    )
    # found in all journeys of the page's rule, whatever the filters
    whole = page.answer.result.plan
    assert whole == wb.journeys.discover(page.answer.result.study.unfiltered())
    assert "plan=wb.journeys.discover(" in page.code.code
    page.change(patterns=("Cart",))
    assert page.answer.result.plan == whole and len(page.answer.result.study.filters) == 1


def test_a_plan_read_later_is_compared_with(page, see, study):
    see("conformance")
    assert isinstance(page.answer.result.plan, wb.journeys.Discovered)
    PLAN.save(study)
    try:
        page.map.changes += 1  # as the map counts each plan that is read there
        see("flow")
        see("conformance")
        assert page.answer.result.plan == PLAN
    finally:
        Plan.remove(study)
