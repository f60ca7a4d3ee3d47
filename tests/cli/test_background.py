"""Coroutines of a command that blocks: what Ctrl-C may come between, and what they return and raise."""

from __future__ import annotations

import threading
from collections.abc import Coroutine
from typing import Any

import pytest

from modelstream_runtime.cli.background import event_loop


async def where() -> str:
    return threading.current_thread().name


async def fails() -> None:
    raise OSError("the disk is gone")


def test_a_coroutine_is_made_where_no_ctrl_c_arrives() -> None:
    made_in: list[str] = []

    def make() -> Coroutine[Any, Any, str]:
        made_in.append(threading.current_thread().name)
        return where()

    with event_loop() as run:
        assert run(make) == "event loop"
    assert made_in == ["event loop"]


def test_an_error_is_raised_where_somebody_waits() -> None:
    with event_loop() as run, pytest.raises(OSError, match="the disk is gone"):
        run(fails)
