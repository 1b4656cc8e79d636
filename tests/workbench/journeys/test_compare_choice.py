"""How the two groups of a comparison were chosen: what is said where what happens in journeys chose them, and that no journey
may be in both."""

import random

import pandas as pd
import pytest

import workbench as wb
from workbench.errors import BadInput
from workbench.locale import LANGUAGES

j = wb.journeys
CHOSEN = "journeys.caveat.chosen_"


def told(a, b=None, of="touchpoints", **arguments):
    """The caveat about how groups were chosen, as (which, by what); none: ()."""
    found = [one for one in j.compare(a, b, of=of, **arguments).caveats if one.key.startswith(CHOSEN)]
    assert len(found) <= 1
    return next(((one.key.removeprefix(CHOSEN), one.values["what"]) for one in found), ())


def test_what_happens_in_journeys_chose_a_group(study):
    app, web, gold = study.where(channel="app"), study.where(channel="web"), study.where(plan="gold")
    assert told(app) == told(app.rest(), app) == ("rest", "channel")
    assert told(gold.where(channel="app")) == told(study.where(plan="gold", channel="app")) == ("rest", "channel")
    assert told(app, of="cohorts", by="week") == ("rest_returns", "channel")
    assert told(app, web) == told(app, web, of="cohorts", by="week") == ("both", "channel")
    assert told(study.matching("Cart -> Payment")) == ("rest", "Cart -> Payment")
    assert told(study.where(touchpoint="Cart").where(channel="app")) == ("rest", "touchpoint, channel")
    # c01 to c04 are gold; journeys of the others in the app: k07 and k10
    assert told(gold, study.where(plan="basic", channel="app")) == ("one", "channel")
    assert told(gold, study.where(plan="basic").matching("Cart -> Payment")) == ("one", "Cart -> Payment")
    # c05 to c12 but for c07 and c10 have nothing in the app; that rest isn't that of gold customers
    assert told(app.rest().where(plan="basic"), gold) == ("one", "channel")
    # 59 letters and the mark that it goes on
    long = " -> ".join(["Search", "Product page", "Cart", "Payment", "Delivery", "Support call"])
    assert told(study.matching(long))[1] == "Search -> Product page -> Cart -> Payment -> Delivery -> Su…"


def test_columns_of_customers_and_periods_did(study):
    gold, app = study.where(plan="gold"), study.where(channel="app")
    first, then = ("2026-03-02", "2026-03-02"), ("2026-03-03", None)
    assert told(gold) == told(gold, study.where(plan="basic")) == ()
    assert told(gold.between(*first)) == ("rest", "2026-03-02 – 2026-03-02")  # who had no journey in it
    assert told(study.where(customer_id="c01")) == ()
    # chosen by what happens, but both alike
    assert told(study.between(*first), study.between(*then)) == told(app.between(*first), app.between(*then)) == ()
    assert told(app.where(plan="gold"), app.where(plan="basic")) == ()
    assert told(study.where(channel="app", plan="gold"), app.where(plan="basic")) == ()


@pytest.mark.parametrize("of", ["touchpoints", "cohorts"])
def test_it_is_said_in_every_language(study, of):
    app = study.where(channel="app")
    said = {language: j.compare(app, of=of).caveats[0].text(language) for language in LANGUAGES}
    assert all("(channel)" in one and len(one) < 300 for one in said.values())
    assert said["en"].startswith("One group was chosen by what happens in its journeys (channel)")
    assert "менее активны" in said["ru"] and "mniej aktywni" in said["pl"]
    again = {"en": "active again", "ru": "снова активных", "pl": "znów aktywnych"}
    assert all((words in said[language]) == (of == "cohorts") for language, words in again.items())


@pytest.fixture(scope="module")
def lots(tmp_path_factory):
    """Four hundred customers with 1 to 12 visits in a year, every visit a journey, in the app or on the web by lot."""
    draw, rows = random.Random(7), []
    for who in range(400):
        for visit in range(draw.choice([1, 1, 2, 3, 12])):
            day = pd.Timestamp("2025-01-01T09:00Z") + pd.Timedelta(days=draw.randrange(360))
            rows.append((f"c{who}", f"{who}.{visit}", day, "Visit", draw.choice(["app", "web"])))
    folder = tmp_path_factory.mktemp("lots") / "s"
    names = ["customer_id", "case_id", "occurred_at", "touchpoint", "channel"]
    wb.load(pd.DataFrame(rows, columns=names), into=folder, name="Lots")
    return wb.open(folder).by_case()


def test_by_lot_the_rest_differs_and_another_channel_does_not(lots):
    # the channel says nothing: but of those who come once half have nothing in the app, of those who come twelve times none
    app, web = lots.where(channel="app"), lots.where(channel="web")
    against_rest = j.compare(app, of="cohorts")
    assert against_rest.n_shown and against_rest.caveats[0].key == "journeys.caveat.chosen_rest_returns"
    against_web = j.compare(app, web, of="cohorts")
    assert against_web.n_tested and not against_web.n_shown


def test_no_journey_may_be_in_both(study):
    app, everyone, day = study.where(channel="app"), study.by_customer(), "2026-03-02"
    pairs = {
        # the five in the app of fourteen; the four of gold customers of twelve
        (5, 14): (app, study),
        (4, 12): (everyone.where(plan="gold"), everyone),
        # c01 c02 c04 c07 c10 have been in the app, c01 c03 c05 c08 c09 c11 c12 on the web
        (1, 11): (everyone.where(channel="app"), everyone.where(channel="web")),
        # the twelve journeys of 2 March, and these with k13
        (12, 13): (study.between(day, day), study.between(day, "2026-03-12")),
    }
    for (n, total), pair in pairs.items():
        for a, b in (pair, pair[::-1]):
            with pytest.raises(BadInput) as refused:
                j.compare(a, b, of="touchpoints")
            said = {language: refused.value.text(language) for language in LANGUAGES}
            assert said["en"].startswith(f"The same journeys lie in both groups ({n} of {total})") and "rest()" in said["en"]
            assert f"({n} из {total})" in said["ru"] and f"({n} z {total})" in said["pl"]


@pytest.mark.parametrize("rule", ["by_case", "by_customer", "by_gap", "by_window"])
def test_two_periods_have_no_journey_in_common(lots, rule):
    cut = getattr(lots, rule)()
    found = j.compare(cut.between(None, "2025-06-30"), cut.between("2025-07-01", None), of="touchpoints")
    every = j.overview(cut).frame.set_index("measure").loc["journeys", "value"]
    assert min(found.sizes) and found.sizes[0] + found.sizes[2] == every


def test_the_rest_of_a_period_is_who_had_nothing_in_it(lots):
    # nothing is planted but activity: who comes twelve times a year comes in any two months
    found = j.compare(lots.between("2025-03-01", "2025-04-30"), of="cohorts")
    assert found.caveats[0].key == "journeys.caveat.chosen_rest_returns"
    assert "(2025-03-01 – 2025-04-30)" in found.caveats[0].text("en")
