"""What a comparison reads of attribution."""

from __future__ import annotations

import pandas as pd

from workbench.engine import Prepared, reductions
from workbench.journeys.attribution import MODELS, checked, counted, credited, with_removal
from workbench.journeys.sides import NOBODY, Side, View, no_cases
from workbench.result import Caveat


def attribution(both: Prepared, target: str, by: str = "channel", half_life: object = "7d", order: int = 1) -> View:
    """The share of the conversions that a model credits a channel or touchpoint with: keys (model, name)."""
    half_life, micros = checked(by, half_life, order)
    whole = counted(both, target, by, micros)

    def read(p: Prepared) -> Side:
        found, removal = reductions.credits(p, target, by, micros), reductions.removal(p, target, by, int(order))
        if not found.n:
            return Side({}, no_cases, mean=lambda key: NOBODY)
        told = with_removal(found, removal)
        counts, means = {}, {}
        for model in MODELS:
            credit, variance = credited(model, told, found)
            for name, k, customers, share, apart in zip(
                told.index, told["n"], told["n_customers"], credit / found.n, variance, strict=True
            ):
                counts[model, name] = (int(k), int(customers))
                means[model, name] = found.mean(share, apart)
        nobody = found.mean(0.0, 0.0)

        def moves():
            credits, size = reductions.credits_by_group(p, target, by, micros)
            had = size.set_index("cluster")["had"]

            def of(key: tuple[str, str]) -> pd.Series:
                model, name = key
                if model == "markov":
                    return pd.Series(removal.moves.get(name, 0.0), index=removal.groups)
                own = credits[credits["who"] == name].set_index("cluster")[model].reindex(had.index, fill_value=0.0)
                return (own - own.sum() / found.n * had) / found.n

            return of

        return Side(counts, no_cases, mean=lambda key: means.get(key, nobody), moves=moves)

    def together(first: Prepared, second: Prepared) -> Side:
        # journeys are credited one by one: how many customers there are is all that is asked of both
        rows = whole.frame[["who", "n", "n_customers"]].itertuples(index=False)
        counts = {name: (int(k), int(m)) for name, k, m in rows}
        return Side({(model, name): one for name, one in counts.items() for model in MODELS}, no_cases)

    def members(p: Prepared, key: tuple[str, str]) -> pd.DataFrame:
        return reductions.credit_members(p, target, by, key[1])

    params = {"target": target, "by": by, "half_life": half_life, "order": int(order)}
    said = (Caveat("journeys.caveat.credit_all", {"n": whole.n}),)
    return View(
        ("model", by), tuple, read, members, params, timed=False, together=together, caveats=said, means=lambda key: True
    )
