"""The customers behind a number: how many, who, and a file of them. Groups below the study's bound are not opened."""

from __future__ import annotations

import ipywidgets as ipw
import traitlets

from widgets.download import Download
from widgets.table_view import TableView
from widgets.texts_view import NotesView
from widgets.view import View, script


class Picked(View):
    """Says which number is open, with a button that closes it."""

    _esm = script("picked")
    takes = ("close",)
    title = traitlets.Unicode().tag(sync=True)
    count = traitlets.Unicode().tag(sync=True)
    message = traitlets.Unicode().tag(sync=True)
    picked = traitlets.Bool(False).tag(sync=True)

    def take_close(self, _content: dict, _buffers: list) -> None:
        self.tell()


class CustomersView(ipw.VBox):
    """A card: what was picked, its customers, caveats. `on_close` listeners of `head` are called when it is closed."""

    def __init__(self) -> None:
        self.head = Picked()
        self.table = TableView(size=8, quiet=True)
        self.file = Download()
        self.caveats = NotesView()
        self.frame = None
        super().__init__([self.head, self.table, self.file, self.caveats])
        self.add_class("cxw-card").add_class("cxw-stack")
        self._show(False)

    def speak(self, t) -> None:
        self.head.labels = {"title": t("widgets.who.title"), "close": t("widgets.who.close")}
        self.table.labels = table_labels(t)
        self.file.labels = {"title": t("widgets.who.file"), "making": t("widgets.making"), "done": t("widgets.saved")}
        self.file.offer([("csv", "CSV"), ("xlsx", "XLSX")])
        self.caveats.labels = {"title": t("widgets.who.caveats")}

    def invite(self, t, caveats: list[str]) -> None:
        """Nothing is picked."""
        self.frame = None
        with self.head.hold_sync():
            self.head.picked, self.head.title, self.head.count, self.head.message = False, "", "", t("widgets.who.invite")
        self.caveats.notes = caveats
        self._show(False)

    def refuse(self, title: str, message: str) -> None:
        """The number can't be opened."""
        self.frame = None
        with self.head.hold_sync():
            self.head.picked, self.head.title, self.head.count, self.head.message = True, title, "", message
        self._show(False)

    def fill(self, title: str, frame, made, t, n: int) -> None:
        """`frame` has one row a customer; `made` is its Grid; `n` is what the number counts."""
        self.frame = frame
        with self.head.hold_sync():
            self.head.picked, self.head.title, self.head.message = True, title, ""
            self.head.count = t("widgets.who.count", customers=len(frame), n=n)
        self.table.show(made, title)
        self._show(True)

    def _show(self, shown: bool) -> None:
        for one in (self.table, self.file):
            one.layout.display = "" if shown else "none"


def table_labels(t) -> dict[str, str]:
    """The words on the buttons of a table."""
    return {
        "previous": t("widgets.previous"),
        "next": t("widgets.next"),
        "pick": t("widgets.pick"),
    }
