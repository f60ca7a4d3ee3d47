"""The mock gateway on loopback: Starlette and uvicorn around the core."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, Literal

from modelstream_runtime.about import PACKAGE
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.errors import ModelStreamError
from modelstream_runtime.mock.checking import checker_of
from modelstream_runtime.mock.core import MOST_BYTES, MockGateway
from modelstream_runtime.mock.extra import MissingExtra
from modelstream_runtime.mock.journal import Entry
from modelstream_runtime.mock.messages import Request, Response

try:
    import uvicorn
    from starlette.requests import ClientDisconnect
    from starlette.requests import Request as HttpRequest
    from starlette.types import Receive, Scope, Send
    from uvicorn.protocols.http.h11_impl import H11Protocol
except ImportError as error:
    raise MissingExtra(error.name) from error

HOST = "127.0.0.1"
PORT = 8765
"""Where it listens if nothing else is said."""
KEY = "sk-mock"
"""A key for examples; any other does as well."""

Log = Literal["text", "json", "none"]

_PROMPT = "A cup of coffee by a rainy window"


class PortTaken(ModelStreamError):
    """The server cannot listen at the port."""


PortTaken.__module__ = f"{PACKAGE}.mock"  # Where users import it from.


def serve(
    gateway: MockGateway,
    *,
    host: str = HOST,
    port: int = PORT,
    log: Log = "text",
    out: Callable[[str], object] | None = None,
) -> None:
    """Serve a gateway until Ctrl-C.

    Args:
        gateway: the gateway.
        host: address to listen on; by default only this machine reaches it.
        port: where to listen; 0 takes a free one.
        log: a line for people, a JSON object for machines, or nothing about each exchange.
        out: takes each line; by default it is printed.

    Raises:
        PortTaken: another program listens there, or it is no address to listen on.
    """
    say = out or _print
    listener = _listen(host, port)
    url = _url(listener)
    say(json.dumps({"url": url}) if log == "json" else welcome(gateway.catalog, url))
    tell: dict[Log, Callable[[Entry], object]] = {"text": lambda e: say(str(e)), "json": lambda e: say(_line(e))}
    if log in tell:
        gateway.listeners.append(tell[log])
    with contextlib.suppress(KeyboardInterrupt):
        _server(gateway).run(sockets=[listener])


@contextlib.contextmanager
def running(gateway: MockGateway, *, port: int = 0) -> Iterator[str]:
    """A server in a thread of its own, for the length of a ``with`` block.

    Args:
        port: where to listen; 0 takes a free one.

    Yields:
        Its address.

    Raises:
        PortTaken: another program listens there, or the port is reserved.
    """
    listener = _listen(HOST, port)
    server = _server(gateway)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="modelstream-mock", daemon=True)
    thread.start()
    try:
        # The socket listens already: whoever connects early waits in its queue.
        yield _url(listener)
    finally:
        server.should_exit = True
        thread.join()


def welcome(catalog: Catalog, url: str) -> str:
    """What is printed at the start: the address, how to use it, and a request to try."""
    facts = catalog.gateway
    return "\n".join(
        [
            f"Mock gateway at {url} (nothing is bought here; Ctrl-C ends it)",
            f"  export {facts.base_url_variable}={url} {facts.api_key_variable}={KEY}",
            f"  {url}/__mock/journal shows what was asked, {url}/__mock/scenarios what can go wrong on request",
            "Try it:",
            f'  curl -X POST "{url}{facts.submit_path}" -H "Authorization: Bearer {KEY}" \\',
            f"    -H \"Content-Type: application/json\" -d '{_sample_body(catalog)}'",
        ]
    )


def _sample_body(catalog: Catalog) -> str:
    """A body that is accepted: of the first model that needs no more than a prompt."""
    bodies = ({"model": model, "prompt": _PROMPT} for model in catalog.models)
    body = next(
        (body for body in bodies if not checker_of(catalog, body["model"]).problems(body)), {"model": "generic"}
    )
    return json.dumps(body)


class Application:
    """The gateway as an ASGI application: sends its answers, with all that goes wrong on the way.

    Under other servers than those of `serve` and `running` a connection cannot be broken.
    """

    def __init__(self, gateway: MockGateway) -> None:
        self._gateway = gateway

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = HttpRequest(scope, receive)
        try:
            body = await _read(request)
        except ClientDisconnect:
            return
        response = self._gateway.handle(
            Request(
                method=request.method,
                path=scope["raw_path"].decode("ascii"),
                headers=dict(request.headers),
                body=body,
                origin=str(request.base_url).rstrip("/"),
            )
        )
        await asyncio.sleep(response.delay)
        if response.reset:
            await _reset(scope, receive)
        else:
            await _send(response, scope, receive, send)


async def _read(request: HttpRequest) -> bytes:
    """The body, and of one that is too large only so much that it shows."""
    chunks, size = [], 0
    async for chunk in request.stream():
        chunks.append(chunk)
        size += len(chunk)
        if size > MOST_BYTES:
            break
    return b"".join(chunks)


async def _send(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    cut = response.cut is not None
    await send({"type": "http.response.body", "body": response.body[: response.cut], "more_body": cut})
    if cut:
        _connection(scope).close()
        await _gone(receive)


async def _reset(scope: Scope, receive: Receive) -> None:
    connection = _connection(scope)
    # With no time to linger, closing sends a reset in place of a farewell.
    connection.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.abort()
    await _gone(receive)


def _connection(scope: Scope) -> Any:
    return scope["state"]["connection"]


async def _gone(receive: Receive) -> None:
    """Wait until the connection is closed: uvicorn takes it amiss if an application ends before."""
    while (await receive())["type"] != "http.disconnect":
        pass


class _Protocol(H11Protocol):
    """HTTP that lets the application break its connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "connection": transport}


def _server(gateway: MockGateway) -> uvicorn.Server:
    config = uvicorn.Config(
        Application(gateway),
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port))
    except (OSError, OverflowError) as error:
        raise PortTaken(f"cannot listen on {host}:{port}: {error}; try another port, or 0 for a free one") from error


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()
    return f"http://{host}:{port}"


def _line(entry: Entry) -> str:
    return json.dumps(entry.as_json())


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
