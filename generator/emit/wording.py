"""Conditions and limits in words, alike in docstrings and on pages. What differs is how a text writes code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from generator.ir import Choice, Field, Media, Mode, Model, Number, ObjectList, OpenObject, Rule, Switch, Text
from modelstream_runtime.limits import ONLY, UNITS, bounds, in_mode, in_words, listed, or_special, size


@dataclass(frozen=True, kw_only=True, slots=True)
class Wording:
    """How one kind of text writes its parts.

    Attributes:
        name: the name of a field.
        value: a value of a field.
        text: a text of the schema.
    """

    name: Callable[[str], str]
    value: Callable[[Any], str]
    text: Callable[[str], str]

    def condition(self, rule: Rule) -> str:
        """When the rule holds: ``when `a` is given and unless `b` is 1``; empty if it always does."""
        words = (("when", rule.when), ("unless", rule.unless))
        return " and ".join(f"{word} {self.tests(tests)}" for word, tests in words if tests)

    def any_of(self, values: Iterable[Any]) -> str:
        """The values as alternatives; that the gateway takes one of them in its absence, its field says."""
        return listed(self.value(value) for value in values if value is not None)

    def mode(self, mode: Mode) -> str:
        """What a mode needs and takes, beside the fields of all modes."""
        requires, allows = (map(self.name, each) for each in (mode.requires, mode.allows))
        return in_mode(requires, allows, self.tests(mode.when))

    def modes_of(self, field: Field, model: Model) -> str:
        """The modes that a field is for: ``only for Image to Video (required)``; empty if it is for all of them."""
        modes = model.modes_of(field.name)
        names = [self.text(mode.name) + (" (required)" if field.name in mode.requires else "") for mode in modes]
        return f"only for {listed(names)}" if names else ""

    def default(self, field: Field) -> str:
        """The default, and what it is instead under a condition; empty if there is none."""
        words = [] if field.default is None else [self.value(field.default)]
        words += [f"{self.value(value)} when {self.tests(when)}" for value, when in field.default_when]
        return listed(words) if words else ""

    def limits(self, field: Field) -> list[str]:
        """Which values the field accepts; the number of the items comes first."""
        match field:
            case Text(min_length=least, max_length=most, is_json=is_json):
                # That a text is not empty goes without saying.
                words = bounds(least if least and least > 1 else None, most, "character")
                return [*_some(words), *(["valid JSON"] if is_json else [])]
            case Number(unit=unit, minimum=low, maximum=high, step=step, special=special):
                noun = UNITS[unit] if unit else ""
                words = bounds(low, high, noun, step=step) or (f"{noun}s" if unit else "")
                return _some(
                    or_special(words, ((self.value(o.value), o.label and self.text(o.label)) for o in special))
                )
            case Choice(options=options):
                labels = (f" ({self.text(option.label)})" if option.label else "" for option in options)
                return [", ".join(self.value(o.value) + label for o, label in zip(options, labels, strict=True))]
            case Media(many=many):
                return [*(_some(bounds(many.minimum, many.maximum, "item")) if many else ()), *file_limits(field)]
            case ObjectList(many=many):
                return _some(bounds(many.minimum, many.maximum, "item"))
            case Switch() | OpenObject():
                return []
            case _:
                assert_never(field)

    def rule(self, rule: Rule) -> str:
        """What the rule demands, when, and why, as a sentence."""
        condition = self.condition(rule)
        sentence = f"{self._demand(rule)} {condition}" if condition else self._demand(rule)
        return f"{sentence}: {self.text(rule.because.rstrip('. '))}." if rule.because else f"{sentence}."

    def tests(self, tests: Mapping[str, Any]) -> str:
        """A condition: ``a is given and b is 1``."""
        return in_words(tests, name=self.name, shown=self.value)

    def _demand(self, rule: Rule) -> str:
        names = [self.name(name) for name in rule.fields]
        verb = "is" if len(names) == 1 else "are"
        match rule.action:
            case "requires" if rule.values:
                return listed(
                    (
                        f"{self.name(n)} must be {self.any_of(v if isinstance(v, list) else [v])}"
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
                parts = f"The {self.name(number)} of all items of {self.name(items)}"
                return f"{parts} must add up to {self.name(rule.fields[1])}"
            case "within":
                least = rule.minimum if isinstance(rule.minimum, Mapping) else {}
                most = rule.maximum if isinstance(rule.maximum, Mapping) else {}
                limits = (
                    f"{self.name(n)} must be {bounds(least.get(n), most.get(n))}"
                    for n in dict.fromkeys([*least, *most])
                )
                return listed(limits, "and")
            case "modes":
                return f"A request must be of one mode: {listed(map(self.text, (mode.name for mode in rule.modes)))}"
            case "ignores":
                return f"{listed(names, 'and')} {verb} ignored"
            case "expects":
                return listed(
                    (f"{self.name(name)} is usually {self.any_of(values)}" for name, values in rule.values.items()),
                    "and",
                )
            case _:
                assert_never(rule.action)


def file_limits(field: Media) -> list[str]:
    """Which files the field accepts."""
    formats = listed(name.upper() for name in field.formats) if field.formats else ""
    most = f"at most {size(field.max_bytes)}" + (" each" if field.many else "") if field.max_bytes else ""
    return [*_some(formats), *_some(most), *([ONLY[field.only]] if field.only else [])]


def _some(words: str) -> list[str]:
    return [words] if words else []
