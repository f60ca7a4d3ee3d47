"""A gateway on loopback that makes every video at once: for the examples in the documentation."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

VIDEO = b"\x00\x00\x00\x18ftypmp42" + bytes(1000)

_STATES = (("queued", None), ("in_progress", "30%"), ("completed", "100%"))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Gateway

    def do_POST(self) -> None:
        self.server.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self._answer(json.dumps({"task_id": "task_4f1c", "status": "queued"}).encode())

    def do_GET(self) -> None:
        if self.path.endswith(".mp4"):
            self._answer(VIDEO, kind="video/mp4")
            return
        task = self.path.rpartition("/")[2]
        asked = self.server.asked[task] = self.server.asked.get(task, -1) + 1
        status, progress = _STATES[min(asked, len(_STATES) - 1)]
        url = f"http://{self.headers['Host']}/{task}.mp4" if status == "completed" else None
        self._answer(json.dumps({"task_id": task, "status": status, "progress": progress, "url": url}).encode())

    def _answer(self, body: bytes, kind: str = "application/json") -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the output of the tests clean."""


class _Gateway(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies: list[dict[str, object]] = []
        self.asked: dict[str, int] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def fake_gateway() -> Iterator[_Gateway]:
    """A running gateway; it is gone when the block ends."""
    gateway = _Gateway()
    thread = threading.Thread(target=gateway.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield gateway
    finally:
        gateway.shutdown()
        gateway.server_close()
        thread.join()
