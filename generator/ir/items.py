"""The shape of the objects that a field adds to the body."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeAlias, TypeVar, assert_never

from modelstream_runtime.wire import same

Scalar = str | int | float | bool

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Variable:
    """A place in an item that a value fills: ``value``, ``mime``, ``position`` or the name of an item's field."""

    name: str

    def __str__(self) -> str:
        return f"${self.name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemShape:
    """The object that a value adds to the body: constants, variables and objects of them, at any depth.

    Whatever has to know what an item looks like asks this class. A path is the keys to a place in the item.
    """

    entries: tuple[tuple[str, Entry], ...]

    @classmethod
    def parse(cls, item: Mapping[str, Any]) -> Self:
        """The shape that a schema file writes as a mapping, with ``$name`` for a variable."""
        return cls(entries=tuple((key, _parse(value)) for key, value in item.items()))

    @property
    def leaves(self) -> Iterator[tuple[tuple[str, ...], Scalar | Variable]]:
        """Path and content of every place that is not an object, in order."""
        for key, entry in self.entries:
            if isinstance(entry, ItemShape):
                yield from (((key, *path), leaf) for path, leaf in entry.leaves)
            else:
                yield (key,), entry

    @property
    def constants(self) -> dict[tuple[str, ...], Scalar]:
        """What is the same in each item, and so distinguishes this field's items from those of others."""
        return {path: leaf for path, leaf in self.leaves if not isinstance(leaf, Variable)}

    @property
    def variables(self) -> dict[tuple[str, ...], str]:
        """Path to the name of the variable that fills it."""
        return {path: leaf.name for path, leaf in self.leaves if isinstance(leaf, Variable)}

    @property
    def source(self) -> dict[str, Any]:
        """The mapping as a schema file writes it."""
        return self.fold(constant=lambda value: value, variable=lambda name: f"${name}", combine=dict)

    def paths_of(self, variable: str) -> Iterator[tuple[str, ...]]:
        """The paths that a variable fills."""
        return (path for path, name in self.variables.items() if name == variable)

    def contradicts(self, other: ItemShape) -> bool:
        """Whether a constant tells the items of the two apart."""
        theirs = other.constants
        return any(path in theirs and not same(value, theirs[path]) for path, value in self.constants.items())

    def filled(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The item with these values of its variables. What is ``None`` is left out, and so are objects without any."""
        return self.fold(constant=lambda value: value, variable=values.__getitem__, combine=_given)

    def fold(
        self,
        *,
        constant: Callable[[Scalar], Any],
        variable: Callable[[str], Any],
        combine: Callable[[dict[str, Any]], _T],
    ) -> _T:
        """What the functions make of the item: of its constants, its variables, and of each object of the results."""
        parts = {}
        for key, entry in self.entries:
            match entry:
                case ItemShape():
                    parts[key] = entry.fold(constant=constant, variable=variable, combine=combine)
                case Variable(name=name):
                    parts[key] = variable(name)
                case str() | int() | float() | bool():
                    parts[key] = constant(entry)
                case _:
                    assert_never(entry)
        return combine(parts)


Entry: TypeAlias = Scalar | Variable | ItemShape
"""What can be at a key of an item."""


def _parse(value: Any) -> Entry:
    if isinstance(value, Mapping):
        return ItemShape.parse(value)
    return Variable(name=value[1:]) if isinstance(value, str) and value.startswith("$") else value


def _given(parts: dict[str, Any]) -> dict[str, Any]:
    # An object of the item without values is left out; the item itself stays, whatever is in it.
    return {key: value for key, value in parts.items() if value is not None and value != {}}
