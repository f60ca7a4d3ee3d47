"""The shape of a model's body: the one place that knows which objects and arrays the targets of the fields make.

`body_shape` builds a tree. The payload, the wire's JSON Schema, the bodies in documents and `explain` walk it; none of
them reads the targets and items of the fields itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from generator.ir.fields import ArrayField, Field, Media, OpenObject
from generator.ir.models import Model


@dataclass(frozen=True, kw_only=True, slots=True)
class Fixed:
    """A value that no field has."""

    value: Any
    when: Mapping[str, Any] = field(default_factory=dict)
    """The condition under which the body has it."""

    @property
    def is_required(self) -> bool:
        """Whether every body has it."""
        return not self.when


@dataclass(frozen=True, kw_only=True, slots=True)
class Leaf:
    """The value of a field, or the object that a switch adds."""

    field: Field
    is_copy: bool = False
    """Whether the value is the same as at the field's own place, and in the body exactly when it is there."""

    @property
    def is_required(self) -> bool:
        """Whether every body has it."""
        return self.field.required and not self.is_copy


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What one field adds to an array."""

    field: ArrayField
    attached: Mapping[str, Media]
    """The fields whose values are properties of its first item, by property."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Array:
    """An array and the fields that fill it, in order."""

    parts: list[Part] = field(default_factory=list)

    @property
    def has_positions(self) -> bool:
        """Whether each part is one item at a position of its own."""
        return any(part.field.target and part.field.target.index is not None for part in self.parts)

    @property
    def is_required(self) -> bool:
        """Whether every body has it."""
        return any(part.field.required for part in self.parts)


@dataclass(frozen=True, kw_only=True, slots=True)
class Object:
    """An object with its entries in wire order: it stands where its first entry does."""

    entries: dict[str, Node] = field(default_factory=dict)

    @property
    def is_required(self) -> bool:
        """Whether every body has it."""
        return any(node.is_required for node in self.entries.values())


Node: TypeAlias = Object | Array | Leaf | Fixed
"""A part of a body."""


def body_shape(model: Model) -> Object:
    """The body of a model's requests."""
    body = Object()
    if model.id:
        body.entries["model"] = Fixed(value=model.id)
    for each in model.fields:
        _add_constants(body, model, each.name)
        if each.target is None or each.target.item_property:
            continue  # It attaches to another field's item.
        container = _object_at(body, each.target.container)
        if each.target.array:
            array = container.entries.setdefault(each.target.key, Array())
            assert isinstance(array, Array)
            assert not isinstance(each, OpenObject), "the checks keep it out of arrays"
            array.parts.append(Part(field=each, attached=model.attached_to(each.name)))
        else:
            container.entries[each.target.key] = Leaf(field=each)
        for place in each.also:
            _object_at(body, place.container).entries[place.key] = Leaf(field=each, is_copy=True)
    _add_constants(body, model, None)
    return body


def neighbours(model: Model, field: Field) -> list[Field]:
    """The other fields that fill the same array."""
    return [
        other
        for other in model.fields
        if other.target
        and field.target
        and other.name != field.name
        and other.target.array
        and not other.target.item_property
        and (other.target.container, other.target.key) == (field.target.container, field.target.key)
    ]


def _add_constants(body: Object, model: Model, before: str | None) -> None:
    """The constants that stand in front of a field, or those at the end."""
    for constant in model.constants:
        if constant.before == before:
            container = _object_at(body, constant.target.container)
            container.entries[constant.target.key] = Fixed(value=constant.value, when=constant.when)


def _object_at(body: Object, path: tuple[str, ...]) -> Object:
    for key in path:
        inner = body.entries.setdefault(key, Object())
        assert isinstance(inner, Object)
        body = inner
    return body
