"""A validator of jsonschema that knows our schemas' own keywords and is strict about integers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from modelstream_runtime._text import shown
from modelstream_runtime.limits import why_not_json
from modelstream_runtime.media import sniff_text
from modelstream_runtime.mock.extra import MissingExtra
from modelstream_runtime.mock.places import MISSING, value_at
from modelstream_runtime.wire import same

try:
    from jsonschema import Draft202012Validator, ValidationError, validators
except ImportError as error:
    raise MissingExtra(error.name) from error

Schema = Mapping[str, Any]


def _is_integer(checker: Any, value: Any) -> bool:
    """JSON Schema counts 5.0 as an integer. The gateway does not, and may treat it as no value at all."""
    return isinstance(value, int) and not isinstance(value, bool)


def _is_one_of(validator: Any, options: Sequence[Any], value: Any, schema: Schema) -> Iterator[ValidationError]:
    """To JSON Schema 5.0 is the option 5, too."""
    same = [option for option in options if not (isinstance(value, float) and isinstance(option, int))]
    yield from Draft202012Validator.VALIDATORS["enum"](validator, same, value, schema)


def _is_constant(validator: Any, constant: Any, value: Any, schema: Schema) -> Iterator[ValidationError]:
    yield from _is_one_of(validator, [constant], value, schema)


def _on_step(validator: Any, step: float, value: Any, schema: Schema) -> Iterator[ValidationError]:
    """Counts steps from the minimum, and compares with a tolerance."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            steps = (value - schema.get("minimum", 0)) / step
            off = abs(steps - round(steps)) > 1e-6
        except (OverflowError, ValueError):
            return  # The value is NaN, or too large to have steps.
        if off:
            yield ValidationError(f"{value} is not a multiple of {step}")


def _reads_as(validator: Any, limits: Schema, value: Any, schema: Schema) -> Iterator[ValidationError]:
    """The limits of a number that travels as a text."""
    number = _number(value) if isinstance(value, str) else None
    if number is not None and number not in schema.get("x-special", ()):
        low, high = limits.get("minimum", number), limits.get("maximum", number)
        if number < low:
            yield ValidationError(f"{value} is less than {low}")
        elif number > high:
            yield ValidationError(f"{value} is more than {high}")
        elif "x-step" in limits:
            yield from _on_step(validator, limits["x-step"], number, limits)


def _in_format(validator: Any, formats: Sequence[str], value: Any, schema: Schema) -> Iterator[ValidationError]:
    """The first bytes of Base64 data tell its format. Nothing is fetched from a URL."""
    if isinstance(value, str) and "://" not in value and re.search(schema.get("pattern", ""), value):
        found = sniff_text(value)
        if found not in formats:
            holds = {None: "is not valid Base64", "unknown": "has an unknown format"}.get(found, f"is {found}")
            yield ValidationError(f"the data {holds}, not {' or '.join(formats)}")


def _keeps(validator: Any, rules: Sequence[Schema], body: Any, schema: Schema) -> Iterator[ValidationError]:
    """Checks the rules for which JSON Schema has no keyword, if the schema says where their fields are."""
    checks = {"sum": _adds_up, "count": _has_as_many, "within": _is_within}
    for rule in rules:
        check = checks.get(rule["rule"]) if "paths" in rule else None
        if check and validator.evolve(schema=rule.get("if", True)).is_valid(body):
            because = f": {rule['because']}" if "because" in rule else ""
            for path, message in check(validator, rule, body):
                yield ValidationError(message + because, path=path.partition("[]")[0].split("."))


def _adds_up(validator: Any, rule: Schema, body: Any) -> Iterator[tuple[str, str]]:
    part, whole = rule["paths"]
    its_item, whole_item = _kinds(validator, rule)
    parts = [_number(value) for value in _values(body, part.split("."), its_item)]
    total = _only(_values(body, whole.split("."), whole_item))
    numbers = [number for number in parts if number is not None]
    if numbers and len(numbers) == len(parts) and total is not None and sum(numbers) != total:
        yield whole, f"{total} is not {sum(numbers)}, the sum of {part}"


