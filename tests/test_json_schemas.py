"""The JSON Schemas of forms and wires: valid, true of the goldens, and strict in every keyword they use."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from modelstream import MODELS, schemas
from modelstream.mock.checking import StrictValidator, checker_of
from tests.golden import Golden, goldens
from tests.violations import FORM, WIRE, Violation, changed, documented_case

KINDS: dict[str, Callable[[str], dict[str, Any]]] = {"form": schemas.form, "wire": schemas.wire}
EVERY = [(kind, model) for kind in KINDS for model in [*MODELS, "generic"]]

_NAMING = {"required", "additionalProperties"}
"""Keywords whose errors name a property in their text only."""
_ANNOTATIONS = {"$schema", "$id", "$comment", "title", "description", "default", "examples", "properties"}
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
    assert schemas.form("kling-v3")["x-rules"] == [
        {
            "rule": "sum",
            "fields": ["multi_prompt.duration", "duration"],
            "because": "the shots together must be as long as the video",
        }
    ]
    # Two lists can be counted together where they share an array, and only there.
    assert [rule["rule"] for rule in schemas.form("wan2.7-r2v")["x-rules"]] == ["count"]
    assert "x-rules" not in schemas.wire("wan2.7-r2v")


@pytest.mark.parametrize("golden", goldens(), ids=str)
def test_goldens_are_valid_on_the_wire(golden: Golden) -> None:
    assert checker_of(golden.model).problems(golden.body) == []


@pytest.mark.parametrize("golden", goldens(), ids=str)
def test_goldens_are_valid_forms(golden: Golden) -> None:
    assert errors_of(schemas.form(golden.model), golden.values) == []


def test_examples_are_valid_forms(schema: dict[str, Any]) -> None:
    for example in schema.get("examples", ()):
        assert errors_of(schema, example) == []


@pytest.mark.parametrize("violation", FORM, ids=str)
def test_a_wrong_form_is_refused(violation: Violation) -> None:
    values = changed(documented_case(violation.model).values, violation.changes)
    found = errors_of(schemas.form(violation.model), values)
    assert violation.blamed in {name for _, names in found for name in names}
    assert violation.keyword in {keyword for keywords, _ in found for keyword in keywords}


@pytest.mark.parametrize("violation", WIRE, ids=str)
def test_a_wrong_body_is_refused(violation: Violation) -> None:
    body = changed(documented_case(violation.model).body, violation.changes)
    problems = checker_of(violation.model).problems(body)
    assert (violation.blamed, violation.field) == problems[0][:2]
    found = errors_of(schemas.wire(violation.model), body)
    assert violation.keyword in {keyword for keywords, _ in found for keyword in keywords}


@pytest.mark.parametrize(("kind", "table"), [("form", FORM), ("wire", WIRE)])
def test_every_keyword_is_broken_once_for_every_model(kind: str, table: list[Violation]) -> None:
    for model in [*MODELS, "generic"]:
        broken = {violation.keyword for violation in table if violation.model == model}
        assert keywords(KINDS[kind](model)) - _ANNOTATIONS - _CONDITIONS - broken == set(), model


def test_5_0_is_no_integer() -> None:
    body = documented_case("kling-v3").body | {"duration": 5.0}
    assert [str(problem) for problem in checker_of("kling-v3").problems(body)] == [
        "duration: 5.0 is not an integer; write 5"
    ]


def errors_of(schema: dict[str, Any], instance: Any) -> list[tuple[set[str], set[str]]]:
    """What a validator finds: for each error the keywords on the way to it, and the names it is about."""
    found = []
    for error in StrictValidator(schema).iter_errors(instance):
        within = [error, *error.context]
        keywords = {str(step) for each in within for step in (*each.absolute_schema_path, each.validator)}
        names = set(re.findall(r"'(\w+)'", error.message)) if error.validator in _NAMING else set()
        names |= {str(error.absolute_path[0])} if error.absolute_path else set()
        steps = list(error.absolute_schema_path)
        names |= set(schema["allOf"][steps[1]]["x-fields"]) if steps[0] == "allOf" else set()
        found.append((keywords, names))
    return found


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
