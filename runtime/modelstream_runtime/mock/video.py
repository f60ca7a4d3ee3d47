"""The one video that the mock gateway makes, and parts of it."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib.resources import files
from typing import Any

from modelstream_runtime.mock.messages import Request, Response, make_response

FACTS: dict[str, Any] = {"duration": 1, "fps": 8, "width": 128, "height": 72}
"""What the video is: seconds, frames a second, pixels."""

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


@cache
def sample() -> bytes:
    """The video: one second of H.264 in an MP4."""
    return files(__package__ or "").joinpath("sample.mp4").read_bytes()


def send_video(request: Request, *, max_age: int) -> Response:
    """The video or the part that was asked for.

    Args:
        max_age: seconds it may be kept.
    """
    content = sample()
    tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    told = {"accept_ranges": "bytes", "etag": tag, "cache_control": f"public, max-age={max_age}"}
    part = _part(request, tag, len(content))
    if part is None:
        return make_response(200, content, "video/mp4", **told)
    if not part:
        # The error's body is the caller's affair: it depends on the dialect.
        return make_response(416, b"", "application/json", content_range=f"bytes */{len(content)}", **told)
    where = f"bytes {part.start}-{part.stop - 1}/{len(content)}"
    return make_response(206, content[part.start : part.stop], "video/mp4", content_range=where, **told)


def _part(request: Request, tag: str, length: int) -> range | None:
    """The bytes asked for; ``None`` if all of them are, empty if there are none such.

    Several parts at once, other units and what is no range are answered with all of it, as HTTP allows; only of a GET
    can a part be wanted.
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
