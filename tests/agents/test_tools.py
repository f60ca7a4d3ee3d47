"""The tools as data: few words, names that every host takes, schemas that are schemas."""

from __future__ import annotations

import json
import re

import pytest
from jsonschema import Draft202012Validator

from modelstream.catalog import CATALOG
from modelstream_runtime.agents.limits import MOST_TYPED
from modelstream_runtime.agents.tools import GENERIC, SUBMIT_VIDEO, Tool, tool_names, tools_of, typed_tools

MODELS = tuple(CATALOG.models)
TOOLS = [*GENERIC, *(tool for model in MODELS for tool in typed_tools(CATALOG, [model]))]
named = pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)


def as_listed(tool: Tool) -> str:
    return json.dumps({"name": tool.name, "description": tool.description, "inputSchema": tool.input_schema})


def test_the_six_tools_cost_900_tokens_however_many_models_there_are() -> None:
    assert tools_of(CATALOG) == GENERIC
    assert len(GENERIC) == 6
    assert sum(len(as_listed(tool)) for tool in GENERIC) / 4 <= 900


@named
def test_a_tool_has_a_name_that_every_host_takes_and_schemas_that_are_schemas(tool: Tool) -> None:
    assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]{0,63}", tool.name)
    for schema in (tool.input_schema, tool.returns):
        Draft202012Validator.check_schema(dict(schema))
        assert schema["type"] == "object"
    assert set(tool.required) <= set(tool.parameters)


@named
def test_only_a_tool_that_submits_pays(tool: Tool) -> None:
    assert tool.pays == (tool.name == SUBMIT_VIDEO.name or tool.model is not None)
    assert tool.annotations["destructiveHint"] == tool.pays == tool.description.startswith("PAID")
    assert not (tool.pays and tool.annotations["readOnlyHint"])


def test_a_typed_tool_says_the_modes_and_the_rules() -> None:
    for tool in typed_tools(CATALOG, MODELS[:MOST_TYPED]):
        assert tool.model is not None
        form = CATALOG.schemas.form(tool.model)
        for told in (
            *form.get("x-rules-in-words", {}).get("errors", ()),
            *(m["name"] for m in form.get("x-modes", ())),
        ):
            assert told in tool.description


def test_names_of_typed_tools_never_collide() -> None:
    digest = tool_names(["a.b", "a/b"])["a.b"].removeprefix("submit_")
    models = ["video", "a.b", "a/b", digest, "b" * 100, f"{'b' * 99}c", "é", "è", "a-b"]
    names = tool_names(models)
    assert len({*names.values(), *(tool.name for tool in GENERIC)}) == len(models) + len(GENERIC)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name) for name in names.values())
    assert names["a-b"] == "submit_a-b"


def test_too_many_typed_tools_and_unknown_models_are_refused() -> None:
    with pytest.raises(ValueError, match="'nothing' is not one of"):
        tools_of(CATALOG, ["nothing"])
