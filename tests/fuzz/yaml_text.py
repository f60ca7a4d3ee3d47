"""Data as YAML text, in each of the styles that people write."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

Scalar = Callable[[Any], str]


def yaml_texts(data: Any) -> st.SearchStrategy[str]:
    """The data in a block or in brackets, its texts quoted in one way or the other."""
    return st.builds(
        lambda layout, scalar: layout(data, scalar), st.sampled_from([flow, _block]), st.sampled_from(_SCALARS)
    )


def in_double_quotes(value: Any) -> str:
    """A scalar, which as a text stands in double quotes with everything escaped that does not print."""
    if not isinstance(value, str):
        return _FLOATS.get(str(value)) or json.dumps(value)
    return '"' + "".join(c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in value) + '"'


def in_single_quotes(value: Any) -> str:
    """A scalar, which as a text stands in single quotes if these can hold it."""
    if not isinstance(value, str) or not value.isprintable():
        return in_double_quotes(value)
    return "'" + value.replace("'", "''") + "'"


_SCALARS: tuple[Scalar, ...] = (in_double_quotes, in_single_quotes)
_FLOATS = {"inf": ".inf", "-inf": "-.inf", "nan": ".nan"}


def flow(value: Any, scalar: Scalar = in_double_quotes) -> str:
    """The data in brackets, in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(key)}: {flow(inner, scalar)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(inner, scalar) for inner in value) + "]"
    return scalar(value)


def _block(value: Any, scalar: Scalar, indent: str = "\n") -> str:
    if isinstance(value, dict) and value:
        return "".join(f"{indent}{scalar(key)}: {_block(inner, scalar, indent + '  ')}" for key, inner in value.items())
    if isinstance(value, list) and value:
        return "".join(f"{indent}- {flow(inner, scalar)}" for inner in value)
    return flow(value, scalar)
