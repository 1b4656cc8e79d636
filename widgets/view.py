"""The base of all views of ours.

One direction each: Python speaks to the browser by traits, the browser to Python by messages. What a browser sets on a
trait is dropped, so no trait can be trusted by mistake; a message is a dict with a known `type`, its values are checked
by the method that takes it, and anything else is counted and ignored. Nothing here raises because of what a browser sent.
"""

from __future__ import annotations

import collections
import functools
import logging
import secrets
from collections.abc import Callable
from pathlib import Path

import anywidget
import traitlets

from workbench.charts import drawing
from workbench.errors import WorkbenchError
from workbench.settings import ROOT

PRIVATE = ROOT / "data" / "private"  # what browsers sent and what went wrong: never committed, never served
STATIC = Path(__file__).parent / "static"
log = logging.getLogger("cxw.widgets")
LOG = PRIVATE / "log.txt"
HEARD = 200  # messages of a view that are remembered, to be known when they come again


class Bad(ValueError):
    """A message from the browser that doesn't keep to what was agreed."""


@functools.cache
def script(*names: str) -> str:
    """The ES module of a view: how elements are made, the kit, then its own files, the last of which exports `render`."""
    own = ((STATIC / f"{name}.js") for name in ("kit", *names))
    return drawing.text("elements.js") + "".join(
        path.read_text(encoding="utf-8") if path.is_file() else drawing.text(path.name) for path in own
    )


class View(anywidget.AnyWidget):
    """A view of ours. Subclasses set `_esm = script("name")` and list in `takes` the messages they have `take_<type>` for."""

    takes: tuple[str, ...] = ()
    labels = traitlets.Dict().tag(sync=True)

    def __init__(self, **traits: object) -> None:
        self._listeners: list[Callable[..., None]] = []
        self._heard: collections.deque[str] = collections.deque(maxlen=HEARD)
        self.refused = 0
        super().__init__(**traits)
        self.on_msg(self._receive)

    def set_state(self, sync_data: object) -> None:
        """Nothing is taken from the browser this way."""
        self.refused += 1

    def listen(self, call: Callable[..., None]) -> None:
        """Calls `call(…)` with the checked values when the person does something here."""
        self._listeners.append(call)

    def tell(self, *values: object) -> None:
        for call in self._listeners:
            call(*values)

    def _receive(self, _widget: object, content: object, buffers: object) -> None:
        try:
            kind = content.get("type") if isinstance(content, dict) else None
            if not isinstance(kind, str) or kind not in self.takes:
                raise Bad("unknown message")
            if not self._again(content):
                getattr(self, f"take_{kind}")(content, list(buffers or []))
        except Bad:
            self.refused += 1
        except Exception as error:
            unexpected(error)

    def _again(self, content: dict) -> bool:
        """Whether it came already: after a broken connection a page says again whatever it got no answer for."""
        said = content.get("said")
        if not isinstance(said, str) or len(said) > 60:
            return False
        if said in self._heard:
            return True
        self._heard.append(said)
        return False


def unexpected(error: BaseException) -> str:
    """Logs what nobody foresaw and returns the id under which it stands in the log."""
    number = secrets.token_hex(4)
    if not log.handlers:
        log.addHandler(_file())
    log.error("unexpected %s", number, exc_info=error)
    return number


def _file() -> logging.Handler:
    # a kernel's own output goes to the browser or nowhere: what went wrong stands in a file
    try:
        LOG.parent.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = logging.FileHandler(LOG, encoding="utf-8", delay=True)
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
    return handler


def said(error: BaseException, t) -> str:
    """An error as one line in the page's language."""
    if isinstance(error, WorkbenchError):
        return error.text(t.language)
    return t("widgets.unexpected", id=unexpected(error))


def text(content: dict, name: str, longest: int = 200, *, lines: bool = False) -> str:
    """A text of the message, no longer than `longest`, without control characters but for new lines where `lines`."""
    value = content.get(name)
    if not isinstance(value, str) or len(value) > longest:
        raise Bad(name)
    if any((ord(char) < 32 and not (lines and char == "\n")) or ord(char) == 127 for char in value):
        raise Bad(name)
    return value


def one_of(content: dict, name: str, allowed) -> str:
    value = text(content, name)
    if value not in allowed:
        raise Bad(name)
    return value


def whole(content: dict, name: str, low: int, high: int) -> int:
    """A whole number of the message within bounds; true and false are not numbers."""
    value = content.get(name)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise Bad(name)
    return value


def listed(content: dict, name: str, most: int = 50, longest: int = 200) -> list[str]:
    value = content.get(name)
    if not isinstance(value, list) or len(value) > most:
        raise Bad(name)
    return [text({name: one}, name, longest) for one in value]
