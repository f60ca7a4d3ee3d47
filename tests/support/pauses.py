"""Shorter pauses between polls than people would want."""

from __future__ import annotations

import pytest

from modelstream.catalog import CATALOG
from modelstream_runtime.gateway import Polling


def poll_every(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Clients made from now on, in this test, poll at this interval unless the call says otherwise."""
    polling = Polling(first=seconds, factor=1.0, longest=seconds)
    monkeypatch.setattr(CATALOG, "gateway", CATALOG.gateway._replace(polling=polling))
