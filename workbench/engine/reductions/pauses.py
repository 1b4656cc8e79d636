"""Sessions: journeys cut at their pauses, for any length of pause without a new sort."""

from __future__ import annotations

import pandas as pd

from workbench.engine.opening import Prepared

#: one row a session, from the steps that end one: each tells where the next one begins, the journey where its first does
SESSIONS = """
    SELECT customer, code, seq - before AS n_steps, happened - began AS took
    FROM (
        SELECT customer, seq, happened, lag(next_code) OVER w AS code, lag(seq) OVER w AS before, lag(next_at) OVER w AS began
        FROM (
            SELECT journey, customer, seq, happened, nxt AS next_code, happened + dt AS next_at
            FROM steps WHERE dt IS NULL OR dt > $pause
            UNION ALL SELECT journey, customer, 0, NULL, entry, started FROM journeys
        ) WINDOW w AS (PARTITION BY journey ORDER BY seq)
    ) WHERE seq > 0"""


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
