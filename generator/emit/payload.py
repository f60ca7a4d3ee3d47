"""The body of ``to_payload``: a nested literal that can be read against the documented JSON."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from generator.emit.literals import literal
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

_TAKEN = frozenset({"self", "each", "enumerate", "position", "as_text", "extend_first", "prune", "verbatim"})
"""Names that the literal uses itself."""


@dataclass(slots=True)
class _Container:
    """An object of the body: containers, arrays and plain values by key, in wire order."""

    entries: dict[str, _Container | list[ArrayField] | Field] = field(default_factory=dict)


def payload_literal(model: Model) -> str:
    """The expression for the body, before it is pruned."""
    root = _Container()
    for entry in model.fields:
        target = entry.target
        if target is None or target.item_property:
            continue  # It attaches to another field's item, which writes it.
        container = root
        for key in target.container:
            inner = container.entries.setdefault(key, _Container())
            assert isinstance(inner, _Container)
            container = inner
        if target.array:
            array = container.entries.setdefault(target.key, [])
            assert isinstance(array, list)
            assert isinstance(entry, ArrayField)
            array.append(entry)
        else:
            container.entries[target.key] = entry
    head = [f"{literal('model')}: {literal(model.id)}"] if model.id else []
    return _one_per_line("{", [*head, *_entries(root, model)], "}")


def _one_per_line(opening: str, parts: list[str], closing: str) -> str:
    """The parts between brackets; the comma after the last makes black give each a line of its own."""
    return f"{opening}{', '.join(parts)},{closing}" if parts else opening + closing


def _entries(container: _Container, model: Model) -> list[str]:
    return [f"{literal(key)}: {_value(value, model)}" for key, value in container.entries.items()]


def _value(value: _Container | list[ArrayField] | Field, model: Model) -> str:
    match value:
        case _Container():
            return _one_per_line("{", _entries(value, model), "}")
        case [only]:
            items = _items(only, model)
            return f"[{items}]" if _is_loop(items) else f"[*{items}]"
        case list():
            return _one_per_line("[", [f"*{_in_parentheses(_items(entry, model))}" for entry in value], "]")
        case _:
            return _plain_value(value, f"self.{value.name}")


def _plain_value(field: Field, value: str) -> str:
    """The expression for what is sent of a single value."""
    match field:
        case Text() | Switch() | Choice() | Media():
            return value
        case Number(sent_as_text=sent_as_text):
            return f"as_text({value})" if sent_as_text else value
        case OpenObject():
            return f"verbatim({value})"
        case ObjectList():
            raise TypeError(f"{field.name} fills an array")
        case _:
            assert_never(field)


def _items(entry: ArrayField, model: Model) -> str:
    """What a field adds to its array: a comprehension over its values, or the values themselves."""
    match entry:
        case Media(item=item):
            if item is None:
                return f"each(self.{entry.name})"
            name = _loop_name(item)
            items = f"{_item(item, {'value': name})} for {name} in each(self.{entry.name})"
            attached = [f"{literal(key)}: self.{f.name}" for key, f in model.attached_to(entry.name).items()]
            return f"extend_first(({items}), {{{', '.join(attached)}}})" if attached else items
        case ObjectList(item=item):
            name = _usable(entry.item_name) or "item"
            values = {f.name: _plain_value(f, f"{name}.{f.name}") for f in entry.fields}
            each = f"each(self.{entry.name})"
            loop = f"{name} in {each}"
            if any(item.keys_of("position")):
                loop = f"position, {name} in enumerate({each}, start=1)"
            return f"{_item(item, values | {'position': 'position'})} for {loop}"
        case _:
            assert_never(entry)


def _is_loop(items: str) -> bool:
    return " for " in items and not items.startswith("extend_first(")


def _in_parentheses(items: str) -> str:
    return f"({items})" if _is_loop(items) else items


def _item(item: ItemShape, values: Mapping[str, str]) -> str:
    entries = item.map(constant=literal, variable=values.__getitem__)
    return "{" + ", ".join(f"{literal(key)}: {value}" for key, value in entries.items()) + "}"


def _loop_name(item: ItemShape) -> str:
    """The key under which the value travels is the best name for it, if it can be one."""
    return _usable(next(item.keys_of("value"))) or "value"


def _usable(name: str) -> str | None:
    """The name, if nothing else in the literal is called so."""
    return name if name.isidentifier() and not keyword.iskeyword(name) and name not in _TAKEN else None
