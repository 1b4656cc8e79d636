"""Intervals of very many customers: sums over groups that they fall into by chance, reckoned once more by hand, and held
against sums over the customers. Which group a customer falls into is a hash, another one on each engine."""

import collections
import itertools
import math
import random

import naive
import pytest

from workbench.engine import opening, reductions
from workbench.model import Rule

MANY = 8_000  # here; enough for some in each group


@pytest.fixture(scope="module")
def log():
    seeded = random.Random(11)
    rows = []
    for customer in range(MANY):
        habit, slow = seeded.choice(["ABA", "BBC", "CAB"]), seeded.choice([60, 3600])  # what makes a customer's journeys alike
        for case in range(seeded.choice([1, 1, 2, 5])):
            at = seeded.randrange(0, 10**6)
            for _ in range(2):
                rows.append(
                    {
                        "customer_id": f"c{customer}",
                        "case_id": f"{customer}-{case}",
                        "touchpoint": seeded.choice(habit),
                        "at": at,
                    }
                )
                at += 1 + int(seeded.expovariate(1 / slow))
    return rows


@pytest.fixture(autouse=True)
def grouped_already(monkeypatch):
    monkeypatch.setattr(opening, "MANY", MANY - 1)


@pytest.fixture(scope="module")
def p(prepare, log):
    return prepare(log, Rule("case"))


def both(monkeypatch, ask):
    """The answer from groups, and from customers."""
    grouped = ask()
    monkeypatch.setattr(opening, "MANY", 10**9)
    return grouped, ask()


def width(interval):
    return interval[1] - interval[0]


def groups(p):
    """customer_id -> the group it falls into where moves are asked for."""
    told = p.query("SELECT customer_id, customer FROM customers")
    return {who: number & (opening.FEWER - 1) for who, number in told.itertuples(index=False, name=None)}


def test_shares_are_reckoned_from_the_groups(p, log):
    of = groups(p)
    left, gone = collections.defaultdict(collections.Counter), collections.defaultdict(collections.Counter)
    for customer, steps in naive.by_case(log):
        names = ["(start)", *(name for _, name in steps), "(end)"]
        for source, target in itertools.pairwise(names):
            left[source][of[customer]] += 1
            gone[source, target][of[customer]] += 1
    found = reductions.moves_spread(p)
    assert found.wholes == {
        source: (sum(n.values()), len(n), sum(one * one for one in n.values())) for source, n in left.items()
    }
    assert found.items == {
        (source, (target, "")): (sum(k * k for k in ks.values()), sum(k * left[source][one] for one, k in ks.items()))
        for (source, target), ks in gone.items()
    }


def test_shares_have_the_same_intervals(p, monkeypatch):
    grouped, exact = both(monkeypatch, lambda: reductions.moves_spread(p))
    moves = reductions.moves(p)
    assert grouped.wholes["A"] != exact.wholes["A"]  # they were groups
    apart = {}
    for one in moves.itertuples():
        found, wanted = (of.interval(one.source, (one.target, ""), one.n) for of in (grouped, exact))
        apart[one.source, one.target] = width(found) / width(wanted)
    assert len(apart) == 3 + 9 + 3
    # The groups are one draw. A standard deviation from 1,024 of them has a standard error of 1 / √2048 = 2.2 %; that one of
    # fifteen is more than four of these off has a chance of 15 · 6.3e-5 = 1 in 1,000.
    assert all(abs(ratio - 1) < 4 / math.sqrt(2 * opening.FEWER) for ratio in apart.values()), apart


def test_medians_have_the_same_intervals_and_these_are_the_values_at_their_ranks(p, log, monkeypatch):
    grouped, exact = both(monkeypatch, lambda: reductions.moves_middles(p))
    waits, of = collections.defaultdict(list), groups(p)
    for customer, steps in naive.by_case(log):
        for (at, a), (then, b) in itertools.pairwise(steps):
            waits[a, b].append((customer, then - at))
    assert exact == {move: naive.median_ends(values) for move, values in waits.items()}
    by_group = {move: [(of[customer], took) for customer, took in values] for move, values in waits.items()}
    assert grouped == {move: naive.median_ends(values) for move, values in by_group.items()} and grouped != exact
    # whole seconds, and few of them beside the middle: an end moves by one of them or two
    assert all(abs(width(grouped[move]) / width(exact[move]) - 1) < 0.15 for move in exact), (grouped, exact)
