"""Patterns as a filter of a study, counted by hand on the fourteen journeys of the twelve customers."""

import company
import pandas as pd
import pytest

import workbench as wb
from workbench.errors import NotEnoughData, NotFound


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    into = tmp_path_factory.mktemp("pattern") / "store"
    events = pd.DataFrame(company.rows())
    wb.load(events, into=into, name="Twelve")
    return wb.open(into)


def n_journeys(study):
    return int(wb.journeys.overview(study).frame.set_index("measure").at["journeys", "value"])


HELD = {
    # k01 k02 k05 (same minute, the file's order) k06 k09 k11 k13
    "Cart -> Payment": 7,
    "not Cart -> Payment": 7,
    # the same in words; Pay again lies between in k02, and there it takes three days
    "Payment, then Delivery within 2 days, without Pay again between": 4,
    # k05: 23 hours 56 minutes
    "Payment, then Delivery, within 1 day": 1,
    # of k09 and k11, who call after the cart: k09 after 26 minutes, k11 after two days; k09 pays again between
    "Cart, затем Support call в течение 26 минут": 1,
    "Cart, potem Support call, bez Pay again między nimi": 1,
    "start, then any, then end": 2,
    # k05: payment 09:04, delivery 09:00 the next day; the others take two days or three
    "Payment -> Delivery within 1d": 1,
    # k01 k05 k11 k13; k02 pays again between
    "Payment -> Delivery without Pay again": 4,
    # k01-k05 k07-k11 k13: all but k06, k12 (Product page first) and k14 (Support call)
    "start -> Search": 11,
    "Search": 12,
    # k06
    "Payment -> end": 1,
    # k09 in a row; k02 once
    "Pay again {2,}": 1,
    "Pay again {1}": 1,
    "Pay again": 2,
    # k04 begins with two searches; k07 has two, not in a row
    "Search {2}": 1,
    "Search -> Search": 2,
    # k02 k04 k07 k10 k13
    "Search@app": 5,
    # of them k02 k13 pay
    "Search@app -> Payment": 2,
    # k02 k04 k07 k13: on the app directly before the cart
    "Product page@app | Search@app => Cart": 4,
    # k07
    "Search => Product page => Search": 1,
    # k07 once more; k12 has Product page before Search, and nothing after
    "Product page -> Search -> Product page": 1,
    # k09: paid 09:08, called 09:31 (23 minutes); k11 calls after two days
    "Payment -> Support call within 23min": 1,
    # Delivery or Support call: k01 k02 k05 k08 k09 k11 k13 k14
    "any[stage=Use]": 8,
    "any[stage=Use, channel=phone]": 4,
    # five steps or more: k01 k02 k05 k07 k09 k11 k13
    "any {5,}": 7,
    # k10 k14: one step
    "start -> any -> end": 2,
    # k01 k05 k11 k13 k02 k09 in turn: k01 k05 k11 k13 have just these up to the payment; so do k02 k09
    "start -> Search => Product page => Cart => Payment": 6,
    # of them without a Pay again before the delivery: k01 k05 k11 k13
    "start -> Search => Product page => Cart => Payment -> Delivery without Pay again": 4,
}


@pytest.mark.parametrize("text", HELD)
def test_counted_by_hand(study, text):
    assert n_journeys(study.matching(text)) == HELD[text]


def test_a_bound_a_minute_shorter_holds_none(study):
    with pytest.raises(NotEnoughData):
        wb.journeys.overview(study.matching("Payment -> Support call within 22min"))


def test_filters_add_up(study):
    both = study.matching("Cart -> Payment").matching("not Support call")
    assert n_journeys(both) == 5  # of the seven, k09 and k11 call


def test_an_unknown_touchpoint(study):
    with pytest.raises(NotFound, match="Did you mean “Payment”") as caught:
        wb.journeys.overview(study.matching("Cart -> Paymnet"))
    assert caught.value.values["asked"] == "Paymnet"


def test_an_unknown_column_and_value(study):
    with pytest.raises(NotFound, match="colour"):
        wb.journeys.overview(study.matching("Cart[colour=red]"))
    with pytest.raises(NotFound, match="ap"):
        wb.journeys.overview(study.matching("Cart@ap"))
