"""The fields of a form. `Field` is the closed union of all kinds.

A new kind is a class here and a member of the union. Every `match` on a field ends in `assert_never`, so that a type
checker lists the places that have to know the new kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, TypeAlias, assert_never

from generator.ir.items import ItemShape, Scalar
from generator.kinds import MediaKind
from modelstream_runtime.rules import DefaultWhen

Evidence = Literal["curl", "page", "vendor", "guess"]
Encoding = Literal["data_uri", "base64", "split", "any"]
Way = Literal["url", "inline"]
"""How a file can travel: as its address, or inside the body."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Where a value goes in the body."""

    container: tuple[str, ...]
    """The objects around it, from the outside in."""
    key: str
    """The key it has in the innermost of them."""
    array: bool = False
    """Whether it goes into an array under that key."""
    index: int | None = None
    """Its position in the array, if it has one of its own; ``None`` if it is appended."""
    item_property: str | None = None
    """The property of an item of that array that it becomes, if it attaches to another field's item."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """The target that a schema file writes as a text."""
        path, array, rest = text.partition("[")
        index, _, item_property = rest.partition("]")
        *container, key = path.split(".")
        return cls(
            container=tuple(container),
            key=key,
            array=bool(array),
            index=int(index) if index else None,
            item_property=item_property.removeprefix(".") or None,
        )

    @property
    def path(self) -> str:
        """The keys to the value, or to the array that it goes into."""
        return ".".join((*self.container, self.key))

    def __str__(self) -> str:
        index = "" if self.index is None else self.index
        suffix = f"[{index}]" if self.array else ""
        return self.path + suffix + (f".{self.item_property}" if self.item_property else "")


def targets_of(data: Mapping[str, Any]) -> tuple[Target, ...]:
    """The places that a schema file gives a field; one, unless the same value is sent at several."""
    written = data.get("target")
    return tuple(map(Target.parse, filter(None, written if isinstance(written, list) else [written])))


@dataclass(frozen=True, kw_only=True, slots=True)
class Many:
    """How many items a field takes."""

    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldBase:
    """What all kinds of fields have. ``target`` is ``None`` only inside the items of a list."""

    name: str
    doc: str
    notes: tuple[str, ...]
    """What no machine checks, in sentences."""
    required: bool
    default: Scalar | None
    default_when: tuple[DefaultWhen, ...]
    """Other defaults under a condition; the first that holds."""
    gateway_default: Scalar | None
    """What the gateway takes if the body has no value; the client does not send it."""
    target: Target | None
    also: tuple[Target, ...]
    """Where the same value is sent as well; no arrays."""
    item: ItemShape | None
    """The object around each value that the field adds to an array. A switch with one adds it if it is true, to an
    array or in its place, and nothing if it is false."""
    evidence: Evidence
    limits: Evidence
    line: int

    @property
    def targets(self) -> tuple[Target, ...]:
        """All places of the value."""
        return (self.target, *self.also) if self.target else ()

    @property
    def about(self) -> str:
        """What the field does, and what no machine checks."""
        return " ".join([*([self.doc] if self.doc else []), *(f"{note.rstrip('. ')}." for note in self.notes)])


@dataclass(frozen=True, kw_only=True, slots=True)
class Text(FieldBase):
    """Free text; lengths in code points."""

    min_length: int | None
    max_length: int | None
    is_json: bool
    """Whether the text must be JSON."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """A value of a choice or a special number, with the label of the page, if there is one."""

    value: str | int
    label: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Number(FieldBase):
    """An integer or a float."""

    integer: bool
    minimum: float | None
    maximum: float | None
    step: float | None
    special: tuple[Option, ...]
    """The integers outside the range that the field takes as well."""
    unit: str | None
    sent_as_text: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Switch(FieldBase):
    """True or false."""

    sent_as_text: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice(FieldBase):
    """One of a few values."""

    options: tuple[Option, ...]
    sent_as_text: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Media(FieldBase):
    """A picture, sound or video, or several."""

    kind: MediaKind
    many: Many | None
    encoding: Encoding
    only: Way | None
    """The only way that a file may travel; ``None`` for both."""
    formats: tuple[str, ...]
    max_bytes: int | None
    attach_to: str | None
    """The field to whose first item in the array this value is attached."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectList(FieldBase):
    """A list of small objects."""

    class_name: str
    item_name: str
    """What one item is called, in lower case."""
    many: Many
    fields: tuple[ItemField, ...]
    item: ItemShape

    @property
    def typed_file(self) -> Media | None:
        """The file in an item whose type travels beside it."""
        return next((f for f in self.fields if isinstance(f, Media) and f.encoding == "split"), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenObject(FieldBase):
    """Any JSON object."""


ItemField: TypeAlias = Text | Number | Switch | Choice | Media
"""The kinds that the items of a list can have as fields."""

ArrayField: TypeAlias = ItemField | ObjectList
"""The kinds that can fill an array of the body."""

Field: TypeAlias = ArrayField | OpenObject
"""All kinds."""


def is_sent_as_text(field: Field) -> bool:
    """Whether a value that is no text travels as one."""
    match field:
        case Number() | Switch() | Choice():
            return field.sent_as_text
        case Text() | Media() | ObjectList() | OpenObject():
            return False
        case _:
            assert_never(field)


def type_name(field: Field) -> str:
    """The type as a schema file writes it."""
    match field:
        case Text():
            return "string"
        case Number(integer=integer):
            return "integer" if integer else "number"
        case Switch():
            return "boolean"
        case Choice():
            return "enum"
        case Media(kind=kind):
            return kind
        case ObjectList():
            return "list"
        case OpenObject():
            return "object"
        case _:
            assert_never(field)


def is_limited(field: Field) -> bool:
    """Whether the field has limits: options, a range, a size."""
    match field:
        case Text(min_length=least, max_length=most, is_json=is_json):
            return bool(is_json or most or (least and least > 1))
        case Number(minimum=low, maximum=high, step=step):
            return not (low is None and high is None and step is None)
        case Media(formats=formats, max_bytes=most_bytes, many=many):
            return bool(formats or most_bytes or many)
        case Choice() | ObjectList():
            return True
        case Switch() | OpenObject():
            return False
        case _:
            assert_never(field)
