"""The journal in a file of SQLite, for the processes of one machine."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from modelstream_runtime.journal.database import JournalError, NotText, Row, Transaction
from modelstream_runtime.journal.writer import Operation, ThreadedDatabase

T = TypeVar("T")

_BUSY_TIMEOUT = 30.0
"""Seconds to wait for another process that writes."""


def require_file(path: Path) -> None:
    """Raise an error if there is no such file."""
    if not path.is_file():
        raise JournalError(f"there is no journal {path}")


class SqliteDatabase(ThreadedDatabase[sqlite3.Connection]):
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
        with _explaining(path):
            self._reader = self._connect(create)
            self._writer = self._connect(create)
        super().__init__()

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
        connection.execute("PRAGMA fullfsync = ON")  # macOS keeps what is synchronized in the disk's memory otherwise.
        return connection

    def _read(self, operation: Callable[[Transaction], T]) -> T:
        with self._reading, _explaining(self.path):
            return operation(_Transaction(self._reader))

    def _commit(self, operations: Sequence[Operation]) -> list[Any]:
        """Run the operations in one transaction. One that fails takes none of the others with it."""
        transaction = _Transaction(self._writer)
        try:
            with _explaining(self.path):
                self._writer.execute("BEGIN IMMEDIATE")
                results = [self._result(operation, transaction) for operation in operations]
                self._writer.execute("COMMIT")
        except BaseException:
            if self._writer.in_transaction:
                self._writer.rollback()
            raise
        return results

    def _result(self, operation: Operation, transaction: _Transaction) -> Any:
        self._writer.execute("SAVEPOINT step")
        try:
            result = operation(transaction)
        except sqlite3.Error:
            raise  # The file itself is in trouble.
        except Exception as error:
            self._writer.execute("ROLLBACK TO step")
            result = error
        self._writer.execute("RELEASE step")
        return result


class _Transaction:
    for_update = ""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, sql: str, *parameters: Any) -> list[Row]:
        return self._execute(sql, parameters).fetchall()

    def each(self, sql: str, *parameters: Any) -> Iterator[Row]:
        return iter(self._execute(sql, parameters))

    def one(self, sql: str, *parameters: Any) -> Row | None:
        row: Row | None = self._execute(sql, parameters).fetchone()
        return row

    def change(self, sql: str, *parameters: Any) -> int:
        return self._execute(sql, parameters).rowcount

    def exclude_others(self) -> None:
        pass  # SQLite has one writer at a time.

    def has_table(self, name: str) -> bool:
        return self.one("SELECT name FROM sqlite_master WHERE name = ?", name) is not None

    def _execute(self, sql: str, parameters: Sequence[Any]) -> sqlite3.Cursor:
        try:
            return self._connection.execute(sql, parameters)
        except UnicodeEncodeError:
            raise NotText from None


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
    sqlite3.SQLITE_IOERR: "; check the disk, free some space, then run the command again",
    sqlite3.SQLITE_READONLY: "; make the folder writable",
    sqlite3.SQLITE_CANTOPEN: "; check that the folder exists and is writable",
    sqlite3.SQLITE_BUSY: "; another process is writing to it; wait for it to end",
    sqlite3.SQLITE_NOTADB: "; the file is something else",
    sqlite3.SQLITE_CORRUPT: "; restore it from a copy, and compare with the task list of your account",
}
