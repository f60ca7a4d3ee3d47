# Made from the schemas and templates/modelstream/mock/__init__.py.jinja.
# Do not edit it here: change its source, then run "nox -s generate".
"""A mock gateway: it rejects what the real one should reject, costs nothing, and makes small videos.

    from modelstream.mock import URL, MockGateway, MockTransport

    gateway = MockGateway()
    client = ModelStream("sk-mock", base_url=URL, http_client=httpx.Client(transport=MockTransport(gateway)))

`MockGateway` itself uses no network. Reach it through `MockTransport` in the same process, through `serve` and
`running` on loopback, or through the fixtures of `modelstream.mock.pytest_plugin`. All of it needs the extra ``mock``.
"""

from importlib import import_module as _import_module

_HOMES = {
    "SCENARIOS": "modelstream_runtime.mock.scenarios",
    "URL": "modelstream_runtime.mock.transport",
    "Application": "modelstream_runtime.mock.application",
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
"""Public name to the module it comes from. Type checkers and editors read ``__init__.pyi`` instead."""

__all__ = list(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(_import_module(home), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
