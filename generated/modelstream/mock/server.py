# Made from the schemas and templates/modelstream/mock/server.py.jinja.
# Do not edit it here: change its source, then run "nox -s generate".
"""The mock of this package's gateway on loopback."""

from collections.abc import Callable
from typing import Any

from modelstream.mock.core import MockGateway
from modelstream_runtime.mock import server
from modelstream_runtime.mock.options import HOST, PORT
from modelstream_runtime.mock.server import Log, running

__all__ = ["running", "serve"]


def serve(
    *,
    host: str = HOST,
    port: int = PORT,
    log: Log = "text",
    out: Callable[[str], object] | None = None,
    **settings: Any,
) -> None:
    """Serve a mock gateway until Ctrl-C.

    Args:
        host: address to listen on. By default only this machine reaches it.
        port: port to listen on; 0 takes a free one.
        log: log each exchange as a line for people, as a JSON object, or not at all.
        out: takes each line. By default it is printed.
        settings: as of `MockGateway`.

    Raises:
        PortTaken: another program listens there, or the address is not one to listen on.
        ValueError: a setting has no allowed value.
    """
    server.serve(MockGateway(**settings), host=host, port=port, log=log, out=out)
