"""How customers felt after touchpoints: the answers of surveys that name one, by stage."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from workbench import stats
from workbench.engine import Prepared, clock, reductions
from workbench.model import Between, Study
from workbench.store.folder import files
from workbench.store.parts import read

#: the scale an instrument is asked on where an answer doesn't say
_SCALES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
_COLUMNS = ["customer_id", "answered_at", "instrument", "score", "scale_min", "scale_max", "touchpoint"]


@dataclasses.dataclass(frozen=True)
class Felt:
    """`frame`: a row a stage with an answer: stage, instrument, n (answers), n_customers, score, low, high, reached (the share
    of the scale, 0 to 1). `answers`: stage, customer_id and reached of each. `scale`: the lowest and highest score there can
    be. `n_anonymous` and `n_off`: answers that name a touchpoint, but no customer, or a score that isn't on their scale."""

    frame: pd.DataFrame
    answers: pd.DataFrame
    instrument: str = ""
    scale: tuple[float, float] = (np.nan, np.nan)
    n_anonymous: int = 0
    n_off: int = 0


def felt(study: Study, p: Prepared, stage_of: Mapping[str, str], instrument: str = "") -> Felt:
    """The felt layer: answers that name a touchpoint, by the stage of that touchpoint.

    `instrument`: where it isn't chosen as follows. NPS if any such answer is one, else the one of CSAT and CES with more
    answers, for all stages the same. NPS: per cent who gave 9 or 10 less per cent who gave 0 to 6 (Reichheld 2003), of answers
    on a scale of eleven steps; CSAT and CES: the mean, on the scale that most answers have (others are stretched to it); of CES
    more is easier. Answers off their scale (a 0 for "doesn't apply") or without a customer don't count.
    Which answers: of customers who have a journey in the study; where the study has a period, those given within it.
    Other filters choose journeys, and an answer doesn't say which journey it is about, so that a customer's answers count
    whenever they were given. Interval: 95 %, an answer a case, customers independent: the score interval of a share whose
    cases come in groups, with the linearised variance of a ratio (`stats.wilson_credited`), stretched to the scale.
    """
    tied = _tied(study)
    tied = tied[tied["touchpoint"].isin(stage_of)]
    n_anonymous = int(tied["customer_id"].isna().sum())
    tied = tied[tied["customer_id"].notna()]
    for one in study.filters:
        if isinstance(one, Between):
            first, last = (text and clock.span(text, study.timezone)[end] for end, text in enumerate((one.start, one.end)))
            tied = tied[(tied["at"] >= (first or tied["at"].min())) & (tied["at"] < (last or np.inf))]
    if len(tied):
        # Arrow's own search: pandas' makes a Python text of every customer
        tied = tied[pc.is_in(pa.array(tied["customer_id"]), pa.array(reductions.customer_ids(p))).to_numpy(False)]
    counts = tied[tied["on"]]["instrument"].value_counts()
    asked = [name for name in _SCALES if name in counts and instrument in ("", name)]
    if not asked:
        return Felt(_frame([]), tied[["customer_id"]].assign(stage="", reached=np.nan)[:0], "", n_anonymous=n_anonymous)
    instrument = "nps" if "nps" in asked else max(asked, key=lambda name: counts[name])
    tied = tied[tied["instrument"] == instrument]
    n_off = int((~tied["on"]).sum())
    tied = tied[tied["on"]]
    low, high = tied.groupby(["scale_min", "scale_max"], sort=True).size().idxmax()
    share = (tied["score"] - tied["scale_min"]) / (tied["scale_max"] - tied["scale_min"])
    if instrument == "nps":
        low, high = -100.0, 100.0
        given = tied["score"] - tied["scale_min"]
        share = np.where(given >= 9, 1.0, np.where(given <= 6, 0.0, 0.5))
    answers = pd.DataFrame(
        {"stage": tied["touchpoint"].map(stage_of), "customer_id": tied["customer_id"], "reached": share}
    ).reset_index(drop=True)
    rows = [_row(stage, instrument, (low, high), one) for stage, one in answers.groupby("stage", sort=True)]
    return Felt(_frame(rows), answers, instrument, (float(low), float(high)), n_anonymous, n_off)


def _frame(rows: list[tuple]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["stage", "instrument", "n", "n_customers", "score", "low", "high", "reached"])


def answerers(answers: pd.DataFrame, stage: str) -> pd.DataFrame:
    """Who gave the `answers` (those of `Felt`) of a stage: customer_id and n, most answers first."""
    theirs = answers.loc[answers["stage"] == stage, "customer_id"]
    found = theirs.value_counts().rename_axis("customer_id").rename("n").reset_index()
    return found.sort_values(["n", "customer_id"], ascending=[False, True], ignore_index=True)


def reached(answers: pd.DataFrame) -> tuple[stats.Credited, pd.Series]:
    """The mean share of the scale in these answers, as what `stats` asks for about it, and by how much each customer moves
    it."""
    each = answers.groupby("customer_id", sort=True)["reached"].agg(["sum", "size"])
    return stats.credited_mean(float(answers["reached"].mean()), each["sum"], each["size"])


def _row(stage: str, instrument: str, scale: tuple[float, float], answers: pd.DataFrame) -> tuple:
    found = reached(answers)[0]
    mean, n, groups, *_ = found
    ends = stats.wilson_credited(*found)
    score, low, high = (scale[0] + share * (scale[1] - scale[0]) for share in (mean, *ends))
    return stage, instrument, n, groups, score, low, high, mean


def _tied(study: Study) -> pd.DataFrame:
    columns = study.columns.get("surveys", {})
    if not {"customer_id", "touchpoint"} <= set(columns):
        return pd.DataFrame(columns=[*_COLUMNS, "at", "on"]).astype({"on": bool})
    return _read(study.store, study.version, tuple(files(study, "surveys")), tuple(set(_COLUMNS) & set(columns)))


@functools.lru_cache(maxsize=2)
def _read(store: str, version: int, parts: tuple, columns: tuple[str, ...]) -> pd.DataFrame:
    # a version never changes; a screen asks anew with every filter
    found = read(parts, columns).filter(pc.field("touchpoint") != "").to_pandas()
    for name in ("scale_min", "scale_max"):
        given = found.get(name, np.nan)
        usual = found["instrument"].map({kind: scale[name == "scale_max"] for kind, scale in _SCALES.items()})
        found[name] = pd.Series(given, index=found.index, dtype=float).fillna(usual)
    found["at"] = found["answered_at"].astype("datetime64[us, UTC]").astype("int64")
    found["on"] = found["score"].between(found["scale_min"], found["scale_max"]) & (found["scale_min"] < found["scale_max"])
    # an NPS has eleven steps; where they are numbered from 1 to 11, an 11 is a 10
    found["on"] &= (found["instrument"] != "nps") | (found["scale_max"] - found["scale_min"] == 10)
    return found
