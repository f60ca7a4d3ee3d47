"""Suggestions for the name of a field that a model does not have."""

from __future__ import annotations

from collections.abc import Iterable

_SYNONYMS = (
    {"prompt", "text", "description"},
    {"duration", "seconds", "length"},
    {"aspect_ratio", "ratio", "aspect"},
    {"resolution", "size"},
)
"""Names that video services give to the same field. They only serve as suggestions: no request accepts a synonym."""


def nearest_field(name: str, fields: Iterable[str]) -> str | None:
    """The field that somebody who wrote this name probably means; ``None`` if no field is near."""
    # The import is deferred because a program with correct requests does not need it.
    from difflib import get_close_matches

    known = list(fields)
    synonyms = next((group for group in _SYNONYMS if name in group), set())
    candidates = [field for field in known if field in synonyms] or get_close_matches(name, known, n=1)
    return next(iter(candidates), None)


def suggested_field(name: str, fields: Iterable[str]) -> str:
    """``; did you mean 'duration'?``, or nothing if no field is near."""
    nearest = nearest_field(name, fields)
    return f"; did you mean {nearest!r}?" if nearest else ""
