"""The JSON Schemas of forms and wires: valid, true of the goldens, and strict in every keyword they use."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from modelstream import MODELS, KlingV3, schemas
from modelstream.catalog import CATALOG
from modelstream_runtime.mock.checking import checker_of
from modelstream_runtime.mock.strict import StrictValidator
from tests.conformance.cases import cases
from tests.support.golden import Golden, goldens

KINDS: dict[str, Callable[[str], dict[str, Any]]] = {"form": schemas.form, "wire": schemas.wire}
EVERY = [(kind, model) for kind in KINDS for model in [*MODELS, "generic"]]

_ANNOTATIONS = {"$schema", "$id", "$comment", "title", "description", "default", "examples", "properties"} | {
    "contentMediaType"  # In JSON Schema an annotation; `x-json` is the constraint.
}
_CONDITIONS = {"if", "minContains"}
"""Keywords that nothing can break: a condition, and a least number that is never more than the one of `contains`."""


@pytest.fixture(params=EVERY, ids=lambda every: "-".join(every))
def schema(request: pytest.FixtureRequest) -> dict[str, Any]:
    kind, model = request.param
    return KINDS[kind](model)


def test_is_a_schema_of_its_draft(schema: dict[str, Any]) -> None:
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    Draft202012Validator.check_schema(schema)


def test_no_float_is_asked_to_be_a_multiple(schema: dict[str, Any]) -> None:
    assert "multipleOf" not in keywords(schema)


def test_says_which_rules_it_cannot_say() -> None:
    [rule] = schemas.wire("kling-v3")["x-rules"]
    assert (rule["rule"], rule["fields"]) == ("sum", ["multi_prompt.duration", "duration"])
    assert rule["paths"] == ["metadata.multi_prompt[].duration", "duration"]
    assert rule["because"] == "the shots together must be as long as the video"
    assert StrictValidator(rule["if"]).is_valid({"metadata": {"multi_shot": True, "shot_type": "customize"}})
    assert not StrictValidator(rule["if"]).is_valid({"metadata": {"multi_shot": True}})
    [rule] = schemas.form("kling-v3")["x-rules"]
    assert rule["fields"] == ["multi_prompt.duration", "duration"]
    assert "paths" not in rule
    assert StrictValidator(rule["if"]).is_valid({"multi_shot": True, "shot_type": "customize"})
    assert not StrictValidator(rule["if"]).is_valid({"multi_shot": True})
    # Two lists can be counted together where they share an array, and only there.
    assert [rule["rule"] for rule in schemas.form("wan2.7-r2v")["x-rules"]] == ["count"]
    assert "x-rules" not in schemas.wire("wan2.7-r2v")


def test_says_whose_schema_it_is(schema: dict[str, Any]) -> None:
    cls = CATALOG.request_class(schema.get("x-model", "another"))
    assert schema["x-class"] == cls.__name__
    assert schema["title"] not in ("", cls.__name__)
    assert schema["x-vendor"]
    assert set(schema["x-source"]) == {"page", "checked"}


def test_says_what_a_page_says_about_a_field() -> None:
    fields = schemas.form("kling-v3")["properties"]
    assert (fields["duration"]["x-unit"], fields["duration"]["x-evidence"]) == ("s", "curl")
    assert fields["duration"]["x-limits-evidence"] == "page"
    assert (fields["image"]["x-max-bytes"], fields["image"]["x-limits-evidence"]) == (10 * 1024 * 1024, "vendor")
    assert fields["reference_images"]["x-evidence"] == "guess"
    assert "x-limits-evidence" not in fields["multi_shot"], "it has no limits"
    assert fields["multi_prompt"]["items"]["properties"]["duration"]["x-unit"] == "s"
    picture = schemas.wire("wan2.7-r2v")["properties"]["metadata"]["properties"]["input"]["properties"]["media"]
    assert picture["items"]["anyOf"][0]["properties"]["url"]["x-max-bytes"] == 20 * 1024 * 1024


def test_says_which_rules_only_warn() -> None:
    *others, shape, length = schemas.form("kling-v3")["x-warnings"]
    assert [rule["fields"] for rule in others] == [["shot_type"], ["multi_prompt"]]
    assert shape == {
        "if": {"required": ["image"], "properties": {"image": {"not": {"enum": [None, []]}}}},
        "rule": "ignores",
        "fields": ["aspect_ratio"],
        "because": "the video takes the aspect ratio of its first frame",
    }
    assert (length["rule"], length["values"]) == ("expects", {"duration": [5, 10]})
    assert StrictValidator(length["if"]).is_valid({})
    assert not StrictValidator(length["if"]).is_valid({"multi_shot": True})
    assert schemas.wire("kling-v3")["x-warnings"][2]["paths"] == ["metadata.aspect_ratio"]


@pytest.mark.parametrize("golden", goldens(), ids=str)
def test_goldens_are_valid_on_the_wire(golden: Golden) -> None:
    assert checker_of(CATALOG, golden.model).problems(golden.body) == []


@pytest.mark.parametrize("golden", goldens(), ids=str)
def test_goldens_are_valid_forms(golden: Golden) -> None:
    assert broken_keywords(schemas.form(golden.model), golden.values) == set()


def test_examples_are_valid_forms(schema: dict[str, Any]) -> None:
    for example in schema.get("examples", ()):
        assert broken_keywords(schema, example) == set()


@pytest.mark.parametrize("kind", KINDS)
def test_every_keyword_is_broken_once(kind: str) -> None:
    """By a case of some model: not every model has a case for each keyword of its rules."""
    schemas_of = {model: KINDS[kind](model) for model in [*MODELS, "generic"]}
    wrong = ((case.model, case.values if kind == "form" else case.body) for case in cases() if not case.accepted)
    broken = {word for model, found in wrong if found for word in broken_keywords(schemas_of[model], found)}
    assert {word for schema in schemas_of.values() for word in keywords(schema)} - _ANNOTATIONS - _CONDITIONS <= broken


def test_5_0_is_no_integer() -> None:
    body = KlingV3(prompt="A cup of coffee").to_payload() | {"duration": 5.0}
    assert [str(problem) for problem in checker_of(CATALOG, "kling-v3").problems(body)] == [
        "duration: 5.0 is not an integer; write 5"
    ]


STEP = {"type": "number", "minimum": 0.5, "x-step": 0.1}
PICTURE = {"type": "string", "pattern": "^(https?://.+|[A-Za-z0-9+/]+={0,2})$", "x-formats": ["png", "jpeg"]}
# The gateway falls back to other values than the default of the form, so nothing is said of what is left out.
SUM = {
    "properties": {
        "shots": {"items": {"properties": {"seconds": {"default": 2}}}},
        "video": {"properties": {"seconds": {"default": 5}}},
    },
    "x-rules": [
        {"if": {"required": ["shots"]}, "rule": "sum", "paths": ["shots[].seconds", "video.seconds"], "because": "so"}
    ],
}


@pytest.mark.parametrize(
    ("schema", "instance", "told"),
    [
        (STEP, 0.7, []),
        (STEP, 1.6999999999999997, []),
        (STEP, 0.75, ["0.75 is not a multiple of 0.1"]),
        (STEP, 10**400, []),
        (STEP, 1e400, []),
        (STEP, math.nan, []),
        (STEP, True, ["True is not of type 'number'"]),
        (PICTURE, "https://example.com/iVBORw0KGgo=", []),
        (PICTURE, "iVBORw0KGgo=", []),
        (PICTURE, "R0lGODlh", ["the data is gif, not png or jpeg"]),
        (PICTURE, "AAAA", ["the data has an unknown format, not png or jpeg"]),
        (PICTURE, "AAAAA", ["the data is not valid Base64, not png or jpeg"]),
        (PICTURE, 1, ["1 is not of type 'string'"]),
        (SUM, {}, []),
        (SUM, {"shots": []}, []),
        (SUM, {"shots": [{"seconds": "2"}, {"seconds": 3}]}, []),
        (SUM, {"shots": [{"seconds": 1}, {}, {}]}, []),
        (SUM, {"shots": [{"seconds": "2"}]}, []),
        (SUM, {"shots": [{"seconds": "2"}], "video": {"seconds": 5}}, ["5 is not 2, the sum of shots[].seconds: so"]),
        (SUM, {"shots": [{}], "video": {"seconds": 3}}, []),
        (SUM, {"shots": [{}, 1, {"seconds": "x"}, {"seconds": "9" * 5000}]}, []),
        (SUM, {"shots": {"seconds": 1}, "video": [1]}, []),
        (SUM, {"shots": [{"seconds": 2}], "video": {"seconds": 10**400}}, None),
        (SUM, [], []),
    ],
)  # fmt: skip
def test_what_json_schema_cannot_say(schema: dict[str, Any], instance: Any, told: list[str] | None) -> None:
    found = [error.message for error in StrictValidator(schema).iter_errors(instance)]
    assert len(found) == 1 if told is None else found == told


def broken_keywords(schema: Any, instance: Any) -> set[str]:
    """The keywords that an instance breaks, and those on the way to them."""
    errors = list(StrictValidator(schema).iter_errors(instance))
    within = [inner for error in errors for inner in (error, *error.context)]
    return {str(step) for error in within for step in (*error.absolute_schema_path, error.validator)}


def keywords(schema: Any) -> set[str]:
    """All keywords in a schema and those within it, without extensions and what stands in conditions."""
    return {keyword for keyword in _keywords(schema) if not keyword.startswith("x-")}


def _keywords(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for each in schema:
            yield from _keywords(each)
    if not isinstance(schema, dict):
        return
    for keyword, inner in schema.items():
        yield keyword
        if keyword == "properties":
            for each in inner.values():
                yield from _keywords(each)
        elif keyword not in ("default", "examples", "enum", "const", "if") and not keyword.startswith("x-"):
            yield from _keywords(inner)
