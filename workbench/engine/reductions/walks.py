"""Variants one by one: the touchpoints that each goes through, whose journeys are of it, and what a journey brought.

Variants are numbered by their place among all: the most frequent first, among equals the shorter, then by shape.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from workbench.engine.opening import Prepared

_RANKED = """ranked AS (
    SELECT shape, n_steps, count(*) AS n, min(journey) AS first_journey,
        (row_number() OVER (ORDER BY count(*) DESC, n_steps, shape) - 1)::INTEGER AS place
    FROM journeys GROUP BY shape, n_steps)"""


def walks(p: Prepared) -> pd.DataFrame:
    """Every variant, a row each, by place: n (journeys), n_steps, journey (one of them)."""
    return p.each_customer(f"WITH {_RANKED} SELECT n, n_steps, first_journey AS journey FROM ranked ORDER BY place")


def walked(p: Prepared, journeys: Sequence[int]) -> dict[int, list[int]]:
    """The touchpoints (codes) that each of these journeys goes through, in order."""
    found = p.query(
        """SELECT journey, list(code ORDER BY seq) AS codes FROM steps
            SEMI JOIN (SELECT unnest($journeys::BIGINT[]) AS journey) AS asked USING (journey) GROUP BY journey""",
        {"journeys": list(journeys)},
    )
    return {int(journey): codes.tolist() for journey, codes in zip(found["journey"], found["codes"], strict=True)}


def walkers(p: Prepared) -> pd.DataFrame:
    """A row a journey, by its number: journey, place (of its variant), customer, cluster (the customer, or the group of them
    that intervals are reckoned by), took (microseconds from its first step to its last)."""
    return p.each_customer(
        f"""WITH {_RANKED}
        SELECT journey, place, customer, {p.cluster} AS cluster, ended - started AS took
        FROM journeys JOIN ranked USING (shape, n_steps) ORDER BY journey"""
    )


def walk_members(p: Prepared, places: Sequence[int], times: Sequence[int]) -> pd.DataFrame:
    """Whose journeys are of the variants at these places, each journey counted so many times."""
    return p.members(
        f"""WITH {_RANKED},
        asked AS (SELECT unnest($places::INTEGER[]) AS place, unnest($times::INTEGER[]) AS times)
        SELECT customer, sum(times) AS n FROM journeys JOIN ranked USING (shape, n_steps) JOIN asked USING (place)
        GROUP BY customer""",
        {"places": list(places), "times": list(times)},
    )


def journey_members(p: Prepared, journeys: Sequence[int]) -> pd.DataFrame:
    """Whose these journeys are, as far as they are among those of `p`."""
    return p.members(
        """SELECT customer, 1 AS n FROM journeys
            SEMI JOIN (SELECT unnest($journeys::BIGINT[]) AS journey) AS asked USING (journey)""",
        {"journeys": list(journeys)},
    )


def spans(p: Prepared) -> pd.DataFrame:
    """All journeys of the store, whatever the filters, by customer (a number) and beginning: journey, customer, started, ended
    (microseconds)."""
    return p.each_customer(
        "SELECT journey, customer, started, ended FROM base.main.journeys ORDER BY customer, started, ended, journey"
    )


def amounts(p: Prepared) -> pd.DataFrame:
    """Of the journeys whose events have any: journey, total of the amounts, most (the largest), n of them, same (whether they
    are all equal)."""
    return p.each_customer(
        """SELECT journey, sum(amount)::DOUBLE AS total, max(amount)::DOUBLE AS most, count(*) AS n,
                min(amount) = max(amount) AS same
            FROM steps JOIN base.main.extras USING (ord) WHERE amount IS NOT NULL GROUP BY journey"""
    )
