"""Attribution: what each channel or touchpoint is credited with for the conversions of the journeys it was part of."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench import stats
from workbench.engine import Prepared, reductions
from workbench.errors import BadInput, NotEnoughData, NotFound
from workbench.journeys.common import JourneyResult, caveats, known, opened
from workbench.locale import Texts
from workbench.model import Study, microseconds, written
from workbench.result import Caveat

if TYPE_CHECKING:
    import altair as alt

#: in the order they are shown
MODELS = ("first", "last", "linear", "position", "time_decay", "markov", "shapley")
BY = ("channel", "touchpoint")
ORDERS = (1, 2, 3)
_UNIT = 2**20  # parts of a conversion that credits are counted in: whole numbers of them add up exactly as floats


@dataclasses.dataclass(frozen=True, eq=False)
class Attribution(JourneyResult):
    """See `attribution`. `n_conversions`: what the credits of each model add up to; `n_kinds`: how many channels or touchpoints
    are credited, those that are hidden too."""

    call: ClassVar[str] = "attribution"

    n_conversions: int = 0
    n_kinds: int = 0

    def _customers(self, one: pd.Series) -> pd.DataFrame:
        by = self.params["by"]
        return reductions.credit_members(self._prepared(), self.params["target"], by, one[by])

    def _draw(self, t: Texts, **options: object) -> alt.Chart:
        from workbench.charts import journeys as charts

        return charts.attribution(self.frame, t, **options)

    def _sentences(self, t: Texts) -> list[str]:
        n, whole, by = self.n_conversions, self.whole.n_journeys, self.params["by"]
        converted = t("journeys.attribution.converted", n=n, total=whole, target=self.params["target"])
        shares = self.frame.pivot(index=by, columns="model", values="share")
        if shares.empty:
            return [t("journeys.attribution.hidden", n=n), converted]
        name, first = self._most_credited(shares)
        if len(shares) == 1:
            key = "alone" if self.n_kinds == 1 else "others_hidden"
            told = t(f"journeys.attribution.{key}", name=name, share=first.min())
        else:
            led = first[shares.idxmax() == name]
            values = {"name": name, "n": len(led), "total": len(MODELS), "low": led.min(), "high": led.max()}
            told = t("journeys.attribution.title", **values)
        said = [told, converted]
        apart = shares.max(axis=1) - shares.min(axis=1)
        if len(shares) > 1 and apart.max() > 0:
            widest = shares.loc[apart.idxmax()]
            low, high = (t(f"journeys.attribution.model.{one}") for one in (widest.idxmin(), widest.idxmax()))
            values = {"low": widest.min(), "least": low, "high": widest.max(), "most": high}
            said.append(t("journeys.attribution.apart", name=apart.idxmax(), **values))
        row = self.frame[(self.frame["model"] == "markov") & (self.frame[by] == name)].iloc[0]
        values = {"credit": row["credit"], "total": n, "low": row["low"], "high": row["high"], "n": int(row["n"])}
        return [*said, t("journeys.attribution.markov", name=name, **values)]

    @staticmethod
    def _most_credited(shares: pd.DataFrame) -> tuple[str, pd.Series]:
        # by most models; of equals the one of the largest share on average, then the first by name
        led = shares.idxmax().value_counts().reindex(shares.index, fill_value=0)
        ranked = pd.DataFrame({"led": led, "mean": shares.mean(axis=1)}).sort_values(["led", "mean"], kind="stable")
        ranked = ranked[(ranked == ranked.iloc[-1]).all(axis=1)]
        name = ranked.index.min()
        return name, shares.loc[name]


def attribution(study: Study, *, target: str, by: str = "channel", half_life: object = "7d", order: int = 1) -> Attribution:
    """What each channel (by="touchpoint": each touchpoint) is credited with, by seven models that share the same conversions.

    A journey that has `target` converts once, at its first step there. Its touches are the steps before, repeats too; where
    nothing precedes the conversion, that step is itself the only touch (with by="touchpoint": `target`), so that every
    conversion is credited; a caveat says how often. What follows a conversion doesn't count. Events without a channel are
    touches of "(none)". Of a conversion with m touches

    first, last    the first or the last touch has it all
    linear         each touch 1/m
    position       the first and the last 40 % each, those between share 20 %; two: half each; one: all
    time_decay     by 2^(−age / `half_life`), age being the time from the touch to the conversion, made to add up to 1
    markov         removal effects of a chain of `order` 1 to 3: a state is the last `order` touches, journeys without `target`
                   count too; the effect of a channel is the share of the chance to convert that is lost when all that leads
                   to it ends there instead; all conversions are shared out in proportion to it (Anderl et al. 2016,
                   International Journal of Research in Marketing 33:457)
    shapley        the Shapley value of the game v(S) = conversions of journeys whose channels all lie within S. Each journey
                   adds the unanimity game of its set of channels, so this is 1 / (different channels) to each of them: exact
                   for any number of channels (Shapley 1953; Zhao, Mahboobi and Bagheri 2018, arXiv:1804.05327)

    `.frame`: model, channel (or touchpoint), credit (conversions), share (of the conversions) with low and high, n (converting
    journeys that have it before the conversion, the same for each model) and n_customers; by model in the order above, the
    largest credit first. What no model credits is left out; what markov alone credits, as it leads to what leads to
    conversions, has n 0. Credits of a model add up to the conversions
    exactly: they are whole parts of 2^−20 of a conversion, rounded down, and the parts left go to the largest remainders
    (Hamilton's method; of equals by name). Interval: 95 %, by customer; linearised variance of a ratio in a score interval
    (`stats.wilson_credited`; of markov see `reductions.removal`).
    Credit is a rule of sharing out, not what a channel adds: none of the models knows what would have happened without it.
    NotFound for an unknown touchpoint or `by`; BadInput for a bad half-life or order; NotEnoughData without journeys, without
    conversions, without channels, or where the chain has too many states.
    """
    half_life, micros = checked(by, half_life, order)
    p, whole = opened(study)
    found = counted(p, target, by, micros)
    told = with_removal(found, reductions.removal(p, target, by, int(order))).rename_axis(by).reset_index()
    frame = pd.concat([_model(model, told, found, by) for model in MODELS], ignore_index=True)
    params = {"target": target, "by": by, "half_life": half_life, "order": int(order)}
    said_too = (*_said(found, whole, len(told), int(order)), *caveats(whole))
    return Attribution(frame, study, params, p.provenance, said_too, whole, found.n, len(told))


def checked(by: str, half_life: object, order: int) -> tuple[str, int]:
    """The half-life as it is written and in microseconds; errors as `attribution` says."""
    if by not in BY:
        raise NotFound("unknown_column", asked=by, exists=BY)
    if isinstance(order, bool) or order not in ORDERS:
        raise BadInput("journeys.bad_order", asked=order)
    half_life = written(half_life)
    return half_life, microseconds(half_life)


def counted(p: Prepared, target: str, by: str, half_life: int) -> reductions.Credits:
    """The credits of these journeys; errors as `attribution` says."""
    known(p, [target])
    if by != "touchpoint" and by not in p.marks:
        raise NotEnoughData("journeys.no_channels")
    found = reductions.credits(p, target, by, half_life)
    if not found.n:
        raise NotEnoughData("journeys.no_conversion", target=target, n=p.n_journeys)
    if list(found.frame["who"]) == [reductions.NONE]:
        raise NotEnoughData("journeys.no_channels")
    return found


def with_removal(found: reductions.Credits, removal: reductions.Removal) -> pd.DataFrame:
    """All that any model credits, by name: the columns of both frames."""
    removed = removal.frame.set_index("who")
    names = sorted({*found.frame["who"], *removed.index[removed["effect"] > 0]})
    return found.frame.set_index("who").join(removed, how="outer").reindex(names).fillna(0)


def credited(model: str, told: pd.DataFrame, found: reductions.Credits) -> tuple[np.ndarray, pd.Series]:
    """Of each row of `with_removal` the credit (see `shared_out`) and the variance of its share."""
    n = found.n
    if model == "markov":
        return shared_out(told["share"], n), told["variance"]
    share = told[model] / n
    apart = told[f"{model}_kk"] - 2 * share * told[f"{model}_kn"] + share**2 * found.nn
    return shared_out(told[model], n), found.groups / max(found.groups - 1, 1) * apart.clip(lower=0) / n**2


def _model(model: str, told: pd.DataFrame, found: reductions.Credits, by: str) -> pd.DataFrame:
    # the rows of one model
    n = found.n
    credit, variance = credited(model, told, found)
    frame = pd.DataFrame({"model": model, by: told[by], "credit": credit, "share": credit / n})
    ends = [stats.wilson_credited(*found.mean(*one)) for one in zip(frame["share"], variance, strict=True)]
    frame["low"], frame["high"] = [low for low, _ in ends], [high for _, high in ends]
    frame["n"], frame["n_customers"] = told["n"].astype(int), told["n_customers"].astype(int)
    return frame.sort_values(["credit", by], ascending=[False, True])


def shared_out(parts: Sequence[float], n: int) -> np.ndarray:
    """`n` shared out in proportion to `parts` (none below 0, some above), in whole multiples of 2^−20: rounded down, and what
    is left over goes to the largest remainders, of equals to the first. Adds up to `n` exactly, in any order."""
    parts = np.asarray(parts, dtype=float)
    exact = parts / parts.sum() * (n * _UNIT)
    units = np.floor(exact)
    left = int(n * _UNIT - units.sum())
    # rounding above may have given a unit too many
    units[np.argsort(-(exact - units) if left > 0 else exact - units, kind="stable")[: abs(left)]] += np.sign(left)
    return units / _UNIT


def _said(found: reductions.Credits, whole: reductions.Facts, n_kinds: int, order: int) -> list[Caveat]:
    # where each model misleads, and what was done with events that say less than others
    values = {
        "all": {"n": found.n},
        "ends": {"n": found.n_several, "total": found.n},
        "rules": {"n": whole.n_journeys - found.n, "total": whole.n_journeys},
        "markov": {"order": order},
        "shapley": {"n": n_kinds},
    }
    told = [Caveat(f"journeys.caveat.credit_{name}", one) for name, one in values.items()]
    if found.n_alone:
        told.append(Caveat("journeys.caveat.credit_alone", {"n": found.n_alone, "total": found.n}))
    without = found.frame.loc[found.frame["who"] == reductions.NONE, "n"]
    if len(without):
        told.append(Caveat("journeys.caveat.credit_none", {"n": int(without.iloc[0]), "total": found.n}))
    return told
