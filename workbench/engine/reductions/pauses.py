"""Sessions: journeys cut at their pauses, for any length of pause without a new sort."""

from __future__ import annotations

import pandas as pd

from workbench.engine.opening import Prepared

# One row a session, from the rows that begin one and those that end a journey: where the next of these rows begins a session,
# this one has ended before it; else it ends with it.
_SESSIONS = """
    SELECT customer, code,
        CASE WHEN then_begins IS NULL THEN 1 WHEN then_begins THEN then_seq - seq ELSE then_seq - seq + 1 END AS n_steps,
        CASE WHEN then_begins IS NULL THEN 0 WHEN then_begins THEN then_at - then_gap - happened
            ELSE then_at - happened END AS took
    FROM (
        SELECT customer, code, seq, happened, begins, lead(begins) OVER w AS then_begins, lead(seq) OVER w AS then_seq,
            lead(happened) OVER w AS then_at, lead(gap) OVER w AS then_gap
        FROM (SELECT *, gap IS NULL OR gap > ? AS begins FROM steps) WHERE begins OR nxt IS NULL
        WINDOW w AS (PARTITION BY journey ORDER BY seq)
    ) WHERE begins"""


def sessions(p: Prepared, pause: int, people: bool = True) -> pd.DataFrame:
    """By first touchpoint: entry, n (sessions), n_customers (if `people`), mean_steps, n_single, median_s (of their length).
    `pause`: microseconds; a longer one ends a session."""
    counted = ", count(DISTINCT customer) AS n_customers" if people else ""
    shown = ", n_customers" if people else ""
    return p.query(
        f"""WITH counted AS (
            SELECT code, count(*) AS n{counted}, avg(n_steps) AS mean_steps, count(*) FILTER (n_steps = 1) AS n_single,
                median(took) / 1e6 AS median_s
            FROM ({_SESSIONS}) GROUP BY code
        )
        SELECT touchpoint AS entry, n{shown}, mean_steps, n_single, median_s FROM counted JOIN touchpoints USING (code)
        ORDER BY n DESC, entry""",
        [pause],
    )


def session_members(p: Prepared, pause: int, entry: str) -> pd.DataFrame:
    """Whose sessions begin at that touchpoint, and how many of theirs."""
    return p.members(
        "SELECT customer, count(*) AS n FROM steps WHERE (gap IS NULL OR gap > ?) AND code = ? GROUP BY customer",
        [pause, p.touchpoints[entry]],
    )
