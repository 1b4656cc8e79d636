"""Journeys by touchpoint and by stage: who reaches them, how long until the next, who ends there, in which channels.

`stages` gives each touchpoint (by its code) the number of its stage; a place is a touchpoint or a stage.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from workbench.engine.opening import MANY, Prepared
from workbench.engine.reductions.bits import masks, spread_out
from workbench.engine.reductions.middles import ABOUT, middles
from workbench.engine.reductions.spread import ALL, Spread

TOUCHPOINT, STAGE = "touchpoint", "stage"  # kinds of places
_STAGED = "staged AS (SELECT code, ($stages::INTEGER[])[code + 1] AS stage FROM touchpoints)"


def place_counts(p: Prepared, stages: Sequence[int]) -> tuple[pd.DataFrame, Spread]:
    """kind, place (code or number of the stage), n_journeys (that have it), n_customers, n_ended (of these, whose last step is
    there); places that no journey has are not told. And how they spread: of all journeys those that have a place, items (kind,
    place), of these (whole: kind, place) those that end there, items "exit"."""
    n, kinds = len(stages), sorted(set(stages))
    of_stage = {stage: [code for code in range(n) if stages[code] == stage] for stage in kinds}
    whole, left = _ended(p, n)
    had = _had(p, n, list(of_stage.values()), whole.index.to_numpy())
    left = np.hstack([left, *(left[:, codes].sum(axis=1, keepdims=True) for codes in of_stage.values())])
    people = (had > 0).sum(axis=0) if p.n_customers <= MANY else had.sum(axis=0)
    if MANY < p.n_customers < p.n_journeys:
        found = p.query(f"SELECT *, count(*) AS n FROM ({_masked(n, 'customer')}) GROUP BY ALL")
        people = found["n"].to_numpy() @ spread_out(found, n, list(of_stage.values()))
    frame = pd.DataFrame({"kind": [TOUCHPOINT] * n + [STAGE] * len(kinds), "place": [*range(n), *kinds]})
    frame = frame.assign(n_journeys=had.sum(axis=0), n_customers=people, n_ended=left.sum(axis=0))
    each, keys = whole.to_numpy(), list(zip(frame["kind"], frame["place"].tolist(), strict=True))
    some, nn = (had > 0).sum(axis=0), (had**2).sum(axis=0)
    wholes = {ALL: (int(each.sum()), len(each), int(each @ each))}
    wholes |= dict(zip(keys, zip(frame["n_journeys"].tolist(), some.tolist(), nn.tolist(), strict=True), strict=True))
    reached = zip(nn.tolist(), (each @ had).tolist(), strict=True)
    ended = zip((left**2).sum(axis=0).tolist(), (left * had).sum(axis=0).tolist(), strict=True)
    items = {(ALL, key): sums for key, sums in zip(keys, reached, strict=True)}
    items |= {(key, "exit"): sums for key, sums in zip(keys, ended, strict=True)}
    return frame[frame["n_journeys"] > 0].reset_index(drop=True), Spread(wholes, items, p.lots())


def _ended(p: Prepared, n: int) -> tuple[pd.Series, np.ndarray]:
    # journeys by group, and of these those that end with each of the n touchpoints
    found = p.query(f'SELECT {p.cluster} AS cluster, "exit", count(*) AS n FROM journeys GROUP BY ALL ORDER BY cluster')
    whole = found.groupby("cluster", sort=True)["n"].sum()
    left = np.zeros((len(whole), n), dtype=np.int64)
    left[whole.index.get_indexer(found["cluster"]), found["exit"]] = found["n"]
    return whole, left


def _had(p: Prepared, n: int, sets: Sequence[Sequence[int]], groups: np.ndarray) -> np.ndarray:
    # by group, how many journeys have each touchpoint, and any of each set of them
    found = p.each_customer(f"SELECT {p.cluster} AS cluster, * EXCLUDE customer FROM ({_masked(n, 'journey')})")
    order = np.argsort(found["cluster"].to_numpy(), kind="stable")
    cluster = np.searchsorted(groups, found["cluster"].to_numpy()[order])
    made = np.zeros((len(groups), n + len(sets)), dtype=np.int64)
    for first in range(0, len(order), _AT_ONCE):
        here = slice(first, first + _AT_ONCE)
        starts = np.flatnonzero(np.diff(cluster[here], prepend=-1))
        bits = spread_out(found.iloc[order[here]], n, sets)
        made[cluster[here][starts]] += np.add.reduceat(bits, starts, axis=0, dtype=np.int64)
    return made


_AT_ONCE = 1 << 18  # rows whose bits are spread out together


def _masked(n: int, by: str, where: str = "true") -> str:
    # the touchpoints that each journey or customer meets, for a journey with its customer
    customer = "max(customer) AS customer, " if by == "journey" else ""
    return f"SELECT {customer}{masks('code', n)} FROM steps WHERE {where} GROUP BY {by}"


def place_leavers(p: Prepared, stages: Sequence[int]) -> dict[tuple[str, int], int]:
    """(kind, place) -> different customers among the journeys whose last step is there."""
    found = p.query(
        f"""WITH {_STAGED}
        SELECT '{TOUCHPOINT}' AS kind, "exit"::INTEGER AS place, count(DISTINCT customer) AS n FROM journeys GROUP BY place
        UNION ALL
        SELECT '{STAGE}', stage, count(DISTINCT customer) FROM journeys JOIN staged ON code = "exit" GROUP BY stage""",
        {"stages": list(stages)},
    )
    return {(kind, int(place)): int(n) for kind, place, n in found.itertuples(index=False, name=None)}


def leave_members(p: Prepared, codes: Sequence[int]) -> pd.DataFrame:
    """Whose journeys end at any of these touchpoints, and how many."""
    return p.members(
        'SELECT customer, count(*) AS n FROM journeys WHERE list_contains($codes::INTEGER[], "exit") GROUP BY customer',
        {"codes": list(codes)},
    )


def place_times(p: Prepared, stages: Sequence[int]) -> pd.DataFrame:
    """kind, place, n (steps there), n_next (of these, those that a step follows, of a stage: one of another stage),
    q1_s, median_s, q3_s (exact quartiles of the seconds to it), low_s, high_s (95 % of the median, null of too few), mean_seq
    (mean place of a touchpoint's steps in journeys)."""
    quantiles = f"quantile_cont(dt, {[0.25, *ABOUT, 0.75]}) AS q"
    bound = {"stages": list(stages)}
    # one after the other: either holds all times in memory
    parts = (
        (f"""SELECT '{TOUCHPOINT}' AS kind, code::INTEGER AS place, count(*) AS n, count(dt) AS n_next, {quantiles},
            avg(seq) AS mean_seq
        FROM steps GROUP BY code""", None),
        (f"""WITH {_STAGED} SELECT '{STAGE}' AS kind, a.stage AS place, count(*) AS n_next, {quantiles}
        FROM steps JOIN staged AS a USING (code) JOIN staged AS b ON b.code = nxt WHERE a.stage <> b.stage
        GROUP BY a.stage""", bound),
    )  # fmt: skip
    found = pd.concat([p.query(*part) for part in parts], ignore_index=True)
    none = (np.nan, np.nan)
    waited = np.array([q if np.ndim(q) else [np.nan] * (len(ABOUT) + 2) for q in found.pop("q")], dtype=float)
    for name, at in {"q1_s": 0, "median_s": 1 + ABOUT.index(0.5), "q3_s": -1}.items():
        found[name] = waited[:, at] / 1e6
    waits = f"0 AS part, {p.cluster} AS cluster, dt AS x FROM steps"
    each = {
        TOUCHPOINT: (f"SELECT code::INTEGER AS item, {waits} WHERE dt IS NOT NULL", {}),
        STAGE: (
            f"""WITH {_STAGED} SELECT a.stage AS item, {waits} JOIN staged AS a USING (code) JOIN staged AS b ON b.code = nxt
                WHERE a.stage <> b.stage""",
            bound,
        ),
    }
    ends = {}
    for kind, (values, given) in each.items():
        rows = found.index[found["kind"] == kind]
        about = {int(found["place"][row]): (int(found["n_next"][row]), waited[row, 1:-1]) for row in rows}
        ends |= {(kind, place): one for (place, _), one in middles(p, values, given, about).items()}
    found[["low_s", "high_s"]] = [ends.get(key, none) for key in zip(found["kind"], found["place"], strict=True)]
    return found


def stage_members(p: Prepared, codes: Sequence[int]) -> pd.DataFrame:
    """Who was at any of these touchpoints, and in how many journeys."""
    return p.members(
        """SELECT customer, count(DISTINCT journey) AS n FROM steps WHERE list_contains($codes::INTEGER[], code)
            GROUP BY customer""",
        {"codes": list(codes)},
    )


def touchpoint_stages(p: Prepared) -> dict[str, str]:
    """The stage that most events of a touchpoint have in the store; without those that have none."""
    found = p.query("SELECT touchpoint, stage FROM touchpoints WHERE stage IS NOT NULL")
    return dict(found.itertuples(index=False, name=None))


def customer_ids(p: Prepared) -> pd.Series:
    """Whose journeys these are."""
    return p.each_customer("SELECT customer_id FROM customers SEMI JOIN journeys USING (customer)")["customer_id"]


def channel_counts(p: Prepared) -> pd.DataFrame:
    """touchpoint, channel, n (steps), n_customers; of a touchpoint the most frequent first. Steps without a channel are not
    told; empty where the store has no channels."""
    counts = p.query(
        "SELECT code, channel_code, count(*) AS n FROM steps WHERE channel_code IS NOT NULL GROUP BY ALL ORDER BY channel_code"
    )
    names, channels, n = list(p.touchpoints), p.marks.get("channel", ()), len(p.touchpoints)
    people = np.zeros(len(counts), dtype=np.int64)
    for channel, rows in counts.groupby("channel_code").indices.items():
        met = _masked(n, "customer", f"channel_code = {int(channel)}")
        met = p.query(f"SELECT *, count(*) AS n FROM ({met}) GROUP BY ALL")
        people[rows] = (met["n"].to_numpy() @ spread_out(met, n))[counts["code"].to_numpy()[rows]]
    found = pd.DataFrame(
        {
            "touchpoint": [names[code] for code in counts["code"]],
            "channel": [channels[code] for code in counts["channel_code"]],
            "n": counts["n"].astype("int64"),
            "n_customers": people,
        }
    )
    return found.sort_values(["touchpoint", "n", "channel"], ascending=[True, False, True], ignore_index=True)


def channel_members(p: Prepared, touchpoint: str, channel: str) -> pd.DataFrame:
    """Who was at a touchpoint in that channel, and how often."""
    return p.members(
        """SELECT customer, count(*) AS n FROM steps JOIN channels USING (channel_code)
            WHERE code = $code AND channel = $channel GROUP BY customer""",
        {"code": p.touchpoints[touchpoint], "channel": channel},
    )
