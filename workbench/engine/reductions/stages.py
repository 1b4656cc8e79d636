"""Journeys by touchpoint and by stage: who reaches them, how long until the next, who ends there, in which channels.

`stages` gives each touchpoint (by its code) the number of its stage; a place is a touchpoint or a stage.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from workbench.engine.opening import MANY, Prepared
from workbench.engine.reductions.middles import middles

TOUCHPOINT, STAGE = "touchpoint", "stage"  # kinds of places
_STAGED = "staged AS (SELECT code, ($stages::INTEGER[])[code + 1] AS stage FROM touchpoints)"


def place_counts(p: Prepared, stages: Sequence[int]) -> pd.DataFrame:
    """kind, place (code or number of the stage), n_journeys (that have it), n_customers, n_ended (of these, whose last step is
    there); for `stats.wilson_grouped` how n_journeys spread among all journeys (kk, kn, total, total_groups, total_nn) and
    n_ended among n_journeys (groups, ended_kk, ended_kn, nn). Places that no journey has are not told."""
    touchpoints = list(range(len(stages)))
    places = [(TOUCHPOINT, code, [code]) for code in touchpoints]
    places += [(STAGE, stage, [code for code in touchpoints if stages[code] == stage]) for stage in sorted(set(stages))]
    met = ", ".join(f"count(*) FILTER ({_met(codes)}) AS n{i}" for i, (_, _, codes) in enumerate(places))
    ended = ", ".join(f'count(*) FILTER ("exit" = {code}) AS k{code}' for code in touchpoints)
    masked = f"SELECT journey, {_masks(len(stages))} FROM steps GROUP BY journey"
    counts = p.query(
        f"""SELECT count(*) AS n, {met}, {ended} FROM (
            SELECT {p.cluster} AS cluster, "exit", masks.* FROM ({masked}) AS masks JOIN journeys USING (journey)
        ) GROUP BY cluster"""
    ).to_numpy(float)
    whole, had, left = counts[:, 0], counts[:, 1 : 1 + len(places)], counts[:, 1 + len(places) :]
    left = np.hstack([left[:, codes].sum(axis=1, keepdims=True) for _, _, codes in places])
    people = (had > 0).sum(axis=0)
    if p.n_customers > MANY and p.n_customers < p.n_journeys:
        masked = f"SELECT customer, {_masks(len(stages))} FROM steps GROUP BY customer"
        people = p.query(f"SELECT {met} FROM ({masked})").to_numpy()[0]
    elif p.n_customers > MANY:
        people = had.sum(axis=0)
    frame = pd.DataFrame([(kind, place) for kind, place, _ in places], columns=["kind", "place"])
    sums = {
        "n_journeys": had.sum(axis=0), "n_customers": people, "n_ended": left.sum(axis=0),
        "kk": (had**2).sum(axis=0), "kn": had.T @ whole, "total": whole.sum(), "total_groups": len(whole),
        "total_nn": whole @ whole, "groups": (had > 0).sum(axis=0), "ended_kk": (left**2).sum(axis=0),
        "ended_kn": (left * had).sum(axis=0), "nn": (had**2).sum(axis=0),
    }  # fmt: skip
    for name, values in sums.items():
        frame[name] = values
        frame[name] = frame[name].astype("int64")
    return frame[frame["n_journeys"] > 0].reset_index(drop=True)


# Which touchpoints a journey meets is told by numbers with a bit for each; sets are many times dearer.
_BITS = 62


def _masks(n: int) -> str:
    each = []
    for first in range(0, n, _BITS):
        bit = f"1::BIGINT << (code - {first})::BIGINT"
        inside = bit if n <= _BITS else f"CASE WHEN code BETWEEN {first} AND {first + _BITS - 1} THEN {bit} ELSE 0 END"
        each.append(f"bit_or({inside}) AS mask{first // _BITS}")
    return ", ".join(each)


def _met(codes: Sequence[int]) -> str:
    # whether any of these touchpoints is met
    bits: dict[int, int] = {}
    for code in codes:
        bits[code // _BITS] = bits.get(code // _BITS, 0) | 1 << code % _BITS
    return " OR ".join(f"mask{place} & {mask} <> 0" for place, mask in bits.items())


def place_times(p: Prepared, stages: Sequence[int]) -> pd.DataFrame:
    """kind, place, n (steps there), n_next (of these, those that a step follows, of a stage: one of another stage),
    q1_s, median_s, q3_s (exact quartiles of the seconds to it), mean_seq (mean place of a touchpoint's steps in journeys)."""
    quartiles = "quantile_cont(dt, [0.25, 0.5, 0.75]) AS q"
    return p.query(
        f"""WITH {_STAGED},
        found AS (
            SELECT '{TOUCHPOINT}' AS kind, code::INTEGER AS place, count(*) AS n, count(dt) AS n_next, {quartiles},
                avg(seq) AS mean_seq
            FROM steps GROUP BY code
            UNION ALL
            SELECT '{STAGE}', a.stage, NULL, count(*), {quartiles}, NULL
            FROM steps JOIN staged AS a USING (code) JOIN staged AS b ON b.code = nxt WHERE a.stage <> b.stage GROUP BY a.stage
        )
        SELECT kind, place, n, n_next, q[1] / 1e6 AS q1_s, q[2] / 1e6 AS median_s, q[3] / 1e6 AS q3_s, mean_seq FROM found""",
        {"stages": list(stages)},
    )


def place_middles(p: Prepared, stages: Sequence[int]) -> dict[tuple[str, int], tuple[float, float]]:
    """Of these medians: (kind, place) -> lower and upper end (95 %)."""
    touchpoints = f"SELECT code::INTEGER AS item, 0 AS part, {p.cluster} AS cluster, dt AS x FROM steps WHERE dt IS NOT NULL"
    found = {(TOUCHPOINT, code): ends for (code, _), ends in middles(p, touchpoints).items()}
    between = f"""WITH {_STAGED} SELECT a.stage AS item, 0 AS part, {p.cluster} AS cluster, dt AS x
        FROM steps JOIN staged AS a USING (code) JOIN staged AS b ON b.code = nxt WHERE a.stage <> b.stage"""
    ends = middles(p, between, {"stages": list(stages)})
    return found | {(STAGE, stage): one for (stage, _), one in ends.items()}


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
    return p.each_customer("SELECT DISTINCT customer_id FROM journeys JOIN customers USING (customer)")["customer_id"]


def channel_counts(p: Prepared) -> pd.DataFrame:
    """touchpoint, channel, n (steps), n_customers; of a touchpoint the most frequent first. Steps without a channel are not
    told; empty where the store has no channels."""
    return p.query(
        """WITH each AS (
            SELECT code, channel_code, customer, count(*) AS n FROM steps WHERE channel_code IS NOT NULL GROUP BY ALL
        ),
        counted AS (SELECT code, channel_code, sum(n)::BIGINT AS n, count(*) AS n_customers FROM each GROUP BY ALL)
        SELECT touchpoint, channel, n, n_customers
        FROM counted JOIN touchpoints USING (code) JOIN channels USING (channel_code) ORDER BY touchpoint, n DESC, channel"""
    )


def channel_members(p: Prepared, touchpoint: str, channel: str) -> pd.DataFrame:
    """Who was at a touchpoint in that channel, and how often."""
    return p.members(
        """SELECT customer, count(*) AS n FROM steps JOIN channels USING (channel_code)
            WHERE code = $code AND channel = $channel GROUP BY customer""",
        {"code": p.touchpoints[touchpoint], "channel": channel},
    )
