"""The same model with all free texts replaced by harmless ones, to see that the texts shape nothing."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Mapping
from typing import Any

from generator.ir import Mode, Model, Variable
from modelstream_runtime.rules import DefaultWhen

_FREE = {"title", "vendor", "summary", "notes", "page", "doc", "label", "because"}
"""Attributes that are text and nothing else."""
_VALUES = {"default", "value", "values", "when", "unless", "entries"}
"""Attributes with values of fields, or constants of items."""
_PRESENCE = ("present", "absent")


def neutral(model: Model) -> Model:
    """The model with a harmless text in place of every free one; equal texts stay equal."""
    replaced: dict[str, str] = {}

    def harmless(text: str) -> str:
        return replaced.setdefault(text, f"text {len(replaced)}") if text else text

    def walk(node: Any, name: str = "") -> Any:
        if dataclasses.is_dataclass(node) and not isinstance(node, (type, Variable)):
            changes = {f.name: walk(getattr(node, f.name), f.name) for f in dataclasses.fields(node)}
            named = {"name": harmless(node.name)} if isinstance(node, Mode) else {}
            return dataclasses.replace(node, **changes | named)
        if isinstance(node, DefaultWhen):
            return DefaultWhen(walk(node.value, "value"), walk(node.when, "when"))
        if isinstance(node, tuple) and name == "entries":
            return tuple((key, walk(value, "value")) for key, value in node)
        if isinstance(node, (tuple, list)):
            return type(node)(walk(item, name) for item in node)
        if isinstance(node, Mapping) and name in _VALUES:
            return {key: walk(value, name) for key, value in node.items()}
        if isinstance(node, str) and (name in _FREE or (name in _VALUES and node not in _PRESENCE)):
            return harmless(node)
        return node

    result: Model = walk(dataclasses.replace(model, examples=()))
    return result


def shape(source: str) -> str:
    """A module without the values of its constants: what it does, and nothing of what it says."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            node.value = type(node.value).__name__
    return ast.dump(tree)
