"""Whether a field can have a value: one answer for defaults, examples and the values in rules."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, assert_never

from generator.check.schema_view import item_fields, options_of
from generator.diagnostics import counted, shown, suggest
from generator.kinds import kind_of
from modelstream_runtime.limits import why_not_json

# What YAML 1.1 read as one of them, and what is a text only because of its quotes.
_BOOLEANS = {"yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false"}


class Misfit(NamedTuple):
    """Why a value does not fit a field."""

    message: str
    path: tuple[str | int, ...] = ()
    """Where in the value."""
    key: bool = False
    """Whether the problem is the key there, rather than its value."""
    limit: str | None = None
    """The key of the field that sets the limit; ``None`` if the value is of another type."""


def misfits(field: dict[str, Any], value: Any) -> Iterator[Misfit]:
    """Every reason why the field cannot have the value."""
    kind = kind_of(field)
    if value is None:
        yield Misfit("there is no value; leave the field out instead")
        return
    match kind:
        case "image" | "audio" | "video" if field.get("many") is not None:
            yield from _many(field, value, lambda item: _text(field, item))
        case "string" | "image" | "audio" | "video":
            yield from _text(field, value)
        case "integer" | "number":
            yield from _number(field, value, integer=kind == "integer")
        case "boolean":
            if not isinstance(value, bool):
                yield Misfit(not_boolean(value))
        case "enum":
            yield from _enum(field, value)
        case "list":
            yield from _many(field, value, lambda item: _item(item_fields(field), item))
        case "object":
            if not isinstance(value, dict):
                yield Misfit(f"{shown(value)} is not a mapping")
        case _:
            assert_never(kind)


def not_boolean(value: Any) -> str:
    """The message about a value that is not a boolean."""
    if isinstance(value, str) and (meant := _BOOLEANS.get(value.lower())):
        return f"{value!r} is a text here; {'remove the quotes' if value.lower() == meant else f'write {meant}'}"
    return f"{shown(value)} is not true or false"


def _many(field: dict[str, Any], value: Any, of_item: Callable[[Any], Iterator[Misfit]]) -> Iterator[Misfit]:
    items = value if isinstance(value, list) else [value]
    bounds = field.get("many") or {}
    if len(items) > bounds.get("max", math.inf):
        yield Misfit(f"{counted(len(items), 'item')} are more than max {bounds['max']}", limit="many")
    least = max(bounds.get("min", 0), 1 if field.get("required") else 0)
    if len(items) < least:
        yield Misfit(f"{counted(len(items), 'item')} are fewer than min {least}", limit="many")
    for index, item in enumerate(items):
        at: tuple[str | int, ...] = (index,) if isinstance(value, list) else ()
        yield from (misfit._replace(path=(*at, *misfit.path)) for misfit in of_item(item))


def _item(fields: dict[str, dict[str, Any]], item: Any) -> Iterator[Misfit]:
    if not fields:
        return  # What is wrong with them has been reported.
    if not isinstance(item, dict):
        yield Misfit(f"{shown(item)} is not a mapping of {', '.join(fields)}")
        return
    for name in item:
        if name not in fields:
            hint = suggest(str(name), fields, otherwise=f"; choose from {', '.join(fields)}")
            yield Misfit(f"no field {shown(name)}{hint}", (name,), key=True)
        else:
            for misfit in misfits(fields[name], item[name]):
                yield misfit._replace(message=f"{name}: {misfit.message}", path=(name, *misfit.path))
    for name, field in fields.items():
        if field.get("required") and name not in item:
            yield Misfit(f"{name!r} is required")


def _enum(field: dict[str, Any], value: Any) -> Iterator[Misfit]:
    options = options_of(field)
    # True equals 1 in Python, but it is not an option of an enum of integers.
    if options and not any(value == option and type(value) is type(option) for option in options):
        hint = suggest(value, [o for o in options if isinstance(o, str)]) if isinstance(value, str) else ""
        if str(value) in options:
            hint = "; put it in quotes"
        elif isinstance(value, str) and value in map(str, options):
            hint = "; remove the quotes"
        yield Misfit(f"{shown(value)} is not one of {', '.join(map(shown, options))}{hint}", limit="options")


def _number(field: dict[str, Any], value: Any, *, integer: bool) -> Iterator[Misfit]:
    if isinstance(value, bool) or not isinstance(value, int if integer else (int, float)):
        yield Misfit(f"{shown(value)} is not {'an integer' if integer else 'a number'}")
        return
    if value in (field.get("special") or ()):
        return
    if not integer and not _is_exact(value):
        yield Misfit(f"{value} cannot be sent exactly; a number keeps about 15 digits")
        return
    low, high, step = field.get("min"), field.get("max"), field.get("step")
    special = f", and not special ({', '.join(map(str, field['special']))})" if field.get("special") else ""
    if high is not None and value > high:
        yield Misfit(f"{value} is more than max {high}{special}", limit="max")
    elif low is not None and value < low:
        yield Misfit(f"{value} is less than min {low}{special}", limit="min")
    elif step is not None:
        steps = (value - (low or 0)) / step
        if abs(steps - round(steps)) > 1e-6:
            start = f" from {low}" if low else ""
            yield Misfit(f"{value} is not a multiple of step {step}{start}", limit="step")


def _is_exact(value: float) -> bool:
    """Whether a number stays what it is where fractions may be: there it travels as a float."""
    try:
        return float(value) == value
    except OverflowError:
        return False


def _text(field: dict[str, Any], value: Any) -> Iterator[Misfit]:
    if not isinstance(value, str):
        advice = "" if isinstance(value, (dict, list)) else "; put it in quotes"
        yield Misfit(f"{shown(value)} is not a text{advice}")
        return
    high = field.get("max_length")
    low = field.get("min_length", 1 if field.get("required") else 0)
    if high is not None and len(value) > high:
        yield Misfit(f"{len(value)} characters are more than max_length {high}", limit="max_length")
    elif len(value) < low:
        message = f"{len(value)} characters are fewer than min_length {low}" if value else "the text is empty"
        yield Misfit(message, limit="min_length")
    elif "format" in field and (reason := why_not_json(value)):
        yield Misfit(f"{shown(value)} is not JSON: {reason}", limit="format")
