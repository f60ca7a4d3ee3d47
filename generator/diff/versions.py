"""The step of the semantic version that is due for a change."""

from __future__ import annotations

import re
from collections.abc import Iterable

from generator.diff.kinds import Level

_STEPS = {Level.BREAKS: "major", Level.SENT: "minor", Level.NEW: "minor", Level.WORDS: "patch"}
_PLACES = ("major", "minor", "patch")
_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")


def step_due(levels: Iterable[Level], version: str | None) -> str | None:
    """``major``, ``minor`` or ``patch``; ``None`` if nothing changed. Before 1.0 a minor step may break callers."""
    worst = min(levels, key=lambda level: level.rank, default=None)
    if worst is None:
        return None
    step = _STEPS[worst]
    return "minor" if step == "major" and _parsed(version or "") and (version or "").startswith("0.") else step


def version_due(version: str, step: str) -> str | None:
    """The least version after that step; ``None`` if this is no version of three numbers."""
    numbers = _parsed(version)
    if not numbers:
        return None
    place = _PLACES.index(step)
    return ".".join(map(str, (*numbers[:place], numbers[place] + 1, *(0 for _ in numbers[place + 1 :]))))


def follows(version: str, due: str) -> bool:
    """Whether a version is at least the one that is due."""
    return _parsed(version) >= _parsed(due)


def _parsed(version: str) -> tuple[int, ...]:
    found = _VERSION.match(version)
    return tuple(map(int, found.groups())) if found else ()
