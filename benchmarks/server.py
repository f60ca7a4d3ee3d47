"""The gateway and its peers on loopback: canned responses, as fast as one process can send them.

``python -m benchmarks.server`` prints its address and exits when its standard input closes.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from typing import IO, Any

VIDEO_BYTES = 200 * 1024 * 1024

_LONGEST_HEAD = 64 * 1024
_LONGEST_BODY = 16 * 1024 * 1024
_MOST_COUNTED = 100_000
_NOW = int(time.time())
_SINCE = "2026-01-01T00:00:00Z"


def _answer(body: Any, status: str = "200 OK") -> bytes:
    content = json.dumps(body).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    return head.encode() + content


_NOT_FOUND = _answer({"error": {"message": "not found", "type": "invalid_request_error"}}, "404 Not Found")
_REFUSED = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_VIDEO_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: %d\r\n\r\n" % VIDEO_BYTES

_SUBMITTED = {"/v1/video/generations": _answer({"task_id": "abcd1234efgh", "status": "queued"})}
"""Responses to a POST, by path. Those of the peers say the same in their own format."""

_SUBMITTED["/fal-ai/kling-video/v3/standard/text-to-video"] = _answer(
    {
        "status": "IN_QUEUE",
        "request_id": "abcd1234efgh",
        "response_url": "http://127.0.0.1/requests/abcd1234efgh",
        "status_url": "http://127.0.0.1/requests/abcd1234efgh/status",
        "cancel_url": "http://127.0.0.1/requests/abcd1234efgh/cancel",
        "queue_position": 0,
    }
)
_SUBMITTED["/v1/models/kwaivgi/kling-v3/predictions"] = _answer(
    {
        "id": "abcd1234efgh",
        "model": "kwaivgi/kling-v3",
        "version": "hidden",
        "input": {"prompt": "A cup of coffee"},
        "logs": "",
        "output": None,
        "error": None,
        "status": "starting",
        "created_at": _SINCE,
        "urls": {"get": "http://127.0.0.1/v1/predictions/abcd1234efgh"},
    },
    "201 Created",
)
_SUBMITTED["/v1/image_to_video"] = _answer({"id": "497f6eca-6276-4993-bfeb-53cbbbba6f08"})
_SUBMITTED["/v1/videos"] = _answer(
    {
        "id": "video_abcd1234efgh",
        "object": "video",
        "model": "sora-2",
        "status": "queued",
        "progress": 0,
        "created_at": _NOW,
        "size": "1280x720",
        "seconds": "4",
    }
)

_TASK = "/v1/video/generations/"
SMALL = "/small"
"""Below this path, every task has an id of its own, is completed at once, and has a small video."""
_CLIP_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: %d\r\n\r\n"
_CLIP = bytes(20_000)
_RUNNING = _answer({"task_id": "abcd1234efgh", "status": "in_progress"})


class _Gateway(asyncio.Protocol):
    """One connection, kept alive."""

    def __init__(self, video: IO[bytes], polls: Counter[str], numbers: Iterator[int]) -> None:
        self._video = video
        self._numbers = numbers
        self._polls = polls
        self._received = bytearray()
        self._sending: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._received[:end])
            length = _length(head)
            if length > _LONGEST_BODY:
                return self._refuse()
            if len(self._received) < end + 4 + length:
                return None
            del self._received[: end + 4 + length]
            self._answer(head)
        return self._refuse() if len(self._received) > _LONGEST_HEAD else None

    def _refuse(self) -> None:
        self._transport.write(_REFUSED)
        self._transport.close()

    def _answer(self, head: bytes) -> None:
        method, path, _ = head[: head.index(b"\r\n")].decode("ascii", "replace").split(" ", 2)
        if path.startswith(SMALL):
            self._transport.write(self._small(method, path.removeprefix(SMALL)))
        elif path == "/video.mp4":
            self._sending = asyncio.create_task(self._send_video())
        elif method == "GET" and path.startswith(_TASK):
            self._transport.write(self._state(path.removeprefix(_TASK)))
        else:
            self._transport.write(_SUBMITTED.get(path, _NOT_FOUND) if method == "POST" else _NOT_FOUND)

    def _small(self, method: str, path: str) -> bytes:
        if path == "/clip.mp4":
            return _CLIP_HEAD % len(_CLIP) + _CLIP
        if method == "POST":
            return _answer({"task_id": f"task{next(self._numbers):08d}", "status": "queued"})
        host, port = self._transport.get_extra_info("sockname")[:2]
        task_id = path.removeprefix(_TASK)
        return _answer({"task_id": task_id, "status": "completed", "url": f"http://{host}:{port}{SMALL}/clip.mp4"})

    def _state(self, task_id: str) -> bytes:
        """The task ``after-3-x`` is completed at the third poll."""
        kind, _, rest = task_id.partition("-")
        if kind == "after" and len(self._polls) < _MOST_COUNTED:
            self._polls[task_id] += 1
            if self._polls[task_id] < int(rest.partition("-")[0]):
                return _RUNNING
            del self._polls[task_id]
        host, port = self._transport.get_extra_info("sockname")[:2]
        return _answer({"task_id": task_id, "status": "completed", "url": f"http://{host}:{port}/video.mp4"})

    async def _send_video(self) -> None:
        self._transport.write(_VIDEO_HEAD)
        await asyncio.get_running_loop().sendfile(self._transport, self._video, 0, VIDEO_BYTES)


def _length(head: bytes) -> int:
    """The length of the body. No client here sends chunks; a client that did would be rejected for its length."""
    fields = head.lower()
    if b"\r\ntransfer-encoding:" in fields:
        return _LONGEST_BODY + 1
    _, found, rest = fields.partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    polls: Counter[str] = Counter()
    numbers = itertools.count(1)
    with tempfile.TemporaryFile() as video:
        video.truncate(VIDEO_BYTES)
        server = await loop.create_server(lambda: _Gateway(video, polls, numbers), "127.0.0.1", 0, backlog=1024)
        async with server:
            host, port = server.sockets[0].getsockname()[:2]
            print(f"http://{host}:{port}", flush=True)
            await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve())
