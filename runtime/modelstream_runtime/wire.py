"""Where form fields travel in the JSON body, and how to read a body back into fields."""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from modelstream_runtime._text import did_you_mean, shown
from modelstream_runtime.errors import Problem
from modelstream_runtime.payload import as_text
from modelstream_runtime.rules import Condition, given_with, holds

MISSING: Any = object()

_Path = tuple[str, ...]

_NOT_FIELDS = ("mime", "position")
"""The variables of an item that are no values of its own."""

_MIME = re.compile(r"[a-z]+/[a-z0-9.+-]+(;[a-z0-9=._-]+)*", re.IGNORECASE)


class Target:
    """Where one form field travels.

    Args:
        path: keys joined by dots. ``[]`` at the end means that the value is appended to an array; ``[1]``, that it is
            the second item of the array; ``[].key``, that the value is a property of an item in the array.
        also: paths at which the same value is as well; no arrays.
        item: the object that each value adds to the array, which may contain others. ``$value`` stands for the value,
            ``$name`` for the field of that name in a list item, and ``$position`` for the position, counted from 1.
            Beside ``$mime``, the type of a file, the file is bare Base64. An item of constants is what a switch adds if
            it is on, to the array or as the value itself.
        many: whether the field accepts several values.
        as_text: the names of values that travel as JSON strings, and what is in the string: ``int``, ``float`` or
            ``bool``. The field itself is there under its own name, or as ``value`` if it has an item.
        lists: the names of fields of a list item that are lists themselves.
        file: the variable of the file whose type ``$mime`` is.
        attach_to: the field to whose first item in the array the value is attached.
    """

    __slots__ = ("also", "as_text", "attach_to", "constants", "file", "item", "lists", "many", "path", "variables")

    def __init__(
        self,
        path: str,
        *,
        also: tuple[str, ...] = (),
        item: Mapping[str, Any] | None = None,
        many: bool = False,
        as_text: Mapping[str, type] | None = None,
        lists: tuple[str, ...] = (),
        file: str = "value",
        attach_to: str | None = None,
    ) -> None:
        self.path = path
        self.also = also
        self.item = item
        self.many = many
        self.as_text = as_text or {}
        self.lists = lists
        self.file = file
        self.attach_to = attach_to
        leaves = list(_leaves_of(item or {}))
        self.variables: dict[str, _Path] = {leaf[1:]: path for path, leaf in leaves if _is_variable(leaf)}
        """Variable of the item to its path."""
        self.constants: dict[_Path, Any] = {path: leaf for path, leaf in leaves if not _is_variable(leaf)}
        """What is the same in all items that the field adds."""

    @property
    def is_split(self) -> bool:
        """Whether the item has the type of a file beside its content."""
        return self.variables.keys() >= {self.file, "mime"}

    @property
    def keys(self) -> list[str]:
        """The keys to the value, or to the array that contains it."""
        return self.place.split(".")

    @property
    def is_array(self) -> bool:
        """Whether the value goes into an array."""
        return "[" in self.path

    @property
    def place(self) -> str:
        """The path of the value, or of the array that contains it."""
        return self.path.partition("[")[0]

    @property
    def index(self) -> str:
        """The position in the array; empty if the value has none of its own."""
        return self.path.partition("[")[2].partition("]")[0]

    def locate(self, inner: Sequence[str | int], *, shared: bool = False) -> str:
        """The path on the wire of a part of the value: ``(0, "duration")`` is the duration of the first item.

        In an array that is ``shared`` with other fields, the index of the item is not known yet.
        """
        if not inner or not self.path.endswith("[]"):
            return self.path
        name = str(inner[1]) if len(inner) > 1 else "value"
        index = "" if shared else inner[0]
        rest = "".join(f"[{step}]" for step in inner[2:])
        return _joined(f"{self.path[:-1]}{index}]", self.variables.get(name, ())) + rest


def _is_variable(entry: Any) -> bool:
    return isinstance(entry, str) and entry.startswith("$")


