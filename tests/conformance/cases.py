"""Every single way to break a constraint or a rule of a model, and to just keep it; the verdict is known beforehand."""

from __future__ import annotations

import copy
import dataclasses
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.ir import Choice, Constant, Field, ItemShape, Media, Model, Number, ObjectList, OpenObject, Switch, Text
from modelstream.catalog import CATALOG
from modelstream_runtime.catalog import Catalog
from tests.conformance.lowering import Body, has_place, lower, path_of
from tests.conformance.rules import Values, at_fault, breaking, broken, complete, holds, keeping, ruled, settled
from tests.conformance.samples import (
    KINDS,
    UNKNOWN_MODEL,
    URL,
    data_uri,
    item,
    json_of,
    medium,
    models,
    options_of,
    sample,
)

ASTRAL = "\N{CLAPPER BOARD}"
"""One character to people and to the schemas; two to JavaScript, four bytes to UTF-8."""

LAST_INDEX = re.compile(r"\[\d+\]$")

_STRANGER = "brand_new"


@dataclass(frozen=True, kw_only=True)
class Case:
    """A request, and what every surface is expected to say of it.

    Attributes:
        model: its name.
        constraint: what is broken, or just kept.
        name: tells the case from others of the model.
        values: the form; ``None`` if no form gives this body.
        body: the body; ``None`` if the form is wrong in a way that no body can be.
        accepted: the verdict.
        field: the form field to be named, an item of a list as ``multi_prompt[0].duration``; ``None`` if there is none.
        path: where on the wire.
        catalog: has the model.
    """

    model: str
    constraint: str
    name: str
    values: Values | None
    body: Body | None
    accepted: bool
    field: str | None = None
    path: str | None = None
    catalog: Catalog = CATALOG

    def __str__(self) -> str:
        return f"{self.model}-{self.name}"


def cases() -> list[Case]:
    """All cases of all models."""
    return [case for model in models() for case in cases_of(model)]


def cases_of(model: Model, catalog: Catalog = CATALOG) -> Iterator[Case]:
    """All cases of one model."""
    yield from (
        dataclasses.replace(case, catalog=catalog) for case in all_cases_of(model) if not is_forbidden(model, case)
    )


def is_forbidden(model: Model, case: Case) -> bool:
    """Whether every form with these values breaks a rule about other fields, so that nobody can be blamed alone."""
    if case.values is None or case.constraint.startswith("by hand: "):
        return False
    return not at_fault(model, case.values) <= {case.field, LAST_INDEX.sub("", case.field or "")}


def all_cases_of(model: Model) -> Iterator[Case]:
    """All cases of one model, also those that its rules forbid."""
    make = _Maker(model)
    yield make.good("nothing but what is required", "minimal", {})
    for field in model.fields:
        yield from make.of_field(field)
    yield from make.unknown()
    for number, rule in enumerate((rule for rule in model.rules if not rule.warns), start=1):
        for values, name in breaking(model, rule):
            blamed = model.field(name)
            # A bound is broken by the number itself, which may be in an item.
            path = path_of(model, blamed, values, 0 if isinstance(blamed, Number) else None)
            title, constraint = f"rule-{number}-{rule.action}-{name}", f"rule: {rule.action}"
            if rule.action == "within" and isinstance(blamed, Number) and blamed.sent_as_text:
                constraint += ", as a text"
            if rule.action == "count" and _are_apart(model, rule.fields):
                constraint += " over several places"
            yield make.bad(constraint, title, values, name, path)
    yield from make.on_the_wire()
    yield from make.by_hand()


def _are_apart(model: Model, counted: Sequence[str]) -> bool:
    """Whether what a rule counts is not in one array: but in several, of the body or of the items of a list."""
    if any("." in name for name in counted):
        return True
    places = {str(model.field(name).target) for name in counted}
    return len(places) > 1 or not min(places).endswith("[]")


