"""Violations of a schema by a single value, in words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from modelstream_runtime import _text
from modelstream_runtime.limits import bounds, or_special
from modelstream_runtime.mock.places import Schema
from modelstream_runtime.mock.strict import OWN_KEYWORDS, StrictValidator
from modelstream_runtime.mock.violations import Violation

_NOUNS = {
    "string": "a text",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
}
_MAX_CHARACTERS = 60


def describe(violation: Violation) -> str:
    """What is wrong with the value."""
    value, limit, schema = violation.value, violation.limit, violation.schema
    match violation.keyword:
        case "type":
            return wrong_type(value, [limit] if isinstance(limit, str) else limit)
        case "enum":
            return none_of(value, limit) if len(limit) > 1 else f"{shown(value)} must be {shown(limit[0])}"
        case "const":
            return f"{shown(value)} must be {shown(limit)}"
        case "minimum":
            return f"{shown(value)} is less than {limit}{_range(schema)}"
        case "maximum":
            return f"{shown(value)} is more than {limit}{_range(schema)}"
        case "minLength":
            return "is empty" if not value else f"{len(value)} characters are fewer than {limit}"
        case "maxLength":
            return f"{len(value)} characters are more than {limit}"
        case "pattern":
            return f"{shown(value)} is not {schema.get('x-accepts', f'of the form {limit}')}"
        case "minItems":
            return "is an empty list" if not value else f"{len(value)} items are fewer than {limit}"
        case "maxItems":
            return f"{len(value)} items are more than {limit}"
        case "contains" | "minContains" | "maxContains":
            return _wrong_count(value, schema)
        case "anyOf" if "x-special" in schema:
            outside = next(within for within in violation.within if within.branch == 0)
            return describe(outside._replace(schema={"x-special": schema["x-special"], **outside.schema}))
        case keyword if keyword in OWN_KEYWORDS:
            return violation.message
        case keyword:
            return f"{shown(value)} violates {keyword} in the schema"


def wrong_type(value: Any, allowed: Sequence[str]) -> str:
    """The value has another type than those allowed."""
    expected = " or ".join(_NOUNS.get(name, name) for name in allowed)
    if "integer" in allowed and isinstance(value, float) and value.is_integer():
        return f"{shown(value)} is not {expected}; write {int(value)}"
    return f"{shown(value)} is not {expected}"


def none_of(value: Any, allowed: Sequence[Any]) -> str:
    """The value is not one of those allowed."""
    texts = [option for option in allowed if isinstance(option, str)]
    hint = _text.did_you_mean(value[:_MAX_CHARACTERS], texts, cutoff=0.5) if isinstance(value, str) else ""
    return f"{shown(value)} is not one of {listed(allowed)}{hint}"


def listed(values: Iterable[Any]) -> str:
    """The values, separated by commas."""
    return ", ".join(map(shown, values))


def shown(value: Any) -> str:
    """The value: a text in quotes, anything else as JSON, shortened if it is long."""
    text = repr(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MAX_CHARACTERS else f"{text[: _MAX_CHARACTERS - 3]}..."


def _range(schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    special = [(value, None) for value in schema.get("x-special", ())]
    bounded = low is not None and high is not None
    return f" ({or_special(bounds(low, high), special)})" if bounded or special else ""


def _wrong_count(value: Sequence[Any], schema: Schema) -> str:
    counted = StrictValidator(schema["contains"])
    count = sum(counted.is_valid(item) for item in value)
    least, most = schema.get("minContains", 1), schema.get("maxContains")
    if most is not None and count > most:
        return f"{count} of them are more than {most}"
    return "is required" if count == 0 else f"{count} of them are fewer than {least}"
