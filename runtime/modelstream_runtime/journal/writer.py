"""A thread that writes for asynchronous code.

It takes whatever operations wait for it and has them committed together, so that many purchases share the time that a
database needs to write something durably.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from modelstream_runtime.journal.database import JournalError, Transaction

T = TypeVar("T")

Operation = Callable[[Transaction], Any]

_MOST_AT_ONCE = 500
"""Operations in one commit."""


class Writer:
    """The thread.

    Args:
        commit: runs operations and makes them durable, and returns the result of each, or the error that it raised.
    """

    def __init__(self, commit: Callable[[Sequence[Operation]], list[Any]]) -> None:
        self._commit = commit
        self._closed = False
        self._waiting: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()

    async def write(self, operation: Callable[[Transaction], T], *, alone: bool = False) -> T:
        """Run the operation in the next commit, or, if it takes long or cannot be repeated, alone in one.

        Raises:
            JournalError: the thread has ended, or is about to.
        """
        if self._closed:
            raise JournalError("the journal is closed")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._waiting.put(_Job(operation, alone, loop, future))
        return await future

    async def close(self) -> None:
        """End the thread when it has written what waits."""
        self._closed = True
        self._waiting.put(None)
        await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        held: _Job | None = None
        while True:
            job = held or self._waiting.get()
            held = None
            if job is None:
                return
            jobs = [job]
            while not job.alone and len(jobs) < _MOST_AT_ONCE:
                try:
                    following = self._waiting.get_nowait()
                except queue.Empty:
                    break
                if following is None:
                    self._waiting.put(None)
                    break
                if following.alone:
                    held = following
                    break
                jobs.append(following)
            self._run(jobs)

    def _run(self, jobs: list[_Job]) -> None:
        try:
            results = self._commit([job.operation for job in jobs])
        except BaseException as error:
            results = [error] * len(jobs)
        loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
        for job, result in zip(jobs, results, strict=True):
            loops.setdefault(job.loop, []).append((job.future, result))
        for loop, answers in loops.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(_answer, answers)


class _Connection(Protocol):
    def close(self) -> object: ...


Connection = TypeVar("Connection", bound=_Connection)


class ThreadedDatabase(Generic[Connection]):
    """A database whose library blocks: one connection reads, in any thread, and one writes, in a thread of its own.

    A database sets both connections before it calls this.
    """

    _reader: Connection
    _writer: Connection

    def __init__(self) -> None:
        self._reading = threading.Lock()
        self._waiting = Writer(self._commit)

    async def write(self, operation: Callable[[Transaction], T], *, alone: bool = False) -> T:
        """Run the operation in a transaction, with others that wait for it."""
        return await self._waiting.write(operation, alone=alone)

    async def read(self, operation: Callable[[Transaction], T]) -> T:
        """Run an operation that only reads, in a thread."""
        return await asyncio.to_thread(self._read, operation)

    async def close(self) -> None:
        """End the thread when it has written what waits, and disconnect."""
        await self._waiting.close()
        with self._reading:
            self._reader.close()
            self._writer.close()

    def _read(self, operation: Callable[[Transaction], T]) -> T:
        raise NotImplementedError

    def _commit(self, operations: Sequence[Operation]) -> list[Any]:
        """Run operations and make them durable. Returns the result of each, or the error that it raised."""
        raise NotImplementedError


class _Job(NamedTuple):
    operation: Operation
    alone: bool
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]


def _answer(answers: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, result in answers:
        if future.cancelled():
            continue
        if isinstance(result, BaseException):
            future.set_exception(result)
        else:
            future.set_result(result)
