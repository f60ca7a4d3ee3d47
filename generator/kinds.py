"""The types that a schema file can give a field, and what the checks ask about a type.

Every `match` on the type ends in `assert_never`, so that a type checker finds the places that have to know a new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, assert_never, get_args

MediaKind = Literal["image", "audio", "video"]
Kind = Literal["string", "integer", "number", "boolean", "enum", "list", "object"] | MediaKind

KINDS: tuple[Kind, ...] = tuple(kind for part in get_args(Kind) for kind in (get_args(part) or (part,)))
"""All of them; the language's JSON Schema has the same list."""


def kind_of(field: Mapping[str, Any]) -> Kind:
    """The type of a field in a schema file, which the language has checked."""
    kind: Kind = field["type"]
    return kind


def is_number(kind: Kind) -> bool:
    """Whether the values have bounds and can be added up."""
    match kind:
        case "integer" | "number":
            return True
        case "string" | "boolean" | "enum" | "image" | "audio" | "video" | "list" | "object":
            return False
        case _:
            assert_never(kind)


def is_media(kind: Kind) -> bool:
    """Whether the values are URLs, data URIs or files, which only the runtime can tell from other texts."""
    match kind:
        case "image" | "audio" | "video":
            return True
        case "string" | "integer" | "number" | "boolean" | "enum" | "list" | "object":
            return False
        case _:
            assert_never(kind)


def fills_array(kind: Kind) -> bool:
    """Whether a field of the type can add its values to an array of the body."""
    match kind:
        case "image" | "audio" | "video" | "list":
            return True
        case "string" | "integer" | "number" | "boolean" | "enum" | "object":
            return False
        case _:
            assert_never(kind)


def can_be_compared(kind: Kind) -> bool:
    """Whether a condition can name a value, rather than only ask whether the field is present."""
    match kind:
        case "string" | "integer" | "number" | "boolean" | "enum":
            return True
        case "image" | "audio" | "video" | "list" | "object":
            return False
        case _:
            assert_never(kind)
