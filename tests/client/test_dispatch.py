"""`submit` sends what the documented curl would, reads the task from every known response of the gateway, and raises
each failure as an error of its own kind. The key appears in one header and nowhere else."""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
import shlex
import traceback
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from modelstream import (
    APIError,
    AsyncModelStream,
    AsyncTask,
    AuthenticationError,
    BadRequestError,
    InvalidRequest,
    KlingV3,
    ModelStream,
    ModelStreamError,
    NotFoundError,
    PermissionDeniedError,
    QuotaExhaustedError,
    RateLimitError,
    ServerError,
    SubmitUnknown,
    Task,
    VideoRequest,
)
from tests.support.golden import Golden, documented, goldens
from tests.support.server import Received, Server, response, serve

KEY = "sk-5f0c2d7e"
OVERLOADED = "当前分组上游负载已饱和，请稍后再试"

# Goldens are complete forms, with fields that other fields make the model ignore.
quiet = pytest.mark.filterwarnings("ignore::modelstream.ModelStreamWarning")


@pytest.fixture
def server() -> Iterator[Server]:
    with serve([{"task_id": "abcd1234efgh", "status": "queued"}]) as running:
        yield running


@pytest.fixture(params=["sync", "async"])
def client(request: pytest.FixtureRequest, server: Server) -> Client:
    return Client(request.param, server.url)


class Client:
    """Both clients behind one call, so that every test is about both."""

    def __init__(self, kind: str, url: str) -> None:
        self.kind = kind
        self.url = url

    def submit(self, request: Any, /, *, client: dict[str, Any] | None = None, **options: Any) -> Task | AsyncTask:
        """Submit with a client made for it."""
        settings: dict[str, Any] = {"api_key": KEY, "base_url": self.url, "max_retries": 0} | (client or {})
        if self.kind == "sync":
            with ModelStream(**settings) as sync_client:
                submit: Any = sync_client.submit
                task: Task = submit(request, **options)
                return task

        async def run() -> AsyncTask:
            async with AsyncModelStream(**settings) as async_client:
                submit: Any = async_client.submit
                task: AsyncTask = await submit(request, **options)
                return task

        return asyncio.run(run())

    def refused(self, request: Any, /, **options: Any) -> ModelStreamError:
        """The error that a submission ends in."""
        with pytest.raises(ModelStreamError) as caught:
            self.submit(request, **options)
        return caught.value


def says(server: Server, body: Any, status: int = 200, *headers: str) -> None:
    """The server gives this response from now on: bytes as they are, everything else as JSON."""
    raw = body if isinstance(body, bytes) else None
    server.play([response(status, body, raw=raw, headers=headers)])


def only(server: Server) -> Received:
    assert len(server.received) == 1
    return server.received[0]


# What is sent.


@quiet
@pytest.mark.parametrize("golden", goldens(), ids=str)
def test_a_submission_is_what_the_curl_sends(golden: Golden, client: Client, server: Server) -> None:
    words = shlex.split(golden.to_curl.replace("\\\n", "").replace("<token>", KEY))
    client.submit(golden.cls(**golden.values))
    received = only(server)
    assert received.method == words[words.index("-X") + 1]
    assert received.path == urlsplit(words[3]).path
    for header in (words[index + 1] for index, word in enumerate(words) if word == "-H"):
        name, _, value = header.partition(": ")
        assert received.values(name.lower()) == [value]
    # As text, so that the order of the keys counts, and 5 is not 5.0.
    assert json.dumps(received.json) == json.dumps(golden.body)


@quiet
@pytest.mark.parametrize("golden", documented(), ids=str)
def test_a_model_id_with_values_is_the_same_request(golden: Golden, client: Client, server: Server) -> None:
    values = golden.values
    task = client.submit(values.pop("model", golden.model), **values)
    assert task.id == "abcd1234efgh"
    assert json.dumps(only(server).json) == json.dumps(golden.body)


def test_any_model_id_can_be_submitted(client: Client, server: Server) -> None:
    client.submit("sora-2", prompt="p", metadata={"size": None})
    assert only(server).json == {"model": "sora-2", "prompt": "p", "metadata": {"size": None}}


def test_texts_travel_as_utf8(client: Client, server: Server) -> None:
    client.submit(KlingV3(prompt="雨の街 🌧️"))
    assert '"雨の街 🌧️"'.encode() in only(server).body


