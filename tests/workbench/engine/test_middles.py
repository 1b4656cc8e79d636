"""Intervals of medians against the slow way: values sorted and counted in plain Python."""

import itertools
import random
from collections import defaultdict

import naive
import pytest

from workbench.engine import reductions
from workbench.model import Rule

SECOND = 1_000_000


@pytest.fixture(scope="module")
def log():
    seeded = random.Random(5)
    rows = []
    for case in range(150):
        at = seeded.randrange(0, 10**6)
        for _ in range(seeded.randrange(1, 6)):
            rows.append({"customer_id": f"c{case % 40}", "case_id": f"k{case}", "touchpoint": seeded.choice("ABC"), "at": at})
            at += seeded.randrange(0, 20) ** 2 * (case % 40)
    return rows


def agree(found, values):
    wanted = {item: naive.median_ends(some) for item, some in values.items()}
    assert found == {item: one for item, one in wanted.items() if one} and found


def test_all_medians(prepare, log):
    p, journeys = prepare(log, Rule("case")), naive.by_case(log)
    whole, moves, after, variants, sessions, funnel = ([], *(defaultdict(list) for _ in range(5)))
    for customer, steps in journeys:
        length = steps[-1][0] - steps[0][0]
        whole.append((customer, length))
        variants["".join(name for _, name in steps), len(steps)].append((customer, length))
        for (at, a), (then, b) in itertools.pairwise(steps):
            moves[a, b].append((customer, then - at))
            after[a].append((customer, then - at))
    for entry, found in naive.sessions(journeys, 600).items():
        sessions[entry] += [(customer, took) for customer, _, took in found]
    for position, found in naive.funnel(journeys, "ABC", 9000)[0].items():
        if position > 1:
            funnel[position] += zip(*found, strict=True)
    assert reductions.journeys_middle(p) == naive.median_ends(whole)
    agree(reductions.moves_middles(p), moves)
    agree(reductions.touchpoints_middles(p), after)
    agree(reductions.sessions_middles(p, 600 * SECOND), sessions)
    with reductions.reached(p, "ABC", 9000 * SECOND) as held:
        agree(reductions.funnel_middles(held), funnel)
    top = reductions.top_variants(p, 50)
    names = {(one.shape, one.n_steps): one.variant.replace(" → ", "") for one in top.itertuples()}
    found = {(names[key], key[1]): one for key, one in reductions.variants_middles(p, top["shape"]).items()}
    agree(found, {key: some for key, some in variants.items() if key[0] in names.values()})
