"""The same tasks in pandas, as a careful analyst would write them: sorted once, integer codes, no Python loop over rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from benchmarks import markov
from benchmarks.generate import DAYS, FUNNEL, GAP_S, GOAL, HALF_LIFE_S, PATTERN_NAMES, STAGES, WINDOW_S

MICRO = 1_000_000
DAY = 86_400 * MICRO


class Tasks:
    def __init__(self, threads: int) -> None:
        self.steps = pd.DataFrame()
        self.names: list[str] = []
        self.channels: list[str] = []
        self.customers = pd.Index([])

    def t1(self, log: Path) -> pd.DataFrame:
        return self._prepare(log)

    def clear(self) -> None:
        self.steps = pd.DataFrame()

    def _prepare(self, log: Path, *kept: str) -> pd.DataFrame:
        read = pd.read_parquet(log, columns=["customer_id", "occurred_at", "touchpoint", *kept])
        names = read["touchpoint"].astype("category")
        self.names = list(names.cat.categories)
        customer, self.customers = pd.factorize(read["customer_id"])
        steps = pd.DataFrame(
            {
                "journey": customer,
                "code": names.cat.codes.to_numpy(),
                "happened": read["occurred_at"].dt.as_unit("us").astype(np.int64),
            }
        )
        for name in kept:
            values = read[name].astype("category")
            self.channels, steps[name] = list(values.cat.categories), values.cat.codes.to_numpy()
        del read, names
        steps = steps.sort_values(["journey", "happened"], kind="stable", ignore_index=True)
        journey = steps["journey"]
        same = (journey == journey.shift(-1)).to_numpy()
        steps["seq"] = steps.groupby("journey").cumcount() + 1
        steps["nxt"] = np.where(same, steps["code"].shift(-1, fill_value=-1), -1).astype(np.int8)
        steps["dt"] = np.where(same, steps["happened"].shift(-1, fill_value=0) - steps["happened"], -1)
        self.steps = steps
        waited = float(steps["dt"].to_numpy()[same].sum())
        codes = int((steps["code"].astype(np.int64) * steps["seq"]).sum())
        found = (len(steps), journey.nunique(), int(steps["seq"].sum()), waited, codes)
        return pd.DataFrame([found], columns=["n", "journeys", "places", "waited", "codes"])

    def _pairs(self, *what: str) -> pd.DataFrame:
        moved = self.steps[self.steps["nxt"] >= 0]
        found = moved.groupby(["code", "nxt"])["dt"].agg(["size", *what]).reset_index()
        found.insert(0, "source", [self.names[code] for code in found.pop("code")])
        found.insert(1, "target", [self.names[code] for code in found.pop("nxt")])
        for name in what:
            found[name] /= MICRO
        return found

    def t2(self) -> pd.DataFrame:
        return self._pairs("mean", "median")

    def t2a(self) -> pd.DataFrame:
        return self._pairs("mean")

    def t3(self) -> pd.DataFrame:
        # a random number for each touchpoint at each place; their sum over a journey tells variants apart
        steps = self.steps
        longest = int(steps["seq"].max())
        marks = np.random.default_rng(1).integers(0, 2**63, (longest + 1, len(self.names)), dtype=np.uint64)
        marked = pd.Series(marks[steps["seq"].to_numpy(), steps["code"].to_numpy()])
        per = marked.groupby(steps["journey"].to_numpy()).agg(["sum", "size"])
        begin = np.flatnonzero(steps["seq"].to_numpy() == 1)
        counted = per.assign(begin=begin).groupby(["sum", "size"])["begin"].agg(["size", "first"])
        counted.columns = ["n", "begin"]
        counted = counted.reset_index(level="size").rename(columns={"size": "n_steps"})
        counted = counted[counted["n"] >= counted["n"].nlargest(20).iloc[-1]]
        code = steps["code"].to_numpy()
        counted["variant"] = [
            " → ".join(self.names[one] for one in code[begin : begin + length])
            for begin, length in zip(counted["begin"], counted["n_steps"], strict=True)
        ]
        ranked = counted.sort_values(["n", "n_steps", "variant"], ascending=[False, True, True])
        return ranked[["variant", "n", "n_steps"]].head(20)

    def t4(self) -> pd.DataFrame:
        early = self.steps[self.steps["seq"] <= 10]
        found = early.groupby(["seq", "code"]).size().rename("n").reset_index()
        return pd.DataFrame(
            {"position": found["seq"] - 1, "touchpoint": [self.names[code] for code in found["code"]], "n": found["n"]}
        )

    def t5(self) -> pd.DataFrame:
        # of every occurrence of a step, the latest start of a chain that ends there
        codes = [self.names.index(name) for name in FUNNEL]
        reached = self.steps.loc[self.steps["code"] == codes[0], ["journey", "seq", "happened"]]
        reached = reached.assign(start=reached["happened"])
        counts = [reached["journey"].nunique()]
        for code in codes[1:]:
            then = self.steps.loc[self.steps["code"] == code, ["journey", "seq", "happened"]]
            both = pd.concat([reached, then]).sort_values(["journey", "seq"], kind="stable")
            both["start"] = both["start"].where(both["start"].notna()).groupby(both["journey"]).ffill()
            came = both.loc[then.index]
            reached = came[came["start"].notna() & (came["happened"] - came["start"] <= WINDOW_S * MICRO)]
            counts.append(reached["journey"].nunique())
        return pd.DataFrame({"n": counts})

    def t6(self) -> pd.DataFrame:
        steps = self.steps
        ends = (steps["dt"] < 0) | (steps["dt"] > GAP_S * MICRO)
        begins = ends.shift(1, fill_value=True).to_numpy()
        first = np.flatnonzero(begins)
        last = np.flatnonzero(ends.to_numpy())
        happened = steps["happened"].to_numpy()
        found = pd.DataFrame(
            {
                "entry": steps["code"].to_numpy()[first],
                "steps": last - first + 1,
                "lasted": (happened[last] - happened[first]) / MICRO,
            }
        )
        told = found.groupby("entry").agg(n=("steps", "size"), mean_steps=("steps", "mean"))
        told["n_single"] = (found["steps"] == 1).groupby(found["entry"]).sum()
        told["median_s"] = found.groupby("entry")["lasted"].median()
        told = told.reset_index()
        told["entry"] = [self.names[code] for code in told["entry"]]
        return told

    def t7(self) -> pd.DataFrame:
        month = pd.Series(self.steps["happened"].to_numpy().view("datetime64[us]").astype("datetime64[M]").astype(np.int64))
        cohort = month.groupby(self.steps["journey"]).transform("first")
        active = pd.DataFrame({"journey": self.steps["journey"], "cohort": cohort, "months": month - cohort}).drop_duplicates()
        found = active.groupby(["cohort", "months"]).size().rename("n_customers").reset_index()
        found["n"] = found["cohort"].map(found[found["months"] == 0].set_index("cohort")["n_customers"])
        found["cohort"] = found["cohort"].to_numpy().astype("datetime64[M]").astype("datetime64[s]")
        return found

    def t8(self) -> pd.DataFrame:
        steps, goal = self.steps, self.names.index(GOAL)
        goals = steps.loc[steps["code"] == goal, "journey"].drop_duplicates()
        upto = np.full(int(steps["journey"].max()) + 1, np.iinfo(np.int64).max)
        upto[goals] = steps.loc[goals.index, "seq"]
        moved = steps[steps["seq"] < upto[steps["journey"]]].groupby(["code", "nxt"]).size().rename("n").reset_index()
        entered = steps.loc[steps["seq"] == 1, "code"].value_counts()
        return markov.removal_effects(moved, entered, self.names, goal)

    def t9(self) -> pd.DataFrame:
        steps = self.steps
        latest = int(steps["happened"].max())
        by = steps["journey"]
        days = steps["happened"] // DAY
        marks = pd.DataFrame({"n_days": (days != days.shift(1)) | (steps["seq"] == 1)})
        for one in DAYS:
            marks[f"n_events_{one}d"] = steps["happened"] > latest - one * DAY
        found = steps.groupby(by).agg(
            first=("happened", "first"), last=("happened", "last"), n=("seq", "size"), code=("code", "last")
        )
        summed = marks.groupby(by).sum()
        kinds = steps[["journey", "code"]].drop_duplicates().groupby("journey").size()
        return pd.DataFrame(
            {
                "customer_id": self.customers.take(found.index),
                "last_touchpoint": np.array(self.names)[found["code"]],
                "recency_days": (latest - found["last"]) / DAY,
                "tenure_days": (latest - found["first"]) / DAY,
                "n_events": found["n"],
                "n_touchpoints": kinds,
                "n_days": summed["n_days"],
                **{f"n_events_{one}d": summed[f"n_events_{one}d"] for one in DAYS},
            }
        )

    def t10(self) -> pd.DataFrame:
        a, b, c = (self.names.index(name) for name in PATTERN_NAMES)
        kept = self.steps.loc[self.steps["code"].isin([a, b, c]), ["journey", "code", "happened"]]
        before = kept.shift(1)
        near = kept["happened"] - before["happened"] <= WINDOW_S * MICRO
        held = (kept["code"] == b) & (before["code"] == a) & (kept["journey"] == before["journey"]) & near
        return pd.DataFrame({"n": [kept.loc[held, "journey"].nunique()]})

    def t11(self, log: Path) -> pd.DataFrame:
        found = self._prepare(log, "channel")
        return found.assign(channels=int((self.steps["channel"].astype(np.int64) * self.steps["seq"]).sum()))

    def t12(self) -> pd.DataFrame:
        followed = self.steps[self.steps["nxt"] >= 0]
        moved = followed[["journey", "dt"]].assign(
            source=followed["channel"], target=self.steps["channel"].shift(-1, fill_value=0)[followed.index]
        )
        left = moved.groupby("source").size()
        crossed = moved[moved["source"] != moved["target"]]
        found = crossed.groupby(["source", "target"])["dt"].agg(["size", "median"]).reset_index()
        people = crossed.drop_duplicates(["source", "target", "journey"]).groupby(["source", "target"]).size().to_numpy()
        return pd.DataFrame(
            {
                "source": [self.channels[code] for code in found["source"]],
                "target": [self.channels[code] for code in found["target"]],
                "n": found["size"],
                "n_journeys": people,
                "n_customers": people,
                "median_s": found["median"] / MICRO,
                "n_left": left[found["source"]].to_numpy(),
            }
        )

    def t13(self) -> pd.DataFrame:
        steps, goal = self.steps, self.names.index(GOAL)
        goals = steps.loc[steps["code"] == goal, "journey"].drop_duplicates()
        touched = np.full(int(steps["journey"].max()) + 1, np.iinfo(np.int64).max)  # touches of a journey
        touched[goals] = np.maximum(steps.loc[goals.index, "seq"] - 1, 1)
        kept = steps.loc[steps["seq"] <= touched[steps["journey"]], ["journey", "channel", "seq", "happened"]]
        ended = kept["journey"] != kept["journey"].shift(-1)
        won = np.zeros(len(touched), bool)
        won[goals] = True
        end = np.where(won[kept["journey"]], len(self.channels), -1)
        moved = pd.DataFrame({"code": kept["channel"], "nxt": np.where(ended, end, kept["channel"].shift(-1, fill_value=0))})
        moved = moved.groupby(["code", "nxt"]).size().rename("n").reset_index()
        entered = kept.loc[kept["seq"] == 1, "channel"].value_counts()
        names = [*self.channels, ""]
        effects = markov.removal_effects(moved, entered, names, len(self.channels)).set_index("touchpoint")["effect"]

        kept = kept[won[kept["journey"]]]
        m, seq = touched[kept["journey"]], kept["seq"].to_numpy()
        until = kept.groupby("journey")["happened"].transform("last")
        inner = np.where((seq == 1) | (seq == m), 0.4, 0.2 / np.maximum(m - 2, 1))
        weight = np.exp2((kept["happened"] - until) / (HALF_LIFE_S * MICRO))
        shares = {
            "first": seq == 1,
            "last": seq == m,
            "linear": 1 / m,
            "ends": np.where(m < 3, 1 / m, inner),
            "time_decay": weight / weight.groupby(kept["journey"]).transform("sum"),
        }
        found = pd.DataFrame(shares).groupby(kept["channel"].to_numpy()).sum()
        pairs = kept[["journey", "channel"]].drop_duplicates()
        alone = 1 / pairs.groupby("journey")["channel"].transform("size")
        found["shapley"], found["n"] = alone.groupby(pairs["channel"]).sum(), pairs.groupby("channel").size()
        found["who"] = [self.channels[code] for code in found.index]
        return found.assign(effect=effects[found["who"]].to_numpy())

    def t14(self) -> pd.DataFrame:
        steps, key = self.steps, ["code", "nxt"]
        found = steps.groupby(key)["dt"].agg(["size", "median"]).reset_index()
        found["n_customers"] = steps[["journey", *key]].drop_duplicates().groupby(key).size().to_numpy()
        end = found["nxt"] < 0
        told = pd.DataFrame(
            {
                "kind": np.where(end, "exit", "step"),
                "source": [self.names[code] for code in found["code"]],
                "target": ["(end)" if code < 0 else self.names[code] for code in found["nxt"]],
                "n": found["size"],
                "n_customers": found["n_customers"],
                "median_s": np.where(end, 0, found["median"] / MICRO),
            }
        )
        begun = steps.loc[steps["seq"] == 1, "code"].value_counts()
        targets = [self.names[code] for code in begun.index]
        n = begun.to_numpy()
        entries = pd.DataFrame(
            {"kind": "entry", "source": "(start)", "target": targets, "n": n, "n_customers": n, "median_s": 0.0}
        )
        return pd.concat([told, entries], ignore_index=True)

    def t15(self) -> pd.DataFrame:
        steps, stage_of = self.steps, np.array(STAGES)
        stage, followed = stage_of[steps["code"]], steps["nxt"] >= 0
        places = {
            "touchpoint": (steps["code"].to_numpy(), followed),
            "stage": (stage, followed & (stage != stage_of[steps["nxt"]])),
        }
        told = []
        for kind, (place, on) in places.items():
            met = pd.DataFrame({"journey": steps["journey"], "place": place}).drop_duplicates().groupby("place").size()
            waited = steps.loc[on, "dt"].groupby(place[on])
            found = pd.DataFrame({"n_journeys": met, "n_next": waited.size(), "median_s": waited.median() / MICRO})
            found["n_ended"] = pd.Series(place[~followed]).value_counts()
            told.append(found.assign(of=[f"{kind} {one}" for one in found.index]))
        key = ["code", "channel"]
        used = steps.groupby(key).size().rename("n").reset_index()
        used["n_customers"] = steps[["journey", *key]].drop_duplicates().groupby(key).size().to_numpy()
        pairs = zip(used.pop("code"), used.pop("channel"), strict=True)
        used["of"] = [f"{self.names[code]}, {self.channels[channel]}" for code, channel in pairs]
        return pd.concat([*told, used]).fillna(0)
