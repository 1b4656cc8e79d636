"""Reductions: a `Prepared` in, a small frame out. `…_members` give the customers behind one row of the frame of the same
name."""

from workbench.engine.reductions.chains import Removal, removal
from workbench.engine.reductions.credits import ADDITIVE, NONE, Credits, credit_members, credits
from workbench.engine.reductions.lasting import features
from workbench.engine.reductions.levels import funnel, funnel_counts, funnel_members, funnel_open
from workbench.engine.reductions.middles import (
    Middles,
    funnel_middles,
    journeys_middle,
    moves_middles,
    sessions_middles,
    touchpoints_middles,
    variants_middles,
)
from workbench.engine.reductions.moves import END, START, move_members, moves, pair_counts, pairs
from workbench.engine.reductions.passings import (
    has_values,
    passing_members,
    passings,
    passings_middles,
    used,
    used_members,
)
from workbench.engine.reductions.pauses import session_members, sessions
from workbench.engine.reductions.positions import anchored_ends, link_members, step_links, step_matrix, step_members
from workbench.engine.reductions.retention import PERIODS, begins, cohort_members, cohorts, last_seen, period
from workbench.engine.reductions.returns import dead_ends, return_members, returns
from workbench.engine.reductions.shapes import top_variants, variant_counts, variant_members, variants_once
from workbench.engine.reductions.spread import (
    ALL,
    Spread,
    journeys_spread,
    moves_spread,
    sessions_spread,
    steps_spread,
    touchpoints_spread,
    variants_spread,
)
from workbench.engine.reductions.totals import (
    Facts,
    facts,
    months,
    overview,
    overview_members,
    touchpoint_journeys,
    touchpoint_members,
    touchpoints,
)

__all__ = [
    "ADDITIVE",
    "ALL",
    "END",
    "NONE",
    "PERIODS",
    "START",
    "Credits",
    "Facts",
    "Middles",
    "Removal",
    "Spread",
    "anchored_ends",
    "begins",
    "cohort_members",
    "cohorts",
    "credit_members",
    "credits",
    "dead_ends",
    "facts",
    "features",
    "funnel",
    "funnel_counts",
    "funnel_members",
    "funnel_middles",
    "funnel_open",
    "has_values",
    "journeys_middle",
    "journeys_spread",
    "last_seen",
    "link_members",
    "months",
    "move_members",
    "moves",
    "moves_middles",
    "moves_spread",
    "overview",
    "overview_members",
    "pair_counts",
    "pairs",
    "passing_members",
    "passings",
    "passings_middles",
    "period",
    "removal",
    "return_members",
    "returns",
    "session_members",
    "sessions",
    "sessions_middles",
    "sessions_spread",
    "step_links",
    "step_matrix",
    "step_members",
    "steps_spread",
    "top_variants",
    "touchpoint_journeys",
    "touchpoint_members",
    "touchpoints",
    "touchpoints_middles",
    "touchpoints_spread",
    "used",
    "used_members",
    "variant_counts",
    "variant_members",
    "variants_middles",
    "variants_once",
    "variants_spread",
]
