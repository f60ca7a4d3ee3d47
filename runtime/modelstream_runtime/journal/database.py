"""What the journal needs of a database: transactions that are durable when they return."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar

from modelstream_runtime.errors import ModelStreamError

T = TypeVar("T")

Row = tuple[Any, ...]


class JournalError(ModelStreamError):
    """The journal cannot be read or written, or somebody else uses it. Nothing is bought that is not journaled."""


class NotText(JournalError):
    """No database takes a text that has half characters."""

    def __init__(self) -> None:
        super().__init__("the journal cannot keep a text that is not UTF-8")


class Transaction(Protocol):
    """A transaction. Parameters stand as ``?`` in the SQL. Each method raises `NotText` for one that is none."""

    for_update: str
    """What a query ends with to lock its rows, where transactions run side by side."""

    def rows(self, sql: str, *parameters: Any) -> list[Row]:
        """All rows of a query."""
        ...

    def each(self, sql: str, *parameters: Any) -> Iterator[Row]:
        """The rows of a query, one after the other, however many there are."""
        ...

    def one(self, sql: str, *parameters: Any) -> Row | None:
        """The first row of a query."""
        ...

    def change(self, sql: str, *parameters: Any) -> int:
        """Run a statement, and return how many rows it changed."""
        ...

    def exclude_others(self) -> None:
        """Wait for all others that call this, and let them wait until the transaction ends."""
        ...

    def has_table(self, name: str) -> bool:
        """Whether there is a table of this name."""
        ...


class Database(Protocol):
    """A database that holds one journal."""

    async def write(self, operation: Callable[[Transaction], T], *, alone: bool = False) -> T:
        """Run the operation in a transaction: its changes are durable when this returns, and undone if it raises.

        Args:
            alone: the operation takes long, or cannot be repeated. Others may share a transaction, and are repeated if
                the database asks for it.
        """
        ...

    async def read(self, operation: Callable[[Transaction], T]) -> T:
        """Run an operation that only reads."""
        ...

    async def close(self) -> None:
        """Release the database."""
        ...
