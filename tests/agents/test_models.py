"""What a language model reads of the models: short, whatever their schemas say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from modelstream.catalog import CATALOG
from modelstream_runtime.agents.arguments import read_given
from modelstream_runtime.agents.files import Files
from modelstream_runtime.agents.models import MOST_TOKENS, describe_model, list_models
from modelstream_runtime.agents.requests import order_from
from modelstream_runtime.errors import InvalidRequest
from tests.support.made_up import made_up

pytestmark = pytest.mark.filterwarnings("ignore::modelstream.ModelStreamWarning")

of_each = pytest.mark.parametrize("model", CATALOG.models)

TASK = "{{type: string, max_length: 500, target: metadata.f{0}, evidence: page, doc: '{1}'}}"


def tokens(description: Any) -> float:
    return len(json.dumps(description, ensure_ascii=False)) / 4


def test_the_list_has_every_model_and_what_it_makes() -> None:
    listed = list_models(CATALOG)["models"]
    assert [each["model"] for each in listed] == list(CATALOG.models)
    assert all(each["summary"] for each in listed)


@of_each
def test_a_description_has_all_fields_and_rules_in_few_words(model: str) -> None:
    form = CATALOG.schemas.form(model)
    described = describe_model(CATALOG, model)
    assert tokens(described) <= MOST_TOKENS
    assert list(described["params"]["properties"]) == list(form["properties"])
    assert described["params"]["required"] == form["required"]
    assert described.get("rules", []) == form.get("x-rules-in-words", {}).get("errors", [])
    for name, schema in form["properties"].items():
        told = described["params"]["properties"][name]["description"]
        assert schema.get("description", "") in told
        for limit in ("minimum", "maximum", "maxLength", "maxItems", "default"):
            assert json.dumps(schema.get(limit, ""), ensure_ascii=False).strip('"').removesuffix(".0") in told


@of_each
def test_the_example_is_a_call_that_works(model: str) -> None:
    form = CATALOG.schemas.form(model)
    if form.get("examples"):
        example = describe_model(CATALOG, model)["example"]
        given = read_given(CATALOG, model, example["params"], example.get("omit"))
        made = order_from(CATALOG, given, Files(None)).request
        assert made.to_payload() == CATALOG.request_for(model, **form["examples"][0]).to_payload()


@pytest.mark.parametrize(("count", "words"), [(12, 40), (40, 30), (120, 60)], ids=lambda n: str(n))
def test_a_model_with_many_fields_is_shortened_and_says_so(tmp_path: Path, count: int, words: int) -> None:
    fields = [f"  f{n}: {TASK.format(n, 'Some words of ours. ' * words)}" for n in range(count)]
    prompt = "  prompt: {type: string, required: true, target: prompt, doc: What.}"
    rules = [f"  - {{when: {{f{n}: present}}, forbids: [f{n + 1}], because: one is enough}}" for n in range(count // 2)]
    with made_up(tmp_path, "\n".join(["fields:", *fields, prompt, "rules:", *rules, ""])) as made:
        described = describe_model(made.catalog, "made-up")
        assert tokens(described) <= MOST_TOKENS
        assert described["shortened"]
        assert "prompt" in described["params"]["properties"]
        named = {*described["params"]["properties"], *described.get("other_fields", ())}
        assert len(named) == count + 1 or any(each.endswith(" more") for each in named)
        asked = describe_model(made.catalog, "made-up", ["f3"])
        assert list(asked["params"]["properties"]) == ["f3"]
        assert "shortened" not in asked
        with pytest.raises(InvalidRequest, match="'f3x' is not a field of made-up; did you mean 'f3'"):
            describe_model(made.catalog, "made-up", ["f3x"])


def test_whatever_a_schema_says_its_description_fits(tmp_path: Path) -> None:
    options = ", ".join(f"option-{n}-{'x' * 60}" for n in range(400))
    text = f"""
fields:
  prompt: {{type: string, required: true, target: prompt, doc: '{"long " * 1990}'}}
  style: {{type: enum, options: [{options}], target: style, evidence: page, doc: Style.}}
"""
    with made_up(tmp_path, text) as made:
        assert tokens(describe_model(made.catalog, "made-up")) <= MOST_TOKENS
        assert tokens(described := describe_model(made.catalog, "made-up", ["style"])) <= MOST_TOKENS
        assert described["params"]["properties"]["style"]["enum"][-1].endswith(" more")
        assert "check_video" in described["shortened"]


@pytest.mark.parametrize("fields", ["f3", [1], {"f3": 1}])
def test_fields_that_are_no_names_are_refused(fields: Any) -> None:
    with pytest.raises(InvalidRequest, match="is not a list of names"):
        describe_model(CATALOG, next(iter(CATALOG.models)), fields)