def _leaves_of(item: Mapping[str, Any], path: _Path = ()) -> Iterator[tuple[_Path, Any]]:
    """Path and content of every place of an item that is not an object."""
    for key, entry in item.items():
        if isinstance(entry, Mapping):
            yield from _leaves_of(entry, (*path, key))
        else:
            yield (*path, key), entry


def _joined(place: str, path: Sequence[str]) -> str:
    return ".".join((place, *path))


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


class Reading(NamedTuple):
    """What a body says.

    Attributes:
        values: the values in the body by field name.
        problems: one for each part that belongs to no field.
        indices: where in an array of its own the items of a field are: not one after the other, if some are no items.
        doubtful: problems with constants that depend on fields, whose values are still to be validated; each with the
            names of these fields.
    """

    values: dict[str, Any]
    problems: list[Problem]
    indices: dict[str, list[int]]
    doubtful: list[Doubtful]


class Doubtful(NamedTuple):
    """A problem, unless something is wrong with one of the fields it depends on."""

    problem: Problem
    fields: frozenset[str]


def read_body(body: Mapping[str, Any], targets: Mapping[str, Target], constants: Sequence[Constant] = ()) -> Reading:
    """Read a body back into form values.

    Args:
        body: the JSON body without ``model``.
        targets: field name to target, in wire order.
        constants: what is in the body beside the fields.
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
    return Reading(
        {name: values[name] for name in targets if name in values},
        [*reader.problems, *reader.leftovers()],
        reader.indices,
        reader.doubtful,
    )


def unread(targets: Mapping[str, Target], problems: Iterable[Problem]) -> set[str]:
    """The fields that travel at or below a place in which something could not be read, or whose array it is in."""
    places = [problem.path.partition("[")[0] for problem in problems if problem.path]
    return {
        name
        for name, target in targets.items()
        for place in places
        for home in (target.place, *target.also)
        if f"{home}.".startswith(f"{place}.") or place.startswith(f"{home}.")
    }


class _Reader:
    def __init__(self, body: Mapping[str, Any], targets: Mapping[str, Target]) -> None:
        self.rest: dict[str, Any] = copy.deepcopy(dict(body))
        self.targets = targets
        self.problems: list[Problem] = []
        self.indices: dict[str, list[int]] = {}
        self.doubtful: list[Doubtful] = []

    def read(self, name: str, target: Target) -> Any:
        """Remove the value of a field from the body, and return it."""
        if target.attach_to is not None:
            return self._read_attached(target)
        container = self._container(target)
        key = target.keys[-1]
        if target.also:
            return self._read_everywhere(name, target)
        if container is None or key not in container:
            return MISSING
        if target.index:
            return self._read_position(name, target, container, key)
        if target.is_array:
            return self._read_items(name, target, container, key)
        if target.item is not None:
            return _unwrap(container.pop(key), target) if not any(_mismatches(container[key], target)) else MISSING
        value = container.pop(key)
        return _from_text(value, target.as_text.get(name))

    def read_constant(self, constant: Constant, values: Mapping[str, Any]) -> None:
        """Remove a constant from the body, which must have it exactly when its condition holds for the values."""
        found = self._taken(constant.path)
        message = ""
        if not holds(constant.when, values):
            message = "" if found is MISSING else f"is sent only{given_with(constant.when)}"
        elif found is MISSING:
            message = f"is required: {shown(constant.value)}{given_with(constant.when)}"
        elif not same(found, constant.value):
            message = f"{shown(found)} is not {shown(constant.value)}, the only value there"
        if message:
            problem = Problem(constant.path, message, value=None if found is MISSING else found, path=constant.path)
            if constant.when:
                self.doubtful.append(Doubtful(problem, frozenset(constant.when)))
            else:
                self.problems.append(problem)

    def leftovers(self) -> Iterator[Problem]:
        """A problem for everything that belongs to no field."""
        homes: dict[str, dict[str, Target]] = {}
        for name, target in self.targets.items():
            home = homes.setdefault(target.place, {})
            if target.attach_to is None:
                home[name] = target
        for path, value in _leaves(self.rest, homes):
            index = path.partition("[")[2].partition("]")[0]
            here = homes.get(path.partition("[")[0], {})
            if index:
                here = {name: target for name, target in here.items() if target.index in ("", index)}
            if here and (path.endswith("]") or all(target.item and not target.is_array for target in here.values())):
                yield from _misplaced(path, value, here)
            else:
                yield Problem(next(iter(here), path), _why_unread(path, value, homes), value=value, path=path)

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

    def _read_everywhere(self, name: str, target: Target) -> Any:
        """Remove a value that is at several places. All have what is at the first."""
        value, *others = (self._taken(path) for path in (target.path, *target.also))
        for path, found in zip(target.also, others, strict=True):
            if value in (MISSING, None):
                message = "" if found in (MISSING, None) else f"is sent only together with {target.path}"
            elif found is MISSING:
                message = f"is required: {shown(value)}, the value of {target.path}"
            else:
                message = (
                    "" if same(found, value) else f"{shown(found)} is not {shown(value)}, the value of {target.path}"
                )
            if message:
                self.problems.append(Problem(name, message, value=None if found is MISSING else found, path=path))
        return _from_text(value, target.as_text.get(name))

    def _taken(self, path: str) -> Any:
        """Remove what is at the end of some keys."""
        *outer, key = path.split(".")
        container = self._inside(outer)
        return MISSING if container is None else container.pop(key, MISSING)

    def _read_position(self, name: str, target: Target, container: dict[str, Any], key: str) -> Any:
        array, index = container[key], int(target.index)
        if array == []:
            del container[key]  # An empty array means the same as none.
        if not isinstance(array, list) or len(array) <= index or any(_mismatches(array[index], target)):
            return MISSING
        value, array[index] = _unwrap(array[index], target), MISSING
        return _from_text(value, target.as_text.get(name))

    def _read_items(self, name: str, target: Target, container: dict[str, Any], key: str) -> Any:
        array = container[key]
        if not isinstance(array, list):
            return MISSING
        if not array:
            del container[key]  # An empty array means the same as none.
        values: list[Any] = []
        indices: list[int] = []
        position = 0  # Among the items of this field, because other fields may share the array.
        for index, element in enumerate(array):
            if element is MISSING or any(_mismatches(element, target)):
                continue
            position += 1
            if _is_at(element, target, position) and (target.many or not values):
                value = _unwrap(element, target)
                for part in target.lists:
                    value[part] = self._listed(value[part], f"{name}[{len(values)}].{part}", target, index, part)
                values.append(value)
                indices.append(index)
                array[index] = MISSING  # The other items keep their indices for messages.
        if not values:
            return MISSING
        if sum(other.place == target.place for other in self.targets.values()) == 1:
            self.indices[name] = indices
        return values if target.many else values[0]

    def _listed(self, value: Any, field: str, target: Target, index: int, part: str) -> Any:
        """A list in an item. A request takes a single value for one, and a body does not."""
        if value is None or isinstance(value, list):
            return value
        path = _joined(f"{target.place}[{index}]", target.variables[part])
        self.problems.append(Problem(field, f"{shown(value)} is not a list", value=value, path=path))
        return [value]

    def _read_attached(self, target: Target) -> Any:
        owner = self.targets[target.attach_to or ""]
        attached_keys = {_item_key(other) for other in self.targets.values() if other.attach_to == target.attach_to}
        container = self._container(owner)
        array = container.get(owner.keys[-1]) if container else None
        for element in array if isinstance(array, list) else ():
            if isinstance(element, dict):
                bare = {key: value for key, value in element.items() if key not in attached_keys}
                if not any(_mismatches(bare, owner)):
                    # Values are only attached to the first item of the field.
                    return element.pop(_item_key(target), MISSING)
        return MISSING


class _Mismatch(NamedTuple):
    """Why an element of an array is not an item of a field."""

    path: _Path
    """Where in the element."""
    message: str
    constant: Any = MISSING
    """The constant that belongs there."""


def _item_key(attached: Target) -> str:
    """The property of an item that an attached field travels as."""
    return attached.path.rpartition(".")[2]


def _mismatches(element: Any, target: Target) -> Iterator[_Mismatch]:
    """What distinguishes an element of an array from the items that the field adds, apart from their values."""
    if target.item is None:
        return
    if not isinstance(element, dict):
        yield _Mismatch((), f"{shown(element)} is not an object")
        return
    strange = list(_strangers(element, target.item))
    yield from strange
    opaque = [mismatch.path for mismatch in strange]  # Nothing more is said of what is in one of these.
    for path, constant in target.constants.items():
        found = _at(element, path)
        if not same(found, constant) and not _is_within(path, opaque):
            message = (
                f"is required: {shown(constant)}" if found is MISSING else f"{shown(found)} is not {shown(constant)}"
            )
            yield _Mismatch(path, message, constant)
    for variable in ("value", "mime", "position"):
        path = target.variables.get(variable, ())
        if not path or _is_within(path, opaque) or (variable == "mime" and not target.is_split):
            continue
        found = _at(element, path)
        if found is MISSING:
            yield _Mismatch(path, "is required")
        elif variable == "mime" and not (isinstance(found, str) and _MIME.fullmatch(found)):
            yield _Mismatch(path, f"{shown(found)} is not a MIME type, such as image/png")


def _is_within(path: _Path, places: Sequence[_Path]) -> bool:
    return any(path[: len(place)] == place for place in places)


def _strangers(element: Mapping[str, Any], item: Mapping[str, Any], path: _Path = ()) -> Iterator[_Mismatch]:
    """The keys that the item does not have, and what should be an object and is none."""
    for key, value in element.items():
        inner = item.get(key, MISSING)
        if inner is MISSING:
            yield _Mismatch((*path, key), f"no field travels there{did_you_mean(str(key), item)}")
        elif isinstance(inner, Mapping):
            if isinstance(value, dict):
                yield from _strangers(value, inner, (*path, key))
            else:
                yield _Mismatch((*path, key), f"{shown(value)} is not an object")


def _at(element: Any, path: _Path) -> Any:
    for key in path:
        if not isinstance(element, dict):
            return MISSING
        element = element.get(key, MISSING)
    return element


def _is_at(element: Any, target: Target, position: int) -> bool:
    """Whether an item is numbered as it stands among the items of its field, if they are numbered at all."""
    return "position" not in target.variables or same(_at(element, target.variables["position"]), position)


def _unwrap(element: Any, target: Target) -> Any:
    """The value that makes this item."""
    if target.item is None:
        return element
    if not target.variables:
        return True  # A switch adds the item if it is on.
    values: dict[str, Any] = {}
    for name, path in target.variables.items():
        found = _at(element, path)
        values[name] = _from_text(found, target.as_text.get(name))
    if target.is_split and isinstance(values[target.file], str):
        values[target.file] = f"data:{values['mime']};base64,{values[target.file]}"
    if "value" in values:
        return values["value"]
    # An absent value is None and not the default, as in the request itself.
    return {name: None if value is MISSING else value for name, value in values.items() if name not in _NOT_FIELDS}


def _misplaced(path: str, element: Any, here: Mapping[str, Target]) -> Iterator[Problem]:
    """Why no field takes an element of its array: what is wrong with it as an item of the likeliest field."""
    index = path.partition("[")[2]
    only = next(iter(here)) if len(here) == 1 else None
    field = f"{only}[{index}" if only and here[only].many else only or path

    def problem(inner: _Path, message: str) -> Problem:
        found = _at(element, inner)
        name = field if field == only else _joined(field, inner)
        return Problem(name, message, value=None if found is MISSING else found, path=_joined(path, inner))

    if not isinstance(element, dict) and all(target.item for target in here.values()):
        yield problem((), f"{shown(element)} is not an object")
        return
    like, wrong = _nearest(element, here)
    if like is None:
        yield problem(wrong[0].path, _none_of(_at(element, wrong[0].path), wrong))
    elif wrong:
        yield from (problem(mismatch.path, mismatch.message) for mismatch in wrong)
    elif number := here[like].variables.get("position"):
        yield problem(number, f"{shown(_at(element, number))} is out of order; the items are numbered from 1")
    else:
        yield Problem(like, f"{like} takes only one item", value=element, path=path)


def _nearest(element: Any, here: Mapping[str, Target]) -> tuple[str | None, list[_Mismatch]]:
    """The field whose items an element is most like, and the differences.

    Constants say which field an item is meant for. Without a field, the differences are in the same place, for which
    each field has another constant, or the element is nothing that any field has.
    """
    fields, decided = dict(here), set[_Path]()
    while shared := [path for path in _shared_constants(fields) if path not in decided]:
        path = shared[0]
        decided.add(path)
        meant = {name: target for name, target in fields.items() if same(_at(element, path), target.constants[path])}
        if not meant and len(fields) > 1:
            return None, [_Mismatch(path, "", target.constants[path]) for target in fields.values()]
        fields = meant or fields
    found = {name: list(_mismatches(element, target)) for name, target in fields.items()}
    fewest = min(map(len, found.values()))
    nearest = [name for name, wrong in found.items() if len(wrong) == fewest]
    if len(nearest) == 1:
        return nearest[0], found[nearest[0]]
    wrong = [mismatch for name in nearest for mismatch in found[name]]
    if len({mismatch.path for mismatch in wrong}) == 1 and all(each.constant is not MISSING for each in wrong):
        return None, wrong
    return None, [_Mismatch((), "")]


def _shared_constants(fields: Mapping[str, Target]) -> list[_Path]:
    """The places at which the items of all fields have a constant."""
    first, *others = fields.values()
    return [path for path in first.constants if all(path in other.constants for other in others)]


def _none_of(found: Any, wrong: Sequence[_Mismatch]) -> str:
    constants = list(dict.fromkeys(shown(mismatch.constant) for mismatch in wrong if mismatch.constant is not MISSING))
    if not constants:
        return f"no field produces the item {shown(found)}"
    options = ", ".join(constants)
    return f"is required: one of {options}" if found is MISSING else f"{shown(found)} is not one of {options}"


def same(found: Any, wanted: Any) -> bool:
    """Whether two JSON values are the same: ``true`` is not 1, although it equals 1 in Python, and neither is 1.0."""
    if type(found) is not type(wanted):
        return False
    if isinstance(found, dict):
        return found.keys() == wanted.keys() and all(same(found[key], wanted[key]) for key in wanted)
    if isinstance(found, list):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    return bool(found == wanted) or (isinstance(found, float) and math.isnan(found) and math.isnan(wanted))


def _from_text(value: Any, kind: type | None) -> Any:
    """What is in a text, if it is as `as_text` writes it; otherwise the value, whose type is then rejected."""
    if kind is None or not isinstance(value, str):
        return value
    if kind is bool:
        return {"true": True, "false": False}.get(value, value)
    for convert in (int,) if kind is int else (int, float):
        try:
            number = convert(value)
        except ValueError:
            continue
        if math.isfinite(number) and as_text(number) == value:
            return number
    return value


def _why_unread(path: str, value: Any, homes: Mapping[str, Any]) -> str:
    """Why a value belongs to no field. ``homes`` are the places of the fields."""
    if path in homes:
        return f"{shown(value)} is not a list"
    if path.partition("[")[0] in homes:
        return "no field travels there"
    if any(home.startswith(f"{path}.") for home in homes):
        return f"{shown(value)} is not an object"
    return "no field travels there" + did_you_mean(path, sorted(homes))


def _leaves(node: Any, whole: Collection[str], path: str = "") -> Iterator[tuple[str, Any]]:
    """Path and value of everything in the node. Objects at the paths in ``whole`` are not taken apart."""
    if isinstance(node, dict) and path not in whole:
        for key, value in node.items():
            yield from _leaves(value, whole, f"{path}.{key}" if path else str(key))
    elif isinstance(node, list) and node:
        yield from ((f"{path}[{index}]", value) for index, value in enumerate(node) if value is not MISSING)
    else:
        yield path, node
