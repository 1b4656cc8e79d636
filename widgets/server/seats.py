"""Kernels: at most so many at once. A person who waits comes before a kernel that is only kept warm."""

from __future__ import annotations

import asyncio

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.web import HTTPError
from traitlets import Integer

from widgets.server.options import kernel_environment


class Seats(AsyncMappingKernelManager):
    """Voila derives its preheating manager from this class; `_pools` and `fill_if_needed` are that manager's.

    Every kernel takes a seat. With none free, a preheated kernel of another notebook is ended for a person who asks;
    with none of these either the answer is 503. A pool that could not be filled is filled when a kernel ends.
    """

    seats = Integer(20, config=True, help="Kernels at most, preheated ones included.")
    _closing = False

    async def start_kernel(self, **kwargs):
        environ = kwargs.get("env") or {}
        preheating = environ.get("VOILA_PREHEAT") == "True"
        if not preheating and self.taken >= self.seats:
            await self._end(self._warm()[:1])
        if self.taken >= self.seats:
            if preheating:
                asyncio.get_running_loop().call_soon(self._forget_failed)
            raise HTTPError(503, "no seat is free")
        kwargs["env"] = kernel_environment(environ)
        return await super().start_kernel(**kwargs)

    async def shutdown_all(self, *args, **kwargs):
        self._closing = True
        await super().shutdown_all(*args, **kwargs)

    def remove_kernel(self, kernel_id):
        removed = super().remove_kernel(kernel_id)
        if not self._closing:
            asyncio.get_running_loop().call_soon(self._refill)
        return removed

    async def renew(self) -> None:
        """Ends what is kept warm, so that the next person gets a page made from the store as it is now."""
        await self._end(self._warm())

    @property
    def taken(self) -> int:
        """Seats in use: running kernels and those that are just starting or ending."""
        moving = {kernel_id for kernel_id, task in self._pending_kernels.items() if not task.done()}
        return len(moving | set(self._kernels))

    def _warm(self) -> list[str]:
        items = [item for pool in getattr(self, "_pools", {}).values() for item in pool]
        return [item.result()["kernel_id"] for item in items if item.done() and not item.cancelled() and not item.exception()]

    async def _end(self, kernel_ids: list[str]) -> None:
        for kernel_id in kernel_ids:
            await self.shutdown_kernel(kernel_id, now=True)

    def _forget_failed(self) -> None:
        for pool in getattr(self, "_pools", {}).values():
            pool[:] = [item for item in pool if not (item.done() and (item.cancelled() or item.exception()))]

    def _refill(self) -> None:
        self._forget_failed()
        for notebook in getattr(self, "_pools", {}):
            if self.taken < self.seats and not self._closing:
                self.fill_if_needed(delay=None, notebook_name=notebook)
