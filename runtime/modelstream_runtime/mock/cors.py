"""Requests that web pages send: pages that this machine serves may call the gateway (CORS), and only they may use the
mock's own pages."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from dataclasses import replace
from urllib.parse import urlsplit

from modelstream_runtime.mock.messages import Request, Response, make_response

_MAX_AGE = 600
_EXPOSED = ("content-length", "content-range", "etag", "retry-after")
"""Response headers that a page may read, besides those that every page may."""


def preflight(request: Request, methods: Collection[str]) -> Response | None:
    """The response to a browser that asks whether a page may send a request; ``None`` if the request does not ask.

    Args:
        methods: those that the path accepts.
    """
    if request.method != "OPTIONS" or "access-control-request-method" not in request.headers:
        return None
    if not _is_allowed(request):
        return None
    allowed = {
        "access_control_allow_methods": ", ".join(methods),
        "access_control_allow_headers": request.headers.get("access-control-request-headers", ""),
        "access_control_max_age": str(_MAX_AGE),
    }
    return with_permission(request, make_response(204, b"", "text/plain", **allowed))


def with_permission(request: Request, response: Response, exposed: Collection[str] = ()) -> Response:
    """The response, readable for the page that sent the request if this machine serves it.

    Args:
        exposed: more response headers that the page may read.
    """
    # A cache must not give one page the response to another, whether or not this one has the permission.
    permission = {"vary": "origin"}
    if _is_allowed(request):
        permission |= {
            "access-control-allow-origin": request.headers["origin"],
            "access-control-expose-headers": ", ".join((*_EXPOSED, *exposed)),
        }
    return replace(response, headers={**response.headers, **permission})


def is_foreign(request: Request) -> bool:
    """Whether a web page that another machine serves may have sent the request.

    A browser names the page's origin in every request that can change something. It does not in a page's request to
    the page's own host: there the host gives away a foreign name that points to this machine (DNS rebinding).
    """
    if "origin" in request.headers and not _is_allowed(request):
        return True
    return request.local and "host" in request.headers and not _is_loopback(f"http://{request.headers['host']}")


def _is_allowed(request: Request) -> bool:
    """Whether the page comes from this machine, by the ``Origin`` header."""
    return _is_loopback(request.headers.get("origin", ""))


def _is_loopback(address: str) -> bool:
    """Whether a web address is one of this machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not host:
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
