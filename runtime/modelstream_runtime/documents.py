"""Documents that people write: JSON, or YAML by the rules of YAML 1.2.

PyYAML follows YAML 1.1, which reads ``16:9`` as the number 969 and ``no`` as false. Of two equal keys it silently keeps
the last.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from modelstream_runtime.about import install_advice
from modelstream_runtime.yaml12 import scalar

_PLAIN = "plain"
_MAX_DEPTH = 100
_KNOWN_TAGS = {_PLAIN, *(f"tag:yaml.org,2002:{kind}" for kind in ("str", "map", "seq"))}


class UnreadableValue(Exception):
    """A file or a text that cannot be read as a value. The message says why."""


class UnreadableJson(UnreadableValue):
    """A text that is not JSON, with the place where it stops being so."""

    def __init__(self, error: json.JSONDecodeError) -> None:
        super().__init__(f"invalid JSON: {error.msg} in line {error.lineno}, column {error.colno}")
        self.reason = error.msg
        self.line = error.lineno
        self.column = error.colno


def read_file(name: str, advice: str = "") -> str:
    """The text of a file, or of standard input for ``-``.

    Args:
        name: the file.
        advice: the end of the message if there is no such file.

    Raises:
        UnreadableValue: the file cannot be read, or is not UTF-8.
    """
    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableValue(f"{name!r} is not UTF-8") from None
    except FileNotFoundError:
        raise UnreadableValue(f"there is no file {name!r}{advice}") from None
    except (OSError, ValueError) as error:
        raise UnreadableValue(f"{name!r} cannot be read: {getattr(error, 'strerror', None) or error}{advice}") from None


def read_params(name: str) -> dict[str, Any]:
    """The values in a file by field name. Dashes in the names count as underscores.

    Args:
        name: the file; ``-`` is standard input.

    Raises:
        UnreadableValue: the file cannot be read, or does not map names to values.
    """
    data = parse_document(read_file(name), name)
    if not isinstance(data, dict):
        raise UnreadableValue("expected a mapping of field names to values")
    values: dict[str, Any] = {}
    for key, value in data.items():
        field = str(key).replace("-", "_")
        if field in values:
            raise UnreadableValue(f"the field {field!r} appears twice")
        values[field] = value
    return values


def parse_document(text: str, name: str) -> Any:
    """The value of a document: JSON if its file is named so or if it begins with a bracket, otherwise YAML.

    Raises:
        UnreadableValue: the document is not valid.
    """
    if name.lower().endswith(".json"):
        return parse_json(text)
    if not name.lower().endswith((".yaml", ".yml")) and text.lstrip()[:1] in ("{", "["):
        return parse_json(text)
    return _parse_yaml(text)


def _parse_yaml(text: str) -> Any:
    try:
        import yaml
    except ImportError:
        raise UnreadableValue(f"YAML needs the extra 'cli', JSON does not; {install_advice('cli')}") from None

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    # Without resolvers every plain scalar keeps this tag, and `scalar` decides what it means.
    loader = type("Loader", (base,), {"yaml_implicit_resolvers": {}, "DEFAULT_SCALAR_TAG": _PLAIN})
    try:
        _check_depth(yaml.parse(text, Loader=loader))
        root = yaml.compose(text, Loader=loader)
        return None if root is None else _value(root, set())
    except yaml.MarkedYAMLError as error:
        place = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UnreadableValue(f"invalid YAML: {error.problem or error.context}{place}") from None
    except yaml.YAMLError as error:
        raise UnreadableValue(f"invalid YAML: {error}") from None


def _check_depth(events: Iterable[Any]) -> None:
    """Reject deep nesting, on which PyYAML's recursive composer would crash."""
    depth = 0
    for event in events:
        kind = type(event).__name__
        depth += kind.endswith("StartEvent") - kind.endswith("EndEvent")
        if depth > _MAX_DEPTH:
            raise UnreadableValue(f"line {event.start_mark.line + 1}: the document is nested too deeply")


def _value(node: Any, seen: set[int]) -> Any:
    line = node.start_mark.line + 1
    if id(node) in seen:
        raise UnreadableValue(f"line {line}: aliases are not supported; write out the value of this anchor again")
    seen.add(id(node))
    if node.tag not in _KNOWN_TAGS:
        raise UnreadableValue(f"line {line}: the tag {node.tag} is not supported; write a plain value")
    match node.id:
        case "mapping":
            return _mapping(node, seen)
        case "sequence":
            return [_value(item, seen) for item in node.value]
        case _:
            value = scalar(node.value) if node.tag == _PLAIN and not node.style else node.value
            if isinstance(value, float) and not math.isfinite(value):
                raise UnreadableValue(f"line {line}: JSON has no number {node.value}")
            return value


def _mapping(node: Any, seen: set[int]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if key_node.id != "scalar":
            raise UnreadableValue(f"line {line}: a list or mapping cannot be a key")
        key = str(key_node.value)
        if key in result:
            raise UnreadableValue(f"line {line}: the key {key!r} appears twice")
        result[key] = _value(value_node, seen)
    return result


def parse_json(text: str) -> Any:
    """The value of strict JSON, which has no NaN and no key twice.

    Raises:
        UnreadableValue: the text is not valid.
    """
    try:
        return json.loads(text, object_pairs_hook=_without_duplicates, parse_constant=_reject_constant)
    except json.JSONDecodeError as error:
        raise UnreadableJson(error) from None
    except (ValueError, RecursionError) as error:
        raise UnreadableValue(f"invalid JSON: {error}") from None


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise ValueError(f"the key {key!r} appears twice")
        result[key] = value
    return result


def _reject_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")
