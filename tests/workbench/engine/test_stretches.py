"""Customers of stretches of moves: gathered for all of them at once, as if each had been asked about by itself."""

import datetime as dt
import itertools
import random

import company
import pytest

from workbench.engine import reductions as r

MONTHS = (24314, 24315)  # of March and April 2026


@pytest.fixture(scope="module")
def p(prepare):
    chance = random.Random(7)
    return prepare(
        [
            {
                "customer_id": f"c{chance.randrange(40):02}",
                "touchpoint": chance.choice("ABCDEFG"),
                "occurred_at": company.START + dt.timedelta(minutes=20 * chance.randrange(72 * 90)),
            }
            for _ in range(1500)
        ]
    )


@pytest.fixture(scope="module")
def moves(p):
    return r.moved(p, "month")


@pytest.fixture(scope="module")
def asked():
    # far more than a number has bits; the moves from anything, the beginning and A … G to anything, nothing and A … G
    pairs = itertools.product([None, *range(-1, 7)], [None, *range(-1, 7)])
    months = [MONTHS[:1] * 2, MONTHS[1:] * 2, MONTHS]
    return [r.Stretch(code, nxt, *month) for code, nxt in pairs for month in months]


def test_each_of_many_stretches_has_its_own_customers(p, moves, asked):
    found = r.stretches(p, "month", moves, asked)
    for place in (0, 1, 59, 60, 61, 120, 150, len(asked) - 1):
        assert found[place] == len(r.stretch_members(p, "month", moves, asked[place]))
    assert len(set(found)) > 5
    # of three in a row the third is both months: all customers of either, each once
    for first, second, both in zip(found[::3], found[1::3], found[2::3], strict=True):
        assert max(first, second) <= both <= min(first + second, 40)


def test_stretches_asked_twice_are_told_twice(p, moves, asked):
    assert len(set(r.stretches(p, "month", moves, [asked[5]] * 3))) == 1


def test_customers_by_period_are_those_of_a_stretch_that_long(p, moves, asked):
    of_all = [one for one in asked if (one.first, one.last) == MONTHS]
    table = r.stretches_by_period(p, "month", moves, of_all).set_index("period")
    for month in MONTHS:
        alone = [r.Stretch(one.code, one.nxt, month, month) for one in of_all]
        assert table.loc[month].tolist() == r.stretches(p, "month", moves, alone)
