"""Where a field is in a form and in a body, and what a rule can ask of it there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from generator.emit.json_schema.values import Schema, given, plain_object
from generator.ir import Field, ItemShape, Model, Number, ObjectList, Switch, Target, is_sent_as_text
from generator.ir.shape import neighbours
from modelstream_runtime.payload import as_text


class FormPlaces:
    """Conditions on the form's flat names."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def present(self, name: str) -> Schema:
        """The field is given; an empty list counts as not given, and so does a switch that adds nothing."""
        field = self.model.field(name)
        absent: list[Any] = [None, False] if isinstance(field, Switch) and field.item else [None, []]
        test: Schema = {"properties": {name: {"not": {"enum": absent}}}}
        return test if field.default is not None else {"required": [name], **test}

    def is_value(self, name: str, values: list[Any]) -> Schema:
        """The field has one of the values, also if the default gives it."""
        field = self.model.field(name)
        test = {"properties": {name: {"enum": _as_sent(field, values)}}}
        if field.default_when:
            absent = [_all_of({"not": {"required": [name]}}, case) for case in self._defaulting(field, values)]
            return {"anyOf": [{"required": [name], **test}, *absent]}
        # None is among the values if the field may be absent.
        return test if _among(field.default, values) else {"required": [name], **test}

    def _defaulting(self, field: Field, values: list[Any]) -> Iterator[Schema]:
        """The conditions under which the default of a field is one of the values."""
        otherwise: list[Schema] = []
        for value, when in field.default_when:
            condition = condition_schema(when, self)
            if _among(value, values):
                yield _all_of(*otherwise, condition)
            otherwise.append({"not": condition})
        if _among(field.default, values):
            yield _all_of(*otherwise)

    def bounded(self, name: str, bounds: Schema) -> Schema | None:
        """A bound on a number."""
        return {"properties": {name: bounds}}

    def counted(self, names: tuple[str, ...], least: Any, most: Any) -> Schema | None:
        """Lists under different names cannot be counted together."""
        return None

    def paths(self, names: Sequence[str], *, of_numbers: bool) -> list[str]:
        """A form has names only."""
        return []

    def items(self, names: Sequence[str]) -> list[Schema]:
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
            base = self._marks(self.model.base_of(field)) or {"type": "object"}
            base = base | {"required": [*base.get("required", []), target.item_property]}
            return self._at(name, {"type": "array", "contains": base})
        if target.index is not None:
            return self._at(name, {"type": "array", "minItems": target.index + 1})
        if not target.array:
            return self._at(name, {"not": {"type": "null"}})
        own = self._marks(field)
        return self._at(name, {"type": "array"} | ({"contains": own} if own else {"minItems": 1}))

    def is_value(self, name: str, values: list[Any]) -> Schema:
        """The field has one of the values, or is absent if ``None`` is one of them."""
        if None in values:
            absent = {"not": self.present(name)}
            return {"anyOf": [absent, self.is_value(name, [value for value in values if value is not None])]}
        field = self.model.field(name)
        if isinstance(field, Switch) and field.item:
            return self.present(name)  # It can only be on; the checks let no rule ask whether it is off.
        sent = _as_sent(field, values)
        value = {"enum": [as_text(each) for each in sent] if self._is_text(name) else sent}
        if field.target and field.target.index is not None:
            item = _with_value(field.item, value) if field.item else value
            return self._at(name, _positioned(field.target.index, item) | {"minItems": field.target.index + 1})
        if field.item is None:
            return self._at(name, value)
        return self._at(
            name, {"type": "array", "contains": _all_of(self._marks(field), _with_value(field.item, value))}
        )

    def bounded(self, name: str, bounds: Schema) -> Schema | None:
        """A bound on a number; one that travels as a text has no size to JSON Schema."""
        field = self.model.field(name)
        if self._is_text(name):
            return None
        if field.target and field.target.index is not None:
            item = _with_value(field.item, bounds) if field.item else bounds
            return self._at(name, _positioned(field.target.index, item), required=False)
        if field.item is None:
            return self._at(name, bounds, required=False)
        own = _with_value(field.item, bounds)
        items = {"if": marks, "then": own} if (marks := self._marks(field)) else own
        return self._at(name, {"items": items}, required=False)

    def counted(self, names: tuple[str, ...], least: Any, most: Any) -> Schema | None:
        """How many items the fields have together, if they share an array and constants distinguish their items."""
        if any("." in name for name in names):
            return None  # What is inside of items, JSON Schema cannot count over all of them.
        fields = [self.model.field(name) for name in names]
        if len({str(field.target) for field in fields}) != 1:
            return None
        if len(fields) == 1 and fields[0].target and fields[0].target.array and not neighbours(self.model, fields[0]):
            return self._at(names[0], given(minItems=least, maxItems=most), required=bool(least))
        own = [self._marks(field) for field in fields]
        if not all(own):
            return None
        count = given(contains={"anyOf": own}, minContains=least if least is not None else 0, maxContains=most)
        return self._at(names[0], count, required=bool(least))

    def items(self, names: Sequence[str]) -> list[Schema]:
        """What tells the items of each field from those of others in its array."""
        fields = [None if "." in name else self.model.field(name) for name in names]
        return [self._marks(field) if field and field.target and field.target.array else {} for field in fields]

    def paths(self, names: Sequence[str], *, of_numbers: bool) -> list[str]:
        """Where the fields travel, or their numbers if these are in items; of each item of a list under ``[]``."""
        found = []
        for name in names:
            field, part = self.model.field(name.partition(".")[0]), name.partition(".")[2]
            part = "value" if of_numbers and isinstance(field, Number) else part
            path = next(field.item.paths_of(part), ()) if part and field.item else ()
            found.append(".".join([str(field.target), *path]))
        return found

    def _marks(self, field: Field) -> Schema:
        return marks_of(field, neighbours(self.model, field), self.model.attached_to(field.name))

    def _is_text(self, name: str) -> bool:
        return is_sent_as_text(self.model.field(name))

    def _at(self, name: str, schema: Schema, *, required: bool = True) -> Schema:
        """The schema at the field's place in the body."""
        target = self.model.field(name).target
        assert target is not None
        return at_target(target, schema, required=required)


