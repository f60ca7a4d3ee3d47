"""What differs between the asynchronous and the synchronous client. Everything else is derived from this one."""

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
    """So many at once, each with a value that nobody else has meanwhile; the others wait for their turn."""

    def __init__(self, count: int, make: Callable[[], T]) -> None:
        self._semaphore = asyncio.Semaphore(count)
        self._make = make
        self._free: list[T] = []

    @asynccontextmanager
    async def one(self, seconds: float | None = None) -> AsyncIterator[T]:
        """Take the value last used; raise ``httpx.PoolTimeout`` if there is none in so many seconds."""
        if self._semaphore.locked():
            try:
                async with asyncio.timeout(seconds):
                    await self._semaphore.acquire()
            except TimeoutError:
                raise httpx.PoolTimeout("too many requests at once in this client; it was not its turn") from None
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
    """A value for each event loop, since connections belong to the loop that opened them, and for each process.

    It is closed with its event loop, if it was not before.
    """

    def __init__(self, make: Callable[[], T], close: Callable[[T], Awaitable[None]]) -> None:
        self._make = make
        self._close = close
        self._process = os.getpid()
        self._values: dict[asyncio.AbstractEventLoop, tuple[T, AsyncGenerator[None]]] = {}

    async def get(self) -> T:
        """The value for here, made if there is none."""
        if self._process != os.getpid():
            self._process, self._values = os.getpid(), {}
        loop = asyncio.get_running_loop()
        if loop not in self._values:
            self._values = {other: kept for other, kept in self._values.items() if not other.is_closed()}
            value = self._make()
            keeper = _closed_at_last(value, self._close)
            self._values[loop] = value, keeper
            await anext(keeper)
        return self._values[loop][0]

    async def close(self) -> None:
        """Close the value for here, if there is one."""
        _, keeper = self._values.pop(asyncio.get_running_loop(), (None, None))
        if keeper is not None:
            await keeper.aclose()


async def _closed_at_last(value: T, close: Callable[[T], Awaitable[None]]) -> AsyncGenerator[None]:
    # An event loop finishes the generators that were begun in it when it ends, or when nobody holds them any more.
    try:
        yield
    finally:
        await close(value)
