"""The made-up models of ``tests/newmodels`` have every feature of the language, those that come to it tomorrow too."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from generator.load import load

ROOT = Path(__file__).parents[2]
LANGUAGE = json.loads((ROOT / "schemas" / "form_schema.schema.json").read_text(encoding="utf-8"))

NOT_THEIRS = {
    "generic": "there is one such schema only",
    "open": "nothing is generated as long as a question is open",
    "differs": "it needs a page, which made-up models do not have",
}
"""Keys that no made-up model can have, and why."""

Used = frozenset[tuple[str, str]]


@functools.cache
def models() -> tuple[dict[str, Any], ...]:
    """The data of the made-up models."""
    paths = sorted((ROOT / "tests" / "newmodels" / "schemas").glob("*.yaml"))
    return tuple(load(path).data for path in paths)


def mappings(value: Any) -> Iterator[dict[str, Any]]:
    """Every mapping in the value."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from mappings(inner)


def fields() -> Iterator[tuple[str, dict[str, Any]]]:
    """The fields of all models and of the items in their lists, each with what it is."""
    for model in models():
        for field in model["fields"].values():
            yield _kind(field), field
            for inner in field.get("fields", {}).values():
                yield "field of a list item", inner
                yield _kind(inner), inner


def _kind(field: dict[str, Any]) -> str:
    return next(kind for kind, types in kinds_of_fields().items() if field["type"] in types)


@functools.cache
def kinds_of_fields() -> dict[str, list[str]]:
    """What the language calls a field, and the types that are such a field."""
    return {
        branch["then"]["propertyNames"]["x-kind"]: branch["if"]["properties"]["type"].get("enum")
        or [branch["if"]["properties"]["type"]["const"]]
        for branch in LANGUAGE["$defs"]["field"]["allOf"]
    }


def keys_of_fields() -> list[tuple[str, str]]:
    """Kind of field and key. A key that all kinds have is needed at one of them only."""
    branches = [branch["then"]["propertyNames"] for branch in LANGUAGE["$defs"]["field"]["allOf"]]
    branches.append(LANGUAGE["$defs"]["item_field"]["allOf"][1]["propertyNames"])
    common = set.intersection(*(set(branch["enum"]) for branch in branches[:-1]))
    return [(branch["x-kind"], key) for branch in branches for key in branch["enum"] if key not in common] + [
        ("field", key) for key in sorted(common - set(NOT_THEIRS))
    ]


@pytest.mark.parametrize(("kind", "key"), keys_of_fields(), ids=str)
def test_every_key_of_a_field_is_used(kind: str, key: str) -> None:
    assert any(key in field for its, field in fields() if kind in ("field", its))


def choices_of_fields() -> list[tuple[str, Any]]:
    """Key of a field and value, for keys that take one of some values."""
    properties = LANGUAGE["$defs"]["field"]["properties"].items()
    return [
        (key, value)
        for key, rule in properties
        for value in (rule.get("enum") or rule.get("items", {}).get("enum", ()))
    ]


@pytest.mark.parametrize(("key", "value"), choices_of_fields(), ids=str)
def test_every_value_of_a_key_is_used(key: str, value: str) -> None:
    default = LANGUAGE["$defs"]["field"]["properties"][key].get("default")
    values = [field.get(key, default) for _, field in fields()]
    assert any(value == given or (isinstance(given, list) and value in given) for given in values)


def keys_elsewhere() -> list[tuple[str, str]]:
    """Part of a model and key."""
    properties, definitions = LANGUAGE["properties"], LANGUAGE["$defs"]
    parts = {
        "model": LANGUAGE,
        "constants": properties["constants"]["items"],
        "examples": properties["examples"]["items"],
        "refused": properties["refused"]["items"],
        "modes": definitions["mode"],
        "rules": definitions["rule"],
    }
    return [(part, key) for part, rule in parts.items() for key in rule["properties"] if key not in NOT_THEIRS]


@pytest.mark.parametrize(("part", "key"), keys_elsewhere(), ids=str)
def test_every_key_of_a_model_and_its_parts_is_used(part: str, key: str) -> None:
    everything = models() if part == "model" else [entry for model in models() for entry in _entries(model, part)]
    assert any(key in entry for entry in everything)


def _entries(model: dict[str, Any], part: str) -> list[dict[str, Any]]:
    entries = model.get(part, [])
    return list(entries.values()) if isinstance(entries, dict) else entries


@pytest.mark.parametrize("part", ["requires", "options", "special", "target"])
def test_what_can_be_written_in_two_ways_is_written_in_both(part: str) -> None:
    shapes = {type(each[part]) for model in models() for each in mappings(model) if part in each}
    assert len(shapes) == 2


FEATURES: dict[str, Callable[[dict[str, Any]], bool]] = {
    "null in an example": lambda each: None in each.get("values", {}).values(),
    "a count inside items": lambda each: any("." in name for name in each.get("count", ())),
    "two counts inside one item": lambda each: len([name for name in each.get("count", ()) if "." in name]) > 1,
    "a position of an array": lambda each: str(each.get("target")).endswith("[1]"),
    "an item at a position": lambda each: str(each.get("target")).endswith("[1]") and "item" in each,
    "a property of another's item": lambda each: "[]." in str(each.get("target")),
    "an item in an item": lambda each: any(isinstance(value, dict) for value in each.get("item", {}).values()),
    "the type of a file in an item": lambda each: "$mime" in each.get("item", {}).values(),
    "the type of a file in an item of a list": lambda each: "fields" in each
    and "$mime" in _leaves(each.get("item", {})),
    "a position in an item": lambda each: "$position" in each.get("item", {}).values(),
    "a switch that adds an item": lambda each: _is_switch(each) and each["target"].endswith("[]"),
    "a switch that is an object": lambda each: _is_switch(each) and "[" not in each["target"],
}


def _leaves(item: dict[str, Any]) -> list[Any]:
    """What stands in an item, at any depth."""
    return [leaf for value in item.values() for leaf in (_leaves(value) if isinstance(value, dict) else [value])]


def _is_switch(each: dict[str, Any]) -> bool:
    return each.get("type") == "boolean" and "item" in each


@pytest.mark.parametrize("feature", FEATURES)
def test_every_feature_is_used_that_is_no_key(feature: str) -> None:
    assert any(FEATURES[feature](each) for model in models() for each in mappings(model) if "model" not in each)
