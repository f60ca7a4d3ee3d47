"""Warnings that point at the line of the caller's program."""

from __future__ import annotations

import sys
import warnings

from modelstream_runtime.about import PACKAGE

_OURS = frozenset({PACKAGE, __name__.partition(".")[0]})
"""The packages whose frames a warning skips."""


def warn_caller(message: str, category: type[Warning]) -> None:
    """Issue a warning at the line from which the caller's program entered this package."""
    depth = 1
    frame = sys._getframe(0)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] in _OURS:
        frame = frame.f_back
        depth += 1
    # Depth 1 is this function itself.
    warnings.warn(message, category, stacklevel=depth)
