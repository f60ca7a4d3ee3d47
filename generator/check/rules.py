"""Rules between fields: that they name fields, make sense, and what they say of a set of values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator.check.subject import NUMBERS, Subject, item_fields
from generator.check.values import misfits
from generator.diagnostics import Problem, suggest

ACTIONS = ("requires", "forbids", "exclusive", "one_of", "any_of", "count", "sum", "min", "max", "ignores", "expects")


def check_rules(subject: Subject) -> Iterator[Problem]:
    """All problems with the rules themselves."""
    for index, rule in subject.rules:
        yield from _check_shape(subject, index, rule)
        yield from _check_field_names(subject, index, rule)
        yield from _check_values(subject, index, rule)
        yield from _check_kinds(subject, index, rule)


def action_of(rule: Mapping[str, Any]) -> str | None:
    """What the rule does; ``None`` if it does nothing or several things."""
    actions = [action for action in ACTIONS if action in rule]
    if "count" in actions:
        actions = [action for action in actions if action not in ("min", "max")]
    elif set(actions) == {"min", "max"}:
        return "max"
    return actions[0] if len(actions) == 1 else None


def is_broken(rule: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Whether the values break the rule. A rule that only warns is never broken."""
    if not _holds(rule.get("when") or {}, values) or ("unless" in rule and _holds(rule["unless"], values)):
        return False
    match action_of(rule):
        case "requires" if isinstance(rule["requires"], dict):
            return any(values.get(name) != value for name, value in rule["requires"].items())
        case "requires":
            return not all(_count(values, name) for name in rule["requires"])
        case "forbids":
            return any(_count(values, name) for name in rule["forbids"])
        case "exclusive":
            return sum(_count(values, name) > 0 for name in rule["exclusive"]) > 1
        case "one_of":
            return sum(_count(values, name) > 0 for name in rule["one_of"]) != 1
        case "any_of":
            return not any(_count(values, name) for name in rule["any_of"])
        case "count":
            total = sum(_count(values, name) for name in rule["count"])
            return total > rule.get("max", total) or total < rule.get("min", total)
        case "sum":
            items, _, inner = rule["sum"].partition(".")
            total, expected = sum(item[inner] for item in values.get(items) or ()), values.get(rule["equals"])
            return expected is not None and bool(values.get(items)) and total != expected
        case "min" | "max":
            above = any(_beyond(values.get(name), limit, 1) for name, limit in (rule.get("max") or {}).items())
            return above or any(_beyond(values.get(name), limit, -1) for name, limit in (rule.get("min") or {}).items())
        case _:
            return False


def _holds(condition: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    for name, wanted in condition.items():
        value = values.get(name)
        if wanted == "present" or wanted == "absent":
            if bool(_count(values, name)) != (wanted == "present"):
                return False
        elif value not in (wanted if isinstance(wanted, list) else [wanted]):
            return False
    return True


def _count(values: Mapping[str, Any], name: str) -> int:
    value = values.get(name)
    if value is None:
        return 0
    return len(value) if isinstance(value, list) else 1


def _beyond(value: Any, limit: float, direction: int) -> bool:
    return value is not None and bool((value - limit) * direction > 0)


def _check_shape(subject: Subject, index: int, rule: dict[str, Any]) -> Iterator[Problem]:
    at = ("rules", index)
    if action_of(rule) is None and subject.document.data["rules"][index] == rule:
        yield subject.problem("bad-rule", f"a rule does exactly one thing: {', '.join(ACTIONS)}", *at)
    if "count" in rule and not any(isinstance(rule.get(key), (int, float)) for key in ("min", "max")):
        yield subject.problem("bad-rule", "count needs a number as min or max", *at, "count", key=True)
    if "count" not in rule:
        for key in ("min", "max"):
            if isinstance(rule.get(key), (int, float)):
                yield subject.problem("bad-rule", f"say which field: {key}: {{FIELD: {rule[key]}}}", *at, key)
    if ("sum" in rule) != ("equals" in rule):
        yield subject.problem("bad-rule", "sum and equals go together", *at)
    if action_of(rule) in ("requires", "forbids", "ignores") and not rule.keys() & {"when", "unless"}:
        message = f"without when or unless it holds always; then {action_of(rule)} belongs to the field itself"
        yield subject.problem("bad-rule", message, *at)


def _names(rule: dict[str, Any]) -> Iterator[tuple[str, tuple[Any, ...], bool]]:
    """Every field the rule names: its name, its place, and whether the name is a key."""
    for part in ("when", "unless", "requires", "forbids", "exclusive", "one_of", "any_of", "count", "min", "max", "ignores", "expects"):
        value = rule.get(part)
        if isinstance(value, dict):
            yield from ((name, (part, name), True) for name in value)
        elif isinstance(value, list):
            yield from ((name, (part, i), False) for i, name in enumerate(value))
    if "sum" in rule:
        yield rule["sum"].partition(".")[0], ("sum",), False
    if "equals" in rule:
        yield rule["equals"], ("equals",), False


def _check_field_names(subject: Subject, index: int, rule: dict[str, Any]) -> Iterator[Problem]:
    declared = list(subject.document.data.get("fields") or ())
    for name, place, key in _names(rule):
        if name not in declared:
            message = f"no field {name!r}{suggest(str(name), declared)}"
            yield subject.problem("rule-unknown-field", message, "rules", index, *place, key=key)


def _check_values(subject: Subject, index: int, rule: dict[str, Any]) -> Iterator[Problem]:
    """Values in conditions, requirements and expectations must be values the field can have."""
    for part in ("when", "unless", "requires", "expects"):
        values = rule.get(part)
        for name, wanted in values.items() if isinstance(values, dict) else ():
            field = subject.fields.get(name)
            if field is None or (part in ("when", "unless") and wanted in ("present", "absent")):
                continue
            for i, value in enumerate(wanted if isinstance(wanted, list) else [wanted]):
                at = (part, name, i) if isinstance(wanted, list) else (part, name)
                for misfit in misfits(field, value):
                    yield subject.problem("rule-bad-value", f"{name}: {misfit.message}", "rules", index, *at)


def _check_kinds(subject: Subject, index: int, rule: dict[str, Any]) -> Iterator[Problem]:
    """A bound needs a number, a sum needs a list of numbers, and what is required cannot be ignored."""
    fields, at = subject.fields, ("rules", index)
    for part in ("min", "max"):
        for name in rule[part] if isinstance(rule.get(part), dict) else ():
            if name in fields and fields[name]["type"] not in NUMBERS:
                message = f"{name!r} is of type {fields[name]['type']}; only numbers have bounds"
                yield subject.problem("rule-wrong-kind", message, *at, part, name, key=True)
    for i, name in enumerate(rule.get("ignores") or ()):
        if fields.get(name, {}).get("required"):
            message = f"{name!r} is required, so every caller would be warned; say it in its doc"
            yield subject.problem("rule-wrong-kind", message, *at, "ignores", i)
    if "sum" in rule:
        items, _, inner = rule["sum"].partition(".")
        if items in fields and item_fields(fields[items]).get(inner, {}).get("type") not in NUMBERS:
            message = f"{rule['sum']} is no number of the items of a list"
            yield subject.problem("rule-wrong-kind", message, *at, "sum")
    if rule.get("equals") in fields and fields[rule["equals"]]["type"] not in NUMBERS:
        yield subject.problem("rule-wrong-kind", f"{rule['equals']!r} is no number", *at, "equals")
