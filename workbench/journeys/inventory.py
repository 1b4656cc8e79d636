"""What is known of whom, and from where: the sources of a store, one by one."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from workbench import stats
from workbench.engine import reductions
from workbench.journeys.common import JourneyResult, a_study, opened
from workbench.locale import Texts
from workbench.model import TABLES, Study
from workbench.result import Caveat
from workbench.store.folder import files

if TYPE_CHECKING:
    import altair as alt

_OTHERS = ("surveys", "orders", "contacts", "reviews")
#: by table: the column that says where a row comes from
_FROM = {"surveys": "channel", "contacts": "channel", "reviews": "source"}
_KEY = ["table", "channel"]


@dataclasses.dataclass(frozen=True, eq=False)
class Inventory(JourneyResult):
    """See `inventory`. `n_known`: how many customers the store knows; `n_single`: those seen in one source alone."""

    call: ClassVar[str] = "inventory"

    n_known: int = 0
    n_single: int = 0

    def _customers(self, one: pd.Series) -> pd.DataFrame:
        table = None if one["table"] == reductions.EVENTS else _beside(self.study)[one["table"]]
        return reductions.source_members(self._prepared(), table, one["channel"])

    def _draw(self, t: Texts, **options: object) -> alt.Chart:
        from workbench.charts import journeys as charts

        return charts.inventory(self.frame.assign(what=[name(t, one) for one in self.frame.to_dict("records")]), t, **options)

    def _sentences(self, t: Texts) -> list[str]:
        frame, total = self.frame, self.n_known
        if frame.empty:
            return [t("journeys.inventory.hidden", n=total)]
        told = [t("journeys.inventory.title", share=self.n_single / total, total=total)]
        top = frame.iloc[0]
        ends = {"share": top["share"], "low": top["low"], "high": top["high"]}
        told.append(t("journeys.inventory.most", what=name(t, top), n=int(top["n_customers"]), total=total, **ends))
        alone = frame.loc[frame["n_alone"].idxmax()]
        if alone["n_alone"]:
            ends = {"share": alone["alone_share"], "low": alone["alone_low"], "high": alone["alone_high"]}
            values = {"n": int(alone["n_alone"]), "total": int(alone["n_customers"])}
            told.append(t("journeys.inventory.alone", what=name(t, alone), **values, **ends))
        late = frame.loc[frame["behind_s"].idxmax()] if frame["behind_s"].notna().any() else None
        if late is not None and late["behind_s"] > 0:
            told.append(t("journeys.inventory.behind", what=name(t, late), time=late["behind_s"]))
        lost = frame.assign(lost=frame["n_rows"] - frame["n"])
        worst = lost.loc[lost["lost"].idxmax()]
        if worst["lost"]:
            values = {"n": int(worst["lost"]), "total": int(worst["n_rows"])}
            told.append(t("journeys.inventory.lost", what=name(t, worst), **values))
        return told


def name(t: Texts, one: pd.Series | dict[str, object]) -> str:
    """A source as it is written for people."""
    table = t(f"journeys.inventory.table.{one['table']}")
    return t("journeys.inventory.from", table=table, channel=one["channel"]) if one["channel"] else table


def inventory(study: Study) -> Inventory:
    """The sources of a store: who is seen in each, who in that one alone, how recent it is, and how many of its rows tell of a
    customer who is known. Of the whole store, whatever the study's filters.

    A source is a table, and where its rows say so a channel of it (of reviews their source). A customer is known who has an
    event or a row in the table of customers; that table is no source itself.
    `.frame`, a row a source, those with the most customers first: table, channel ("": rows that say none), n_rows, n (of these,
    rows of known customers), n_customers, share (of all known customers) with low and high, n_alone (of its customers those
    seen in no other source), alone_share with alone_low and alone_high, matched_share (n of n_rows; counted, not estimated),
    first_day and last_day (in the study's zone; null where no row has a time), behind_s (seconds by which its last row lies
    behind the last of all sources).
    Intervals: 95 %, `stats.wilson`, a customer a case. NotEnoughData where the store has no journey.
    """
    a_study(study)
    filtered, study = bool(study.filters), study.unfiltered()
    p, whole = opened(study)
    known = len(reductions.customer_names(p))
    frame = p.of_store("sources", lambda: reductions.sources(p, _beside(study))).copy()
    frame["share"], frame["alone_share"] = frame["n_customers"] / known, frame["n_alone"] / frame["n_customers"]
    frame[["low", "high"]] = [stats.wilson(n, known) for n in frame["n_customers"].tolist()]
    alone = zip(frame["n_alone"].tolist(), frame["n_customers"].tolist(), strict=True)
    frame[["alone_low", "alone_high"]] = [stats.wilson(*one) for one in alone]
    frame["matched_share"] = frame["n"] / frame["n_rows"]
    frame["behind_s"] = frame["last_at"].max() - frame["last_at"]
    for end in ("first", "last"):
        moment = pd.to_datetime(frame[f"{end}_at"], unit="s", utc=True)
        frame[f"{end}_day"] = moment.dt.tz_convert(study.timezone).dt.tz_localize(None).dt.normalize()
    frame = frame.sort_values(["n_customers", "n", *_KEY], ascending=[False, False, True, True], ignore_index=True)
    order = [
        *_KEY, "n_rows", "n", "n_customers", "share", "low", "high", "n_alone", "alone_share", "alone_low", "alone_high",
        "matched_share", "first_day", "last_day", "behind_s",
    ]  # fmt: skip
    read = dataclasses.replace(p.provenance, tables=tuple(one for one in TABLES if one in study.columns))
    said = [Caveat("journeys.inventory.whole")] * filtered + [Caveat("journeys.inventory.one_source")] * (len(frame) == 1)
    return Inventory(frame[order], study, {}, read, tuple(said), whole, known, int(frame["n_alone"].sum()))


def _beside(study: Study) -> dict[str, reductions.Beside]:
    # the tables with rows, each with its columns
    found = {}
    for table in _OTHERS:
        has = study.columns.get(table, {})
        at = next(one.name for one in TABLES[table].columns if one.kind == "time")
        who, channel, at = (name if name in has else "" for name in ("customer_id", _FROM.get(table, ""), at))
        if written := files(study, table):
            found[table] = reductions.Beside(tuple(written), who, channel, at)
    return found
