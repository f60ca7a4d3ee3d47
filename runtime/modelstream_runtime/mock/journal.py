"""The record of the mock gateway's exchanges."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, overload


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One exchange. The journal never contains keys.

    Attributes:
        number: counts the exchanges from 1.
        at: seconds of the gateway's clock.
        exchange: ``submit``, ``task``, ``video`` (a task in the shape of another API), ``content``, ``result`` or
            ``other``.
        status: the HTTP status; 0 if the connection was reset instead.
        bought: whether the gateway accepted a task, whatever it answered.
        model: id of the model, if the request names one.
        problems: everything that is wrong with the body.
        body: the JSON body; ``None`` if there was none or it was too large to keep.
        size: length of the body in bytes.
        with_key: whether the request had an ``Authorization`` header.
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
        """The entry as JSON."""
        return asdict(self)

    def __str__(self) -> str:
        facts = (self.model, self.task_id, self.scenario if self.scenario != "ok" else None, *self.problems)
        status = self.status or "reset"
        line = " ".join([self.method, self.path, str(status), *(f"[{fact}]" for fact in facts if fact)])
        return line if line.isprintable() else line.encode("unicode_escape").decode("ascii")


class Journal(Sequence[Entry]):
    """The last exchanges, oldest first.

    Attributes:
        bought: how many tasks the gateway accepted, those of dropped entries included.
        forgotten: how many older entries were dropped.
    """

    def __init__(self, keep: int) -> None:
        self._entries: deque[Entry] = deque(maxlen=keep)
        self.clear()

    def add(self, entry: Entry) -> None:
        """Append an entry. A full journal drops its oldest one."""
        if len(self._entries) == self._entries.maxlen:
            self.forgotten += 1
        self.bought += entry.bought
        self._entries.append(entry)

    def clear(self) -> None:
        """Drop all entries."""
        self._entries.clear()
        self.bought = 0
        self.forgotten = 0

    @property
    def submissions(self) -> list[Entry]:
        """The submissions, whether the gateway accepted them or not."""
        return self.of("submit")

    def of(self, exchange: str) -> list[Entry]:
        """The entries of one kind."""
        return [entry for entry in self._entries if entry.exchange == exchange]

    def as_json(self) -> dict[str, Any]:
        """The journal as JSON."""
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
