"""Kernels: at most so many at once. A person who waits comes before a kernel that is only kept warm."""

from __future__ import annotations

import asyncio
import time

from jupyter_server._tz import utcnow
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.web import HTTPError
from traitlets import Integer

from widgets.server.options import kernel_environment

END_S = 10  # a kernel takes no longer to end


class Seats(AsyncMappingKernelManager):
    """Voila derives its preheating manager from this class; `_pools` and `fill_if_needed` are that manager's.

    Every kernel takes a seat. With none free, a preheated kernel of another notebook is ended for a person who asks;
    with none of these either the answer is 503. A pool that could not be filled is filled when a kernel ends.
    """

    seats = Integer(20, config=True, help="Kernels at most, preheated ones included.")
    alone_s = Integer(120, config=True, help="A kernel to which nobody has been connected for so long is ended.")
    _closing = False

    def __init__(self, **kwargs):
        self._alone: dict[str, float] = {}
        super().__init__(**kwargs)

    async def start_kernel(self, **kwargs):
        environ = kwargs.get("env") or {}
        preheating = environ.get("VOILA_PREHEAT") == "True"
        if not preheating and self.taken >= self.seats:
            await self._end(self._warm()[:1])
            await self._wait_for_one_that_ends()
        if self.taken >= self.seats:
            if preheating:
                asyncio.get_running_loop().call_soon(self._forget_failed)
            raise HTTPError(503, "no seat is free")
        kwargs["env"] = kernel_environment(environ)
        return await super().start_kernel(**kwargs)

    async def shutdown_all(self, *args, **kwargs):
        self._closing = True
        self._excuse()
        await super().shutdown_all(*args, **kwargs)

    def remove_kernel(self, kernel_id):
        removed = super().remove_kernel(kernel_id)
        self._alone.pop(kernel_id, None)
        if not self._closing:
            asyncio.get_running_loop().call_soon(self._refill)
        return removed

    def notify_connect(self, kernel_id):
        # a page kept warm may be old: it counts as used from the moment that somebody opens it
        super().notify_connect(kernel_id)
        self._alone.pop(kernel_id, None)
        if kernel_id in self._kernels:
            self._kernels[kernel_id].last_activity = utcnow()

    async def cull_kernel_if_idle(self, kernel_id):
        """Ends a kernel whose page has gone without a word, or that is open and not used; never a busy one."""
        if self._kernel_connections.get(kernel_id):
            self._alone.pop(kernel_id, None)
            await super().cull_kernel_if_idle(kernel_id)
            return
        now = time.monotonic()
        since = self._alone.setdefault(kernel_id, now)
        if now - since >= self.alone_s and self._kernels[kernel_id].execution_state != "busy":
            await self.shutdown_kernel(kernel_id)

    async def renew(self) -> None:
        """Ends what is kept warm, so that the next person gets a page made from the store as it is now."""
        await self._end(self._warm())

    @property
    def taken(self) -> int:
        """Seats in use: running kernels and those that are just starting or ending."""
        moving = {kernel_id for kernel_id, task in self._pending_kernels.items() if not task.done()}
        return len(moving | set(self._kernels))

    async def _wait_for_one_that_ends(self) -> None:
        ending = [task for kernel_id, task in self._pending_kernels.items() if kernel_id in self._kernels and not task.done()]
        if ending and self.taken >= self.seats:
            await asyncio.wait(ending, timeout=END_S, return_when=asyncio.FIRST_COMPLETED)

    def _warm(self) -> list[str]:
        items = [item for pool in getattr(self, "_pools", {}).values() for item in pool]
        return [item.result()["kernel_id"] for item in items if item.done() and not item.cancelled() and not item.exception()]

    async def _end(self, kernel_ids: list[str]) -> None:
        self._excuse()
        for kernel_id in kernel_ids:
            await self.shutdown_kernel(kernel_id, now=True)

    def _excuse(self) -> None:
        # a page that was being made when its kernel was ended on purpose fails; that is no news to anybody
        for pool in getattr(self, "_pools", {}).values():
            for item in pool:
                if item.done() and not item.cancelled() and not item.exception():
                    item.result()["task"].add_done_callback(lambda task: task.cancelled() or task.exception())

    def _forget_failed(self) -> None:
        for pool in getattr(self, "_pools", {}).values():
            pool[:] = [item for item in pool if not (item.done() and (item.cancelled() or item.exception()))]

    def _refill(self) -> None:
        self._forget_failed()
        for notebook in getattr(self, "_pools", {}):
            if self.taken < self.seats and not self._closing:
                self.fill_if_needed(delay=None, notebook_name=notebook)
