"""What all pages share: stylesheet, address, language, status line, worker. A page has no arithmetic: it turns a state into
one analysis call and its result into views."""

from __future__ import annotations

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
        self.style_sheet, self.headline = Style(), Headline()
        self.status = StatusLine()
        self.foot = NotesView(look="foot")
        self.work = Worker(at or clock(), self.status, lambda: self.t)
        self.url = UrlState()
        self.url.listen(self.arrive)

    def compose(self, *parts: ipw.Widget) -> None:
        self.children = (self.style_sheet, self.url, Watchdog(), self.headline, *parts, self.foot)

    def speak(self) -> None:
        self.status.labels = {"cancel": self.t("widgets.cancel")}
        self.style_sheet.labels = {"story": self.t("widgets.story")}

    def arrive(self, link: str) -> None:
        raise NotImplementedError

    def change_language(self, language: str) -> None:
        self.t = texts(language)
        self.speak()


def box(*parts: ipw.Widget, cls: str) -> ipw.Box:
    """A plain container with classes of the stylesheet."""
    made = ipw.Box(list(parts))
    for name in cls.split():
        made.add_class(name)
    return made


def visible(one: ipw.Widget, shown: bool) -> None:
    one.layout.display = "" if shown else "none"