@dataclass(frozen=True)
class _Maker:
    model: Model

    def good(self, constraint: str, name: str, changes: Mapping[str, Any]) -> Case:
        values = settled(self.model, changes)
        body = lower(self.model, values)
        return Case(model=self.model.name, constraint=constraint, name=name, values=values, body=body, accepted=True)

    def bad(self, constraint: str, name: str, values: Values, field: str, path: str, *, sayable: bool = True) -> Case:
        return Case(
            model=self.model.name,
            constraint=constraint,
            name=name,
            values=values,
            body=lower(self.model, values) if sayable and has_place(self.model, values) else None,
            accepted=False,
            field=field,
            path=path,
        )

    def of_field(self, field: Field) -> Iterator[Case]:
        """What is wrong with, or just right for, one field."""
        yield from self._presence(field)
        if isinstance(field, Media) and field.many:
            yield from self._of_items(field)
        else:
            for constraint, value, good in single(field, options_of(self.model)):
                yield self._of_value(field, constraint, value, good=good)
        if isinstance(field, ObjectList):
            yield from self._of_items(field)
            yield from self._nested(field)
        if isinstance(field, OpenObject):
            values = settled(self.model, {field.name: {"a": [math.nan]}})
            path = path_of(self.model, field, values)
            yield self.bad("NaN within", f"{field.name}-NaN-within", values, f"{field.name}.a[0]", path)

    def _of_value(self, field: Field, constraint: str, value: Any, *, good: bool) -> Case:
        name = f"{field.name}-{constraint}".replace(" ", "-")
        if good:
            return self.good(constraint, name, {field.name: value})
        if value == []:
            return self._empty(field, constraint, name)
        # To JSON Schema 5.0 is 5, so the rules have to be kept as if it were.
        meant = int(value) if constraint == "type: whole fraction" else value
        values = settled(self.model, {field.name: meant}) | {field.name: value}
        index = 0 if field.target and field.target.array and not isinstance(field, ObjectList) else None
        # No body says that a switch has a strange value, if its item is there or not.
        sayable = not (isinstance(field, Switch) and field.item)
        path = path_of(self.model, field, values, index)
        # In place of an array that several fields feed, a value could be any of theirs.
        feeders = [other for other in self.model.fields if path_of(self.model, other, {}) == path]
        sayable = sayable and feeders in ([], [field]) and not self._decides(field, values)
        return self.bad(constraint, name, values, field.name, path, sayable=sayable)

    def _decides(self, field: Field, values: Values) -> bool:
        """Whether it matters to a constant or a rule if a wrong value counts as given or as none."""
        readings = [values | {field.name: each} for each in (None, sample(field))]
        faults = frozenset().union(*(at_fault(self.model, each) for each in readings))
        return not faults <= {field.name} or any(self._sent(each) != self._sent(values) for each in readings)

    def _empty(self, field: Field, constraint: str, name: str) -> Case:
        """An empty list for a single value: to a rule about a form nothing is given, to one about a body something."""
        values = settled(self.model, {field.name: None}) | {field.name: []}
        body = lower(self.model, settled(self.model, {field.name: sample(field)}) | {field.name: []})
        sayable = not self._decides(field, values)
        index = 0 if isinstance(field, Media) and field.target and field.target.array else None
        path = path_of(self.model, field, values, index)
        case = self.bad(constraint, name, values, field.name, path)
        return dataclasses.replace(case, body=body if sayable else None)

    def _presence(self, field: Field) -> Iterator[Case]:
        for constraint in ("missing", "null"):
            values = settled(self.model, {field.name: None})
            if constraint == "missing":
                del values[field.name]
            name = f"{field.name}-{constraint}"
            if field.required:
                yield self.bad(constraint, name, values, field.name, path_of(self.model, field, values))
            elif constraint == "null" and not broken(self.model, values):  # A mode may need it.
                yield self.good("null is left out", name, {field.name: None})

    def _of_items(self, field: Media | ObjectList) -> Iterator[Case]:
        """Too few and too many, and wrong items behind a good one."""
        one: Any = item(field) if isinstance(field, ObjectList) else medium(field)
        many = field.many
        assert many
        least, most = many.minimum or int(field.required), many.maximum
        place = path_of(self.model, field, {})
        if most is not None:
            # A rule may allow fewer.
            full = ({field.name: [one] * number} for number in range(most, 0, -1))
            kept = next((values for values in full if not broken(self.model, settled(self.model, values))), None)
            if kept:
                yield self.good("at most so many items", f"{field.name}-items-most", kept)
            values = settled(self.model, {field.name: [one] * (most + 1)})
            yield self.bad("too many items", f"{field.name}-items-too-many", values, field.name, place)
        if least > 1 and isinstance(field, Media):
            values = settled(self.model, {field.name: one})
            yield self.bad("one instead of several", f"{field.name}-items-one", values, field.name, place)
        if least:
            values = settled(self.model, {field.name: []})
            # No body has an empty list.
            name = f"{field.name}-items-none"
            yield self.bad("too few items", name, values, field.name, place, sayable=field.required)
        else:
            yield self.good("an empty list is left out", f"{field.name}-items-none", {field.name: []})
        if most is None or most > 1:
            yield from self._second_item(field, one)
        for constraint, value, good in single(field, options_of(self.model)) if isinstance(field, Media) else ():
            if good:
                yield self._of_value(field, constraint, value if least < 2 else [value] * least, good=True)

    def _second_item(self, field: Media | ObjectList, one: Any) -> Iterator[Case]:
        """What is wrong with an item as a whole."""
        wrong = {"type: integer": 7, "type: array": [one]}
        if isinstance(field, Media):
            wrong |= {
                constraint: value for constraint, value, good in single(field, options_of(self.model)) if not good
            }
        else:
            wrong |= {"type: string": "a"}
        for constraint, value in wrong.items():
            values = settled(self.model, {field.name: [one, value]})
            name = f"{field.name}[1]-{constraint}".replace(" ", "-")
            path = path_of(self.model, field, values, 1)
            # In a shared array nobody knows whose item is no object.
            others = (other for other in self.model.fields if other is not field)
            shared = isinstance(field, ObjectList) and field.target in [other.target for other in others]
            yield self.bad(f"item: {constraint}", name, values, f"{field.name}[1]", path, sayable=not shared)

    def _nested(self, field: ObjectList) -> Iterator[Case]:
        """What is wrong with the fields of an item."""
        first = item(field)
        for inner in field.fields:
            if isinstance(inner, Media) and inner.many:
                yield from self._lists_within(field, inner, first)
                continue
            found: list[tuple[str, Any, bool]] = [
                ("null", None, not inner.required),
                *single(inner, options_of(self.model)),
            ]
            for constraint, value, good in found:
                items = [first, first | {inner.name: value}]
                name = f"{field.name}[1].{inner.name}-{constraint}".replace(" ", "-")
                if good:
                    yield self.good(f"item: {constraint}", name, {field.name: items})
                    continue
                values = settled(self.model, {field.name: items})
                path = path_of(self.model, field, values, 1, inner.name)
                yield self.bad(f"item: {constraint}", name, values, f"{field.name}[1].{inner.name}", path)
            if inner.required:
                items = [first, {name: value for name, value in first.items() if name != inner.name}]
                values = settled(self.model, {field.name: items})
                path = path_of(self.model, field, values, 1, inner.name)
                name = f"{field.name}[1].{inner.name}-missing"
                yield self.bad("item: missing", name, values, f"{field.name}[1].{inner.name}", path)
        values = settled(self.model, {field.name: [first, first | {_STRANGER: 1}]})
        path = path_of(self.model, field, values, 1, _STRANGER)
        name = f"{field.name}[1].{_STRANGER}"
        yield self.bad("item: unknown field", name, values, f"{field.name}[1].{_STRANGER}", path)

    def _lists_within(self, field: ObjectList, inner: Media, first: dict[str, Any]) -> Iterator[Case]:
        """Too many pictures in an item, and wrong ones behind a good one."""
        name = f"{field.name}[1].{inner.name}"
        most = inner.many.maximum if inner.many else None
        if most is not None:
            values = settled(self.model, {field.name: [first, first | {inner.name: [URL] * (most + 1)}]})
            path = path_of(self.model, field, values, 1, inner.name)
            yield self.bad("item: too many items", f"{name}-too-many", values, name, path)
        yield self.good("item: one or many", f"{name}-one", {field.name: [first, first | {inner.name: URL}]})
        if most == 1:
            return
        for constraint, value, good in single(inner):
            items = [first, first | {inner.name: [URL, value]}]
            title = f"{name}[1]-{constraint}".replace(" ", "-")
            if good:
                yield self.good(f"item: {constraint}", title, {field.name: items})
            elif value not in ([], [URL]):
                values = settled(self.model, {field.name: items})
                path = path_of(self.model, field, values, 1, inner.name)
                yield self.bad(f"item: {constraint}", title, values, f"{name}[1]", f"{path}[1]")

    def unknown(self) -> Iterator[Case]:
        """A field that is none, and a field called by another case."""
        known = {field.name for field in self.model.fields}
        for stranger in dict.fromkeys((_STRANGER, self.model.fields[-1].name.upper())):
            values = settled(self.model, {stranger: 1})
            if stranger not in known:
                # On the wire the name may be another field's.
                keys = {str(field.target).partition(".")[0].partition("[")[0] for field in self.model.fields}
                sayable = stranger not in keys
                yield self.bad("unknown field", f"unknown-{stranger}", values, stranger, stranger, sayable=sayable)

    def on_the_wire(self) -> Iterator[Case]:
        """Bodies that no form gives."""
        full = self._right({f.name: sample(f) for f in self.model.fields if _harmless(self.model, f)}, {})
        if full is None:
            return
        body = lower(self.model, full)
        if self.model.id:
            yield self._body("another model", "wire-model", body | {"model": UNKNOWN_MODEL}, None, "model")
            yield self._body("no model", "wire-no-model", _without(body, "model"), None, "model")
        for path in _containers(self.model):
            changed = _with(body, f"{path}.{_STRANGER}", 1)
            yield self._body("unknown key", f"wire-{path}-unknown", changed, None, f"{path}.{_STRANGER}")
            inside = {f.name: None for f in self.model.fields if _is_below(f, path) and not f.required}
            # Without what is in it: a rule that asks for that would be broken, too.
            least = self._right(inside, {})
            below = [f for f in self.model.fields if _is_below(f, path)]
            if least is None or not self._is_alone(least, below, {f.name for f in below}):
                continue
            empty = lower(self.model, least)
            if any(f.also and _is_in(empty, f) for f in below):
                continue  # It would be missing at one of its places only, which is wrong at the others, too.
            for wrong in ("a", 7, [1], True, None):
                name = f"wire-{path}-{type(wrong).__name__}"
                yield self._body("no object", name, _with(empty, path, wrong), None, path)
        for field in self.model.fields:
            yield from self._places(field)
        for constant in self.model.constants:
            yield from self._constant(constant)

    def _right(self, *wanted: Values) -> Values | None:
        """The first of these forms that can be completed so that it keeps all rules."""
        forms = (settled(self.model, values) for values in wanted)
        return next((values for values in forms if not broken(self.model, values)), None)

    def _is_alone(self, values: Values, fields: Sequence[Field], blamed: set[str]) -> bool:
        """Whether nobody else is to blame, and nothing else becomes wrong, if these fields are taken out of a body."""
        bare = values | {field.name: None for field in fields}
        return at_fault(self.model, bare) <= blamed and self._sent(bare) == self._sent(values)

    def _sent(self, values: Values) -> list[bool]:
        """Which constants a body has."""
        whole = complete(self.model, values)
        return [holds(constant.when, whole) for constant in self.model.constants]

    def _constant(self, constant: Constant) -> Iterator[Case]:
        """A constant that is not there, or another, or there although its condition does not hold."""
        path = str(constant.target)
        for values in keeping(self.model):
            body = lower(self.model, values)
            if holds(constant.when, complete(self.model, values)):
                yield self._body("no constant", f"wire-{path}-missing", _without(body, path), None, path)
                other = _with(body, path, [constant.value])
                yield self._body("another constant", f"wire-{path}-other", other, None, path)
                break
        for values in keeping(self.model) if constant.when else ():
            if not holds(constant.when, complete(self.model, values)):
                strange = _with(lower(self.model, values), path, constant.value)
                yield self._body("a constant too many", f"wire-{path}-strange", strange, None, path)
                break

    def _places(self, field: Field) -> Iterator[Case]:
        """What no request puts at the place of a field."""
        target, path = field.target, path_of(self.model, field, {})
        assert target
        full = self._right({field.name: sample(field)})
        first, *others = (f for f in self.model.fields if path_of(self.model, f, {}) == path)
        absent = {f.name: None for f in (first, *others) if not f.required}
        least = self._right(absent, {})
        if full is None or least is None:
            return
        body, without = lower(self.model, full), lower(self.model, least)
        missed = [f for f in self.model.fields if f.required and f.target and f.target.path == target.path]
        is_first = field is first and not target.item_property
        is_alone = is_first and self._is_alone(least, [field, *others], {[*missed, field][0].name})
        if is_alone and not missed and not _is_copied(without, field):
            null = _with(without, path, None)
            yield self._body("null on the wire", f"wire-{field.name}-null", null, field.name, path)
        if target.index is not None:
            yield from self._behind_the_last(field, body, path)
        elif target.array and not target.item_property and not isinstance(field, ObjectList):
            yield from self._second_items(field, body, path)
        if isinstance(field, Switch) and field.item and not target.array:
            yield from self._strange_items(field, field.item, body, path)
        if is_alone and target.array and len(missed) < 2:
            constraint = "too few items" if missed else "empty list on the wire"
            none = _with(without, path, [])
            yield self._body(constraint, f"wire-{field.name}-none", none, [*missed, field][0].name, path)
        if isinstance(field, ObjectList):
            yield from self._item_places(field)
        if isinstance(field, Media) and field.encoding == "split":
            yield from self._strange_types(field, body, settled(self.model, {field.name: sample(field)}))
        for place in map(str, field.also):
            yield self._body("only one place", f"wire-{place}-missing", _without(body, place), field.name, place)
            other = _with(body, place, [_STRANGER])
            yield self._body("another value at a place", f"wire-{place}-other", other, field.name, place)
            if not _is_in(without, field):
                alone = _with(without, place, sample(field))
                yield self._body("only one place", f"wire-{place}-alone", alone, field.name, place)

    def _behind_the_last(self, field: Field, body: Body, path: str) -> Iterator[Case]:
        """One more item than an array has positions."""
        items: Any = body
        for key in path.split("."):
            items = items[key]
        last = max(f.target.index or 0 for f in self.model.fields if f.target and f.target.path == path)
        if field.target and field.target.index == last == len(items) - 1:
            more, name = _with(body, path, [*items, items[-1]]), f"wire-{field.name}-one-more"
            yield self._body("too many items", name, more, None, f"{path}[{len(items)}]")

    def _second_items(self, field: Field, body: Body, path: str) -> Iterator[Case]:
        """One more than a field takes, and some that no field makes."""
        items: Any = body
        for key in path.split("."):
            items = items[key]
        # The field's own item; those of others may stand around it.
        place = path_of(self.model, field, settled(self.model, {field.name: sample(field)}), 0)
        own = items[int(place.partition("[")[2].partition("]")[0])]
        if riders := [f.target.item_property for f in self.model.fields if f.target and f.target.item_property]:
            own = {key: value for key, value in own.items() if key not in riders}  # Only the first item has them.
        two = _with(body, path, [*items, copy.deepcopy(own)])
        if not isinstance(field, Media) or field.many is None:
            yield self._body("too many items", f"wire-{field.name}-two", two, field.name, path)
        if field.item:
            yield from self._strange_items(field, field.item, two, f"{path}[{len(items)}]")

    def _strange_items(self, field: Field, item: ItemShape, body: Body, path: str) -> Iterator[Case]:
        """Another constant, and a key that is none of the item's."""
        for keys, entry in item.constants.items():
            if isinstance(entry, str):
                key = ".".join(keys)
                strange = _with(body, f"{path}.{key}", _STRANGER)
                yield self._body("an item of no field", f"wire-{field.name}-{key}", strange, None, f"{path}.{key}")
        strange = _with(body, f"{path}.{_STRANGER}", 1)
        name = f"wire-{field.name}-{_STRANGER}"
        yield self._body("an unknown key in an item", name, strange, None, f"{path}.{_STRANGER}")

    def _strange_types(self, field: Field, body: Body, values: Values) -> Iterator[Case]:
        """What is no type of a file, beside one."""
        place = path_of(self.model, field, values, 0, "mime")
        for wrong in ("png", 7):
            strange = _with(body, place, wrong)
            yield self._body("no type of a file", f"wire-{field.name}-mime-{wrong}", strange, None, place)

    def _item_places(self, field: ObjectList) -> Iterator[Case]:
        values = settled(self.model, {field.name: sample(field)})
        if broken(self.model, values):
            return
        good = lower(self.model, values)
        for keys, variable in field.item.variables.items():
            key, place = ".".join(keys), path_of(self.model, field, values, 0, variable)
            if variable == "position":
                body = _with(good, place, 2)
                feeders = [other for other in self.model.fields if other.target == field.target]
                counted = len(feeders) == 1 and field.many.maximum is not None and field.many.maximum <= 50
                constraint = "position" if counted else "position among any number of items"
                yield self._body(constraint, f"wire-{field.name}-{key}", body, None, place)
            if variable == "mime":
                yield from self._strange_types(field, good, values)
            inner = next((f for f in field.fields if f.name == variable), None)
            if isinstance(inner, Number) and inner.sent_as_text:
                body, name = _with(good, place, sample(inner)), f"wire-{field.name}-{key}-number"
                yield self._body("a number sent as text", name, body, f"{field.name}[0].{inner.name}", place)

    def _body(self, constraint: str, name: str, body: Body, field: str | None, path: str) -> Case:
        return Case(
            model=self.model.name,
            constraint=constraint,
            name=name,
            values=None,
            body=body,
            accepted=False,
            field=field,
            path=path,
        )

    def by_hand(self) -> Iterator[Case]:
        """The examples of the schema: written by people, not derived from the constraints."""
        for example in self.model.examples:
            values = dict(example.values)
            yield Case(
                model=self.model.name,
                constraint="by hand: example",
                name=f"example-{example.name}",
                values=values,
                body=lower(self.model, values),
                accepted=True,
            )
        for refused in self.model.refused:
            name, index, inner = _parts(refused.field)
            field = next((field for field in self.model.fields if field.name == name), None)
            path = path_of(self.model, field, refused.values, index, inner) if field else name
            constraint = f"by hand: {refused.name}" if field else f"by hand: {refused.name}, unknown field"
            # On the wire the name may be another field's.
            sayable = bool(field) or name not in lower(self.model, {f.name: sample(f) for f in self.model.fields})
            values = dict(refused.values)
            yield self.bad(constraint, f"refused-{refused.name}", values, refused.field, path, sayable=sayable)


