"""The rules between fields, as far as JSON Schema can enforce them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from generator.emit.json_schema.places import Places, condition_schema
from generator.emit.json_schema.values import Schema, given
from generator.ir import Model, Rule
from modelstream_runtime.rules import Demand, demands_of


def rule_keywords(model: Model, places: Places) -> Schema:
    """The keywords of a model's schema that are about its rules."""
    enforced_rules, unsupported_rules, warnings = [], [], []
    for rule in model.rules:
        if rule.warns:
            warnings.append(_named(rule, places))
            continue
        demand = _demand(rule, places)
        if demand is None:
            unsupported_rules.append(_named(rule, places))
        else:
            enforced_rules.append(_conditional(rule, demand, places))
    keywords = {"allOf": enforced_rules, "x-rules": unsupported_rules, "x-warnings": warnings}
    return {key: rules for key, rules in keywords.items() if rules}


def _named(rule: Rule, places: Places) -> Schema:
    """A rule that JSON Schema cannot enforce.

    ``if`` is when it holds, ``paths`` where its fields travel, ``items`` what tells their items from those of others,
    and ``values``, ``minimum`` and ``maximum`` what it asks for.
    """
    fields = rule.fields or _bounded(rule)
    named = {
        "if": _test(rule, places),
        "rule": rule.action,
        "fields": list(fields),
        "values": dict(rule.values),
        "minimum": rule.minimum,
        "maximum": rule.maximum,
        "paths": places.paths(fields, of_numbers=rule.action in ("within", "sum")),
        "items": places.items(fields) if rule.action in ("count", "within", "sum") else None,
        "because": rule.because,
    }
    return {key: value for key, value in named.items() if value not in (None, [], {}, "")}


def _bounded(rule: Rule) -> tuple[str, ...]:
    """The fields that have a bound of their own in the rule."""
    bounds = (bounds for bounds in (rule.minimum, rule.maximum) if isinstance(bounds, Mapping))
    return tuple(dict.fromkeys(name for each in bounds for name in each))


def _conditional(rule: Rule, demand: Schema, places: Places) -> Schema:
    """The demand under its conditions; ``x-fields`` are the form fields it makes a demand on.

    A part of the demand that blames only some of them has ``x-fields`` of its own.
    """
    reason: Schema = {"x-fields": list(rule.fields or _bounded(rule))}
    reason |= {"$comment": rule.because} if rule.because else {}
    test = _test(rule, places)
    return {"if": test, "then": demand} | reason if test else _merged(reason, demand)


def _test(rule: Rule, places: Places) -> Schema | None:
    """What has to be so for the rule to hold."""
    tests = [condition_schema(rule.when, places)] if rule.when else []
    if rule.unless:
        tests.append({"not": condition_schema(rule.unless, places)})
    return _all(tests) if tests else None


def _demand(rule: Rule, places: Places) -> Schema | None:
    """What the rule asks for; ``None`` if JSON Schema cannot say it."""
    match rule.action:
        case "requires" if rule.values:
            return _all(
                [_blaming(name, places.is_value(name, _listed(wanted))) for name, wanted in rule.values.items()]
            )
        case "requires":
            return _all([_blaming(name, places.present(name)) for name in rule.fields])
        case "forbids":
            return _all([_blaming(name, {"not": places.present(name)}) for name in rule.fields])
        case "exclusive":
            return _all(_pairwise(rule.fields, places))
        case "one_of":
            return _all([_any(rule.fields, places), *_pairwise(rule.fields, places)])
        case "any_of":
            return _all([_any(rule.fields, places)])
        case "count":
            return places.counted(rule.fields, rule.minimum, rule.maximum)
        case "within":
            least = rule.minimum if isinstance(rule.minimum, Mapping) else {}
            most = rule.maximum if isinstance(rule.maximum, Mapping) else {}
            names = dict.fromkeys([*least, *most])
            bounds = {n: given(minimum=least.get(n), maximum=most.get(n)) for n in names}
            limits = {name: places.bounded(name, limit) for name, limit in bounds.items()}
            demands = [_blaming(name, limit) for name, limit in limits.items() if limit is not None]
            return _all(demands) if len(demands) == len(limits) else None
        case "modes":
            return _one_mode(rule, places)
        case "sum" | "ignores" | "expects":
            return None
        case _:
            assert_never(rule.action)


def _one_mode(rule: Rule, places: Places) -> Schema:
    """A variant for each mode, with a part for each of its demands; a program can tell which mode is the nearest."""
    variants = []
    for name, demands in demands_of({mode.name: mode.for_runtime for mode in rule.modes}).items():
        parts = [
            {"x-demand": demand.kind, "x-fields": [demand.field], "$comment": demand.message} | _met(demand, places)
            for demand in demands
        ]
        variants.append({"title": name} | ({"allOf": parts} if parts else {}))
    members = dict.fromkeys(name for mode in rule.modes for name in mode.fields)
    return {"anyOf": variants, "x-modes": [mode.name for mode in rule.modes], "x-members": list(members)}


def _met(demand: Demand, places: Places) -> Schema:
    match demand.kind:
        case "forbids":
            return {"not": places.present(demand.field)}
        case "has":
            return condition_schema({demand.field: demand.wanted}, places)
        case "requires":
            return places.present(demand.field)
        case _:
            assert_never(demand.kind)


def _any(names: tuple[str, ...], places: Places) -> Schema:
    """At least one of the fields; if there is none, the first is missing."""
    return _blaming(names[0], {"anyOf": [places.present(name) for name in names]})


def _pairwise(names: tuple[str, ...], places: Places) -> list[Schema]:
    """No two of the fields; of two, the second is one too many."""
    return [
        _blaming(second, {"not": {"allOf": [places.present(first), places.present(second)]}})
        for index, first in enumerate(names)
        for second in names[index + 1 :]
    ]


def _blaming(name: str, schema: Schema) -> Schema:
    return schema | {"x-fields": [name]}


def _all(schemas: list[Schema]) -> Schema:
    return schemas[0] if len(schemas) == 1 else {"allOf": schemas}


def _merged(reason: Schema, demand: Schema) -> Schema:
    """Both in one schema, unless they name different fields."""
    return reason | (demand if demand.get("x-fields") in (None, reason["x-fields"]) else {"allOf": [demand]})


def _listed(wanted: Any) -> list[Any]:
    return wanted if isinstance(wanted, list) else [wanted]
