"""A first view of a page and its previews, from a server in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from http.client import HTTPConnection
from statistics import median
from typing import NamedTuple

_WARM_UP = 50
_EXCHANGES = 500
_REFERENCES = re.compile(rb'(?:src|href)="([a-z][a-z.]*)"')
_VALUES = {"prompt": "A cup of coffee by a rainy window"}


class Page(NamedTuple):
    """A page that is served.

    Attributes:
        port: of its server.
        token: that its requests send.
    """

    port: int
    token: str


def measure(serving: Callable[[], AbstractContextManager[Page]]) -> None:
    """Print how long the first view of a page takes, with a form, and the median duration of a preview."""
    with serving() as page:
        connection = HTTPConnection("127.0.0.1", page.port)
        headers = {"X-Studio-Token": page.token, "Content-Type": "application/json"}

        def exchange(method: str, path: str, body: str | None = None) -> bytes:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            content = response.read()
            assert response.status == 200, content
            return content

        started = time.perf_counter()
        for reference in _REFERENCES.findall(exchange("GET", "/")):
            exchange("GET", f"/{reference.decode()}")
        exchange("GET", "/api/session")
        model = json.loads(exchange("GET", "/api/catalog"))[0]["id"]
        exchange("GET", f"/api/models/{model}")
        view = time.perf_counter() - started

        body = json.dumps({"text": json.dumps({"form": model, "values": _VALUES})})
        times = []
        for _ in range(_WARM_UP + _EXCHANGES):
            started = time.perf_counter()
            exchange("POST", "/api/preview", body)
            times.append(time.perf_counter() - started)
        connection.close()
    print(json.dumps({"view": view, "preview": median(times[_WARM_UP:])}))


@contextlib.contextmanager
def modelstream() -> Iterator[Page]:
    """The studio, with a home of its own."""
    with tempfile.TemporaryDirectory() as home:
        words = (sys.executable, "-m", "modelstream", "studio", "--mock", "--no-browser", "--port=0")
        with _process(words, MODELSTREAM_HOME=home) as line:
            url, _, token = line.partition("/#token=")
            yield Page(int(url.rpartition(":")[2]), token)


@contextlib.contextmanager
def starlette() -> Iterator[Page]:
    """An application that sends as many bytes for each GET, and each body of a POST back as JSON."""
    with _process((sys.executable, "-m", "benchmarks.workloads.viewing")) as line:
        yield Page(int(line), "")


@contextlib.contextmanager
def _process(words: tuple[str, ...], **environment: str) -> Iterator[str]:
    """The first line that a command prints, which runs as long as the block."""
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ | environment
    ) as started:
        assert started.stdout is not None
        try:
            yield started.stdout.readline().strip()
        finally:
            started.terminate()


def _serve_starlette() -> None:
    import socket

    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse, Response
    from starlette.routing import Route

    page = "".join(f'<script src="{name}.js"></script>' for name in "abcdefghij").encode()
    file = b" " * 9_000

    async def get(request: Request) -> Response:
        path = request.url.path
        if path == "/":
            return Response(page)
        return JSONResponse([{"id": "model"}]) if path == "/api/catalog" else Response(file)

    async def echo(request: Request) -> Response:
        return JSONResponse(await request.json())

    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    print(listener.getsockname()[1], flush=True)
    application = Starlette(routes=[Route("/api/preview", echo, methods=["POST"]), Route("/{path:path}", get)])
    config = uvicorn.Config(application, http="h11", ws="none", lifespan="off", log_config=None, access_log=False)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    _serve_starlette()