def single(field: Field, others: Sequence[Any] = ()) -> Iterator[tuple[str, Any, bool]]:
    """Constraint, value, and whether the field takes it; a value of each JSON type and one on each side of a limit.

    ``others`` are options that other fields of the model have.
    """
    yield from ((f"type: {name}", value, False) for name, value in _other_types(field).items())
    match field:
        case Text(name="model"):
            yield "too short", "", False
        case Text(min_length=least, max_length=most, is_json=is_json):
            if is_json:
                yield "not JSON", json_of(max(least or 3, 3))[:-1] + "}", False
            if least:
                yield "at least so long", _text_of(field, least), True
                yield "too short", _text_of(field, least - 1), False
            if most is not None:
                yield "at most so long", _text_of(field, most), True
                yield "too long", _text_of(field, most + 1), False
        case Number():
            yield from _around(field)
        case Switch():
            yield from ((str(value).lower(), value, True) for value in (True, False))
        case Choice(options=options):
            for option in options:
                yield f"option {option.value}", option.value, True
            yield "not an option", "brand-new" if isinstance(options[0].value, str) else 10**6, False
            own = {option.value for option in options}
            own |= {str(value) for value in own} if field.sent_as_text else set()
            foreign = (value for value in others if value not in own)
            yield from ((f"option {value} of another field", value, False) for value in foreign)
            for option in options:
                if isinstance(option.value, str) and option.value.swapcase() not in (*own, *others):
                    yield f"wrong case of {option.value}", option.value.swapcase(), False
        case Media(encoding="any"):
            yield "any text", "brand-new", True
            yield "empty text", "", False
        case Media(kind=kind, formats=formats, only=only):
            form = formats[0] if formats else KINDS[kind]
            yield "data URI", data_uri(kind, form), only != "url"
            yield "URL", URL, only != "inline"
            yield "no URL", "not base64!", False
            yield "URL of another scheme", "ftp://example.com/a", False
            if formats and "gif" not in formats and only != "url":
                yield "wrong format", data_uri("image", "gif"), False


