"""Sessions: journeys cut at their pauses, for any length of pause without a new sort."""

from __future__ import annotations

import pandas as pd

from workbench.engine.opening import Prepared

#: one row a session, from the steps after which a pause cuts the journey: what lies before each of them since the cut before
#: (or the journey's beginning), and what lies after the last one (or the whole, where there is none) to the journey's end
SESSIONS = """
    WITH cuts AS (
        SELECT journey, seq, happened, nxt, next_at, lag(nxt) OVER w AS code, lag(seq) OVER w AS before,
            lag(next_at) OVER w AS began, lead(seq) OVER w IS NULL AS is_last
        FROM (SELECT journey, seq, happened, nxt, happened + dt AS next_at FROM steps WHERE dt > $pause)
        WINDOW w AS (PARTITION BY journey ORDER BY seq)
    )
    SELECT customer, coalesce(code, entry) AS code, seq - coalesce(before, 0) AS n_steps,
        happened - coalesce(began, started) AS took
    FROM cuts JOIN journeys USING (journey)
    UNION ALL
    SELECT customer, coalesce(nxt, entry), n_steps - coalesce(seq, 0), ended - coalesce(next_at, started)
    FROM journeys LEFT JOIN (SELECT journey, seq, nxt, next_at FROM cuts WHERE is_last) USING (journey)"""


def sessions(p: Prepared, pause: int, people: bool = True) -> pd.DataFrame:
    """By first touchpoint: entry, n (sessions), n_customers (if `people`), mean_steps, n_single, median_s (of their length).
    `pause`: microseconds; a longer one ends a session."""
    counted = ", count(DISTINCT customer) AS n_customers" if people else ""
    shown = ", n_customers" if people else ""
    return p.query(
        f"""WITH counted AS (
            SELECT code, count(*) AS n{counted}, avg(n_steps) AS mean_steps, count(*) FILTER (n_steps = 1) AS n_single,
                median(took) / 1e6 AS median_s
            FROM ({SESSIONS}) GROUP BY code
        )
        SELECT touchpoint AS entry, n{shown}, mean_steps, n_single, median_s FROM counted JOIN touchpoints USING (code)
        ORDER BY n DESC, entry""",
        {"pause": pause},
    )


def session_members(p: Prepared, pause: int, entry: str) -> pd.DataFrame:
    """Whose sessions begin at that touchpoint, and how many of theirs."""
    return p.members(
        """SELECT customer, count(*) AS n FROM (
            SELECT customer FROM steps WHERE dt > $pause AND nxt = $code
            UNION ALL SELECT customer FROM journeys WHERE entry = $code
        ) GROUP BY customer""",
        {"pause": pause, "code": p.touchpoints[entry]},
    )
