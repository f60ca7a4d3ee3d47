"""Report what the language's own JSON Schema rejects, in the words of people who write YAML by hand."""

from __future__ import annotations

import copy
import json
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from generator.check.values import not_boolean
from generator.diagnostics import Problem, nearest, shown, suggest
from generator.load import Document, Location

_NOUNS = {
    "string": "a text",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}

_NULLS = ("~", "null", "Null", "NULL")

# JSON Schema calls 5.0 an integer. A form does not, and neither does Python.
_STRICT: type[Validator] = extend(  # type: ignore[no-untyped-call]  # jsonschema has no types there
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: type(value) is int),
)


def check_language(document: Document, schema_file: Path) -> tuple[list[Problem], Any]:
    """All violations of the language, and a copy of the data without the parts that violate it.

    With the copy the checks that follow can judge the sound rest of a broken file, so that one run reports everything.
    In its lists ``None`` replaces what was removed, so that the positions of the others stay true.
    """
    rest = copy.deepcopy(document.data)
    if () in document.unread:
        return [], {}
    if not isinstance(rest, dict):
        message = "a schema file is a mapping of keys to values" if rest is not None else "the file is empty"
        return [document.problem("wrong-type", message, ())], {}
    # Two branches of the language may reject the same node for the same reason; one report is enough.
    found: dict[tuple[str, Location], Problem] = {}
    for error in _validator(schema_file).iter_errors(document.data):
        for problem, at in _translate(document, error):
            if not any(at[:depth] in document.unread for depth in range(len(at) + 1)):
                found.setdefault((problem.code, at), problem)
    _forget_misspelt(found)
    for at in {*document.unread, *(at for _, at in found)}:
        _remove(rest, at)
    return sorted(found.values()), rest


@cache
def _validator(schema_file: Path) -> Validator:
    validator: Validator = _STRICT(json.loads(schema_file.read_text(encoding="utf-8")))
    return validator


def _translate(document: Document, error: ValidationError) -> Iterator[tuple[Problem, Location]]:
    """The problems behind one error of the validator, each with the node that has it."""
    at: Location = tuple(error.absolute_path)
    schema: dict[str, Any] = error.schema if isinstance(error.schema, dict) else {}
    value: Any = error.instance
    expected: Any = error.validator_value
    match error.validator:
        case "additionalProperties":
            for key in [k for k in value if k not in schema["properties"]]:
                yield _unknown_key(document, (*at, key), schema["properties"], _owner(at))
        case "enum" if _names_a_key(error):
            kind = schema["x-kind"]
            article = "an" if kind[0] in "aeiou" else "a"
            yield _unknown_key(document, (*at, value), expected, f"{article} {kind}")
        case "pattern" | "type" | "minLength" | "maxLength" if _names_a_key(error):
            message = f"{shown(value)} cannot be a name here; write {schema.get('x-pattern', 'a text')}"
            yield document.problem("bad-name", message, (*at, value), key=True), (*at, value)
        case "required":
            still_open = value.get("open") if isinstance(value.get("open"), dict) else {}
            for key in [k for k in expected if k not in value and k not in still_open]:
                others = [k for k in value if isinstance(k, str) and k not in schema.get("properties", value)]
                if meant := nearest(key, others):
                    message = f"{key!r} is missing; did you write {meant!r} instead?"
                    yield document.problem("missing-key", message, (*at, meant), key=True), (*at, key)
                else:
                    yield document.problem("missing-key", f"{key!r} is missing", at, key=True), (*at, key)
        case "not":
            message = "a generic schema has no model id; remove one of the two"
            yield document.problem("bad-value", message, ("model",)), ("model",)
        case "enum" if at[-1:] == ("means",):
            message = (
                f"{shown(value)} is not one of waiting, done, failed; say what the status means for a client that polls"
            )
            yield document.problem("unclassified-status", message, at), at
        case "pattern" if at == ("model",):
            message = f"{shown(value)} cannot be a model id; write {schema['x-pattern']}"
            yield document.problem("unsafe-model-id", message, at), at
        case "uniqueItems":
            for index, item in enumerate(value):
                if item in value[:index]:
                    message = f"{shown(item)} appears twice; keep one"
                    yield document.problem("bad-value", message, (*at, index)), (*at, index)
        case "type":
            yield document.problem("wrong-type", _type_message(value, expected, document.source(at)), at), at
        case _:
            yield document.problem("bad-value", _value_message(error, schema), at), at


