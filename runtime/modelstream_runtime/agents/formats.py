"""The tools as each kind of host wants them defined, with nothing in a schema that the host does not know.

What a host cannot take is dropped from the schema. Nothing gets lost: descriptions say all limits in words, and a call
is checked completely before anything is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any, Final, NamedTuple

from modelstream_runtime.agents.format_names import Format
from modelstream_runtime.agents.lowering import LIMITS, Schema, rewritten, without
from modelstream_runtime.agents.tools import Tool
from modelstream_runtime.limits import listed


def tool_definitions(tools: Sequence[Tool], format: Format, *, strict: bool = False) -> list[dict[str, Any]]:
    """The definitions of the tools for a host.

    Args:
        tools: the tools.
        format: whose definitions.
        strict: the host makes its language model obey the schema. Tools for which it has no room are not strict.

    Raises:
        ValueError: the format has no strict definitions.
    """
    kind = _KINDS[format]
    define = kind.strict if strict else kind.plain
    if define is None:
        able = listed((name for name, each in _KINDS.items() if each.strict), "and")
        raise ValueError(f"{format!r} has no strict definitions; {able} have")
    if not strict or kind.most_optional is None:
        return [define(tool) for tool in tools]
    counts = accumulate(optional_properties(tool.input_schema) for tool in tools)
    return [define(t) if n <= kind.most_optional else kind.plain(t) for t, n in zip(tools, counts, strict=True)]


def _openai(tool: Tool) -> dict[str, Any]:
    return {"type": "function", **_function(tool, tool.input_schema), "strict": False}


def _openai_strict(tool: Tool) -> dict[str, Any]:
    return {"type": "function", **_function(tool, all_required(tool.input_schema)), "strict": True}


def _openai_chat(tool: Tool) -> dict[str, Any]:
    return {"type": "function", "function": _function(tool, tool.input_schema)}


def _openai_chat_strict(tool: Tool) -> dict[str, Any]:
    return {"type": "function", "function": _function(tool, all_required(tool.input_schema)) | {"strict": True}}


def _function(tool: Tool, parameters: Schema) -> dict[str, Any]:
    return {"name": tool.name, "description": tool.description, "parameters": parameters}


def _anthropic(tool: Tool) -> dict[str, Any]:
    return {"name": tool.name, "description": tool.description, "input_schema": tool.input_schema}


def _anthropic_strict(tool: Tool) -> dict[str, Any]:
    return _anthropic(tool) | {"input_schema": closed(tool.input_schema), "strict": True}


def _gemini(tool: Tool) -> dict[str, Any]:
    definition: dict[str, Any] = {"name": tool.name, "description": tool.description}
    # An object without properties is refused.
    return definition | ({"parameters": of_openapi(tool.input_schema)} if tool.parameters else {})


def _json_schema(tool: Tool) -> dict[str, Any]:
    return {
        "name": tool.name,
        "title": tool.title,
        "description": tool.description,
        "inputSchema": tool.input_schema,
        "outputSchema": dict(tool.returns),
        "annotations": tool.annotations,
    }


def optional_properties(schema: Schema) -> int:
    """How many properties a schema and those within have that are not required."""
    count = 0

    def add(each: dict[str, Any]) -> dict[str, Any]:
        nonlocal count
        count += len(each.get("properties", ())) - len(each.get("required", ()))
        return each

    rewritten(schema, add)
    return count


def closed(schema: Schema) -> dict[str, Any]:
    """The schema without the keywords that strict hosts do not know, and without objects of any content.

    Such an object becomes a text that holds it as JSON, as which a call may give it.
    """
    return rewritten(without(schema, LIMITS), _object_as_text)


def all_required(schema: Schema) -> dict[str, Any]:
    """The closed schema in which every property is required; one that was not may be null."""
    return rewritten(closed(schema), _require_all)


def of_openapi(schema: Schema) -> dict[str, Any]:
    """The closed schema in the part of OpenAPI that Gemini knows: no unions, and only texts in an ``enum``."""
    return rewritten(closed(schema), _of_openapi)


def _object_as_text(schema: dict[str, Any]) -> dict[str, Any]:
    if schema.get("type") != "object" or "properties" in schema:
        return schema
    return schema | {"type": "string", "description": f"{schema['description']} Write the object as JSON."}


def _require_all(schema: dict[str, Any]) -> dict[str, Any]:
    if schema.get("type") != "object":
        return schema
    required, properties = schema["required"], schema["properties"]
    return schema | {
        "properties": {name: each if name in required else _or_null(each) for name, each in properties.items()},
        "required": list(properties),
    }


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    if "anyOf" in schema:
        return schema | {"anyOf": [*schema["anyOf"], {"type": "null"}]}
    choices = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return schema | {"type": [schema["type"], "null"]} | choices


def _of_openapi(schema: dict[str, Any]) -> dict[str, Any]:
    known = {key: value for key, value in schema.items() if key in ("description", "items", "properties", "required")}
    if "anyOf" in schema:  # One file, or a list of them.
        return known | {key: value for key, value in schema["anyOf"][-1].items() if key != "description"}
    if schema["type"] == "string" and "enum" in schema:
        known["enum"] = schema["enum"]
    elif "enum" in schema:
        known["description"] = f"{schema['description']} One of {', '.join(map(str, schema['enum']))}."
    return known | {"type": schema["type"].upper()}


class _Kind(NamedTuple):
    """How a host wants a tool defined."""

    plain: Callable[[Tool], dict[str, Any]]
    strict: Callable[[Tool], dict[str, Any]] | None = None
    most_optional: int | None = None
    """How many optional properties all strict tools of a request may have together."""


_KINDS: Final[dict[Format, _Kind]] = {
    "openai": _Kind(_openai, _openai_strict),
    "openai-chat": _Kind(_openai_chat, _openai_chat_strict),
    "anthropic": _Kind(_anthropic, _anthropic_strict, most_optional=24),
    "gemini": _Kind(_gemini),
    "json-schema": _Kind(_json_schema),
}
