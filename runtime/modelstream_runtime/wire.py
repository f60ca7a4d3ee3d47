"""Where form fields travel in the JSON body, and how to read a body back into fields."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from modelstream_runtime._text import did_you_mean, shown
from modelstream_runtime.errors import Problem
from modelstream_runtime.payload import as_text
from modelstream_runtime.rules import Condition, given_with, holds

MISSING: Any = object()


class Target:
    """Where one form field travels.

    Args:
        path: keys joined by dots. ``[]`` at the end means that the value is appended to an array; ``[].key``, that the
            value is a property of an item in the array.
        item: the object that each value adds to the array. ``$value`` stands for the value, ``$name`` for the field
            of that name in a list item, and ``$position`` for the position, counted from 1.
        many: whether the field accepts several values.
        as_text: the names of numbers that travel as JSON strings; the name of the field itself for its own value.
        attach_to: the field to whose first item in the array the value is attached.
    """

    __slots__ = ("as_text", "attach_to", "item", "many", "path")

    def __init__(
        self,
        path: str,
        *,
        item: Mapping[str, Any] | None = None,
        many: bool = False,
        as_text: tuple[str, ...] = (),
        attach_to: str | None = None,
    ) -> None:
        self.path = path
        self.item = item
        self.many = many
        self.as_text = as_text
        self.attach_to = attach_to

    @property
    def keys(self) -> list[str]:
        """The keys to the value, or to the array that contains it."""
        return self.path.partition("[]")[0].split(".")

    def locate(self, inner: Sequence[str | int], *, shared: bool = False) -> str:
        """The path on the wire of a part of the value: ``(0, "duration")`` is the duration of the first item.

        In an array that is ``shared`` with other fields, the index of the item is not known yet.
        """
        if not inner or not self.path.endswith("[]"):
            return self.path
        keys = {variable: key for key, variable in (self.item or {}).items()}
        name = f"${inner[1]}" if len(inner) > 1 else "$value"
        key = keys.get(name, "")
        place = "" if shared else inner[0]
        return f"{self.path[:-1]}{place}]" + (f".{key}" if key else "")


class Constant:
    """A value of the body that no field has.

    Args:
        path: keys joined by dots.
        value: the value, as JSON.
        when: the condition under which the body has it; by default it always does.
    """

    __slots__ = ("path", "value", "when")

    def __init__(self, path: str, value: Any, *, when: Condition | None = None) -> None:
        self.path = path
        self.value = value
        self.when = when or {}


def read_body(
    body: Mapping[str, Any], targets: Mapping[str, Target], constants: Sequence[Constant] = ()
) -> tuple[dict[str, Any], list[Problem]]:
    """Read a body back into form values.

    Args:
        body: the JSON body without ``model``.
        targets: field name to target, in wire order.
        constants: what is in the body beside the fields.

    Returns:
        The values in the body by field name, and a problem for each part that belongs to no field.
    """
    reader = _Reader(body, targets)
    values = {}
    # Attached values come first. Without them, an item looks as its own field produces it.
    for name, target in sorted(targets.items(), key=lambda entry: entry[1].attach_to is None):
        value = reader.read(name, target)
        if value is not MISSING:
            values[name] = value
    for constant in constants:
        reader.read_constant(constant, values)
    return {name: values[name] for name in targets if name in values}, [*reader.problems, *reader.leftovers()]


class _Reader:
    def __init__(self, body: Mapping[str, Any], targets: Mapping[str, Target]) -> None:
        self.rest: dict[str, Any] = copy.deepcopy(dict(body))
        self.targets = targets
        self.problems: list[Problem] = []

    def read(self, name: str, target: Target) -> Any:
        """Remove the value of a field from the body, and return it."""
        if target.attach_to is not None:
            return self._read_attached(target)
        container = self._container(target)
        key = target.keys[-1]
        if container is None or key not in container:
            return MISSING
        if target.path.endswith("[]"):
            return self._read_items(name, target, container, key)
        value = container.pop(key)
        return _number(value) if name in target.as_text else value

    def read_constant(self, constant: Constant, values: Mapping[str, Any]) -> None:
        """Remove a constant from the body, which must have it exactly when its condition holds for the values."""
        *outer, key = constant.path.split(".")
        container = self._inside(outer)
        found = MISSING if container is None else container.pop(key, MISSING)
        message = ""
        if not holds(constant.when, values):
            message = "" if found is MISSING else f"is sent only{given_with(constant.when)}"
        elif found is MISSING:
            message = f"is required: {shown(constant.value)}{given_with(constant.when)}"
        elif not same(found, constant.value):
            message = f"{shown(found)} is not {shown(constant.value)}, the only value there"
        if message:
            value = None if found is MISSING else found
            self.problems.append(Problem(constant.path, message, value=value, path=constant.path))

    def leftovers(self) -> Iterator[Problem]:
        """A problem for everything that belongs to no field."""
        places = {".".join(target.keys) for target in self.targets.values()}
        for path, value in _leaves(self.rest, places):
            yield Problem(self._field_at(path, value), _why_unread(path, value, places), value=value, path=path)

    def _field_at(self, path: str, value: Any) -> str:
        """The field that a value belongs to, judged by its place or its constants; otherwise the path."""
        place, bracket, index = path.partition("[")
        here = {n: t for n, t in self.targets.items() if t.attach_to is None and ".".join(t.keys) == place}
        names = [name for name, target in here.items() if not bracket or _is_marked(value, target)]
        if not names or (bracket and len(names) > 1):
            return path
        return names[0] + bracket + index if len(here) == 1 and here[names[0]].many else names[0]

    def _container(self, target: Target) -> dict[str, Any] | None:
        return self._inside(target.keys[:-1])

    def _inside(self, keys: Sequence[str]) -> dict[str, Any] | None:
        """The object at the end of the keys, if they lead to one."""
        node: Any = self.rest
        for key in keys:
            if not isinstance(node, dict) or key not in node:
                return None
            node = node[key]
        return node if isinstance(node, dict) else None

    def _read_items(self, name: str, target: Target, container: dict[str, Any], key: str) -> Any:
        array = container[key]
        if not isinstance(array, list):
            return MISSING
        if not array:
            del container[key]  # An empty array means the same as none.
        values: list[Any] = []
        position = 0  # Among the items of this field, because other fields may share the array.
        for index, element in enumerate(array):
            if not _is_item_of(element, target):
                continue
            position += 1
            value = _unwrap(element, target, position)
            if value is not MISSING and (target.many or not values):
                values.append(value)
                array[index] = MISSING  # The other items keep their indices for messages.
        if not values:
            return MISSING
        return values if target.many else values[0]

    def _read_attached(self, target: Target) -> Any:
        owner = self.targets[target.attach_to or ""]
        attached_keys = {_item_key(other) for other in self.targets.values() if other.attach_to == target.attach_to}
        container = self._container(owner)
        array = container.get(owner.keys[-1]) if container else None
        for element in array if isinstance(array, list) else ():
            if isinstance(element, dict):
                bare = {key: value for key, value in element.items() if key not in attached_keys}
                if _is_item_of(bare, owner):
                    # Values are only attached to the first item of the field.
                    return element.pop(_item_key(target), MISSING)
        return MISSING


def _item_key(attached: Target) -> str:
    """The property of an item that an attached field travels as."""
    return attached.path.rpartition(".")[2]


def _is_item_of(element: Any, target: Target) -> bool:
    """Whether an element of an array has the keys and constants of the items that the field produces."""
    if target.item is None:
        return element is not MISSING
    if not isinstance(element, dict) or element.keys() - target.item.keys():
        return False
    pairs = [(element.get(key, MISSING), value) for key, value in _constants(target).items()]
    # True equals 1 in Python, but not on the wire.
    return all(found == value and type(found) is type(value) for found, value in pairs)


def _unwrap(element: Any, target: Target, position: int) -> Any:
    """The value that produces this element, or `MISSING` if no value does at this position among the field's items."""
    if target.item is None:
        return element
    values: dict[str, Any] = {}
    constants = _constants(target)
    for key, variable in target.item.items():
        if key in constants:
            continue
        found = element.get(key, MISSING)
        if variable == "$position":
            if found != position or isinstance(found, bool):
                return MISSING
        else:
            name = variable[1:]
            values[name] = _number(found) if name in target.as_text else found
    if "$value" in target.item.values():
        return values["value"]
    # An absent value is None and not the default, as in the request itself.
    return {name: None if value is MISSING else value for name, value in values.items()}


