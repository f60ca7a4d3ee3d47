"""What differs between the asynchronous and the synchronous client. Everything else is derived from this one."""

from __future__ import annotations

import asyncio
import os
import weakref
from collections.abc import Callable
from typing import Generic, ParamSpec, TypeVar

import httpx

T = TypeVar("T")
P = ParamSpec("P")

sleep = asyncio.sleep
Slots = asyncio.Semaphore


async def in_background(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function that blocks, without holding up the event loop."""
    return await asyncio.to_thread(function, *args, **kwargs)


def close_when_gone(owner: object, http: httpx.AsyncClient) -> None:
    """Nothing can be awaited when an object goes; use ``async with`` or ``aclose``."""


class Local(Generic[T]):
    """A value for each event loop, since connections belong to the loop that opened them, and for each process."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._process = os.getpid()
        self._values: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, T] = weakref.WeakKeyDictionary()

    def get(self) -> T:
        """The value for here, made if there is none."""
        if self._process != os.getpid():
            self._process, self._values = os.getpid(), weakref.WeakKeyDictionary()
        loop = asyncio.get_running_loop()
        value = self._values.get(loop)
        if value is None:
            value = self._values[loop] = self._make()
        return value

    def pop(self) -> T | None:
        """Take the value for here away, if there is one."""
        return self._values.pop(asyncio.get_running_loop(), None)
