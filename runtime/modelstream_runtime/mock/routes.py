"""Which paths the mock gateway serves, and by which methods."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from modelstream_runtime.gateway import Gateway
from modelstream_runtime.mock.messages import Request

METHODS: Final[dict[str, tuple[str, ...]]] = {
    "submit": ("POST",),
    "task": ("GET",),
    "content": ("GET", "HEAD"),
    "video": ("GET",),
    "result": ("GET", "HEAD"),
}
"""Exchange to the methods that it takes."""

_VIDEO_PATH = "/v1/videos/{task_id}"
"""A task as gateways of this family also report it, in the shape of another API."""
_RESULT_PATH = "/results/{task_id}.mp4"


class Routes:
    """The paths of one gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self._patterns = {
            "submit": _pattern(gateway.submit_path),
            "task": _pattern(gateway.task_path),
            "content": _pattern(gateway.content_path),
            "video": _pattern(_VIDEO_PATH),
            "result": _pattern(_RESULT_PATH),
        }

    def exchange(self, request: Request) -> str:
        """The exchange that a path is for: a key of `METHODS`, or ``other``."""
        return next((name for name, pattern in self._patterns.items() if pattern.fullmatch(request.path)), "other")

    def task_id(self, request: Request) -> str:
        """The id of the task in the path; empty if there is none."""
        matches = (pattern.fullmatch(request.path) for pattern in self._patterns.values() if pattern.groups)
        return next((unquote(match["task_id"]) for match in matches if match), "")


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.escape(path).replace(re.escape("{task_id}"), "(?P<task_id>[^/]+)"))
