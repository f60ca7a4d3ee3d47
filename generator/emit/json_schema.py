"""JSON Schemas of a model: of its form, with flat names, and of its wire, the nested body.

Two opinions beside the request classes: they say the same in a language that other programs read. What JSON Schema
cannot say is named under ``x-rules``, ``x-step`` and ``x-formats`` instead. ``multipleOf`` is never used for floats,
because to a validator 0.3 is no multiple of 0.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from generator.ir import (
    Choice,
    Field,
    ItemShape,
    Media,
    Model,
    Number,
    ObjectList,
    OpenObject,
    Rule,
    Switch,
    Text,
    Variable,
)

DRAFT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]

_MOST_POSITIONS = 50
"""Up to this many items of a list have a schema of their own, which knows their position."""
_END = r"$(?!\n)"
"""The end of a text; for some engines a bare ``$`` also matches before a line break there."""
_BLANKS = r"\x00-\x20\x7f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""Spaces and control characters, one by one: engines differ in what they take ``\\s`` for."""
_URL = rf"[hH][tT]{{2}}[pP][sS]?://[^{_BLANKS}/?#]+[^{_BLANKS}]*"
_BASE64 = "[A-Za-z0-9+/]+={0,2}"
_DATA_URI = rf"[dD][aA][tT][aA]:[A-Za-z]+/[A-Za-z0-9.+-]+(;[A-Za-z0-9=._-]+)*;base64,{_BASE64}"
_MOST_NUMERALS = 100
"""Up to this many integers that travel as texts are listed one by one."""


def form_schema(model: Model) -> Schema:
    """The schema of the form: field names as a caller writes them; ``null`` means left out."""
    properties = {field.name: _nullable(field, _described(field, _form_value(field))) for field in model.fields}
    said, unsaid = _rules(model, _FormPlaces(model))
    return {
        "$schema": DRAFT,
        "$id": f"urn:modelstream:form:{model.name}",
        "title": model.class_name,
        "description": model.summary,
        "type": "object",
        "additionalProperties": False,
        "required": [field.name for field in model.fields if field.required],
        "properties": properties,
        **_closing(said, unsaid, [example.values for example in model.examples]),
    }


def wire_schema(model: Model) -> Schema:
    """The schema of the JSON body."""
    body = _Object()
    if model.id:
        body.entries["model"] = {"const": model.id}
        body.required.add("model")
    for field in model.fields:
        _place(body, field, model)
    said, unsaid = _rules(model, _WirePlaces(model))
    schema = {
        "$schema": DRAFT,
        "$id": f"urn:modelstream:wire:{model.name}",
        "title": model.class_name,
        "description": model.summary,
        **body.schema(),
    }
    return schema | _closing(said, unsaid, [])


def _closing(said: list[Schema], unsaid: list[Schema], examples: list[Any]) -> Schema:
    parts = {"allOf": said, "x-rules": unsaid, "examples": examples}
    return {key: value for key, value in parts.items() if value}


# Values of single fields.


def _form_value(field: Field) -> Schema:
    match field:
        case Media(many=many) if many is not None:
            one = _form_media(field)
            return {"anyOf": [one, {"type": "array", "items": one, **_counts(field)}]}
        case ObjectList(fields=fields):
            properties = {f.name: _described(f, _form_value(f)) for f in fields}
            item = _plain_object(properties, [f.name for f in fields if f.required])
            return {"type": "array", "items": item, **_counts(field)}
        case Media():
            return _form_media(field)
        case _:
            return _wire_value(field)


def _wire_value(field: Field) -> Schema:
    """One value, as it travels if that is as JSON."""
    match field:
        case Text(min_length=least, max_length=most):
            return _given(type="string", minLength=least, maxLength=most)
        case Number(integer=integer, minimum=low, maximum=high, step=step):
            schema = _given(type="integer" if integer else "number", minimum=low, maximum=high)
            return schema | ({"x-step": step} if step and not (integer and step == 1) else {})
        case Switch():
            return {"type": "boolean"}
        case Choice(options=options):
            return {"enum": [option.value for option in options]}
        case Media():
            return _media(field)
        case OpenObject():
            return {"type": "object"}
        case _:
            raise TypeError(f"{type(field).__name__} is no single value")


def _media(field: Media) -> Schema:
    if field.encoding == "data_uri":
        return _encoded(field, _URL, _DATA_URI, accepts="an http or https URL, or a data URI in Base64")
    if field.encoding == "base64":
        return _encoded(field, _URL, _BASE64, accepts="an http or https URL, or Base64 without a data URI's head")
    return {"type": "string", "minLength": 1}


