"""Alignments and token replay: by hand, and against a search of all sequences that fit and all that can be kept."""

import itertools
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.journeys.alignment import EXTRA, MOVED, SKIPPED, START, Aligner, Place, align, cost, departures, worst
from workbench.journeys.replay import Net

LINE = tuple(Place(order) for order in (1, 2, 3, 4))  # A, B, C, D
A, B, C, D, X = 0, 1, 2, 3, -1


@pytest.mark.parametrize(
    ("walk", "least", "kept"),
    [
        ((A, B, C, D), 0, (0, 1, 2, 3)),
        ((), 4, ()),  # all four are missing
        ((A, C, D), 1, (0, 1, 2)),  # B is missing
        ((A, B, X, C, D), 1, (0, 1, 3, 4)),
        ((A, B, B, C, D), 1, (0, 1, 3, 4)),  # of two the earlier is kept
        ((B, A, C, D), 2, (0, 2, 3)),  # B or A can be kept: B comes first; A is missing there and too many here
        ((D, A, B, C), 2, (1, 2, 3)),  # D alone would cost 3 too many and 3 missing
        ((X, X), 6, ()),
    ],
)
def test_by_hand_on_a_line(walk, least, kept):
    found = align(walk, LINE)
    assert (found.cost, found.kept) == (least, kept)


def test_by_hand_with_optional_repeatable_and_parallel_places():
    # A, then B and C in any order, C any number of times, then D or nothing
    plan = (Place(1), Place(2), Place(2, repeatable=True), Place(3, optional=True))
    assert [align(walk, plan).cost for walk in ((A, B, C, D), (A, C, B), (A, C, B, C, C), (A, B, C))] == [0, 0, 0, 0]
    assert align((A, C, D, C), plan).cost == 2  # B is missing, and one of D and the last C is too many
    assert align((A, B, B, C), plan).cost == 1
    # an optional step out of its place is too many, and misses nothing
    found = align((D, A, B, C), plan)
    assert (found.cost, found.kept) == (1, (1, 2, 3))
    told = departures((D, A, B, C), plan, found.kept, (D, A, B, C))
    assert told == {(MOVED, D, START): 1} and cost((MOVED, D, START), plan) == 1


def test_departures_by_hand():
    walk, touchpoints = (X, B, A, X, C, C), (9, B, A, 7, C, C)
    kept = align(walk, LINE).kept
    assert kept == (1, 4)  # B comes before A
    told = departures(walk, LINE, kept, touchpoints)
    # 9 comes before anything, A after B though it belongs before, 7 and the second C come once too often, D is missing
    assert told == {
        (EXTRA, -10, START): 1, (MOVED, A, B): 1, (EXTRA, -8, B): 1, (EXTRA, C, C): 1, (SKIPPED, D, C): 1,
    }  # fmt: skip
    assert sum(cost(one, LINE) * n for one, n in told.items()) == align(walk, LINE).cost == 6
    assert worst(6, LINE) == 10  # six steps left out, four missing


def test_a_bound_on_the_work():
    walk = tuple(range(4)) * 100
    assert align(walk, LINE, most=10_000) is None  # 100² steps in each of four orders
    assert align(walk, LINE).cost == 396
    assert Aligner(LINE, most=10_000).align(walk, walk) is None


plans = st.lists(st.builds(Place, st.integers(1, 3), st.booleans(), st.booleans()), min_size=1, max_size=4).map(tuple)


def words(plan, longest):
    """Every sequence that fits, of at most so many steps."""
    found = {()}
    for order in sorted({place.order for place in plan}):
        here = [i for i, place in enumerate(plan) if place.order == order]
        block = {
            one
            for length in range(longest + 1)
            for one in itertools.product(here, repeat=length)
            if all((plan[i].optional or i in one) and (plan[i].repeatable or one.count(i) < 2) for i in here)
        }
        found = {first + second for first in found for second in block if len(first + second) <= longest}
    return found


def inside(part, whole):
    rest = iter(whole)
    return all(one in rest for one in part)


@settings(max_examples=150)
@given(plans, st.data())
def test_as_a_search_of_everything_has_it(plan, data):
    walk = tuple(data.draw(st.lists(st.integers(-1, len(plan) - 1), max_size=5)))
    fitting = words(plan, len(walk) + len(plan))
    # every way to keep some steps, and the shortest fitting sequence that has them: what is left out and what is added
    ways = {}
    for size in range(len(walk) + 1):
        for kept in itertools.combinations(range(len(walk)), size):
            lengths = [len(word) for word in fitting if inside([walk[at] for at in kept], word)]
            if lengths:
                ways[kept] = len(walk) - size + min(lengths) - size
    least = min(ways.values())
    found = align(walk, plan)
    assert found.cost == least
    assert found.kept == min(kept for kept, n in ways.items() if n == least)  # the earliest of equals
    told = departures(walk, plan, found.kept, walk)
    assert sum(cost(one, plan) * n for one, n in told.items()) == least <= worst(len(walk), plan)
    assert Aligner(plan).align(walk, walk) == (least, told)
    assert (least == 0) == (walk in fitting)


@settings(max_examples=150)
@given(plans, st.data())
def test_replay_misses_nothing_where_and_only_where_a_walk_fits(plan, data):
    walk = tuple(data.draw(st.lists(st.integers(0, len(plan) - 1), max_size=5)))
    produced, consumed, missing, remaining = Net(plan).replay(walk)
    assert (missing == remaining == 0) == (walk in words(plan, len(walk)))
    # a token is put where it lay or was missing, and is taken or remains
    assert produced + missing == consumed + remaining


def test_replay_by_hand():
    replay = Net((Place(1), Place(2))).start()
    replay.add((A, B))  # a token to begin with, after A, after B: 3 produced, all consumed
    assert (replay.produced, replay.consumed, replay.missing, replay.remaining, replay.fitness) == (3, 3, 0, 0, 1)
    replay.add((X, A), 2)  # after A one lies there and remains; at the end one is missing: p 2, c 2, m 1, r 1, twice
    assert Counter(n=replay.n, p=replay.produced, c=replay.consumed, m=replay.missing, r=replay.remaining) == {
        "n": 3, "p": 7, "c": 7, "m": 2, "r": 2,
    }  # fmt: skip
    assert replay.fitness == pytest.approx(1 - 2 / 7)


def test_replay_through_silent_transitions_by_hand():
    # A and beside it B, which may be left out: the split takes 1 and puts 2, leaving out takes 1 and puts 1, the join 2 and 1
    net = Net((Place(1), Place(1, optional=True)))
    assert net.replay((A,)) == (1 + 2 + 1 + 1 + 1, 1 + 1 + 1 + 2 + 1, 0, 0)
