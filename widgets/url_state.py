"""The address of a served page and the state of its page, kept equal.

The browser tells what stands behind `#`; the page reads it (`state.read`, which checks every part) and answers with the
link of what it now shows. A preheated page is made before its visitor exists, so the address can't be known earlier.
In JupyterLab the address belongs to JupyterLab and this view does nothing.
"""

from __future__ import annotations

import traitlets

from widgets.view import View, script, text

LONGEST_LINK = 6000


class UrlState(View):
    """`listen(call)`: call(link) with the text behind `#` as it comes. Set `link` to write it back."""

    _esm = script("url_state")
    takes = ("link",)
    link = traitlets.Unicode().tag(sync=True)

    def take_link(self, content: dict, _buffers: list) -> None:
        self.tell(text(content, "link", LONGEST_LINK))
