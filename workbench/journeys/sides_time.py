"""What a comparison reads of who comes back."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from workbench import stats
from workbench.engine import Prepared, reductions
from workbench.journeys import retention
from workbench.journeys.sides import Side, Spreads, View


@dataclasses.dataclass(frozen=True)
class _Known:
    """The customers of a group: how many periods are over since the first of each (`upto`), and in which of these they were
    active."""

    upto: pd.Series
    active: pd.DataFrame


def cohorts(both: Prepared, by: str = "month") -> View:
    """Customers active again so many periods after their first one in the group, of those for whom that period is over; all
    cohorts together: keys are numbers of periods, from 1."""
    retention.checked(by)

    def read(p: Prepared) -> Side:
        _, last = retention.over(p, by)
        found = reductions.cohorts(p, by)
        left = last - np.array([reductions.period(one.date(), by) for one in found["cohort"]], dtype=np.int64)
        sizes, active, after = (found[name].to_numpy(np.int64) for name in ("n", "n_customers", "after"))
        new = after == 0
        totals, counts = {}, {}
        for key in range(1, int(left.max(initial=0)) + 1):
            totals[key] = int(sizes[new & (left >= key)].sum())
            k = int(active[(after == key) & (left >= key)].sum())
            counts[key] = (k, k)

        def spread() -> Spreads:
            return lambda key, k: _alone(k, totals.get(key, 0))

        return Side(counts, spread)

    def members(p: Prepared, key: int) -> pd.DataFrame:
        return reductions.return_period_members(p, by, key, retention.over(p, by)[1])

    def known(p: Prepared) -> _Known:
        _, last = retention.over(p, by)
        found = reductions.returns_by_customer(p, by)
        upto = last - found.drop_duplicates("customer").set_index("customer")["cohort"]
        active = found[(found["after"] > 0) & (found["after"] + found["cohort"] <= last)]
        return _Known(upto[upto > 0], active)

    def together(first: Prepared, second: Prepared) -> Side:
        # a cohort is that of the group, so that the customers of both have two
        a, b = known(first), known(second)
        upto = pd.concat([a.upto, b.upto], axis=1).fillna(0).astype("int64")
        counts, cases = {}, {}
        for key in range(1, int(upto.to_numpy().max(initial=0)) + 1):
            active = pd.concat([one.active.loc[one.active["after"] == key, "customer"] for one in (a, b)])
            k = active.value_counts()
            n = (upto >= key).sum(axis=1)
            groups = int((n > 0).sum())
            # who could be in both and was in one only counts 1 of 2
            kn = int((k * n.reindex(k.index)).sum())
            counts[key] = (int(k.sum()), len(k))
            cases[key] = (int(n.sum()), groups, int((k**2).sum()), kn, int((n**2).sum()))
        return Side(counts, lambda: lambda key, k: stats.Cases(k, *cases[key]))

    said = (retention.first_seen(both.study, reductions.facts(both)),)
    return View(("after",), lambda key: (key,), read, members, {"by": by}, timed=False, together=together, caveats=said)


def _alone(k: int, n: int) -> stats.Cases:
    # each customer is in one cohort of a group
    return stats.Cases(k, n, n, k, k, n)
