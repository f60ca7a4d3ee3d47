"""The schema of the body: objects, and arrays that several fields may fill."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from generator.emit.body import as_sent
from generator.emit.json_schema.about import about_model
from generator.emit.json_schema.places import WirePlaces, at_target, condition_schema, inner_object, marks_of
from generator.emit.json_schema.rules import rule_keywords
from generator.emit.json_schema.values import (
    Schema,
    described,
    given,
    item_counts,
    plain_object,
    sent_type,
    sent_value,
    wire_value,
)
from generator.ir import (
    ArrayField,
    Choice,
    Constant,
    Field,
    ItemField,
    ItemShape,
    Media,
    Model,
    Number,
    ObjectList,
    Switch,
    Text,
)
from generator.ir.shape import Array, Fixed, Leaf, Node, Object, Part, body_shape
from modelstream_runtime.limits import listed
from modelstream_runtime.rules import given_with

_MOST_POSITIONS = 50
"""Up to this many items of a list have a schema of their own, which knows their position."""


def wire_schema(model: Model) -> Schema:
    """The schema of the JSON body."""
    places = WirePlaces(model)
    keywords = rule_keywords(model, places)
    conditional = [rule for constant in model.constants for rule in _when_sent(constant, places)]
    conditional += [rule for field in model.fields for rule in _everywhere(field, places)]
    attached = [field.name for field in model.fields if field.required and field.target and field.target.item_property]
    demands = [places.present(name) | {"x-fields": [name]} for name in attached]
    if conditional or demands:
        keywords["allOf"] = [*demands, *keywords.get("allOf", ()), *conditional]
    if copied := [[str(target) for target in field.targets] for field in model.fields if field.also]:
        keywords["x-same"] = copied
    return {**about_model(model, "wire"), **_schema(body_shape(model)), **keywords}


def _when_sent(constant: Constant, places: WirePlaces) -> Iterator[Schema]:
    """A constant with a condition is in the body exactly when the condition holds."""
    if constant.when:
        test = condition_schema(constant.when, places)
        reason = {"$comment": f"it is sent only{given_with(constant.when)}"}
        yield {"if": test, "then": at_target(constant.target, {}, required=True)} | reason
        yield {"if": test, "else": at_target(constant.target, {"not": {}}, required=False)} | reason


def _everywhere(field: Field, places: WirePlaces) -> Iterator[Schema]:
    """A value that is sent at several places is at all of them or at none."""
    if field.also:
        given_at_all = places.present(field.name)
        reason = {"$comment": f"{field.name} has the same value at {listed(map(str, field.targets), 'and')}"}
        for place in field.also:
            yield {"if": given_at_all, "then": at_target(place, {}, required=True)} | reason
            yield {"if": given_at_all, "else": at_target(place, {"not": {}}, required=False)} | reason


def _schema(node: Node) -> Schema:
    match node:
        case Object(entries=entries):
            properties = {key: _schema(inner) for key, inner in entries.items()}
            return plain_object(properties, [key for key, inner in entries.items() if inner.is_required])
        case Array(parts=parts) if node.has_positions:
            return {
                "type": "array",
                "minItems": max(1, sum(part.field.required for part in parts)),
                "maxItems": len(parts),
                "prefixItems": [_item_schema(part) for part in parts],
                "x-fields": _fields_of(parts),
            }
        case Array(parts=[only]):
            field, items = only.field, _item_schema(only)
            schema = {"type": "array", "items": items, "minItems": 1, **item_counts(field), "x-field": field.name}
            return schema | _positions(field, items)
        case Array(parts=parts):
            kinds = [(part.field, _item_schema(part)) for part in parts]
            counted = [
                limit
                for part, (_, items) in zip(parts, kinds, strict=True)
                if (limit := _contained(part, items, parts))
            ]
            return {
                "type": "array",
                "minItems": 1,
                "items": {"anyOf": [items for _, items in kinds]},
                **({"allOf": counted} if counted else {}),  # JSON Schema takes no empty list there.
                **_counted_positions(parts),
                "x-fields": _fields_of(parts),
            }
        case Leaf(field=Switch(item=ItemShape() as item) as field):
            return described(field, _fixed(item)) | {"x-field": field.name}
        case Leaf(field=field, is_copy=True):
            # What may be there is said at the field's own place, once.
            return given(description=field.about or None) | {"x-field": field.name}
        case Leaf(field=field):
            assert not isinstance(field, ObjectList), "the checks give it an array"
            default = {"default": as_sent(field, field.default)} if field.default is not None else {}
            return described(field, sent_value(field)) | default | {"x-field": field.name}
        case Fixed(value=value):
            return {"const": value}
        case _:
            assert_never(node)


def _fields_of(parts: Sequence[Part]) -> list[str]:
    """The fields that fill an array. The first is to blame if there is no array, so those that need one come first."""
    return [part.field.name for part in sorted(parts, key=lambda part: not part.field.required)]


def _item_schema(part: Part) -> Schema:
    """What one item of a field looks like in its array."""
    field = part.field
    item = field.item
    optional: set[str] = set()
    match field:
        case Media() | Text() | Number() | Choice() | Switch() if item is None:
            return sent_value(field) | {"x-field": field.name}
        case ObjectList():
            values = {f.name: _inner_value(f, f"{field.name}[].{f.name}") for f in field.fields}
            values["position"] = {"type": "integer", "minimum": 1}
            if field.typed_file:
                values["mime"] = sent_type() | {"x-field": f"{field.name}[].{field.typed_file.name}"}
            optional = {f.name for f in field.fields if not f.required}
        case Media() | Text() | Number() | Choice() | Switch():
            values = {
                "value": sent_value(field) | {"x-field": field.name},
                "mime": sent_type() | {"x-field": field.name},
            }
        case _:
            assert_never(field)
    assert item, "the checks demand it"
    schema, _ = item.fold(
        constant=lambda value: ({"const": value}, True),
        variable=lambda name: (values[name], name not in optional),
        combine=inner_object,
    )
    for key, attached in part.attached.items():
        schema["properties"][key] = wire_value(attached) | {"x-field": attached.name}
    return schema | {"x-field": field.name}


def _inner_value(field: ItemField, name: str) -> Schema:
    """What a field of an item is, under the name that messages know it by."""
    value = sent_value(field)
    if isinstance(field, Media) and field.many:
        items = value | {"x-field": f"{name}[]"}
        return {"type": "array", "items": items, "minItems": 1, **item_counts(field), "x-field": name}
    return value | {"x-field": name}


def _fixed(item: ItemShape) -> Schema:
    """An object of constants."""
    schema, _ = item.fold(constant=lambda value: ({"const": value}, True), variable=_no_value, combine=inner_object)
    return schema


def _no_value(name: str) -> tuple[Schema, bool]:
    raise TypeError(f"nothing fills ${name}")


def _positions(field: ArrayField, items: Schema) -> Schema:
    """The schema of each item by itself, where an item knows its position and there are not too many."""
    if not isinstance(field, ObjectList):
        return {}
    path, most = next(field.item.paths_of("position"), None), field.many.maximum
    if path is None:
        return {}
    if most is None or most > _MOST_POSITIONS:
        return {"x-positions": [{"items": {}, "path": list(path)}]}
    return {"prefixItems": [_at_position(items, path, index) for index in range(1, most + 1)]}


def _counted_positions(parts: Sequence[Part]) -> Schema:
    """Where items know their position, and what tells these items from others, for a program that can count them."""
    counted = [
        {"items": _marks(part, parts), "path": list(path)}
        for part in parts
        if isinstance(part.field, ObjectList)
        for path in part.field.item.paths_of("position")
    ]
    return {"x-positions": counted} if counted else {}


def _at_position(schema: Schema, path: tuple[str, ...], index: int) -> Schema:
    if not path:
        return {"type": "integer", "const": index}
    key, *rest = path
    inner = _at_position(schema["properties"][key], tuple(rest), index)
    return schema | {"properties": schema["properties"] | {key: inner}}


def _marks(part: Part, parts: Sequence[Part]) -> Schema:
    """What tells the items of a part from those of the others."""
    return marks_of(part.field, [other.field for other in parts if other is not part], part.attached)


def _contained(part: Part, items: Schema, parts: Sequence[Part]) -> Schema:
    """How many of a shared array's items may be the field's."""
    field = part.field
    counts = item_counts(field)
    least, most = counts.get("minItems", 0), counts.get("maxItems")
    if not field.required and least == 1:
        least = 0
    if not least and most is None:
        return {}
    own = _marks(part, parts) or items
    counted = given(contains=own, minContains=least, maxContains=most)
    if least and not field.required:
        counted = {"if": {"contains": own}, "then": counted}  # None at all are as good.
    return counted | {"x-fields": [field.name]}
