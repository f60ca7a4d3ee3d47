"""How the client sets up httpx when the caller passes no HTTP client of their own."""

from __future__ import annotations

import ssl
from functools import cache, lru_cache
from importlib import import_module, util

import httpx

from modelstream_runtime.about import __version__

KEEPALIVE = 60.0
"""Seconds to keep an idle connection: longer than the pause between two polls, or each poll would open a new one."""

CONNECT_TIMEOUT = 10.0
RESPONSE_TIMEOUT = 60.0
SUBMIT_TIMEOUT = 300.0
"""Seconds. A picture in the body takes long to pass a gateway, and a timeout leaves the fate of a purchase unknown."""

HEADERS = {"User-Agent": f"modelstream-python/{__version__}", "Accept": "application/json"}

REFERENCE_HEADER = "x-client-request-id"
"""The header with the client's own id of a purchase. All retries of one purchase send the same."""

_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=64, keepalive_expiry=KEEPALIVE)


@cache
def _tls_context() -> ssl.SSLContext:
    """One context for all clients: making it takes nearly all of the time that making a client takes."""
    return httpx.create_ssl_context()


def make_sync_client() -> httpx.Client:
    """An HTTP client for the synchronous client."""
    return httpx.Client(verify=_tls_context(), limits=_LIMITS, headers=HEADERS)


def has_aiohttp() -> bool:
    """Whether the extra ``aiohttp`` is installed."""
    return util.find_spec("httpx_aiohttp") is not None


def make_async_client() -> httpx.AsyncClient:
    """An HTTP client for the asynchronous client. With the extra ``aiohttp`` it uses aiohttp's transport."""
    if has_aiohttp():
        make = import_module("httpx_aiohttp").HttpxAiohttpClient
        client: httpx.AsyncClient = make(verify=_tls_context(), limits=_LIMITS, headers=HEADERS)
        return client
    return httpx.AsyncClient(verify=_tls_context(), limits=_LIMITS, headers=HEADERS)


@lru_cache(maxsize=16)
def _for_every_part(seconds: float) -> httpx.Timeout:
    return httpx.Timeout(seconds, connect=min(CONNECT_TIMEOUT, seconds))


def timeouts(seconds: float | httpx.Timeout | None, *, default: float, at_most: float | None = None) -> httpx.Timeout:
    """Timeouts for one HTTP request: a short one to connect, and one for each later part of the exchange."""
    length = default if seconds is None else seconds
    if not isinstance(length, httpx.Timeout):
        length = _for_every_part(length)
    if at_most is None:
        return length
    parts = {name: at_most if part is None else min(part, at_most) for name, part in length.as_dict().items()}
    return httpx.Timeout(**parts)
