"""Where a field is in a form and in a body, and what a rule can ask of it there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator.emit.json_schema.values import Schema, given
from generator.ir import ArrayField, Field, Model, Number, ObjectList, Rule, Target


class FormPlaces:
    """Conditions on the form's flat names."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def present(self, name: str) -> Schema:
        """The field is given; an empty list counts as not given."""
        return {"required": [name], "properties": {name: {"not": {"enum": [None, []]}}}}

    def is_value(self, name: str, values: list[Any]) -> Schema:
        """The field has one of the values, also if the default gives it."""
        field = self.model.field(name)
        test = {"properties": {name: {"enum": _as_sent(field, values)}}}
        default = field.default
        # 1 equals true nowhere in JSON, so the values can be compared as they are.
        by_default = any(value == default and type(value) is type(default) for value in values)
        return test if by_default else {"required": [name], **test}

    def bounded(self, name: str, bounds: Schema) -> Schema | None:
        """A bound on a number."""
        return {"properties": {name: bounds}}

    def counted(self, names: tuple[str, ...], least: Any, most: Any) -> Schema | None:
        """Lists under different names cannot be counted together."""
        return None

    def paths(self, rule: Rule) -> list[str]:
        """A form has names only."""
        return []


class WirePlaces:
    """Conditions on places in the body."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def present(self, name: str) -> Schema:
        """The field's value, or an item of its own, is in the body."""
        field = self.model.field(name)
        target = field.target
        assert target is not None
        if target.item_property:
            base = constants_of(self.model.base_of(field)) or {"type": "object"}
            base = base | {"required": [*base.get("required", []), target.item_property]}
            return self._at(name, {"type": "array", "contains": base})
        own = constants_of(field) if target.array else {}
        return self._at(name, {"type": "array", "contains": own} if own else {})

    def is_value(self, name: str, values: list[Any]) -> Schema:
        """The field has one of the values."""
        field = self.model.field(name)
        return self._at(name, {"enum": [str(v) for v in values] if self._is_text(name) else _as_sent(field, values)})

    def bounded(self, name: str, bounds: Schema) -> Schema | None:
        """A bound on a number; one that travels as a text has no size to JSON Schema."""
        return None if self._is_text(name) else self._at(name, bounds, required=False)

    def counted(self, names: tuple[str, ...], least: Any, most: Any) -> Schema | None:
        """How many items the fields have together, if they share an array and constants distinguish their items."""
        fields = [self.model.field(name) for name in names]
        if len({str(field.target) for field in fields}) != 1:
            return None
        own = [constants_of(field) for field in fields]
        if not all(own):
            return None
        count = given(contains={"anyOf": own}, minContains=least if least is not None else 0, maxContains=most)
        return self._at(names[0], count, required=bool(least))

    def paths(self, rule: Rule) -> list[str]:
        """Where the fields travel; the number of each item of a list under ``[]``."""
        found = []
        for name in rule.fields:
            field, part = self.model.field(name.partition(".")[0]), name.partition(".")[2]
            path = next(field.item.paths_of(part), ()) if part and isinstance(field, ObjectList) else ()
            found.append(".".join([str(field.target), *path]))
        return found

    def _is_text(self, name: str) -> bool:
        field = self.model.field(name)
        return isinstance(field, Number) and field.sent_as_text

    def _at(self, name: str, schema: Schema, *, required: bool = True) -> Schema:
        """The schema at the field's place in the body."""
        target = self.model.field(name).target
        assert target is not None
        return at_target(target, schema, required=required)


def _as_sent(field: Field, values: list[Any]) -> list[Any]:
    """The values as a request has them: a whole number is a float where fractions may be."""
    return [float(value) for value in values] if isinstance(field, Number) and not field.integer else values


def at_target(target: Target, schema: Schema, *, required: bool) -> Schema:
    """A body with the schema at the end of a target's keys."""
    for key in reversed((*target.container, target.key)):
        # JSON Schema accepts any properties of a value that is not an object.
        schema = ({"type": "object", "required": [key]} if required else {}) | {"properties": {key: schema}}
    return schema


Places = FormPlaces | WirePlaces


def constants_of(field: Field) -> Schema:
    """What distinguishes a field's items from those of others, whether or not they are right otherwise."""
    item = field.item if isinstance(field, ArrayField) else None
    return (
        item.fold(constant=lambda value: {"const": value}, variable=lambda name: {}, combine=_demanding) if item else {}
    )


def _demanding(parts: Mapping[str, Schema]) -> Schema:
    """An object with these parts, of which the empty ones demand nothing."""
    properties = {key: schema for key, schema in parts.items() if schema}
    return {"type": "object", "required": list(properties), "properties": properties} if properties else {}
