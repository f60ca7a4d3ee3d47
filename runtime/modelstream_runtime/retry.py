"""What the client may retry, and when. It retries a paid request only if the gateway certainly did not charge for it.

No gateway of this family supports idempotency keys, so a second POST may be a second purchase.
"""

from __future__ import annotations

import random
from typing import Literal, NamedTuple

import httpx

from modelstream_runtime.errors import APIError, RateLimitError, ServerError
from modelstream_runtime.gateway import Gateway

FIRST_DELAY = 0.5
LONGEST_DELAY = 8.0
LONGEST_RETRY_AFTER = 60.0
"""Seconds. The client waits no longer than this, even if the server asks it to."""

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_NEVER_SENDABLE = (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError)
_MULTIPLEXED = "h2"
"""The package for HTTP/2. It raises errors of protocol while it reads a response, too."""
_AIOHTTP_NOT_SENT = frozenset({"ClientConnectorError", "ConnectionTimeoutError"})
_MOVED_STATUSES = frozenset({301, 307, 308})
_UNKNOWN_STATUSES = frozenset({408, 409})
_TRANSIENT_STATUSES = frozenset({408, 425, 429})


class RetryDecision(NamedTuple):
    """What to do after a paid request failed.

    ``retry``: the gateway did not charge, and the next attempt may succeed. ``retry once``: it did not charge, and more
    than one attempt is hopeless. ``fail``: it did not charge, and the next attempt would fail as well. ``unknown``: it
    may have charged.
    """

    action: Literal["retry", "retry once", "fail", "unknown"]
    why: str


def decide_after_failure(error: BaseException) -> RetryDecision:
    """Decide about a paid request whose exchange raised this error of the transport."""
    if isinstance(error, _NEVER_SENDABLE) and not _comes_from(error, _MULTIPLEXED):
        return RetryDecision("fail", "the request cannot be sent")
    if isinstance(error, _NOT_SENT) and not _hides_a_connection(error):
        return RetryDecision("retry", "the request was not sent")
    return RetryDecision("unknown", "the response was lost")


def _comes_from(error: BaseException | None, package: str) -> bool:
    """Whether the error, or one that caused it, is of the package."""
    while error is not None:
        if type(error).__module__.partition(".")[0] == package:
            return True
        error = error.__cause__ or error.__context__
    return False


def _hides_a_connection(error: BaseException) -> bool:
    """Whether the error claims that no connection was made although one was.

    httpx-aiohttp reports every lost connection as a failure to connect. The error that aiohttp raised tells the truth.
    """
    cause = error.__cause__
    if cause is None or not type(cause).__module__.startswith("aiohttp"):
        return False
    return not any(cls.__name__ in _AIOHTTP_NOT_SENT for cls in type(cause).__mro__)


def decide_after_response(error: APIError, gateway: Gateway) -> RetryDecision:
    """Decide about a paid request to which the gateway responded with this error."""
    status = error.status_code
    if isinstance(error, RateLimitError):
        return RetryDecision("retry", f"the gateway refused it before purchase (HTTP {status})")
    if status == 503 and error.code in gateway.no_channel_codes:
        # A channel may come back, but a wrong model id gets the same response for ever.
        return RetryDecision("retry once", f"the gateway refused it before purchase (HTTP 503, {error.code})")
    if status == 503 and error.retry_after is not None:
        return RetryDecision("retry", "the gateway refused it before purchase (HTTP 503, with Retry-After)")
    if status in _MOVED_STATUSES:
        return RetryDecision("fail", f"the gateway has moved (HTTP {status}); set base_url")
    if status < 400 and not error.code:
        return RetryDecision("unknown", f"the gateway responded with HTTP {status}: {error.message}")
    if status >= 500 or status in _UNKNOWN_STATUSES:
        return RetryDecision("unknown", f"the gateway responded with HTTP {status}: {error.message}")
    return RetryDecision("fail", f"the gateway refused it (HTTP {status})")


def is_transient(error: APIError) -> bool:
    """Whether a free request that failed with this error is worth a retry."""
    # A success whose body reports an error of no known kind is a hiccup of the gateway, too.
    hiccup = error.status_code < 400 and type(error) is APIError
    return hiccup or isinstance(error, ServerError) or error.status_code in _TRANSIENT_STATUSES


def delay_before(attempt: int, retry_after: float | None = None) -> float:
    """Seconds to wait before a retry; the first one has number 1.

    The delay doubles from `FIRST_DELAY` to `LONGEST_DELAY`, with jitter, so that clients that failed together do not
    come back together. A ``Retry-After`` of the server replaces it, up to `LONGEST_RETRY_AFTER`.
    """
    if retry_after is not None:
        return min(retry_after, LONGEST_RETRY_AFTER) + random.uniform(0, 0.25)
    ceiling = min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(attempt - 1, 16))
    return random.uniform(ceiling / 2, ceiling)