def _forget_misspelt(found: dict[tuple[str, Location], Problem]) -> None:
    """A key that is missing because it is misspelt is one problem, not two."""
    for _, at in [place for place in found if place[0] == "unknown-key"]:
        missing = [other[-1] for other_code, other in found if (other_code, other[:-1]) == ("missing-key", at[:-1])]
        meant = nearest(str(at[-1]), map(str, missing))
        found.pop(("missing-key", (*at[:-1], meant)), None)


def _names_a_key(error: ValidationError) -> bool:
    """Whether the error is about the name of a key rather than about a value."""
    return "propertyNames" in error.absolute_schema_path


def _owner(at: Location) -> str:
    """What a mapping is called in a message."""
    if not at:
        return "the file"
    if isinstance(at[-1], int):
        return f"an {str(at[-2]).removesuffix('s')}"
    return str(at[-1])


def _unknown_key(document: Document, at: Location, allowed: Collection[str], owner: str) -> tuple[Problem, Location]:
    listing = f"; it may have {', '.join(sorted(allowed))}"
    hint = suggest(str(at[-1]), allowed, otherwise=listing)
    return document.problem("unknown-key", f"{shown(at[-1])} is not a key of {owner}{hint}", at, key=True), at


def _type_message(value: Any, expected: str | list[str], source: str) -> str:
    names = [expected] if isinstance(expected, str) else expected
    wanted = " or ".join(_NOUNS[name] for name in names)
    if value is None:
        null = f"{source} means no value; put it in quotes, or" if source in _NULLS else "there is no value;"
        return f"{null} write {wanted}"
    if names == ["boolean"]:
        return not_boolean(value)
    message = f"{shown(value)} is not {wanted}"
    if isinstance(value, str) and source[:1] in ("'", '"') and _is_number(value):
        return f"{message}; remove the quotes"
    if "string" in names and isinstance(value, (int, float, bool)):
        return f"{message}; put it in quotes"
    return message


def _value_message(error: ValidationError, schema: dict[str, Any]) -> str:
    value: Any = error.instance
    expected: Any = error.validator_value
    match error.validator:
        case "enum":
            hint = suggest(value, expected) if isinstance(value, str) else ""
            return f"{shown(value)} is not one of {', '.join(map(str, expected))}{hint}"
        case "const":
            return f"{shown(value)} is not {shown(expected)}, the only value allowed here"
        case "pattern":
            return f"{shown(value)} is not {schema.get('x-pattern', expected)}"
        case "minProperties" | "minItems" if expected > 1:
            return f"{len(value)} is too few; write at least {expected} entries, or remove the key"
        case "minProperties" | "minItems":
            return "it is empty; write at least one entry, or remove the key"
        case "minLength":
            return "the text is empty; write it, or remove the key"
        case "maxLength":
            return f"{len(value)} characters are more than {expected}"
        case "minimum":
            return f"{value} must be at least {expected}"
        case "exclusiveMinimum":
            return f"{value} must be more than {expected}"
        case "maximum":
            return f"{value} must be at most {expected}"
        case _:
            return error.message


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _remove(data: Any, at: Location) -> None:
    for step in at[:-1]:
        if isinstance(data, dict):
            data = data.get(step)
        else:
            data = data[step] if isinstance(data, list) and isinstance(step, int) else None
    if isinstance(data, dict):
        data.pop(at[-1], None)
    elif isinstance(data, list) and isinstance(at[-1], int):
        data[at[-1]] = None
