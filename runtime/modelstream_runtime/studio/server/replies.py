"""What the server reads and sends as JSON."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, Final, ParamSpec, TypeVar

from starlette.requests import Request
from starlette.responses import Response

P = ParamSpec("P")
T = TypeVar("T")

MB: Final = 1_000_000
MAX_BODY: Final = 64 * MB
"""Bytes of a body. The text of a request may have pictures in it."""


class Refused(Exception):
    """Ends a request with an error.

    Args:
        status: of the response.
        kind: names the error for the page.
        message: says it to a person.
        details: whatever else the page must know.
    """

    def __init__(self, status: int, kind: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.details = details

    @property
    def response(self) -> Response:
        """The error as JSON."""
        return json_response({"error": {"kind": self.kind, "message": str(self), **self.details}}, self.status)


def json_response(content: Any, status: int = 200) -> Response:
    """Content as JSON, which nobody keeps."""
    # Only ASCII: a text from a browser may have half a surrogate pair, which UTF-8 cannot express.
    return Response(
        json.dumps(content, separators=(",", ":")),
        status,
        headers={"cache-control": "no-store"},
        media_type="application/json",
    )


class Cached:
    """Content that changes only with the package: a browser keeps it, and asks whether it is still the same."""

    def __init__(self, content: bytes, media_type: str) -> None:
        self._content = content
        self._media_type = media_type
        self._headers = {"etag": f'"{hashlib.sha256(content).hexdigest()[:32]}"', "cache-control": "no-cache"}

    def response(self, request: Request) -> Response:
        """The content, or that the browser has it already."""
        known = [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]
        if self._headers["etag"] in known:
            return Response(status_code=304, headers=self._headers)
        return Response(self._content, headers=self._headers, media_type=self._media_type)


async def read_object(request: Request, *, limit: int = MAX_BODY) -> Mapping[str, Any]:
    """The JSON object in the body of a request.

    Raises:
        Refused: it is none, or it has too many bytes.
    """
    too_large = Refused(413, "too large", f"the request has more than {limit // MB} MB")
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise too_large
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise too_large
        chunks.append(chunk)
    try:
        content = await result_of(json.loads, size > LARGE, b"".join(chunks))
    except (ValueError, RecursionError) as error:
        raise Refused(400, "no JSON", f"the body is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise Refused(400, "no JSON", "the body is not a JSON object")
    return content


def text_in(content: Mapping[str, Any], name: str) -> str:
    """A text in an object.

    Raises:
        Refused: it is none.
    """
    value = content.get(name)
    if not isinstance(value, str):
        raise Refused(400, "wrong body", f"{name!r} must be a text")
    return value


LARGE: Final = 20_000
"""Characters or bytes from which on work would keep the event loop from everything else."""


async def result_of(work: Callable[P, T], in_thread: bool, *arguments: P.args, **options: P.kwargs) -> T:
    """The result of work, which is done in a thread if it takes long."""
    return await asyncio.to_thread(work, *arguments, **options) if in_thread else work(*arguments, **options)
