"""An HTTP server on loopback that follows a script: the only server that tests talk to.

It records every request that it has read whole. A script replies with well-formed responses or misbehaves at any byte:
it cuts or resets the connection, hangs, or drips.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BufferedReader
from typing import Any, Literal

VIDEO = b"\x00\x00\x00\x18ftypmp42" + bytes(1000)
"""What `VideoGateway` serves as a video."""

_PATIENCE = 20.0
"""Seconds after which a thread that is blocked fails a test."""


@dataclass(frozen=True)
class Received:
    """A request that the server has read whole."""

    method: str
    path: str
    headers: Sequence[tuple[str, str]]
    """Names and values as they came over the wire."""
    body: bytes

    def values(self, name: str) -> list[str]:
        """All values of a header, whatever the case of its name."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name: str) -> str | None:
        """The value of a header; several values are joined by commas."""
        return ", ".join(self.values(name)) if self.values(name) else None

    @property
    def host(self) -> str:
        """The host and the port that the client asked for."""
        return self.header("host") or ""

    @property
    def port(self) -> str:
        """The port that the client asked for."""
        return self.host.rpartition(":")[2]

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """What the server does with one request.

    Attributes:
        data: the bytes that it sends.
        end: what it does then: ``keep`` the connection, ``cut`` it, ``reset`` it, or ``hang`` until the server closes.
        drip: seconds before each byte of the body.
    """

    data: bytes = b""
    end: Literal["keep", "cut", "reset", "hang"] = "keep"
    drip: float = 0


Script = Callable[[Received, int], Reply]
"""Gives the reply to a request and its number, counted from 0 for each method."""


def response(
    status: int = 200,
    body: object = None,
    *,
    headers: Sequence[str] = (),
    raw: bytes | None = None,
    kind: str = "application/json",
) -> Reply:
    """A well-formed response with a JSON body, or with raw bytes."""
    content = raw if raw is not None else json.dumps(body).encode()
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(content)}", f"Content-Type: {kind}", *headers]
    return Reply("\r\n".join([*head, "", ""]).encode() + content)


def replies(bodies: Sequence[object]) -> Script:
    """A script that gives one reply after the other and repeats the last; what is no `Reply` is the body of a 200."""

    def script(received: Received, number: int) -> Reply:
        body = bodies[min(number, len(bodies) - 1)]
        return body if isinstance(body, Reply) else response(200, body)

    return script


def cut_after(reply: Reply, size: int, end: Literal["cut", "reset", "hang"] = "cut") -> Reply:
    """The first bytes of a reply, and then the end of the connection."""
    return Reply(reply.data[:size], end)


class VideoGateway:
    """A script that makes every video, or replies as a test has set."""

    def __init__(self) -> None:
        self.submit_reply = response(200, {"task_id": "task_4f1c", "status": "queued"})
        self.poll_reply: Reply | None = None
        """The reply to every poll, instead of the states."""
        self.states: Sequence[tuple[str, str | None]] = (
            ("queued", None),
            ("in_progress", "30%"),
            ("completed", "100%"),
        )
        """Status and progress of each task, poll by poll; the last one stays."""
        self.video_status = 200
        self.polls: Counter[str] = Counter()
        """How often the state of each task was read from `states`."""

    def __call__(self, received: Received, number: int) -> Reply:
        if received.method == "POST":
            return self.submit_reply
        if received.path.endswith(".mp4"):
            return response(self.video_status, raw=VIDEO, kind="video/mp4")
        if self.poll_reply is not None:
            return self.poll_reply
        task = received.path.rpartition("/")[2]
        states = self.states
        status, progress = states[min(self.polls[task], len(states) - 1)]
        self.polls[task] += 1
        url = f"http://{received.host}/{task}.mp4" if status == "completed" else None
        return response(200, {"task_id": task, "status": status, "progress": progress, "url": url})


class Server:
    """The running server.

    Attributes:
        received: every request that was read whole, in order.
        connections: how many connections were opened.
        most_at_once: how many requests were in the script's hands at the same time, at most.
    """

    def __init__(self, script: Script | Sequence[object]) -> None:
        self.received: list[Received] = []
        self.connections = 0
        self.most_at_once = 0
        self.play(script)
        self._at_once = 0
        self._errors: list[Exception] = []
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._port: int = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept)
        self._acceptor.start()

    @property
    def url(self) -> str:
        """The address of the server, without a slash at the end."""
        return f"http://127.0.0.1:{self._port}"

    def play(self, script: Script | Sequence[object]) -> None:
        """Follow this script from now on, counting requests from 0; a list stands for `replies` of it."""
        self._numbers: Counter[str] = Counter()
        self._script = script if callable(script) else replies(script)

    def requests(self, method: str = "POST") -> list[Received]:
        """The requests of a method that were read whole."""
        with self._lock:
            return [received for received in self.received if received.method == method]

    def count(self, method: str = "POST") -> int:
        """How many requests of a method were read whole."""
        return len(self.requests(method))

    def close(self) -> None:
        """End every connection and thread.

        Raises:
            Exception: the first error that a script raised.
        """
        if self._closing.is_set():
            return
        self._closing.set()
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self._port), timeout=_PATIENCE).close()  # Wakes the acceptor.
        self._acceptor.join(_PATIENCE)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in (self._acceptor, *self._threads):
            thread.join(_PATIENCE)
            assert not thread.is_alive(), "a thread of the server does not end"
        if self._errors:
            raise self._errors[0]

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._closing.is_set():
                connection.close()
                return
            connection.settimeout(_PATIENCE)
            thread = threading.Thread(target=self._serve, args=(connection,))
            with self._lock:
                self.connections += 1
                self._open.add(connection)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with suppress(OSError), connection.makefile("rb") as stream:
                while (received := _read(stream)) and (reply := self._reply(received)):
                    self._send(connection, reply)
                    if reply.end != "keep":
                        break
        finally:
            with self._lock:
                self._open.discard(connection)
                connection.close()

    def _reply(self, received: Received) -> Reply | None:
        with self._lock:
            self.received.append(received)
            number = self._numbers[received.method]
            self._numbers[received.method] += 1
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            return self._script(received, number)
        except Exception as error:
            self._errors.append(error)
            return None
        finally:
            with self._lock:
                self._at_once -= 1

    def _send(self, connection: socket.socket, reply: Reply) -> None:
        if reply.drip:
            head, blank, body = reply.data.partition(b"\r\n\r\n")
            connection.sendall(head + blank)
            for byte in body:
                if self._closing.wait(reply.drip):
                    return
                connection.sendall(bytes([byte]))
        else:
            connection.sendall(reply.data)
        if reply.end == "hang":
            self._closing.wait()
        if reply.end == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _read(stream: BufferedReader) -> Received | None:
    """The next request, or ``None`` if the connection ends before its last byte or speaks something else."""
    if not stream.peek(1)[:1].isalpha():  # A handshake of TLS may have no end of line to wait for.
        return None
    line = stream.readline().decode("latin-1").split(" ", 2)
    if len(line) != 3:
        return None
    headers: list[tuple[str, str]] = []
    while text := stream.readline().decode("latin-1").strip():
        name, _, value = text.partition(":")
        headers.append((name.strip(), value.strip()))
    received = Received(line[0], line[1], headers, b"")
    size = int(received.header("content-length") or "0")
    body = stream.read(size)
    return Received(line[0], line[1], headers, body) if len(body) == size else None


@contextmanager
def serve(script: Script | Sequence[object]) -> Iterator[Server]:
    """A server that follows the script until the block ends."""
    server = Server(script)
    try:
        yield server
    finally:
        server.close()
