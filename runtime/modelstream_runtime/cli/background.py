"""Coroutines of a command that blocks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Run(Protocol):
    """Runs the coroutine that a function makes, and waits for it. If Ctrl-C ends the wait, the coroutine goes on."""

    def __call__(self, make: Callable[[], Coroutine[Any, Any, T]], /) -> T: ...


@contextmanager
def event_loop() -> Iterator[Run]:
    """An event loop in a thread, beside the one that the caller's program may run itself."""
    started: Future[asyncio.AbstractEventLoop] = Future()

    def work() -> None:
        with asyncio.Runner() as runner:
            started.set_result(runner.get_loop())
            runner.get_loop().run_forever()

    thread = threading.Thread(target=work, name="event loop", daemon=True)
    thread.start()
    loop = started.result()

    under_way: set[asyncio.Task[None]] = set()  # The loop itself holds no task.

    def run(make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        result: Future[T] = Future()

        async def tell() -> None:
            try:
                result.set_result(await make())
            except BaseException as error:
                result.set_exception(error)

        def start() -> None:
            # Here, where no Ctrl-C comes between making the coroutine and running it.
            task = loop.create_task(tell())
            under_way.add(task)
            task.add_done_callback(under_way.discard)

        loop.call_soon_threadsafe(start)
        return result.result()

    try:
        yield run
    finally:
        loop.call_soon_threadsafe(loop.stop)
        # Whoever presses Ctrl-C because a disk hangs must still see how the command ended.
        with suppress(KeyboardInterrupt):
            thread.join()
