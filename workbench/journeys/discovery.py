"""The usual way, written down as a plan: for logs that nobody planned."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence

import numpy as np

from workbench.engine import reductions
from workbench.errors import BadInput, NotEnoughData
from workbench.journeys.common import opened
from workbench.journeys.plans import MOST_STEPS, Plan, PlannedStep
from workbench.model import Study

#: the most frequent variants are looked at, so many at most, and of at most so many steps
MOST_VARIANTS, LONGEST = 20_000, 1_000


@dataclasses.dataclass(frozen=True)
class Discovered(Plan):
    """See `discover`. `code`: the call that found it; `noise`: with which threshold."""

    code: str = dataclasses.field(default="", compare=False)
    noise: float = dataclasses.field(default=0.1, compare=False)


def discover(study: Study, *, noise: float = 0.1) -> Discovered:
    """What most journeys do, as a plan: the same log always gives the same. A rule of blocks, simple enough to check by eye:

    - touchpoints in fewer than `noise` of the journeys are left out;
    - the others stand in the order of the median place of their first step in their journeys (0 the first step, 1 the last), of
      equals the one in more journeys first, then by name; neighbours change places as long as more journeys meet the later
      one first;
    - two of them are parallel where, of the journeys that have both, more than `noise` meet the later one before the earlier
      one for the last time; they and all that stands between get the same order;
    - a touchpoint is optional where more than `noise` of the journeys don't have it, repeatable where in more than `noise` of
      those that have it, it comes again before anything of another order.

    The plan says what is usual, not what was meant, and allows more than happens: alternatives become parallel or
    optional steps, whatever comes round again becomes parallel. The 20,000 most frequent variants of at most 1,000 steps are
    looked at. BadInput unless 0 ≤ noise < 0.5; NotEnoughData where the study has no journey, or every touchpoint is left out.
    """
    if isinstance(noise, bool) or not isinstance(noise, int | float) or not 0 <= noise < 0.5:
        raise BadInput("journeys.bad_noise", asked=repr(noise))
    p, whole = opened(study)
    every = reductions.walks(p)
    every = every[every["n_steps"] <= LONGEST].head(MOST_VARIANTS)
    ways = reductions.walked(p, every["journey"].tolist())
    walks = [(tuple(ways[int(one)]), int(n)) for one, n in zip(every["journey"], every["n"], strict=True)]
    names = list(p.touchpoints)
    ordered = _blocks(walks, names, noise)
    if not ordered:
        raise NotEnoughData("journeys.nothing_usual", n=whole.n_journeys, noise=noise)
    stages = dict(p.query("SELECT touchpoint, stage FROM touchpoints").itertuples(index=False, name=None))
    steps = [PlannedStep(names[code], stages[names[code]] or "", *rest) for code, *rest in ordered]
    code = f"wb.journeys.discover({study.code()}{'' if noise == 0.1 else f', noise={noise!r}'})"
    return Discovered("", tuple(steps), code=code, noise=noise)


def plan_code(plan: Plan) -> str:
    """The Python that makes a plan."""
    return plan.code if isinstance(plan, Discovered) else f"wb.journeys.Plan.from_dict({plan.to_dict()!r})"


def _blocks(
    walks: Sequence[tuple[Sequence[int], int]], names: Sequence[str], noise: float
) -> list[tuple[int, int, bool, bool]]:
    # touchpoint, order, optional, repeatable; walks: a variant's touchpoints and how many journeys have it
    total = sum(n for _, n in walks)
    had: Counter[int] = Counter()
    for walk, n in walks:
        had.update(dict.fromkeys(walk, n))
    kept = sorted((code for code, n in had.items() if n >= noise * total), key=names.__getitem__)
    if len(kept) > MOST_STEPS:
        raise BadInput("journeys.plan_size", found=len(kept), allowed=MOST_STEPS)
    met = _Met(kept, walks)
    line = sorted(range(len(kept)), key=lambda i: (met.place(i), -had[kept[i]], i))
    _swap(line, met)
    order = {kept[i]: block for i, block in _orders(line, met, noise).items()}
    again: Counter[int] = Counter()
    for walk, n in walks:
        again.update(dict.fromkeys(_repeated([one for one in walk if one in order], order), n))
    steps = [(kept[i], had[kept[i]]) for i in line]
    return [(code, order[code], n < (1 - noise) * total, again[code] > noise * n) for code, n in steps]


class _Met:
    """Where journeys meet the touchpoints `kept`, named by their place there."""

    def __init__(self, kept: Sequence[int], walks: Sequence[tuple[Sequence[int], int]]) -> None:
        places = {code: i for i, code in enumerate(kept)}
        self._n = np.array([n for _, n in walks], dtype=np.int64)
        self._length = np.array([len(walk) for walk, _ in walks])
        self._begun = np.full((len(walks), len(kept)), -1, dtype=np.int32)
        self._ended = self._begun.copy()
        for row, (walk, _) in enumerate(walks):
            for at, code in enumerate(walk):
                if (i := places.get(code)) is not None:
                    self._ended[row, i] = at
                    if self._begun[row, i] < 0:
                        self._begun[row, i] = at
        self.has = self._begun >= 0

    def place(self, i: int) -> float:
        """The median of its first place in the journeys that have it: 0 the first step, 1 the last; of two the lower."""
        here = self.has[:, i]
        where = self._begun[here, i] / np.maximum(self._length[here] - 1, 1)
        order = np.argsort(where, kind="stable")
        counts = np.cumsum(self._n[here][order])
        return float(where[order][np.searchsorted(counts, (counts[-1] + 1) // 2)])

    def both(self, i: int) -> np.ndarray:
        """Journeys that have it and each of all."""
        return self._n @ (self.has & self.has[:, [i]])

    def first(self, i: int) -> np.ndarray:
        """Journeys that have it and each of all, and meet it first."""
        return self._n @ (self.has & self.has[:, [i]] & (self._begun[:, [i]] < self._begun))

    def crossed(self, i: int) -> np.ndarray:
        """Journeys that meet each of all before it for the last time."""
        return self._n @ (self.has & self.has[:, [i]] & (self._begun < self._ended[:, [i]]))


def _swap(line: list[int], met: _Met) -> None:
    # each change takes one pair less out of its order, so this ends
    first = np.array([met.first(i) for i in range(len(line))])
    changed = True
    while changed:
        changed = False
        for at in range(len(line) - 1):
            a, b = line[at : at + 2]
            if first[b, a] > first[a, b]:
                line[at : at + 2] = b, a
                changed = True


def _orders(line: Sequence[int], met: _Met, noise: float) -> dict[int, int]:
    # the order of each: a block lasts as long as something of it is parallel to something further on
    order, found, end = 0, {}, -1
    for at, one in enumerate(line):
        order += at > end
        parallel = met.crossed(one)[line] > noise * met.both(one)[line]
        end = max(end, max((int(j) for j in np.flatnonzero(parallel) if j > at), default=at))
        found[one] = order
    return found


def _repeated(walk: Sequence[int], order: dict[int, int]) -> set[int]:
    # touchpoints that come again before anything of another order
    found: set[int] = set()
    here: set[int] = set()
    now = 0
    for code in walk:
        if order[code] != now:
            here, now = set(), order[code]
        if code in here:
            found.add(code)
        here.add(code)
    return found
