"""A connection between a page and its kernel that breaks when a test says so."""

from __future__ import annotations

import re


class Line:
    """The page's connections, each led through here. `eats` names a message that is lost with its connection, on the way up
    or down; while `deaf` nothing reaches the page; while `closed` no connection comes about."""

    def __init__(self, page) -> None:
        self.eats = b""
        self.deaf = self.closed = False
        self.said: list[bytes] = []
        self.breaks = lambda: None
        self.n = self.refused = 0
        page.route_web_socket(re.compile("/channels"), self._lead)

    def _lead(self, here) -> None:
        if self.closed:
            self.refused += 1
            here.close(code=3001)
            return
        self.n += 1
        there, mine = here.connect_to_server(), self.n

        def breaks() -> None:
            self.n += 1
            here.close(code=3001)
            there.close()

        def lead(message, on) -> None:
            raw = message if isinstance(message, bytes) else message.encode()
            if self.eats and re.search(self.eats, raw):
                self.eats = b""
                breaks()
            elif mine == self.n and not (self.deaf and on is here):
                self.said.append(raw)
                on.send(message)

        here.on_message(lambda message: lead(message, there))
        there.on_message(lambda message: lead(message, here))
        self.breaks = breaks
