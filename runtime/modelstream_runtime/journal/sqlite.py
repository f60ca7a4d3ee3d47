"""The journal in a file of SQLite, for the processes of one machine.

One thread writes. It takes whatever transactions wait for it and commits them together, so that many purchases share
the time that a disk needs to write something durably.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from modelstream_runtime.journal.database import JournalError, Row, Transaction

T = TypeVar("T")

_MOST_AT_ONCE = 500
"""Transactions in one commit."""
_BUSY_TIMEOUT = 30.0
"""Seconds to wait for another process that writes."""


def require_file(path: Path) -> None:
    """Raise an error if there is no such file."""
    if not path.is_file():
        raise JournalError(f"there is no journal {path}")


class SqliteDatabase:
    """A file of SQLite.

    Args:
        path: the file.
        create: make the file if there is none.

    Raises:
        JournalError: the file cannot be opened.
    """

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self.path = path
        if not create:
            require_file(path)
        self._reading = threading.Lock()
        with _explaining(path):
            self._reader = self._connect(create)
            self._writer = self._connect(create)
        self._waiting: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()

    async def write(self, operation: Callable[[Transaction], T]) -> T:
        """Run the operation in a transaction of its own, in the next commit."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._waiting.put(_Job(operation, loop, future))
        return await future

    async def read(self, operation: Callable[[Transaction], T]) -> T:
        """Run an operation that only reads, in a thread."""
        return await asyncio.to_thread(self._read, operation)

    async def close(self) -> None:
        """End the thread when it has written what waits, and close the file."""
        self._waiting.put(None)
        await asyncio.to_thread(self._thread.join)
        with self._reading:
            self._reader.close()
            self._writer.close()

    def _connect(self, create: bool) -> sqlite3.Connection:
        mode = "rwc" if create else "rw"
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=_BUSY_TIMEOUT,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    def _read(self, operation: Callable[[Transaction], T]) -> T:
        with self._reading, _explaining(self.path):
            return operation(_Transaction(self._reader))

    def _work(self) -> None:
        """The writing thread."""
        running = True
        while running:
            jobs: list[_Job] = []
            job = self._waiting.get()
            while True:
                if job is None:
                    running = False
                    break
                jobs.append(job)
                if len(jobs) == _MOST_AT_ONCE:
                    break
                try:
                    job = self._waiting.get_nowait()
                except queue.Empty:
                    break
            if jobs:
                self._commit(jobs)

    def _commit(self, jobs: list[_Job]) -> None:
        """Run the operations in one transaction. One that fails takes none of the others with it."""
        transaction = _Transaction(self._writer)
        results: list[Any]
        try:
            with _explaining(self.path):
                self._writer.execute("BEGIN IMMEDIATE")
                results = [self._result(job, transaction) for job in jobs]
                self._writer.execute("COMMIT")
        except BaseException as error:
            if self._writer.in_transaction:
                self._writer.rollback()
            results = [error] * len(jobs)
        loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
        for job, result in zip(jobs, results, strict=True):
            loops.setdefault(job.loop, []).append((job.future, result))
        for loop, answers in loops.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(_answer, answers)

    def _result(self, job: _Job, transaction: _Transaction) -> Any:
        self._writer.execute("SAVEPOINT step")
        try:
            result = job.operation(transaction)
        except sqlite3.Error:
            raise  # The file itself is in trouble.
        except Exception as error:
            self._writer.execute("ROLLBACK TO step")
            result = error
        self._writer.execute("RELEASE step")
        return result


class _Job(NamedTuple):
    operation: Callable[[Transaction], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]


class _Transaction:
    for_update = ""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, sql: str, *parameters: Any) -> list[Row]:
        return self._connection.execute(sql, parameters).fetchall()

    def each(self, sql: str, *parameters: Any) -> Iterator[Row]:
        return iter(self._connection.execute(sql, parameters))

    def one(self, sql: str, *parameters: Any) -> Row | None:
        row: Row | None = self._connection.execute(sql, parameters).fetchone()
        return row

    def change(self, sql: str, *parameters: Any) -> int:
        return self._connection.execute(sql, parameters).rowcount

    def change_many(self, sql: str, parameters: Iterable[Row]) -> None:
        self._connection.executemany(sql, parameters)


def _answer(answers: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, result in answers:
        if future.cancelled():
            continue
        if isinstance(result, BaseException):
            future.set_exception(result)
        else:
            future.set_result(result)


@contextmanager
def _explaining(path: Path) -> Iterator[None]:
    """Say which file SQLite's errors are about, and what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise JournalError(f"the journal {path}: {error}{_ADVICE.get(_code(error), '')}") from error


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


_ADVICE = {
    sqlite3.SQLITE_FULL: "; free some space, then run the command again",
    sqlite3.SQLITE_READONLY: "; make the folder writable",
    sqlite3.SQLITE_CANTOPEN: "; check that the folder exists and is writable",
    sqlite3.SQLITE_BUSY: "; another process is writing to it; wait for it to end",
    sqlite3.SQLITE_NOTADB: "; the file is something else",
    sqlite3.SQLITE_CORRUPT: "; restore it from a copy, and compare with the task list of your account",
}
