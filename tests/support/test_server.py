"""The server that other tests rely on does what its script says, and leaves nothing behind."""

from __future__ import annotations

import http.client
import socket
import threading

import pytest

from tests.support.server import Received, Reply, Server, cut_after, replies, response, serve


def post(server: Server, body: bytes = b"{}") -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", int(server.url.rpartition(":")[2]), timeout=10)
    try:
        connection.request("POST", "/path", body, {"X-Case": "Kept"})
        return connection.getresponse().read()
    finally:
        connection.close()


def test_a_request_is_recorded_as_it_came() -> None:
    with serve([{"a": 1}]) as server:
        assert post(server, b"\x00raw") == b'{"a": 1}'
        [received] = server.requests()
    assert (received.method, received.path, received.body) == ("POST", "/path", b"\x00raw")
    assert ("X-Case", "Kept") in received.headers
    assert (received.header("x-case"), received.values("X-CASE"), received.header("x-none")) == ("Kept", ["Kept"], None)
    assert received.host == server.url.removeprefix("http://")


def test_replies_come_in_order_and_the_last_stays() -> None:
    with serve([{"number": 0}, {"number": 1}]) as server:
        assert [post(server) for _ in range(3)] == [b'{"number": 0}', b'{"number": 1}', b'{"number": 1}']
        server.play(replies([{"other": True}]))
        assert post(server) == b'{"other": true}'
        assert (server.count("POST"), server.count("GET"), server.connections) == (4, 0, 4)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(end="cut"), http.client.RemoteDisconnected),
        (Reply(end="reset"), ConnectionResetError),
        (cut_after(response(200, {"a": 1}), -3), http.client.IncompleteRead),
    ],
)
def test_a_reply_can_end_anywhere(reply: Reply, error: type[Exception]) -> None:
    with serve([reply]) as server, pytest.raises(error):
        post(server)


def test_bytes_can_drip() -> None:
    with serve([Reply(response(200, {"a": 1}).data, drip=0.001)]) as server:
        assert post(server) == b'{"a": 1}'


def test_closing_ends_threads_and_connections_that_wait() -> None:
    before = set(threading.enumerate())
    arrived = threading.Event()

    def script(received: Received, number: int) -> Reply:
        arrived.set()
        return Reply(end="hang")

    with serve(script) as server:
        address = ("127.0.0.1", int(server.url.rpartition(":")[2]))
        with socket.create_connection(address) as idle, socket.create_connection(address) as hanging:
            hanging.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert arrived.wait(10)
            server.close()
            assert (idle.recv(1), hanging.recv(1)) == (b"", b"")
        assert set(threading.enumerate()) == before
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address)


def test_an_error_in_a_script_reaches_the_test() -> None:
    def script(received: Received, number: int) -> Reply:
        raise LookupError("a mistake in a script")

    with pytest.raises(LookupError, match="a mistake"), serve(script) as server, pytest.raises(OSError):  # noqa: PT011
        post(server)
