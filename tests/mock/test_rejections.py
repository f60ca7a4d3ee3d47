"""What the mock gateway rejects, and how it reports that."""

from __future__ import annotations

import json
from typing import Any

import pytest

from modelstream import MODELS, schemas
from modelstream.mock import MockGateway
from modelstream_runtime.mock.messages import Request
from modelstream_runtime.mock.scenarios import choose
from tests.support.mock import BODY, JSON, SUBMIT, body_of, new_task, send, submit


def test_all_problems_are_reported_at_once_and_in_words(gateway: MockGateway) -> None:
    body = BODY | {"duration": 99, "mode": "prro", "promt": "x", "metadata": {"cfg_scale": "high"}}
    error = body_of(submit(gateway, body))["error"]
    assert error == {
        "message": (
            "4 problems: "
            "duration: 99 is more than 15 (3 to 15); "
            "mode: 'prro' is not one of 'std', 'pro'; did you mean 'pro'?; "
            "metadata.cfg_scale (form field cfg_scale): 'high' is not a number; "
            "promt: no such parameter; did you mean 'prompt'?"
        ),
        "type": "invalid_request_error",
        "param": "duration",
        "code": "invalid_parameter",
    }
    assert len(gateway.journal[-1].problems) == 4


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (BODY | {"duration": "5"}, "duration: '5' is not an integer"),
        (BODY | {"metadata": {"multi_shot": 1}}, "metadata.multi_shot (form field multi_shot): 1 is not true or false"),
        (BODY | {"prompt": ""}, "prompt: is empty"),
        (BODY | {"prompt": "x" * 2501}, "prompt: 2501 characters are more than 2500"),
        (
            BODY | {"image": "data:image/png;base64,AAAA"},
            "image: 'data:image/png;base64,AAAA' is not an http or https URL, or Base64 without a data URI's head",
        ),
        (
            BODY | {"metadata": {"image_tail": "https://example.com/a.png"}},
            "image: is needed for Image to Video (selected by image_tail)",
        ),
        (
            BODY | {"cfg_scale": 0.3},
            "cfg_scale: no such parameter; the form field cfg_scale travels as metadata.cfg_scale",
        ),
        (["kling-v3"], 'body: ["kling-v3"] is not an object'),
    ],
)
def test_a_problem_in_words(gateway: MockGateway, body: Any, message: str) -> None:
    assert body_of(submit(gateway, body))["error"]["message"] == message


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b'{"model": "kling-v3", "prompt": "p", "metadata": {"cfg_scale": NaN}}', "NaN is not a number"),
        (b'{"model": "kling-v3", "prompt": "p", "metadata": {"cfg_scale": 1e999}}', "1e999 is too large"),
        (b'{"model": "kling-v3", "prompt": "\xff"}', "not JSON"),
        (b'{"a":' * 200 + b"1" + b"}" * 200, "deep"),
        (b"[" * 100_000, "deep"),
    ],
)
def test_a_body_that_is_not_json_is_rejected(gateway: MockGateway, text: bytes, reason: str) -> None:
    response = submit(gateway, text)
    assert response.status == 400
    assert body_of(response)["error"]["code"] == "invalid_json"
    assert reason in body_of(response)["error"]["message"]


def test_another_content_type_is_rejected(gateway: MockGateway) -> None:
    response = submit(gateway, content_type="application/x-www-form-urlencoded")
    assert (response.status, body_of(response)["error"]["code"]) == (400, "invalid_json")
    assert submit(gateway, content_type="application/json; charset=utf-8").status == 200


def test_half_a_surrogate_pair_is_reported(gateway: MockGateway) -> None:
    response = submit(gateway, b'{"model": "kling-v3", "prompt": "p", "mode": "\\ud800"}')
    assert body_of(response)["error"]["param"] == "mode"


