"""What the files that all models share say of one model: plain data, so that it can be kept without the model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from generator.emit.body import body_of
from generator.emit.json_schema import wire_schema
from generator.ir import Gateway, Model


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One model in the shared files. The names mean what they mean in `Model`."""

    id: str | None
    name: str
    title: str
    checked: str
    file: str
    module: str
    class_name: str
    values_class: str
    public_names: tuple[str, ...]
    wire_schema: dict[str, Any]
    example: Any
    """The body of the first example; ``None`` if there is none."""

    @classmethod
    def of(cls, model: Model) -> Self:
        """What is said of this model."""
        return cls(
            id=model.id,
            name=model.name,
            title=model.title,
            checked=model.checked,
            file=model.file,
            module=model.module,
            class_name=model.class_name,
            values_class=model.values_class,
            public_names=model.public_names,
            wire_schema=wire_schema(model),
            example=next((body_of(model, example.values) for example in model.examples), None),
        )

    @classmethod
    def load(cls, data: dict[str, Any]) -> Self:
        """What ``dataclasses.asdict`` made of one, after a while as JSON."""
        return cls(**{**data, "public_names": tuple(data["public_names"])})


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalog:
    """Everything the shared files say."""

    gateway: Gateway
    models: tuple[Entry, ...]
    """The models with an id, sorted by it."""
    generic: Entry | None

    @classmethod
    def of(cls, gateway: Gateway, entries: Iterable[Entry]) -> Self:
        """The entries in order."""
        entries = sorted(entries, key=lambda entry: entry.name)
        return cls(
            gateway=gateway,
            models=tuple(entry for entry in entries if entry.id),
            generic=next((entry for entry in entries if entry.id is None), None),
        )

    @property
    def all_models(self) -> tuple[Entry, ...]:
        """The models, then the generic request."""
        return (*self.models, *([self.generic] if self.generic else ()))
