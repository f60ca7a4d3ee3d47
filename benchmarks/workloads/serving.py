"""Exchanges with a server in a thread of this process, over one kept-alive connection of ``http.client``."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from http.client import HTTPConnection
from statistics import median
from typing import Any

PATH = "/v1/video/generations"
HEADERS = {"Authorization": "Bearer sk-mock", "Content-Type": "application/json"}
BODY = json.dumps({"model": "kling-v3", "prompt": "A cup of coffee by a rainy window"})

_WARM_UP = 50
_EXCHANGES = 500

Server = Callable[[], AbstractContextManager[int]]
"""Runs a server; yields its port."""


def measure(server: Server) -> None:
    """Print the median duration of a poll."""
    with server() as port:
        connection = HTTPConnection("127.0.0.1", port)
        task_id = _exchange(connection, "POST", PATH, BODY)["task_id"]
        times = []
        for _ in range(_WARM_UP + _EXCHANGES):
            started = time.perf_counter()
            _exchange(connection, "GET", f"{PATH}/{task_id}")
            times.append(time.perf_counter() - started)
        connection.close()
    print(json.dumps({"exchange": median(times[_WARM_UP:])}))


def _exchange(connection: HTTPConnection, method: str, path: str, body: str | None = None) -> Any:
    connection.request(method, path, body, HEADERS)
    response = connection.getresponse()
    content = response.read()
    assert response.status == 200, content
    return json.loads(content)


@contextlib.contextmanager
def mock() -> Iterator[int]:
    """The mock gateway. Its task never ends, so that all responses are alike."""
    from modelstream.mock import MockGateway, running

    with running(MockGateway(scenario="never-ending")) as url:
        yield int(url.rpartition(":")[2])


@contextlib.contextmanager
def uvicorn() -> Iterator[int]:
    """An application that sends one canned response, under the server that the mock gateway uses."""
    from uvicorn import Config, Server

    content = json.dumps({"task_id": "abcd1234efgh", "status": "in_progress", "url": None}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]

    async def application(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    config = Config(application, port=0, http="h11", ws="none", lifespan="off", log_config=None, access_log=False)
    server = Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
