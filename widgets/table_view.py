"""A table of a result: real HTML, sorted and paged here, one page at a time in the browser."""

from __future__ import annotations

from collections.abc import Sequence

import traitlets

from widgets.records import Grid
from widgets.view import Bad, View, script, whole

PAGE = 15
_NO_NAMES = {"kind", "stage"}


class TableView(View):
    """Shows a Grid. Tells the key of the row that was picked where `pickable`."""

    _esm = script("table")
    takes = ("sort", "page", "pick")
    caption = traitlets.Unicode().tag(sync=True)
    quiet = traitlets.Bool(False).tag(sync=True)  # the caption is for screen readers only
    columns = traitlets.List(traitlets.Dict()).tag(sync=True)
    rows = traitlets.List(traitlets.Dict()).tag(sync=True)
    sort = traitlets.Dict({"column": -1, "down": False}).tag(sync=True)
    page = traitlets.Int(0).tag(sync=True)
    pages = traitlets.Int(1).tag(sync=True)
    counted = traitlets.Unicode().tag(sync=True)
    heads = traitlets.Int(0).tag(sync=True)  # the column that names a row
    pickable = traitlets.Bool(False).tag(sync=True)
    picked = traitlets.Int(-1).tag(sync=True)

    def __init__(self, *, size: int = PAGE, **traits: object) -> None:
        self._size = size
        self._grid = Grid((), (), None)
        self._order: Sequence[int] = ()
        super().__init__(**traits)

    def show(self, grid: Grid, caption: str = "", picked: int = -1) -> None:
        self._grid, self._order = grid, range(len(grid.rows))
        with self.hold_sync():
            self.caption, self.picked = caption, picked
            self.columns = [{"label": one.label, "number": one.number, "hint": one.hint} for one in grid.columns]
            self.heads = next((i for i, one in enumerate(grid.columns) if not one.number and one.name not in _NO_NAMES), 0)
            self.sort = {"column": -1, "down": False}
            self._turn(0)

    def take_sort(self, content: dict, _buffers: list) -> None:
        """By that column, numbers from the largest first; again: the other way round; a third time: as it came."""
        column = whole(content, "column", 0, len(self._grid.columns) - 1)
        number = self._grid.columns[column].number
        if self.sort["column"] != column:
            down = number
        elif self.sort["down"] == number:
            down = not number
        else:
            column, down = -1, False
        with self.hold_sync():
            self.sort = {"column": column, "down": down}
            self._order = self._grid.ordered(column, down)
            self._turn(0)

    def take_page(self, content: dict, _buffers: list) -> None:
        self._turn(whole(content, "page", 0, self.pages - 1))

    def take_pick(self, content: dict, _buffers: list) -> None:
        row = whole(content, "row", 0, 2**31)
        if not self.pickable or row not in {one.key for one in self._grid.rows}:
            raise Bad("row")
        self.picked = row
        self.tell(row)

    def _turn(self, page: int) -> None:
        grid, size = self._grid, self._size
        here = [grid.rows[i] for i in self._order[page * size : (page + 1) * size]]
        with self.hold_sync():
            self.rows = [{"key": one.key, "cells": [cell.text for cell in one.cells], "quiet": one.quiet} for one in here]
            self.page, self.pages = page, max(1, -(-len(grid.rows) // size))
            if grid.texts is not None:
                first = page * size + 1 if here else 0
                self.counted = grid.texts("widgets.counted", first=first, last=page * size + len(here), n=len(grid.rows))
