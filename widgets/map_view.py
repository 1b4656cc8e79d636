"""The journey map on the screen: drawn from a canvas, worked with by mouse and keyboard.

Cards and notes are checked against the canvas that is shown before anybody hears of them. A change carries an id; whoever
keeps it answers with it, so that the page knows what is kept and what is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import traitlets

from widgets.view import Bad, View, listed, script, text, whole
from workbench.store.notes import MOST_AUTHOR, MOST_NAME, MOST_TEXT

MOST_ID = 60
MOST_ANSWERS = 60  # the last ones, told again after a broken connection


class MapView(View):
    """Shows `canvas` (see `JourneyMap.canvas`), without the lanes that are `hidden`. Listeners get ("pick", of, row), ("lanes",
    keys), ("plan",) to see the plan or not, ("unplan",) to remove it, and ("change", id, action, values, author), where action
    and values are those of `workbench.store.notes`; each change is to be answered."""

    _esm = script("map", "map_drag", "map_edit")
    takes = ("pick", "lanes", "plan", "unplan", "place", "add", "edit", "remove", "move", "undo")
    canvas = traitlets.Dict().tag(sync=True)
    hidden = traitlets.List(traitlets.Unicode()).tag(sync=True)
    picked = traitlets.Dict({"of": "", "row": -1}).tag(sync=True)
    plan = traitlets.Dict({"name": "", "open": False, "own": False}).tag(sync=True)  # own: not one that a sample came with
    fixed = traitlets.List(traitlets.Unicode()).tag(sync=True)  # touchpoints that the plan keeps in their stage
    answers = traitlets.List(traitlets.Dict()).tag(sync=True)
    placed = traitlets.Int(0).tag(sync=True)  # the canvas holds that many changes of the arrangement

    def answer(self, number: str, said: str, *, problem: bool = False, waits: int = 0, undone: str = "") -> None:
        """Tells what became of a change. `waits`: the page goes on showing it by itself until `placed` is that high; `undone`:
        the action that it took back."""
        one = {"id": number, "text": said, "problem": problem, "waits": waits, "undone": undone}
        self.answers = [*self.answers, one][-MOST_ANSWERS:]

    # -- messages ------------------------------------------------------------------------------------------------------

    def take_pick(self, content: dict, _buffers: list) -> None:
        of, row = text(content, "of", 20), whole(content, "row", 0, 2**31)
        if (of, row) not in set(self._rows()):
            raise Bad("row")
        self.tell("pick", of, row)

    def take_lanes(self, content: dict, _buffers: list) -> None:
        asked = listed(content, "hidden", 50, 40)
        known = [one["key"] for one in self.canvas.get("lanes", ())]
        if not set(asked) <= {*known, *self.hidden}:
            raise Bad("hidden")
        self.tell("lanes", tuple(one for one in known if one in asked))

    def take_plan(self, _content: dict, _buffers: list) -> None:
        self.tell("plan")

    def take_unplan(self, _content: dict, _buffers: list) -> None:
        if not self.plan.get("own"):
            raise Bad("plan")
        self.tell("unplan")

    def take_place(self, content: dict, _buffers: list) -> None:
        self._change(content, "place", index=whole(content, "index", 0, 10_000), **self._named(content, "touchpoint", "stage"))

    def take_add(self, content: dict, _buffers: list) -> None:
        self._change(content, "add", text=self._said(content), **self._named(content, "stage", "lane"))

    def take_edit(self, content: dict, _buffers: list) -> None:
        self._change(content, "edit", text=self._said(content), **self._named(content, "note"))

    def take_remove(self, content: dict, _buffers: list) -> None:
        self._change(content, "remove", **self._named(content, "note"))

    def take_move(self, content: dict, _buffers: list) -> None:
        self._change(content, "move", **self._named(content, "note", "stage", "lane"))

    def take_undo(self, content: dict, _buffers: list) -> None:
        self._change(content, "undo")

    def _change(self, content: dict, action: str, **values: object) -> None:
        number, author = text(content, "id", MOST_ID), text(content, "author", MOST_AUTHOR)
        if not number:
            raise Bad("id")
        if all(values[name] in known for name, known in self._known().items() if name in values):
            self.tell("change", number, action, values, author)
        else:
            # it was there when the page was drawn: somebody else has taken it away meanwhile
            self.answer(number, self.labels.get("gone", ""), problem=True)

    @staticmethod
    def _named(content: dict, *names: str) -> dict[str, str]:
        return {name: text(content, name, MOST_NAME) for name in names}

    @staticmethod
    def _said(content: dict) -> str:
        value = text(content, "text", MOST_TEXT, lines=True)
        if not value.strip():
            raise Bad("text")
        return value

    # -- what the canvas holds -----------------------------------------------------------------------------------------

    def _lanes(self, kind: str) -> list[str]:
        return [one["key"] for one in self.canvas.get("lanes", ()) if one["kind"] == kind]

    def _cells(self, *kinds: str) -> Iterator[Mapping]:
        cells = self.canvas.get("cells", {})
        return (cell for kind in kinds for lane in self._lanes(kind) for cell in cells.get(lane, {}).values())

    def _rows(self) -> Iterator[tuple[str, int]]:
        for cell in self._cells("cards"):
            yield from (("frame", one["row"]) for one in cell.get("cards", ()))
        for one in [*self.canvas.get("stages", ()), *self._cells("felt", "figure", "badge")]:
            yield "stages", one.get("row", -1)

    def _known(self) -> dict[str, set[str]]:
        """What a change may name."""
        return {
            "touchpoint": {one["key"] for cell in self._cells("cards") for one in cell.get("cards", ())},
            "stage": {one["key"] for one in self.canvas.get("stages", ())},
            "lane": set(self._lanes("words")),
            "note": {one["id"] for cell in self._cells("words") for one in cell.get("notes", ())},
        }
