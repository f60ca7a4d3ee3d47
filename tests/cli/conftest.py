"""The gateway that the commands talk to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.server import Server, VideoGateway, serve


@pytest.fixture
def gateway() -> VideoGateway:
    """What it answers."""
    return VideoGateway()


@pytest.fixture
def server(gateway: VideoGateway) -> Iterator[Server]:
    """Where it is."""
    with serve(gateway) as running:
        yield running
