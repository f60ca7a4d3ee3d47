"""What differs between the asynchronous and the synchronous client. The generator derives everything else."""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, ParamSpec, TypeVar

import httpx

T = TypeVar("T")
P = ParamSpec("P")

sleep = time.sleep


def in_background(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function that blocks, as everything does here."""
    return function(*args, **kwargs)


class Slots(Generic[T]):
    """A limited number of slots, each with a value that one caller uses at a time. Other callers wait."""

    def __init__(self, count: int, make: Callable[[], T]) -> None:
        self._semaphore = threading.BoundedSemaphore(count)
        self._make = make
        self._free: list[T] = []

    @contextmanager
    def one(self, seconds: float | None = None) -> Iterator[T]:
        """Use a free slot, the last used first. Raise ``httpx.PoolTimeout`` if none becomes free in time."""
        if not self._semaphore.acquire(timeout=seconds):
            raise httpx.PoolTimeout("too many requests at once in this client; no slot became free in time")
        try:
            try:
                value = self._free.pop()
            except IndexError:  # After a check, another thread could have taken it.
                value = self._make()
            try:
                yield value
            finally:
                self._free.append(value)
        finally:
            self._semaphore.release()


class Local(Generic[T]):
    """A value for each process, because two processes must not share a connection.

    The end of this object closes the value, unless `close` did before.
    """

    def __init__(self, make: Callable[[], T], close: Callable[[T], None]) -> None:
        self._make = make
        self._close = close
        self._values: dict[int, T] = {}

    # There is no lock: if another thread held it during a fork, it would stay locked in the child forever.

    def get(self) -> T:
        """The value for this place, created if necessary."""
        process = os.getpid()
        value = self._values.get(process)
        if value is None:
            new = self._make()
            value = self._values.setdefault(process, new)
            if value is new:
                # At the end of the process, the operating system closes it faster.
                weakref.finalize(self, _close_in, process, self._close, new).atexit = False
        return value

    def close(self) -> None:
        """Close the value for this place, if there is one."""
        value = self._values.pop(os.getpid(), None)
        if value is not None:
            self._close(value)


def _close_in(process: int, close: Callable[[T], None], value: T) -> None:
    """Close the value, unless this is a forked child, which must not close the value of its parent."""
    if process == os.getpid():
        close(value)