def test_nothing_wrong_is_sent(client: Client, server: Server) -> None:
    assert isinstance(client.refused("kling-v3", prompt="p", duration=99), InvalidRequest)
    assert isinstance(client.refused("kling-v3", prompt="p", seed=1), InvalidRequest)
    assert isinstance(client.refused("kling-v3", prompt="p", extra_body={"a": float("nan")}), InvalidRequest)
    assert isinstance(client.refused("kling-v3", prompt="p", extra_body={"a": object()}), InvalidRequest)
    for wrong in (5, None, {"model": "kling-v3"}, KlingV3):
        with pytest.raises(TypeError, match="takes a request or a model id"):
            client.submit(wrong)
    with pytest.raises(TypeError, match="already has its values"):
        client.submit(KlingV3(prompt="p"), mode="pro")
    assert server.received == []


def test_extra_body_is_merged_over_the_payload(client: Client, server: Server) -> None:
    extra = {
        "callback": "https://example.com/done",
        "duration": 7,
        "metadata": {"sound": "on", "watermark_info": {"text": "ours"}, "multi_shot": None},
    }
    client.submit(KlingV3(prompt="p"), extra_body=extra)
    assert only(server).json == {
        "model": "kling-v3",
        "prompt": "p",
        "duration": 7,
        "mode": "std",
        "metadata": {
            "cfg_scale": 0.5,
            "aspect_ratio": "16:9",
            "multi_shot": None,
            "watermark_info": {"enabled": False, "text": "ours"},
            "sound": "on",
        },
        "callback": "https://example.com/done",
    }


def test_extra_body_replaces_what_is_no_object(client: Client, server: Server) -> None:
    image = {"type": "reference_image", "url": "https://example.com/b"}
    extra = {"metadata": {"input": {"media": [image]}, "parameters": 1}}
    client.submit("wan2.7-r2v", prompt="p", reference_image="https://example.com/a", extra_body=extra)
    assert only(server).json["metadata"] == extra["metadata"]


def test_extra_body_changes_no_request(client: Client) -> None:
    request = VideoRequest(model="m", prompt="p", metadata={"a": {"b": 1}})
    extra = {"metadata": {"a": {"b": 2}}}
    client.submit(request, extra_body=extra)
    assert request.to_payload()["metadata"] == {"a": {"b": 1}}
    assert extra == {"metadata": {"a": {"b": 2}}}


def test_extra_headers_are_sent_beside_the_others(client: Client, server: Server) -> None:
    headers = {"X-Team": "films", "authorization": "Bearer other", "content-type": "text/plain"}
    client.submit(KlingV3(prompt="p"), extra_headers=headers)
    received = only(server)
    assert received.values("x-team") == ["films"]
    assert received.values("authorization") == [f"Bearer {KEY}"]
    assert received.values("content-type") == ["application/json"]


