"""Whom a validator's errors blame: the form field and the place on the wire, as a reader of the schema sees it.

Any validator that tells where it was in the instance and in the schema will do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

Schema = Mapping[str, Any]
Steps = Sequence[str | int]


class Error(NamedTuple):
    """Where a validator was when it found something: the keyword is the last step in the schema."""

    instance: Steps
    schema: Steps


Validate = Callable[[Schema, Any], Iterable[Error]]


class Place(NamedTuple):
    """What is blamed; ``None`` where the surface does not say."""

    field: str | None
    path: str | None


def places(schema: Schema, instance: Any, validate: Validate) -> frozenset[Place]:
    """All places that the errors of the instance blame."""
    fields = dict(_fields(schema, ()))
    return frozenset(
        place for error in validate(schema, instance) for place in _blamed(error, schema, instance, validate, fields)
    )


def written(steps: Iterable[str | int]) -> str:
    """``("shots", 0, "text")`` as ``shots[0].text``."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")


_Fields = Mapping[tuple[str, ...], str]


def _blamed(error: Error, schema: Schema, instance: Any, validate: Validate, fields: _Fields) -> Iterator[Place]:
    node, value = _at(schema, error.schema[:-1]), _at(instance, error.instance)
    match error.schema[-1]:
        case "required" if error.schema[0] != "allOf" or not _named(schema, error.schema):
            for key in node["required"]:
                if key not in value:
                    yield from (_place(leaf, fields) for leaf in _leaves(schema, (*error.instance, key)))
        case "additionalProperties":
            yield from (_place((*error.instance, key), fields) for key in value if key not in node["properties"])
        case "minItems" if "prefixItems" in node and "x-fields" in node:
            # Each position is a field's; the first that is empty is missing.
            yield Place(node["prefixItems"][len(value)]["x-field"], written(error.instance))
        case "anyOf" if error.schema[-2:] == ("items", "anyOf"):
            yield from _blamed_as_its_kind(error, node, _at(instance, error.instance[:-1]), validate)
        case "anyOf" if "x-modes" in node:
            yield from _blamed_in_the_nearest_mode(node, value, validate)
        case "contains" | "maxContains" if error.schema[0] == "allOf" and "anyOf" in node["contains"]:
            # Of the fields that are counted together the last that has any has one too many.
            counted = zip(_named(schema, error.schema), node["contains"]["anyOf"], strict=True)
            given = [name for name, kind in counted if any(not any(validate(kind, item)) for item in value)]
            yield Place(given[-1], None)
        case _ if error.schema[0] == "allOf" and (names := _named(schema, error.schema)):
            yield Place(names[0], None)
        case "contains" | "minContains" | "maxContains" if names := _named(schema, error.schema):
            yield Place(names[0], None)
        case _:
            yield _place(error.instance, fields)


def _blamed_as_its_kind(error: Error, node: Schema, array: list[Any], validate: Validate) -> Iterator[Place]:
    """An item of an array that several fields feed, judged as the kind that its constants say, or as the nearest.

    A field counts its own items only.
    """
    index = error.instance[-1]
    assert isinstance(index, int)
    item = array[index]
    if not isinstance(item, dict):
        yield Place(None, written(error.instance))
        return
    marked = [variant for variant in node["anyOf"] if _has_constants(variant) and _fits_constants(item, variant)]
    found = [(variant, places(variant, item, validate)) for variant in marked[:1] or node["anyOf"]]
    variant, wrong = min(found, key=lambda each: len(each[1]))
    number = sum(not any(True for _ in validate(variant, other)) for other in array[:index])
    for place in wrong:
        field = (place.field or variant["x-field"]).replace("[]", f"[{number}]")
        yield Place(field, written((*error.instance, place.path or "")))


def _has_constants(variant: Schema) -> bool:
    return "const" in variant or any(map(_has_constants, variant.get("properties", {}).values()))


def _fits_constants(item: Any, variant: Schema) -> bool:
    """Whether an item has the constants of a kind of items, also in its objects."""
    if "const" in variant:
        return bool(item == variant["const"])
    inner = variant.get("properties", {})
    return all(_fits_constants(item.get(key) if isinstance(item, dict) else None, inner[key]) for key in inner)


def _blamed_in_the_nearest_mode(node: Schema, value: Any, validate: Validate) -> Iterator[Place]:
    """What is wrong in the mode with the fewest strangers, then the fewest other values, then the fewest gaps."""
    unmet = [
        [part for part in variant.get("allOf", ()) if any(True for _ in validate(part, value))]
        for variant in node["anyOf"]
    ]
    kinds = ("forbids", "has", "requires")
    nearest = min(unmet, key=lambda parts: [sum(part["x-demand"] == kind for part in parts) for kind in kinds])
    yield from (Place(name, None) for part in nearest for name in part["x-fields"])


def _place(steps: Steps, fields: _Fields) -> Place:
    positions = tuple(f"[{step}]" if isinstance(step, int) else step for step in steps)
    keys = tuple("[]" if isinstance(step, int) else step for step in steps)
    found = (fields.get(each[:depth]) for depth in range(len(keys), 0, -1) for each in (positions, keys))
    field = next((name for name in found if name), None)
    indices = iter([step for step in steps if isinstance(step, int)])
    return Place(re.sub(r"\[\]", lambda _: f"[{next(indices, '')}]", field) if field else None, written(steps))


def _fields(schema: Schema, steps: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The form field behind each place, where the schema names one."""
    name = schema.get("x-field") or next(iter(schema.get("x-fields", ())), None)
    if steps and name:
        yield steps, name
    for key, inner in schema.get("properties", {}).items():
        yield from _fields(inner, (*steps, key))
    if "items" in schema:
        yield from _fields(schema["items"], (*steps, "[]"))
    elif "prefixItems" in schema:
        for index, inner in enumerate(schema["prefixItems"]):
            yield from _fields(inner, (*steps, f"[{index}]"))


def _leaves(schema: Schema, steps: Steps) -> Iterator[Steps]:
    """What is missing, if what stands there is: the innermost parts that are needed."""
    node = schema
    for step in steps:
        node = node["items"] if isinstance(step, int) else node.get("properties", {}).get(step, {})
    needed = node.get("required", ())
    yield from (leaf for key in needed for leaf in _leaves(schema, (*steps, key)))
    if not needed:
        yield steps


def _named(schema: Schema, steps: Steps) -> Sequence[str]:
    """The fields that the innermost schema around a keyword names."""
    depths = range(len(steps), -1, -1)
    nodes = (_at(schema, steps[:depth]) for depth in depths)
    return next((node["x-fields"] for node in nodes if isinstance(node, dict) and "x-fields" in node), ())


def _at(data: Any, steps: Steps) -> Any:
    for step in steps:
        data = data[step]
    return data
