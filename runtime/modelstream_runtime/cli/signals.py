"""Signals that end a command: once when nothing paid is under way, twice now."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


@contextmanager
def handled(on_signal: Callable[[int], object]) -> Iterator[None]:
    """Signals call this in the running event loop for as long as the block lasts. Those that are ignored stay ignored.

    Where a loop cannot handle signals, they interrupt the program, as everywhere else.
    """
    loop = asyncio.get_running_loop()
    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    before = {number: handler for number in numbers if (handler := signal.getsignal(number)) is not signal.SIG_IGN}
    with suppress(NotImplementedError, ValueError, RuntimeError):  # Windows, or not the main thread.
        for number in before:
            loop.add_signal_handler(number, on_signal, number)
    try:
        yield
    finally:
        for number, handler in before.items():
            with suppress(NotImplementedError, ValueError, RuntimeError):
                if loop.remove_signal_handler(number):
                    signal.signal(number, handler)
