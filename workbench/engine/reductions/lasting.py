"""What outlasts a journey: removal effects on conversion, and features of customers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.engine import clock
from workbench.engine.opening import Prepared


def removal_effects(p: Prepared, target: str) -> pd.DataFrame:
    """Markov removal effects: by how much of itself the chance of reaching `target` falls when all that leads to a touchpoint
    ends there instead. touchpoint, effect (0–1), share (effects made to add up to 1); the chance itself in
    `frame.attrs["reached"]`. A journey counts up to its first `target`. Anderl et al. 2016, first-order chain."""
    goal = p.touchpoints[target]
    counts = p.query(
        f"""WITH goals AS (SELECT journey, min(seq) AS upto FROM steps WHERE code = {goal} GROUP BY journey)
        SELECT code::BIGINT AS source, coalesce(nxt, -1)::BIGINT AS target, count(*) AS n
        FROM steps LEFT JOIN goals USING (journey) WHERE upto IS NULL OR seq < upto GROUP BY ALL
        UNION ALL SELECT -1, entry, count(*) FROM journeys GROUP BY entry"""
    )
    size = len(p.touchpoints)
    moved = np.zeros((size + 1, size + 1))  # the last row is the start, the last column the end
    moved[counts["source"], counts["target"]] = counts["n"]
    total = moved.sum(axis=1, keepdims=True)
    chance = np.divide(moved, total, out=np.zeros_like(moved), where=total > 0)
    states = [code for code in range(size) if code != goal]
    inner = np.linalg.inv(np.eye(size - 1) - chance[np.ix_(states, states)])
    visits, hits = chance[-1, states] @ inner, inner @ chance[states, goal]
    reached = float(chance[-1, goal] + chance[-1, states] @ hits)
    # a journey that passes a state k at all is lost when k is removed: P(pass k) * P(goal from k)
    lost = np.divide(visits, np.diag(inner)) * hits
    effect = np.clip(lost / reached, 0, 1) if reached else np.zeros(len(states))
    names = list(p.touchpoints)
    told = pd.DataFrame({"touchpoint": [names[code] for code in states], "effect": effect})
    told["share"] = told["effect"] / (told["effect"].sum() or 1)
    told = told.sort_values(["effect", "touchpoint"], ascending=[False, True], ignore_index=True)
    told.attrs["reached"] = reached
    return told


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
