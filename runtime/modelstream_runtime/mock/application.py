"""The mock gateway as an ASGI application, and the protocol of uvicorn that lets it break connections."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

from modelstream_runtime.mock import bodies
from modelstream_runtime.mock.core import MockGateway
from modelstream_runtime.mock.extra import MissingExtra
from modelstream_runtime.mock.messages import Request, Response

try:
    from starlette.requests import ClientDisconnect
    from starlette.requests import Request as HttpRequest
    from starlette.types import Receive, Scope, Send
    from uvicorn.protocols.http.h11_impl import H11Protocol
except ImportError as error:
    raise MissingExtra(error.name) from error


class Application:
    """The gateway as an ASGI application: it sends the responses, and delays, cuts or resets them as they say.

    It can cut and reset connections only under the servers of `serve` and `running`.

    Args:
        local: whether the server listens only on this machine.
    """

    def __init__(self, gateway: MockGateway, *, local: bool = False) -> None:
        self._gateway = gateway
        self._local = local

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
                local=self._local,
            )
        )
        await asyncio.sleep(response.delay)
        if response.reset:
            await _reset(scope, receive)
        else:
            await _send(response, scope, receive, send)


async def _read(request: HttpRequest) -> bytes:
    """The body. Reading stops as soon as it is too large."""
    chunks, size = [], 0
    async for chunk in request.stream():
        chunks.append(chunk)
        size += len(chunk)
        if size > bodies.MAX_BYTES:
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
    # With no time to linger, closing sends a reset.
    connection.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.abort()
    await _gone(receive)


def _connection(scope: Scope) -> Any:
    return scope["state"]["connection"]


async def _gone(receive: Receive) -> None:
    """Wait until the connection is closed: uvicorn complains if an application returns earlier."""
    while (await receive())["type"] != "http.disconnect":
        pass


class Protocol(H11Protocol):
    """HTTP that lets the application break its connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "connection": transport}