def _text_of(field: Text, length: int) -> str:
    return json_of(length, ASTRAL) if field.is_json else ASTRAL * length


def _around(field: Number) -> Iterator[tuple[str, Any, bool]]:
    low, high = field.minimum, field.maximum
    as_text = ", as a text" if field.sent_as_text else ""
    step = field.step or (1 if field.integer else 0.5)
    special = [option.value for option in field.special]
    yield from ((f"special {value}", value, True) for value in special)
    if low is not None:
        yield "least", low, True
        yield f"below min{as_text}", _outside(field, low, -step), False
    if high is not None:
        if field.step is None or _on_step(field, high):
            yield "greatest", high, True
        yield f"above max{as_text}", _outside(field, high, step), False
    if not field.integer:
        whole = math.ceil(low) if low is not None else min(math.floor(high), 1) if high is not None else 1
        if (high is None or whole <= high) and (not field.step or _on_step(field, whole)):
            yield "type: integer", whole, True
    if field.step and not (field.integer and field.step == 1):
        yield f"off step{as_text}", _as(field, (low or 0) + field.step / 2), False
    if not field.sent_as_text:
        yield "NaN", math.nan, False
        yield "infinity", math.inf, False


def _on_step(field: Number, value: float) -> bool:
    steps = (value - (field.minimum or 0)) / (field.step or 1)
    return abs(steps - round(steps)) < 1e-6


