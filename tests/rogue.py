"""A server on loopback that misbehaves on purpose, at any byte, and counts the requests it has read whole."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import BufferedReader


@dataclass(frozen=True)
class Seen:
    """A request that was read whole."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """What is done with one request.

    Attributes:
        data: the bytes of the answer.
        end: ``keep`` the connection, ``cut`` it, ``reset`` it, or ``hang`` until the server ends.
        drip: seconds before each byte of the body.
    """

    data: bytes = b""
    end: str = "keep"
    drip: float = 0


def answer(
    status: int = 200,
    body: object = None,
    *,
    headers: Sequence[str] = (),
    raw: bytes | None = None,
    kind: str = "application/json",
) -> Reply:
    """A well-formed answer with a JSON body, or with raw bytes."""
    content = raw if raw is not None else json.dumps(body).encode()
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(content)}", f"Content-Type: {kind}", *headers]
    return Reply("\r\n".join([*head, "", ""]).encode() + content)


def replies(bodies: Sequence[object]) -> Callable[[Seen, int], Reply]:
    """One after the other, and the last one for ever; what is no reply is the body of one."""

    def script(seen: Seen, number: int) -> Reply:
        body = bodies[min(number, len(bodies) - 1)]
        return body if isinstance(body, Reply) else answer(200, body)

    return script


def cut_after(reply: Reply, size: int, end: str = "cut") -> Reply:
    """The first bytes of an answer, then the end of the connection."""
    return Reply(reply.data[:size], end)


@dataclass
class Rogue:
    """The running server."""

    script: Callable[[Seen, int], Reply]
    """The reply to a request and its number, counted from 0 for each method."""
    port: int = 0
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def count(self, method: str = "POST") -> int:
        """How many requests of a method were read whole."""
        with self.lock:
            return sum(seen.method == method for seen in self.seen)

    def serve(self, connection: socket.socket) -> None:
        with suppress(OSError, ValueError), connection, connection.makefile("rb") as stream:
            while not self.over.is_set():
                seen = _read(stream)
                if seen is None:
                    return
                with self.lock:
                    number = sum(other.method == seen.method for other in self.seen)
                    self.seen.append(seen)
                    self.at_once += 1
                    self.most_at_once = max(self.most_at_once, self.at_once)
                try:
                    reply = self.script(seen, number)
                finally:
                    with self.lock:
                        self.at_once -= 1
                self.send(connection, reply)
                if reply.end == "hang":
                    self.over.wait(20)
                if reply.end == "reset":
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                if reply.end != "keep":
                    return

    def send(self, connection: socket.socket, reply: Reply) -> None:
        head, blank, body = reply.data.partition(b"\r\n\r\n")
        if not reply.drip:
            connection.sendall(reply.data)
            return
        connection.sendall(head + blank)
        for byte in body:
            if self.over.wait(reply.drip):
                return
            connection.sendall(bytes([byte]))


def _read(stream: BufferedReader) -> Seen | None:
    line = stream.readline()
    if not line:
        return None
    method, path, _ = line.decode("latin-1").split(" ", 2)
    headers: dict[str, str] = {}
    while header := stream.readline().decode("latin-1").strip():
        name, _, value = header.partition(":")
        headers[name.strip().lower()] = value.strip()
    size = int(headers.get("content-length", "0"))
    body = stream.read(size)
    return Seen(method, path, headers, body) if len(body) == size else None


@contextmanager
def rogue(script: Callable[[Seen, int], Reply]) -> Iterator[Rogue]:
    """A server that follows the script, until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    server = Rogue(script, port=listener.getsockname()[1])
    threads: list[threading.Thread] = []

    def accept() -> None:
        while not server.over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.settimeout(20)
            with server.lock:
                server.connections += 1
            thread = threading.Thread(target=server.serve, args=(connection,), daemon=True)
            threads.append(thread)
            thread.start()

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield server
    finally:
        server.over.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        acceptor.join(5)
