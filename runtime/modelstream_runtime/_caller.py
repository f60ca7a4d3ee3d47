"""Warnings that point at the line of the caller's program."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from modelstream_runtime.about import PACKAGE

_OURS = frozenset({PACKAGE, __name__.partition(".")[0]})
"""The packages whose frames a warning skips."""
_SILENT = ContextVar("silent", default=False)


@contextmanager
def without_warnings() -> Iterator[None]:
    """Requests that are made in the block warn of nothing. Unlike `warnings.catch_warnings`, threads can use it."""
    token = _SILENT.set(True)
    try:
        yield
    finally:
        _SILENT.reset(token)


def warn_caller(message: str, category: type[Warning]) -> None:
    """Issue a warning at the line from which the caller's program entered this package."""
    if _SILENT.get():
        return
    depth = 1
    frame = sys._getframe(0)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] in _OURS:
        frame = frame.f_back
        depth += 1
    # Depth 1 is this function itself.
    warnings.warn(message, category, stacklevel=depth)
