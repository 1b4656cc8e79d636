"""The live figures of the landing page, computed from each company in a process of its own.

The server never opens a store itself: it must stay small and answer at once. It only looks whether a store has moved
on, and if so asks again.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import logging
import os
import sys
from pathlib import Path

from widgets.server.options import Served, environment
from widgets.shipped import called, named, shipped
from workbench.errors import WorkbenchError
from workbench.locale import LANGUAGES, texts

log = logging.getLogger("cxw.server")


class Headlines:
    """Those of one company, the store of `served`. `known` is None until the first answer, then {language: {company,
    cards: {app: {figure, text, …}}}}. Where companies share a `turn`, they are asked one after another."""

    def __init__(self, served: Served, turn: asyncio.Lock | None = None) -> None:
        self.served = served
        self._turn = turn or contextlib.nullcontext()
        self.known: dict | None = None
        self._stamp: object = ()
        self._task: asyncio.Task | None = None

    def refresh(self) -> bool:
        """Asks again if the store has changed since; True if it had."""
        stamp = store_stamp(self.served.store)
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        self._task = asyncio.get_event_loop().create_task(self._ask())
        return True

    async def wait(self) -> dict | None:
        if self._task is not None:
            await asyncio.shield(self._task)
        return self.known

    async def _ask(self) -> None:
        async with self._turn:
            await self._compute()

    async def _compute(self) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "widgets.server.headlines",
            env=environment(os.environ, self.served),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate()
        if process.returncode == 0:
            self.known = json.loads(out)
        else:
            log.error("the headline figures could not be computed (exit code %s)", process.returncode)


class Companies:
    """The company of `served` and, where that is one of its samples, all of these. `home` is the name of the first in the
    others' folder, or empty; `names` is what those to choose among are called."""

    def __init__(self, served: Served) -> None:
        turn = asyncio.Lock()
        self.home = named(served.store, served.samples)
        others = shipped(served.samples) if self.home else {}
        self.names = {name: called(path) for name, path in others.items()}
        stores = {self.home: served.store} | {name: str(path) for name, path in others.items()}
        self.figures = {name: Headlines(dataclasses.replace(served, store=store), turn) for name, store in stores.items()}

    @property
    def known(self) -> dict:
        """What is known of each by now, and which is the first: {home, companies: {name: figures or None}}."""
        return {"home": self.home, "companies": {name: one.known for name, one in self.figures.items()}}

    def refresh(self) -> bool:
        """Asks again for those that have changed since; True if there are any."""
        changed = [one.refresh() for one in self.figures.values()]
        return any(changed)

    async def wait(self, name: str) -> dict | None:
        """The figures of that company; None where they can't be had or there is none of that name."""
        return await self.figures[name].wait() if name in self.figures else None


def store_stamp(store: str) -> object:
    """Something that differs after every load: the names, times and sizes of the files at the store's top."""
    try:
        found = [(path.name, path.stat()) for path in Path(store).iterdir() if path.is_file()]
    except OSError:
        return None
    return tuple(sorted((name, stat.st_mtime_ns, stat.st_size) for name, stat in found))


def compute() -> dict:
    """The figures in every language, or the sentence that says why there are none."""
    import workbench as wb

    try:
        study = wb.open()
        return {
            language: _told(wb.journeys.headline(study, language), study.synthetic, texts(language)) for language in LANGUAGES
        }
    except WorkbenchError as error:
        return {language: {"company": error.text(language), "cards": {}} for language in LANGUAGES}


def _told(found: dict, synthetic: bool, t) -> dict:
    key = "server.company_synthetic" if synthetic else "server.company"
    events = {"n": found["events"], "customers": found["customers"]}
    sure = {name: found[name] for name in ("n", "low", "high")} | {"total": found["journeys"]}
    months = zip(found["months"], found["series"], strict=True)
    return {
        "company": t(key, name=found["company"], customers=found["customers"]),
        "cards": {
            "start": {
                "figure": t.count(found["events"]),
                "text": t("server.loaded", **events),
                "rows": [{"label": name, "value": t.count(n), "n": n} for name, n in found["stages"]],
                "name": t("server.stages"),
            },
            "journeys": {
                "figure": found["figure"],
                "text": found["text"],
                "sure": t("server.sure", **sure),
                "columns": [
                    {"label": t.month(month), "title": f"{t.month(month, year=True)}: {t.count(n)}", "n": n}
                    for month, n in months
                ],
                "name": t("server.series"),
            },
        },
    }


if __name__ == "__main__":
    json.dump(compute(), sys.stdout)
