"""Whether a value could be a field's: one answer for defaults, examples and the values in rules."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from generator.check.subject import MEDIA, item_fields, options_of
from generator.diagnostics import suggest


class Misfit(NamedTuple):
    """Why a value does not fit a field."""

    kind: str
    message: str
    path: tuple[str | int, ...] = ()
    limit: str | None = None


def misfits(field: dict[str, Any], value: Any) -> Iterator[Misfit]:
    """Everything that keeps the value from being the field's."""
    kind = field["type"]
    if field.get("many") is not None or kind == "list":
        yield from _many(field, value)
    elif kind == "enum":
        yield from _enum(field, value)
    elif kind in ("integer", "number"):
        yield from _number(field, value, kind)
    elif kind == "boolean":
        if not isinstance(value, bool):
            yield Misfit("wrong-type", f"{value!r} is not true or false")
    elif kind == "object":
        if not isinstance(value, dict):
            yield Misfit("wrong-type", f"{value!r} is not a mapping")
    else:
        yield from _text(field, value)


def _many(field: dict[str, Any], value: Any) -> Iterator[Misfit]:
    items = value if isinstance(value, list) else [value]
    bounds = field.get("many") or {}
    if len(items) > bounds.get("max", math.inf):
        yield Misfit("outside-range", f"{len(items)} items is more than {bounds['max']}", limit="many")
    if len(items) < bounds.get("min", 0):
        yield Misfit("outside-range", f"{len(items)} items is fewer than {bounds['min']}", limit="many")
    for index, item in enumerate(items):
        at: tuple[str | int, ...] = (index,) if isinstance(value, list) else ()
        found = _text(field, item) if field["type"] in MEDIA else _item(item_fields(field), item)
        yield from (misfit._replace(path=(*at, *misfit.path)) for misfit in found)


def _item(fields: dict[str, dict[str, Any]], item: Any) -> Iterator[Misfit]:
    if not isinstance(item, dict):
        yield Misfit("wrong-type", f"{item!r} is not a mapping of the fields {', '.join(fields)}")
        return
    for name in item:
        if name not in fields:
            yield Misfit("unknown-field", f"no field {name!r}{suggest(str(name), fields)}", (name,))
        else:
            yield from (misfit._replace(path=(name, *misfit.path)) for misfit in misfits(fields[name], item[name]))
    for name, field in fields.items():
        if field.get("required") and name not in item:
            yield Misfit("missing-field", f"{name!r} is required", ())


def _enum(field: dict[str, Any], value: Any) -> Iterator[Misfit]:
    options = options_of(field)
    # True equals 1 in Python and is no option of an enum of integers.
    if not any(value == option and type(value) is type(option) for option in options):
        hint = suggest(value, [o for o in options if isinstance(o, str)]) if isinstance(value, str) else ""
        yield Misfit("not-option", f"{value!r} is none of {', '.join(map(repr, options))}{hint}", limit="options")


def _number(field: dict[str, Any], value: Any, kind: str) -> Iterator[Misfit]:
    integer = kind == "integer"
    if isinstance(value, bool) or not isinstance(value, int if integer else (int, float)):
        yield Misfit("wrong-type", f"{value!r} is not {'an integer' if integer else 'a number'}")
        return
    low, high, step = field.get("min"), field.get("max"), field.get("step")
    if high is not None and value > high:
        yield Misfit("outside-range", f"{value} is more than max {high}", limit="max")
    elif low is not None and value < low:
        yield Misfit("outside-range", f"{value} is less than min {low}", limit="min")
    elif step is not None:
        steps = (value - (low or 0)) / step
        if abs(steps - round(steps)) > 1e-6:
            yield Misfit("off-step", f"{value} is no multiple of step {step}", limit="step")


def _text(field: dict[str, Any], value: Any) -> Iterator[Misfit]:
    if not isinstance(value, str):
        yield Misfit("wrong-type", f"{value!r} is not a text; put it in quotes")
        return
    high = field.get("max_length")
    low = field.get("min_length", 1 if field.get("required") else 0)
    if high is not None and len(value) > high:
        yield Misfit("too-long", f"{len(value)} characters is more than max_length {high}", limit="max_length")
    elif len(value) < low:
        yield Misfit("too-short", f"{len(value)} characters is fewer than {low}", limit="min_length")
