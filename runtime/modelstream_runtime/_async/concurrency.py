"""What differs between the asynchronous and the synchronous client. The generator derives everything else."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

import httpx

T = TypeVar("T")

sleep = asyncio.sleep
in_background = asyncio.to_thread


class Slots(Generic[T]):
    """A limited number of slots, each with a value that one caller uses at a time. Other callers wait."""

    def __init__(self, count: int, make: Callable[[], T]) -> None:
        self._semaphore = asyncio.Semaphore(count)
        self._make = make
        self._free: list[T] = []

    @asynccontextmanager
    async def one(self, seconds: float | None = None) -> AsyncIterator[T]:
        """Use a free slot, the last used first. Raise ``httpx.PoolTimeout`` if none becomes free in time."""
        if self._semaphore.locked():
            try:
                async with asyncio.timeout(seconds):
                    await self._semaphore.acquire()
            except TimeoutError:
                raise httpx.PoolTimeout(
                    "too many requests at once in this client; no slot became free in time"
                ) from None
        else:
            await self._semaphore.acquire()
        try:
            value = self._free.pop() if self._free else self._make()
            try:
                yield value
            finally:
                self._free.append(value)
        finally:
            self._semaphore.release()


class Local(Generic[T]):
    """A value for each event loop, because connections belong to the loop that opened them, and for each process.

    The end of the event loop closes the value, unless `close` did before.
    """

    def __init__(self, make: Callable[[], T], close: Callable[[T], Awaitable[None]]) -> None:
        self._make = make
        self._close = close
        self._process = os.getpid()
        self._values: dict[asyncio.AbstractEventLoop, tuple[T, AsyncGenerator[None]]] = {}

    async def get(self) -> T:
        """The value for this place, created if necessary."""
        if self._process != os.getpid():
            self._process, self._values = os.getpid(), {}
        loop = asyncio.get_running_loop()
        if loop not in self._values:
            self._values = {other: kept for other, kept in self._values.items() if not other.is_closed()}
            value = self._make()
            keeper = _close_with_loop(value, self._close)
            self._values[loop] = value, keeper
            await anext(keeper)
        return self._values[loop][0]

    async def close(self) -> None:
        """Close the value for this place, if there is one."""
        _, keeper = self._values.pop(asyncio.get_running_loop(), (None, None))
        if keeper is not None:
            await keeper.aclose()


async def _close_with_loop(value: T, close: Callable[[T], Awaitable[None]]) -> AsyncGenerator[None]:
    # An event loop closes the generators that were started in it when it ends, or when nobody refers to them any more.
    try:
        yield
    finally:
        await close(value)
