"""A mock gateway whose clock the test moves."""

from __future__ import annotations

import pytest

from modelstream.mock import MockGateway
from tests.support.mock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gateway(clock: Clock) -> MockGateway:
    return MockGateway(clock=clock)
