"""Requests and responses as plain values, so that the gateway itself needs neither sockets nor a web framework."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """An HTTP request.

    Attributes:
        method: in upper case.
        path: as the caller sent it: with its escapes, without the query.
        headers: names in lower case.
        origin: scheme, host and port that the caller used, for URLs in responses.
        local: whether the server listens only on this machine.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    origin: str = ""
    local: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """An HTTP response, and what the connection does to it.

    Attributes:
        headers: names in lower case; ``content-length`` is always there.
        body: empty for ``HEAD``, whatever the length says.
        delay: seconds to wait before sending it.
        cut: the connection breaks after this many bytes of the body; ``None``: it does not.
        reset: the connection is reset instead of sending anything.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(default=b"", repr=False)
    delay: float = 0.0
    cut: int | None = None
    reset: bool = False


def json_response(status: int, content: Any, **headers: str) -> Response:
    """A response with a JSON body. Underscores in header names stand for dashes."""
    # JSON can escape half of a surrogate pair, but UTF-8 cannot encode it: it becomes a question mark.
    return make_response(status, _json(content), "application/json", **headers)


def make_response(status: int, body: bytes, content_type: str, **headers: str) -> Response:
    """A response with a body of any type. Underscores in header names stand for dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(
        status=status, headers={"content-type": content_type, "content-length": str(len(body)), **named}, body=body
    )


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
