"""Sessions: journeys cut at their pauses, for any length of pause without a new sort."""

from __future__ import annotations

import pandas as pd

from workbench.engine.opening import Prepared

# one row a session, from the rows that begin one: where the next begins, this one has ended
_SESSIONS = """
    SELECT journey, begun.customer AS customer, code,
        coalesce(lead(seq) OVER w, n_steps + 1) - seq AS n_steps,
        coalesce((lead(age) OVER w) - (lead(gap) OVER w), ended - started) - age AS took
    FROM (SELECT journey, customer, code, seq, age, gap FROM steps WHERE gap IS NULL OR gap > ?) AS begun
    JOIN journeys USING (journey) WINDOW w AS (PARTITION BY journey ORDER BY seq)"""


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
