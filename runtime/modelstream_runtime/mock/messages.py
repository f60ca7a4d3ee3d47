"""A request and an answer as values, so that the gateway itself knows no sockets and no web framework."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What came in.

    Attributes:
        method: in upper case.
        path: as it was sent, without the query and with its escapes.
        headers: names in lower case.
        origin: scheme, host and port that the caller used, for addresses in answers.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    origin: str = ""

    def segments(self) -> tuple[str, ...]:
        """The parts of the path between its slashes, without escapes."""
        return tuple(unquote(part) for part in self.path.split("/")[1:])


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """What goes out, and how.

    Attributes:
        headers: names in lower case; ``content-length`` is always there.
        body: empty for ``HEAD``, whatever the length says.
        delay: seconds to let pass before the answer.
        cut: the connection breaks after so many bytes of the body; ``None``: it does not.
        reset: the connection is reset in place of an answer.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(default=b"", repr=False)
    delay: float = 0.0
    cut: int | None = None
    reset: bool = False


def json_response(status: int, content: Any, **headers: str) -> Response:
    """An answer in JSON. Underscores in names of headers stand for dashes."""
    # Half of a surrogate pair, which JSON can escape and UTF-8 cannot write, becomes a question mark.
    return make_response(status, _json(content), "application/json", **headers)


def make_response(status: int, body: bytes, content_type: str, **headers: str) -> Response:
    """An answer of any type. Underscores in names of headers stand for dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(
        status=status, headers={"content-type": content_type, "content-length": str(len(body)), **named}, body=body
    )


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
