"""Charts of the room `journeys`: a tidy frame in, an `alt.Chart` out, in the reader's language.

Every function takes `frame, t` and by keyword `title` (the finding), `subtitle` (what was counted), `source`, and `width`: the
room in px the picture will have (300 for a phone). Colours come from the config (`workbench.charts.theme.config`). A click on a
mark puts the index label of its row in `frame` into the signal `pick` as `{"row": [label]}`.
"""

from workbench.charts.journeys.attribution import attribution
from workbench.charts.journeys.changes import changes
from workbench.charts.journeys.cohorts import cohorts
from workbench.charts.journeys.compare import compare
from workbench.charts.journeys.flow import flow
from workbench.charts.journeys.funnel import funnel
from workbench.charts.journeys.overview import overview
from workbench.charts.journeys.ranked import conformance, crossings, handoffs, inventory, loops, sessions, touchpoints
from workbench.charts.journeys.stages import map
from workbench.charts.journeys.steps import sankey, steps
from workbench.charts.journeys.variants import variants

__all__ = [
    "attribution",
    "changes",
    "cohorts",
    "compare",
    "conformance",
    "crossings",
    "flow",
    "funnel",
    "handoffs",
    "inventory",
    "loops",
    "map",
    "overview",
    "sankey",
    "sessions",
    "steps",
    "touchpoints",
    "variants",
]