def _form_media(field: Media) -> Schema:
    """As on the wire; where bare Base64 travels, a form takes a data URI as well and loses its head."""
    if field.encoding == "base64":
        return _encoded(field, _URL, _DATA_URI, _BASE64, accepts="an http or https URL, a data URI or bare Base64")
    return _media(field)


def _encoded(field: Media, *forms: str, accepts: str) -> Schema:
    return _text_like(*forms, accepts=accepts) | ({"x-formats": list(field.formats)} if field.formats else {})


def _text_like(*forms: str, accepts: str) -> Schema:
    return {"type": "string", "pattern": f"^({'|'.join(forms)}){_END}", "x-accepts": accepts}


def _as_text(field: Number) -> Schema:
    """A number that travels as a JSON string."""
    low, high = field.minimum, field.maximum
    if field.integer and low is not None and high is not None and high - low < _MOST_NUMERALS:
        return {"enum": [str(number) for number in range(int(low), int(high) + 1, int(field.step or 1))]}
    if field.integer:
        return {"type": "string", "pattern": f"^-?(0|[1-9][0-9]*){_END}", "x-accepts": "an integer written as a text"}
    return {"type": "string", "pattern": f"^-?[0-9]+(\\.[0-9]+)?{_END}", "x-accepts": "a number written as a text"}


def _described(field: Field, schema: Schema) -> Schema:
    parts: Schema = {"description": field.doc} if field.doc else {}
    parts |= schema
    if field.default is not None:
        parts["default"] = field.default
    labels = {str(o.value): o.label for o in field.options if o.label} if isinstance(field, Choice) else {}
    if labels:
        parts["x-labels"] = labels
    if field.target is not None:
        parts["x-target"] = str(field.target)
    return parts


def _nullable(field: Field, schema: Schema) -> Schema:
    """The schema with ``null`` allowed, unless the field is required."""
    if field.required:
        return schema
    if "type" in schema:
        return schema | {"type": [schema["type"], "null"]}
    if "enum" in schema:
        return schema | {"enum": [*schema["enum"], None]}
    return schema | {"anyOf": [*schema["anyOf"], {"type": "null"}]}


def _counts(field: Media | ObjectList) -> Schema:
    if field.many:
        return _given(minItems=field.many.minimum, maxItems=field.many.maximum)
    return _given(minItems=1 if field.required else None, maxItems=1)


def _given(**keywords: Any) -> Schema:
    return {key: value for key, value in keywords.items() if value is not None}


def _plain_object(properties: Mapping[str, Schema], required: Iterable[str]) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": dict(properties),
    }


# The body: objects, and arrays that several fields may feed.


class _Object:
    """An object of the body while it is put together."""

    def __init__(self) -> None:
        self.entries: dict[str, _Object | _Array | Schema] = {}
        self.required: set[str] = set()

    def schema(self) -> Schema:
        properties = {k: v if isinstance(v, dict) else v.schema() for k, v in self.entries.items()}
        return _plain_object(properties, [key for key in self.entries if key in self.required])


class _Array:
    """An array of the body and the fields that feed it."""

    def __init__(self) -> None:
        self.feeders: list[tuple[Media | ObjectList, Schema]] = []

    def schema(self) -> Schema:
        [(first, shape), *others] = self.feeders
        if not others:
            if isinstance(first, ObjectList):
                return _positioned(first, shape)
            return {"type": "array", "items": shape, "minItems": 1, **_counts(first), "x-field": first.name}
        counted = [limit for field, shape in self.feeders if (limit := _contained(field, shape))]
        return {
            "type": "array",
            "minItems": 1,
            "items": {"anyOf": [shape for _, shape in self.feeders]},
            **({"allOf": counted} if counted else {}),  # JSON Schema takes no empty list there.
            "x-fields": [field.name for field, _ in self.feeders],
        }


def _place(body: _Object, field: Field, model: Model) -> None:
    target = field.target
    if target is None or target.item_property:
        return  # It rides on another field's item, whose shape has it.
    container = body
    for key in target.container:
        if field.required:
            container.required.add(key)
        inner = container.entries.setdefault(key, _Object())
        assert isinstance(inner, _Object)
        container = inner
    if field.required:
        container.required.add(target.key)
    if target.array:
        assert isinstance(field, (Media, ObjectList))
        array = container.entries.setdefault(target.key, _Array())
        assert isinstance(array, _Array)
        array.feeders.append((field, _item_schema(field, model)))
    else:
        value = _as_text(field) if isinstance(field, Number) and field.sent_as_text else _wire_value(field)
        container.entries[target.key] = _described(field, value) | {"x-field": field.name}


