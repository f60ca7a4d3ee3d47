"""The words of a command line as values of a request.

Nothing is coerced: a word that is not of the field's type stays a text, and the request reports it along with all other
problems.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, assert_never

from modelstream_runtime.cli.form import FormField
from modelstream_runtime.documents import UnreadableValue, parse_document, parse_json, read_file

if TYPE_CHECKING:
    from modelstream_runtime.media import Accepts

_INTEGER = re.compile(r"[+-]?[0-9]{1,30}", re.ASCII)
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?", re.ASCII)
_ADDRESS = re.compile(r"data:|[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_MEDIA_FILE = re.compile(r"(\.{0,2}|~)[/\\]|.*\.(jpe?g|png|bmp|webp|gif|mp4|mov|webm|wav|mp3)\Z", re.IGNORECASE)


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
            return _number(field, given)
        case "choice":
            return next((choice for choice in field.choices if str(choice) == given), _number(field, given))
        case "media":
            return (
                [read_media(field.accepts, text) for text in given] if field.many else read_media(field.accepts, given)
            )
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


def _number(field: FormField, given: str) -> Any:
    """The number in a text, if it is one of the field's type."""
    whole = field.kind == "integer" or (field.kind == "choice" and any(isinstance(c, int) for c in field.choices))
    if (whole or field.kind == "number") and _INTEGER.fullmatch(given):
        return int(given)
    if field.kind == "number" and _NUMBER.fullmatch(given):
        return float(given)
    return given


def with_media(field: FormField, value: Any) -> Any:
    """A value from a file or from JSON, in which media are addresses and files as on the command line."""
    if isinstance(value, list):
        return [with_media(field, item) for item in value]
    if field.kind == "media":
        return read_media(field.accepts, value) if isinstance(value, str) else value
    if not isinstance(value, dict):
        return value
    return {name: _as_media(field.parts[name], part) if name in field.parts else part for name, part in value.items()}


def _as_media(accepts: Accepts, value: Any) -> Any:
    if isinstance(value, list):
        return [_as_media(accepts, item) for item in value]
    return read_media(accepts, value) if isinstance(value, str) else value


def read_media(accepts: Accepts | None, given: str) -> str | Path:
    """An address as it is. Anything else is the path of a file, unless it can only be the content of one."""
    if _ADDRESS.match(given):
        return given
    path = Path(given)
    try:
        exists = path.exists()
    except (OSError, ValueError):
        exists = False
    return given if not exists and _is_content(accepts, given) else path


def _is_content(accepts: Accepts | None, given: str) -> bool:
    from modelstream_runtime.media import sniff

    match accepts.encoding if accepts else "data_uri":
        case "any":
            return not _MEDIA_FILE.match(given)
        case "base64":
            try:
                return sniff(base64.b64decode(given, validate=True)) is not None
            except (ValueError, binascii.Error):
                return False
        case _:
            return False


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
