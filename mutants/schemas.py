"""Mutants of the schemas: each constraint, default, constant, rule and target dropped or widened, one at a time.

Not mutated, because they only describe: texts for people, the evidence and the source of facts, `step` of the form's
widget where it is 1, and the examples, which are tests themselves.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from generator.load import load

_WIDER = {"min": -1, "min_length": -1, "max": 1, "max_length": 1}
_DROPPED = (
    *_WIDER,
    "default",
    "default_when",
    "gateway_default",
    "format",
    "required",
    "many",
    "formats",
    "max_bytes",
    "encoding",
    "only",
    "wire",
    "attach_to",
    "item",
    "special",
)

Change = tuple[str, Callable[[Any], None]]
"""What is done, and the function that does it to a copy of the node."""


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A schema with one thing broken."""

    name: str
    path: str
    """Below the project."""
    text: str
    """The whole file."""


def schema_mutants(project: Path) -> Iterator[Mutant]:
    """Every mutant of every model, in the order of the files."""
    for path in sorted((project / "schemas").glob("*.yaml")):
        if path.name == "gateway.yaml":
            continue
        data = load(path).data
        for at, change, apply in _changes(data):
            mutated = copy.deepcopy(data)
            node = mutated
            for key in at:
                node = node[key]
            apply(node)
            yield Mutant(
                name=f"{path.stem}: {'.'.join(map(str, at))}: {change}",
                path=f"schemas/{path.name}",
                text=yaml.safe_dump(mutated, sort_keys=False, allow_unicode=True, width=1000),
            )


def _changes(data: dict[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str, Callable[[Any], None]]]:
    for name, field in data["fields"].items():
        yield from ((("fields", name), *change) for change in _field_changes(field))
        for inner, inner_field in field.get("fields", {}).items():
            yield from ((("fields", name, "fields", inner), *change) for change in _field_changes(inner_field))
    for index, constant in enumerate(data.get("constants") or ()):
        yield ("constants",), f"drop constant {index}", _without(index)
        yield ("constants", index), "change value", _set("value", [constant["value"]])
        for key in ("when", "before"):
            if key in constant:
                yield ("constants", index), f"drop {key}", _without(key)
    for name, mode in (data.get("modes") or {}).items():
        yield ("modes",), f"drop mode {name}", _without(name)
        yield from ((("modes", name), *change) for change in _mode_changes(mode))
    for index, rule in enumerate(data.get("rules") or ()):
        yield ("rules",), f"drop rule {index}", _without(index)
        yield from ((("rules", index), *change) for change in _rule_changes(rule))


def _field_changes(field: dict[str, Any]) -> Iterator[Change]:
    for key in _DROPPED:
        if key in field:
            yield f"drop {key}", _without(key)
    for key, by in _WIDER.items():
        if key in field:
            yield f"widen {key}", _set(key, field[key] + by)
    for bound, by in (("min", -1), ("max", 1)):
        if bound in field.get("many", {}):
            yield f"widen many.{bound}", _set("many", field["many"] | {bound: field["many"][bound] + by})
    if "default" in field:
        yield "change default", _set("default", _other(field))
    if "options" in field:
        options = field["options"]
        labelled = options if isinstance(options, dict) else dict.fromkeys(options)
        for option in labelled:
            yield f"drop option {option}", _set("options", [other for other in labelled if other != option])
        more = "mutant" if isinstance(next(iter(labelled)), str) else max(labelled) + 1
        yield f"add option {more}", _set("options", [*labelled, more])
    if "formats" in field:
        yield "drop a format", _set("formats", field["formats"][1:] or ["gif"])
    if "max_bytes" in field:
        number, unit = field["max_bytes"].split()
        yield "widen max_bytes", _set("max_bytes", f"{int(number) + 1} {unit}")
    if isinstance(field.get("target"), list):
        yield "drop a place", _set("target", field["target"][0])
    elif "target" in field:
        container, _, key = field["target"].rpartition(".")
        # An array keeps its brackets, with the position if it is one of the field's own, at the end of its new name.
        yield "rename target", _set("target", re.sub(r"(\[\d*\])?$", r"_\1", field["target"], count=1))
        yield "move target", _set("target", key if container else f"metadata.{key}")
    for path in _constants(field.get("item", {})):
        yield f"change item.{'.'.join(path)}", _changed_constant(path)


def _constants(item: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """The paths of the texts in an item that are the same in all items."""
    for key, value in item.items():
        if isinstance(value, dict):
            yield from ((key, *path) for path in _constants(value))
        elif isinstance(value, str) and not value.startswith("$"):
            yield (key,)


def _changed_constant(path: tuple[str, ...]) -> Callable[[Any], None]:
    def apply(node: Any) -> None:
        for key in ("item", *path[:-1]):
            node = node[key]
        node[path[-1]] += "_"

    return apply


def _mode_changes(mode: dict[str, Any]) -> Iterator[Change]:
    required, allowed = mode.get("requires", []), mode.get("allows", [])
    for name in required:
        rest = [other for other in required if other != name]
        yield f"drop {name}", _set("requires", rest) if rest else _without("requires")
    for name in allowed:
        rest = [other for other in allowed if other != name]
        yield f"drop {name}", _set("allows", rest) if rest else _without("allows")
    if "when" in mode:
        yield "drop when", _without("when")


def _rule_changes(rule: dict[str, Any]) -> Iterator[Change]:
    for key in ("when", "unless"):
        if key in rule:
            yield f"drop {key}", _without(key)
    for key, by in (("min", -1), ("max", 1)):
        bound = rule.get(key)
        if isinstance(bound, dict):
            yield f"widen {key}", _set(key, {name: value + by for name, value in bound.items()})
        elif bound is not None:
            yield f"widen {key}", _set(key, bound + by)


def _other(field: dict[str, Any]) -> Any:
    """Another value that the field allows."""
    default = field["default"]
    if isinstance(default, bool):
        return not default
    if "options" in field:
        return next(option for option in field["options"] if option != default)
    if isinstance(default, str):
        return f"{default}_"
    return (
        default - 1 if default == field.get("max") else default + type(default)(1) / 2 if default < 1 else default + 1
    )


def _without(key: str | int) -> Callable[[Any], None]:
    def apply(node: Any) -> None:
        del node[key]

    return apply


def _set(key: str, value: Any) -> Callable[[Any], None]:
    def apply(node: Any) -> None:
        node[key] = value

    return apply
