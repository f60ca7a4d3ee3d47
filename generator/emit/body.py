"""The JSON body that form values make, for documents that show one. The package's `to_payload` has no part in it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, assert_never

from generator.ir import (
    ArrayField,
    Choice,
    Field,
    ItemShape,
    Media,
    Model,
    Number,
    ObjectList,
    OpenObject,
    Switch,
    Text,
)

Values = Mapping[str, Any]


class _Container(dict[str, Any]):
    """An object of the body that fields are put into, and no value of a field."""


def body_of(model: Model, values: Values) -> dict[str, Any]:
    """The body of a request with these values, and the defaults for all others."""
    body = _Container({"model": model.id} if model.id else {})
    for field in model.fields:
        value = values.get(field.name, field.default)
        target = field.target
        if target is None:
            continue
        container = body
        for key in target.container:
            container = container.setdefault(key, _Container())
        if value is None:
            continue
        if target.item_property:
            _first_of(container[target.key], model.base_of(field))[target.item_property] = value
        elif target.array:
            assert isinstance(field, ArrayField)
            container.setdefault(target.key, []).extend(_items(field, value))
        else:
            container[target.key] = _as_sent(field, value)
    return _without_empty(body)


def _without_empty(container: _Container) -> dict[str, Any]:
    """Containers keep the place of their first field, and are left out if no field has a value."""
    inner = {key: _without_empty(value) if isinstance(value, _Container) else value for key, value in container.items()}
    return {key: value for key, value in inner.items() if value or not isinstance(container[key], _Container)}


def _items(field: ArrayField, value: Any) -> list[Any]:
    """What a field adds to its array."""
    match field:
        case Media(item=item):
            each = value if isinstance(value, list) else [value]
            return [_filled(item, {"value": one}) if item else one for one in each]
        case ObjectList():
            return [_object(field, item, position) for position, item in enumerate(value, start=1)]
        case _:
            assert_never(field)


def _object(field: ObjectList, item: Values, position: int) -> dict[str, Any]:
    values = {f.name: _as_sent(f, item.get(f.name, f.default)) for f in field.fields}
    return _filled(field.item, values | {"position": position})


def _filled(item: ItemShape, values: Values) -> dict[str, Any]:
    return {key: value for key, value in item.filled(values).items() if value is not None}


def _as_sent(field: Field, value: Any) -> Any:
    match field:
        case Text() | Switch() | Choice() | Media() | ObjectList() | OpenObject():
            return value
        case Number():
            if value is None:
                return None
            number = value if field.integer else float(value)
            return format(Decimal(str(number)), "f") if field.sent_as_text else number
        case _:
            assert_never(field)


def _first_of(items: list[dict[str, Any]], field: Media) -> dict[str, Any]:
    """The first item that the field put into the array."""
    constants = field.item.constants if field.item else {}
    return next(item for item in items if all(item.get(key) == value for key, value in constants.items()))
