"""Limits in words: ``3 to 15 seconds``, ``at most 5 items``, ``at least 2 characters``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

UNITS = {"s": "second", "px": "pixel"}
"""Symbol of a unit to its name."""


def bounds(low: float | None, high: float | None, noun: str = "", *, step: float | None = None) -> str:
    """What a number may be; empty if nothing limits it.

    Args:
        low: the least value.
        high: the greatest value.
        noun: what is counted or measured, in the singular: ``item``, ``second``.
        step: the distance between two values.
    """
    steps = f" in steps of {number(step)}" if step else ""
    if low is not None and high is not None:
        limits = f"{number(low)} to {number(high)}"
    elif low is not None:
        limits = f"at least {number(low)}"
    elif high is not None:
        limits = f"at most {number(high)}"
    else:
        return steps.strip()
    return limits + (f" {counted_noun(noun, high if high is not None else low)}" if noun else "") + steps


def or_special(limits: str, special: Iterable[tuple[object, str | None]]) -> str:
    """The limits, and the values outside of them: ``4 to 15 seconds, or -1 (the model chooses)``.

    Args:
        limits: the limits in words.
        special: each of the values, and what it means, if that is known.
    """
    words = [f"{value} ({meaning})" if meaning else str(value) for value, meaning in special]
    return f"{limits}, or {listed(words)}" if words else limits


def counted_noun(noun: str, count: float | None) -> str:
    """The noun after that number: ``second`` after 1, ``seconds`` after any other."""
    return noun if count == 1 else f"{noun}s"


def size(count: int) -> str:
    """A number of bytes: ``10 MB``."""
    return f"{count / 1024 / 1024:g} MB"


ONLY = {"url": "only as a URL", "inline": "not as a URL"}
"""The only way that a file may travel, in words."""


def listed(words: Iterable[str], conjunction: str = "or") -> str:
    """``PNG``, ``PNG or JPEG``, ``PNG, JPEG or GIF``."""
    *others, last = words
    return f"{', '.join(others)} {conjunction} {last}" if others else last


def in_mode(requires: Iterable[str], allows: Iterable[str], selected: str = "") -> str:
    """What a mode needs and takes: ``needs image and takes image_tail``; ``selected`` is the condition of it."""
    needed, taken = tuple(requires), tuple(allows)
    words = [f"needs {listed(needed, 'and')}"] if needed else []
    words += [f"takes {listed(taken, 'and')}"] if taken else []
    words += [f"is selected when {selected}"] if selected else []
    return listed(words, "and") if words else "has no fields of its own"


def in_words(
    condition: Mapping[str, Any],
    *,
    name: Callable[[str], str] = str,
    shown: Callable[[Any], str] = str,
) -> str:
    """A condition on fields: ``image is given and mode is pro or std``.

    Args:
        condition: field to ``present``, ``absent``, a value, or a list of values. That a field with such a value may
            also be left out, its default says.
        name: writes the name of a field.
        shown: writes a value.
    """
    return " and ".join(f"{name(field)} is {_wanted(wanted, shown)}" for field, wanted in condition.items())


def _wanted(wanted: Any, shown: Callable[[Any], str]) -> str:
    if wanted in ("present", "absent"):
        return "given" if wanted == "present" else "not given"
    return listed(shown(value) for value in (wanted if isinstance(wanted, list) else [wanted]) if value is not None)


def number(value: float) -> str:
    """The number without a fraction that says nothing: ``2`` for 2.0."""
    text = repr(value)
    return text.removesuffix(".0")


def why_not_json(text: str) -> str | None:
    """Why the text is not JSON; ``None`` if it is."""
    try:
        json.loads(text, parse_constant=_not_finite)
    except json.JSONDecodeError as error:
        return f"{error.msg} at line {error.lineno}, column {error.colno}"
    except RecursionError:
        return "it is nested too deeply"
    except ValueError as error:  # A number that is none in JSON, or one with thousands of digits.
        return str(error)
    return None


def _not_finite(name: str) -> float:
    raise ValueError(f"{name} is not a number in JSON")
