"""Rules between fields in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, assert_never

from generator.emit.pages.markdown import code, text
from generator.emit.wording import Wording
from generator.ir import Rule
from modelstream_runtime.limits import bounds, listed


def rule_in_words(rule: Rule) -> str:
    """What the rule demands, when, and why, as a sentence in Markdown."""
    condition = WORDING.condition(rule)
    sentence = f"{_demand(rule)} {condition}" if condition else _demand(rule)
    return f"{sentence}: {text(rule.because.rstrip('. '))}." if rule.because else f"{sentence}."


def value_in_words(value: Any) -> str:
    """A value as code: a text as it is, anything else as in JSON."""
    return code(value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False))


def _demand(rule: Rule) -> str:
    names = [code(name) for name in rule.fields]
    verb = "is" if len(names) == 1 else "are"
    match rule.action:
        case "requires" if rule.values:
            return listed(
                (
                    f"{code(n)} must be {WORDING.any_of(v if isinstance(v, list) else [v])}"
                    for n, v in rule.values.items()
                ),
                "and",
            )
        case "requires":
            return f"{listed(names, 'and')} {verb} required"
        case "forbids":
            return f"{listed(names)} cannot be given"
        case "exclusive":
            return f"At most one of {listed(names, 'and')} can be given"
        case "one_of":
            return f"Exactly one of {listed(names, 'and')} must be given"
        case "any_of":
            return f"At least one of {listed(names, 'and')} must be given"
        case "count":
            together = " together" if len(names) > 1 else ""
            assert not isinstance(rule.minimum, Mapping)
            assert not isinstance(rule.maximum, Mapping)
            return f"{listed(names, 'and')} must have {bounds(rule.minimum, rule.maximum, 'item')}{together}"
        case "sum":
            items, _, number = rule.fields[0].partition(".")
            return f"The {code(number)} of all items of {code(items)} must add up to {code(rule.fields[1])}"
        case "within":
            least = rule.minimum if isinstance(rule.minimum, Mapping) else {}
            most = rule.maximum if isinstance(rule.maximum, Mapping) else {}
            limits = (f"{code(n)} must be {bounds(least.get(n), most.get(n))}" for n in dict.fromkeys([*least, *most]))
            return listed(limits, "and")
        case "modes":
            return f"A request must be of one mode: {listed(map(text, (mode.name for mode in rule.modes)))}"
        case "ignores":
            return f"{listed(names, 'and')} {verb} ignored"
        case "expects":
            return listed(
                (f"{code(name)} is usually {WORDING.any_of(values)}" for name, values in rule.values.items()), "and"
            )
        case _:
            assert_never(rule.action)


WORDING = Wording(name=code, value=value_in_words, text=text)
