"""A gateway to try things on: it refuses what the real one refuses, costs nothing, and makes one small video.

    from modelstream.mock import MockGateway, MockTransport

    gateway = MockGateway()
    client = ModelStream("sk-mock", base_url=URL, http_client=httpx.Client(transport=MockTransport(gateway)))

`MockGateway` does no input and output. It is reached through `MockTransport` inside the process, through `serve` and
`running` on loopback, or through the fixtures of `modelstream.mock.pytest_plugin`. All of it needs the extra ``mock``.
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING as _TYPE_CHECKING

if _TYPE_CHECKING:
    from modelstream.mock.core import MockGateway
    from modelstream.mock.extra import MissingExtra
    from modelstream.mock.journal import Entry, Journal
    from modelstream.mock.scenarios import SCENARIOS, Scenario
    from modelstream.mock.server import Application, running, serve
    from modelstream.mock.transport import URL, MockTransport

__all__ = [
    "SCENARIOS",
    "URL",
    "Application",
    "Entry",
    "Journal",
    "MissingExtra",
    "MockGateway",
    "MockTransport",
    "Scenario",
    "running",
    "serve",
]

_HOMES = {
    "Application": "server",
    "Entry": "journal",
    "Journal": "journal",
    "MissingExtra": "extra",
    "MockGateway": "core",
    "MockTransport": "transport",
    "SCENARIOS": "scenarios",
    "Scenario": "scenarios",
    "URL": "transport",
    "running": "server",
    "serve": "server",
}
"""Public name to module."""


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(_import_module(f"{__name__}.{home}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
