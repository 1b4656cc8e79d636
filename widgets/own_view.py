"""The companies that were loaded from this browser, each to be opened or removed."""

from __future__ import annotations

import traitlets

from widgets.state import OWN
from widgets.view import Bad, View, listed, script, text

MOST = 50


class OwnView(View):
    """The browser keeps the ids and keys of what was loaded from it; no other browser is told of them. Set `added` after a
    load. Listeners get ("mine", ids) or ("remove", id, key), the latter once the person has confirmed it."""

    _esm = script("own")
    takes = ("mine", "remove")
    rows = traitlets.List(traitlets.Dict()).tag(sync=True)  # id, name, text, ask, href, on: the open one
    said = traitlets.Unicode().tag(sync=True)  # what became of the last removal
    added = traitlets.Dict().tag(sync=True)  # id, key

    def take_mine(self, content: dict, _buffers: list) -> None:
        ids = listed(content, "ids", MOST, 32)
        if not all(OWN.fullmatch(one) for one in ids):
            raise Bad("ids")
        self.tell("mine", tuple(dict.fromkeys(ids)))

    def take_remove(self, content: dict, _buffers: list) -> None:
        number, key = (text(content, name, 32) for name in ("id", "key"))
        if number not in {one["id"] for one in self.rows} or not OWN.fullmatch(key):
            raise Bad("id")
        self.tell("remove", number, key)
