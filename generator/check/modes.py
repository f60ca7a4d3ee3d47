"""Modes: whether they name fields that only some requests have, and can be told apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.check.rules import check_condition, unknown_field
from generator.check.schema_view import SchemaView
from generator.diagnostics import Problem
from generator.ir.rules import Mode

_PARTS = ("requires", "allows")


def check_modes(schema: SchemaView) -> Iterator[Problem]:
    """All problems with the modes themselves."""
    if not schema.declared:
        return
    first: list[tuple[Mode, str]] = []
    members = {name for mode in schema.modes.values() for part in _PARTS for name in mode.get(part) or ()}
    for name, mode in schema.modes.items():
        yield from _check_fields(schema, name, mode)
        yield from check_condition(schema, mode, "modes", name)
        for selecting in mode.get("when") or ():
            if selecting in members:
                message = f"{selecting!r} belongs to a mode itself; a field that selects modes belongs to none"
                yield schema.problem("bad-mode", message, "modes", name, "when", selecting, key=True)
        demands = Mode.parse("", {part: mode.get(part) for part in (*_PARTS, "when")})
        same = next((other for earlier, other in first if earlier == demands), None)
        if same is not None and schema.document.data["modes"][name] == mode:
            message = (
                f"this mode has the same fields as the one in line {schema.line_of('modes', same)}; tell them apart"
            )
            yield schema.problem("bad-mode", message, "modes", name, key=True)
        first.append((demands, name))


def _check_fields(schema: SchemaView, mode_name: str, mode: dict[str, Any]) -> Iterator[Problem]:
    required = mode.get("requires") or ()
    for part in _PARTS:
        for index, name in enumerate(mode.get(part) or ()):
            place, field = ("modes", mode_name, part, index), schema.fields.get(name, {})
            if name is None:
                continue  # It is no name, and that has been reported.
            if name not in schema.declared:
                yield unknown_field(schema, name, *place)
            elif part == "allows" and name in required:
                message = f"the mode requires {name!r}, so it allows it; name it once"
                yield schema.problem("bad-mode", message, *place)
            elif field.get("required"):
                message = f"every request has {name!r}, whatever its mode; remove it here, or its 'required'"
                yield schema.problem("bad-mode", message, *place)
            elif field.keys() & {"default", "default_when"}:
                message = f"{name!r} has a default, so a request of any mode has it; remove it here, or its default"
                yield schema.problem("bad-mode", message, *place)
