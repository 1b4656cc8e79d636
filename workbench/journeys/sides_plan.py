"""What a comparison reads of journeys held against the plan."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd

from workbench.engine import Prepared, reductions
from workbench.journeys.conformance import FITS, aligned, given, limits
from workbench.journeys.contrasts import Beside, With
from workbench.journeys.plans import Plan
from workbench.journeys.sides import NOBODY, Side, View, no_cases

FITNESS = "fitness"
Key = tuple[str, str, str]


def conformance(both: Prepared, plan: Plan | None = None, seconds: float = 20.0) -> View:
    """Of the journeys aligned with the plan those that fit entirely ("fits"), those with a departure, and their mean fitness:
    keys (kind, touchpoint, follows). The journeys of both groups are aligned together, so that the same variants are known of
    either."""
    kept, found = aligned(both, plan, seconds)
    walkers = reductions.walkers(both)
    journeys, variants = walkers["journey"].to_numpy(), walkers["place"].to_numpy()
    known = found.cost >= 0
    places = {(FITS, "", ""): np.flatnonzero(found.cost == 0)} | {key: one[0] for key, one in found.departures.items()}

    def read(p: Prepared) -> Side:
        own = walkers
        if p is not both:
            own = walkers[np.isin(journeys, reductions.walkers(p)["journey"].to_numpy())]
        if not known[own["place"].to_numpy()].any():
            return Side({}, no_cases, mean=lambda key: NOBODY)
        beside = Beside(own, known)
        with_it = functools.cache(lambda key: beside.of(places[key]))
        every = beside.of(np.flatnonzero(known))
        counts = {(FITNESS, "", ""): (len(every.rows), every.n_customers)}
        for key in places:
            one: With = with_it(key)
            if len(one.rows) or key[0] == FITS:
                counts[key] = (len(one.rows), one.n_customers)
        mean, moves = beside.credited((1 - found.cost / found.worst)[beside.place])
        return Side(
            counts,
            lambda: lambda key, k: beside.cases(with_it(key), beside.whole),
            mean=lambda key: mean,
            moves=lambda: lambda key: pd.Series(moves, index=beside.groups),
        )

    def members(p: Prepared, key: Key) -> pd.DataFrame:
        here = known[variants] if key[0] == FITNESS else np.isin(variants, places[key])
        return reductions.journey_members(p, journeys[here].tolist())

    return View(
        ("kind", "touchpoint", "follows"), tuple, read, members, given(plan, seconds), timed=False,
        caveats=tuple(limits(both, found, Beside(walkers, known), kept)), means=lambda key: key[0] == FITNESS,
    )  # fmt: skip