def _among(default: Any, values: list[Any]) -> bool:
    # 1 equals true nowhere in JSON, so the values can be compared as they are.
    return any(value == default and type(value) is type(default) for value in values)


def _as_sent(field: Field, values: list[Any]) -> list[Any]:
    """The values as a request has them: a whole number is a float where fractions may be."""
    fractions = isinstance(field, Number) and not field.integer
    return [float(value) if fractions and value is not None else value for value in values]


def _positioned(index: int, item: Schema) -> Schema:
    """An array with such an item at a position."""
    return {"type": "array", "prefixItems": [*({} for _ in range(index)), item]}


def _with_value(item: ItemShape, value: Schema) -> Schema:
    """An item whose value is so."""
    return item.fold(constant=lambda _: {}, variable=lambda _: value, combine=_demanding)


def _all_of(*schemas: Schema) -> Schema:
    given_schemas = [schema for schema in schemas if schema]
    return given_schemas[0] if len(given_schemas) == 1 else {"allOf": given_schemas}


def at_target(target: Target, schema: Schema, *, required: bool) -> Schema:
    """A body with the schema at the end of a target's keys."""
    for key in reversed((*target.container, target.key)):
        # JSON Schema accepts any properties of a value that is not an object.
        schema = ({"type": "object", "required": [key]} if required else {}) | {"properties": {key: schema}}
    return schema


Places = FormPlaces | WirePlaces


def condition_schema(condition: Mapping[str, Any], places: Places) -> Schema:
    """What holds for an object that meets the whole condition."""
    tests = []
    for name, wanted in condition.items():
        if wanted == "present":
            tests.append(places.present(name))
        elif wanted == "absent":
            tests.append({"not": places.present(name)})
        else:
            tests.append(places.is_value(name, wanted if isinstance(wanted, list) else [wanted]))
    return tests[0] if len(tests) == 1 else {"allOf": tests}


def marks_of(field: Field, neighbours: Sequence[Field], attached: Iterable[str] = ()) -> Schema:
    """What distinguishes a field's items from those of its neighbours, whether or not they are right otherwise."""
    item = field.item
    if item is None:
        return {}
    if all(other.item is None or item.contradicts(other.item) for other in neighbours):
        return item.fold(constant=lambda value: {"const": value}, variable=lambda name: {}, combine=_demanding)
    # Their keys tell them apart.
    optional = {f.name for f in field.fields if not f.required} if isinstance(field, ObjectList) else set()
    marks, _ = item.fold(
        constant=lambda value: ({"const": value}, True),
        variable=lambda name: ({}, name not in optional),
        combine=inner_object,
    )
    marks["properties"] |= {key: {} for key in attached}
    return marks


def inner_object(parts: Mapping[str, tuple[Schema, bool]]) -> tuple[Schema, bool]:
    """The schema of an object in an item, and whether it must be there, because something in it must."""
    required = [key for key, (_, needed) in parts.items() if needed]
    return plain_object({key: schema for key, (schema, _) in parts.items()}, required), bool(required)


def _demanding(parts: Mapping[str, Schema]) -> Schema:
    """An object with these parts, of which the empty ones demand nothing."""
    properties = {key: schema for key, schema in parts.items() if schema}
    return {"type": "object", "required": list(properties), "properties": properties} if properties else {}