def test_a_body_that_is_too_large(gateway: MockGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelstream_runtime.mock.bodies.MAX_BYTES", 50)
    assert submit(gateway, BODY | {"prompt": "x" * 50}).status == 413


@pytest.mark.parametrize("model", [{}, {"model": None}, {"model": ""}])
def test_no_model(gateway: MockGateway, model: dict[str, Any]) -> None:
    response = submit(gateway, {"prompt": "p", **model})
    assert (response.status, body_of(response)["error"]["code"]) == (400, "missing_model")


def test_an_unknown_model() -> None:
    model = next(iter(MODELS))
    response = submit(MockGateway(), {"model": f"{model}x", "prompt": "p"})
    assert (response.status, body_of(response)["error"]["code"]) == (503, "model_not_found")
    assert body_of(response)["error"]["message"] == (f"no channel serves the model '{model}x'; did you mean {model!r}?")
    response = submit(MockGateway(), {"model": "sora", "prompt": "p"})
    # Beside the models with a schema it serves those that only the documentation of the generic request names.
    served = sorted({*MODELS, *(example["model"] for example in schemas.form("generic")["examples"])})
    assert set(MODELS) < set(served)
    assert body_of(response)["error"]["message"] == (
        f"no channel serves the model 'sora'; this mock serves {', '.join(served)}"
    )
    assert submit(MockGateway(any_model=True), {"model": f"{model}x", "prompt": "p"}).status == 200


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (None, "has no key"),
        ("", "has no key"),
        ("Bearer", "has no key"),
        ("Basic c2s6", "has no key"),
        ("Bearer <token>", "replace it with a key"),
        ("Bearer sk-other", "not valid"),
        ("Bearer sk-mock-nothing", "unknown scenario 'nothing'"),
    ],
)
@pytest.mark.parametrize("path", [SUBMIT, f"{SUBMIT}/abc", "/v1/videos/abc/content", "/v1/videos/abc"])
def test_keys(header: str | None, reason: str, path: str) -> None:
    gateway = MockGateway(keys=["sk-good"])
    headers = JSON | ({} if header is None else {"authorization": header})
    method = "POST" if path == SUBMIT else "GET"
    response = gateway.handle(Request(method=method, path=path, headers=headers, body=json.dumps(BODY).encode()))
    assert response.status == (400 if "scenario" in reason else 401)
    assert reason in body_of(response)["error"]["message"]
    assert submit(gateway, authorization="bearer sk-good").status == 200


def test_a_task_is_hidden_from_other_keys(gateway: MockGateway) -> None:
    task_id = new_task(gateway)
    response = send(gateway, "GET", f"{SUBMIT}/{task_id}", authorization="Bearer sk-other")
    assert (response.status, body_of(response)["error"]["code"]) == (404, "task_not_exist")
    assert send(gateway, "GET", f"{SUBMIT}/{task_id}").status == 200


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", SUBMIT, "POST"),
        ("DELETE", f"{SUBMIT}/abc", "GET"),
        ("POST", "/v1/videos/abc/content", "GET, HEAD"),
    ],
)
def test_other_methods(gateway: MockGateway, method: str, path: str, allowed: str) -> None:
    response = send(gateway, method, path)
    assert (response.status, response.headers["allow"]) == (405, allowed)


def test_other_paths(gateway: MockGateway) -> None:
    assert send(gateway, "GET", "/v1/chat/completions").status == 404
    assert send(gateway, "GET", "/__mock/nothing").status == 404


def test_wrong_settings() -> None:
    wrongs: list[dict[str, Any]] = [
        {"dialect": "klingon"},
        {"scenario": "418"},
        {"polls": 0},
        {"keep": 0},
        {"realtime": -1},
    ]
    for wrong in wrongs:
        with pytest.raises(ValueError, match=r"choose one of|at least"):
            MockGateway(**wrong)
    assert submit(MockGateway(), x_mock_dialect="klingon").status == 400
    assert submit(MockGateway(), x_mock_scenario="418").status == 400


@pytest.mark.parametrize("text", ["ok:2", "failed:1", "429:", "429:x", "429:-1", "429:²", ""])
def test_wrong_scenarios(text: str) -> None:
    with pytest.raises(ValueError, match=r"choose one of|after the colon|takes no count"):
        choose(text)
