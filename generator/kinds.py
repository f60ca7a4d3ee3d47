"""The types that a schema file can give a field, and what the checks ask about a type.

Every `match` on the type ends in `assert_never`, so that a type checker finds the places that have to know a new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, assert_never, get_args

MediaKind = Literal["image", "audio", "video"]
Kind = Literal["string", "integer", "number", "boolean", "enum", "list", "object"] | MediaKind

KINDS: tuple[Kind, ...] = tuple(kind for part in get_args(Kind) for kind in get_args(part))
"""All of them; the language's JSON Schema has the same list."""


class Traits(NamedTuple):
    """What the checks have to know of a type."""

    is_number: bool = False
    """Whether the values have bounds and can be added up."""
    is_media: bool = False
    """Whether the values are URLs, data URIs or files, which only the runtime can distinguish from other texts."""
    fills_array: bool = False
    """Whether a field of the type can add its values to an array of the body, if need be as items."""
    can_be_compared: bool = False
    """Whether a condition can name a value, rather than only ask whether the field is present."""


def kind_of(field: Mapping[str, Any]) -> Kind:
    """The type of a field in a schema file, which the language has checked."""
    kind: Kind = field["type"]
    return kind


def traits_of(field: Mapping[str, Any]) -> Traits:
    """What the type of a field in a schema file means."""
    kind = kind_of(field)
    match kind:
        case "string" | "boolean" | "enum":
            return Traits(fills_array=True, can_be_compared=True)
        case "integer" | "number":
            return Traits(is_number=True, fills_array=True, can_be_compared=True)
        case "image" | "audio" | "video":
            return Traits(is_media=True, fills_array=True)
        case "list":
            return Traits(fills_array=True)
        case "object":
            return Traits()
        case _:
            assert_never(kind)
