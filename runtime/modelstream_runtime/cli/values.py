"""The words of a command line as values of a request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, assert_never

from modelstream_runtime.documents import UnreadableValue, parse_document, parse_json, read_file
from modelstream_runtime.form import FormField
from modelstream_runtime.form_values import choice_in, media_in, number_in, with_media


def read_value(field: FormField, given: Any) -> Any:
    """The value of a field from what its option was given.

    Raises:
        UnreadableValue: a file cannot be read, or a text is not JSON.
    """
    match field.kind:
        case "boolean":
            return given
        case "text":
            return _text(given)
        case "integer" | "number":
            return number_in(field, given)
        case "choice":
            return choice_in(field, given)
        case "media":
            accepts = field.accepts
            return [media_in(accepts, text) for text in given] if field.many else media_in(accepts, given)
        case "objects":
            return [with_media(field, item) for text in given for item in _as_list(_json(text))]
        case "object":
            return _json(given)
        case unexpected:
            assert_never(unexpected)


def _text(given: str) -> str:
    """A text, or the content of the file after ``@``. ``@@`` stands for an ``@``."""
    if given.startswith("@@"):
        return given[1:]
    if not given.startswith("@"):
        return given
    text = read_file(given[1:], advice="; if the text itself begins with @, write @@")
    # Editors end a file with a line break that nobody means.
    return text.removesuffix("\n").removesuffix("\r")


def _json(given: str) -> Any:
    """JSON, or the content of the JSON or YAML file after ``@``."""
    if given.startswith("@"):
        return parse_document(read_file(given[1:]), given[1:])
    return parse_json(given)


def read_overrides(given: Sequence[str]) -> dict[str, Any]:
    """The part of the JSON body that ``--set KEY.KEY=VALUE`` overrides. A value is JSON, or else a text.

    Raises:
        UnreadableValue: one of them has another form, or two contradict each other.
    """
    body: dict[str, Any] = {}
    for text in given:
        path, equals, value = text.partition("=")
        *outer, last = path.strip().split(".")
        if not equals or not all((*outer, last)):
            raise UnreadableValue(f"{_start(text)!r} does not have the form KEY.KEY=VALUE, such as metadata.sound=on")
        if not outer and last == "model":
            raise UnreadableValue("the model is an argument of the command, after 'generate'")
        node: Any = body
        for key in outer:
            node = node.setdefault(key, {})
            if not isinstance(node, dict):
                raise UnreadableValue(f"{path!r} is inside a value that is also set")
        if last in node:
            raise UnreadableValue(f"{path!r} is set twice")
        node[last] = _json_or_text(value)
    return body


def _json_or_text(value: str) -> Any:
    try:
        return parse_json(value)
    except UnreadableValue:
        if value[:1] in ("{", "["):
            raise
        return value


def _start(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
