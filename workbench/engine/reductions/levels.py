"""The ordered funnel, level by level.

Of every occurrence of a step we keep the latest start (occurrence of step 1) of a chain that ends there. The latest start
leaves most time, so a journey holds some chain of the first k steps within the window exactly if this greedy one is within it;
the running maximum over what came strictly before finds it in one pass a level. The nearest occurrence of the step before has
the latest start too, so time from step to step is measured from that.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

import pandas as pd

from workbench.engine.opening import Prepared


def _levels(codes: Sequence[int], within: int) -> str:
    # level k: journey, seq and time of the occurrences of step k that end a chain, its start, and the step before's time
    parts = [
        f"""level1 AS MATERIALIZED (
            SELECT journey, seq, happened, happened AS start, NULL::BIGINT AS before FROM steps WHERE code = {codes[0]})"""
    ]
    for k, code in enumerate(codes[1:], start=2):
        parts.append(
            f"""level{k} AS MATERIALIZED (
                SELECT journey, seq, happened, start, before FROM (
                    SELECT journey, seq, happened, came, max(start) OVER w AS start, max(came) OVER w AS before
                    FROM (
                        SELECT journey, seq, happened, seq * 2::BIGINT AS place, NULL::BIGINT AS start, NULL::BIGINT AS came
                        FROM steps WHERE code = {code}
                        UNION ALL
                        SELECT journey, seq, happened, seq * 2::BIGINT + 1, start, happened FROM level{k - 1}
                    )
                    WINDOW w AS (PARTITION BY journey ORDER BY place ROWS UNBOUNDED PRECEDING)
                ) WHERE came IS NULL AND happened - start <= {within})"""
        )
    return "WITH " + ", ".join(parts)


def reached(p: Prepared, steps: Sequence[str], within: int) -> AbstractContextManager[Prepared]:
    """The tables with one more that `funnel`, `funnel_open` and `funnel_middles` read: of each step (`level`) the journeys that
    got there, their customer, `took` (microseconds from the step before), `last` (seq of its last occurrence) and `latest`
    (the latest start of a chain). `within`: microseconds."""
    codes = [p.touchpoints[name] for name in steps]
    each = [
        f"""SELECT {k} AS level, journey, arg_min(happened - before, seq) AS took, max(seq) AS last, max(start) AS latest
            FROM level{k} GROUP BY journey"""
        for k in range(1, len(codes) + 1)
    ]
    return p.holding(
        "reached",
        f"""{_levels(codes, within)} SELECT level, found.journey, customer, took, last, latest
        FROM ({" UNION ALL ".join(each)}) AS found JOIN journeys ON journeys.journey = found.journey""",
    )


def funnel(p: Prepared, steps: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(position, n, n_customers, median_s, kk, kn, kf) a step, and (position, touchpoint, n, n_customers) of what came next for
    those who stopped there. kk, kn, kf: sums over customers of the square of their journeys at the step, of its product with
    those at the step before, and with those at the first step (see `spread`). `p`: of `reached`."""
    counts = p.query(
        """WITH people AS MATERIALIZED (SELECT level, customer, count(*) AS n FROM reached GROUP BY level, customer)
        SELECT a.level AS position, sum(a.n)::BIGINT AS n, count(*) AS n_customers, sum(a.n * a.n)::BIGINT AS kk,
            sum(a.n * b.n)::BIGINT AS kn, sum(a.n * f.n)::BIGINT AS kf
        FROM people AS a JOIN people AS b ON b.customer = a.customer AND b.level = greatest(a.level - 1, 1)
        JOIN people AS f ON f.customer = a.customer AND f.level = 1 GROUP BY a.level"""
    )
    times = p.query("SELECT level AS position, median(took) / 1e6 AS median_s FROM reached GROUP BY level")
    kept = pd.DataFrame({"position": range(1, len(steps) + 1)}).merge(counts, "left").merge(times, "left")
    whole = ["n", "n_customers", "kk", "kn", "kf"]
    kept[whole] = kept[whole].fillna(0).astype("int64")
    gone = p.query(
        f"""SELECT a.level AS position, coalesce(touchpoint, '(end)') AS touchpoint, count(*) AS n,
            count(DISTINCT a.customer) AS n_customers
        FROM (SELECT * FROM reached WHERE level < {len(steps)}) AS a
        ANTI JOIN reached AS b ON b.journey = a.journey AND b.level = a.level + 1
        JOIN steps ON steps.journey = a.journey AND steps.seq = a.last LEFT JOIN touchpoints ON touchpoints.code = nxt
        GROUP BY a.level, touchpoint ORDER BY a.level, n DESC, touchpoint"""
    )
    return kept[["position", "n", "n_customers", "median_s", "kk", "kn", "kf"]], gone


def funnel_counts(p: Prepared, steps: Sequence[str], within: int) -> list[int]:
    """How many journeys reached each step, and nothing else."""
    codes = [p.touchpoints[name] for name in steps]
    counts = ", ".join(f"(SELECT count(DISTINCT journey) FROM level{k})" for k in range(1, len(codes) + 1))
    return list(p.row(f"{_levels(codes, within)} SELECT {counts}"))


def funnel_open(p: Prepared, steps: Sequence[str], within: int) -> int:
    """How many journeys have begun but not reached the last step, though their latest first step lies less than `within` before
    the last event of all: they may yet get there. `p`: of `reached`."""
    return p.row(
        f"""SELECT count(*) FROM (SELECT journey, latest FROM reached WHERE level = 1) AS a
            ANTI JOIN (SELECT journey FROM reached WHERE level = {len(steps)}) AS b ON b.journey = a.journey
            WHERE latest > (SELECT max(ended) FROM journeys) - {within}"""
    )[0]


def funnel_members(p: Prepared, steps: Sequence[str], within: int, position: int, then: str | None = None) -> pd.DataFrame:
    """Whose journeys reached step `position`; with `then` ("(end)" or a touchpoint): stopped there, that coming next."""
    codes = [p.touchpoints[name] for name in steps]
    levels = _levels(codes[: position + (then is not None)], within)
    if then is None:
        return p.members(
            f"""{levels} SELECT customer, count(*) AS n FROM journeys
                WHERE journey IN (SELECT journey FROM level{position}) GROUP BY customer"""
        )
    which = "nxt IS NULL" if then == "(end)" else f"nxt = {p.touchpoints[then]}"
    return p.members(
        f"""{levels}, gone AS (
            SELECT journey, max(seq) AS last
            FROM (FROM level{position} ANTI JOIN level{position + 1} USING (journey)) GROUP BY journey
        )
        SELECT customer, count(*) AS n FROM gone JOIN steps ON steps.journey = gone.journey AND seq = last
        WHERE {which} GROUP BY customer"""
    )
