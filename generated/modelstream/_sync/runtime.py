# Made from templates/modelstream/_sync/runtime.py.
# Do not edit it here: change its source, then run "nox -s generate".
"""What differs between the asynchronous and the synchronous client. Everything else is derived from the former."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Generic, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")

sleep = time.sleep
Slots = threading.BoundedSemaphore


def in_background(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function that blocks; here everything does."""
    return function(*args, **kwargs)


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
