"""The mock gateway on loopback, its command, and what importing it costs."""

from __future__ import annotations

import json
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import httpx
import pytest

import modelstream
from modelstream.catalog import CATALOG
from modelstream.mock import MissingExtra, MockGateway, MockTransport, PortTaken, running, serve
from modelstream_runtime.about import install_advice
from modelstream_runtime.mock.application import Protocol
from tests.support.golden import Golden, documented
from tests.support.mock import BODY, KEY, SUBMIT, VIDEO
from tests.support.process import process


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running(MockGateway()) as url:
        yield url


@pytest.mark.parametrize("golden", documented(), ids=str)
def test_documented_curls_are_accepted_as_they_stand(url: str, golden: Golden) -> None:
    text = golden.to_curl.replace("https://api.modelstream.ai", url).replace("<token>", "sk-mock")
    command = [*shlex.split(text.replace("\\\n", "")), "--silent", "--noproxy", "*", "--max-time", "20"]
    answer = subprocess.run(command, check=True, capture_output=True, timeout=30).stdout
    assert json.loads(answer)["status"] == "queued"
    assert json.loads(answer).keys() == {"task_id", "status"}


def test_the_placeholder_of_the_documentation_is_no_key(url: str) -> None:
    with httpx.Client(base_url=url, trust_env=False) as http:
        response = http.post(SUBMIT, json=BODY, headers={"Authorization": "Bearer <token>"})
    assert response.status_code == 401


def test_the_server_sends_the_responses_of_the_gateway(url: str) -> None:
    with httpx.Client(base_url=url, trust_env=False, headers=KEY) as http:
        task_id = http.post(SUBMIT, json=BODY).json()["task_id"]
        state = [http.get(f"{SUBMIT}/{task_id}").json() for _ in range(3)][-1]
        assert state["url"] == f"{url}/results/{task_id}.mp4"
        assert httpx.get(state["url"], trust_env=False).content == VIDEO
        head = http.head(f"/v1/videos/{task_id}/content")
        assert (head.status_code, head.headers["content-length"], head.content) == (200, str(len(VIDEO)), b"")
        part = http.get(f"/v1/videos/{task_id}/content", headers={"Range": "bytes=5-9"})
        assert (part.status_code, part.content) == (206, VIDEO[5:10])
        assert http.get("/%0A/x%2Fy").status_code == 404
        assert http.get("/__mock/journal").json()["entries"][-1]["path"] == "/%0A/x%2Fy"


