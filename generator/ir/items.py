"""The shape of the objects that a field adds to an array of the body."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeVar

Scalar = str | int | float | bool

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Variable:
    """A place in an item that a value fills: ``value``, ``position`` or the name of an item's field."""

    name: str

    def __str__(self) -> str:
        return f"${self.name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemShape:
    """The object that a value adds to an array: a flat mapping of constants and variables.

    Whatever has to know what an item looks like asks this class.
    """

    entries: tuple[tuple[str, Scalar | Variable], ...]

    @classmethod
    def parse(cls, item: Mapping[str, Any]) -> Self:
        """The shape that a schema file writes as a mapping, with ``$name`` for a variable."""
        return cls(entries=tuple((key, _parse(value)) for key, value in item.items()))

    @property
    def constants(self) -> dict[str, Scalar]:
        """What is the same in each item, and so distinguishes this field's items from those of others."""
        return {key: value for key, value in self.entries if not isinstance(value, Variable)}

    @property
    def variables(self) -> dict[str, str]:
        """Key to the name of the variable that fills it."""
        return {key: value.name for key, value in self.entries if isinstance(value, Variable)}

    @property
    def source(self) -> dict[str, Scalar]:
        """The mapping as a schema file writes it."""
        return {key: str(value) if isinstance(value, Variable) else value for key, value in self.entries}

    def keys_of(self, variable: str) -> Iterator[str]:
        """The keys that a variable fills."""
        return (key for key, name in self.variables.items() if name == variable)

    def filled(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The item with these values of its variables."""
        return self.map(constant=lambda value: value, variable=values.__getitem__)

    def map(self, *, constant: Callable[[Scalar], _T], variable: Callable[[str], _T]) -> dict[str, _T]:
        """Key to what the functions make of its constant, or of the name of its variable."""
        return {
            key: variable(value.name) if isinstance(value, Variable) else constant(value) for key, value in self.entries
        }


def _parse(value: Any) -> Scalar | Variable:
    return Variable(name=value[1:]) if isinstance(value, str) and value.startswith("$") else value
