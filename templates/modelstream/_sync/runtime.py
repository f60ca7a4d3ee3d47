"""What differs between the asynchronous and the synchronous client. Everything else is derived from the former."""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections.abc import Callable
from typing import Generic, ParamSpec, TypeVar

import httpx

T = TypeVar("T")
P = ParamSpec("P")

sleep = time.sleep
Slots = threading.BoundedSemaphore


def in_background(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function that blocks; here everything does."""
    return function(*args, **kwargs)


def close_when_gone(owner: object, http: httpx.Client) -> None:
    """Close a client's connections with the client, should nobody call ``close``."""
    finalizer = weakref.finalize(owner, http.close)
    finalizer.atexit = False  # The operating system is quicker, and a forked child must not close for its parent.


class Local(Generic[T]):
    """A value for each process, since a connection must not be used by two."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._values: dict[int, T] = {}

    # There is no lock, because a lock that another thread holds during a fork stays locked in the child for ever.

    def get(self) -> T:
        """The value for here, made if there is none."""
        value = self._values.get(os.getpid())
        return self._values.setdefault(os.getpid(), self._make()) if value is None else value

    def pop(self) -> T | None:
        """Take the value for here away, if there is one."""
        return self._values.pop(os.getpid(), None)