def test_responses_on_a_kept_alive_connection_do_not_wait_for_acknowledgements(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without the option, each exchange takes 40 ms longer than it should."""
    connections: list[int] = []
    accept = Protocol.connection_made

    def connection_made(self: Protocol, transport: Any) -> None:
        accept(self, transport)
        connections.append(transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    monkeypatch.setattr(Protocol, "connection_made", connection_made)
    with running(MockGateway()) as url:
        connection = HTTPConnection("127.0.0.1", _port(url))
        for _ in range(2):
            connection.request("GET", "/__mock/journal")
            assert connection.getresponse().read().startswith(b'{"entries"')
        connection.close()
    [no_delay] = connections
    assert no_delay != 0


def test_a_body_that_is_too_large_for_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelstream_runtime.mock.bodies.MAX_BYTES", 1000)
    with running(MockGateway()) as url, httpx.Client(base_url=url, trust_env=False, headers=KEY) as http:
        response = http.post(SUBMIT, json=BODY | {"prompt": "x" * 100_000})
    assert response.status_code == 413


def test_a_body_that_is_too_large_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelstream_runtime.mock.bodies.MAX_BYTES", 1000)
    head = f"POST {SUBMIT} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sk-mock\r\nContent-Length: 1000000\r\n\r\n"
    with running(MockGateway()) as url, socket.create_connection(("127.0.0.1", _port(url)), timeout=10) as connection:
        connection.sendall(head.encode() + b"x" * 2000)
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def _port(url: str) -> int:
    return int(url.rpartition(":")[2])


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=f"127.0.0.1:{port}"), running(MockGateway(), port=port):
            pass
        with pytest.raises(PortTaken, match="another port"):
            serve(port=port)


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("::1", "[::1]"),
        ("0.0.0.0", "127.0.0.1"),  # noqa: S104
        ("::", "[::1]"),
        ("localhost", "127.0.0.1"),
    ],
)
def test_addresses_to_listen_on(host: str, shown: str) -> None:
    if ":" in host and not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    command = [sys.executable, "-m", "modelstream.mock", "--port", "0", "--log", "json", "--host", host]
    with process(command, stdout=subprocess.PIPE, text=True) as mock:
        url = json.loads(mock.stdout.readline())["url"]
        assert re.fullmatch(rf"http://{re.escape(shown)}:\d+", url)
        assert httpx.get(url, trust_env=False).status_code == 200


def test_the_server_goes_on_when_nobody_reads_its_log() -> None:
    command = [sys.executable, "-m", "modelstream.mock", "--port", "0", "--log", "json"]
    with process(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as mock:
        url = json.loads(mock.stdout.readline())["url"]
        mock.stdout.close()
        with httpx.Client(base_url=url, trust_env=False, headers=KEY) as http:
            assert [http.post(SUBMIT, json=BODY).status_code for _ in range(2)] == [200, 200]
        mock.terminate()
        assert "Traceback" not in mock.stderr.read()


@pytest.mark.parametrize("log", ["text", "json", "none"])
def test_the_command_prints_its_address_and_each_exchange(log: str) -> None:
    command = [sys.executable, "-m", "modelstream.mock", "--port", "0", "--log", log]
    with process(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as mock:
        first = mock.stdout.readline()
        url = json.loads(first)["url"] if log == "json" else first.split()[3]
        assert url.startswith("http://127.0.0.1:")
        with httpx.Client(base_url=url, trust_env=False, headers=KEY) as http:
            task_id = http.post(SUBMIT, json=BODY).json()["task_id"]
        mock.terminate()
        rest, errors = mock.stdout.read(), mock.stderr.read()
    assert errors == ""
    if log == "json":
        assert json.loads(rest)["task_id"] == task_id
        return
    assert (f"POST {SUBMIT} 200 [kling-v3] [{task_id}]" in rest) is (log == "text")
    assert f'curl -X POST "{url}{SUBMIT}" -H "Authorization: Bearer sk-mock"' in rest
    assert f"export MODELSTREAM_BASE_URL={url} MODELSTREAM_API_KEY=sk-mock" in rest


def test_the_curl_to_try_works(url: str) -> None:
    from modelstream_runtime.mock.welcome import welcome

    _, _, command = welcome(CATALOG, url).partition("Try it:\n")
    words = [*shlex.split(command.replace("\\\n", "")), "--silent", "--noproxy", "*", "--max-time", "20"]
    answer = subprocess.run(words, check=True, capture_output=True, timeout=30).stdout
    assert json.loads(answer)["status"] == "queued"


@pytest.mark.parametrize("arguments", [["--scenario", "418"], ["--polls", "0"], ["--port", "99999"]])
def test_a_command_that_the_gateway_rejects(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "modelstream.mock", *arguments]
    result = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)
    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("arguments", [["--dialect", "klingon"], ["--polls", "many"], ["--log", "loud"]])
def test_a_command_with_a_wrong_option(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "modelstream.mock", *arguments]
    result = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)
    assert result.returncode == 2
    assert f"argument {arguments[0]}: invalid" in result.stderr.splitlines()[-1]


# What is imported, and when.


_WITHOUT = "import sys\nsys.modules[{missing!r}] = None\n"


@pytest.mark.parametrize("missing", ["jsonschema", "starlette", "uvicorn"])
def test_a_missing_extra_is_reported(missing: str) -> None:
    code = f"{_WITHOUT.format(missing=missing)}import runpy\nrunpy.run_module('modelstream.mock', run_name='__main__')"
    result = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=30)
    assert result.returncode == 1
    assert result.stderr == (
        f"the mock gateway needs the package {missing}, which the extra 'mock' installs; {install_advice('mock')}\n"
    )


def test_inside_the_process_no_web_framework_is_needed() -> None:
    code = (
        _WITHOUT.format(missing="starlette")
        + _WITHOUT.format(missing="uvicorn")
        + "import httpx\nfrom modelstream.mock import MockGateway, MockTransport, URL\n"
        + "http = httpx.Client(transport=MockTransport(MockGateway()))\n"
        + "assert http.get(URL + '/__mock/journal').status_code == 200\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)


@pytest.mark.parametrize("module", ["modelstream", "modelstream.mock", "modelstream.mock.pytest_plugin"])
def test_nothing_is_imported_before_it_is_used(module: str) -> None:
    heavy = {"httpx", "pydantic", "jsonschema", "starlette", "uvicorn", "modelstream.mock.core"}
    code = f"import sys, {module}\nprint(sorted({sorted(heavy)} & sys.modules.keys()))".replace(
        str(sorted(heavy)), f"set({sorted(heavy)})"
    )
    result = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=30)
    assert result.stdout.strip() == "[]"


def test_public_names() -> None:
    import modelstream.mock as mock

    for name in mock.__all__:
        assert getattr(mock, name) is not None
    assert set(mock.__all__) <= set(dir(mock))
    with pytest.raises(AttributeError, match="nothing"):
        _ = mock.nothing  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    assert issubclass(MissingExtra, ImportError)
    assert issubclass(MissingExtra, modelstream.ModelStreamError)


def test_the_transport_hands_over_whatever_host_it_is_for(gateway: MockGateway) -> None:
    with httpx.Client(transport=MockTransport(gateway)) as http:
        response = http.post(f"https://elsewhere.example.com:8443{SUBMIT}?x=1", json=BODY, headers=KEY)
        assert response.status_code == 200
        task_id = response.json()["task_id"]
        where = f"https://elsewhere.example.com:8443{SUBMIT}/{task_id}"
        state = [http.get(where, headers=KEY).json() for _ in range(3)][-1]
    assert state["url"] == f"https://elsewhere.example.com:8443/results/{task_id}.mp4"
