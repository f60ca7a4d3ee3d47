"""The body of ``to_payload``: a nested literal that can be read against the documented JSON."""

from __future__ import annotations

import keyword
from collections.abc import Sequence
from dataclasses import dataclass, field

from generator.emit.layout import STEP, bracketed, exploded
from generator.emit.literals import LINE_LENGTH, literal
from generator.ir import Field, ItemShape, Media, Model, Number, ObjectList, OpenObject, Variable

_TAKEN = frozenset({"self", "each", "enumerate", "position", "as_text", "extend_first", "prune", "verbatim"})
"""Names that the literal uses itself."""


@dataclass(slots=True)
class _Container:
    """An object of the body: containers, arrays and plain values by key, in wire order."""

    entries: dict[str, _Container | list[Field] | Field] = field(default_factory=dict)


def payload_literal(model: Model, *, indent: int) -> str:
    """The expression for the body, before it is pruned; it begins in a line with that many spaces."""
    root = _Container()
    for entry in model.fields:
        target = entry.target
        if target is None or target.item_property:
            continue  # It rides on another field's item, which writes it.
        container = root
        for key in target.container:
            inner = container.entries.setdefault(key, _Container())
            assert isinstance(inner, _Container)
            container = inner
        if target.array:
            array = container.entries.setdefault(target.key, [])
            assert isinstance(array, list)
            array.append(entry)
        else:
            container.entries[target.key] = entry
    head = [f"{literal('model')}: {literal(model.id)}"] if model.id else []
    return _object(root, model, indent, head)


def _object(container: _Container, model: Model, indent: int, head: Sequence[str] = ()) -> str:
    entries = [_entry(literal(key), value, model, indent + STEP) for key, value in container.entries.items()]
    return exploded("{", [*head, *entries], "}", indent=indent)


def _entry(key: str, value: _Container | list[Field] | Field, model: Model, indent: int) -> str:
    match value:
        case _Container():
            return f"{key}: {_object(value, model, indent)}"
        case [only]:
            return _array(f"{key}: [", only, model, indent)
        case list():
            return exploded(
                f"{key}: [", [f"*{_spread(entry, model, indent + STEP)}" for entry in value], "]", indent=indent
            )
        case OpenObject(name=name):
            return f"{key}: verbatim(self.{name})"
        case Number(name=name, sent_as_text=True):
            return f"{key}: as_text(self.{name})"
        case _:
            return f"{key}: self.{value.name}"


def _array(opening: str, only: Field, model: Model, indent: int) -> str:
    """An array that one field fills."""
    items = _items(only, model, indent + STEP, around=len("*"))
    loops = _loops(items)
    element = items if loops else f"*{items}"
    if "\n" not in element and indent + len(opening) + len(element) + len("],") <= LINE_LENGTH:
        return f"{opening}{element}]"
    inner = "\n" + " " * (indent + STEP)
    if loops and indent + STEP + len(items) > LINE_LENGTH:
        shape, _, loop = items.rpartition(" for ")
        element = f"{shape}{inner}for {loop}"
    return f"{opening}{inner}{element}\n{' ' * indent}]"


def _spread(entry: Field, model: Model, indent: int) -> str:
    items = _items(entry, model, indent, around=len("*,"))
    return f"({items})" if _loops(items) else items


def _loops(items: str) -> bool:
    """Whether it is a comprehension."""
    return " for " in items and not items.startswith("extend_first(")


def _items(entry: Field, model: Model, indent: int, *, around: int) -> str:
    """What a field adds to its array: a comprehension over its values, or the values themselves."""
    if isinstance(entry, ObjectList):
        return _list_items(entry)
    assert isinstance(entry, Media)
    if entry.item is None:
        return f"each(self.{entry.name})"
    name = _loop_name(entry.item)
    items = f"{_shape(entry.item, {'value': name})} for {name} in each(self.{entry.name})"
    riders = [f for f in model.fields if isinstance(f, Media) and f.rides_on == entry.name and f.target]
    if not riders:
        return items
    extra = ", ".join(f"{literal(f.target.item_property)}: self.{f.name}" for f in riders if f.target)
    return bracketed("extend_first(", [f"({items})", f"{{{extra}}}"], ")", indent=indent, around=around)


def _list_items(entry: ObjectList) -> str:
    item = entry.item_name if entry.item_name not in _TAKEN and not keyword.iskeyword(entry.item_name) else "item"
    as_text = {f.name for f in entry.fields if isinstance(f, Number) and f.sent_as_text}
    values = {f.name: f"as_text({item}.{f.name})" if f.name in as_text else f"{item}.{f.name}" for f in entry.fields}
    shape = _shape(entry.item, values | {"position": "position"})
    if any(value == Variable(name="position") for _, value in entry.item.entries):
        return f"{shape} for position, {item} in enumerate(each(self.{entry.name}), start=1)"
    return f"{shape} for {item} in each(self.{entry.name})"


def _shape(item: ItemShape, values: dict[str, str]) -> str:
    entries = (
        f"{literal(key)}: {values[value.name] if isinstance(value, Variable) else literal(value)}"
        for key, value in item.entries
    )
    return "{" + ", ".join(entries) + "}"


def _loop_name(item: ItemShape) -> str:
    """The key under which the value travels is the best name for it, if it can be one."""
    key = next(key for key, value in item.entries if isinstance(value, Variable))
    return key if key.isidentifier() and not keyword.iskeyword(key) and key not in _TAKEN else "value"
