"""The definitions of the tools for each kind of host: nothing in them that the host does not know, nothing lost."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, get_args

import pytest
from anthropic.types import ToolParam
from jsonschema import Draft202012Validator
from openai.types.chat import ChatCompletionFunctionToolParam
from openai.types.responses import FunctionToolParam
from pydantic import TypeAdapter

from modelstream.catalog import CATALOG
from modelstream_runtime.agents.format_names import FORMATS, Format
from modelstream_runtime.agents.formats import closed, of_openapi, optional_properties, tool_definitions
from modelstream_runtime.agents.limits import MOST_TYPED
from modelstream_runtime.agents.lowering import params_schema
from modelstream_runtime.agents.tools import GENERIC, tool_names, tools_of

FEW = tuple(CATALOG.models)[:MOST_TYPED]
each_model = pytest.mark.parametrize("model", CATALOG.models)

STRICT = {"type", "description", "properties", "required", "additionalProperties", "items", "enum", "anyOf"}
"""What all strict hosts know. They refuse a definition with another keyword."""
GEMINI = {"type", "description", "properties", "required", "items", "enum"}


def definitions(model: str, format: Format, strict: bool) -> list[dict[str, Any]]:
    return tool_definitions(tools_of(CATALOG, [model]), format, strict=strict)


def schemas_in(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield schema
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", ())]
    for each in inner + ([schema["items"]] if "items" in schema else []):
        yield from schemas_in(each)


def parameters(definition: Mapping[str, Any]) -> Mapping[str, Any]:
    found = definition.get("function", definition)
    schema: Mapping[str, Any] = next(found[key] for key in ("parameters", "input_schema") if key in found)
    return schema


@each_model
def test_openai_strict_requires_everything_and_knows_few_keywords(model: str) -> None:
    for format in ("openai", "openai-chat"):
        for definition in definitions(model, format, strict=True):
            assert definition.get("function", definition)["strict"] is True
            for schema in schemas_in(parameters(definition)):
                assert schema.keys() <= STRICT
                assert "type" in schema or "anyOf" in schema
                if schema.get("type") == "object":
                    assert schema["additionalProperties"] is False
                    assert schema["required"] == list(schema["properties"])


@each_model
def test_anthropic_strict_closes_objects_and_keeps_what_is_optional_so(model: str) -> None:
    for definition in definitions(model, "anthropic", strict=True):
        if "strict" in definition:
            for schema in schemas_in(definition["input_schema"]):
                assert schema.keys() <= STRICT
                assert schema.get("type") != "object" or schema["additionalProperties"] is False
                assert isinstance(schema.get("type", ""), str), "a union counts against the host's limit"
    typed = definitions(model, "anthropic", strict=True)[-1]
    assert typed["input_schema"]["properties"]["params"]["required"] == CATALOG.schemas.form(model)["required"]


def test_anthropic_takes_24_optional_properties_in_strict_tools() -> None:
    found = tool_definitions(tools_of(CATALOG, FEW), "anthropic", strict=True)
    strict = [each for each in found if each.get("strict")]
    counts = [optional_properties(each["input_schema"]) for each in strict]
    assert sum(counts) <= 24
    assert found[: len(strict)] == strict, "the generic tools come first"
    assert len(strict) >= len(GENERIC)
    following = found[len(strict) : len(strict) + 1]
    assert all(sum(counts) + optional_properties(each["input_schema"]) > 24 for each in following)
    assert optional_properties({"properties": {"a": {"items": {"properties": {"b": {}}, "required": []}}}}) == 2


@each_model
def test_gemini_gets_its_part_of_openapi(model: str) -> None:
    for definition in definitions(model, "gemini", strict=False):
        assert definition.keys() <= {"name", "description", "parameters"}
        for schema in schemas_in(definition.get("parameters", {"type": "STRING"})):
            assert schema.keys() <= GEMINI
            assert schema["type"] in {"STRING", "INTEGER", "NUMBER", "BOOLEAN", "ARRAY", "OBJECT"}
            assert all(isinstance(value, str) for value in schema.get("enum", ()))
            assert schema["type"] != "OBJECT" or schema["properties"], "the host refuses an empty object"
            assert schema["type"] != "ARRAY" or "items" in schema


@each_model
def test_what_is_dropped_stands_in_the_description(model: str) -> None:
    full = params_schema(CATALOG, model)
    for name, schema in full["properties"].items():
        described = closed(schema)["description"]
        dropped = [value for key in schema.keys() - closed(schema).keys() for value in [schema[key]]]
        for value in dropped:
            if value not in (0, 1):  # That a text is not empty, and a list neither, goes without saying.
                assert json.dumps(value, ensure_ascii=False).removesuffix(".0") in described, name
    for schema in parameters(definitions(model, "gemini", strict=False)[-1])["properties"].values():
        for inner in schemas_in(schema):
            assert inner.get("description") != ""


def test_choices_that_gemini_cannot_list_stand_in_the_description() -> None:
    lowered = of_openapi({"type": "integer", "enum": [4, 8], "default": 4, "description": "Length."})
    assert lowered == {"type": "INTEGER", "description": "Length. One of 4, 8."}


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(
    ("format", "kind"),
    [("openai", FunctionToolParam), ("openai-chat", ChatCompletionFunctionToolParam), ("anthropic", ToolParam)],
)
def test_definitions_are_what_the_types_of_the_sdks_say(format: Format, kind: Any, strict: bool) -> None:
    adapter = TypeAdapter(kind)
    for definition in tool_definitions(tools_of(CATALOG, FEW), format, strict=strict):
        adapter.validate_python(definition)
        assert definition.keys() <= kind.__required_keys__ | kind.__optional_keys__


def test_all_other_schemas_are_json_schemas_with_all_limits() -> None:
    for definition in tool_definitions(tools_of(CATALOG, FEW), "json-schema"):
        Draft202012Validator.check_schema(definition["inputSchema"])
        Draft202012Validator.check_schema(definition["outputSchema"])
    assert len(tool_definitions(tools_of(CATALOG, FEW), "json-schema")) == len(GENERIC) + len(FEW)


def test_names_are_those_of_the_tools() -> None:
    names = [
        *(tool.name for tool in GENERIC),
        *(name for model, name in tool_names(CATALOG.models).items() if model in FEW),
    ]
    for format in FORMATS:
        found = tool_definitions(tools_of(CATALOG, FEW), format)
        assert [each.get("function", each)["name"] for each in found] == names


@pytest.mark.parametrize("format", ["gemini", "json-schema"])
def test_a_format_without_a_strict_mode_says_which_have_one(format: Format) -> None:
    with pytest.raises(ValueError, match=re.escape(f"{format!r} has no strict definitions; openai, ")):
        tool_definitions(GENERIC, format, strict=True)


def test_every_format_is_tested() -> None:
    assert set(FORMATS) == set(get_args(Format)) == {"openai", "openai-chat", "anthropic", "gemini", "json-schema"}
