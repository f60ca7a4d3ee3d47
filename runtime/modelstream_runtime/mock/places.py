"""Places in a body, written as ``metadata.input.media[0].url``, and the form fields behind them.

A wire schema says in ``x-field`` which form field travels at a place. In the general form of a place, ``[]`` stands for
all items of an array.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

MISSING: Any = object()


def fields_in(schema: Schema, place: str = "") -> Iterator[tuple[str, str]]:
    """Each place in general form that has a form field, and the field."""
    field = field_of(schema)
    if field and place:
        yield place, field
    for key, inner in schema.get("properties", {}).items():
        yield from fields_in(inner, below(place, key))
    for index, variant in enumerate(schema.get("prefixItems", ()) if "items" not in schema else ()):
        yield from fields_in(variant, f"{place}[{index}]")
    if "items" in schema:
        items = schema["items"]
        for variant in items.get("anyOf", (items,)):
            yield from fields_in(variant, f"{place}[]")


def field_of(schema: Schema) -> str | None:
    """The form field behind a schema; the first of several."""
    field: str | None = schema.get("x-field") or next(iter(schema.get("x-fields", ())), None)
    return field


def form_values(schema: Schema, body: Any) -> dict[str, Any]:
    """The values of a body by the names of their form fields, with the defaults of those left out; without arrays."""
    field = schema.get("x-field")
    if field is not None:
        value = schema.get("default") if body is None else body
        return {} if value is None else {field: value}
    values: dict[str, Any] = {}
    for key, inner in schema.get("properties", {}).items():
        values |= form_values(inner, body.get(key) if isinstance(body, Mapping) else None)
    return values


def required_leaves(schema: Schema, key: str, place: str) -> Iterator[tuple[str, Schema]]:
    """The innermost places that are missing when a required key is missing, and their schemas."""
    inner, place = schema.get("properties", {}).get(key, {}), below(place, key)
    required = inner.get("required", ())
    if not required:
        yield place, inner
    for deeper in required:
        yield from required_leaves(inner, deeper, place)


def below(place: str, key: str) -> str:
    """The place of a key."""
    return f"{place}.{key}" if place else key


def place_of(steps: Iterable[str | int]) -> str:
    """The place at the end of some keys and indices."""
    parts = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return "".join(parts).removeprefix(".")


def general(place: str) -> str:
    """The general form of a place."""
    head, *rest = place.split("[")
    return head + "".join(f"[]{part.partition(']')[2]}" for part in rest)


def numbered(field: str, place: str) -> str:
    """A field of an array's items, with the numbers of the items at a place."""
    numbers = iter(re.findall(r"\[(\d+)\]", place))
    return re.sub(r"\[\]", lambda _: f"[{next(numbers, '')}]", field)


def value_at(value: Any, path: Iterable[str]) -> Any:
    """What is at the end of some keys; `MISSING` if they lead nowhere."""
    for key in path:
        if not isinstance(value, Mapping) or key not in value:
            return MISSING
        value = value[key]
    return value


def containers(place: str) -> Iterator[str]:
    """The places around a place from the outside in, and itself."""
    found = ""
    for part in re.split(r"(?=\.|\[)", place):
        found += part
        yield found
