"""How messages show values and suggestions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_LONGEST = 80


def shown(value: Any) -> str:
    """The value in at most 80 characters."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # An integer of thousands of digits, or a value nested too deeply.
        return "a value too large to show"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def did_you_mean(name: str, known: Iterable[str], *, count: int = 1, cutoff: float = 0.6) -> str:
    """``; did you mean 'pro'?`` with the closest known names, or an empty text if none is close."""
    # A program without typing errors does not need this import, so it does not pay for it.
    from difflib import get_close_matches

    near = get_close_matches(name, list(known), n=count, cutoff=cutoff)
    return f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
