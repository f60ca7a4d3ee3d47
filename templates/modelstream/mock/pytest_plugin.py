"""Fixtures for tests of programs that use this package; pytest finds them by itself once the package is installed.

    def test_coffee(modelstream_client, modelstream_mock, tmp_path):
        modelstream_client.generate("kling-v3", prompt="A cup of coffee").save(tmp_path / "coffee.mp4")
        assert modelstream_mock.journal.bought == 1

They need the extra ``mock``. Nothing of it is imported unless a test asks for a fixture.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from modelstream import AsyncModelStream, ModelStream
    from modelstream.mock.core import MockGateway

_KEY = "sk-mock"


@pytest.fixture
def modelstream_mock() -> MockGateway:
    """A mock gateway of the test's own, with the journal of what it was asked."""
    from modelstream.mock.core import MockGateway

    return MockGateway()


@pytest.fixture
def modelstream_client(modelstream_mock: MockGateway, modelstream_without_pauses: None) -> Iterator[ModelStream]:
    """A client of `modelstream_mock`, inside the process, that does not pause between two questions."""
    import httpx

    from modelstream import ModelStream
    from modelstream.mock.transport import URL, MockTransport

    with httpx.Client(transport=MockTransport(modelstream_mock)) as http:
        yield ModelStream(_KEY, base_url=URL, http_client=http)


@pytest.fixture
def async_modelstream_client(modelstream_mock: MockGateway, modelstream_without_pauses: None) -> AsyncModelStream:
    """The asynchronous twin of `modelstream_client`."""
    import httpx

    from modelstream import AsyncModelStream
    from modelstream.mock.transport import URL, MockTransport

    return AsyncModelStream(
        _KEY, base_url=URL, http_client=httpx.AsyncClient(transport=MockTransport(modelstream_mock))
    )


@pytest.fixture
def modelstream_without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """No client pauses between two questions or attempts, unless the gateway asks it to."""
    from modelstream import gateway, retry

    monkeypatch.setattr(gateway, "FIRST_PAUSE", 0.0)
    monkeypatch.setattr(gateway, "LONGEST_PAUSE", 0.0)
    monkeypatch.setattr(retry, "FIRST_DELAY", 0.0)
    monkeypatch.setattr(retry, "LONGEST_DELAY", 0.0)
