"""Evidence: what a schema claims to have from the documented curl must be there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from generator.check.documented import Documented
from generator.check.schema_view import SchemaView
from generator.diagnostics import Problem, display_path
from generator.ir.fields import Target, targets_of
from generator.ir.items import ItemShape
from generator.load import Location
from generator.sources import Sources
from modelstream_runtime.wire import same


def check_evidence(schema: SchemaView, sources: Sources, documented: Sequence[Documented]) -> Iterator[Problem]:
    """All fields of evidence class ``curl`` whose target is in no documented body of the model."""
    if not sources.goldens.is_dir():
        return
    folder = sources.goldens / schema.stem
    bodies = [each.body for each in documented]
    if not bodies and sources.documented(schema.stem):
        return  # They cannot be read, which has been reported.
    for name, field in schema.fields.items():
        targets, evidence = targets_of(field), field.get("evidence", "curl")
        if not targets or evidence != "curl":
            continue
        at: Location = ("fields", name, "evidence" if "evidence" in field else "target")
        if not bodies:
            wanted = f"{display_path(folder)}/documented/curl.txt"
            message = f"no curl proves this; save the page's curl as {wanted}, or set evidence to page, vendor or guess"
            yield schema.problem("evidence-unproven", message, *at)
            return
        for index, target in enumerate(targets):
            if not any(shows(body, target, field) for body in bodies):
                message = f"no curl in {display_path(folder)} has {target}; set evidence to page, vendor or guess"
                its_own = len(targets) > 1 and "evidence" not in field
                yield schema.problem("evidence-unproven", message, *at, *([index] if its_own else ()))

    yield from _check_constants(schema, bodies, display_path(folder))


def shows(body: Any, target: Target, field: dict[str, Any]) -> bool:
    """Whether a documented body has something at a target of the field."""
    return _contains(body, str(target).replace("[", ".[").split("."), field)


def _check_constants(schema: SchemaView, bodies: Sequence[Any], folder: str) -> Iterator[Problem]:
    for index, constant in schema.constants:
        if constant.get("evidence", "curl") != "curl" or not constant.keys() >= {"target", "value"}:
            continue
        target, value = constant["target"], constant["value"]
        if not any(_holds(body, target.split("."), value) for body in bodies):
            message = f"no curl in {folder} has this value at {target}; set evidence to page, vendor or guess"
            yield schema.problem("evidence-unproven", message, "constants", index, "target")


def _contains(node: Any, keys: list[str], field: dict[str, Any]) -> bool:
    """Whether the path leads somewhere; in an array, to an item that the field could have added."""
    if not keys:
        constants = ItemShape.parse(field.get("item") or {}).constants if "[]" not in field["target"] else {}
        return all(_holds(node, path, value) for path, value in constants.items())
    if keys[0] != "[]" and keys[0].startswith("["):
        index = int(keys[0][1:-1])
        return isinstance(node, list) and len(node) > index and _contains(node[index], keys[1:], field)
    if keys[0] == "[]":
        item = field.get("item") or {}
        constants = ItemShape.parse(item).constants
        items = node if isinstance(node, list) else []
        fitting = [i for i in items if all(_holds(i, path, value) for path, value in constants.items())]
        return any(_contains(i, keys[1:], field) for i in fitting)
    return isinstance(node, dict) and keys[0] in node and _contains(node[keys[0]], keys[1:], field)


def _holds(item: Any, path: Sequence[str], value: Any) -> bool:
    """Whether an item, or a body, has a constant at its place."""
    for key in path:
        if not isinstance(item, dict) or key not in item:
            return False
        item = item[key]
    return same(item, value)
