"""Sending a video, whole or in part."""

from __future__ import annotations

import hashlib
import re

from modelstream_runtime.mock.messages import Request, Response, make_response

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


def send_video(request: Request, content: bytes, *, max_age: int) -> Response:
    """The video, or the range of bytes that the request asks for.

    Args:
        max_age: seconds for which a cache may keep it.
    """
    tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    headers = {"accept_ranges": "bytes", "etag": tag, "cache_control": f"public, max-age={max_age}"}
    part = _part(request, tag, len(content))
    if part is None:
        return make_response(200, content, "video/mp4", **headers)
    if not part:
        # The caller adds the body of the error, which depends on the dialect.
        return make_response(416, b"", "application/json", content_range=f"bytes */{len(content)}", **headers)
    where = f"bytes {part.start}-{part.stop - 1}/{len(content)}"
    return make_response(206, content[part.start : part.stop], "video/mp4", content_range=where, **headers)


def _part(request: Request, tag: str, length: int) -> range | None:
    """The requested bytes: ``None`` means all of them, an empty range that the video does not have them.

    HTTP allows to send everything in response to several ranges, other units and invalid ranges. Only GET has ranges.
    """
    if request.method != "GET":
        return None
    match = _RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    if match is None or match[0] == "bytes=-" or request.headers.get("if-range", tag) != tag:
        return None
    first, last = match.groups()
    if not first:
        return range(max(0, length - int(last)), length)
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last or length) + 1, length))
