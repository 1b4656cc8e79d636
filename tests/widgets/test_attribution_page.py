"""The view of attribution on the company of twelve: no browser; what is shown against numbers counted by hand."""

from __future__ import annotations

import pytest

import workbench as wb


@pytest.mark.parametrize("language", ["en", "ru", "pl"])
def test_what_channels_are_credited_with(page, said, language):
    said(page.url, type="link", link=f"view=attribution&target=Payment&shape=table&lang={language}")
    result = wb.journeys.attribution(page.answer.result.study, target="Payment").guarded()
    assert [page.headline.title, *page.explain.sentences] == result.explain()
    assert "wb.journeys.attribution(study, target='Payment', by='channel', half_life='7d', order=1)" in page.code.code
    # seven payments: four after the web, two in the app, one in the store, of one customer and so not shown; 7 models
    assert len(page.table.rows) == 14
    assert page.table.rows[0]["cells"][:2] == [page.t("journeys.attribution.model.first"), "web"]
    said(page.table, type="pick", row=0)
    assert page.who.head.count == page.t("widgets.who.count", n=4, customers=4)


def test_a_conversion_is_chosen_where_none_is_asked_for(page, said, see):
    see("attribution")
    # the end of the funnel that is shown where none is asked for: k02, k09 and k11 have six different touchpoints each
    target = page.state.target
    assert target == page.controls.one["target"].value and target in {"Delivery", "Support call"}
    said(page.controls.one["credited"], type="pick", value="touchpoint")
    said(page.controls.one["order"], type="pick", value="2")
    said(page.controls.one["half_life"], type="pick", value="1d")
    assert page.answer.result.params == {"target": target, "by": "touchpoint", "half_life": "1d", "order": 2}
    assert "order=2" in page.url.link and "target=" in page.url.link
    see("funnel")
    assert page.state.steps[-1] == target
