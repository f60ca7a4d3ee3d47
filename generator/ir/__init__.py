"""Stage 3: the schemas as immutable objects, which `generator.ir.build` makes. Nothing here reads a file."""

from __future__ import annotations

from dataclasses import dataclass

from generator.ir.fields import (
    ArrayField,
    Choice,
    Encoding,
    Evidence,
    Field,
    ItemField,
    Many,
    Media,
    Number,
    ObjectList,
    OpenObject,
    Option,
    Switch,
    Target,
    Text,
    is_limited,
    is_sent_as_text,
    type_name,
)
from generator.ir.gateway import ErrorRow, Gateway
from generator.ir.items import ItemShape, Scalar, Variable
from generator.ir.models import Constant, Example, Model, RefusedExample
from generator.ir.rules import Mode, Rule


@dataclass(frozen=True, kw_only=True, slots=True)
class Package:
    """Everything that is rendered."""

    gateway: Gateway
    models: tuple[Model, ...]
    """The models with an id, sorted by it."""
    generic: Model | None

    @property
    def all_models(self) -> tuple[Model, ...]:
        """The models, then the generic request."""
        return (*self.models, *([self.generic] if self.generic else ()))


__all__ = [
    "ArrayField",
    "Choice",
    "Constant",
    "Encoding",
    "ErrorRow",
    "Evidence",
    "Example",
    "Field",
    "Gateway",
    "ItemField",
    "ItemShape",
    "Many",
    "Media",
    "Mode",
    "Model",
    "Number",
    "ObjectList",
    "OpenObject",
    "Option",
    "Package",
    "RefusedExample",
    "Rule",
    "Scalar",
    "Switch",
    "Target",
    "Text",
    "Variable",
    "is_limited",
    "is_sent_as_text",
    "type_name",
]
