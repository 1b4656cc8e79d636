"""Attribution the slow way: what the tests hold the room's answers against, and a planted company whose credits are known."""

from __future__ import annotations

import itertools
import random

GOAL = "Goal"


def touched(names):
    """Touches before the conversion, and whether it converts."""
    if GOAL not in names:
        return names, False
    return names[: names.index(GOAL)] or [GOAL], True


def removal_slowly(ways, order, kinds):
    """Removal effects made to add up to 1: the chain walked from the start until nobody is under way."""
    counts = {}
    for names in ways:
        touches, converts = touched(names)
        states = [(), *(tuple(touches[max(0, i - order) : i]) for i in range(1, len(touches) + 1)), converts]
        for here, there in itertools.pairwise(states):
            counts.setdefault(here, {}).setdefault(there, 0)
            counts[here][there] += 1

    def chance(removed):
        under_way, done = {(): 1.0}, 0.0
        while sum(under_way.values()) > 1e-12:
            after = {}
            for here, share in under_way.items():
                total = sum(counts[here].values())
                for there, n in counts[here].items():
                    if there is True:
                        done += share * n / total
                    elif there is not False and there[-1] != removed:
                        after[there] = after.get(there, 0) + share * n / total
            under_way = after
        return done

    whole = chance(None)
    lost = {kind: whole - chance(kind) for kind in kinds}
    return {kind: one / sum(lost.values()) for kind, one in lost.items()}


def _position(touches):
    if len(touches) < 3:
        return [1 / len(touches)] * len(touches)
    return [0.4, *[0.2 / (len(touches) - 2)] * (len(touches) - 2), 0.4]


def _fading(touches, half_life):
    # a day between steps, the conversion a day after the last touch
    weights = [2 ** (-(len(touches) - i) / half_life) for i in range(len(touches))]
    return [one / sum(weights) for one in weights]


RULES = {
    "first": lambda touches: [1, *[0] * (len(touches) - 1)],
    "last": lambda touches: [*[0] * (len(touches) - 1), 1],
    "linear": lambda touches: [1 / len(touches)] * len(touches),
    "position": _position,
    "time_decay": lambda touches: _fading(touches, 2),
    "shapley": lambda touches: [1 / len(set(touches)) / touches.count(one) for one in touches],
}


def shares(ways, kinds):
    """model -> kind -> share of the conversions, of journeys with a day between steps and a half-life of two."""
    told = [touched(names)[0] for names in ways if GOAL in names]
    found = {
        model: {
            kind: sum(part for touches in told for one, part in zip(touches, rule(touches), strict=True) if one == kind)
            / len(told)
            for kind in kinds
        }
        for model, rule in RULES.items()
    }
    return found | {"markov": removal_slowly(ways, 1, [*kinds, GOAL])}


KINDS = ("Ad", "Mail", "Search", "Shop")
_FOND = {"Ad": 5, "Mail": 2, "Search": 9, "Shop": 4}
_LEADS = {"Ad": 0.08, "Mail": 0.25, "Search": 0.15, "Shop": 0.4}


def people(seed=5, n=400):
    """Customers as lists of journeys; each comes one to four times and is fond of one channel, so that journeys of a customer
    are alike. Samples of them, with replacement, have these customers' shares as their truth."""
    rng, made = random.Random(seed), []
    for _ in range(n):
        own = rng.choices(KINDS, [_FOND[one] for one in KINDS])[0]
        weights = [_FOND[one] * (6 if one == own else 1) for one in KINDS]
        ways = []
        for _ in range(rng.choice([1, 1, 1, 2, 3, 4])):
            names = rng.choices(KINDS, weights)
            while len(names) < 9:
                if rng.random() < _LEADS[names[-1]]:
                    names.append(GOAL)
                    break
                if rng.random() < 0.3:
                    break
                names += rng.choices(KINDS, weights)
            ways.append(names)
        made.append(ways)
    return made
