"""What outlasts a journey: features of customers."""

from __future__ import annotations

import pandas as pd

from workbench.engine import clock
from workbench.engine.opening import Prepared


def features(p: Prepared, windows: tuple[int, ...] = (7, 30, 90)) -> pd.DataFrame:
    """One row a customer, as of the last event of all, in no order: customer_id, recency_days, tenure_days, n_events,
    n_touchpoints (different ones), n_days (different days in the study's zone, for one journey a customer; else summed over
    journeys), last_touchpoint (a category; of journeys that end at the same moment the last by name), and n_events_<d>d, the
    events of the last d days."""
    # a bit a touchpoint is far cheaper than a set, as long as they fit into one number
    few = len(p.touchpoints) < 63
    kinds = "bit_count(bit_or(1::BIGINT << code::BIGINT))" if few else "count(DISTINCT code)"
    until = p.once("until", "SELECT max(ended) FROM journeys")[0]
    since = {days: until - days * clock.DAY for days in windows}
    # numbers half as wide are handed over sooner
    late = "".join(f", (count(*) FILTER (happened > {at}))::INTEGER AS n_events_{days}d" for days, at in since.items())
    named = "".join(f", coalesce(n_events_{days}d, 0) AS n_events_{days}d" for days in windows)
    one_each = p.n_customers == p.n_journeys
    spans = """(SELECT customer, min(started) AS started, max(ended) AS ended, sum(n_steps)::INTEGER AS n_steps,
        arg_max("exit", (ended, "exit")) AS "exit" FROM journeys GROUP BY customer)"""
    found = p.each_customer(
        f"""WITH done AS (
            SELECT customer, {kinds} AS n_touchpoints, (count(*) FILTER (lday))::INTEGER AS n_days FROM steps GROUP BY customer
        ), of_late AS (
            SELECT customer{late} FROM steps WHERE happened > {min(since.values(), default=until)} GROUP BY customer
        )
        SELECT customer_id, ({until} - ended) / {clock.DAY} AS recency_days, ({until} - started) / {clock.DAY} AS tenure_days,
            n_steps AS n_events, n_touchpoints, n_days, "exit" AS last_touchpoint{named}
        FROM {"journeys" if one_each else spans} AS spans JOIN done USING (customer) LEFT JOIN of_late USING (customer)
            JOIN (SELECT customer, customer_id FROM customers) AS named USING (customer)"""
    )
    # a name for each of a million customers would take longer than all else
    found["last_touchpoint"] = pd.Categorical.from_codes(found["last_touchpoint"], list(p.touchpoints))
    return found
