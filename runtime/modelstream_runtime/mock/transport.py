"""The mock gateway as an httpx transport, synchronous and asynchronous, without a socket."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator

import anyio
import httpx

from modelstream_runtime.mock.core import MockGateway
from modelstream_runtime.mock.messages import Request, Response

URL = "http://mock.modelstream.test"
"""A base URL for clients that use this transport. Any other works, too."""

_CHUNK = 512


class MockTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Passes requests to a mock gateway in the same process, whatever host they are for.

    It imitates the network: a response after the client's read timeout raises ``httpx.ReadTimeout``, a response that
    breaks off ``httpx.RemoteProtocolError``, a reset connection ``httpx.ReadError``.

    Example:
        >>> gateway = MockGateway()
        >>> http = httpx.Client(transport=MockTransport(gateway))
        >>> http.get(f"{URL}/__mock/journal").status_code
        200
    """

    def __init__(self, gateway: MockGateway) -> None:
        self.gateway = gateway

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self.gateway.handle(_incoming(request, request.read()))
        delay, timed_out = _delay(request, response)
        if delay:
            time.sleep(delay)
        return _outgoing(request, response, timed_out)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = self.gateway.handle(_incoming(request, await request.aread()))
        delay, timed_out = _delay(request, response)
        if delay:
            await anyio.sleep(delay)
        return _outgoing(request, response, timed_out)


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that may break off."""

    def __init__(self, response: Response) -> None:
        self._content = response.body[: response.cut]
        self._length = len(response.body)
        self._breaks = response.cut is not None

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self._content), _CHUNK):
            yield self._content[start : start + _CHUNK]
        if self._breaks:
            received = f"received {len(self._content)} bytes, expected {self._length}"
            raise httpx.RemoteProtocolError(
                f"peer closed connection without sending complete message body ({received})"
            )

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk


def _incoming(request: httpx.Request, body: bytes) -> Request:
    url = request.url
    return Request(
        method=request.method.upper(),
        path=url.raw_path.partition(b"?")[0].decode("ascii"),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        origin=f"{url.scheme}://{url.netloc.decode('ascii')}",
    )


def _delay(request: httpx.Request, response: Response) -> tuple[float, bool]:
    """Seconds to wait, and whether the client times out by then."""
    limit = request.extensions.get("timeout", {}).get("read")
    if limit is not None and response.delay > limit:
        return limit, True
    return response.delay, False


def _outgoing(request: httpx.Request, response: Response, timed_out: bool) -> httpx.Response:
    if timed_out:
        raise httpx.ReadTimeout("the read operation timed out", request=request)
    if response.reset:
        raise httpx.ReadError("connection reset by peer", request=request)
    return httpx.Response(response.status, headers=dict(response.headers), stream=_Body(response), request=request)