def test_key_and_gateway_come_from_the_environment(
    client: Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELSTREAM_API_KEY", "sk-of-the-environment\n")
    monkeypatch.setenv("MODELSTREAM_BASE_URL", f"{server.url}/proxy/")
    client.submit(KlingV3(prompt="p"), client={"api_key": None, "base_url": None})
    received = only(server)
    assert received.path == "/proxy/v1/video/generations"
    assert received.values("authorization") == ["Bearer sk-of-the-environment"]


def test_arguments_count_more_than_the_environment(
    client: Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELSTREAM_API_KEY", "sk-of-the-environment")
    monkeypatch.setenv("MODELSTREAM_BASE_URL", "http://127.0.0.1:9")
    client.submit(KlingV3(prompt="p"))
    assert only(server).values("authorization") == [f"Bearer {KEY}"]


def test_without_a_key_there_is_no_client(client: Client, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MODELSTREAM_API_KEY", raising=False)
    error = client.refused(KlingV3(prompt="p"), client={"api_key": None})
    assert str(error) == "no API key: pass api_key=... or set MODELSTREAM_API_KEY"
    assert server.received == []


# What the gateway responds.

# Section 3.1 of what is known of the gateway.
ANSWERS: dict[str, tuple[Any, str, str]] = {
    "documented": ({"task_id": "abcd1234efgh", "status": "queued"}, "abcd1234efgh", "queued"),
    "New API": (
        {"id": "task_x", "task_id": "task_x", "object": "video", "model": "kling-v3", "status": "queued",
         "progress": 0, "created_at": 1777348107},
        "task_x",
        "queued",
    ),
    "id only": (
        {"id": "0c4f-88", "object": "video", "model": "wan", "status": "", "progress": 0, "created_at": 1},
        "0c4f-88",
        "in_progress",
    ),
    "id and task_id": (
        {"id": "video_123", "object": "video", "model": "kling-v1", "created_at": 1, "task_id": "abcd",
         "status": "processing"},
        "abcd",
        "in_progress",
    ),
    "kling's own": ({"code": 0, "message": "", "task_id": "task_x"}, "task_x", "in_progress"),
    "wrapped, pending": (
        {"code": 0, "message": "success", "data": {"task_id": "t", "status": "pending"}}, "t", "queued"
    ),
    "wrapped, task_status": (
        {"code": "success", "message": "", "data": {"task_id": "t-2", "task_status": "submitted"}}, "t-2", "queued"
    ),
    "Gemini": ({"task_id": "bW9kZWxzL3Zlbw==", "status": "NOT_START"}, "bW9kZWxzL3Zlbw==", "queued"),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("status", [200, 201])
def test_the_task_is_read_from_every_response(name: str, status: int, client: Client, server: Server) -> None:
    body, task_id, task_status = ANSWERS[name]
    says(server, body, status, "X-New-Api-Other-Ratios: 1.0")
    task = client.submit(KlingV3(prompt="p"))
    assert (task.id, task.status) == (task_id, task_status)
    assert isinstance(task, Task if client.kind == "sync" else AsyncTask)


# Section 3.5. Of a paid request nobody knows what became of it after a fault of the gateway, so that the error of a
# 5xx is the cause of another one.
ERRORS: dict[str, tuple[int, Any, type[APIError], dict[str, Any]]] = {
    "documented": (
        400,
        {"error": {"message": "duration out of range", "type": "invalid_request_error", "param": "duration",
                   "code": "invalid_value"}},
        BadRequestError,
        {"message": "duration out of range", "type": "invalid_request_error", "param": "duration",
         "code": "invalid_value"},
    ),
    "code is empty": (
        400, {"error": {"message": "bad", "type": "", "param": "", "code": ""}}, BadRequestError,
        {"message": "bad", "type": None, "param": None, "code": None},
    ),
    "code is null": (
        400, {"error": {"message": "bad", "type": None, "param": None, "code": None}}, BadRequestError,
        {"message": "bad", "type": None, "param": None, "code": None},
    ),
    "code is a number": (
        400, {"error": {"message": "bad", "code": 1201}}, BadRequestError, {"message": "bad", "code": 1201}
    ),
    "middleware, key": (
        401, {"error": {"message": "Invalid token (request id: 20261121-1)", "type": "new_api_error", "code": ""}},
        AuthenticationError,
        {"message": "Invalid token (request id: 20261121-1)", "type": "new_api_error", "code": None,
         "request_id": "20261121-1"},
    ),
    "middleware, no channel": (
        503, {"error": {"message": "no channel (request id: 7)", "type": "new_api_error", "code": "model_not_found"}},
        ServerError, {"code": "model_not_found", "request_id": "7"},
    ),
    "middleware, group": (
        403, {"error": {"message": "no access", "type": "new_api_error", "code": "access_denied"}},
        PermissionDeniedError, {"message": "no access", "code": "access_denied"},
    ),
    "task error": (
        400, {"code": "invalid_request", "message": "prompt is required", "data": None}, BadRequestError,
        {"message": "prompt is required", "code": "invalid_request", "type": None, "param": None},
    ),
    "task error, unknown task": (
        400, {"code": "task_not_exist", "message": "task not exist", "data": None}, NotFoundError,
        {"code": "task_not_exist"},
    ),
    "task error, body too large": (
        413, {"code": "read_request_body_failed", "message": "too large", "data": None}, APIError,
        {"code": "read_request_body_failed"},
    ),
    "flat": (
        404, {"code": None, "message": "no such path", "param": "path", "type": "invalid_request_error"},
        NotFoundError, {"message": "no such path", "param": "path", "type": "invalid_request_error", "code": None},
    ),
    "dashboard": (
        401, {"success": False, "code": "AUTH_NOT_LOGGED_IN", "message": "log in"}, AuthenticationError,
        {"code": "AUTH_NOT_LOGGED_IN", "message": "log in"},
    ),
    "no credit": (402, {"error": {"message": "top up"}}, QuotaExhaustedError, {"message": "top up"}),
    "stock quota": (
        403, {"code": "insufficient_user_quota", "message": "no quota", "data": None}, QuotaExhaustedError,
        {"code": "insufficient_user_quota"},
    ),
    "stock token quota": (
        403, {"error": {"message": "no quota", "type": "new_api_error", "code": "pre_consume_token_quota_failed"}},
        QuotaExhaustedError, {"code": "pre_consume_token_quota_failed"},
    ),
    "overloaded": (
        429, {"error": {"message": OVERLOADED, "type": "new_api_error"}}, RateLimitError, {"message": OVERLOADED},
    ),
    "empty": (429, b"", RateLimitError, {"message": "the response is empty", "retry_after": 17.0, "request_id": "r-9"}),
    "error in a success": (
        200, {"code": "invalid_request", "message": "prompt is required", "data": None}, APIError,
        {"message": "prompt is required", "code": "invalid_request"},
    ),
    "no success": (200, {"success": False, "code": "AUTH_x", "message": "no"}, APIError, {"code": "AUTH_x"}),
    "HTML": (
        502, b"<html><head><title>502 Bad Gateway</title></head></html>", ServerError,
        {"message": "the response is not JSON: 502 Bad Gateway", "code": None},
    ),
    "fault of the gateway": (
        500, {"code": "do_request_failed", "message": "timeout", "data": None}, ServerError,
        {"code": "do_request_failed", "message": "timeout"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_is_raised_as_what_it_is(name: str, client: Client, server: Server) -> None:
    status, body, kind, parts = ERRORS[name]
    says(server, body, status, *(("Retry-After: 17", "X-Oneapi-Request-Id: r-9") if name == "empty" else ()))
    error: BaseException | None = client.refused(KlingV3(prompt="p"))
    if status in (500, 502):
        assert isinstance(error, SubmitUnknown)
        error = error.__cause__
    assert type(error) is kind
    assert isinstance(error, APIError)
    assert error.status_code == status
    assert {name: getattr(error, name) for name in parts} == parts
    assert error.body == (body.decode() if isinstance(body, bytes) else body)
    assert len(server.received) == 1


def test_the_field_behind_a_parameter_is_named(client: Client, server: Server) -> None:
    for param in ("metadata.watermark_info.enabled", "watermark_info.enabled", "watermark_enabled"):
        says(server, {"error": {"message": "bad", "param": param}}, 400)
        error = client.refused(KlingV3(prompt="p"))
        assert isinstance(error, BadRequestError)
        assert error.field == ("watermark_enabled" if param != "watermark_info.enabled" else None)
    says(server, {"error": {"message": "bad size", "param": "size"}}, 400)
    error = client.refused("wan2.7-r2v", prompt="p", reference_image="https://example.com/a")
    assert isinstance(error, BadRequestError)
    assert (error.param, error.field) == ("size", "resolution")
    assert "field resolution" in str(error)


# The key.


def test_the_key_is_seen_in_one_header_only(client: Client, server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    seen = [repr(client.submit(KlingV3(prompt="p"))), str(vars(client.submit(KlingV3(prompt="p"))).get("body"))]
    echo = {"error": {"message": f"Invalid token {KEY}", "code": f"bad {KEY}", "type": KEY, "param": KEY}}
    for status in (400, 401, 429, 500, 502):
        says(server, echo, status, f"X-Request-Id: {KEY}")
        error = client.refused(KlingV3(prompt="p"))
        seen += [str(error), repr(error), repr(vars(error)), "".join(traceback.format_exception(error))]
        seen += [repr(vars(cause)) for cause in (error.__cause__,) if cause is not None]
        seen.append(str(pickle.dumps(error)))
    says(server, f"<title>{KEY}</title>".encode(), 502)
    seen.append("".join(traceback.format_exception(client.refused(KlingV3(prompt="p")))))
    # The transport's own debug log shows what the server says, and this one says the key.
    seen += [record.getMessage() for record in caplog.records if not record.name.startswith("httpcore")]
    assert [text for text in seen if KEY in text] == []
    for received in server.received:
        assert [name for name, value in received.headers if KEY in value] == ["Authorization"]
        assert KEY.encode() not in received.body
        assert KEY not in received.path


@pytest.mark.parametrize("kind", [ModelStream, AsyncModelStream])
def test_a_client_does_not_show_its_key(kind: type[ModelStream | AsyncModelStream]) -> None:
    client = kind(KEY, base_url="https://gateway.example")
    assert repr(client) == f"{kind.__name__}(base_url='https://gateway.example')"
    parts = [client, *vars(client).values()]
    assert KEY not in repr([vars(part) for part in parts if hasattr(part, "__dict__")])
    with pytest.raises(TypeError, match="pickle"):
        pickle.dumps(client)


def test_a_request_in_an_error_can_be_pickled(client: Client, server: Server) -> None:
    says(server, b"", 504)
    error = client.refused(KlingV3(prompt="p"))
    back = pickle.loads(pickle.dumps(error))
    assert isinstance(back, SubmitUnknown)
    assert back.request == KlingV3(prompt="p")
    assert back.reference == error.reference  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
