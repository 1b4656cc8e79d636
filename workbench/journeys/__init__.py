"""Journeys: where customers go, how long it takes, and where they stop.

    overview(study)                     how much there is, and how long journeys take
    touchpoints(study)                  each touchpoint: how often, first, last, time to the next
    flow(study)                         transitions from touchpoint to touchpoint, with beginnings and ends
    variants(study, top=20)             the most frequent sequences
    funnel(study, steps=[…], within=…)  how many get from step to step in order, and what the others did
    steps(study, anchor=…)              what happens around the first step, the last, or a touchpoint
    sessions(study, gap=…)              journeys cut at their pauses
    loops(study)                        returns and dead ends, ranked by the time they take
    crossings(study)                    from channel to channel
    handoffs(study)                     from owner to owner, and who waits longest
    cohorts(study, by="month")          who comes back: by the month customers were first seen in
    changes(study, by="day")            what changed and when: change points of shares and times
    compare(study, other, of="flow")    two groups side by side in a view, with what differs
    attribution(study, target=…)        what each channel is credited with for conversions, by seven models
    plan("touchpoints.xlsx")            the planned journey, from a spreadsheet of touchpoints
    conformance(study)                  how far journeys go as planned, and where they depart
    discover(study)                     the usual way, as a plan
    map(study)                          stages × touchpoints, as planned, as in the log, and as customers felt
    inventory(study)                    the sources: who is seen where, in one alone, how recently, by which key
    headline(study)                     the one figure of a card

Every frame has `n`, what its row counts, and `n_customers`, the different customers among them; `customers(row)` gives those.
All raise NotEnoughData when the study holds no journey (its filters exclude all, or nothing is loaded).

Behind them: `canvas`, `felt` and `disagreement` make the map; `plans` and `plan_sheet` hold and read the plan; `alignment` and
`replay` hold journeys against it, `outcomes` and `contrasts` their time, money and scores; `shifts` and `levels` find what
`incidents` tells as changes; `sides` (of each kind of view) and `naming` serve comparing; `common` is what all share.
"""

from workbench.journeys.attribution import Attribution, attribution
from workbench.journeys.conformance import Conformance, conformance
from workbench.journeys.detours import Loops, loops
from workbench.journeys.differences import Comparison, compare
from workbench.journeys.discovery import Discovered, discover
from workbench.journeys.headlines import headline
from workbench.journeys.incidents import Changes, changes
from workbench.journeys.inventory import Inventory, inventory
from workbench.journeys.maps import JourneyMap, map
from workbench.journeys.moves import Flow, flow
from workbench.journeys.orders import Funnel, funnel
from workbench.journeys.passings import Crossings, Handoffs, crossings, handoffs
from workbench.journeys.pauses import Sessions, sessions
from workbench.journeys.plan_sheet import plan
from workbench.journeys.plans import Plan, PlannedStep
from workbench.journeys.positions import Steps, steps
from workbench.journeys.retention import Cohorts, cohorts
from workbench.journeys.shapes import Variants, variants
from workbench.journeys.totals import Overview, Touchpoints, overview, touchpoints

__all__ = [
    "Attribution",
    "Changes",
    "Cohorts",
    "Comparison",
    "Conformance",
    "Crossings",
    "Discovered",
    "Flow",
    "Funnel",
    "Handoffs",
    "Inventory",
    "JourneyMap",
    "Loops",
    "Overview",
    "Plan",
    "PlannedStep",
    "Sessions",
    "Steps",
    "Touchpoints",
    "Variants",
    "attribution",
    "changes",
    "cohorts",
    "compare",
    "conformance",
    "crossings",
    "discover",
    "flow",
    "funnel",
    "handoffs",
    "headline",
    "inventory",
    "loops",
    "map",
    "overview",
    "plan",
    "sessions",
    "steps",
    "touchpoints",
    "variants",
]
