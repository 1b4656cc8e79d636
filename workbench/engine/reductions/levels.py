"""The ordered funnel, level by level.

Of every occurrence of a step we keep the latest start (occurrence of step 1) of a chain that ends there. The latest start
leaves most time, so a journey holds some chain of the first k steps within the window exactly if this greedy one is within it;
the running maximum over what came strictly before finds it in one pass a level. The nearest occurrence of the step before has
the latest start too, so time from step to step is measured from that.
"""

from __future__ import annotations

from collections.abc import Sequence

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


def funnel(p: Prepared, steps: Sequence[str], within: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(position, n, n_customers, median_s, kk, kn, kf) a step, and (position, touchpoint, n, n_customers) of what came next for
    those who stopped there. `within`: microseconds. kk, kn, kf: sums over customers of the square of their journeys at the
    step, of its product with those at the step before, and with those at the first step (see `spread`)."""
    codes = [p.touchpoints[name] for name in steps]
    reached = [
        f"""journeys{k} AS MATERIALIZED (
            SELECT journey, arg_min(happened - before, seq) AS took, max(seq) AS last FROM level{k} GROUP BY journey)"""
        for k in range(1, len(codes) + 1)
    ]
    reached += [
        f"""people{k} AS MATERIALIZED (
            SELECT customer, count(*) AS n FROM journeys{k} JOIN journeys USING (journey) GROUP BY customer)"""
        for k in range(1, len(codes) + 1)
    ]
    told = [
        f"""SELECT {k} AS position, false AS gone, NULL AS nxt, coalesce(sum(a.n), 0)::BIGINT AS n, count(*) AS n_customers,
            (SELECT median(took) / 1e6 FROM journeys{k}) AS median_s, coalesce(sum(a.n * a.n), 0)::BIGINT AS kk,
            coalesce(sum(a.n * b.n), 0)::BIGINT AS kn, coalesce(sum(a.n * f.n), 0)::BIGINT AS kf
            FROM people{k} AS a JOIN people{max(k - 1, 1)} AS b USING (customer) JOIN people1 AS f USING (customer)"""
        for k in range(1, len(codes) + 1)
    ]
    told += [
        f"""SELECT {k}, true, nxt, count(*), count(DISTINCT customer), NULL, NULL, NULL, NULL
            FROM (FROM journeys{k} ANTI JOIN journeys{k + 1} USING (journey)) AS g
            JOIN steps ON steps.journey = g.journey AND steps.seq = g.last GROUP BY nxt"""
        for k in range(1, len(codes))
    ]
    found = p.query(
        f"""{_levels(codes, within)}, {", ".join(reached)}
        SELECT position, gone, coalesce(touchpoint, '(end)') AS touchpoint, n, n_customers, median_s, kk, kn, kf
        FROM ({" UNION ALL ".join(told)}) LEFT JOIN touchpoints ON code = nxt ORDER BY gone, position, n DESC, touchpoint"""
    )
    gone = found["gone"].astype(bool)
    kept = found[~gone][["position", "n", "n_customers", "median_s", "kk", "kn", "kf"]].reset_index(drop=True)
    return kept, found[gone][["position", "touchpoint", "n", "n_customers"]].reset_index(drop=True)


def funnel_counts(p: Prepared, steps: Sequence[str], within: int) -> list[int]:
    """How many journeys reached each step, and nothing else."""
    codes = [p.touchpoints[name] for name in steps]
    counts = ", ".join(f"(SELECT count(DISTINCT journey) FROM level{k})" for k in range(1, len(codes) + 1))
    return list(p.row(f"{_levels(codes, within)} SELECT {counts}"))


def took(p: Prepared, steps: Sequence[str], within: int) -> str:
    """SQL of the times that make up the medians of `funnel`: position (from 2), customer, x, in microseconds."""
    codes = [p.touchpoints[name] for name in steps]
    parts = [
        f"SELECT {k} AS position, journey, arg_min(happened - before, seq) AS x FROM level{k} GROUP BY journey"
        for k in range(2, len(codes) + 1)
    ]
    levels = _levels(codes, within)
    return f"{levels} SELECT position, customer, x FROM ({' UNION ALL '.join(parts)}) JOIN journeys USING (journey)"


def funnel_open(p: Prepared, steps: Sequence[str], within: int) -> int:
    """How many journeys have begun but not reached the last step, though their latest first step lies less than `within` before
    the last event of all: they may yet get there."""
    codes = [p.touchpoints[name] for name in steps]
    return p.row(
        f"""{_levels(codes, within)} SELECT count(*) FROM (
            SELECT journey, max(start) AS latest FROM level1 ANTI JOIN level{len(codes)} USING (journey) GROUP BY journey
        ) WHERE latest > (SELECT max(happened) FROM steps) - {within}"""
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
