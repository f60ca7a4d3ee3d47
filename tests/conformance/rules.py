"""The rules between fields as the conformance tests understand them, and the smallest forms that keep or break them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from generator.ir import Choice, Field, Media, Model, Number, ObjectList, OpenObject, Rule, Switch, Text
from tests.conformance.samples import Same, item, media, medium, sample

Values = dict[str, Any]


def blamed(rule: Rule, values: Mapping[str, Any]) -> frozenset[str]:
    """The fields that are to be named because the values break the rule; none if they keep it."""
    if rule.when and not holds(rule.when, values):
        return frozenset()
    if rule.unless and holds(rule.unless, values):
        return frozenset()
    return frozenset(_blamed(rule, values))


def complete(model: Model, values: Mapping[str, Any]) -> Values:
    """The values with the defaults of the fields that are not among them; what adds nothing is not given."""
    whole = {field.name: values.get(field.name, field.default) for field in model.fields} | dict(values)
    switches = (field.name for field in model.fields if isinstance(field, Switch) and field.item)
    whole |= {name: None for name in switches if whole[name] is False}
    for field in model.fields:
        if field.name not in values:
            cases = [value for value, when in field.default_when if holds(when, whole)]
            whole[field.name] = [*cases, field.default][0]
    return whole


def broken(model: Model, values: Mapping[str, Any]) -> list[Rule]:
    """The rules that the values break, without those that only warn."""
    return _judged(model, values)[0]


def settled(model: Model, pinned: Mapping[str, Any]) -> Values:
    """The smallest form with these values that keeps all rules, or at least breaks none that blames other fields.

    If there is none, it is the smallest form with these values.
    """
    found: Values = {}
    smallest: Values = {}
    for values in _forms(model, pinned):
        names = at_fault(model, values)
        if not names:
            return values
        if not found and names <= pinned.keys():
            found = values
        smallest = smallest or values
    return found or smallest


def at_fault(model: Model, values: Mapping[str, Any]) -> frozenset[str]:
    """The fields that are to be named because of the rules that the values break."""
    return _judged(model, values)[1]


def _judged(model: Model, values: Mapping[str, Any]) -> tuple[list[Rule], frozenset[str]]:
    """The rules that the values break, and the fields that are to be named because of them."""
    whole = complete(model, values)
    found = [(rule, names) for rule in model.rules if not rule.warns and (names := blamed(rule, whole))]
    return [rule for rule, _ in found], frozenset().union(*(names for _, names in found))


def breaking(model: Model, rule: Rule) -> Iterator[tuple[Values, str]]:
    """The smallest forms that break the rule, one for each field that can be to blame, and nobody else is.

    No other rule is broken, unless the rule cannot be broken alone.
    """
    alone, in_company = _breaking(Same(model))
    yield from ((values, name) for name, values in (alone.get(id(rule)) or in_company.get(id(rule), {})).items())


_ByName = dict[str, Values]


@lru_cache(maxsize=32)
def _breaking(same: Same) -> tuple[dict[int, _ByName], dict[int, _ByName]]:
    """For each rule, the smallest forms that break no other one, and those that do, by the only field to blame.

    A model may have many thousand forms: each is judged once, for all rules.
    """
    alone: dict[int, _ByName] = {}
    in_company: dict[int, _ByName] = {}
    for values in _forms(same.model, {}):
        rules, names = _judged(same.model, values)
        if len(names) == 1:
            for rule in rules:
                found = alone if len(rules) == 1 else in_company
                found.setdefault(id(rule), {}).setdefault(next(iter(names)), values)
    return alone, in_company


def keeping(model: Model) -> list[Values]:
    """All forms of the small domain that keep all rules: what random requests start from."""
    return [values for values in _forms(model, {}) if not broken(model, values)]


def ruled(model: Model) -> list[Field]:
    """The fields that rules read, without the rules that only warn."""
    names: set[str] = set()
    for rule in model.rules:
        if not rule.warns:
            bounds = [*_bounds(rule.minimum), *_bounds(rule.maximum)]
            names |= {name.partition(".")[0] for name in (*rule.when, *rule.unless, *rule.fields, *bounds)}
    return [field for field in model.fields if field.name in names]


def _forms(model: Model, pinned: Mapping[str, Any]) -> Iterator[Values]:
    """Required fields, what is pinned, and every combination of a few values of the ruled fields; fewest first."""
    base = {field.name: sample(field) for field in model.fields if field.required} | dict(pinned)
    for changes in _combinations(Same(model)):
        if changes.keys().isdisjoint(pinned):
            yield base | changes


@lru_cache(maxsize=32)
def _combinations(same: Same) -> tuple[Values, ...]:
    model = same.model
    fields = ruled(model)
    found = [
        {field.name: value for field, value in zip(fields, chosen, strict=True) if value is not _LEFT}
        for chosen in itertools.product(*(_domain(model, field) for field in fields))
    ]
    return tuple(sorted(found, key=len))


_LEFT = object()
"""In place of a value: the field is not set."""


def _domain(model: Model, field: Field) -> list[Any]:
    """A few values of a field that are enough to keep or break every rule on it."""
    rules = [rule for rule in model.rules if not rule.warns]
    match field:
        case Switch():
            return [_LEFT, *(value for value in (True, False) if value is not field.default)]
        case Choice(options=options):
            return [_LEFT, *(option.value for option in options if option.value != field.default)]
        case Number():
            bounds_of = [_bounds(bounds).get(field.name) for rule in rules for bounds in (rule.minimum, rule.maximum)]
            step = field.step or 1
            near = [value for limit in bounds_of if limit is not None for value in (limit - step, limit, limit + step)]
            limits = [value for value in (*near, field.minimum, field.maximum) if _takes(field, value)]
            return [_LEFT, *dict.fromkeys([*limits, *_named(field, rules)])]
        case Media(many=many):
            most = many.maximum if many else None
            return [_LEFT, media(field), *([[medium(field)] * most] if most and most > 1 else [])]
        case ObjectList():
            numbers = [
                (rule.fields[0].partition(".")[2], value)
                for rule in rules
                if rule.action == "sum" and rule.fields[0].startswith(f"{field.name}.")
                for value in _sums(model.field(rule.fields[1]))
                if _takes(next(f for f in field.fields if f.name == rule.fields[0].partition(".")[2]), value)
            ]
            found = [[item(field) | {name: value}] for name, value in numbers] or [[item(field)]]
            return [_LEFT, *found, *(crowd for rule in rules for crowd in _crowds(field, rule))]
        case Text():
            return [_LEFT, *dict.fromkeys([sample(field), *_named(field, rules)])]
        case OpenObject():
            return [_LEFT, sample(field)]
        case _:
            return [_LEFT]


def _takes(field: Field, value: float | None) -> bool:
    """Whether a number is within the field's own limits."""
    assert isinstance(field, Number)
    if value is None or (field.minimum is not None and value < field.minimum):
        return False
    steps = (value - (field.minimum or 0)) / (field.step or (1 if field.integer else 1e-9))
    return abs(steps - round(steps)) < 1e-6 and (field.maximum is None or value <= field.maximum)


