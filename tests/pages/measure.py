"""A draft compared with a schema that a person has curated, fact by fact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Facts = Mapping[str, Any]

_OWN = ("model", "class", "title", "vendor")
_BY_THE_CURL = ("target", "item", "wire")
_LIMITS = ("options", "unit", "min", "max", "step", "min_length", "max_length", "many", "formats", "max_bytes")


class Fact(NamedTuple):
    """One thing that a page tells about a model."""

    field: str
    key: str
    value: Any


class Measured(NamedTuple):
    """What became of the facts."""

    right: list[Fact]
    open: list[Fact]
    missing: list[Fact]
    """Neither in the draft nor asked for."""
    wrong: list[Fact]
    """In the draft, and otherwise in the schema or not at all."""


def tellable(schema: Facts) -> Iterator[Fact]:
    """The facts of a curated schema that its page tells: limits of class ``page``, targets of class ``curl``."""
    yield from (Fact("", key, schema[key]) for key in _OWN if key in schema)
    for name, field in schema["fields"].items():
        by_the_curl = field.get("evidence", "curl") == "curl"
        yield Fact(name, "type", field["type"])
        if "required" not in field.get("differs", {}):
            yield Fact(name, "required", field.get("required", False))
        if by_the_curl:
            yield from (Fact(name, key, field[key]) for key in (*_BY_THE_CURL, "default") if key in field)
        if field.get("limits", "page") == "page":
            for key in _LIMITS:
                if key in field and key not in field.get("differs", {}):
                    values = field[key] if key in ("options", "formats") else [field[key]]
                    yield from (Fact(name, key, value) for value in values)


def measure(draft: Facts, schema: Facts) -> Measured:
    """Compare all facts, in both directions."""
    result = Measured([], [], [], [])
    for fact in tellable(schema):
        entry = draft if not fact.field else draft["fields"].get(fact.field, {})
        asked = entry.get("open", {})
        if fact.key in asked or (not entry and fact.field in _asked_elsewhere(draft)):
            result.open.append(fact)
        elif fact.key == "required" and entry:
            (result.right if entry.get("required", False) == fact.value else result.wrong).append(fact)
        elif fact.key not in entry:
            result.missing.append(fact)
        elif fact.key in ("options", "formats"):
            (result.right if fact.value in [*entry[fact.key]] else result.wrong).append(fact)
        else:
            (result.right if _same(entry[fact.key], fact.value) else result.wrong).append(fact)
    result.wrong.extend(_invented(draft, schema))
    return result


def _asked_elsewhere(draft: Facts) -> set[str]:
    """The fields that a constant stands for, about which the draft asks."""
    return {str(each["target"]).rpartition(".")[2] for each in draft.get("constants", ())}


def _invented(draft: Facts, schema: Facts) -> Iterator[Fact]:
    """Facts of the draft that the schema does not have."""
    for name, field in draft["fields"].items():
        curated = schema["fields"].get(name)
        if curated is None:
            yield Fact(name, "name", name)
            continue
        for key in (*_LIMITS, *_BY_THE_CURL, "default"):
            if key in field and key not in curated:
                yield Fact(name, key, field[key])
            elif key in ("options", "formats") and key in field:
                yield from (Fact(name, key, value) for value in field[key] if value not in curated[key])


def _same(one: Any, other: Any) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)
