"""Rules between fields: whether they name fields and make sense."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.check.schema_view import SchemaView, item_fields
from generator.check.values import misfits
from generator.diagnostics import Problem, shown, suggest
from generator.ir.rules import ACTIONS, action_of
from generator.kinds import kind_of, traits_of

_PRESENCE = ("present", "absent")


def check_rules(schema: SchemaView) -> Iterator[Problem]:
    """All problems with the rules themselves."""
    if not schema.declared:
        return
    for index, rule in schema.rules:
        yield from _check_shape(schema, index, rule)
        yield from _check_field_names(schema, rule, "rules", index)
        yield from _check_values(schema, rule, "rules", index)
        yield from _check_kinds(schema, index, rule)


def check_condition(schema: SchemaView, owner: dict[str, Any], *at: str | int) -> Iterator[Problem]:
    """All problems with the condition under ``when`` of something that is not a rule."""
    condition = {"when": owner["when"]} if isinstance(owner.get("when"), dict) else {}
    yield from _check_field_names(schema, condition, *at)
    yield from _check_values(schema, condition, *at)


def _check_shape(schema: SchemaView, index: int, rule: dict[str, Any]) -> Iterator[Problem]:
    at, action = ("rules", index), action_of(rule)
    if schema.document.data["rules"][index] != rule:
        return  # The language rejected a part of it, so the shape of the rest proves nothing.
    if "count" in rule and not any(isinstance(rule.get(key), (int, float)) for key in ("min", "max")):
        yield schema.problem("bad-rule", "count needs a number as min or max", *at, "count", key=True)
    elif ("sum" in rule) != ("equals" in rule):
        yield schema.problem("bad-rule", "sum and equals go together", *at)
    elif action is None:
        several = [part for part in ACTIONS if part in rule]
        message = f"this rule has {' and '.join(several)}; make each of them a rule"
        if not several:
            message = f"this rule does nothing; it needs one of {', '.join(ACTIONS)}"
        yield schema.problem("bad-rule", message, *at)
    for key in ("min", "max"):
        if "count" not in rule and isinstance(rule.get(key), (int, float)):
            yield schema.problem("bad-rule", f"say which field: {key}: {{FIELD: {rule[key]}}}", *at, key)
    if action in ("requires", "forbids", "ignores") and not rule.keys() & {"when", "unless"}:
        message = f"a rule that always holds cannot have {action}; change the field itself, or add when or unless"
        yield schema.problem("bad-rule", message, *at)
    if action in ("exclusive", "one_of", "any_of") and len(rule[action]) == 1:
        yield schema.problem("bad-rule", f"{action} needs two fields or more", *at, action)
    for name, low, high in _bounds(rule):
        if low > high:
            message = f"min {low} is more than max {high}; swap them"
            yield schema.problem("bounds-reversed", message, *at, "min", *name)


def _bounds(rule: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], float, float]]:
    """The least and the greatest value where a rule has both, with the field they are for."""
    low, high = rule.get("min"), rule.get("max")
    if isinstance(low, dict) and isinstance(high, dict):
        yield from (((name,), low[name], high[name]) for name in low.keys() & high.keys())
    elif isinstance(low, (int, float)) and isinstance(high, (int, float)):
        yield (), low, high


def _names(rule: dict[str, Any]) -> Iterator[tuple[Any, tuple[Any, ...], bool]]:
    """Every field the rule names: its name, its place, and whether the name is a key."""
    for part, value in rule.items():
        if isinstance(value, dict):
            yield from ((name, (part, name), True) for name in value)
        elif isinstance(value, list):
            names = (name.partition(".")[0] if part == "count" and isinstance(name, str) else name for name in value)
            yield from ((name, (part, i), False) for i, name in enumerate(names) if name is not None)
    if "sum" in rule:
        yield rule["sum"].partition(".")[0], ("sum",), False
    if "equals" in rule:
        yield rule["equals"], ("equals",), False


def _check_field_names(schema: SchemaView, rule: dict[str, Any], *at: str | int) -> Iterator[Problem]:
    declared = schema.declared
    for name, place, key in _names(rule):
        if name not in declared:
            yield unknown_field(schema, name, *at, *place, key=key)


def unknown_field(schema: SchemaView, name: Any, *at: Any, key: bool = False) -> Problem:
    """The problem with the name of a field that there is not."""
    message = f"no field {shown(name)}{suggest(str(name), schema.declared, otherwise=schema.listing)}"
    return schema.problem("rule-unknown-field", message, *at, key=key)


def _check_values(schema: SchemaView, rule: dict[str, Any], *at: str | int) -> Iterator[Problem]:
    """Values in conditions, requirements and expectations must be values the field can have."""
    for part in ("when", "unless", "requires", "expects"):
        values = rule.get(part)
        for name, wanted in values.items() if isinstance(values, dict) else ():
            field, condition = schema.fields.get(name), part in ("when", "unless")
            if field is None or (condition and wanted in _PRESENCE):
                continue
            if condition and not traits_of(field).can_be_compared:
                hint = suggest(wanted, _PRESENCE) if isinstance(wanted, str) else ""
                message = f"{name}: a field of type {field['type']} can only be present or absent{hint}"
                yield schema.problem("rule-bad-value", message, *at, part, name)
                continue
            for i, value in enumerate(wanted if isinstance(wanted, list) else [wanted]):
                place = (*at, part, name, *([i] if isinstance(wanted, list) else []))
                if value is False and "item" in field:
                    advice = "write absent" if condition else "forbid the field instead"
                    message = f"{name}: false adds nothing, so it counts as not given; {advice}"
                    yield schema.problem("rule-bad-value", message, *place)
                for misfit in misfits(field, value) if value is not None else ():
                    yield schema.problem("rule-bad-value", f"{name}: {misfit.message}", *place)


def _check_kinds(schema: SchemaView, index: int, rule: dict[str, Any]) -> Iterator[Problem]:
    """A bound needs a number, a sum needs a list of numbers, and what is required cannot be ignored."""
    fields, at = schema.fields, ("rules", index)
    for part in ("min", "max"):
        for name in rule[part] if isinstance(rule.get(part), dict) else ():
            if name in fields and not traits_of(fields[name]).is_number:
                message = f"{name!r} is of type {fields[name]['type']}; only numbers have bounds"
                yield schema.problem("rule-wrong-kind", message, *at, part, name, key=True)
    for i, name in enumerate(rule.get("ignores") or ()):
        if fields.get(name, {}).get("required"):
            message = f"{name!r} is required, so every caller would be warned; say so in its doc"
            yield schema.problem("rule-wrong-kind", message, *at, "ignores", i)
    for i, name in enumerate(rule.get("count") or ()):
        items, _, inner = str(name).partition(".")
        if inner and items in fields and (reason := _no_part(schema, items, inner)):
            yield schema.problem("rule-wrong-kind", f"{name} cannot be counted: {reason}", *at, "count", i)
    if "sum" in rule:
        items, _, inner = rule["sum"].partition(".")
        if items in fields and (reason := _no_summand(schema, items, inner)):
            yield schema.problem("rule-wrong-kind", f"{rule['sum']} cannot be added up: {reason}", *at, "sum")
    if rule.get("equals") in fields and not traits_of(fields[rule["equals"]]).is_number:
        message = f"{rule['equals']!r} is of type {fields[rule['equals']]['type']}; a sum equals a number"
        yield schema.problem("rule-wrong-kind", message, *at, "equals")


def _no_part(schema: SchemaView, items: str, inner: str) -> str | None:
    """Why a field is no list whose items have a field of that name; ``None`` if it is one."""
    field = schema.fields[items]
    if kind_of(field) != "list":
        return f"{items!r} is of type {field['type']}, not list"
    declared = schema.document.data["fields"][items].get("fields")
    if isinstance(declared, dict) and inner not in declared:
        return f"its items have no field {inner!r}{suggest(inner, map(str, declared))}"
    return None


def _no_summand(schema: SchemaView, items: str, inner: str) -> str | None:
    if reason := _no_part(schema, items, inner):
        return reason
    field = schema.fields[items]
    summand = item_fields(field).get(inner)
    if summand is None or traits_of(summand).is_number:
        return None  # What is wrong with an unknown summand has been reported.
    return f"{inner!r} is of type {kind_of(summand)}, not a number"
