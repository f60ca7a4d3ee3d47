"""A gateway on loopback that makes every video at once, or says what a test has told it to say."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

VIDEO = b"\x00\x00\x00\x18ftypmp42" + bytes(1000)

_STATES = (("queued", None), ("in_progress", "30%"), ("completed", "100%"))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Gateway  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_POST(self) -> None:
        self.server.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.server.headers.append(dict(self.headers))
        if self.server.submission is None:
            self.close_connection = True
            return
        status, body = self.server.submission
        self._answer(json.dumps(body).encode(), status=status)

    def do_GET(self) -> None:
        if self.path.endswith(".mp4"):
            self._answer(VIDEO, kind="video/mp4", status=self.server.video_status)
            return
        if self.server.question is not None:
            status, body = self.server.question
            self._answer(json.dumps(body).encode(), status=status)
            return
        task = self.path.rpartition("/")[2]
        asked = self.server.asked[task] = self.server.asked.get(task, -1) + 1
        states = self.server.states
        state, progress = states[min(asked, len(states) - 1)]
        url = f"http://{self.headers['Host']}/{task}.mp4" if state == "completed" else None
        self._answer(json.dumps({"task_id": task, "status": state, "progress": progress, "url": url}).encode())

    def _answer(self, body: bytes, kind: str = "application/json", status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the output of the tests clean."""


class Gateway(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies: list[dict[str, object]] = []
        self.headers: list[dict[str, str]] = []
        self.asked: dict[str, int] = {}
        self.submission: tuple[int, object] | None = (200, {"task_id": "task_4f1c", "status": "queued"})
        """How a submission is answered; ``None`` hangs up."""
        self.question: tuple[int, object] | None = None
        """How a question after a task is answered, if not by the states."""
        self.states: Sequence[tuple[str, str | None]] = _STATES
        """Status and progress of each task, answer by answer; the last one stays."""
        self.video_status = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def fake_gateway() -> Iterator[Gateway]:
    """A running gateway; it is gone when the block ends."""
    gateway = Gateway()
    thread = threading.Thread(target=gateway.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield gateway
    finally:
        gateway.shutdown()
        gateway.server_close()
        thread.join()
