"""The schema of the body: objects, and arrays that several fields may fill."""

from __future__ import annotations

from typing import assert_never

from generator.emit.json_schema.about import about_model
from generator.emit.json_schema.places import WirePlaces, constants_of
from generator.emit.json_schema.rules import rule_keywords
from generator.emit.json_schema.values import (
    Schema,
    described,
    given,
    item_counts,
    plain_object,
    sent_value,
    wire_value,
)
from generator.ir import (
    ArrayField,
    Choice,
    Field,
    Media,
    Model,
    Number,
    ObjectList,
    OpenObject,
    Switch,
    Text,
)

_MOST_POSITIONS = 50
"""Up to this many items of a list have a schema of their own, which knows their position."""


def wire_schema(model: Model) -> Schema:
    """The schema of the JSON body."""
    body = _Object()
    if model.id:
        body.entries["model"] = {"const": model.id}
        body.required.add("model")
    for field in model.fields:
        _place(body, field, model)
    return {
        **about_model(model, "wire"),
        **body.schema(),
        **rule_keywords(model, WirePlaces(model)),
    }


class _Object:
    """An object of the body while it is put together."""

    def __init__(self) -> None:
        self.entries: dict[str, _Object | _Array | Schema] = {}
        self.required: set[str] = set()

    def schema(self) -> Schema:
        properties = {k: v if isinstance(v, dict) else v.schema() for k, v in self.entries.items()}
        return plain_object(properties, [key for key in self.entries if key in self.required])


class _Array:
    """An array of the body and the fields that fill it, each with the schema of its items."""

    def __init__(self) -> None:
        self.fields: list[tuple[ArrayField, Schema]] = []

    def schema(self) -> Schema:
        [(first, items), *others] = self.fields
        if not others:
            schema = {"type": "array", "items": items, "minItems": 1, **item_counts(first), "x-field": first.name}
            return schema | _positions(first, items)
        counted = [limit for field, items in self.fields if (limit := _contained(field, items))]
        return {
            "type": "array",
            "minItems": 1,
            "items": {"anyOf": [items for _, items in self.fields]},
            **({"allOf": counted} if counted else {}),  # JSON Schema takes no empty list there.
            "x-fields": [field.name for field, _ in self.fields],
        }


def _place(body: _Object, field: Field, model: Model) -> None:
    target = field.target
    if target is None or target.item_property:
        return  # It attaches to another field's item, whose shape has it.
    container = body
    for key in target.container:
        if field.required:
            container.required.add(key)
        inner = container.entries.setdefault(key, _Object())
        assert isinstance(inner, _Object)
        container = inner
    if field.required:
        container.required.add(target.key)
    match field:
        case Media() | ObjectList() if target.array:
            array = container.entries.setdefault(target.key, _Array())
            assert isinstance(array, _Array)
            array.fields.append((field, _item_schema(field, model)))
        case Text() | Number() | Switch() | Choice() | Media() | OpenObject():
            container.entries[target.key] = described(field, sent_value(field)) | {"x-field": field.name}
        case ObjectList():
            raise TypeError(f"{field.name} fills an array")
        case _:
            assert_never(field)


def _item_schema(field: ArrayField, model: Model) -> Schema:
    """What one item of the field looks like in its array."""
    match field:
        case Media(item=item):
            if item is None:
                return wire_value(field) | {"x-field": field.name}
            values = {"value": wire_value(field) | {"x-field": field.name}}
            optional: set[str] = set()
        case ObjectList(item=item):
            values = {f.name: sent_value(f) | {"x-field": f"{field.name}[].{f.name}"} for f in field.fields}
            values["position"] = {"type": "integer", "minimum": 1}
            optional = {f.name for f in field.fields if not f.required and f.default is None}
        case _:
            assert_never(field)
    properties = item.map(constant=lambda value: {"const": value}, variable=values.__getitem__)
    required = [key for key in properties if item.variables.get(key) not in optional]
    for key, attached in model.attached_to(field.name).items():
        properties[key] = wire_value(attached) | {"x-field": attached.name}
    return plain_object(properties, required) | {"x-field": field.name}


def _positions(field: ArrayField, items: Schema) -> Schema:
    """The schema of each item by itself, where an item knows its position and there are not too many."""
    if not isinstance(field, ObjectList):
        return {}
    key, most = next(field.item.keys_of("position"), None), field.many.maximum
    if key is None or most is None or most > _MOST_POSITIONS:
        return {}
    return {"prefixItems": [_at_position(items, key, index) for index in range(1, most + 1)]}


def _at_position(items: Schema, key: str, index: int) -> Schema:
    return items | {"properties": items["properties"] | {key: {"type": "integer", "const": index}}}


def _contained(field: ArrayField, items: Schema) -> Schema:
    """How many of a shared array's items may be the field's."""
    counts = item_counts(field)
    least, most = counts.get("minItems", 0), counts.get("maxItems")
    if not field.required and least == 1:
        least = 0
    if not least and most is None:
        return {}
    own = constants_of(field) or items
    counted = given(contains=own, minContains=least, maxContains=most)
    if least and not field.required:
        counted = {"if": {"contains": own}, "then": counted}  # None at all are as good.
    return counted | {"x-fields": [field.name]}
