"""What a validator reports, as plain values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from modelstream_runtime.mock.places import Schema, place_of


class Violation(NamedTuple):
    """A violation of a schema by one value.

    Attributes:
        place: where the value is.
        keyword: the keyword of the schema that the value violates.
        limit: the keyword's value.
        schema: the schema with the keyword.
        steps: the path from the root of the schema to the keyword.
        branch: the alternative of the enclosing violation that this one belongs to.
        within: the violations of the keyword's alternatives.
        message: the validator's own message.
    """

    place: str
    value: Any
    keyword: str
    limit: Any
    schema: Schema
    steps: tuple[str | int, ...]
    branch: str | int
    within: tuple[Violation, ...]
    message: str


def violation(error: Any) -> Violation:
    """A validator's error and those within it."""
    return Violation(
        place=place_of(error.absolute_path),
        value=error.instance,
        keyword=error.validator,
        limit=error.validator_value,
        schema=error.schema,
        steps=tuple(error.absolute_schema_path),
        branch=error.schema_path[0],
        within=tuple(violation(inner) for inner in error.context),
        message=error.message,
    )


def without_unknown_parameters(violations: Iterable[Violation]) -> list[Violation]:
    """The violations, except those that only report an unknown parameter."""
    rest = []
    for each in violations:
        if each.keyword == "anyOf":
            within = without_unknown_parameters(each.within)
            if len({inner.branch for inner in within}) == len(each.limit):
                rest.append(each._replace(within=tuple(within)))
        elif each.keyword != "additionalProperties":
            rest.append(each)
    return rest
