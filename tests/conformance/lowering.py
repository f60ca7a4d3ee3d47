"""From form values to the JSON body, as the schemas say it: also values that are wrong, as they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from generator.ir import Choice, Field, ItemShape, Media, Model, Number, ObjectList, Switch, Variable
from tests.conformance.rules import complete, count, holds

_HEAD = re.compile(r"data:([^,]*);base64,")

Body = dict[str, Any]


def lower(model: Model, values: Mapping[str, Any]) -> Body:
    """The body of the values; what is ``None`` is left out, and what no field is named like stays where it is."""
    whole = complete(model, values)
    strangers = {name: value for name, value in whole.items() if name not in {field.name for field in model.fields}}
    body = _Container({"model": model.id} if model.id else {})
    for field in model.fields:
        _put_constants(body, model, whole, field.name)
        value, target = whole[field.name], field.target
        assert target is not None
        if target.item_property:
            continue
        container = _container(body, target.container)
        if value is None or (value == {} and not field.required) or (value == [] and _listed(field)):
            container.setdefault(target.key, _Container())  # It keeps the place for others that come to the array.
            for place in field.also:
                _container(body, place.container).setdefault(place.key, _Container())
            continue
        if isinstance(field, Switch) and field.item and not target.array:
            container[target.key] = _item(field.item, {})
            continue
        if not target.array or (isinstance(field, ObjectList) and not isinstance(value, list)):
            for place in (target, *field.also):
                _container(body, place.container)[place.key] = _sent(field, value)
            continue
        items = list(_items(field, value))
        for rider in _riders(model, field):
            ridden = values.get(rider.name)
            if ridden is not None and rider.target and rider.target.item_property:
                items[0] |= {rider.target.item_property: _sent(rider, ridden)}
        container[target.key] = [*(container.get(target.key) or []), *items]
    _put_constants(body, model, whole, None)
    return _filled(body) | {name: value for name, value in strangers.items() if value is not None}


class _Container(Body):
    """An object of the body that is there only if something is in it."""


def _container(body: Body, path: tuple[str, ...]) -> Body:
    for key in path:
        body = body.setdefault(key, _Container())
    return body


def _filled(container: Body) -> Body:
    found = {key: _filled(value) if isinstance(value, _Container) else value for key, value in container.items()}
    return {key: value for key, value in found.items() if value != {} or not isinstance(container[key], _Container)}


def _put_constants(body: Body, model: Model, whole: Mapping[str, Any], before: str | None) -> None:
    for constant in model.constants:
        if constant.before == before:
            container = _container(body, constant.target.container)  # It keeps the place for others that come to it.
            if holds(constant.when, whole):
                container[constant.target.key] = constant.value


def path_of(model: Model, field: Field, values: Mapping[str, Any], index: int | None = None, inner: str = "") -> str:
    """Where a field travels, or one of its items, or a part of that item."""
    target = field.target
    assert target is not None
    path = ".".join((*target.container, target.key))
    if not target.array:
        return path
    whole = complete(model, values)
    if target.item_property:
        assert isinstance(field, Media)
        carrier = model.field(field.attach_to or "")
        return f"{path}[{_before(model, carrier, whole)}].{target.item_property}"
    if index is None:
        return path
    shape = getattr(field, "item", None)
    keys = {name: ".".join(path) for path, name in shape.variables.items()} if shape else {}
    key = keys.get(inner or "value", inner)
    place = _before(model, field, whole) + index if target.index is None else target.index
    return f"{path}[{place}]" + (f".{key}" if key else "")


def has_place(model: Model, values: Mapping[str, Any]) -> bool:
    """Whether a body can say it: no position of an array is open in front of another, no item lacks that has riders."""
    whole = complete(model, values)
    riders = (field for field in model.fields if isinstance(field, Media) and field.attach_to)
    if any(count(whole[rider.name]) and not count(whole[rider.attach_to or ""]) for rider in riders):
        return False
    placed = [f for f in model.fields if f.target and f.target.index is not None]
    taken = {str(field.target) for field in placed if whole[field.name] is not None}
    fronts = {str(f.target): f"{f.target.path}[{(f.target.index or 0) - 1}]" for f in placed if f.target}
    return not any(fronts[target] in fronts and fronts[target] not in taken for target in taken)


def _listed(field: Field) -> bool:
    return isinstance(field, ObjectList) or (isinstance(field, Media) and field.many is not None)


def _before(model: Model, field: Field, whole: Mapping[str, Any]) -> int:
    """How many items stand before the field's own in its array."""
    earlier = model.fields[: model.fields.index(field)]
    feeders = (f for f in earlier if f.target and field.target and not f.target.item_property)
    shared = (f for f in feeders if (f.target.container, f.target.key) == (field.target.container, field.target.key))  # type: ignore[union-attr]
    return sum(count(whole[feeder.name]) for feeder in shared)


def _riders(model: Model, carrier: Field) -> Iterator[Media]:
    return (field for field in model.fields if isinstance(field, Media) and field.attach_to == carrier.name)


def _items(field: Field, value: Any) -> Iterator[Any]:
    values: list[Any] = value if isinstance(value, list) and _listed(field) else [value]
    for position, each in enumerate(values, start=1):
        shape = getattr(field, "item", None)
        if shape is None or (isinstance(field, ObjectList) and not isinstance(each, dict)):
            yield _sent(field, each)
            continue
        if isinstance(field, ObjectList):
            parts = {f.name: _part(f, each.get(f.name, f.default)) for f in field.fields}
            strangers = {name: part for name, part in each.items() if name not in parts}
            file = each.get(field.typed_file.name) if field.typed_file else None
        else:
            parts, strangers, file = {"value": _sent(field, each)}, {}, each
        head = _HEAD.match(file) if isinstance(file, str) else None
        parts |= {"position": position, "mime": head[1] if head else "image/png"}
        yield _item(shape, parts) | strangers


def _part(field: Field, value: Any) -> Any:
    """A field of an item as it travels; several pictures as a list."""
    if not _listed(field) or value is None:
        return _sent(field, value)
    if value == []:
        return None
    return [_sent(field, each) for each in (value if isinstance(value, list) else [value])]


def _item(shape: ItemShape, parts: Mapping[str, Any]) -> Body:
    item: Body = {}
    for key, entry in shape.entries:
        if isinstance(entry, ItemShape):
            inner = _item(entry, parts)
            item |= {key: inner} if inner else {}
        elif not isinstance(entry, Variable):
            item[key] = entry
        elif parts[entry.name] is not None:
            item[key] = parts[entry.name]
    return item


def _sent(field: Field, value: Any) -> Any:
    """One value as it travels."""
    match field:
        case Number(sent_as_text=True) if isinstance(value, (int, float)) and not isinstance(value, bool):
            return format(Decimal(str(value if field.integer else float(value))), "f")
        case Switch(sent_as_text=True) if isinstance(value, bool):
            return str(value).lower()
        case Choice(sent_as_text=True) if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        case Number(integer=False) if type(value) is int:
            return float(value)
        case Media() if isinstance(value, str) and field.encoding in ("base64", "split"):
            return _HEAD.sub("", value)
        case _:
            return value
