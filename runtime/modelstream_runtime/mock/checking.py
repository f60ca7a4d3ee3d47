"""Bodies against the wire schemas, in the words of a person. The package's request classes have no say in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any, NamedTuple

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.mock.strict import OWN_KEYWORDS, StrictValidator

Schema = Mapping[str, Any]

_NOUNS = {
    "string": "a text",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
}
_LONGEST_VALUE = 60
_MOST_PROBLEMS = 50


class Problem(NamedTuple):
    """One thing that is wrong with a body.

    Attributes:
        path: where, such as ``metadata.input.media[0].url``.
        field: the form field that travels there; ``None`` if none does.
        message: what is wrong, and what is allowed.
    """

    path: str
    field: str | None
    message: str

    def __str__(self) -> str:
        named = f" (form field {self.field})" if self.field not in (None, self.path) else ""
        return f"{self.path}{named}: {self.message}"


class _Violation(NamedTuple):
    """What a validator says of one value.

    Attributes:
        place: where the value stands.
        keyword: the keyword of the schema that is violated.
        limit: what stands under the keyword.
        schema: the schema that has it.
        steps: the way from the root of the schema to the keyword.
        branch: which of several alternatives of the surrounding violation this is about.
        within: what is wrong with each of the keyword's alternatives.
        message: what the validator says of it.
    """

    place: str
    value: Any
    keyword: str
    limit: Any
    schema: Schema
    steps: tuple[str | int, ...]
    branch: str | int
    within: tuple[_Violation, ...]
    message: str


def in_one_text(problems: Sequence[Problem]) -> str:
    """All problems, for a message."""
    if len(problems) == 1:
        return str(problems[0])
    shown = [str(problem) for problem in problems[:_MOST_PROBLEMS]]
    more = [f"and {len(problems) - len(shown)} more"] if len(problems) > len(shown) else []
    return f"{len(problems)} problems: {'; '.join([*shown, *more])}"


@cache
def checker_of(catalog: Catalog, model: str) -> Checker:
    """The checker of a model, or of ``generic``."""
    return Checker(catalog.schemas.wire(model))


class Checker:
    """Checks bodies against one wire schema."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._validator = StrictValidator(schema)
        self._fields: dict[str, str] = {}
        """Path to form field, in the order of the schema."""
        for path, field in _fields(schema, ""):
            self._fields.setdefault(path, field)
        self._order = {path: index for index, path in enumerate(self._fields)}

    def problems(self, body: Any, *, lenient: bool = False) -> list[Problem]:
        """Everything that is wrong with a body, in the order of the fields; unknown parameters last.

        Args:
            lenient: parameters that the schema does not know are accepted.
        """
        violations = [_violation(error) for error in self._validator.iter_errors(body)]
        if lenient:
            violations = _without_unknowns(violations)
        found = dict.fromkeys(problem for violation in violations for problem in self._told(violation, body))
        return sorted(found, key=lambda problem: self._order.get(_general(problem.path), len(self._order)))

    def _told(self, wrong: _Violation, body: Any) -> Iterator[Problem]:
        if wrong.steps[0] == "allOf":
            yield self._rule_told(wrong, self._schema["allOf"][wrong.steps[1]], body)
            return
        match wrong.keyword:
            case "required":
                for key in wrong.limit:
                    if key not in wrong.value:
                        for place, schema in _leaves(wrong.schema, key, wrong.place):
                            yield self._problem(place, schema, "is needed")
            case "additionalProperties":
                for key in wrong.value:
                    if key not in wrong.schema["properties"]:
                        yield self._unknown(_below(wrong.place, key), key, wrong.schema)
            case "anyOf":
                yield from self._no_variant(wrong, body)
            case _:
                yield self._problem(wrong.place, wrong.schema, self._message(wrong))

    def _problem(self, path: str, schema: Schema, message: str) -> Problem:
        field = _field(schema) or self._fields.get(_general(path))
        return Problem(path or "body", _with_index(field, path) if field else None, message)

    def _unknown(self, path: str, key: str, schema: Schema) -> Problem:
        """A parameter that is not known there; perhaps it is a field's name, or nearly one."""
        home = next((place for place, field in self._fields.items() if field == key), None)
        if home is not None and home != path:
            return Problem(path, key, f"there is no such parameter; the form field {key} travels as {home}")
        close = get_close_matches(key, schema["properties"], n=1)
        return Problem(path, None, f"there is no such parameter{f'; did you mean {close[0]}?' if close else ''}")

    def _no_variant(self, wrong: _Violation, body: Any) -> Iterator[Problem]:
        """An item of an array whose kinds differ in constants: what is wrong with it as the kind it says it is."""
        variants = [_constants(variant) for variant in wrong.limit]
        item = wrong.value
        if not isinstance(item, dict):
            yield self._problem(wrong.place, wrong.schema, _message_of_type(item, ["object"]))
            return
        for index, constants in enumerate(variants):
            if constants and all(item.get(key) == value for key, value in constants.items()):
                for inner in wrong.within:
                    if inner.branch == index:
                        yield from self._told(inner, body)
                return
        for key in dict.fromkeys(key for constants in variants for key in constants):
            allowed = [constants[key] for constants in variants if key in constants]
            said = _none_of(item[key], allowed) if key in item else f"is needed: one of {_listed(allowed)}"
            yield Problem(_below(wrong.place, key), None, said)

    def _rule_told(self, wrong: _Violation, rule: Schema, body: Any) -> Problem:
        """What breaks a rule between fields, and why there is the rule."""
        because = f": {rule['$comment']}" if "$comment" in rule else ""
        fields: Sequence[str] = rule.get("x-fields", ())
        match wrong.keyword:
            case "required":
                key = next(key for key in wrong.limit if key not in wrong.value)
                place, schema = next(_leaves(wrong.schema, key, wrong.place))
                return self._problem(place, schema, f"is needed{because}")
            case "not":
                fields = wrong.schema.get("x-fields", fields)
                homes = {field: self._home(field) for field in fields}
                present = [field for field, home in homes.items() if _found(body, home)] or list(fields)
                return Problem(homes[present[0]], present[0], f"does not go here{because}")
            case "anyOf" | "oneOf":
                number = "exactly one" if wrong.keyword == "oneOf" else "at least one"
                return Problem(self._home(fields[0]), fields[0], f"{number} of {', '.join(fields)} is needed{because}")
            case "maxContains":
                last = self._last_counted(fields, wrong)
                return self._problem(wrong.place, {"x-field": last}, f"{self._message(wrong)}{because}")
            case _:
                return self._problem(wrong.place, {"x-fields": fields}, f"{self._message(wrong)}{because}")

    def _last_counted(self, fields: Sequence[str], wrong: _Violation) -> str:
        """Of the fields whose items are counted together the last that has any: it has one too many."""
        kinds = zip(fields, wrong.schema["contains"]["anyOf"], strict=True)
        return [f for f, kind in kinds if any(map(self._validator.evolve(schema=kind).is_valid, wrong.value))][-1]

    def _message(self, wrong: _Violation) -> str:
        """What is wrong with one value."""
        value, limit, schema = wrong.value, wrong.limit, wrong.schema
        match wrong.keyword:
            case "type":
                return _message_of_type(value, [limit] if isinstance(limit, str) else limit)
            case "enum":
                return _none_of(value, limit) if len(limit) > 1 else f"{_shown(value)} has to be {_shown(limit[0])}"
            case "const":
                return f"{_shown(value)} has to be {_shown(limit)}"
            case "minimum":
                return f"{_shown(value)} is less than {limit}{_range(schema)}"
            case "maximum":
                return f"{_shown(value)} is more than {limit}{_range(schema)}"
            case "minLength":
                return "is empty" if not value else f"{len(value)} characters are fewer than {limit}"
            case "maxLength":
                return f"{len(value)} characters are more than {limit}"
            case "pattern":
                return f"{_shown(value)} is not {schema.get('x-accepts', f'of the form {limit}')}"
            case "minItems":
                return "is an empty list" if not value else f"{len(value)} items are fewer than {limit}"
            case "maxItems":
                return f"{len(value)} items are more than {limit}"
            case "contains" | "minContains" | "maxContains":
                return self._message_of_count(value, schema)
            case keyword if keyword in OWN_KEYWORDS:
                return wrong.message
            case keyword:
                return f"{_shown(value)} breaks the schema's {keyword}"

    def _message_of_count(self, value: Sequence[Any], schema: Schema) -> str:
        wanted = self._validator.evolve(schema=schema["contains"])
        count = sum(wanted.is_valid(item) for item in value)
        least, most = schema.get("minContains", 1), schema.get("maxContains")
        if most is not None and count > most:
            return f"{count} of them are more than {most}"
        return "is needed" if count == 0 else f"{count} of them are fewer than {least}"

    def _home(self, field: str) -> str:
        return next((path for path, name in self._fields.items() if name == field), field).removesuffix("[]")