def _outside(field: Number, bound: float, step: float) -> float:
    """The first value beyond a bound that is not special."""
    special = [option.value for option in field.special]
    step = math.copysign(max(abs(step), math.ulp(bound)), step)
    return next(v for n in range(1, len(special) + 2) if (v := _as(field, bound + n * step)) not in special)


def _as(field: Number, value: float) -> float:
    return int(value) if field.integer else round(value, 9)


def _other_types(field: Field) -> dict[str, Any]:
    """A value of each JSON type that is not the field's."""
    good = sample(field)
    values: dict[str, Any] = {
        "string": "a",
        "integer": 7,
        "fraction": 1.5,
        "boolean": True,
        "array": [good],
        "object": {"a": good},
    }
    match field:
        case Text():
            del values["string"]
        case Media():
            del values["string"]
            values["empty array"] = []
            if field.many:
                values = {name: value for name, value in values.items() if "array" not in name}
        case Number(integer=integer, sent_as_text=as_text):
            values |= {} if as_text else {"string": str(good)}
            values |= {"whole fraction": float(good)}
            del values["integer"]
            if not integer:
                del values["fraction"], values["whole fraction"]
        case Switch():
            del values["boolean"]
            values |= {"string": "yes" if field.sent_as_text else "true", "integer": 1}
        case Choice():
            del values["string"]
            if isinstance(good, int):
                values |= {"whole fraction": float(good)} | ({} if field.sent_as_text else {"string": str(good)})
                del values["integer"]
        case ObjectList():
            del values["array"]
        case _:
            del values["object"]
    return values


