"""What may be sent again, and when. A paid request is only repeated if it certainly bought nothing.

No gateway of this family knows idempotency keys, so a second POST may be a second purchase.
"""

from __future__ import annotations

import random
from typing import Literal, NamedTuple

import httpx

from modelstream_runtime.errors import APIError, RateLimitError, ServerError

FIRST_DELAY = 0.5
LONGEST_DELAY = 8.0
LONGEST_RETRY_AFTER = 60.0
"""Seconds. A server that asks for a longer pause is asked again after this one."""

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_NEVER_SENDABLE = (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError)
_AIOHTTP_NOT_SENT = frozenset({"ClientConnectorError", "ConnectionTimeoutError"})
_REFUSED_BEFORE_PURCHASE = frozenset({"model_not_found"})
_MOVED_STATUSES = frozenset({301, 307, 308})
_UNKNOWN_STATUSES = frozenset({408, 409})
_PASSING_STATUSES = frozenset({408, 425, 429})


class RetryDecision(NamedTuple):
    """What to do after a paid request went wrong.

    ``again``: it bought nothing and can be sent again. ``refused``: it bought nothing and would not the next time.
    ``unknown``: it may have bought something.
    """

    action: Literal["again", "refused", "unknown"]
    why: str


def judge_failure(error: BaseException) -> RetryDecision:
    """What a transport's error means for a paid request."""
    name = type(error).__name__
    if isinstance(error, _NEVER_SENDABLE):
        return RetryDecision("refused", f"it cannot be sent ({name})")
    if isinstance(error, _NOT_SENT) and not _disguised(error):
        return RetryDecision("again", f"it was not sent ({name})")
    return RetryDecision("unknown", f"the answer was lost ({name})")


def _disguised(error: BaseException) -> bool:
    """Whether the error says that no connection was made although one was.

    httpx-aiohttp calls every lost connection a failure to connect; what aiohttp itself had raised tells the truth.
    """
    cause = error.__cause__
    if cause is None or not type(cause).__module__.startswith("aiohttp"):
        return False
    return not any(cls.__name__ in _AIOHTTP_NOT_SENT for cls in type(cause).__mro__)


def judge_answer(error: APIError) -> RetryDecision:
    """What an error of the gateway means for a paid request."""
    status = error.status_code
    if isinstance(error, RateLimitError):
        return RetryDecision("again", f"it was refused before purchase (HTTP {status})")
    if status == 503 and (error.retry_after is not None or error.code in _REFUSED_BEFORE_PURCHASE):
        return RetryDecision("again", f"it was refused before purchase (HTTP 503, {error.code or 'with Retry-After'})")
    if status in _MOVED_STATUSES:
        return RetryDecision("refused", f"the gateway is elsewhere (HTTP {status}); set base_url")
    if status < 400 and not error.code:
        return RetryDecision("unknown", f"the gateway answered HTTP {status}: {error.message}")
    if status >= 500 or status in _UNKNOWN_STATUSES:
        return RetryDecision("unknown", f"the gateway answered HTTP {status}: {error.message}")
    return RetryDecision("refused", f"it was refused (HTTP {status})")


def is_passing(error: APIError) -> bool:
    """Whether a question that costs nothing is worth asking again."""
    # A success that tells an error of no known kind is a stumble of the gateway, too.
    stumbled = error.status_code < 400 and type(error) is APIError
    return stumbled or isinstance(error, ServerError) or error.status_code in _PASSING_STATUSES


def delay_before(attempt: int, retry_after: float | None = None) -> float:
    """Seconds to wait before the attempt of this number; the first repetition is number 1.

    Doubles from `FIRST_DELAY` to `LONGEST_DELAY`, with jitter, so that clients that failed together do not come back
    together. A ``Retry-After`` of the server is obeyed up to `LONGEST_RETRY_AFTER`.
    """
    if retry_after is not None:
        return min(retry_after, LONGEST_RETRY_AFTER) + random.uniform(0, 0.25)
    ceiling = min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(attempt - 1, 16))
    return random.uniform(ceiling / 2, ceiling)
