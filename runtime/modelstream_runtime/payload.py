"""Building blocks of ``to_payload``: what is not given leaves no trace in the body."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any


class _Verbatim(dict[str, Any]):
    """A caller's own JSON object, in which even ``None`` has a meaning."""


def prune(body: dict[str, Any]) -> dict[str, Any]:
    """The body without ``None``, and without objects and arrays that have nothing in them."""
    # Every request passes here, so it is one loop and not a function for each kind of value.
    kept: dict[str, Any] = {}
    for key, value in body.items():
        if value is None:
            continue
        kind = type(value)
        if kind is dict:
            value = prune(value)
            if not value:
                continue
        elif kind is list:
            if not value:
                continue
            # An item whose every value was left out still counts: those after it must not move up.
            value = [prune(item) if type(item) is dict else item for item in value]
        kept[key] = value
    return kept


def each(value: Any) -> Sequence[Any]:
    """The items of a field that takes one or many: none for ``None``, one for a single value."""
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


def extend_first(items: Iterable[dict[str, Any]], extra: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The items, the first of them with more properties."""
    for index, item in enumerate(items):
        yield item | extra if index == 0 else item


def verbatim(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A copy of a caller's own JSON object that `prune` leaves as it is."""
    return _Verbatim(copy.deepcopy(dict(value))) if value is not None else None


def as_text(value: float | None) -> str | None:
    """A number that travels as a JSON string, never with an exponent: not every reader knows ``1e-05``."""
    return None if value is None else f"{Decimal(str(value)):f}"


def merged(payload: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """The payload with more in it: objects merge, everything else replaces."""
    result = dict(payload)
    for key, value in extra.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return result