def _named(field: Field, rules: Iterable[Rule]) -> list[Any]:
    """The values of a field that rules name."""
    conditions = [part for rule in rules for part in (rule.when, rule.unless, rule.values)]
    conditions += [mode.when for rule in rules for mode in rule.modes]
    wanted = [condition[field.name] for condition in conditions if field.name in condition]
    values = [value for each in wanted for value in (each if isinstance(each, list) else [each])]
    return [value for value in values if value is not None and value not in ("present", "absent")]


def _crowds(field: ObjectList, rule: Rule) -> Iterator[list[Values]]:
    """Items that together have one more of what a rule counts inside of them than it allows."""
    names = rule.fields if rule.action == "count" else ()
    for name in names:
        inner = next((f for f in field.fields if name == f"{field.name}.{f.name}"), None)
        if isinstance(inner, Media) and isinstance(rule.maximum, int):
            each = (inner.many.maximum or rule.maximum + 1) if inner.many else 1
            value = [medium(inner)] * each if inner.many else medium(inner)
            yield [item(field) | {inner.name: value}] * (rule.maximum // each + 1)


def _sums(total: Field) -> list[Any]:
    assert isinstance(total, Number)
    return [value for value in (total.default, total.minimum, total.maximum) if value is not None]


def _bounds(bounds: Mapping[str, float] | float | None) -> Mapping[str, float]:
    return bounds if isinstance(bounds, Mapping) else {}


def _blamed(rule: Rule, values: Mapping[str, Any]) -> Iterator[str]:
    given = [name for name in rule.fields if count(values.get(name))]
    match rule.action:
        case "requires" if rule.values:
            yield from (name for name, wanted in rule.values.items() if not holds({name: wanted}, values))
        case "requires":
            yield from (name for name in rule.fields if name not in given)
        case "forbids":
            yield from given
        case "exclusive":
            yield from given[1:]
        case "one_of":
            yield from given[1:] if given else rule.fields[:1]
        case "any_of":
            yield from () if given else rule.fields[:1]
        case "count":
            counted = [(name.partition(".")[0], _items_in(name, values)) for name in rule.fields]
            items = sum(number for _, number in counted)
            if isinstance(rule.maximum, int) and items > rule.maximum:
                yield [name for name, number in counted if number][-1]
            if isinstance(rule.minimum, int) and items < rule.minimum:
                yield counted[0][0]
        case "sum":
            (shots, _, inner), total = rule.fields[0].partition("."), values.get(rule.fields[1])
            listed = values[shots] if isinstance(values.get(shots), list) else []
            numbers: list[Any] = [each.get(inner) for each in listed if isinstance(each, dict)]
            if numbers and _number(total) and all(map(_number, numbers)) and sum(numbers) != total:
                yield rule.fields[1]
        case "modes":
            yield from _out_of_mode(rule, values)
        case "within":
            for name, limit in _bounds(rule.minimum).items():
                if _number(values.get(name)) and values[name] < limit:
                    yield name
            for name, limit in _bounds(rule.maximum).items():
                if _number(values.get(name)) and values[name] > limit:
                    yield name


def _out_of_mode(rule: Rule, values: Mapping[str, Any]) -> frozenset[str]:
    """What is wrong in the mode that needs the smallest change, where taking a given field away is the greatest."""
    members = {name for mode in rule.modes for name in mode.fields}
    given = {name for name in members if count(values.get(name))}
    changes = []
    for mode in rule.modes:
        away = given - set(mode.fields)
        other = {name for name, wanted in mode.when.items() if not holds({name: wanted}, values)}
        more = set(mode.requires) - given
        changes.append(((len(away), len(other), len(more)), frozenset(away | other | more)))
    return min(changes, key=lambda change: change[0])[1]


def holds(condition: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Whether the values of a complete form meet the whole condition."""

    def fits(value: Any, wanted: Any) -> bool:
        if wanted in ("present", "absent"):
            return (count(value) > 0) is (wanted == "present")
        return any(_same(value, each) for each in (wanted if isinstance(wanted, list) else [wanted]))

    return all(fits(values.get(name), wanted) for name, wanted in condition.items())


def count(value: Any) -> int:
    """How many a field's value counts for: nothing, one, or the items of a list."""
    return len(value) if isinstance(value, list) else int(value is not None)


def _items_in(name: str, values: Mapping[str, Any]) -> int:
    """How many items a field has, or a field of all its items: ``subjects.images``."""
    field, _, part = name.partition(".")
    value = values.get(field)
    if not part:
        return count(value)
    return sum(count(each.get(part)) for each in value if isinstance(each, dict)) if isinstance(value, list) else 0


def _same(value: Any, wanted: Any) -> bool:
    return type(value) is type(wanted) and bool(value == wanted)


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
