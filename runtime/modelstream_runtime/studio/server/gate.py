"""The gate: only the page that this server served gets in.

Every website that a person visits can send requests to a server on that person's machine. Each check below keeps out
something that other local servers let in. A request must pass them all.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from modelstream_runtime.studio.server.options import HOST
from modelstream_runtime.studio.server.replies import Refused

TOKEN_HEADER: Final = "x-studio-token"  # noqa: S105
"""The page sends the token in a header. A cookie would be sent by every page of this machine: cookies ignore ports."""

_POLICY: Final = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "connect-src": "'self'",
    # blob: previews of files that a person picked; data: the same as people paste it.
    "img-src": "'self' blob: data:",
    "media-src": "'self' blob: data:",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}
"""What the page may load, and who may frame it. No address of a user, or in a response of the gateway, is among it."""
_HEADERS: Final = {
    "content-security-policy": "; ".join(f"{name} {value}" for name, value in _POLICY.items()),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
"""Of every response. None of them allows another origin anything: there is no CORS."""


class Gate:
    """An ASGI application that passes on only what its own page sends.

    Args:
        port: of the server.
        token: the secret that the page knows.
        public: paths that need no token, because a browser cannot send one there.
        public_below: the same for all paths that begin so.
    """

    def __init__(
        self, app: ASGIApp, *, port: int, token: str, public: Collection[str], public_below: tuple[str, ...]
    ) -> None:
        self._app = app
        self._authorities = frozenset(f"{name}:{port}" for name in (HOST, "localhost"))
        self._token = token.encode()
        self._public = frozenset(public)
        self._public_below = public_below

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        try:
            self._check(scope["method"], scope["path"], Headers(scope=scope))
        except Refused as refused:
            # Nobody reads the rest of the body.
            response = refused.response
            response.headers["connection"] = "close"
            await response(scope, receive, send_guarded)
        else:
            await self._app(scope, receive, send_guarded)

    def _check(self, method: str, path: str, headers: Headers) -> None:
        host = _only(headers, "host")
        if host not in self._authorities:
            # A name that somebody made to point to this machine (DNS rebinding).
            raise Refused(421, "wrong host", f"this server is only {' and '.join(sorted(self._authorities))}")
        if "origin" in headers and _only(headers, "origin") != f"http://{host}":
            # Also "null", which frames in a sandbox and files send.
            raise Refused(403, "foreign origin", "another origin may not use this server")
        if not _is_own_or_first(method, path, headers):
            raise Refused(403, "foreign site", "another site may not use this server")
        if path not in self._public and not path.startswith(self._public_below):
            given = (_only(headers, TOKEN_HEADER) or "").encode("latin-1")
            if not hmac.compare_digest(given, self._token):
                raise Refused(401, "no token", "the token is missing or old; open the address that the terminal shows")
        if method == "POST" and not _is_json(_only(headers, "content-type") or ""):
            # Forms and requests without CORS can send only other types.
            raise Refused(415, "no JSON", "the content type must be application/json")


def _only(headers: Headers, name: str) -> str | None:
    """The value of a header that came once."""
    values = headers.getlist(name)
    return values[0] if len(values) == 1 else None


def _is_own_or_first(method: str, path: str, headers: Headers) -> bool:
    """Whether a browser says that the request comes from our page, or from a person who opens it."""
    if "sec-fetch-site" not in headers or _only(headers, "sec-fetch-site") in ("same-origin", "none"):
        return True
    navigation = (_only(headers, "sec-fetch-mode"), _only(headers, "sec-fetch-dest"))
    return (method, path, *navigation) == ("GET", "/", "navigate", "document")


def _is_json(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == "application/json"
