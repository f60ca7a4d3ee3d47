"""Examples: valid by the fields they use, and by every rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.check.rules import is_broken
from generator.check.subject import Subject
from generator.check.values import misfits
from generator.diagnostics import Problem, shown, suggest


def check_examples(subject: Subject) -> Iterator[Problem]:
    """All problems with the examples."""
    if not subject.declared:
        return
    for index, example in subject.examples:
        values = example.get("values")
        if isinstance(values, dict):
            found = list(_check_values(subject, values, ("examples", index, "values")))
            yield from found
            if not found and subject.whole:
                yield from _check_against_rules(subject, example, index)


def _check_values(subject: Subject, values: dict[str, Any], at: tuple[Any, ...]) -> Iterator[Problem]:
    fields, declared = subject.fields, subject.declared
    for name, value in values.items():
        if name not in declared:
            message = f"no field {shown(name)}{suggest(str(name), declared, otherwise=subject.listing)}"
            yield subject.problem("bad-example", message, *at, name, key=True)
        elif name in fields:
            for misfit in misfits(fields[name], value):
                message = f"{name}: {misfit.message}"
                yield subject.problem("bad-example", message, *at, name, *misfit.path, key=misfit.key)
    for name, field in fields.items():
        if field.get("required") and name not in values:
            yield subject.problem("bad-example", f"the required field {name!r} is missing", *at, key=True)


def _check_against_rules(subject: Subject, example: dict[str, Any], index: int) -> Iterator[Problem]:
    defaults = {name: field["default"] for name, field in subject.fields.items() if "default" in field}
    complete = defaults | example["values"]
    for rule_index, rule in subject.rules:
        try:
            broken = is_broken(rule, complete)
        except (TypeError, KeyError, AttributeError):
            continue  # The rule itself is not sound, and that has been reported.
        if broken:
            line = subject.line_of("rules", rule_index)
            message = f"the example breaks the rule in line {line}; change one of the two"
            yield subject.problem("rule-breaks-example", message, "examples", index, "name")
