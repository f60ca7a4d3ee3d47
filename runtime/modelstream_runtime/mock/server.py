"""The mock gateway on loopback: the application under uvicorn."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Literal

from modelstream_runtime.about import PACKAGE
from modelstream_runtime.errors import ModelStreamError
from modelstream_runtime.mock.application import Application, Protocol
from modelstream_runtime.mock.core import MockGateway
from modelstream_runtime.mock.extra import MissingExtra
from modelstream_runtime.mock.journal import Entry
from modelstream_runtime.mock.options import HOST, PORT
from modelstream_runtime.mock.welcome import welcome

try:
    import uvicorn
except ImportError as error:
    raise MissingExtra(error.name) from error

Log = Literal["text", "json", "none"]


class PortTaken(ModelStreamError):
    """The server cannot listen at the port."""


PortTaken.__module__ = f"{PACKAGE}.mock"  # Where users import it from.


def serve(
    gateway: MockGateway,
    *,
    host: str = HOST,
    port: int = PORT,
    log: Log = "text",
    out: Callable[[str], object] | None = None,
) -> None:
    """Serve a gateway until Ctrl-C.

    Args:
        gateway: the gateway.
        host: address to listen on. By default only this machine reaches it.
        port: port to listen on; 0 takes a free one.
        log: log each exchange as a line for people, as a JSON object, or not at all.
        out: takes each line. By default it is printed.

    Raises:
        PortTaken: another program listens there, or the address is not one to listen on.
    """
    write = out or _print
    listener = _listen(host, port)
    url = _url(listener)
    write(json.dumps({"url": url}) if log == "json" else welcome(gateway.catalog, url))
    formats: dict[Log, Callable[[Entry], str]] = {"text": str, "json": _as_line}
    if log in formats:
        as_text = formats[log]
        gateway.listeners.append(lambda entry: write(as_text(entry)))
    with contextlib.suppress(KeyboardInterrupt):
        _server(gateway, listener).run(sockets=[listener])


@contextlib.contextmanager
def running(gateway: MockGateway, *, port: int = 0) -> Iterator[str]:
    """Serve a gateway from a thread for the length of a ``with`` block.

    Args:
        port: port to listen on; 0 takes a free one.

    Yields:
        The address of the server.

    Raises:
        PortTaken: another program listens there, or the port is reserved.
    """
    listener = _listen(HOST, port)
    server = _server(gateway, listener)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="modelstream-mock", daemon=True)
    thread.start()
    try:
        # The socket already listens: a client that connects early waits in its queue.
        yield _url(listener)
    finally:
        server.should_exit = True
        thread.join()


def _server(gateway: MockGateway, listener: socket.socket) -> uvicorn.Server:
    config = uvicorn.Config(
        Application(gateway, local=ipaddress.ip_address(listener.getsockname()[0]).is_loopback),
        http=Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family)
        # Accepted connections inherit it. asyncio sets it only on sockets that name their protocol.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except (OSError, OverflowError) as error:
        raise PortTaken(f"cannot listen on {host}:{port}: {error}; try another port, or 0 for a free one") from error


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    address = ipaddress.ip_address(host)
    if address.is_unspecified:  # It listens everywhere, so also here.
        address = ipaddress.ip_address("127.0.0.1" if address.version == 4 else "::1")
    return f"http://{address}:{port}" if address.version == 4 else f"http://[{address}]:{port}"


def _as_line(entry: Entry) -> str:
    return json.dumps(entry.as_json())


def _print(line: str) -> None:
    with contextlib.suppress(BrokenPipeError):  # Nobody reads the log any more; the clients still need the server.
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
