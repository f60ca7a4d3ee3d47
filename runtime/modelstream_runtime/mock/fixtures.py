"""Fixtures for tests of programs that use the client. The generated package adds `modelstream_catalog`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from modelstream_runtime._async.client import AsyncClient
    from modelstream_runtime.blocking import BlockingClient
    from modelstream_runtime.catalog import Catalog
    from modelstream_runtime.mock.core import MockGateway

_KEY = "sk-mock"


@pytest.fixture
def modelstream_mock(modelstream_catalog: Catalog) -> MockGateway:
    """A mock gateway for this test, with a journal of all exchanges."""
    mock: MockGateway = modelstream_catalog.mock()
    return mock


@pytest.fixture
def modelstream_client(
    modelstream_catalog: Catalog, modelstream_mock: MockGateway, modelstream_without_pauses: None
) -> Iterator[BlockingClient]:
    """A client of `modelstream_mock` in the same process. It does not pause between polls."""
    import httpx

    from modelstream_runtime.mock.transport import URL, MockTransport

    with httpx.Client(transport=MockTransport(modelstream_mock)) as http:
        yield modelstream_catalog.client(_KEY, base_url=URL, http_client=http)


@pytest.fixture
def async_modelstream_client(
    modelstream_catalog: Catalog, modelstream_mock: MockGateway, modelstream_without_pauses: None
) -> AsyncClient:
    """The asynchronous twin of `modelstream_client`."""
    import httpx

    from modelstream_runtime.mock.transport import URL, MockTransport

    http = httpx.AsyncClient(transport=MockTransport(modelstream_mock))
    client: AsyncClient = modelstream_catalog.async_client(_KEY, base_url=URL, http_client=http)
    return client


@pytest.fixture
def modelstream_environment(
    modelstream_catalog: Catalog,
    modelstream_mock: MockGateway,
    modelstream_without_pauses: None,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    """The address of `modelstream_mock` on loopback. The environment holds it and a key, for code that makes its own
    clients, also in other processes."""
    from modelstream_runtime.mock.server import running

    gateway = modelstream_catalog.gateway
    with running(modelstream_mock) as url:
        monkeypatch.setenv(gateway.base_url_variable, url)
        monkeypatch.setenv(gateway.api_key_variable, _KEY)
        # The key must not travel through somebody's proxy, which could not reach the mock either.
        monkeypatch.setenv("no_proxy", _without_proxy())
        yield url


@pytest.fixture
def modelstream_without_pauses(modelstream_catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients do not pause between polls or attempts, unless the gateway asks them to."""
    from modelstream_runtime import retry
    from modelstream_runtime.gateway import Polling

    without_pauses = modelstream_catalog.gateway._replace(polling=Polling(first=0.0, factor=1.0, longest=0.0))
    monkeypatch.setattr(modelstream_catalog, "gateway", without_pauses)
    monkeypatch.setattr(retry, "FIRST_DELAY", 0.0)
    monkeypatch.setattr(retry, "LONGEST_DELAY", 0.0)


def _without_proxy() -> str:
    """The hosts that the environment exempts from its proxies, and this machine."""
    exempt = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    return ",".join(filter(None, (exempt, "127.0.0.1")))
