"""The OpenAPI document: valid, complete, and its examples are the goldens and what the mock gateway answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from generator.check import check
from generator.emit.body import body_of
from generator.ir import Package
from generator.ir.build import build
from modelstream import MODELS, schemas
from modelstream.gateway import GATEWAY
from modelstream_runtime.mock.error_replies import ERROR_REPLIES
from tests.support.golden import ROOT, Golden, documented, goldens

DOCUMENT = schemas.openapi()
OPERATIONS = {
    operation["operationId"]: operation
    for path in DOCUMENT["paths"].values()
    for method, operation in path.items()
    if method != "parameters"
}


@pytest.fixture(scope="module")
def package() -> Package:
    return build(check(ROOT / "schemas"))


def test_is_valid() -> None:
    validate(DOCUMENT, cls=OpenAPIV31SpecValidator)
    assert DOCUMENT["openapi"].startswith("3.1.")


def test_keeps_the_default_dialect() -> None:
    """Swagger UI warns of every document that names a dialect of its own."""
    assert "jsonSchemaDialect" not in DOCUMENT


def test_has_the_paths_of_the_gateway() -> None:
    assert list(DOCUMENT["paths"]) == [GATEWAY.submit_path, GATEWAY.task_path, GATEWAY.content_path]
    assert DOCUMENT["servers"] == [{"url": GATEWAY.base_url}]


@pytest.mark.parametrize("golden", documented(), ids=str)
def test_examples_of_requests_are_the_goldens(golden: Golden) -> None:
    examples = OPERATIONS["submit"]["requestBody"]["content"]["application/json"]["examples"]
    # Compared as text: the order of the keys is part of what the page documents.
    assert json.dumps(examples[golden.model]["value"]) == json.dumps(golden.body)


@pytest.mark.parametrize("golden", goldens(), ids=str)
def test_bodies_of_all_goldens(package: Package, golden: Golden) -> None:
    model = next(model for model in package.all_models if model.name == golden.model)
    values = dict.fromkeys(field.name for field in model.fields) | golden.values
    assert json.dumps(_body(package, golden.model, values)) == json.dumps(golden.body)


def _body(package: Package, name: str, values: dict[str, Any]) -> dict[str, Any]:
    model = next(model for model in package.all_models if model.name == name)
    return body_of(model, values)


def test_body_of_a_voice_that_attaches_to_a_picture(package: Package) -> None:
    values = {"prompt": "p", "reference_video": "v", "reference_image": ["a", "b"], "reference_voice": "w"}
    assert _body(package, "wan2.7-r2v", values)["metadata"]["input"]["media"] == [
        {"type": "reference_image", "url": "a", "reference_voice": "w"},
        {"type": "reference_image", "url": "b"},
        {"type": "reference_video", "url": "v"},
    ]


def test_body_of_a_storyboard(package: Package) -> None:
    model = next(model for model in package.models if model.id == "kling-v3")
    storyboard = next(example for example in model.examples if example.name == "storyboard")
    assert body_of(model, storyboard.values)["metadata"]["multi_prompt"] == [
        {"index": 1, "prompt": "Fishing boats leave before sunrise", "duration": "5"},
        {"index": 2, "prompt": "The market opens in the rain", "duration": "3"},
    ]


@pytest.mark.parametrize("model", [*MODELS, "generic"])
def test_exactly_one_schema_takes_the_body_of_a_model(model: str) -> None:
    body = next(golden.body for golden in documented() if golden.model == model)
    assert [name for name in _request_schemas().values() if _is_valid(name, body)] == [_request_schemas()[model]]


def test_another_model_s_id_is_not_generic() -> None:
    names = _request_schemas()
    assert not [name for name in names.values() if _is_valid(name, {"model": "kling-v3"})]
    assert [name for name in names.values() if _is_valid(name, {"model": "new-model", "prompt": "p"})] == [
        names["generic"]
    ]


def _request_schemas() -> dict[str, str]:
    """Model to the name of its schema, in the order of the document."""
    references = OPERATIONS["submit"]["requestBody"]["content"]["application/json"]["schema"]["oneOf"]
    names = [reference["$ref"].rpartition("/")[2] for reference in references]
    return dict(zip([*MODELS, "generic"], names, strict=True))


def test_answers_are_what_their_schemas_say() -> None:
    answers = [
        content
        for operation in OPERATIONS.values()
        for answer in operation["responses"].values()
        for content in _resolved(answer).get("content", {}).values()
        if content
    ]
    count = 0
    for content in answers:
        name = content["schema"]["$ref"].rpartition("/")[2]
        for example in [*content.get("examples", {}).values(), {"value": content.get("example")}]:
            if example["value"] is not None:
                count += 1
                assert _is_valid(name, example["value"]), example
    assert count > 10


def test_every_error_of_the_mock_gateway_is_documented() -> None:
    documented = {status for operation in OPERATIONS.values() for status in operation["responses"]}
    # The document cannot know the methods that it does not have.
    own = {name for name, reply in ERROR_REPLIES.items() if str(reply.status) not in documented}
    assert own == {"method"}


@pytest.mark.parametrize("operation", ["submit", "task", "content", "content_head"])
def test_links_lead_on(operation: str) -> None:
    links = OPERATIONS[operation]["responses"]["200"].get("links", {})
    wanted = {"submit": ["task", "content"], "task": ["content"]}.get(operation, [])
    assert [link["operationId"] for link in links.values()] == wanted
    assert all(link["operationId"] in OPERATIONS for link in links.values())


def _resolved(node: dict[str, Any]) -> dict[str, Any]:
    """What a reference stands for."""
    if "$ref" not in node:
        return node
    found: Any = DOCUMENT
    for step in node["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    assert isinstance(found, dict)
    return found


def _is_valid(name: str, instance: Any) -> bool:
    validator = Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]})
    return validator.is_valid(instance)
