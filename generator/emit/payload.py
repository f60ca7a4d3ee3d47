"""The body of ``to_payload``: a nested literal that can be read against the documented JSON."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, assert_never

from generator.emit.literals import literal
from generator.ir import Choice, Field, ItemShape, Many, Media, Model, Number, ObjectList, OpenObject, Switch, Text
from generator.ir.shape import Array, Fixed, Leaf, Node, Object, Part, body_shape
from generator.naming import HOMES
from modelstream_runtime.payload import prune

_TAKEN = frozenset({"self", "enumerate", "position", *HOMES["modelstream_runtime.payload"]})
"""Names that the literal uses itself."""


def payload_literal(model: Model) -> str:
    """The expression for the body, before it is pruned."""
    return _value(body_shape(model))


def _one_per_line(opening: str, parts: list[str], closing: str) -> str:
    """The parts between brackets; the comma after the last makes black give each a line of its own."""
    return f"{opening}{', '.join(parts)},{closing}" if parts else opening + closing


def _value(node: Node) -> str:
    match node:
        case Object(entries=entries):
            return _one_per_line("{", [f"{literal(key)}: {_value(inner)}" for key, inner in entries.items()], "}")
        case Array(parts=[only]):
            return _items(only).alone
        case Array(parts=parts):
            return _one_per_line("[", [_items(part).among_others for part in parts], "]")
        case Leaf(field=Switch(item=ItemShape() as item, name=name)):
            return f"{_item(item, {})} if self.{name} else None"
        case Leaf(field=field):
            return _plain_value(field, f"self.{field.name}")
        case Fixed(value=value, when=when):
            constant = literal(value) if prune({"": value}) == {"": value} else f"as_is({literal(value)})"
            return f"{constant} if {_test(when)} else None" if when else constant
        case _:
            assert_never(node)


def _test(condition: Mapping[str, Any]) -> str:
    """The expression for whether the condition holds."""
    return " and ".join(_compared(f"self.{name}", wanted) for name, wanted in condition.items())


def _compared(value: str, wanted: Any) -> str:
    match wanted:
        case "present":
            return f"{value} is not None"
        case "absent":
            return f"{value} is None"
        case bool():
            return f"{value} is {wanted}"
        case list():
            return f"{value} in {literal(tuple(wanted))}"
        case _:
            return f"{value} == {literal(wanted)}"


def _plain_value(field: Field, value: str) -> str:
    """The expression for what is sent of a single value."""
    match field:
        case Media(many=Many(), target=None):
            return f"[*each({value})]"
        case Text():
            return value
        case Media():
            return _file(field, value)
        case Number() | Switch() | Choice():
            return f"as_text({value})" if field.sent_as_text else value
        case OpenObject():
            return f"verbatim({value})"
        case ObjectList():
            raise TypeError(f"{field.name} fills an array")
        case _:
            assert_never(field)


def _file(field: Media, value: str) -> str:
    """The expression for what is sent of a file."""
    return f"base64_of({value})" if field.encoding == "split" else value


class _Items(NamedTuple):
    """What a field adds to its array.

    Attributes:
        source: an item, a comprehension that makes them, an iterable of them, or a list of them under a condition.
    """

    source: str
    kind: Literal["item", "loop", "iterable", "conditional"]

    @property
    def alone(self) -> str:
        """An array of them."""
        if self.kind == "conditional":
            return self.source
        return f"[*{self.source}]" if self.kind == "iterable" else f"[{self.source}]"

    @property
    def among_others(self) -> str:
        """They, between the brackets of an array."""
        match self.kind:
            case "item":
                return self.source
            case "loop" | "conditional":
                return f"*({self.source})"
            case "iterable":
                return f"*{self.source}"
            case _:
                assert_never(self.kind)


def _items(part: Part) -> _Items:
    field = part.field
    value = f"self.{field.name}"
    match field:
        case Media(item=item):
            if item is None:
                return _Items(f"each({value})", "iterable")
            name = _loop_name(item)
            values = {"value": _file(field, name), "mime": f"mime_of({name})"}
            items = f"{_item(item, values)} for {name} in each({value})"
            attached = [f"{literal(key)}: self.{f.name}" for key, f in part.attached.items()]
            if attached:
                return _Items(f"extend_first(({items}), {{{', '.join(attached)}}})", "iterable")
            return _Items(items, "loop")
        case Switch(item=ItemShape() as item):
            return _Items(f"[{_item(item, {})}] if {value} else []", "conditional")
        case Text() | Number() | Choice() | Switch():
            if field.item is None:
                own = _plain_value(field, value)
                return _Items(own, "item") if field.required else _Items(f"each({own})", "iterable")
            if field.required:
                return _Items(_item(field.item, {"value": _plain_value(field, value)}), "item")
            name = _loop_name(field.item)
            return _Items(
                f"{_item(field.item, {'value': _plain_value(field, name)})} for {name} in each({value})", "loop"
            )
        case ObjectList(item=item):
            name = _usable(field.item_name) or "item"
            values = {f.name: _plain_value(f, f"{name}.{f.name}") for f in field.fields}
            if field.typed_file:
                values["mime"] = f"mime_of({name}.{field.typed_file.name})"
            loop = f"{name} in each({value})"
            if any(item.paths_of("position")):
                loop = f"position, {name} in enumerate(each({value}), start=1)"
            return _Items(f"{_item(item, values | {'position': 'position'})} for {loop}", "loop")
        case _:
            assert_never(field)


def _item(item: ItemShape, values: Mapping[str, str]) -> str:
    return item.fold(constant=literal, variable=values.__getitem__, combine=_object)


def _object(entries: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{literal(key)}: {value}" for key, value in entries.items()) + "}"


def _loop_name(item: ItemShape) -> str:
    """The key under which the value travels is the best name for it, if it can be one."""
    return _usable(next(item.paths_of("value"))[-1]) or "value"


def _usable(name: str) -> str | None:
    """The name, if nothing else in the literal is called so."""
    return name if name.isidentifier() and not keyword.iskeyword(name) and name not in _TAKEN else None
