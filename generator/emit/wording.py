"""Conditions and limits in words, alike in docstrings and on pages. What differs is how a text writes code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from generator.ir import Choice, Field, Media, Mode, Model, Number, ObjectList, OpenObject, Rule, Switch, Text
from modelstream_runtime.limits import ONLY, UNITS, bounds, in_mode, listed, or_special, size


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

    def tests(self, tests: Mapping[str, Any]) -> str:
        """A condition: ``a is given and b is 1``."""
        return " and ".join(self._test(name, wanted) for name, wanted in tests.items())

    def _test(self, name: str, wanted: Any) -> str:
        if wanted in ("present", "absent"):
            return f"{self.name(name)} is {'given' if wanted == 'present' else 'not given'}"
        return f"{self.name(name)} is {self.any_of(wanted if isinstance(wanted, list) else [wanted])}"


def file_limits(field: Media) -> list[str]:
    """Which files the field accepts."""
    formats = listed(name.upper() for name in field.formats) if field.formats else ""
    most = f"at most {size(field.max_bytes)}" + (" each" if field.many else "") if field.max_bytes else ""
    return [*_some(formats), *_some(most), *([ONLY[field.only]] if field.only else [])]


def _some(words: str) -> list[str]:
    return [words] if words else []