def _has_as_many(validator: Any, rule: Schema, body: Any) -> Iterator[tuple[str, str]]:
    counts: dict[tuple[str, int], int] = {}
    for path, item in zip(rule["paths"], rule["items"], strict=True):
        found = [value for value in _values(body, path.split(".")) if value is not None]
        own = [value for value in found if validator.evolve(schema=item).is_valid(value)]
        counts[path, len(counts)] = sum(len(value) if isinstance(value, list) else 1 for value in own)
    total, together = sum(counts.values()), f"in {' and '.join(rule['fields'])} together"
    if total > rule.get("maximum", total):
        last = [path for (path, _), count in counts.items() if count][-1]
        yield last, f"{total} {together} is more than {rule['maximum']}"
    elif total < rule.get("minimum", total):
        yield rule["paths"][0], f"{total} {together} is fewer than {rule['minimum']}"


def _is_within(validator: Any, rule: Schema, body: Any) -> Iterator[tuple[str, str]]:
    for field, path, of_field in zip(rule["fields"], rule["paths"], _kinds(validator, rule), strict=True):
        number = _only(_values(body, path.split("."), of_field))
        if number is not None and number < rule.get("minimum", {}).get(field, number):
            yield path, f"{number} is less than {rule['minimum'][field]}"
        if number is not None and number > rule.get("maximum", {}).get(field, number):
            yield path, f"{number} is more than {rule['maximum'][field]}"


def _anything(item: Any) -> bool:
    return True


def _kinds(validator: Any, rule: Schema) -> list[Callable[[Any], bool]]:
    """For each field of a rule, which items of its array are the field's own."""
    return [validator.evolve(schema=item).is_valid for item in rule.get("items", [True] * len(rule["paths"]))]


def _only(values: Sequence[Any]) -> int | float | None:
    """The number at a place that has one at most."""
    return _number(values[0]) if len(values) == 1 else None


def _values(value: Any, path: Sequence[str], keep: Callable[[Any], bool] = _anything) -> list[Any]:
    """The value at a path, ``None`` if there is none; one for each item of a list on the way, of those to keep."""
    if not path:
        return [value]
    key, *rest = path
    name, bracket, position = key.removesuffix("]").partition("[")
    value = value.get(name) if isinstance(value, Mapping) else None
    if not bracket:
        return _values(value, rest, keep)
    items = value if isinstance(value, list) else []
    if position:
        index = int(position)
        return [found for item in items[index : index + 1] for found in _values(item, rest, keep)]
    kept = [item for item in items if keep(item)]
    return [found for item in kept for found in _values(item, rest, keep)]


def _number(value: Any) -> int | float | None:
    """A number, also one written as a text; ``None`` for anything else."""
    if isinstance(value, str):
        try:
            return int(value) if value.isdecimal() else float(value)
        except ValueError:
            return None
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _is_json(validator: Any, asked: bool, value: Any, schema: Schema) -> Iterator[ValidationError]:
    """A text that must be JSON; for validators, the standard's keyword only describes."""
    if asked and isinstance(value, str) and (reason := why_not_json(value)):
        yield ValidationError(f"the text is not JSON: {reason}")


def _in_order(validator: Any, kinds: Sequence[Schema], array: Any, schema: Schema) -> Iterator[ValidationError]:
    """Items that know their position, counted among those of their kind."""
    for kind in kinds if isinstance(array, list) else ():
        position = 0
        for index, item in enumerate(array):
            if validator.evolve(schema=kind["items"]).is_valid(item):
                position += 1
                [found] = _values(item, kind["path"])
                if isinstance(found, int) and found != position:
                    yield ValidationError(f"{found} must be {position}", path=[index, *kind["path"]])


def _is_copied(validator: Any, groups: Sequence[Sequence[str]], body: Any, schema: Schema) -> Iterator[ValidationError]:
    """Places that have the value of the first of them."""
    for first, *others in groups:
        value = value_at(body, first.split("."))
        for path in others:
            found = value_at(body, path.split("."))
            if MISSING not in (value, found) and value is not None and not same(found, value):
                message = f"{shown(found)} is not {shown(value)}, the value of {first}"
                yield ValidationError(message, path=path.split("."))


OWN_KEYWORDS = {
    "x-same": _is_copied,
    "x-json": _is_json,
    "x-step": _on_step,
    "x-number": _reads_as,
    "x-formats": _in_format,
    "x-rules": _keeps,
    "x-positions": _in_order,
}
"""Keyword to check, for what JSON Schema cannot express."""

_extend: Any = validators.extend
StrictValidator: Any = _extend(
    Draft202012Validator,
    validators={"enum": _is_one_of, "const": _is_constant, **OWN_KEYWORDS},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer),
)
"""It does not count 5.0 as an integer or as the option 5, and it checks `OWN_KEYWORDS`."""
