"""Values for the fields of a schema, by what the schema says of them."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from tests.fuzz.texts import texts

Schema = Mapping[str, Any]

_URLS = st.text("abc/?&=%é日'\"$`{}\\", max_size=8).map(lambda text: f"https://example.com/{text}")
_PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=4,
)


@st.composite
def values_of(draw: st.DrawFn, fields: Mapping[str, Schema]) -> dict[str, Any]:
    """Values for the required fields and for some of the others, in any order."""
    chosen = [name for name, field in fields.items() if field.get("required") or draw(st.booleans())]
    return {name: draw(value_of(fields[name])) for name in draw(st.permutations(chosen))}


def value_of(field: Schema) -> st.SearchStrategy[Any]:
    """A value that the field takes."""
    match field["type"]:
        case "string":
            return _text(field)
        case "integer" | "number":
            return _number(field)
        case "boolean":
            return st.booleans()
        case "enum":
            return st.sampled_from(list(field["options"]))
        case "object":
            return st.dictionaries(texts, _JSON, min_size=1, max_size=3)
        case "list":
            return st.lists(values_of(field["fields"]), **_sizes(field))
        case _:
            one = _media(field)
            return st.lists(one, **_sizes(field)) if "many" in field else one


def many_of() -> st.SearchStrategy[dict[str, int]]:
    """How many items a field takes."""
    return st.fixed_dictionaries({}, optional={"min": st.integers(0, 2), "max": st.integers(2, 5)})


def is_number(field: Schema) -> bool:
    """Whether the field takes a number."""
    return field["type"] in ("integer", "number")


def _sizes(field: Schema) -> dict[str, Any]:
    many = field.get("many", {})
    least = max(1, many.get("min", 1))
    return {"min_size": least, "max_size": min(least + 2, many.get("max", math.inf))}


def _text(field: Schema) -> st.SearchStrategy[str]:
    least, most = field.get("min_length", 1), field.get("max_length", 60)
    if "format" in field:
        return st.integers(max(least, 2), max(most, 2)).map(lambda length: json.dumps("a" * (length - 2)))
    return texts.map(lambda text: text[:most].ljust(least, "."))


def _number(field: Schema) -> st.SearchStrategy[float]:
    if field.get("special"):
        special = list(field["special"])
        return st.sampled_from(special) | _number({key: field[key] for key in field if key != "special"})
    low, high, step = field.get("min"), field.get("max"), field.get("step")
    if step is not None:
        start = low or 0
        highest = math.floor((high - start) / step) if high is not None else 20
        lowest = 0 if low is not None else highest - 20
        return st.integers(lowest, highest).map(lambda steps: start + steps * step)
    if field["type"] == "integer":
        return st.integers(low, high)
    return st.floats(low, high, allow_nan=False, allow_infinity=False)


def _media(field: Schema) -> st.SearchStrategy[str]:
    only = field.get("only")
    if only == "url" or field["type"] != "image" or "png" not in field.get("formats", ["png"]):
        return _URLS
    bare = "base64" in (only, field.get("encoding")) and "$mime" not in field.get("item", {}).values()
    inline = st.just(_PNG if bare else f"data:image/png;base64,{_PNG}")
    return inline if only else _URLS | inline
