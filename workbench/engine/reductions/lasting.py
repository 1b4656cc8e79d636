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
    until = p.once("until", "SELECT max(happened) FROM steps")[0]
    since = {days: until - days * clock.DAY for days in windows}
    # numbers half as wide are handed over sooner
    late = "".join(f", (count(*) FILTER (happened > {at}))::INTEGER AS n_events_{days}d" for days, at in since.items())
    named = "".join(f", n_events_{days}d" for days in windows)
    one_each = p.n_customers == p.n_journeys
    ends = ", min(happened) AS started, max(happened) AS ended, max(code) FILTER (nxt IS NULL) AS code" if one_each else ""
    spans = """JOIN (SELECT customer, min(started) AS started, max(ended) AS ended, arg_max("exit", (ended, "exit")) AS code
        FROM journeys GROUP BY customer) AS spans USING (customer)"""
    found = p.each_customer(
        f"""WITH done AS (
            SELECT customer, count(*)::INTEGER AS n_events, {kinds} AS n_touchpoints,
                (count(*) FILTER (lday))::INTEGER AS n_days{late}{ends}
            FROM steps GROUP BY customer
        )
        SELECT customer_id, ({until} - ended) / {clock.DAY} AS recency_days, ({until} - started) / {clock.DAY} AS tenure_days,
            n_events, n_touchpoints, n_days, code AS last_touchpoint{named}
        FROM done {"" if one_each else spans} JOIN customers USING (customer)"""
    )
    # a name for each of a million customers would take longer than all else
    found["last_touchpoint"] = pd.Categorical.from_codes(found["last_touchpoint"], list(p.touchpoints))
    return found
