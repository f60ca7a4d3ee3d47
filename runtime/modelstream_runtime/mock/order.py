"""What a submission asks for, as far as the mock's video can show it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from modelstream_runtime.mock.places import Schema, form_values

_SECONDS = 5
"""The length of a video when neither the request nor the schema sets it."""
_LENGTH_FIELDS = ("duration", "seconds")
_RATIO_FIELDS = ("aspect_ratio", "ratio", "size", "resolution")
_RATIO = re.compile(r"(\d{1,5})\s*[:x*]\s*(\d{1,5})", re.ASCII)


class Order(NamedTuple):
    """The video to make.

    Attributes:
        seconds: its length.
        ratio: width by height.
        seed: ``None`` leaves it to the gateway.
    """

    seconds: float
    ratio: float
    seed: int | None


def read_order(schema: Schema, body: Mapping[str, Any]) -> Order:
    """Read an accepted body.

    Args:
        schema: the wire schema of the model.
    """
    # Parameters that the schema does not know count, too, but less than form fields.
    values = {**_scalars(body), **form_values(schema, body)}
    seed = values.get("seed")
    return Order(
        seconds=next(_positive(values.get(name) for name in _LENGTH_FIELDS), _SECONDS),
        ratio=_ratio(values),
        seed=seed if isinstance(seed, int) and seed else None,
    )


def _scalars(body: Mapping[str, Any]) -> dict[str, Any]:
    """The values anywhere in a body, except in its arrays, by their keys."""
    found: dict[str, Any] = {}
    for key, value in body.items():
        found |= _scalars(value) if isinstance(value, Mapping) else {key: value}
    return found


def _ratio(values: Mapping[str, Any]) -> float:
    for name in _RATIO_FIELDS:
        match = _RATIO.fullmatch(str(values.get(name)))
        if match and int(match[1]) and int(match[2]):
            return int(match[1]) / int(match[2])
    sides = list(_positive(values.get(name) for name in ("width", "height")))
    return sides[0] / sides[1] if len(sides) == 2 else 16 / 9


def _positive(values: Iterator[Any]) -> Iterator[float]:
    """The positive numbers, also those written as texts."""
    for value in values:
        if isinstance(value, str) and value.isdecimal() and len(value) < 10:
            value = int(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0:
            yield value
