"""The mock gateway for web pages: its OpenAPI document, and which pages may call it ("Try it out" of Swagger UI)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from modelstream import schemas
from modelstream.mock import MockGateway, running
from modelstream_runtime.mock import server
from modelstream_runtime.mock.messages import Request, Response

PAGE = "http://localhost:8080"
SUBMIT = "/v1/video/generations"
BODY = {"model": "kling-v3", "prompt": "A cup of coffee"}
LOOPBACK = (
    PAGE,
    "https://localhost",
    "http://127.0.0.1:3000",
    "http://127.8.9.1",
    "http://[::1]:5173",
    "http://a.localhost",
)
FOREIGN = (
    "https://example.com",
    "http://localhost.example.com",
    "http://127.0.0.1.example.com",
    "http://notlocalhost",
    "http://192.168.1.2",
    "http://[::1",
    "file://localhost",
    "localhost",
    "null",
    "",
)


@pytest.fixture
def gateway() -> MockGateway:
    return MockGateway()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running(MockGateway()) as url:
        yield url


def send(gateway: MockGateway, method: str, path: str, **headers: str) -> Response:
    """One exchange without a body; underscores in names of headers stand for dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return gateway.handle(Request(method=method, path=path, headers=named, origin="http://127.0.0.1:8765"))


def test_the_openapi_document_has_the_address_of_the_mock(gateway: MockGateway) -> None:
    response = send(gateway, "GET", "/openapi.json")
    document = json.loads(response.body)
    validate(document, cls=OpenAPIV31SpecValidator)
    assert document["servers"] == [{"url": "http://127.0.0.1:8765"}]
    assert document == schemas.openapi() | {"servers": document["servers"]}
    assert len(gateway.journal) == 0


@pytest.mark.parametrize("origin", LOOPBACK)
def test_pages_of_this_machine_may_call_the_mock(gateway: MockGateway, origin: str) -> None:
    asked = send(
        gateway,
        "OPTIONS",
        SUBMIT,
        origin=origin,
        access_control_request_method="POST",
        access_control_request_headers="authorization,content-type",
    )
    assert (asked.status, asked.body) == (204, b"")
    assert asked.headers["access-control-allow-origin"] == origin
    assert asked.headers["access-control-allow-methods"] == "POST"
    assert asked.headers["access-control-allow-headers"] == "authorization,content-type"
    assert len(gateway.journal) == 0
    # A page also sees why a request was rejected.
    rejected = send(gateway, "POST", SUBMIT, origin=origin)
    assert (rejected.status, rejected.headers["access-control-allow-origin"]) == (401, origin)
    assert rejected.headers["vary"] == "origin"
    assert "x-oneapi-request-id" in rejected.headers["access-control-expose-headers"]


@pytest.mark.parametrize("origin", FOREIGN)
def test_other_pages_may_not(gateway: MockGateway, origin: str) -> None:
    headers = {"origin": origin, "access_control_request_method": "POST"}
    for response in (
        send(gateway, "OPTIONS", SUBMIT, **headers),
        send(gateway, "POST", SUBMIT, origin=origin),
        send(gateway, "GET", "/openapi.json", origin=origin),
        send(gateway, "GET", "/__mock/journal", origin=origin),
    ):
        assert not [name for name in response.headers if name.startswith("access-control")]
        # A cache must not give this response to a page that may read it.
        assert response.headers["vary"] == "origin"


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
@pytest.mark.parametrize("page", ["journal", "scenarios", "reset", "nothing"])
@pytest.mark.parametrize("origin", FOREIGN)
def test_other_pages_may_not_use_the_pages_of_the_mock(
    gateway: MockGateway, origin: str, page: str, method: str
) -> None:
    send(gateway, "POST", SUBMIT)
    assert send(gateway, method, f"/__mock/{page}", origin=origin).status == 403
    assert len(gateway.journal) == 1


@pytest.mark.parametrize("origin", LOOPBACK)
def test_pages_of_this_machine_may_use_the_pages_of_the_mock(gateway: MockGateway, origin: str) -> None:
    send(gateway, "POST", SUBMIT)
    assert len(json.loads(send(gateway, "GET", "/__mock/journal", origin=origin).body)["entries"]) == 1
    assert send(gateway, "POST", "/__mock/reset", origin=origin).status == 200
    assert len(gateway.journal) == 0


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", "192.168.1.2:8765", "[::2]:8765", "[::1", ""],
)
def test_a_foreign_name_for_this_machine_opens_no_page_of_the_mock(url: str, host: str) -> None:
    """DNS rebinding: the page's own host suddenly points to this machine, and the browser sends no origin."""
    assert _status(url, "GET", "/__mock/journal", host) == 403
    assert _status(url, "POST", "/__mock/reset", host) == 403


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8765", "127.0.0.1", "127.0.0.1:8765", "127.8.9.1:80", "[::1]", "[::1]:8765"]
)
def test_every_name_of_this_machine_opens_the_pages_of_the_mock(url: str, host: str) -> None:
    assert _status(url, "GET", "/__mock/journal", host) == 200


def test_a_server_for_other_machines_takes_any_name() -> None:
    """Started with ``--host 0.0.0.0``, its names are the network's business. Foreign pages stay out."""
    with running_everywhere() as url:
        assert _status(url, "GET", "/__mock/journal", "mock.example:8765") == 200
        assert _status(url, "POST", "/__mock/reset", "mock.example:8765", origin="https://evil.example") == 403


@contextmanager
def running_everywhere() -> Iterator[str]:
    """The address of a server that listens as with ``--host 0.0.0.0``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "HOST", "0.0.0.0")  # noqa: S104
        with running(MockGateway()) as url:
            yield url


def _status(url: str, method: str, path: str, host: str, **headers: str) -> int:
    connection = HTTPConnection("127.0.0.1", int(url.rpartition(":")[2]), timeout=20)
    try:
        connection.request(method, path, headers={"Host": host, **headers})
        return connection.getresponse().status
    finally:
        connection.close()


def test_programs_get_no_headers_for_pages(gateway: MockGateway) -> None:
    assert not [name for name in send(gateway, "POST", SUBMIT).headers if name.startswith("access-control")]
    assert send(gateway, "OPTIONS", SUBMIT, origin=PAGE).status == 405


def test_a_page_goes_from_the_document_to_the_video(url: str) -> None:
    """What Swagger UI sends: each operation of the document, after a preflight."""
    page = {"Origin": PAGE}
    with httpx.Client(trust_env=False, headers=page) as browser:
        document = browser.get(f"{url}/openapi.json").json()
        server = document["servers"][0]["url"]
        assert server == url
        submit, task, content = (server + path for path in document["paths"])

        def call(method: str, address: str, body: object = None) -> httpx.Response:
            headers = {"Authorization": "Bearer sk-mock"}
            wanted = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "authorization"}
            asked = browser.options(address, headers=wanted)
            assert asked.status_code == 204
            assert method in asked.headers["access-control-allow-methods"]
            response = browser.request(method, address, headers=headers, json=body)
            assert response.headers["access-control-allow-origin"] == PAGE
            return response

        task_id = call("POST", submit, BODY).json()["task_id"]
        states = [call("GET", task.format(task_id=task_id)).json() for _ in range(3)]
        assert [state["status"] for state in states] == ["queued", "in_progress", "completed"]
        assert call("GET", content.format(task_id=task_id)).headers["content-type"] == "video/mp4"
        assert call("GET", states[-1]["url"]).status_code == 200
