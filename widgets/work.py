"""Work beside the page: one thread, newest first, with a busy line and Cancel once it takes long.

A `Clock` says when things happen. In a kernel that is its event loop: all widgets are touched on the main thread only. Without
a loop (a script, a test) everything happens at once.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import dataclasses
import functools
import threading
from collections.abc import Callable
from typing import Protocol

from widgets.view import said, unexpected
from workbench.errors import Cancelled

DEBOUNCE = 0.15
BUSY_AFTER = 0.3


class Clock(Protocol):
    """What runs a job: later, off the main thread, or on it as soon as it is free."""

    def after(self, seconds: float, call: Callable[[], None]) -> object: ...
    def work(self, job: Callable[[], object], done: Callable[[object], None]) -> None: ...
    def soon(self, call: Callable[[], None]) -> None: ...


class AtOnce:
    """No event loop: jobs run where they are asked for."""

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        call()

    def work(self, job: Callable[[], object], done: Callable[[object], None]) -> None:
        done(job())

    def soon(self, call: Callable[[], None]) -> None:
        call()


class OnLoop:
    """A kernel's event loop and one thread beside it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._pool = concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="cxw-work")

    def after(self, seconds: float, call: Callable[[], None]) -> asyncio.TimerHandle:
        return self._loop.call_later(seconds, call)

    def work(self, job: Callable[[], object], done: Callable[[object], None]) -> None:
        self._pool.submit(lambda: self.soon(functools.partial(done, job())))

    def soon(self, call: Callable[[], None]) -> None:
        self._loop.call_soon_threadsafe(call)


def clock() -> Clock:
    try:
        return OnLoop(asyncio.get_running_loop())
    except RuntimeError:
        return AtOnce()


@dataclasses.dataclass(eq=False)
class Task:
    """A job under way. The job may report progress, register what stops it, and look at `cancel`."""

    cancel: threading.Event = dataclasses.field(default_factory=threading.Event)
    stoppers: list[Callable[[], None]] = dataclasses.field(default_factory=list)
    share: float = -1.0
    words: str = ""
    over: bool = False
    changed: Callable[[], None] = lambda: None

    def progress(self, share: float, words: str = "") -> None:
        """From the worker thread: how far it is (0 to 1)."""
        self.share, self.words = min(1.0, max(0.0, float(share))), words
        self.changed()

    def stop(self) -> None:
        """Asks the job to end, and whatever it is waiting for."""
        self.cancel.set()
        for call in list(self.stoppers):
            try:
                call()
            except Exception as error:
                unexpected(error)


class Worker:
    """Runs the jobs of a page, one slot for each purpose: a new job of a slot replaces the one before."""

    def __init__(self, clock: Clock, status, texts: Callable[[], object]) -> None:
        self.clock = clock
        self._status = status
        self._t = texts
        self._tasks: dict[str, Task] = {}
        self._timers: dict[str, object] = {}
        status.listen(self.cancel)

    def later(self, slot: str, call: Callable[[], None], seconds: float = DEBOUNCE) -> None:
        """`call` after a short silence; asked again meanwhile, only the last counts."""
        if hasattr(self._timers.get(slot), "cancel"):
            self._timers[slot].cancel()
        self._timers[slot] = self.clock.after(seconds, call)

    def do(
        self,
        slot: str,
        job: Callable[[Task], object],
        done: Callable[[object], None],
        failed: Callable[[str], None] | None = None,
    ) -> None:
        """`job(task)` in the thread, then `done(its result)` here. What goes wrong becomes one line: `failed(line)`, or
        the status line where that isn't given."""
        before = self._tasks.get(slot)
        if before is not None and not before.over:
            before.over = True
            before.stop()
        task = Task()
        self._tasks[slot] = task
        task.changed = lambda: self.clock.soon(lambda: self._busy(slot, task))

        def run() -> tuple[object, BaseException | None]:
            if task.cancel.is_set():
                return None, Cancelled("engine.cancelled")
            try:
                return job(task), None
            except BaseException as error:  # whatever it is belongs on the main thread
                return None, error

        def back(outcome: tuple[object, BaseException | None]) -> None:
            if self._tasks.get(slot) is not task or task.over:
                return
            task.over = True
            result, error = outcome
            self._quiet(slot)
            try:
                if error is None:
                    done(result)
                    return
            except Exception as mistake:
                error = mistake
            if isinstance(error, Cancelled) or task.cancel.is_set():
                self._status.show("note", self._t()("widgets.cancelled"))
            elif failed is not None:
                failed(said(error, self._t()))
            else:
                self._status.show("error", said(error, self._t()))

        self.clock.work(run, back)
        if not task.over:
            self.clock.after(BUSY_AFTER, lambda: self._busy(slot, task))

    def drop(self, slot: str) -> None:
        """What was asked in that slot is asked no more; nothing is said about it."""
        if hasattr(self._timers.get(slot), "cancel"):
            self._timers[slot].cancel()
        task = self._tasks.get(slot)
        if task is not None and not task.over:
            task.over = True
            task.stop()
            self._quiet(slot)

    def cancel(self) -> None:
        """Stops all that is under way."""
        for task in self._tasks.values():
            if not task.over:
                task.stop()

    @property
    def working(self) -> bool:
        return any(not task.over for task in self._tasks.values())

    def _busy(self, slot: str, task: Task) -> None:
        if not task.over and self._tasks.get(slot) is task:
            t = self._t()
            self._status.show("busy", task.words or t("widgets.working"), share=task.share, can_cancel=not task.cancel.is_set())

    def _quiet(self, slot: str) -> None:
        if not any(not task.over for name, task in self._tasks.items() if name != slot):
            self._status.show()
