"""The life of a client: from its settings to its end, in threads, forks and one event loop after another."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from modelstream import AsyncModelStream, KlingV3, ModelStream, ModelStreamError
from modelstream.gateway import GATEWAY
from tests.support.server import Received, Reply, response, serve

KEY = "sk-very-secret"
REQUEST = KlingV3(prompt="A cup of coffee")


def accepts(received: Received, number: int) -> Reply:
    if received.method == "GET":
        return response(200, {"status": "completed", "url": "https://videos.example/v.mp4"})
    return response(200, {"task_id": f"task_{number}"})


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(accepts) as server:
        monkeypatch.setenv(GATEWAY.api_key_variable, KEY)
        monkeypatch.setenv(GATEWAY.base_url_variable, f"{server.url}/")
        with ModelStream() as client:
            client.submit(REQUEST)
        assert server.received[0].header("authorization") == f"Bearer {KEY}"
        assert server.received[0].path == GATEWAY.submit_path


@pytest.mark.parametrize("make", [ModelStream, AsyncModelStream])
def test_what_is_no_key(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(GATEWAY.api_key_variable, raising=False)
    with pytest.raises(ModelStreamError, match=GATEWAY.api_key_variable):
        make()
    for key in ("", "  ", "sk-\n1", "sk 1", "schlüssel"):
        with pytest.raises(ModelStreamError, match="no key contains") as caught:
            make(key)
        assert "sk" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "example.com",
        "ftp://example.com",
        "http://",
        "https://user:pw@example.com",
        "",
        "http://[",
        "https://a:b",
        "https://:80",
        "https:///v1",
    ],
)
def test_what_is_no_address(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelStreamError, match="address"):
        ModelStream(KEY, base_url=url or " ")


def test_the_key_does_not_show() -> None:
    client = ModelStream(KEY)
    assert KEY not in f"{client!r} {client} {client.task('t')!r}"


def test_nothing_is_sent_after_close() -> None:
    with serve(accepts) as server:
        client = ModelStream(KEY, base_url=server.url)
        client.submit(REQUEST)
        client.close()
        client.close()
        with pytest.raises(ModelStreamError, match="closed"):
            client.submit(REQUEST)
        assert server.count() == 1


def test_a_callers_own_client_stays_open() -> None:
    with serve(accepts) as server, httpx.Client() as http:
        with ModelStream(KEY, base_url=server.url, http_client=http) as client:
            client.submit(REQUEST)
        assert not http.is_closed


def test_other_settings_share_the_connections() -> None:
    with serve(accepts) as server, ModelStream(KEY, base_url=server.url) as client:
        client.submit(REQUEST)
        client.with_options(timeout=5, max_retries=0).submit(REQUEST)
        assert server.connections == 1
        with pytest.raises(ModelStreamError, match="address"):
            client.with_options(base_url="nowhere")


def test_extra_headers_do_not_add_another_key() -> None:
    """One that a server may read instead."""
    seen: list[httpx.Request] = []

    def take(request: httpx.Request) -> httpx.Response:
        seen.append(httpx.Request("POST", request.url, headers=request.headers))
        return httpx.Response(200, json={"task_id": "task_1"})

    with httpx.Client(transport=httpx.MockTransport(take)) as http:
        client = ModelStream(KEY, base_url="http://127.0.0.1:1", http_client=http)
        client.submit(REQUEST, extra_headers={"authorization": "Bearer other", "AUTHORIZATION": "Bearer another"})
    assert seen[0].headers.get_list("authorization") == [f"Bearer {KEY}"]


@pytest.mark.parametrize("key", ["k", "task", "queued"])
def test_a_key_that_occurs_in_any_response_does_not_garble_it(key: str) -> None:
    """People call the key of a mock gateway anything."""
    with serve(accepts) as server, ModelStream(key, base_url=server.url) as client:
        assert client.submit(REQUEST).id == "task_0"


def test_extra_headers_do_not_replace_the_key() -> None:
    with serve(accepts) as server, ModelStream(KEY, base_url=server.url) as client:
        client.submit(REQUEST, extra_headers={"X-Team": "film", "authorization": "Bearer other"})
        assert server.received[0].header("x-team") == "film"
        assert server.received[0].header("authorization") == f"Bearer {KEY}"


def test_one_event_loop_after_another() -> None:
    with serve(accepts) as server:
        client = AsyncModelStream(KEY, base_url=server.url)

        async def run() -> str:
            return (await client.submit(REQUEST)).id

        assert [asyncio.run(run()) for _ in range(3)] == ["task_0", "task_1", "task_2"]


def test_threads_share_a_client() -> None:
    with serve(accepts) as server, ModelStream(KEY, base_url=server.url) as client, ThreadPoolExecutor(20) as threads:
        ids = list(threads.map(lambda _: client.submit(REQUEST).id, range(100)))
        assert sorted(ids) == sorted(f"task_{number}" for number in range(100))


FORK = """
import os, sys
from modelstream import KlingV3, ModelStream
client = ModelStream("sk-x", base_url=sys.argv[1])
request = KlingV3(prompt="x")
client.submit(request)
child = os.fork()
client.submit(request)
if not child:
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
client.submit(request)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_fork_opens_connections_of_its_own() -> None:
    with serve(accepts) as server:
        subprocess.run([sys.executable, "-c", FORK, server.url], check=True, timeout=30)
        assert server.count() == 4
        assert server.connections == 2


@pytest.mark.parametrize("limit", [1, 3])
def test_only_so_many_at_once(limit: int) -> None:
    together = threading.Barrier(limit)

    def script(received: Received, number: int) -> Reply:
        together.wait(10)  # Passes only when as many as are allowed are here at once.
        return accepts(received, number)

    async def run(url: str) -> list[str]:
        async with AsyncModelStream(KEY, base_url=url, max_connections=limit) as client:
            return [task.id for task in await asyncio.gather(*(client.submit(REQUEST) for _ in range(limit * 5)))]

    with serve(script) as server:
        assert len(set(asyncio.run(run(server.url)))) == limit * 5
        assert server.most_at_once == limit


def test_a_crowd_of_callers() -> None:
    async def run(url: str) -> int:
        async with AsyncModelStream(KEY, base_url=url) as client:
            tasks = await asyncio.gather(*(client.generate(REQUEST) for _ in range(50)))
            return len({task.id for task in tasks})

    with serve(accepts) as server:
        assert asyncio.run(run(server.url)) == 50


def test_more_parameters_than_the_class_knows() -> None:
    with serve(accepts) as server, ModelStream(KEY, base_url=server.url) as client:
        client.submit(REQUEST, extra_body={"metadata": {"sound": "on", "cfg_scale": None}, "n": [1]})
        body = server.received[0].json
    assert body["metadata"]["sound"] == "on"
    assert body["metadata"]["cfg_scale"] is None
    assert body["metadata"]["aspect_ratio"] == "16:9"
    assert body["n"] == [1]


def test_an_extra_that_is_no_json_is_refused_before_it_is_sent() -> None:
    with serve(accepts) as server, ModelStream(KEY, base_url=server.url) as client:
        for extra in ({"x": float("nan")}, {"x": object()}):
            with pytest.raises(ValueError, match="extra_body"):
                client.submit(REQUEST, extra_body=extra)
        assert server.count() == 0


def test_wrong_calls() -> None:
    client: Any = ModelStream(KEY)
    with pytest.raises(TypeError, match="replace"):
        client.submit(REQUEST, duration=10)
    with pytest.raises(TypeError, match="dict"):
        client.submit({"model": "kling-v3"})
