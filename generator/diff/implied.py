"""Whether some request keeps a set of rules and breaks another rule: what a rule that came or went really changes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from generator.diff.verdict import runtime_rule
from generator.ir import Choice, Field, Rule, Switch

_MOST = 40_000
"""How many requests are tried. A rule about more fields counts as one that changes something."""

_PRESENCE = ("present", "absent")


def can_be_broken(rule: Rule, premises: Iterable[Rule], fields: Mapping[str, Sequence[Field]]) -> bool:
    """Whether a request that keeps the premises can break the rule, as far as presence and choices decide it.

    Args:
        rule: the rule.
        premises: what the request keeps.
        fields: name to the variants of a field in both trees.
    """
    if not _is_about_presence(rule, fields):
        return True
    known = [each for each in premises if not each.warns and _is_about_presence(each, fields)]
    names = set(_names(rule))
    while more := {name for each in known if names & _names(each) for name in _names(each)} - names:
        names |= more
    domains = {name: _domain(fields[name]) for name in sorted(names)}
    if math.prod(map(len, domains.values())) > _MOST:
        return True
    tested = runtime_rule(rule)
    kept = [runtime_rule(each) for each in known if _names(each) <= names]
    for chosen in itertools.product(*domains.values()):
        values = dict(zip(domains, chosen, strict=True))
        if any(tested.findings(values)) and not any(any(each.findings(values)) for each in kept):
            return True
    return False


def _names(rule: Rule) -> set[str]:
    return set(runtime_rule(rule).fields)


def _is_about_presence(rule: Rule, fields: Mapping[str, Sequence[Field]]) -> bool:
    """Whether presence, choices and switches decide if a request keeps the rule."""
    if rule.action in ("count", "sum", "within") or not all(name in fields for name in _names(rule)):
        return False
    conditions = [rule.when, rule.unless, rule.values, *(mode.when for mode in rule.modes)]
    return all(
        wanted in _PRESENCE or all(isinstance(field, Choice | Switch) for field in fields[name])
        for condition in conditions
        for name, wanted in condition.items()
    )


def _domain(fields: Sequence[Field]) -> list[Any]:
    """The values of a field that rules can tell apart."""
    values: list[Any] = [] if all(field.required for field in fields) else [None]
    for field in fields:
        match field:
            case Choice(options=options):
                values += [option.value for option in options]
            case Switch():
                values += [False, True]
            case _:
                values.append("given")
    return list(dict.fromkeys(values))
