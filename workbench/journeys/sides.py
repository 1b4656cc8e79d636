"""What a comparison reads of one group: for each view its rows, how many cases a row counts and of how many, and its median."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING

from workbench import stats
from workbench.engine import Prepared, reductions
from workbench.errors import NotEnoughData
from workbench.journeys import orders, pauses, positions, shapes
from workbench.journeys.common import known
from workbench.journeys.detours import keyed, written
from workbench.result import Caveat

if TYPE_CHECKING:
    import pandas as pd

_NO_MEDIAN = (float("nan"),) * 3
Spreads = Callable[[Hashable, int], stats.Cases]  # key of a row, its n -> what `stats` asks for about its share
Medians = Mapping[Hashable, tuple[float, float, float]]  # key -> median, lower and upper end


class Side:
    """One group. `counts`: key of a row -> n, n_customers. How they spread over customers, and the medians, are asked for when
    they are needed; so are, of rows that are no count but a mean (`View.means`), the mean and by how much each customer (or
    group of them) moves it."""

    def __init__(
        self,
        counts: Mapping[Hashable, tuple[int, int]],
        spread: Callable[[], Spreads],
        medians: Callable[[], Medians] = dict,
        mean: Callable[[Hashable], stats.Credited] | None = None,
        moves: Callable[[], Callable[[Hashable], pd.Series]] | None = None,
    ) -> None:
        self.counts, self.mean = counts, mean
        self._spread, self._medians = functools.cache(spread), functools.cache(medians)
        self._moves = moves and functools.cache(moves)

    def moves(self, key: Hashable) -> pd.Series:
        return self._moves()(key)

    def cases(self, key: Hashable) -> stats.Cases:
        return self._spread()(key, self.counts.get(key, (0, 0))[0])

    def median(self, key: Hashable) -> tuple[float, float, float]:
        return self._medians().get(key, _NO_MEDIAN)


@dataclasses.dataclass(frozen=True)
class View:
    """A view as a comparison asks for it: `columns` that name a row, what a key says in them (`told`), a group's numbers
    (`read`), the customers behind a row in a group (`members`), the view's arguments as they are written down, and what has to
    be said with it (`caveats`). `together`: the numbers of both groups as one, where they aren't those of all their
    journeys. `means`: whether a row is the mean of a number from 0 to 1, no count of cases. `tables`: what is read beside the
    journeys. `instrument`: that of the scores among the rows."""

    columns: tuple[str, ...]
    told: Callable[[Hashable], tuple]
    read: Callable[[Prepared], Side]
    members: Callable[[Prepared, Hashable], pd.DataFrame]
    params: Mapping[str, object] = dataclasses.field(default_factory=dict)
    timed: bool = True
    together: Callable[[Prepared, Prepared], Side] | None = None
    caveats: tuple[Caveat, ...] = ()
    means: Callable[[Hashable], bool] = lambda key: False
    tables: tuple[str, ...] = ()
    instrument: str = ""


def _counts(frame: pd.DataFrame, keys: Sequence[Hashable], n: str = "n") -> dict[Hashable, tuple[int, int]]:
    return dict(zip(keys, zip(frame[n].astype(int), frame["n_customers"].astype(int), strict=True), strict=True))


def _of(spread: reductions.Spread, place: Callable[[Hashable], tuple[Hashable, Hashable]]) -> Spreads:
    # place: key of a row -> whole and item
    return lambda key, k: spread.cases(*place(key), k)


def _medians(
    frame: pd.DataFrame, keys: Sequence[Hashable], found: reductions.Middles, item: Callable[[Hashable], Hashable] = lambda k: k
) -> Medians:
    none = _NO_MEDIAN[1:]
    return {key: (float(m), *found.get(item(key), none)) for key, m in zip(keys, frame["median_s"], strict=True)}


def flow(both: Prepared) -> View:
    """Transitions, beginnings and ends, of all that leave a source: keys (kind, source, target)."""

    def read(p: Prepared) -> Side:
        frame = reductions.moves(p)
        keys = list(frame[["kind", "source", "target"]].itertuples(index=False, name=None))
        return Side(
            _counts(frame, keys),
            lambda: _of(reductions.moves_spread(p), lambda key: (key[1], (key[2], ""))),
            lambda: _medians(frame, keys, reductions.moves_middles(p), lambda key: key[1:]),
        )

    return View(("kind", "source", "target"), tuple, read, lambda p, key: reductions.move_members(p, *key))


def touchpoints(both: Prepared) -> View:
    """Journeys that have a touchpoint, of all: keys are touchpoints."""

    def read(p: Prepared) -> Side:
        frame = reductions.touchpoints(p)
        keys = list(frame["touchpoint"])
        return Side(
            _counts(frame, keys, "n_journeys"),
            lambda: _of(reductions.touchpoints_spread(p), lambda key: (reductions.ALL, (key, "share"))),
            lambda: _medians(frame, keys, reductions.touchpoints_middles(p)),
        )

    return View(("touchpoint",), _single, read, reductions.touchpoint_journeys)


def variants(both: Prepared, top: int = 20) -> View:
    """Journeys of a variant, of all; the `top` most frequent of `both`: keys (shape, number of steps)."""
    shapes.checked(top)
    most = reductions.top_variants(both, top)
    names = dict(zip(zip(most["shape"], most["n_steps"].astype(int), strict=True), most["variant"], strict=True))
    asked = list(most["shape"])

    def read(p: Prepared) -> Side:
        frame = reductions.variant_counts(p, asked)
        keys = list(zip(frame["shape"], frame["n_steps"].astype(int), strict=True))
        return Side(
            _counts(frame, keys),
            lambda: _of(reductions.variants_spread(p, asked), lambda key: (reductions.ALL, key)),
            lambda: _medians(frame, keys, reductions.variants_middles(p, asked)),
        )

    def members(p: Prepared, key: tuple[str, int]) -> pd.DataFrame:
        return reductions.variant_members(p, *key)

    return View(("variant", "n_steps"), lambda key: (names[key], key[1]), read, members, {"top": top})


def funnel(both: Prepared, steps: Sequence[str], within: object = "7d") -> View:
    """Journeys that get to a step, of those at the step before (the first: of all): keys are positions."""
    steps, within, micros = orders.checked(steps, within)
    known(both, steps)

    def read(p: Prepared) -> Side:
        with reductions.reached(p, steps, micros) as held:
            frame, _ = reductions.funnel(held, steps)
        keys = list(frame["position"].astype(int))
        sums = [tuple(map(int, row)) for row in frame[["n", "n_customers", "kk", "kn"]].itertuples(index=False, name=None)]

        def spread() -> Spreads:
            begun = reductions.touchpoints_spread(p)

            def cases(key: int, k: int) -> stats.Cases:
                if key == 1:  # of all journeys those that have the first step
                    return begun.cases(reductions.ALL, (steps[0], "share"), k)
                n, customers, nn, _ = sums[key - 2]
                return stats.Cases(k, n, customers, sums[key - 1][2], sums[key - 1][3], nn)

            return cases

        def medians() -> Medians:
            with reductions.reached(p, steps, micros) as held:
                return _medians(frame, keys, reductions.funnel_middles(held))

        return Side(_counts(frame, keys), spread, medians)

    def members(p: Prepared, key: int) -> pd.DataFrame:
        return reductions.funnel_members(p, steps, micros, key)

    told = lambda key: (steps[key - 1], key)  # noqa: E731
    return View(("step", "position"), told, read, members, {"steps": steps, "within": within})


def steps(both: Prepared, anchor: str = "first", before: int = 0, after: int = 5) -> View:
    """Journeys at a touchpoint at a position, of those with the anchor: keys (position, touchpoint)."""
    positions.checked(before, after)
    if anchor not in ("first", "last"):
        known(both, [anchor])

    def read(p: Prepared) -> Side:
        frame = reductions.step_matrix(p, anchor, before, after)
        if anchor not in ("first", "last"):  # all are at the anchor by definition
            frame = frame[frame["position"] != 0]
        keys = list(zip(frame["position"].astype(int), frame["touchpoint"], strict=True))
        spread = lambda: reductions.steps_spread(p, anchor, before, after)  # noqa: E731
        return Side(_counts(frame, keys), lambda: _of(spread(), lambda key: (reductions.ALL, key[::-1])))

    def members(p: Prepared, key: tuple[int, str]) -> pd.DataFrame:
        return reductions.step_members(p, anchor, *key)

    params = {"anchor": anchor, "before": before, "after": after}
    return View(("position", "touchpoint"), tuple, read, members, params, timed=False)


def sessions(both: Prepared, gap: object = "30min") -> View:
    """Sessions that begin with a touchpoint, of all: keys are touchpoints."""
    gap, micros = pauses.checked(gap)

    def read(p: Prepared) -> Side:
        frame = reductions.sessions(p, micros)
        keys = list(frame["entry"])
        return Side(
            _counts(frame, keys),
            lambda: _of(reductions.sessions_spread(p, micros), lambda key: (reductions.ALL, (key, "share"))),
            lambda: _medians(frame, keys, reductions.sessions_middles(p, micros)),
        )

    def members(p: Prepared, key: str) -> pd.DataFrame:
        return reductions.session_members(p, micros, key)

    return View(("entry",), _single, read, members, {"gap": gap})


def loops(both: Prepared) -> View:
    """Journeys with a return, or a dead end of `both`, of all: keys (kind, touchpoint, via)."""
    dead_ends = reductions.dead_ends(both)

    def read(p: Prepared) -> Side:
        frame, (n, customers, nn) = reductions.returns(p, dead_ends), reductions.journeys_spread(p)
        keys = keyed(frame)
        sums = dict(zip(keys, zip(frame["kk"].astype(int), frame["kn"].astype(int), strict=True), strict=True))
        cases = lambda key, k: stats.Cases(k, n, customers, *sums.get(key, (0, 0)), nn)  # noqa: E731
        return Side(_counts(frame, keys, "n_journeys"), lambda: cases)

    def members(p: Prepared, key: tuple[str, str, str | None]) -> pd.DataFrame:
        return reductions.return_members(p, *key, journeys=True)

    return View(("kind", "touchpoint"), lambda key: (key[0], written(*key)), read, members, timed=False)


def crossings(both: Prepared) -> View:
    """Crossings from channel to channel, of all that go on from the first: keys (source, target)."""
    return _passings(both, "channel")


def handoffs(both: Prepared) -> View:
    """Hand-offs from owner to owner, of all that go on from the first: keys (source, target)."""
    return _passings(both, "owner")


def _passings(both: Prepared, column: str) -> View:
    if not reductions.has_values(both, column):
        raise NotEnoughData(f"journeys.no_{column}", n=both.n_events)

    def read(p: Prepared) -> Side:
        with reductions.passed(p, column) as held:
            frame, ends = reductions.passings(held, column), reductions.passings_middles(held, column)
            spread = reductions.passings_spread(held, column)
        keys = list(zip(frame["source"], frame["target"], strict=True))
        place = lambda key: (key[0], (key[1], ""))  # noqa: E731
        return Side(_counts(frame, keys), lambda: _of(spread, place), lambda: _medians(frame, keys, ends))

    return View(("source", "target"), tuple, read, lambda p, key: reductions.passing_members(p, column, *key))


#: the mean of a group in which nobody has one
NOBODY = stats.Credited(math.nan, 0, 0, 0.0, 0)


def no_cases() -> Spreads:
    """Of a group whose rows are all means."""
    return lambda key, k: stats.Cases(k, 0, 0, 0, 0, 0)


def _single(key: str) -> tuple[str]:
    return (key,)


#: views of what happens in journeys, one by one
COUNTED = (flow, touchpoints, variants, funnel, steps, sessions, loops, crossings, handoffs)