def _message_of_type(value: Any, allowed: Sequence[str]) -> str:
    wanted = " or ".join(_NOUNS.get(name, name) for name in allowed)
    if "integer" in allowed and isinstance(value, float) and value.is_integer():
        return f"{_shown(value)} is not {wanted}; write {int(value)}"
    return f"{_shown(value)} is not {wanted}"


def _none_of(value: Any, allowed: Sequence[Any]) -> str:
    texts = [option for option in allowed if isinstance(option, str)]
    close = get_close_matches(value, texts, n=1, cutoff=0.5) if isinstance(value, str) else []
    hint = f"; did you mean {_shown(close[0])}?" if close else ""
    return f"{_shown(value)} is none of {_listed(allowed)}{hint}"


def _listed(values: Iterable[Any]) -> str:
    return ", ".join(_shown(value) for value in values)


def _range(schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    return f" ({low} to {high})" if low is not None and high is not None else ""


def _shown(value: Any) -> str:
    """The value as JSON, as short as a message can bear."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 3]}..."


# Places in a body.


def _fields(schema: Schema, path: str) -> Iterator[tuple[str, str]]:
    """Path and form field of every place that has one; items of an array stand under ``[]``."""
    field = _field(schema)
    if field and path:
        yield path, field
    for key, inner in schema.get("properties", {}).items():
        yield from _fields(inner, _below(path, key))
    if "items" in schema:
        items = schema["items"]
        for variant in items.get("anyOf", (items,)):
            yield from _fields(variant, f"{path}[]")


def _field(schema: Schema) -> str | None:
    """The form field behind a schema; of several the first."""
    field: str | None = schema.get("x-field") or next(iter(schema.get("x-fields", ())), None)
    return field


def _leaves(schema: Schema, key: str, path: str) -> Iterator[tuple[str, Schema]]:
    """The innermost places that are missing if a needed key is, and their schemas."""
    inner, place = schema.get("properties", {}).get(key, {}), _below(path, key)
    needed = inner.get("required", ())
    if not needed:
        yield place, inner
    for deeper in needed:
        yield from _leaves(inner, deeper, place)


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _written(steps: Iterable[str | int]) -> str:
    parts = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return "".join(parts).removeprefix(".")


def _general(path: str) -> str:
    """The path with all items of an array under ``[]``."""
    head, *rest = path.split("[")
    return head + "".join(f"[]{part.partition(']')[2]}" for part in rest)


def _with_index(field: str, path: str) -> str:
    """A field of a list's items, with the number of the item."""
    index = path.rpartition("[")[2].partition("]")[0]
    return field.replace("[]", f"[{index}]")


def _found(body: Any, path: str) -> bool:
    for key in path.partition("[")[0].split("."):
        if not isinstance(body, dict) or key not in body:
            return False
        body = body[key]
    return True


def _constants(variant: Schema) -> dict[str, Any]:
    return {key: inner["const"] for key, inner in variant.get("properties", {}).items() if "const" in inner}


# Validation.


def _violation(error: Any) -> _Violation:
    """A validator's error, and those it is made of."""
    return _Violation(
        place=_written(error.absolute_path),
        value=error.instance,
        keyword=error.validator,
        limit=error.validator_value,
        schema=error.schema,
        steps=tuple(error.absolute_schema_path),
        branch=error.schema_path[0],
        within=tuple(_violation(inner) for inner in error.context),
        message=error.message,
    )


def _without_unknowns(violations: Iterable[_Violation]) -> list[_Violation]:
    """The violations, without those that only say that a parameter is not known."""
    rest = []
    for wrong in violations:
        if wrong.keyword == "anyOf":
            within = _without_unknowns(wrong.within)
            if len({inner.branch for inner in within}) == len(wrong.limit):
                rest.append(wrong._replace(within=tuple(within)))
        elif wrong.keyword != "additionalProperties":
            rest.append(wrong)
    return rest