def _harmless(model: Model, field: Field) -> bool:
    """Whether a value of the field breaks no rule by itself."""
    return field not in ruled(model)


def _containers(model: Model) -> list[str]:
    """The objects of the body, from the outside in; what is in one that is a field itself is the caller's own."""
    found: dict[str, None] = {}
    for field in model.fields:
        assert field.target
        for target in field.targets:
            for depth in range(1, len(target.container) + 1):
                found[".".join(target.container[:depth])] = None
    return list(found)


def _is_copied(body: Body, field: Field) -> bool:
    return any(_found(body, str(place)) for place in field.also)


def _is_in(body: Body, field: Field) -> bool:
    """Whether a body has something at one of a field's places."""
    return any(_found(body, str(target)) for target in field.targets)


def _found(body: Any, path: str) -> bool:
    for key in path.split("."):
        if not isinstance(body, dict) or key not in body:
            return False
        body = body[key]
    return True


def _is_below(field: Field, path: str) -> bool:
    return any(str(target).startswith(f"{path}.") for target in field.targets)


def _parts(field: str) -> tuple[str, int | None, str]:
    """``shots[1].text`` taken apart."""
    name, _, rest = field.partition("[")
    index, _, inner = rest.partition("]")
    return name, int(index) if index else None, inner.removeprefix(".")


def _with(body: Body, path: str, value: Any) -> Body:
    """The body with another value at a path such as ``metadata.input.media[0].url``."""
    result = copy.deepcopy(body)
    place: Any = result
    *outer, last = re.findall(r"[^.\[\]]+", path)
    for key in outer:
        place = place[int(key)] if isinstance(place, list) else place.setdefault(key, {})
    place[last] = value
    return result


def _without(body: Body, path: str) -> Body:
    """The body without the value at a path of keys."""
    key, _, rest = path.partition(".")
    if rest:
        return body | {key: _without(body[key], rest)}
    return {name: value for name, value in body.items() if name != key}
