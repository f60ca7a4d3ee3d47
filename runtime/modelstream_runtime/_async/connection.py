"""HTTP exchanges with one gateway: address, key, timeouts, and the limit of exchanges at once."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import NamedTuple

import httpx

from modelstream_runtime._async.concurrency import Local, Slots
from modelstream_runtime.credentials import ApiKey
from modelstream_runtime.errors import APIConnectionError, ModelStreamError
from modelstream_runtime.gateway import Gateway
from modelstream_runtime.responses import GatewayResponse, read_error
from modelstream_runtime.transport import HEADERS, RESPONSE_TIMEOUT, make_async_client, timeouts

_MAX_RESPONSE_BYTES = 256 * 1024 * 1024
"""For a response that is not a download. It is large because a response may contain a video as a data URI."""


class Settings(NamedTuple):
    """The settings of a client, which ``with_options`` changes for single calls."""

    gateway: Gateway
    base_url: str
    timeout: float | httpx.Timeout | None
    max_retries: int
    retry_unknown: bool


class _Pool:
    """HTTP clients, and slots that keep many callers from slowing each other down.

    Each slot has its own client, because httpcore scans all connections of a client for every request. Downloads have
    separate slots, so that polls and submissions do not wait for them.
    """

    def __init__(self, given: httpx.AsyncClient | None, max_connections: int) -> None:
        self._given = given
        self._own: list[httpx.AsyncClient] = []
        self.exchanges = Slots(max_connections, self._client)
        self.downloads = Slots(max_connections, self._client)

    @property
    def is_closed(self) -> bool:
        """Whether the caller closed the client that they passed."""
        return self._given is not None and self._given.is_closed

    async def close(self) -> None:
        """Close the clients that the pool created."""
        for http in self._own:
            await http.aclose()

    def _client(self) -> httpx.AsyncClient:
        if self._given is not None:
            return self._given
        if self._own and type(self._own[0]) is not httpx.AsyncClient:
            return self._own[0]  # A client on aiohttp stays fast with many callers, so one is enough.
        self._own.append(make_async_client())
        return self._own[-1]


class AsyncConnection:
    """The connections of a client. Clients made by ``with_options`` share them."""

    def __init__(self, key: ApiKey, http: httpx.AsyncClient | None, max_connections: int) -> None:
        self._key = key
        self._closed = False
        self._pools = Local(lambda: _Pool(http, max_connections), _Pool.close)

    @property
    def account(self) -> str:
        """The fingerprint of the API key."""
        return self._key.fingerprint

    async def close(self) -> None:
        """Close the connections of this event loop. An HTTP client that the caller passed stays open."""
        self._closed = True
        await self._pools.close()

    async def send(
        self,
        method: str,
        url: httpx.URL | str,
        *,
        timeout: httpx.Timeout,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        pool_timeout: float | None = None,
        on_send: Callable[[], object] = lambda: None,
    ) -> GatewayResponse:
        """Send a request and read the whole response. Raises httpx's own errors, but without the key in them.

        Args:
            timeout: for each part of the exchange. The whole body of the response counts as one part.
            pool_timeout: seconds to wait for a free slot.
            on_send: called right before the request is sent. Without that call, nothing was sent.
        """
        pool = await self._pool()
        headers = {**(headers or {}), "Authorization": self._key.header}
        async with pool.exchanges.one(pool_timeout) as http:
            request = http.build_request(method, url, content=content, headers=headers, timeout=timeout)
            on_send()
            try:
                response = await http.send(request, stream=True, follow_redirects=False, auth=None)
                try:
                    return GatewayResponse(
                        response.status_code, response.headers, await _whole(response, timeout.read), self._key
                    )
                finally:
                    await response.aclose()
            except BaseException:
                # Errors of httpx contain the request. Logging such an error must not log the key.
                request.headers.pop("Authorization", None)
                raise

    @asynccontextmanager
    async def stream(
        self, url: str, settings: Settings, *, trusted: bool, headers: Mapping[str, str]
    ) -> AsyncIterator[httpx.Response]:
        """Start one download. Only a trusted address, which belongs to the gateway, receives the key."""
        pool = await self._pool()
        timeout = timeouts(settings.timeout, default=RESPONSE_TIMEOUT)
        async with pool.downloads.one() as http:
            if trusted:
                request = http.build_request("GET", url, headers=headers, timeout=timeout)
                request.headers["Authorization"] = self._key.header
            else:
                # Headers that the caller's HTTP client adds to every request are as secret as the key.
                limits = {"timeout": timeout.as_dict()}
                request = httpx.Request("GET", url, headers={**HEADERS, **headers}, extensions=limits)
            try:
                response = await http.send(request, stream=True, follow_redirects=False, auth=None)
            finally:
                request.headers.pop("Authorization", None)
            try:
                yield response
            finally:
                await response.aclose()

    async def get(self, url: str, settings: Settings, *, seconds: float | None = None) -> GatewayResponse:
        """Send a free request once.

        Args:
            seconds: limit for each part of the exchange, in case the settings allow more.

        Raises:
            APIConnectionError: there is no response.
            APIError: the response is an error.
        """
        timeout = timeouts(settings.timeout, default=RESPONSE_TIMEOUT, at_most=seconds)
        try:
            response = await self.send("GET", url, timeout=timeout, pool_timeout=seconds)
        except ModelStreamError:
            raise
        except Exception as error:
            raise APIConnectionError(f"no response from {settings.base_url}: {self.describe(error)}") from error
        problem = read_error(response, settings.gateway)
        if problem is not None:
            raise problem
        return response

    async def read(self, response: httpx.Response) -> GatewayResponse:
        """The rest of a response that should have been a download but is an error."""
        return GatewayResponse(
            response.status_code, response.headers, await _whole(response, RESPONSE_TIMEOUT), self._key
        )

    def describe(self, error: BaseException) -> str:
        """An error of the transport in one line. Some of these errors have no text."""
        text = self._key.redact(str(error))
        return f"{type(error).__name__}: {text}" if text else type(error).__name__

    async def _pool(self) -> _Pool:
        if self._closed:
            raise ModelStreamError("this client is closed")
        pool = await self._pools.get()
        if pool.is_closed:
            raise ModelStreamError("the http_client of this client is closed")
        return pool


async def _whole(response: httpx.Response, seconds: float | None) -> bytes:
    """The body. The limit covers all of it, because a timeout per read never ends a response that drips."""
    content = bytearray()
    started = time.monotonic()
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > _MAX_RESPONSE_BYTES:
            raise httpx.ReadError("the response is too long", request=response.request)
        if seconds is not None and time.monotonic() - started > seconds:
            raise httpx.ReadTimeout("the response did not end in time", request=response.request)
    return bytes(content)
