"""The paths that the mock gateway serves, and their methods."""

from __future__ import annotations

import re
from typing import Final, Literal
from urllib.parse import unquote

from modelstream_runtime.gateway import Gateway
from modelstream_runtime.mock.messages import Request

Kind = Literal["submit", "task", "content", "video", "result", "other"]
"""What an exchange is about. ``video`` is a task in the shape of another API, ``result`` the file under its own URL."""

METHODS: Final[dict[Kind, tuple[str, ...]]] = {
    "submit": ("POST",),
    "task": ("GET",),
    "content": ("GET", "HEAD"),
    "video": ("GET",),
    "result": ("GET", "HEAD"),
}

_RESULT_PATH = "/results/{task_id}.mp4"


class Routes:
    """The paths of one gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self._patterns: dict[Kind, re.Pattern[str]] = {
            "submit": _pattern(gateway.submit_path),
            "task": _pattern(gateway.task_path),
            "content": _pattern(gateway.content_path),
            # Gateways of this family also report a task where its content is, in the shape of another API.
            "video": _pattern(gateway.content_path.rpartition("/")[0]),
            "result": _pattern(_RESULT_PATH),
        }

    def kind(self, request: Request) -> Kind:
        """The kind of exchange that the path belongs to."""
        for kind, pattern in self._patterns.items():
            if pattern.fullmatch(request.path):
                return kind
        return "other"

    def task_id(self, request: Request) -> str:
        """The id of the task in the path; empty if there is none."""
        matches = (pattern.fullmatch(request.path) for pattern in self._patterns.values() if pattern.groups)
        return next((unquote(match["task_id"]) for match in matches if match), "")


def result_url(origin: str, task_id: str) -> str:
    """The URL of a task's video."""
    return origin + _RESULT_PATH.format(task_id=task_id)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.escape(path).replace(re.escape("{task_id}"), "(?P<task_id>[^/]+)"))
