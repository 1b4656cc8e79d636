"""Charts of the room `journeys`: a tidy frame in, an `alt.Chart` out, in the reader's language.

Every function takes `frame, t` and by keyword `title` (the finding), `subtitle` (what was counted), `source`, and `width`: the
room in px the picture will have (360 for a phone). Colours come from the config (`workbench.charts.theme.config`).
"""

from workbench.charts.journeys.flow import flow

__all__ = ["flow"]
