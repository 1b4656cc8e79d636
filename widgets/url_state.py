"""The address of a served page and the state of its page, kept equal.

The browser tells what stands behind `#`; the page reads it (`state.read`, which checks every part) and answers with the
link of what it now shows. A preheated page is made before its visitor exists, so the address can't be known earlier.
In JupyterLab the address belongs to JupyterLab and this view does nothing.

The same goes for the language: until `language` is the one of the address, what the page shows stays behind the skeleton.
"""

from __future__ import annotations

import traitlets

from widgets.view import View, script, text

LONGEST_LINK = 6000


class UrlState(View):
    """`listen(call)`: call(link) with the text behind `#` as it comes. Set `link` to write it back, and `language` to the one
    that all parts of the page speak by now (empty: they speak none)."""

    _esm = script("url_state")
    takes = ("link",)
    link = traitlets.Unicode().tag(sync=True)
    language = traitlets.Unicode().tag(sync=True)

    def take_link(self, content: dict, _buffers: list) -> None:
        self.tell(text(content, "link", LONGEST_LINK))
