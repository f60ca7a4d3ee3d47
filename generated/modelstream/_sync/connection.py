# Made from templates/modelstream/_sync/connection.py.
# Do not edit it here: change its source, then run "nox -s generate".
"""HTTP exchanges with one gateway: address, key, timeouts, and how many at once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import httpx

from modelstream._sync.runtime import Local, Slots, close_when_gone
from modelstream.credentials import ApiKey
from modelstream.errors import APIConnectionError, APIError, ModelStreamError
from modelstream.responses import read_error
from modelstream.transport import ANSWER_TIMEOUT, make_sync_client, timeouts

logger = logging.getLogger("modelstream")


class Settings(NamedTuple):
    """What a client can be told once, or for single calls through ``with_options``."""

    base_url: str
    timeout: float | httpx.Timeout | None
    max_retries: int
    retry_unknown: bool


class _Pool:
    """Connections, and the slots that keep a crowd of callers from slowing each other down."""

    def __init__(self, http: httpx.Client, max_connections: int, *, owns_http: bool) -> None:
        self.http = http
        self.slots = Slots(max_connections)
        if owns_http:
            close_when_gone(self, http)


class Connection:
    """The connections of a client. Clients made by ``with_options`` share them."""

    def __init__(self, key: ApiKey, http: httpx.Client | None, max_connections: int) -> None:
        self._key = key
        self._owns_http = http is None
        self._make: Callable[[], httpx.Client] = make_sync_client if http is None else lambda: http
        owns_http = self._owns_http  # The function must not hold this object, or neither would ever go.
        make = self._make
        self._pools = Local(lambda: _Pool(make(), max_connections, owns_http=owns_http))
        self._closed = False

    def redact(self, text: str) -> str:
        """The text without the key."""
        return self._key.redact(text)

    def close(self) -> None:
        """Close the connections of this event loop; an HTTP client that the caller brought stays open."""
        self._closed = True
        pool = self._pools.pop()
        if pool is not None and self._owns_http:
            pool.http.close()

    def send(
        self,
        method: str,
        url: str,
        *,
        timeout: httpx.Timeout,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """One exchange with the gateway, body included. Raises httpx's own errors, which hold no key."""
        pool = self._pool()
        request = pool.http.build_request(method, url, content=content, headers=headers, timeout=timeout)
        request.headers["Authorization"] = self._key.header
        with pool.slots:
            try:
                return pool.http.send(request, follow_redirects=False, auth=None)
            finally:
                # Errors of httpx keep the request, and whoever logs an error must not log the key.
                request.headers.pop("Authorization", None)

    @contextmanager
    def stream(self, url: str, *, trusted: bool, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        """One download. Only a trusted address, which is the gateway's own, is sent the key."""
        pool = self._pool()
        timeout = timeouts(None, default=ANSWER_TIMEOUT)
        request = pool.http.build_request("GET", url, headers=headers, timeout=timeout)
        # Whatever a caller's HTTP client adds by itself is as secret as the key.
        for name in ("Authorization", "Proxy-Authorization", "Cookie"):
            request.headers.pop(name, None)
        if trusted:
            request.headers["Authorization"] = self._key.header
        response = pool.http.send(request, stream=True, follow_redirects=False, auth=None)
        request.headers.pop("Authorization", None)
        try:
            yield response
        finally:
            response.close()

    def ask(self, url: str, settings: Settings, *, timeout: float | None = None) -> httpx.Response:
        """A question that costs nothing, once.

        Raises:
            APIConnectionError: no answer came.
            APIError: the answer is an error.
        """
        limit = timeouts(settings.timeout, default=ANSWER_TIMEOUT)
        if timeout is not None:
            limit = httpx.Timeout(min(timeout, limit.read or timeout), connect=min(timeout, limit.connect or timeout))
        try:
            response = self.send("GET", url, timeout=limit)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise APIConnectionError(f"no answer from {settings.base_url}: {describe(error)}") from error
        problem = self.error_in(response)
        if problem is not None:
            raise problem
        return response

    def error_in(self, response: httpx.Response) -> APIError | None:
        """The error an answer tells, if it tells one."""
        return read_error(response.status_code, response.headers, response.content, self.redact)

    def _pool(self) -> _Pool:
        if self._closed:
            raise ModelStreamError("this client is closed")
        return self._pools.get()


def describe(error: BaseException) -> str:
    """A transport's error in one line; some of them have no text."""
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
