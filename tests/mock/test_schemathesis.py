"""The mock gateway against its OpenAPI document: schemathesis makes requests that nobody would think of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from jsonschema import Draft202012Validator

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

document = schemathesis.openapi.from_dict(
    schemas.openapi(),
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
    """Leaves out bodies that JSON Schema accepts although the gateway rejects them."""
    if not isinstance(body, dict):
        return True
    model = body.get("model")
    schema = schemas.wire(model if isinstance(model, str) and model in MODELS else "generic")
    body = map_body(context, body)
    return not Draft202012Validator(schema).is_valid(body) or StrictValidator(schema).is_valid(body)


@document.parametrize()
@settings(SETTINGS, max_examples=40)
def test_every_response_is_documented(case: schemathesis.Case[Any], url: str) -> None:
    case.call_and_validate(base_url=url, headers={"Authorization": f"Bearer {KEY}"})


def test_links_lead_from_a_submission_to_its_video(gateway: MockGateway, url: str) -> None:
    gateway.reset()

    class Machine(document.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: schemathesis.Case[Any]) -> dict[str, Any]:
            return {"base_url": url, "headers": {"Authorization": f"Bearer {KEY}"}}

    Machine.run(settings=settings(SETTINGS, max_examples=20, stateful_step_count=5))
    answers = {(entry.exchange, entry.method, entry.status) for entry in gateway.journal}
    assert {("submit", "POST", 200), ("task", "GET", 200), ("content", "GET", 200)} <= answers
