"""The studio on loopback, under uvicorn."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import uvicorn

from modelstream_runtime.errors import ModelStreamError
from modelstream_runtime.studio.server.application import OPENING, Application
from modelstream_runtime.studio.server.options import HOST, PORT
from modelstream_runtime.studio.server.studio import Studio

_GRACE: Final = 1
"""Seconds in which responses may end. A paid request under way has all the time that it needs."""


class PortTaken(ModelStreamError):
    """The studio cannot listen at the port."""


class Address(NamedTuple):
    """Where the studio is.

    Attributes:
        url: of the server.
        token: what its page must know.
    """

    url: str
    token: str

    @property
    def page(self) -> str:
        """The address for a person. Browsers do not send what is behind the ``#``."""
        return f"{self.url}/#token={self.token}"


def serve(
    studio: Studio,
    *,
    port: int | None = None,
    browser: bool = True,
    write: Callable[[str], object],
    report: Callable[[str], object],
) -> None:
    """Serve the studio until Ctrl-C.

    Args:
        studio: what to serve.
        port: port to listen on. By default `PORT`, or a free one if that is taken.
        browser: also open the page in the browser of this machine.
        write: takes the address of the page.
        report: takes each line for the person at the terminal.

    Raises:
        PortTaken: another program listens there.
        ModelStreamError: the journal cannot be opened.
    """
    listener = _listen(PORT if port is None else port, or_free=port is None)
    with listener:
        application, address, once = _application(studio, listener, report)

        def started() -> None:
            if port is None and listener.getsockname()[1] != PORT:
                report(f"Port {PORT} is taken, so the studio listens at another one.")
            write(address.page)
            report("Open this address; whoever has it can use the studio. Ctrl-C ends the studio.")
            if browser and _has_browser():
                # The list of processes shows the browser's arguments to everybody on this machine, so it gets an
                # address that works once.
                opening = f"{address.url}{OPENING}{once}"
                threading.Thread(target=webbrowser.open, args=(opening,), daemon=True).start()

        application.on_start = started
        _run(_server(application), listener)
        _raise(application.failure)


@contextlib.contextmanager
def running(studio: Studio, *, port: int = 0) -> Iterator[Address]:
    """Serve the studio from a thread for the length of a ``with`` block.

    Args:
        studio: what to serve.
        port: port to listen on; 0 takes a free one.

    Raises:
        PortTaken: another program listens there.
    """
    with _listen(port) as listener:
        application, address, _ = _application(studio, listener, lambda line: None)
        server = _server(application)
        thread = threading.Thread(target=_run, args=(server, listener), name="studio", daemon=True)
        thread.start()
        try:
            # The socket already listens: a client that connects early waits in its queue.
            yield address
        finally:
            server.should_exit = True
            thread.join()
        _raise(application.failure)


def _application(
    studio: Studio, listener: socket.socket, report: Callable[[str], object]
) -> tuple[Application, Address, str]:
    port = listener.getsockname()[1]
    address = Address(f"http://{HOST}:{port}", secrets.token_urlsafe(32))
    once = secrets.token_urlsafe(32)
    return Application(studio, port=port, token=address.token, once=once, report=report), address, once


def _server(application: Application) -> uvicorn.Server:
    config = uvicorn.Config(
        application,
        http="h11",
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="critical",  # The application reports its errors itself.
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE,
    )
    server = uvicorn.Server(config)
    application.is_pressed = lambda: server.force_exit  # After a second Ctrl-C.
    return server


def _run(server: uvicorn.Server, listener: socket.socket) -> None:
    # If the application cannot start, uvicorn exits. The application knows why.
    with contextlib.suppress(KeyboardInterrupt, SystemExit):
        server.run(sockets=[listener])


def _raise(failure: Exception | None) -> None:
    if failure is not None:
        raise failure


def _listen(port: int, *, or_free: bool = False) -> socket.socket:
    try:
        listener = socket.create_server((HOST, port))
    except (OSError, OverflowError) as error:
        if or_free:
            return _listen(0)
        reason = getattr(error, "strerror", None) or error
        raise PortTaken(f"cannot listen on {HOST}:{port}: {reason}; try another port, or 0 for a free one") from error
    # Accepted connections inherit it. asyncio sets it only on sockets that name their protocol.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _has_browser() -> bool:
    """Whether a browser would open in a window. One that runs in the terminal would take it over."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
