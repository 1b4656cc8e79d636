"""The tasks through the workbench engine: of t12 to t14 all that is read for a page. Each answers with what `checks.py` reduces
to a few numbers."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from benchmarks.generate import DAYS, FUNNEL, GAP_S, GOAL, HALF_LIFE_S, PATTERN, STAGES, WINDOW_S

from workbench import engine
from workbench.engine import reductions
from workbench.engine.matching import journeys_matching
from workbench.pattern import parse


class Tasks:
    """`t1` and `t11` prepare the log; the others ask what they prepared."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self.prepared: engine.Prepared | None = None

    def t1(self, log: Path) -> pd.DataFrame:
        return self._prepare(log)

    def clear(self) -> None:
        self.prepared = None

    def _prepare(self, log: Path, *kept: str) -> pd.DataFrame:
        self.prepared = self._build(log, kept)
        return self.prepared.query("""
            SELECT count(*) AS n, (SELECT count(*) FROM journeys) AS journeys, sum(seq) AS places, sum(dt)::DOUBLE AS waited,
                sum(code * seq) AS codes FROM steps""")

    def _build(self, log: Path, kept: tuple[str, ...]) -> engine.Prepared:
        return engine.build(log, keep=kept, threads=self.threads)

    def t2(self) -> pd.DataFrame:
        return reductions.pairs(self.prepared)

    def t2a(self) -> pd.DataFrame:
        return reductions.pair_counts(self.prepared)

    def t3(self) -> pd.DataFrame:
        return reductions.top_variants(self.prepared, 20)[["variant", "n", "n_steps"]]

    def t4(self) -> pd.DataFrame:
        return reductions.step_matrix(self.prepared, "first", 0, 9, people=False)

    def t5(self) -> pd.DataFrame:
        return pd.DataFrame({"n": reductions.funnel_counts(self.prepared, FUNNEL, WINDOW_S * 1_000_000)})

    def t6(self) -> pd.DataFrame:
        return reductions.sessions(self.prepared, GAP_S * 1_000_000, people=False)

    def t7(self) -> pd.DataFrame:
        return reductions.cohorts(self.prepared).rename(columns={"after": "months"})

    def t8(self) -> pd.DataFrame:
        found = reductions.removal(self.prepared, GOAL, spread=False).frame.rename(columns={"who": "touchpoint"})
        return found.loc[found["touchpoint"] != GOAL, ["touchpoint", "effect"]].reset_index(drop=True)

    def t9(self) -> pd.DataFrame:
        return reductions.features(self.prepared, DAYS)

    def t10(self) -> pd.DataFrame:
        def no_conditions(_):
            raise AssertionError("the pattern has no conditions on columns")

        sql, values = journeys_matching(parse(PATTERN), self.prepared.touchpoints, no_conditions)
        return self.prepared.query(f"SELECT count(*) AS n FROM ({sql})", values)

    def t11(self, log: Path) -> pd.DataFrame:
        prepared = self._prepare(log, "channel")
        return prepared.assign(channels=self.prepared.row("SELECT sum(channel_code * seq) FROM steps"))

    def t12(self) -> pd.DataFrame:
        with reductions.passed(self.prepared, "channel") as held:
            found, spread = reductions.passings(held, "channel"), reductions.passings_spread(held, "channel")
            reductions.passings_middles(held, "channel")
        reductions.used(self.prepared, "channel")
        found["n_left"] = [spread.wholes[source][0] for source in found["source"]]
        return found[["source", "target", "n", "n_journeys", "n_customers", "median_s", "n_left"]]

    def t13(self) -> pd.DataFrame:
        found = reductions.credits(self.prepared, GOAL, "channel", HALF_LIFE_S * 1_000_000).frame
        removed = reductions.removal(self.prepared, GOAL, "channel").frame
        told = found[["who", "n", *reductions.ADDITIVE]].merge(removed[["who", "effect"]], on="who")
        return told.rename(columns={"position": "ends"})  # positions are keys to the checksum

    def t14(self) -> pd.DataFrame:
        # both groups together are the log; that they are read one after another changes little
        found = reductions.moves(self.prepared)
        reductions.moves_spread(self.prepared)
        reductions.moves_middles(self.prepared)
        return found[["kind", "source", "target", "n", "n_customers", "median_s"]].fillna({"median_s": 0})

    def t15(self) -> pd.DataFrame:
        counts, _ = reductions.place_counts(self.prepared, STAGES)
        reductions.pair_counts(self.prepared)
        places = counts.merge(reductions.place_times(self.prepared, STAGES), on=["kind", "place"])
        places["of"] = places["kind"] + " " + places["place"].astype(str)
        channels = reductions.channel_counts(self.prepared)
        channels["of"] = channels["touchpoint"] + ", " + channels["channel"]
        told = [places[["of", "n_journeys", "n_ended", "n_next", "median_s"]], channels[["of", "n", "n_customers"]]]
        return pd.concat(told).fillna(0)
