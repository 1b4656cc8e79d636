"""How far a sequence of touchpoints departs from a planned one: exact alignments, pure arithmetic.

A plan is here a tuple of `Place`s, a touchpoint each; a walk is a journey's touchpoints as numbers: places in that tuple, or
−1 for what isn't planned. Fitting walks have the places in their order, those of the same order in any (parallel, repeats among
them); an optional place may be absent, a repeatable one come several times before the next order begins.

An alignment keeps some steps of a walk and reads the rest as departures, so that what is kept and what is added fits. Its cost
is the number of steps left out plus the places that had to be there and are not kept (Adriansyah 2014, Aligning observed and
modeled behavior; van der Aalst, Adriansyah and van Dongen 2012, WIREs Data Mining and Knowledge Discovery 2:182: the standard
cost function, moves on the log and moves on the model each 1). As a touchpoint has one place in a plan, the least cost needs
no search among orders of parallel steps: what is kept falls into one stretch of the walk for each order, and inside a stretch
each touchpoint counts for itself. So the best division into stretches is found by dynamic programming from the end.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence

SKIPPED, EXTRA, MOVED = "skipped", "extra", "out_of_order"
START = -1  # "after" the start: before anything planned was kept

#: (kind, place, −1 − touchpoint for what isn't planned; after): how a departure is told apart; `after` is a place or START
Departure = tuple[str, int, int]


@dataclasses.dataclass(frozen=True)
class Place:
    """A planned touchpoint: orders count upwards, equal ones are parallel."""

    order: int
    optional: bool = False
    repeatable: bool = False


@dataclasses.dataclass(frozen=True)
class Alignment:
    """The least cost, and the steps of the walk (from 0) that the alignment keeps. Of several of that cost it is the one that
    keeps earlier steps: where two first differ, the one whose next kept step comes first."""

    cost: int
    kept: tuple[int, ...]


def worst(length: int, plan: Sequence[Place]) -> int:
    """The cost of keeping nothing of a walk of that length."""
    return length + sum(not place.optional for place in plan)


def align(walk: Sequence[int], plan: Sequence[Place], most: int = 1_000_000) -> Alignment | None:
    """The alignment of least cost; None where finding it would take more than about `most` elementary steps (walks of many
    hundred steps in the same order)."""
    items = [at for at, place in enumerate(walk) if place >= 0]
    orders = [plan[walk[at]].order for at in items]
    if sum(n * n for n in Counter(orders).values()) + len(items) * len(set(orders)) > most:
        return None
    found = _Stretches([walk[at] for at in items], orders, plan)
    return Alignment(worst(len(walk), plan) - found.most, tuple(items[k] for k in found.kept()))


class _Stretches:
    """Over the planned steps of a walk, by their places and orders. A kept step saves its own cost, and the first of a place
    that had to be there saves that one's too: `most` is what the best division into stretches saves."""

    def __init__(self, places: Sequence[int], orders: Sequence[int], plan: Sequence[Place]) -> None:
        self._places, self._orders = places, orders
        self._first = [1 if place.optional else 2 for place in plan]
        self._again = [int(place.repeatable) for place in plan]
        ranks = {order: rank for rank, order in enumerate(sorted(set(orders)))}
        wide = Counter(place.order for place in plan)
        self._parallel = {order for order in ranks if wide[order] > 1}
        self._alike: dict[int, list[int]] = {order: [] for order in ranks}  # order -> its steps, from the last
        # what later steps save, at most: those of higher orders; in an order of one place this step and the rest, had the
        # place been kept before
        self._beyond, self._more = [0] * len(places), [0] * len(places)
        above = [0] * (len(ranks) + 1)  # by rank: what later steps of this rank or a higher one save; falls to the right
        for k in range(len(places) - 1, -1, -1):
            order = orders[k]
            rank, alike = ranks[order], self._alike[order]
            self._beyond[k] = above[rank + 1]
            self._more[k] = 1 + max(self._beyond[k], self._more[alike[-1]] if alike else 0)
            alike.append(k)
            saved = self._saved(k, frozenset())
            while rank >= 0 and above[rank] < saved:
                above[rank] = saved
                rank -= 1
        self.most = above[0]

    def _saved(self, k: int, had: frozenset[int]) -> int:
        # the most saved by step k and all that follows, where its stretch has these places already
        place, order = self._places[k], self._orders[k]
        if order not in self._parallel:
            first = self._again[place] if place in had else self._first[place]
            return first - 1 + self._more[k] if self._again[place] else first + self._beyond[k]
        places, beyond, total, most = self._places, self._beyond, 0, 0
        seen = set(had)
        for j in reversed(self._alike[order]):
            if j >= k:
                place = places[j]
                if place in seen:
                    total += self._again[place]
                else:
                    total += self._first[place]
                    seen.add(place)
                if total + beyond[j] > most:
                    most = total + beyond[j]
        return most

    def kept(self) -> list[int]:
        """The steps kept by the best division, the earliest of equals."""
        found: list[int] = []
        left, order, had = self.most, None, frozenset()
        for k, (place, own) in enumerate(zip(self._places, self._orders, strict=True)):
            if not left:
                break
            if order is not None and own < order:
                continue
            before = had if own == order else frozenset()
            worth = self._again[place] if place in before else self._first[place]
            if worth and self._saved(k, before) == left:
                found.append(k)
                left -= worth
                order, had = own, before | {place}
        return found


