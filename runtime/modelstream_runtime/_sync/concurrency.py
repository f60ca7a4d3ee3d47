"""What differs between the asynchronous and the synchronous client. Everything else is derived from the former."""

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
    """Run a function that blocks; here everything does."""
    return function(*args, **kwargs)


class Slots(Generic[T]):
    """So many at once, each with a value that nobody else has meanwhile; the others wait for their turn."""

    def __init__(self, count: int, make: Callable[[], T]) -> None:
        self._semaphore = threading.BoundedSemaphore(count)
        self._make = make
        self._free: list[T] = []

    @contextmanager
    def one(self, seconds: float | None = None) -> Iterator[T]:
        """Take the value last used; raise ``httpx.PoolTimeout`` if there is none in so many seconds."""
        if not self._semaphore.acquire(timeout=seconds):
            raise httpx.PoolTimeout("too many requests at once in this client; it was not its turn")
        try:
            try:
                value = self._free.pop()
            except IndexError:  # Asked for first, it might be taken by another thread.
                value = self._make()
            try:
                yield value
            finally:
                self._free.append(value)
        finally:
            self._semaphore.release()


class Local(Generic[T]):
    """A value for each process, since a connection must not be used by two.

    It is closed with this object, if it was not before.
    """

    def __init__(self, make: Callable[[], T], close: Callable[[T], None]) -> None:
        self._make = make
        self._close = close
        self._values: dict[int, T] = {}

    # There is no lock, because a lock that another thread holds during a fork stays locked in the child for ever.

    def get(self) -> T:
        """The value for here, made if there is none."""
        process = os.getpid()
        value = self._values.get(process)
        if value is None:
            made = self._make()
            value = self._values.setdefault(process, made)
            if value is made:
                # At the very end the operating system is quicker.
                weakref.finalize(self, _close_in, process, self._close, made).atexit = False
        return value

    def close(self) -> None:
        """Close the value for here, if there is one."""
        value = self._values.pop(os.getpid(), None)
        if value is not None:
            self._close(value)


def _close_in(process: int, close: Callable[[T], None], value: T) -> None:
    """Close it, unless this is a forked child, which must not close for its parent."""
    if process == os.getpid():
        close(value)
