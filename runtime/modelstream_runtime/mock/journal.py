"""What the mock gateway was asked, and what it answered."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, overload


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One exchange. The key is not kept.

    Attributes:
        number: counted from 1.
        at: seconds of the gateway's clock.
        exchange: ``submit``, ``task``, ``video`` (a task in its other form), ``content``, ``result`` or ``other``.
        status: the HTTP status; 0 if the connection was reset in place of an answer.
        bought: whether a task was accepted, whatever was answered.
        model: id of the model, if one was named.
        problems: everything that was wrong with the body, as it was told.
        body: the JSON that was sent; ``None`` if there was none or it was too large to keep.
        size: bytes that were sent.
        with_key: whether there was an ``Authorization`` header.
        reference: the caller's own id of the request, from ``X-Client-Request-Id``.
    """

    number: int
    at: float
    method: str
    path: str
    exchange: str
    status: int
    dialect: str
    scenario: str
    bought: bool = False
    model: str | None = None
    task_id: str | None = None
    problems: tuple[str, ...] = ()
    body: Any = field(default=None, repr=False)
    size: int = 0
    with_key: bool = False
    reference: str | None = None

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)

    def __str__(self) -> str:
        facts = (self.model, self.task_id, self.scenario if self.scenario != "ok" else None, *self.problems)
        status = self.status or "reset"
        return " ".join([self.method, self.path, str(status), *(f"[{fact}]" for fact in facts if fact)])


class Journal(Sequence[Entry]):
    """The last exchanges, oldest first.

    Attributes:
        forgotten: how many older ones were dropped.
    """

    def __init__(self, keep: int) -> None:
        self._entries: deque[Entry] = deque(maxlen=keep)
        self.forgotten = 0

    def add(self, entry: Entry) -> None:
        """Write one down; the oldest makes room for it."""
        if len(self._entries) == self._entries.maxlen:
            self.forgotten += 1
        self._entries.append(entry)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self.forgotten = 0

    @property
    def submissions(self) -> list[Entry]:
        """The paid requests."""
        return self.of("submit")

    @property
    def bought(self) -> int:
        """How many tasks were accepted."""
        return sum(entry.bought for entry in self._entries)

    def of(self, exchange: str) -> list[Entry]:
        """The entries of one kind."""
        return [entry for entry in self._entries if entry.exchange == exchange]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {"entries": [entry.as_json() for entry in self._entries], "forgotten": self.forgotten}

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> list[Entry]: ...
    def __getitem__(self, index: int | slice) -> Entry | list[Entry]:
        return list(self._entries)[index]

    def __iter__(self) -> Iterator[Entry]:
        return iter(list(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"<Journal: {len(self)} entries, {self.forgotten} forgotten>"