def _item_schema(field: Media | ObjectList, model: Model) -> Schema:
    """What one item of the field looks like in its array."""
    if field.item is None:
        return _wire_value(field) | {"x-field": field.name}
    values = _item_values(field)
    properties, required = {}, []
    for key, entry in field.item.entries:
        if isinstance(entry, Variable):
            properties[key] = values[entry.name][0]
            optional = not values[entry.name][1]
        else:
            properties[key], optional = {"const": entry}, False
        required += [] if optional else [key]
    for rider in model.fields:
        if isinstance(rider, Media) and rider.rides_on == field.name and rider.target and rider.target.item_property:
            properties[rider.target.item_property] = _wire_value(rider) | {"x-field": rider.name}
    return _plain_object(properties, required) | {"x-field": field.name}


def _item_values(field: Media | ObjectList) -> dict[str, tuple[Schema, bool]]:
    """Variable to the schema of what fills it, and whether it is always there."""
    if isinstance(field, Media):
        return {"value": (_wire_value(field) | {"x-field": field.name}, True)}
    values = {
        f.name: (
            (_as_text(f) if isinstance(f, Number) and f.sent_as_text else _wire_value(f))
            | {"x-field": f"{field.name}[].{f.name}"},
            f.required or f.default is not None,
        )
        for f in field.fields
    }
    return values | {"position": ({"type": "integer", "minimum": 1}, True)}


def _positioned(field: ObjectList, shape: Schema) -> Schema:
    """A list whose items may know their position."""
    schema = {"type": "array", "items": shape, "minItems": 1, **_counts(field), "x-field": field.name}
    key = next((k for k, v in field.item.entries if v == Variable(name="position")), None)
    most = field.many.maximum
    if key is None or most is None or most > _MOST_POSITIONS:
        return schema
    return schema | {"prefixItems": [_at_position(shape, key, index) for index in range(1, most + 1)]}


def _at_position(shape: Schema, key: str, index: int) -> Schema:
    return shape | {"properties": shape["properties"] | {key: {"type": "integer", "const": index}}}


def _contained(field: Media | ObjectList, shape: Schema) -> Schema:
    """How many of a shared array's items may be the field's."""
    counts = _counts(field)
    least, most = counts.get("minItems", 0), counts.get("maxItems")
    if not field.required and least == 1:
        least = 0
    if not least and most is None:
        return {}
    mark = _marks(field.item) or shape
    counted = _given(contains=mark, minContains=least, maxContains=most)
    if least and not field.required:
        counted = {"if": {"contains": mark}, "then": counted}  # None at all are as good.
    return counted | {"x-fields": [field.name]}


def _marks(item: ItemShape | None) -> Schema:
    """What tells a field's items from those of others, whether or not they are right otherwise."""
    entries = item.entries if item else ()
    constants = {key: {"const": value} for key, value in entries if not isinstance(value, Variable)}
    return {"type": "object", "required": list(constants), "properties": constants} if constants else {}


# Rules.


class _FormPlaces:
    """Conditions on the form's flat names."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def present(self, name: str) -> Schema:
        """The field is given; an empty list counts as not given."""
        return {"required": [name], "properties": {name: {"not": {"enum": [None, []]}}}}

    def is_value(self, name: str, values: list[Any]) -> Schema:
        """The field has one of the values, be it by default."""
        test = {"properties": {name: {"enum": values}}}
        default = self.model.field(name).default
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
        """Names are all there is."""
        return []


class _WirePlaces:
    """Conditions on places in the body."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def present(self, name: str) -> Schema:
        field = self.model.field(name)
        target = field.target
        assert target is not None
        if target.item_property:
            carrier = self.model.field(getattr(field, "rides_on", None) or "")
            assert isinstance(carrier, Media)
            marks = _marks(carrier.item) or {"type": "object"}
            marks = marks | {"required": [*marks.get("required", []), target.item_property]}
            return self._at(name, {"type": "array", "contains": marks})
        marks = _marks(field.item) if isinstance(field, (Media, ObjectList)) and target.array else {}
        return self._at(name, {"type": "array", "contains": marks} if marks else {})

    def is_value(self, name: str, values: list[Any]) -> Schema:
        return self._at(name, {"enum": [str(value) for value in values] if self._is_text(name) else values})

    def bounded(self, name: str, bounds: Schema) -> Schema | None:
        """A bound on a number; one that travels as a text has no size to JSON Schema."""
        return None if self._is_text(name) else self._at(name, bounds, required=False)

    def counted(self, names: tuple[str, ...], least: Any, most: Any) -> Schema | None:
        fields = [self.model.field(name) for name in names]
        if len({str(field.target) for field in fields}) != 1:
            return None
        marks = [_marks(field.item) for field in fields if isinstance(field, (Media, ObjectList))]
        if len(marks) != len(fields) or not all(marks):
            return None
        count = _given(contains={"anyOf": marks}, minContains=least if least is not None else 0, maxContains=most)
        return self._at(names[0], count, required=bool(least))

    def paths(self, rule: Rule) -> list[str]:
        """Where the fields travel; the number of each item of a list under ``[]``."""
        found = []
        for name in rule.fields:
            field, part = self.model.field(name.partition(".")[0]), name.partition(".")[2]
            entries = field.item.entries if part and isinstance(field, ObjectList) else ()
            found.append(".".join([str(field.target), *(key for key, v in entries if v == Variable(name=part))]))
        return found

    def _is_text(self, name: str) -> bool:
        field = self.model.field(name)
        return isinstance(field, Number) and field.sent_as_text

    def _at(self, name: str, schema: Schema, *, required: bool = True) -> Schema:
        """The schema at the field's place in the body."""
        target = self.model.field(name).target
        assert target is not None
        for key in reversed((*target.container, target.key)):
            # To JSON Schema the properties of what is no object are all there and right.
            schema = ({"type": "object", "required": [key]} if required else {}) | {"properties": {key: schema}}
        return schema


