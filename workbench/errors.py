"""What can go wrong, in sentences: what was asked, what was found, what to do.

An error carries the key of its sentence and the values in it; the sentence itself stands in
`locale/<language>/errors.po`, so that a screen can show it in the reader's language.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class WorkbenchError(Exception):
    """Something the person can act on. `str(error)` is English, `error.text("pl")` any language."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values

    def text(self, language: str = "en") -> str:
        """The sentence in `language` ("en", "ru", "pl")."""
        from workbench.locale import texts

        # an error may tell another one as its cause: in the same language, and within its own sentence
        values = {
            name: one.text(language).rstrip(".") if isinstance(one, WorkbenchError) else one
            for name, one in self.values.items()
        }
        return texts(language)("errors." + self.key, **values)

    def __str__(self) -> str:
        return self.text()

    def __reduce__(self):
        return _rebuild, (type(self), self.key, self.values)


def _rebuild(kind: type[WorkbenchError], key: str, values: dict) -> WorkbenchError:
    return kind(key, **values)


class BadInput(WorkbenchError):
    """A file, a value or a setting that can't be used as it is."""


class NotFound(BadInput):
    """A name that doesn't exist; says which do and which is nearest."""

    def __init__(self, key: str, *, asked: str, exists: Iterable[str], **values: object) -> None:
        exists = sorted(str(name) for name in exists)
        close = difflib.get_close_matches(str(asked), exists, n=1, cutoff=0.5)
        nearest = close[0] if close else ""
        listed = ", ".join(exists[:12]) + (", …" if len(exists) > 12 else "")
        super().__init__(key, **({"asked": asked, "exists": listed, "nearest": nearest} | values))

    def text(self, language: str = "en") -> str:
        from workbench.locale import texts

        sentence = super().text(language)
        if self.values["nearest"]:
            sentence += " " + texts(language)("errors.nearest", nearest=self.values["nearest"])
        return sentence

    def __reduce__(self):
        return _rebuild_not_found, (type(self), self.key, self.values)


def _rebuild_not_found(kind: type[NotFound], key: str, values: dict) -> NotFound:
    error = kind.__new__(kind)
    WorkbenchError.__init__(error, key, **values)
    return error


class BadPattern(BadInput):
    """A path pattern that can't be read; `values["position"]` is the place, counted from 0."""


class StoreError(WorkbenchError):
    """A store that can't be read or written just now."""


class NotEnoughData(WorkbenchError):
    """An honest answer needs more data than there are."""


class SmallGroup(NotEnoughData):
    """A group too small to be shown."""


class Cancelled(WorkbenchError):
    """Stopped by the person who asked."""
