"""The styles of a page, in JupyterLab and in Voila."""

from __future__ import annotations

import traitlets

from widgets.view import STATIC, View, script
from workbench.charts import drawing


class Style(View):
    """Puts the pages' styles into the document once, and where no template has linked it the common stylesheet before them."""

    _esm = script("style")
    css = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(self) -> None:
        common, page, map_ = ((STATIC / name).read_text(encoding="utf-8") for name in ("workbench.css", "page.css", "map.css"))
        super().__init__(css=[common, page + drawing.text("map.css") + map_])
