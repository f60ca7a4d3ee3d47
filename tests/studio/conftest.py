"""A shop for the tests of purchases, at which nobody waits long."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.pauses import poll_every
from tests.support.studio import Shop


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    poll_every(monkeypatch, 0.01)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)