Places = _FormPlaces | _WirePlaces


def _rules(model: Model, places: Places) -> tuple[list[Schema], list[Schema]]:
    """The rules that JSON Schema can say, and names and reasons of those it cannot."""
    said, unsaid = [], []
    for rule in model.rules:
        if rule.warns:
            continue
        demand = _demand(rule, places)
        if demand is None:
            unsaid.append(_named(rule, places))
        else:
            said.append(_conditional(rule, demand, places))
    return said, unsaid


def _named(rule: Rule, places: Places) -> Schema:
    """A rule that JSON Schema cannot say; ``if`` is when it holds, and ``paths`` where its fields travel."""
    test, paths = _test(rule, places), places.paths(rule)
    named = {"if": test, "rule": rule.action, "fields": list(rule.fields), "paths": paths, "because": rule.because}
    return {key: value for key, value in named.items() if value}


def _conditional(rule: Rule, demand: Schema, places: Places) -> Schema:
    """The demand under its conditions; ``x-fields`` are the form fields it makes a demand on."""
    bounded = [name for bounds in (rule.minimum, rule.maximum) if isinstance(bounds, Mapping) for name in bounds]
    reason: Schema = {"x-fields": list(dict.fromkeys([*rule.fields, *bounded]))}
    reason |= {"$comment": rule.because} if rule.because else {}
    test = _test(rule, places)
    return {"if": test, "then": demand} | reason if test else reason | demand


def _test(rule: Rule, places: Places) -> Schema | None:
    """What has to be so for the rule to hold."""
    tests = [_condition(rule.when, places)] if rule.when else []
    if rule.unless:
        tests.append({"not": _condition(rule.unless, places)})
    return _all(tests) if tests else None


def _condition(condition: Mapping[str, Any], places: Places) -> Schema:
    tests = []
    for name, wanted in condition.items():
        if wanted == "present":
            tests.append(places.present(name))
        elif wanted == "absent":
            tests.append({"not": places.present(name)})
        else:
            tests.append(places.is_value(name, wanted if isinstance(wanted, list) else [wanted]))
    return tests[0] if len(tests) == 1 else {"allOf": tests}


def _demand(rule: Rule, places: Places) -> Schema | None:
    match rule.action:
        case "requires" if rule.values:
            return _all([places.is_value(name, [value]) for name, value in rule.values.items()])
        case "requires":
            return _all([places.present(name) for name in rule.fields])
        case "forbids":
            return _all([{"not": places.present(name), "x-fields": [name]} for name in rule.fields])
        case "exclusive":
            return _all(_pairwise(rule.fields, places))
        case "one_of":
            return {"oneOf": [places.present(name) for name in rule.fields]}
        case "any_of":
            return {"anyOf": [places.present(name) for name in rule.fields]}
        case "count":
            return places.counted(rule.fields, rule.minimum, rule.maximum)
        case "within":
            least = rule.minimum if isinstance(rule.minimum, Mapping) else {}
            most = rule.maximum if isinstance(rule.maximum, Mapping) else {}
            names = dict.fromkeys([*least, *most])
            bounds = {n: _given(minimum=least.get(n), maximum=most.get(n)) for n in names}
            limits = [places.bounded(name, limit) for name, limit in bounds.items()]
            return None if None in limits else _all([limit for limit in limits if limit is not None])
        case _:
            return None


def _pairwise(names: tuple[str, ...], places: Places) -> list[Schema]:
    return [
        {"not": {"allOf": [places.present(first), places.present(second)]}, "x-fields": [second]}
        for index, first in enumerate(names)
        for second in names[index + 1 :]
    ]


def _all(schemas: list[Schema]) -> Schema:
    return schemas[0] if len(schemas) == 1 else {"allOf": schemas}
