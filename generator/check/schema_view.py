"""One model's schema while it is checked: a tolerant view of data that may lack some parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from generator.diagnostics import Problem
from generator.load import Document, Location


@dataclass(frozen=True, slots=True)
class SchemaView:
    """The sound part of one schema file. In lists ``None`` replaces what is not sound."""

    document: Document
    data: dict[str, Any]
    stem: str

    @property
    def fields(self) -> dict[str, dict[str, Any]]:
        """The fields whose type is known."""
        return _typed(self.data.get("fields"))

    @property
    def declared(self) -> list[str]:
        """The names of all fields, also of those in which something is wrong."""
        fields = self.document.data.get("fields") if isinstance(self.document.data, dict) else None
        return [name for name in fields if isinstance(name, str)] if isinstance(fields, dict) else []

    @property
    def listing(self) -> str:
        """The end of a message about a name that no field has."""
        return f"; choose from {', '.join(self.declared)}"

    @property
    def constants(self) -> list[tuple[int, dict[str, Any]]]:
        """The constants with their positions in the file's list."""
        return self._mappings("constants")

    @property
    def modes(self) -> dict[str, dict[str, Any]]:
        """The modes by name."""
        modes = self.data.get("modes")
        return {name: mode for name, mode in modes.items() if isinstance(mode, dict)} if isinstance(modes, dict) else {}

    @property
    def rules(self) -> list[tuple[int, dict[str, Any]]]:
        """The rules with their positions in the file's list."""
        return self._mappings("rules")

    @property
    def examples(self) -> list[tuple[int, dict[str, Any]]]:
        """The examples with their positions in the file's list."""
        return self._mappings("examples")

    @property
    def refused(self) -> list[tuple[int, dict[str, Any]]]:
        """The examples under ``refused``, with their positions in the file's list."""
        return self._mappings("refused")

    @property
    def generic(self) -> bool:
        """Whether the schema takes any model id."""
        return bool(self.data.get("generic"))

    @property
    def whole(self) -> bool:
        """Whether the language rejected no part of it."""
        return bool(self.data == self.document.data)

    def problem(self, code: str, message: str, *at: Any, key: bool = False) -> Problem:
        """A problem at a node of the file."""
        location: Location = at
        return self.document.problem(code, message, location, key=key)

    def line_of(self, *at: Any) -> int:
        """The line of a node of the file."""
        return self.document.line_of(at)

    def _mappings(self, key: str) -> list[tuple[int, dict[str, Any]]]:
        return [(i, entry) for i, entry in enumerate(self.data.get(key) or []) if isinstance(entry, dict)]


def item_fields(field_data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The fields of the items of a list field."""
    return _typed(field_data.get("fields"))


def options_of(field_data: dict[str, Any]) -> list[Any]:
    """The values an enum field allows, without their labels."""
    return [option for option in field_data.get("options") or () if option is not None]


def _typed(fields: Any) -> dict[str, dict[str, Any]]:
    if not isinstance(fields, dict):
        return {}
    return {name: data for name, data in fields.items() if isinstance(data, dict) and "type" in data}
