"""The chart that shows itself in any notebook, offline, whichever renderer Altair has been given."""

from __future__ import annotations

import altair as alt


class Picture(alt.LayerChart):
    """Layers as `alt.LayerChart` has them; a notebook gets what `renderer.mimebundle` says."""

    def _repr_mimebundle_(self, *_: object, **__: object) -> dict:
        from workbench.charts import renderer  # it brings the library that draws, 90 MB that a page doesn't need

        return renderer.mimebundle(self.to_dict())
