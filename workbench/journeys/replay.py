"""Token replay of journeys on a plan read as a net: a measure of fitness for comparison with published figures.

The net (a workflow net): between the orders stand places. An order of one touchpoint is a transition from the place before to
the place after; an order of several is a silent split into a pair of places for each, a transition between them, and a silent
join. An optional touchpoint has a silent transition beside it, a repeatable one a silent transition back.
Replay (Rozinat and van der Aalst 2008, Information Systems 33:64): a token starts at the beginning. Each planned step fires its
transition; where that isn't enabled, the shortest sequence of silent transitions that enables it is fired, and where there is
none, the missing token is added. At the end silent transitions are sought in the same way that bring a token to the end; it is
consumed, else missing. Steps at touchpoints that are not planned have no transition and are passed over, as is usual.
Fitness = ½ (1 − missing / consumed) + ½ (1 − remaining / produced), of sums over all journeys.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from workbench.journeys.alignment import Place

Marking = tuple[int, ...]  # tokens by place of the net


@dataclasses.dataclass
class Replay:
    """Sums over the journeys replayed: `n` of them; tokens."""

    net: Net
    n: int = 0
    produced: int = 0
    consumed: int = 0
    missing: int = 0
    remaining: int = 0

    @property
    def fitness(self) -> float:
        return 1 - self.missing / self.consumed / 2 - self.remaining / self.produced / 2

    def add(self, walk: Sequence[int], n: int = 1) -> None:
        """`n` journeys of this walk: places in the plan, −1 for what isn't planned."""
        produced, consumed, missing, remaining = self.net.replay([place for place in walk if place >= 0])
        self.n += n
        self.produced += n * produced
        self.consumed += n * consumed
        self.missing += n * missing
        self.remaining += n * remaining


class Net:
    """The net of a plan. Silent transitions are (taken, put): places of the net."""

    def __init__(self, plan: Sequence[Place]) -> None:
        self._steps: list[tuple[int, int]] = [(0, 0)] * len(plan)
        silent: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
        self._size, here = 1, 0
        for order in sorted({place.order for place in plan}):
            ones = [at for at, place in enumerate(plan) if place.order == order]
            then = self._new()
            pairs = [(here, then)] if len(ones) == 1 else [(self._new(), self._new()) for _ in ones]
            if len(ones) > 1:
                silent.append(((here,), tuple(first for first, _ in pairs)))
                silent.append((tuple(last for _, last in pairs), (then,)))
            for at, (first, last) in zip(ones, pairs, strict=True):
                self._steps[at] = first, last
                if plan[at].optional:
                    silent.append(((first,), (last,)))
                if plan[at].repeatable:
                    silent.append(((last,), (first,)))
            here = then
        self._end = here
        self._putting: dict[int, list[tuple[tuple[int, ...], tuple[int, ...]]]] = {}
        for taken, put in silent:
            for place in put:
                self._putting.setdefault(place, []).append((taken, put))
        self._known: dict[tuple[Marking, int], tuple[Marking, int, int] | None] = {}

    def _new(self) -> int:
        self._size += 1
        return self._size - 1

    def start(self) -> Replay:
        return Replay(self)

    def replay(self, walk: Sequence[int]) -> tuple[int, int, int, int]:
        """Tokens produced, consumed, missing and remaining."""
        marking: Marking = (1, *[0] * (self._size - 1))
        produced, consumed, missing = 1, 0, 0
        for at in [*walk, -1]:
            first, last = self._steps[at] if at >= 0 else (self._end, None)
            way = self._enabling(marking, first)
            if way is None:
                missing += 1
                marking = _changed(marking, (), (first,))
            else:
                marking = way[0]
                produced, consumed = produced + way[1], consumed + way[2]
            marking = _changed(marking, (first,), () if last is None else (last,))
            produced, consumed = produced + (last is not None), consumed + 1
        return produced, consumed, missing, sum(marking)

    def _enabling(self, marking: Marking, wanted: int) -> tuple[Marking, int, int] | None:
        # the nearest marking with a token at `wanted` that silent transitions lead to; tokens produced and consumed on the way
        if marking[wanted]:
            return marking, 0, 0
        key = marking, wanted
        if key not in self._known:
            self._known[key] = self._led(marking, wanted)
        return self._known[key]

    def _led(self, marking: Marking, wanted: int, passed: frozenset[int] = frozenset()) -> tuple[Marking, int, int] | None:
        # backwards: each silent transition that puts a token there, once all it takes has been led to in turn; the shortest
        if marking[wanted]:
            return marking, 0, 0
        best = None
        for taken, put in self._putting.get(wanted, ()):
            found: tuple[Marking, int, int] | None = (marking, 0, 0)
            for place in taken:
                if place in passed or (way := self._led(found[0], place, passed | {wanted})) is None:
                    found = None
                    break
                found = way[0], found[1] + way[1], found[2] + way[2]
            if found is not None:
                found = _changed(found[0], taken, put), found[1] + len(put), found[2] + len(taken)
                if best is None or found[2] < best[2]:
                    best = found
        return best


def _changed(marking: Marking, taken: Sequence[int], put: Sequence[int]) -> Marking:
    made = list(marking)
    for place in taken:
        made[place] -= 1
    for place in put:
        made[place] += 1
    return tuple(made)
