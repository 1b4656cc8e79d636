"""Variants: journeys with the same sequence of touchpoints, told apart by their shape."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from workbench.engine.opening import Prepared

#: condition on journeys: those of the variants whose shapes, as text, are bound to $shapes
CHOSEN = "shape IN (SELECT unnest($shapes::VARCHAR[])::HUGEINT)"

#: variants equal in n and length beyond the last wanted are read as well, up to this many, to be ordered by their text
_TIED = 200


def top_variants(p: Prepared, top: int) -> pd.DataFrame:
    """shape (as text), variant ("A → B"), n, n_customers, n_steps, median_s of the `top` most frequent; among equals the
    shorter, then the first by name."""
    found = p.query(
        """WITH ranked AS (
            SELECT shape, n_steps, count(*) AS n, min(journey) AS journey FROM journeys GROUP BY shape, n_steps
            ORDER BY n DESC, n_steps, shape LIMIT ?
        ),
        told AS (
            SELECT journey, string_agg(touchpoint, ' → ' ORDER BY seq) AS variant
            FROM steps JOIN touchpoints USING (code) WHERE journey IN (SELECT journey FROM ranked) GROUP BY journey
        ),
        more AS (
            SELECT shape, n_steps, count(DISTINCT customer) AS n_customers, median(ended - started) / 1e6 AS median_s
            FROM journeys WHERE shape IN (SELECT shape FROM ranked) GROUP BY shape, n_steps
        )
        SELECT shape::VARCHAR AS shape, variant, n, n_customers, n_steps, median_s
        FROM ranked JOIN told USING (journey) JOIN more USING (shape, n_steps)
        ORDER BY n DESC, n_steps, variant""",
        [top + _TIED],
    )
    return found.head(top)


def variant_counts(p: Prepared, shapes: Sequence[str]) -> pd.DataFrame:
    """shape (as text), n_steps, n, n_customers, median_s of these variants, those that occur."""
    return p.query(
        f"""SELECT shape::VARCHAR AS shape, n_steps, count(*) AS n, count(DISTINCT customer) AS n_customers,
            median(ended - started) / 1e6 AS median_s
        FROM journeys WHERE {CHOSEN} GROUP BY ALL""",
        {"shapes": list(shapes)},
    )


def variant_members(p: Prepared, shape: str, n_steps: int) -> pd.DataFrame:
    """Whose journeys have that shape, and how many of theirs."""
    return p.members(
        "SELECT customer, count(*) AS n FROM journeys WHERE shape = CAST(? AS HUGEINT) AND n_steps = ? GROUP BY customer",
        [shape, n_steps],
    )


def variants_once(p: Prepared) -> int:
    """How many variants occur in one journey only."""
    return p.row("SELECT count(*) FROM (SELECT 1 FROM journeys GROUP BY shape, n_steps HAVING count(*) = 1)")[0]
