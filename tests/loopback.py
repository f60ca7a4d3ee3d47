"""An HTTP server on loopback that records what it is sent, byte for byte, and answers as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Received(NamedTuple):
    """One request as it came over the wire."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    """Names in lower case."""
    content: bytes

    def header(self, name: str) -> list[str]:
        """All values of a header."""
        return [value for key, value in self.headers if key == name]

    @property
    def body(self) -> Any:
        """The content as JSON."""
        return json.loads(self.content)


class Loopback(ThreadingHTTPServer):
    """The server. ``received`` is all it has been sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: list[Received] = []
        self.status = 200
        self.answer: bytes = b'{"task_id": "abcd1234efgh", "status": "queued"}'
        self.headers: Mapping[str, str] = {}

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def say(self, body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        """Answer every request with this from now on; bytes go as they are, everything else as JSON."""
        self.answer = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.status = status
        self.headers = headers or {}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Loopback)
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = [(name.lower(), value) for name, value in self.headers.items()]
        server.received.append(Received(self.command, self.path, headers, content))
        self.send_response(server.status)
        for name, value in server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(server.answer)))
        self.end_headers()
        self.wfile.write(server.answer)

    def log_message(self, format: str, *arguments: object) -> None:
        """Keep the output of the tests clean."""


@contextmanager
def loopback() -> Iterator[Loopback]:
    """A running server; it is gone when the block ends."""
    server = Loopback()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
