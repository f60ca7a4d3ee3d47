# Made from the schemas and templates/modelstream/mock/__init__.py.jinja.
# Do not edit it here: change its source, then run "nox -s generate".
"""A gateway to try things on: it rejects what the real one rejects, costs nothing, and makes one small video.

    from modelstream.mock import URL, MockGateway, MockTransport

    gateway = MockGateway()
    client = ModelStream("sk-mock", base_url=URL, http_client=httpx.Client(transport=MockTransport(gateway)))

`MockGateway` does no input and output. Reach it through `MockTransport` inside the process, through `serve` and
`running` on loopback, or through the fixtures of `modelstream.mock.pytest_plugin`. All of it needs the extra ``mock``.
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modelstream.mock.core import MockGateway
    from modelstream.mock.server import serve
    from modelstream_runtime.mock.extra import MissingExtra
    from modelstream_runtime.mock.journal import Entry, Journal
    from modelstream_runtime.mock.scenarios import SCENARIOS, Scenario
    from modelstream_runtime.mock.server import Application, PortTaken, running
    from modelstream_runtime.mock.transport import URL, MockTransport

__all__ = [
    "SCENARIOS",
    "URL",
    "Application",
    "Entry",
    "Journal",
    "MissingExtra",
    "MockGateway",
    "MockTransport",
    "PortTaken",
    "Scenario",
    "running",
    "serve",
]

_HOMES = {
    "SCENARIOS": "modelstream_runtime.mock.scenarios",
    "URL": "modelstream_runtime.mock.transport",
    "Application": "modelstream_runtime.mock.server",
    "Entry": "modelstream_runtime.mock.journal",
    "Journal": "modelstream_runtime.mock.journal",
    "MissingExtra": "modelstream_runtime.mock.extra",
    "MockGateway": "modelstream.mock.core",
    "MockTransport": "modelstream_runtime.mock.transport",
    "PortTaken": "modelstream_runtime.mock.server",
    "Scenario": "modelstream_runtime.mock.scenarios",
    "running": "modelstream_runtime.mock.server",
    "serve": "modelstream.mock.server",
}
"""Public name to module."""


if not TYPE_CHECKING:  # To a type checker it would mean that every name exists.

    def __getattr__(name: str) -> object:
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(_import_module(home), name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
