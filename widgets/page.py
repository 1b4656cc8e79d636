"""What all pages share: stylesheet, address, language, status line, worker. A page has no arithmetic: it turns a state into
one analysis call and its result into views."""

from __future__ import annotations

from collections.abc import Iterator

import ipywidgets as ipw

from widgets.style import Style
from widgets.texts_view import Headline, NotesView, StatusLine
from widgets.url_state import UrlState
from widgets.watchdog import Watchdog
from widgets.work import Clock, Worker, clock
from workbench.locale import texts


class Page(ipw.VBox):
    """Base of all pages. Subclasses build their views, call `compose`, and implement `speak()` (texts of the controls in
    `self.t`) and `arrive(link)` (what the address asks for, checked)."""

    def __init__(self, language: str, *, at: Clock | None = None) -> None:
        super().__init__()
        self.add_class("cxw-page")
        self.t = texts(language)
        self._told = ""
        self.style_sheet, self.headline = Style(), Headline()
        self.status = StatusLine()
        self.foot = NotesView(look="foot")
        self.work = Worker(at or clock(), self.status, lambda: self.t)
        self.url = UrlState(language=language)
        self.url.listen(self.arrive)
        self.watchdog = Watchdog()
        self.watchdog.listen(self.repeat)

    def compose(self, *parts: ipw.Widget) -> None:
        self.children = (self.style_sheet, self.url, self.watchdog, self.headline, *parts, self.foot)

    def repeat(self) -> None:
        """Sends all that the page shows once more; names that begin with `_` never change."""
        for one in _parts(self):
            one.send_state([name for name in one.keys if not name.startswith("_")])

    def speak(self) -> None:
        self.status.labels = {"cancel": self.t("widgets.cancel")}
        self._name_story()

    def tells_of(self, company: str) -> None:
        """The notebook before the page was made with that company while the page shows another one; empty: the same one."""
        self._told = company
        self._name_story()

    def _name_story(self) -> None:
        other = self._told and self.t("widgets.story_of", company=self._told)
        self.style_sheet.labels = {"story": other or self.t("widgets.story")}

    def arrive(self, link: str) -> None:
        raise NotImplementedError

    def change_language(self, language: str) -> None:
        self.t = texts(language)
        self.speak()


def _parts(one: ipw.Widget) -> Iterator[ipw.Widget]:
    for inner in getattr(one, "children", ()):
        yield from _parts(inner)
    layout = getattr(one, "layout", None)
    yield from (layout, one) if layout is not None else (one,)


def box(*parts: ipw.Widget, cls: str) -> ipw.Box:
    """A plain container with classes of the stylesheet."""
    made = ipw.Box(list(parts))
    for name in cls.split():
        made.add_class(name)
    return made


def visible(one: ipw.Widget, shown: bool) -> None:
    one.layout.display = "" if shown else "none"


def earlier(one: ipw.DOMWidget, is_so: bool) -> None:
    """Whether what it shows is of another view than the one chosen: pale until its answer is there."""
    (one.add_class if is_so else one.remove_class)("cxw-earlier")
