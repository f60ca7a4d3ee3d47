"""What the language's own JSON Schema refuses, told in the words of someone who writes YAML by hand."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from generator.diagnostics import Problem, suggest
from generator.load import Document, Location

_NOUNS = {
    "string": "a text",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}


def check_language(document: Document, schema_file: Path) -> tuple[list[Problem], Any]:
    """All violations of the language, and a copy of the data without the parts that violate it.

    The copy lets the checks that follow judge the sound rest of a broken file, so that one run tells everything.
    """
    rest = copy.deepcopy(document.data)
    if not isinstance(rest, dict):
        return [document.problem("wrong-type", "a schema file is a mapping of keys to values", ())], {}
    # Two branches of the language may refuse the same node for the same reason; once is enough.
    found: dict[tuple[str, Location], Problem] = {}
    for error in _validator(schema_file).iter_errors(document.data):
        for problem, at in _translate(document, error):
            found.setdefault((problem.code, at), problem)
    # From the end, so that an index into a list is still right when its turn comes.
    for _, at in sorted(found, key=lambda entry: _sort_key(entry[1]), reverse=True):
        _remove(rest, at)
    return sorted(found.values()), rest


@cache
def _validator(schema_file: Path) -> Draft202012Validator:
    schema = json.loads(schema_file.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def _translate(document: Document, error: ValidationError) -> Iterator[tuple[Problem, Location]]:
    """The problems behind one error of the validator, each with the node that is to blame."""
    at: Location = tuple(error.absolute_path)
    schema: dict[str, Any] = error.schema if isinstance(error.schema, dict) else {}
    value, expected = error.instance, error.validator_value
    match error.validator:
        case "additionalProperties":
            for key in [k for k in value if k not in schema["properties"]]:
                yield _unknown_key(document, (*at, key), list(schema["properties"]), "the file" if not at else str(at[-1]))
        case "enum" if _names_a_key(error):
            yield _unknown_key(document, (*at, value), expected, schema["x-kind"])
        case "pattern" | "type" | "minLength" | "maxLength" if _names_a_key(error):
            message = f"{value!r} is no name that can be used here; write {schema.get('x-pattern', 'a text')}"
            yield document.problem("bad-name", message, (*at, value), key=True), (*at, value)
        case "required":
            for key in [k for k in expected if k not in value]:
                yield document.problem("missing-key", f"{key!r} is missing", at, key=True), (*at, key)
        case "not":
            yield document.problem("bad-value", "a generic schema has no model id; remove one of the two", ("model",)), ("model",)
        case "type":
            yield document.problem("wrong-type", _type_message(value, expected), at), at
        case "enum" if at[-1:] == ("means",):
            message = f"{value!r} is none of waiting, done, failed; say what the status means for a client that waits"
            yield document.problem("unclassified-status", message, at), at
        case "enum":
            hint = suggest(value, expected) if isinstance(value, str) else ""
            message = f"{value!r} is none of {', '.join(map(str, expected))}{hint}"
            yield document.problem("bad-value", message, at), at
        case "const":
            yield document.problem("bad-value", f"{value!r} can only be {_yaml(expected)}", at), at
        case "pattern" if at == ("model",):
            yield document.problem("unsafe-model-id", f"{value!r} is not {schema['x-pattern']}", at), at
        case "pattern":
            yield document.problem("bad-value", f"{value!r} is not {schema.get('x-pattern', expected)}", at), at
        case "minProperties" | "minItems" | "minLength":
            yield document.problem("bad-value", "it is empty", at), at
        case "maxLength":
            yield document.problem("bad-value", f"{len(value)} characters is more than {expected}", at), at
        case "minimum" | "exclusiveMinimum":
            least = "at least" if error.validator == "minimum" else "more than"
            yield document.problem("bad-value", f"{value} must be {least} {expected}", at), at
        case "maximum":
            yield document.problem("bad-value", f"{value} must be at most {expected}", at), at
        case "uniqueItems":
            yield document.problem("bad-value", "an item stands in it twice", at), at
        case _:
            yield document.problem("bad-value", error.message, at), at


def _names_a_key(error: ValidationError) -> bool:
    """Whether the error is about the name of a key rather than about a value."""
    return "propertyNames" in error.absolute_schema_path


def _unknown_key(document: Document, at: Location, allowed: Iterable[str], kind: str) -> tuple[Problem, Location]:
    key = at[-1]
    article = "an" if kind[0] in "aeiou" else "a"
    owner = kind if kind.startswith("the ") else f"{article} {kind}"
    listing = f"; it may have {', '.join(sorted(allowed))}"
    hint = suggest(str(key), allowed, otherwise=listing)
    return document.problem("unknown-key", f"{key!r} is no key of {owner}{hint}", at, key=True), at


def _type_message(value: Any, expected: str | list[str]) -> str:
    names = [expected] if isinstance(expected, str) else expected
    wanted = " or ".join(_NOUNS[name] for name in names)
    message = f"{_yaml(value)} is not {wanted}"
    if isinstance(value, str) and "boolean" in names and value.lower() in {"yes", "no", "on", "off"}:
        return f"{message}; {value!r} is a text here, write true or false"
    if "string" in names and isinstance(value, (int, float, bool)):
        return f"{message}; put it in quotes"
    return message


def _yaml(value: Any) -> str:
    """The value as it reads in YAML, short."""
    if value is None:
        return "nothing"
    if isinstance(value, (dict, list)):
        return "a mapping" if isinstance(value, dict) else "a list"
    return repr(value) if isinstance(value, str) else json.dumps(value)


def _sort_key(at: Location) -> tuple[tuple[bool, int, str], ...]:
    return tuple((isinstance(step, str), step if isinstance(step, int) else 0, str(step)) for step in at)


def _remove(data: Any, at: Location) -> None:
    for step in at[:-1]:
        if not isinstance(data, (dict, list)) or (isinstance(data, dict) and step not in data):
            return
        data = data[step]
    if isinstance(data, dict):
        data.pop(at[-1], None)
    elif isinstance(data, list) and at:
        del data[at[-1]]
