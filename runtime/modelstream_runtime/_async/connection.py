"""HTTP exchanges with one gateway: address, key, timeouts, and how many at once."""

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
from modelstream_runtime.responses import Answer, read_error
from modelstream_runtime.transport import ANSWER_TIMEOUT, HEADERS, make_async_client, timeouts

_LONGEST_ANSWER = 256 * 1024 * 1024
"""Bytes of an answer that is no download. One that holds a video as a data URI is long."""


class Settings(NamedTuple):
    """What a client can be told once, or for single calls through ``with_options``."""

    gateway: Gateway
    base_url: str
    timeout: float | httpx.Timeout | None
    max_retries: int
    retry_unknown: bool


class _Pool:
    """HTTP clients, and the slots that keep a crowd of callers from slowing each other down.

    Each slot has a client of its own, because for every request httpcore looks at all connections of a client.
    Downloads have slots of their own: they take long, and questions and submissions need not wait for them.
    """

    def __init__(self, brought: httpx.AsyncClient | None, max_connections: int) -> None:
        self._brought = brought
        self._made: list[httpx.AsyncClient] = []
        self.exchanges = Slots(max_connections, self._client)
        self.downloads = Slots(max_connections, self._client)

    @property
    def is_closed(self) -> bool:
        """Whether the caller closed the client that was brought."""
        return self._brought is not None and self._brought.is_closed

    async def close(self) -> None:
        """Close what was made here."""
        for http in self._made:
            await http.aclose()

    def _client(self) -> httpx.AsyncClient:
        if self._brought is not None:
            return self._brought
        if self._made and type(self._made[0]) is not httpx.AsyncClient:
            return self._made[0]  # It is aiohttp's, which is made for crowds.
        self._made.append(make_async_client())
        return self._made[-1]


class AsyncConnection:
    """The connections of a client. Clients made by ``with_options`` share them."""

    def __init__(self, key: ApiKey, http: httpx.AsyncClient | None, max_connections: int) -> None:
        self._key = key
        self._closed = False
        self._pools = Local(lambda: _Pool(http, max_connections), _Pool.close)

    async def close(self) -> None:
        """Close the connections of this event loop; an HTTP client that the caller brought stays open."""
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
    ) -> Answer:
        """One exchange with the gateway, body included. Raises httpx's own errors, which hold no key.

        Args:
            timeout: for each part of the exchange; all of the answer's body counts as one part.
            pool_timeout: seconds to wait for a free slot.
            on_send: called right before the request is sent. If it was not called, nothing was sent.
        """
        pool = await self._pool()
        headers = {**(headers or {}), "Authorization": self._key.header}
        async with pool.exchanges.one(pool_timeout) as http:
            request = http.build_request(method, url, content=content, headers=headers, timeout=timeout)
            on_send()
            try:
                response = await http.send(request, stream=True, follow_redirects=False, auth=None)
                try:
                    return Answer(
                        response.status_code, response.headers, await _whole(response, timeout.read), self._key
                    )
                finally:
                    await response.aclose()
            except BaseException:
                # Errors of httpx keep the request, and whoever logs an error must not log the key.
                request.headers.pop("Authorization", None)
                raise

    @asynccontextmanager
    async def stream(
        self, url: str, settings: Settings, *, trusted: bool, headers: Mapping[str, str]
    ) -> AsyncIterator[httpx.Response]:
        """One download. Only a trusted address, which is the gateway's own, is sent the key."""
        pool = await self._pool()
        timeout = timeouts(settings.timeout, default=ANSWER_TIMEOUT)
        async with pool.downloads.one() as http:
            if trusted:
                request = http.build_request("GET", url, headers=headers, timeout=timeout)
                request.headers["Authorization"] = self._key.header
            else:
                # What a caller's HTTP client adds to every request by itself is as secret as the key.
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

    async def ask(self, url: str, settings: Settings, *, seconds: float | None = None) -> Answer:
        """A question that costs nothing, once.

        Args:
            seconds: at most this long for each part of it, should the settings allow more.

        Raises:
            APIConnectionError: no answer came.
            APIError: the answer is an error.
        """
        timeout = timeouts(settings.timeout, default=ANSWER_TIMEOUT, at_most=seconds)
        try:
            answer = await self.send("GET", url, timeout=timeout, pool_timeout=seconds)
        except ModelStreamError:
            raise
        except Exception as error:
            raise APIConnectionError(f"no answer from {settings.base_url}: {self.describe(error)}") from error
        problem = read_error(answer, settings.gateway)
        if problem is not None:
            raise problem
        return answer

    async def read(self, response: httpx.Response) -> Answer:
        """The rest of a download that turned out to be none."""
        return Answer(response.status_code, response.headers, await _whole(response, ANSWER_TIMEOUT), self._key)

    def describe(self, error: BaseException) -> str:
        """A transport's error in one line; some of them have no text."""
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
    """The body. A timeout for each part alone would let an answer that drips go on for ever."""
    content = bytearray()
    started = time.monotonic()
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > _LONGEST_ANSWER:
            raise httpx.ReadError("the answer is too long", request=response.request)
        if seconds is not None and time.monotonic() - started > seconds:
            raise httpx.ReadTimeout("the answer did not end", request=response.request)
    return bytes(content)
