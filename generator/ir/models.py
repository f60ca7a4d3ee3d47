"""One schema file as an object: a model with its fields, rules and examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from generator.ir.fields import Evidence, Field, Media, ObjectList, Target
from generator.ir.rules import Mode, Rule
from generator.naming import values_class
from modelstream_runtime.rules import dependent_defaults


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """Form values that make a valid request."""

    name: str
    values: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedExample:
    """Form values that the request class must reject, and the field that the error names. No template uses it."""

    name: str
    values: Mapping[str, Any]
    field: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Constant:
    """A value of the body that no field has."""

    target: Target
    value: Any
    before: str | None
    """The field in front of which it stands; ``None`` for the end of its object."""
    when: Mapping[str, Any]
    """The condition under which the body has it; empty if it always does."""
    evidence: Evidence


@dataclass(frozen=True, kw_only=True, slots=True)
class Model:
    """One schema file."""

    id: str | None
    """The id on the wire; ``None`` for the generic request."""
    class_name: str
    module: str
    title: str
    vendor: str
    summary: str
    notes: str | None
    page: str
    checked: str
    file: str
    fields: tuple[Field, ...]
    constants: tuple[Constant, ...]
    modes: tuple[Mode, ...]
    """The modes of the page, of which a request uses one; empty if it has none."""
    rules: tuple[Rule, ...]
    """The rules between fields, the one that follows from the modes first."""
    examples: tuple[Example, ...]
    refused: tuple[RefusedExample, ...]

    @property
    def name(self) -> str:
        """What the model is called in messages."""
        return self.id or "generic"

    @property
    def lists(self) -> tuple[ObjectList, ...]:
        """The fields that are lists of objects, whose items have classes of their own."""
        return tuple(f for f in self.fields if isinstance(f, ObjectList))

    @property
    def values_class(self) -> str:
        """The typed dictionary of the fields."""
        return values_class(self.class_name)

    @property
    def public_names(self) -> tuple[str, ...]:
        """The classes of the model's module, sorted."""
        return tuple(sorted([self.class_name, *(entry.class_name for entry in self.lists)]))

    def complete(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values, and the defaults of all other fields."""
        whole = {field.name: values.get(field.name, field.default) for field in self.fields}
        cases = {field.name: field.default_when for field in self.fields}
        return whole | dependent_defaults(cases, values, whole)

    @property
    def fields_by_modes(self) -> dict[tuple[str, ...], list[Field]]:
        """The fields by the names of the modes that they are for; those for all modes come first, under no name."""
        grouped: dict[tuple[str, ...], list[Field]] = {}
        for field in sorted(self.fields, key=lambda field: bool(self.modes_of(field.name))):
            grouped.setdefault(tuple(mode.name for mode in self.modes_of(field.name)), []).append(field)
        return grouped

    def field(self, name: str) -> Field:
        """The field of that name."""
        return next(f for f in self.fields if f.name == name)

    def attached_to(self, name: str) -> dict[str, Media]:
        """The fields whose values attach to the items of a field, by the property that each becomes there."""
        return {
            f.target.item_property: f
            for f in self.fields
            if isinstance(f, Media) and f.attach_to == name and f.target and f.target.item_property
        }

    def base_of(self, attached: Field) -> Media:
        """The field to whose items another attaches."""
        base = self.field(attached.attach_to or "") if isinstance(attached, Media) else None
        assert isinstance(base, Media), "the checks demand it"
        return base

    def modes_of(self, name: str) -> tuple[Mode, ...]:
        """The modes that a field belongs to; none if it belongs to all of them."""
        return tuple(mode for mode in self.modes if name in mode.fields)

    def rules_on(self, name: str) -> Iterator[Rule]:
        """The rules that ignore the field."""
        return (rule for rule in self.rules if rule.action == "ignores" and name in rule.fields)
