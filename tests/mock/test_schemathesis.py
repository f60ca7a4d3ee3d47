"""The mock gateway against its OpenAPI document: schemathesis makes requests that nobody would think of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from jsonschema import Draft202012Validator
from schemathesis.specs.openapi.checks import positive_data_acceptance

from modelstream import MODELS, schemas
from modelstream.mock import MockGateway, running
from modelstream_runtime.mock.strict import StrictValidator

KEY = "sk-known"

SETTINGS = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)

# No schema can say which bytes a video has, so 416 is a good response to a well-formed range.
GOOD = ["2xx", "401", "404", "416"]

# The default engine has no lookahead; the patterns of the schemas end with one.
_PATTERNS = jsonschema_rs.FancyRegexOptions()


def can_be_generated(schema: dict[str, Any]) -> bool:
    """Whether Schemathesis supports a schema: it rejects those whose conditions have too many combinations.

    One such schema in a `oneOf` makes it reject the whole `oneOf`.
    """
    form = jsonschema_rs.canonicalize(schema, draft=jsonschema_rs.Draft202012, pattern_options=_PATTERNS)
    return form.kind is not jsonschema_rs.canonical.CanonicalKind.RAW


def generated_document() -> dict[str, Any]:
    """The OpenAPI document without the request schemas that Schemathesis rejects; their examples stay, and are sent."""
    document = schemas.openapi()
    requests = document["components"]["schemas"]
    [operation] = [path["post"] for path in document["paths"].values() if "post" in path]
    body = operation["requestBody"]["content"]["application/json"]["schema"]
    body["oneOf"] = [each for each in body["oneOf"] if can_be_generated(requests[each["$ref"].rpartition("/")[2]])]
    return document


document = schemathesis.openapi.from_dict(
    generated_document(),
    config=schemathesis.Config.from_dict({"checks": {"positive_data_acceptance": {"expected-statuses": GOOD}}}),
)


@pytest.fixture(scope="module")
def gateway() -> MockGateway:
    # Nearly all random ids are unknown; this gateway accepts all of them, so that it checks their bodies. Tasks end at
    # once: otherwise the gateway rejects requests for a video with 400, which schemathesis reports as an error.
    return MockGateway(any_model=True, keys=[KEY], realtime=0, keep=10_000)


@pytest.fixture(scope="module")
def url(gateway: MockGateway) -> Iterator[str]:
    with running(gateway) as url:
        yield url


@document.hook
def map_body(context: Any, body: Any) -> Any:
    """JSON Schema counts 5.0 as an integer. The gateway does not, which JSON Schema cannot express."""
    match body:
        case dict():
            return {key: map_body(context, value) for key, value in body.items()}
        case list():
            return [map_body(context, value) for value in body]
        case float() if body.is_integer():
            return int(body)
        case float():
            return round(body, 1)  # Nearly all numbers would be off the step.
        case _:
            return body


@document.hook
def filter_body(context: Any, body: Any) -> bool:
    """Leaves out generated bodies that JSON Schema accepts although the gateway rejects them."""
    return not breaks_own_keywords(map_body(context, body))


def breaks_own_keywords(body: Any) -> bool:
    """Whether a body is wrong only in what JSON Schema cannot express, such as a sum."""
    if not isinstance(body, dict):
        return False
    model = body.get("model")
    schema = schemas.wire(model if isinstance(model, str) and model in MODELS else "generic")
    return Draft202012Validator(schema).is_valid(body) and not StrictValidator(schema).is_valid(body)


@document.parametrize()
@settings(SETTINGS, max_examples=40)
def test_every_response_is_documented(case: schemathesis.Case[Any], url: str) -> None:
    # The boundary cases of Schemathesis bypass `filter_body`. The gateway must reject those that it would leave out.
    wrong = breaks_own_keywords(case.body)
    response = case.call_and_validate(
        base_url=url,
        headers={"Authorization": f"Bearer {KEY}"},
        excluded_checks=[positive_data_acceptance] if wrong else [],
    )
    assert not wrong or response.status_code >= 400


def test_links_lead_from_a_submission_to_its_video(gateway: MockGateway, url: str) -> None:
    gateway.reset()

    class Machine(document.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: schemathesis.Case[Any]) -> dict[str, Any]:
            return {"base_url": url, "headers": {"Authorization": f"Bearer {KEY}"}}

    Machine.run(settings=settings(SETTINGS, max_examples=20, stateful_step_count=5))
    answers = {(entry.exchange, entry.method, entry.status) for entry in gateway.journal}
    assert {("submit", "POST", 200), ("task", "GET", 200), ("content", "GET", 200)} <= answers
