"""The journal in PostgreSQL, for workers on many machines.

A runner lives as long as the session in which it writes: the session holds an advisory lock, which the server releases
when the connection ends, however it ends.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeVar

from modelstream_runtime.journal.database import JournalError, NotText, Row, Transaction
from modelstream_runtime.journal.extra import MissingExtra
from modelstream_runtime.journal.writer import Operation, ThreadedDatabase

try:
    import psycopg
    from psycopg import sql
    from psycopg.conninfo import conninfo_to_dict, make_conninfo
    from psycopg.errors import DeadlockDetected, SerializationFailure
except ImportError as error:
    raise MissingExtra(error.name) from error

T = TypeVar("T")

SCHEMA = "modelstream"
"""Of all tables, so that the database may have others."""

_PATIENCE = 60.0
"""Seconds in which a lost connection may come back."""
_PAUSE = 0.5
_MOST_TRIES = 20
"""How often an operation is repeated when it stands in the way of another."""
_FETCHED_AT_ONCE = 1000
_KEEPALIVES = {"keepalives_idle": 20, "keepalives_interval": 5, "keepalives_count": 4}
"""Seconds, and a count: a worker without a network is noticed within a minute, on both sides."""
_ALIVE = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"


class PostgresDatabase(ThreadedDatabase[psycopg.Connection[Row]]):
    """A database of PostgreSQL.

    Args:
        url: ``postgresql://user@host/database``, or whatever libpq understands.
        runner: the name under which this process lives.

    Raises:
        JournalError: there is no connection.
    """

    def __init__(self, url: str, runner: str) -> None:
        self._name = _harmless(url)
        self._settings = _settings(url)
        self._runner = runner
        with self._explaining():
            self._writer = self._connect()
            self._live(self._writer)
            try:
                self._reader = self._connect()
            except BaseException:
                self._writer.close()
                raise
        super().__init__()

    def _connect(self) -> psycopg.Connection[Row]:
        connection: psycopg.Connection[Row] = psycopg.connect(self._settings, autocommit=True)
        try:
            connection.execute("SET synchronous_commit = on")  # Whatever the server is set to: this is about money.
            with connection.transaction():
                _Transaction(connection).exclude_others()
                if connection.execute("SELECT to_regnamespace(%s)", [SCHEMA]).fetchone() == (None,):
                    connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(SCHEMA)))
            connection.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(SCHEMA)))
        except BaseException:
            connection.close()
            raise
        return connection

    def _live(self, connection: psycopg.Connection[Row]) -> None:
        """Hold the lock that says that the runner lives."""
        for name, value in _KEEPALIVES.items():
            setting = sql.Identifier(f"tcp_{name}")
            connection.execute(sql.SQL("SET {} = {}").format(setting, sql.Literal(value)))
        if connection.execute(_ALIVE, [self._runner]).fetchone() != (True,):
            connection.close()
            raise psycopg.OperationalError("the server still holds the session that was lost")

    def _read(self, operation: Callable[[Transaction], T]) -> T:
        with self._reading, self._explaining():
            for attempt in (1, 2):
                try:
                    with self._reader.transaction():
                        return operation(_Transaction(self._reader))
                except psycopg.OperationalError:
                    if attempt == 2 or not self._reader.broken:
                        raise
                    self._reader = self._connect()
        raise AssertionError

    def _commit(self, operations: Sequence[Operation]) -> list[Any]:
        """Run the operations in one transaction, or, if one of them fails, each in its own."""
        with self._explaining():
            if len(operations) > 1:
                try:
                    return self._together(operations)
                except Exception:
                    if self._writer.broken:
                        self._reconnect()
            return [self._alone(operation) for operation in operations]

    def _alone(self, operation: Operation) -> Any:
        tries = 0
        while True:
            try:
                return self._together([operation])[0]
            except (DeadlockDetected, SerializationFailure) as error:
                tries += 1
                if tries == _MOST_TRIES:
                    return self._explained(error)
            except psycopg.Error as error:
                if not self._writer.broken:
                    return self._explained(error)
                # Whether it was committed is not known. Operations may be repeated: the second time changes nothing.
                self._reconnect()
            except Exception as error:
                return error

    def _together(self, operations: Sequence[Operation]) -> list[Any]:
        transaction = _Transaction(self._writer)
        with self._writer.transaction():
            return [operation(transaction) for operation in operations]

    def _reconnect(self) -> None:
        """Live again, if the server comes back in time. Others may have taken this runner for dead meanwhile."""
        deadline = time.monotonic() + _PATIENCE
        self._writer.close()
        while True:
            try:
                connection = self._connect()
                self._live(connection)
                break
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE)
        connection.execute("UPDATE runners SET ended = NULL WHERE runner = %s", [self._runner])
        self._writer = connection

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        """Say which journal PostgreSQL's errors are about."""
        try:
            yield
        except psycopg.Error as error:
            raise self._explained(error) from error

    def _explained(self, error: psycopg.Error) -> JournalError:
        message = str(error).strip().partition("\n")[0]
        return JournalError(f"the journal {self._name}: {message}")


def has_ended(tx: Transaction, runner: str) -> bool:
    """Whether no session holds the lock of a runner. Until the transaction ends, nobody else is told so."""
    return tx.one("SELECT pg_try_advisory_xact_lock(hashtextextended(?, 0))", runner) == (True,)


class _Transaction:
    for_update = " FOR UPDATE"

    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self._connection = connection

    def rows(self, sql: str, *parameters: Any) -> list[Row]:
        return self._execute(sql, parameters).fetchall()

    def each(self, sql: str, *parameters: Any) -> Iterator[Row]:
        with self._connection.cursor(name="each", scrollable=False) as cursor:
            cursor.itersize = _FETCHED_AT_ONCE
            yield from cursor.execute(_translated(sql), parameters)

    def one(self, sql: str, *parameters: Any) -> Row | None:
        return self._execute(sql, parameters).fetchone()

    def change(self, sql: str, *parameters: Any) -> int:
        return self._execute(sql, parameters).rowcount

    def exclude_others(self) -> None:
        self.one("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", SCHEMA)

    def has_table(self, name: str) -> bool:
        return self.one("SELECT to_regclass(?)", f"{SCHEMA}.{name}") != (None,)

    def _execute(self, sql: str, parameters: Sequence[Any]) -> psycopg.Cursor[Row]:
        try:
            return self._connection.execute(_translated(sql), parameters)
        except UnicodeEncodeError:
            raise NotText from None


@lru_cache(maxsize=200)
def _translated(text: str) -> bytes:
    return text.replace("?", "%s").encode()


def _settings(url: str) -> str:
    try:
        return make_conninfo(url, connect_timeout=10, **{"application_name": SCHEMA} | _KEEPALIVES)
    except psycopg.ProgrammingError:
        # The error may quote a password.
        raise JournalError("the address of the journal is malformed; write postgresql://user@host/database") from None


def _harmless(url: str) -> str:
    """The address without the password."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return "in PostgreSQL"
    return f"postgresql://{parts.get('host', '')}/{parts.get('dbname', '')}"
