"""How two objects of the schemas are compared: attribute by attribute, by a table that must name each of them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from generator.diff.changes import Change
from generator.ir import Field, Rule


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """The same thing in two trees."""

    model: str
    """The model's name, or `GATEWAY`."""
    old: Any
    new: Any
    rules: tuple[Rule, ...] = ()
    """The rules of the new model."""
    variants: Mapping[str, tuple[Field, ...]] = field(default_factory=dict)
    """Name to field in the old and in the new model, as far as they have it."""
    place: str = ""
    of: str = ""
    """The form field that it is or belongs to."""

    def change(self, kind: str, fact: str, before: Any = "", after: Any = "", **more: Any) -> Change:
        """A change at this place."""
        more.setdefault("fields", (self.of,) if self.of else ())
        return Change(
            kind_name=kind,
            model=self.model,
            place=self.place,
            fact=fact,
            before=before if isinstance(before, str) else told(before),
            after=after if isinstance(after, str) else told(after),
            line=getattr(self.new, "line", None) or getattr(self.old, "line", None),
            **more,
        )


Comparer: TypeAlias = Callable[[Pair, str], Iterator[Change]]
"""Tells the changes of one attribute, whose values differ."""


@dataclass(frozen=True, slots=True)
class Unheard:
    """Why an attribute is compared nowhere, or elsewhere."""

    reason: str

    def __call__(self, pair: Pair, attribute: str) -> Iterator[Change]:
        """No change."""
        return iter(())


Table: TypeAlias = dict[str, Comparer]


def compare(pair: Pair, table: Table, *, only_its: bool = False) -> Iterator[Change]:
    """The changes of all attributes that both objects have, or ``only_its`` own.

    What the table does not name counts as the worst.
    """
    shared = [f.name for f in dataclasses.fields(pair.old) if hasattr(pair.new, f.name)]
    shared = [name for name in shared if name in table or not only_its]
    for attribute in shared:
        before, after = getattr(pair.old, attribute), getattr(pair.new, attribute)
        if before != after or type(before) is not type(after):
            yield from table.get(attribute, unknown)(pair, attribute)


def unknown(pair: Pair, attribute: str) -> Iterator[Change]:
    """A fact that no row covers."""
    yield pair.change("unknown-fact", attribute, getattr(pair.old, attribute), getattr(pair.new, attribute))


def words(pair: Pair, attribute: str) -> Iterator[Change]:
    """A fact that only people read."""
    yield pair.change("words", attribute, getattr(pair.old, attribute), getattr(pair.new, attribute), fields=())


def told(value: Any) -> str:
    """A value of a schema in a message."""
    if value is None:
        return ""
    try:
        return json.dumps(value, ensure_ascii=False)
    except TypeError:
        return str(value)