def _is_marked(element: Any, target: Target) -> bool:
    """Whether an element of an array has the constants of the field's items."""
    constants = _constants(target)
    return not constants or (isinstance(element, dict) and constants.items() <= element.items())


def _constants(target: Target) -> dict[str, Any]:
    """The properties that are the same in all items that the field produces."""
    return {k: v for k, v in (target.item or {}).items() if not (isinstance(v, str) and v.startswith("$"))}


def same(found: Any, wanted: Any) -> bool:
    """Whether two JSON values are the same: ``true`` is not 1, although it equals 1 in Python, and neither is 1.0."""
    if type(found) is not type(wanted):
        return False
    if isinstance(found, dict):
        return found.keys() == wanted.keys() and all(same(found[key], wanted[key]) for key in wanted)
    if isinstance(found, list):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    return bool(found == wanted)


def _number(value: Any) -> Any:
    """The number in a text, if the text is as `as_text` writes it; otherwise the value, whose type is then rejected."""
    for convert in (int, float):
        try:
            number = convert(value) if isinstance(value, str) else None
        except ValueError:
            continue
        if number is not None and math.isfinite(number) and as_text(number) == value:
            return number
    return value


def _why_unread(path: str, value: Any, places: set[str]) -> str:
    """Why a value belongs to no field. ``places`` are the paths of the fields."""
    if path in places:
        return f"{shown(value)} is not a list"
    if any(place.startswith(f"{path}.") for place in places):
        return f"{shown(value)} is not an object"
    if path.rpartition("[")[0] in places:
        return f"no field produces the item {shown(value)}"
    return "no field travels there" + did_you_mean(path, sorted(places))


def _leaves(node: Any, whole: set[str], path: str = "") -> Iterator[tuple[str, Any]]:
    """Path and value of everything in the node. Objects at the paths in ``whole`` are not taken apart."""
    if isinstance(node, dict) and path not in whole:
        for key, value in node.items():
            yield from _leaves(value, whole, f"{path}.{key}" if path else str(key))
    elif isinstance(node, list) and node:
        yield from ((f"{path}[{index}]", value) for index, value in enumerate(node) if value is not MISSING)
    else:
        yield path, node
