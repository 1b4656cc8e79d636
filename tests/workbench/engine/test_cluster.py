"""Intervals of very many customers: sums over groups that they fall into by chance, held against sums over the customers."""

import collections
import itertools
import random

import naive
import pytest

from workbench.engine import opening, reductions
from workbench.model import Rule

MANY = 24_000


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


@pytest.fixture(scope="module")
def p(prepare_in_duckdb, log):
    made = prepare_in_duckdb(log, Rule("case"))
    assert made.n_customers > opening.MANY
    return made


def both(monkeypatch, ask):
    """The answer from groups, and from customers."""
    grouped = ask()
    monkeypatch.setattr(opening, "MANY", 10**9)
    return grouped, ask()


def width(interval):
    return interval[1] - interval[0]


def test_shares_have_the_same_intervals(p, monkeypatch):
    grouped, exact = both(monkeypatch, lambda: reductions.moves_spread(p))
    moves = reductions.moves(p)
    assert grouped.wholes["A"] != exact.wholes["A"]  # they were groups
    apart = {}
    for one in moves.itertuples():
        found, wanted = (of.interval(one.source, (one.target, ""), one.n) for of in (grouped, exact))
        apart[one.source, one.target] = width(found) / width(wanted)
    assert len(apart) == 3 + 9 + 3
    # twice the standard error of a standard deviation from 1,024 groups is 4.4 %
    assert all(abs(ratio - 1) < 0.06 for ratio in apart.values()), apart


def test_medians_have_the_same_intervals_and_these_are_the_values_at_their_ranks(p, log, monkeypatch):
    grouped, exact = both(monkeypatch, lambda: reductions.moves_middles(p))
    waits = collections.defaultdict(list)
    for customer, steps in naive.by_case(log):
        for (at, a), (then, b) in itertools.pairwise(steps):
            waits[a, b].append((customer, then - at))
    assert exact == {move: naive.median_ends(values) for move, values in waits.items()}
    assert grouped.keys() == exact.keys() and grouped != exact
    # whole seconds, and few of them beside the middle: an end moves by one of them or two
    assert all(abs(width(grouped[move]) / width(exact[move]) - 1) < 0.15 for move in exact), (grouped, exact)