class Aligner:
    """Aligns many walks with one plan; walks that have the same planned steps share the work."""

    def __init__(self, plan: Sequence[Place], most: int = 1_000_000) -> None:
        self._plan, self._most = tuple(plan), most
        self._known: dict[tuple[int, ...], Alignment | None] = {}

    def align(self, walk: Sequence[int], touchpoints: Sequence[int]) -> tuple[int, Counter] | None:
        """Cost and departures of a walk (see `departures`); None where it takes too much."""
        items = [at for at, place in enumerate(walk) if place >= 0]
        key = tuple(walk[at] for at in items)
        if key not in self._known:
            self._known[key] = align(key, self._plan, self._most)
        found = self._known[key]
        if found is None:
            return None
        kept = [items[k] for k in found.kept]
        return found.cost + len(walk) - len(key), departures(walk, self._plan, kept, touchpoints)


def departures(walk: Sequence[int], plan: Sequence[Place], kept: Sequence[int], touchpoints: Sequence[int]) -> Counter:
    """Departure -> how often, of a walk with that alignment; `touchpoints` are the numbers of its steps as the log has them.

    SKIPPED: a place that had to be there is not in the walk at all; after: the last place of the order before it in the plan.
    MOVED: a place is in the walk, but nowhere where it could be kept: left out where it belongs, and found elsewhere; after:
    the place kept before its first step. EXTRA: every other step that isn't kept, planned or not; after: the place kept
    before it. Costs of a walk add up: SKIPPED and EXTRA 1 each, MOVED 2, of an optional place 1."""
    found: Counter = Counter()
    held, had = set(kept), {walk[at] for at in kept}
    after, moved = START, set()
    for at, place in enumerate(walk):
        if at in held:
            after = place
        elif place >= 0 and place not in had and place not in moved:
            moved.add(place)
            found[MOVED, place, after] += 1
        else:
            found[EXTRA, place if place >= 0 else -1 - touchpoints[at], after] += 1
    for place, one in enumerate(plan):
        if not one.optional and place not in had and place not in moved:
            found[SKIPPED, place, _before(plan, place)] += 1
    return found


def cost(departure: Departure, plan: Sequence[Place]) -> int:
    """What one such departure costs."""
    kind, place, _ = departure
    return 2 if kind == MOVED and not plan[place].optional else 1


def _before(plan: Sequence[Place], place: int) -> int:
    # the last place of the order before
    earlier = [other for other, one in enumerate(plan) if one.order < plan[place].order]
    return max(earlier, key=lambda other: (plan[other].order, other), default=START)
