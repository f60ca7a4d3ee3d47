"""Plain data as YAML text in the style of the schemas, such that `generator.load` reads the same data again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from modelstream_runtime.yaml12 import scalar

WIDTH = 116
"""A flow collection that does not fit into this many columns is written as a block."""

_PLAIN = re.compile(r"[^\W_][\w .:/()+%≤-]*\Z")
"""Texts that may do without quotes, in flow collections, too."""


def yaml_lines(data: dict[str, Any], indent: int = 0) -> Iterator[str]:
    """The mapping as lines: entries that fit into a line as flow collections, others as blocks."""
    for key, value in data.items():
        yield from _entry(f"{' ' * indent}{yaml_scalar(key)}:", value, indent)


def _entry(head: str, value: Any, indent: int) -> Iterator[str]:
    flow = f"{head} {yaml_flow(value)}"
    if not isinstance(value, (dict, list)) or not value or (len(flow) <= WIDTH and not _is_large(value)):
        yield flow
    elif isinstance(value, dict):
        yield head
        yield from yaml_lines(value, indent + 2)
    else:
        yield head
        for entry in value:
            yield from _item(entry, indent + 2)


def _item(value: Any, indent: int) -> Iterator[str]:
    dash = f"{' ' * indent}-"
    flow = f"{dash} {yaml_flow(value)}"
    if not isinstance(value, (dict, list)) or not value or (len(flow) <= WIDTH and not _is_large(value)):
        yield flow
    elif isinstance(value, dict):
        first, *others = yaml_lines(value, indent + 2)
        yield f"{dash} {first.lstrip()}"
        yield from others
    else:
        yield dash
        for entry in value:
            yield from _item(entry, indent + 2)


def _is_large(value: Any) -> bool:
    """Whether a collection holds mappings, which are easier to read in lines of their own."""
    inner = value.values() if isinstance(value, dict) else value
    return any(isinstance(entry, dict) and len(entry) > 1 for entry in inner) and len(value) > 1


def yaml_flow(value: Any) -> str:
    """The value in one line."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{yaml_scalar(key)}: {yaml_flow(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(yaml_flow, value))}]"
    return yaml_scalar(value)


def yaml_scalar(value: Any) -> str:
    """A scalar, in quotes only where it needs them."""
    if not isinstance(value, str):
        return json.dumps(value)
    if _PLAIN.match(value) and scalar(value) is value and not re.search(r": |:\Z| #|\s\Z", value):
        return value
    if value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    # JSON's escapes are YAML's, too.
    return json.dumps(value)
