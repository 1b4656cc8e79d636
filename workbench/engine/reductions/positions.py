"""Steps around an anchor: the first step, the last, or the first one at a touchpoint."""

from __future__ import annotations

import pandas as pd

from workbench.engine.opening import Prepared
from workbench.engine.reductions.moves import END, START


def placed(p: Prepared, anchor: str) -> str:
    """SQL of every step of the journeys that have the anchor, with its position (0: the anchor)."""
    if anchor == "first":
        return "SELECT customer, journey, seq - 1 AS position, code, nxt, seq FROM steps"
    if anchor == "last":
        anchored = "SELECT journey, n_steps AS zero FROM journeys"
    else:
        anchored = f"SELECT journey, min(seq) AS zero FROM steps WHERE code = {p.touchpoints[anchor]} GROUP BY journey"
    return f"SELECT customer, journey, seq - zero AS position, code, nxt, seq FROM steps JOIN ({anchored}) USING (journey)"


def _links(p: Prepared, anchor: str, before: int, after: int) -> str:
    # a link leads from its position to the next; NULL stands for the end of a journey as target, for its start as source
    steps = placed(p, anchor)
    return f"""
        SELECT customer, position, code AS source, nxt AS target
        FROM ({steps}) WHERE position >= {-before} AND position < {after}
        UNION ALL
        SELECT customer, position - 1, NULL, code FROM ({steps})
        WHERE seq = 1 AND position > {-before} AND position <= {after}"""


def step_matrix(p: Prepared, anchor: str = "first", before: int = 0, after: int = 5, people: bool = True) -> pd.DataFrame:
    """position, touchpoint, n (journeys), n_customers (if `people`)."""
    counted = ", count(DISTINCT customer) AS n_customers" if people else ""
    shown = ", n_customers" if people else ""
    return p.query(
        f"""WITH counted AS (
            SELECT position, code, count(*) AS n{counted} FROM ({placed(p, anchor)})
            WHERE position BETWEEN {-before} AND {after} GROUP BY position, code
        )
        SELECT position::INTEGER AS position, touchpoint, n{shown} FROM counted JOIN touchpoints USING (code)
        ORDER BY position, n DESC, touchpoint"""
    )


def step_links(p: Prepared, anchor: str = "first", before: int = 0, after: int = 5) -> pd.DataFrame:
    """position, source, target, n, n_customers: from the step at `position` to the next one."""
    return p.query(
        f"""WITH counted AS (
            SELECT position, source, target, count(*) AS n, count(DISTINCT customer) AS n_customers
            FROM ({_links(p, anchor, before, after)}) GROUP BY position, source, target
        )
        SELECT position::INTEGER AS position, coalesce(s.touchpoint, '{START}') AS source,
            coalesce(t.touchpoint, '{END}') AS target, n, n_customers
        FROM counted LEFT JOIN touchpoints AS s ON s.code = source LEFT JOIN touchpoints AS t ON t.code = target
        ORDER BY position, n DESC, source, target"""
    )


def anchored_ends(p: Prepared, anchor: str) -> int:
    """How many journeys end with the anchor."""
    return p.row(f"SELECT count(*) FROM ({placed(p, anchor)}) WHERE position = 0 AND nxt IS NULL")[0]


def step_members(p: Prepared, anchor: str, position: int, touchpoint: str) -> pd.DataFrame:
    """Whose journeys are at a touchpoint at that position, and how many of theirs."""
    return p.members(
        f"SELECT customer, count(*) AS n FROM ({placed(p, anchor)}) WHERE position = ? AND code = ? GROUP BY customer",
        [position, p.touchpoints[touchpoint]],
    )


def link_members(p: Prepared, anchor: str, before: int, after: int, link: tuple[int, str, str]) -> pd.DataFrame:
    """Whose journeys take that link (position, source, target)."""
    position, source, target = link
    left = "source IS NULL" if source == START else f"source = {p.touchpoints[source]}"
    right = "target IS NULL" if target == END else f"target = {p.touchpoints[target]}"
    return p.members(
        f"""SELECT customer, count(*) AS n FROM ({_links(p, anchor, before, after)})
            WHERE position = {position} AND {left} AND {right} GROUP BY customer"""
    )
