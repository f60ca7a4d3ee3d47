"""The JSON body that form values make, for documents that show one. The package's `to_payload` has no part in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, assert_never

from generator.ir import Choice, Field, ItemShape, Many, Media, Model, Number, ObjectList, OpenObject, Switch, Text
from generator.ir.shape import Array, Fixed, Leaf, Node, Object, Part, body_shape
from modelstream_runtime.payload import base64_of, mime_of
from modelstream_runtime.rules import holds

Values = Mapping[str, Any]

_ABSENT: Any = object()


def body_of(model: Model, values: Values) -> dict[str, Any]:
    """The body of a request with these values, and the defaults for all others."""
    return _object(body_shape(model), model.complete(values))


def _object(shape: Object, values: Values) -> dict[str, Any]:
    entries = {key: _value(node, values) for key, node in shape.entries.items()}
    return {key: value for key, value in entries.items() if value is not _ABSENT}


def _value(node: Node, values: Values) -> Any:
    """What is there; `_ABSENT` if nothing is, because no field has a value for it."""
    match node:
        case Object():
            return _object(node, values) or _ABSENT
        case Array(parts=parts):
            return [item for part in parts for item in _items(part, values)] or _ABSENT
        case Leaf(field=Switch(item=ItemShape() as item, name=name)):
            return item.filled({}) if values[name] else _ABSENT
        case Leaf(field=OpenObject(name=name, required=False)):
            return values[name] or _ABSENT
        case Leaf(field=field):
            value = as_sent(field, values[field.name])
            return _ABSENT if value is None else value
        case Fixed(value=constant, when=when):
            return constant if holds(when, values) else _ABSENT
        case _:
            assert_never(node)


def _items(part: Part, values: Values) -> list[Any]:
    """What a field adds to its array."""
    field, value = part.field, values[part.field.name]
    if value is None:
        return []
    match field:
        case Media():
            each = value if isinstance(value, list) else [value]
            items = [_filled(field, one) for one in each]
            attached = {key: values[f.name] for key, f in part.attached.items() if values[f.name] is not None}
            return [items[0] | attached, *items[1:]] if attached else items
        case Switch(item=ItemShape() as item):
            return [item.filled({})] if value else []
        case Text() | Number() | Choice() | Switch():
            sent = as_sent(field, value)
            return [field.item.filled({"value": sent}) if field.item else sent]
        case ObjectList():
            return [_listed(field, item, position) for position, item in enumerate(value, start=1)]
        case _:
            assert_never(field)


def _filled(field: Media, file: Any) -> Any:
    if field.item is None:
        return file
    return field.item.filled({"value": as_sent(field, file), "mime": mime_of(file)})


def _listed(field: ObjectList, item: Values, position: int) -> dict[str, Any]:
    values = {f.name: as_sent(f, item.get(f.name, f.default)) for f in field.fields}
    if field.typed_file:
        values["mime"] = mime_of(item[field.typed_file.name])
    given = {name: None if value == [] else value for name, value in values.items()}
    return field.item.filled(given | {"position": position})


def as_sent(field: Field, value: Any) -> Any:
    """A value of a field as it travels."""
    match field:
        case Media(many=Many(), target=None):
            return value if isinstance(value, list) or value is None else [value]
        case Media(encoding="split"):
            return base64_of(value)
        case Text() | Media() | ObjectList() | OpenObject():
            return value
        case Switch() | Choice():
            return json.dumps(value) if field.sent_as_text and value is not None else value
        case Number():
            if value is None:
                return None
            number = value if field.integer else float(value)
            return format(Decimal(str(number)), "f") if field.sent_as_text else number
        case _:
            assert_never(field)
