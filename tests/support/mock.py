"""Exchanges with a mock gateway in this process."""

from __future__ import annotations

import json
from typing import Any

from modelstream.mock import URL, MockGateway
from modelstream_runtime.mock.messages import Request, Response
from modelstream_runtime.mock.video import make_video

SUBMIT = "/v1/video/generations"
BODY = {"model": "kling-v3", "prompt": "A cup of coffee"}
KEY = {"authorization": "Bearer sk-mock"}
VIDEO = make_video(5, "16:9").content
"""The video of `BODY`, by the defaults of its model."""
JSON = {"content-type": "application/json"}


class Clock:
    """A clock that stands still until it is moved."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def submit(gateway: MockGateway, body: Any = BODY, **headers: str) -> Response:
    """Post a body."""
    return send(gateway, "POST", SUBMIT, body if isinstance(body, bytes) else json.dumps(body).encode(), **headers)


def send(gateway: MockGateway, method: str, path: str, body: bytes = b"", **headers: str) -> Response:
    """One exchange; underscores in names of headers stand for dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return gateway.handle(Request(method=method, path=path, headers=KEY | JSON | named, body=body, origin=URL))


def body_of(response: Response) -> Any:
    """The JSON body of a response."""
    return json.loads(response.body)


def new_task(gateway: MockGateway, **headers: str) -> str:
    """A task's id."""
    task_id = body_of(submit(gateway, **headers))["task_id"]
    assert isinstance(task_id, str)
    return task_id


def finished(gateway: MockGateway, **headers: str) -> str:
    """The id of a task that has ended."""
    task_id = new_task(gateway, **headers)
    for _ in range(3):
        send(gateway, "GET", f"{SUBMIT}/{task_id}")
    return task_id
