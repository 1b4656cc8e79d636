"""What became of a load: the counts, everything that was wrong, and the way to the page on it; and figures as tiles."""

from __future__ import annotations

import traitlets

from widgets.view import View, script


class Tiles(View):
    """A few figures with their names, in a card; above them, on a served page, companies to choose among."""

    _esm = script("tiles")
    title = traitlets.Unicode().tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)
    choices = traitlets.List(traitlets.Dict()).tag(sync=True)  # name, kind, asks, href, on: the open one
    tiles = traitlets.List(traitlets.Dict()).tag(sync=True)  # label, value
    links = traitlets.List(traitlets.Dict()).tag(sync=True)  # label, href: relative addresses made here, never from data


class ReportView(View):
    """Sentences: the outcome, then each problem."""

    _esm = script("report")
    outcome = traitlets.List(traitlets.Unicode()).tag(sync=True)
    problems = traitlets.List(traitlets.Unicode()).tag(sync=True)
    links = traitlets.List(traitlets.Dict()).tag(sync=True)
    code = traitlets.Unicode().tag(sync=True)
