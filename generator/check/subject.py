"""One model's schema while it is checked: tolerant views of data of which parts may be missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from generator.diagnostics import Problem
from generator.load import Document, Location

MEDIA = ("image", "audio", "video")
NUMBERS = ("integer", "number")


@dataclass(frozen=True, slots=True)
class Subject:
    """The sound part of one schema file."""

    document: Document
    data: dict[str, Any]
    stem: str

    @property
    def fields(self) -> dict[str, dict[str, Any]]:
        """The fields whose type is known."""
        return _typed(self.data.get("fields"))

    @property
    def rules(self) -> list[tuple[int, dict[str, Any]]]:
        """The rules with their positions in the file's list."""
        return [(i, rule) for i, rule in enumerate(self.data.get("rules") or []) if isinstance(rule, dict)]

    @property
    def generic(self) -> bool:
        """Whether the schema takes any model id."""
        return bool(self.data.get("generic"))

    @property
    def whole(self) -> bool:
        """Whether the language refused nothing."""
        return bool(self.data == self.document.data)

    def problem(self, code: str, message: str, *at: Any, key: bool = False) -> Problem:
        """A problem at a node of the file."""
        location: Location = at
        return self.document.problem(code, message, location, key=key)

    def line_of(self, *at: Any) -> int:
        """The line of a node of the file."""
        return self.document.line_of(at)


def item_fields(field_data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The fields of the items of a list field."""
    return _typed(field_data.get("fields"))


def options_of(field_data: dict[str, Any]) -> list[Any]:
    """The values an enum field allows, without their labels."""
    return list(field_data.get("options") or ())


def _typed(fields: Any) -> dict[str, dict[str, Any]]:
    if not isinstance(fields, dict):
        return {}
    return {name: data for name, data in fields.items() if isinstance(data, dict) and "type" in data}
