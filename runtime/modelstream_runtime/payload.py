"""Building blocks of ``to_payload``, which leaves out what the caller did not give."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple


class _Verbatim(dict[str, Any]):
    """A JSON object of the caller, in which ``None`` is a value like any other."""


class _AsIs(NamedTuple):
    """A constant that looks like something that was not given."""

    value: Any


def prune(body: dict[str, Any]) -> dict[str, Any]:
    """The body without ``None`` and without empty objects and arrays."""
    # Every request passes through here, so this is one loop instead of a function for each kind of value.
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
            # An item without values stays, because the items after it must keep their positions.
            value = [prune(item) if type(item) is dict else item for item in value]
        elif kind is _AsIs:
            value = value.value
        kept[key] = value
    return kept


def each(value: Any) -> Sequence[Any]:
    """The items of a field that accepts one or many: none for ``None``, one for a single value."""
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


def extend_first(items: Iterable[dict[str, Any]], extra: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The items, the first of them extended by more properties."""
    for index, item in enumerate(items):
        yield item | extra if index == 0 else item


def mime_of(data_uri: str) -> str:
    """The type of the file in a data URI, with its parameters."""
    return data_uri.removeprefix("data:").partition(";base64,")[0]


def base64_of(data_uri: str) -> str:
    """The bare Base64 of a data URI."""
    return data_uri.partition(";base64,")[2]


def verbatim(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A copy of the caller's JSON object that `prune` does not change."""
    return _Verbatim(copy.deepcopy(dict(value))) if value is not None else None


def as_is(value: Any) -> Any:
    """A constant that `prune` does not change, although it is ``None`` or empty, or something in it is."""
    return _AsIs(value)


def as_text(value: float | None) -> str | None:
    """A number or a switch that travels as a JSON string.

    Numbers have no exponent, because not every parser reads ``1e-05``.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else f"{Decimal(str(value)):f}"


def merged(payload: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """The payload with ``extra`` merged over it. Objects are merged; every other value replaces the old one."""
    result = dict(payload)
    for key, value in extra.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return result
