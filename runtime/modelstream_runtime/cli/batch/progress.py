"""The progress of a batch: a live line on a terminal, a line a minute elsewhere, events for programs."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from modelstream_runtime.batch.batch import Loaded, Update
from modelstream_runtime.cli.batch.folder import problems_of
from modelstream_runtime.cli.output import Output
from modelstream_runtime.cli.progress import columns
from modelstream_runtime.cli.text import clock, one_line
from modelstream_runtime.journal.states import PAID, State

_REDRAW = 0.2
"""Seconds."""
_LOG = 60.0
"""Seconds between two lines if nobody watches."""
_WINDOW = 120.0
"""Seconds over which the rate is measured."""
_MOST_TOLD = 20
"""Jobs without a video that are told at once. The summary and the results have all of them."""
_TOLD: tuple[State, ...] = ("in doubt", "refused", "failed", "unfetched")


class BatchProgress:
    """Shows the progress of a batch.

    Args:
        output: where to show it.
    """

    def __init__(self, output: Output) -> None:
        self._output = output
        self._checked = 0
        self._counts: Mapping[State, int] = {}
        self._reserved_before = 0
        self._allowed: int | None = None
        self._paid_before = 0
        self._waiting = ""
        self._told = 0
        self._ended: deque[tuple[float, int]] = deque()
        self._live = output.is_terminal and not output.quiet
        self._started = time.monotonic()

    def counted(self, jobs: Iterable[Any]) -> Iterator[Any]:
        """The jobs, counted while they are checked."""
        for job in jobs:
            self._checked += 1
            yield job

    def start(self, loaded: Loaded) -> None:
        """All jobs are checked."""
        self._counts, (self._reserved_before, self._allowed) = loaded.counts, loaded.budget
        self._paid_before = self._paid()
        self._output.event("batch_start", **self._facts())
        tell_about(loaded, self._output)
        if not self._live:
            self._output.inform(self._line(), **self._facts())

    def update(self, update: Update) -> None:
        """A job made a durable step."""
        self._counts = update.counts
        self._output.event("batch_update", id=update.id, state=update.state, reason=update.reason or None)
        self._waiting = (
            update.reason if update.state == "ready" else "" if update.state == "submitted" else self._waiting
        )
        if update.state in _TOLD:
            self._told += 1
            if self._told <= _MOST_TOLD:
                reason = f": {one_line(update.reason)}" if update.reason else ""
                self._output.inform(
                    f"{one_line(update.id)} is {update.state}{reason}", id=update.id, state=update.state
                )
        elif self._output.verbose:
            self._output.inform(one_line(str(update)), id=update.id, state=update.state)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show it for as long as the block lasts, in a running event loop."""
        ticker = asyncio.create_task(self._tick())
        try:
            yield
        finally:
            ticker.cancel()
            self._output.draw("")

    async def _tick(self) -> None:
        while True:
            if self._live:
                self._output.draw(self._fitting(columns() - 1))
            await asyncio.sleep(_REDRAW if self._live else _LOG)
            if not self._live:
                self._output.inform(self._line(), **self._facts())

    def _paid(self) -> int:
        return sum(count for state, count in self._counts.items() if PAID[state] != "no")

    def _facts(self) -> dict[str, Any]:
        return {"counts": dict(self._counts), "reserved": self._reserved, "allowed": self._allowed}

    @property
    def _reserved(self) -> int:
        return self._reserved_before + self._paid() - self._paid_before

    def _count(self, *states: State) -> int:
        return sum(self._counts.get(state, 0) for state in states)

    def _line(self) -> str:
        return "  ".join(filter(None, self._parts()))

    def _fitting(self, room: int) -> str:
        """The line without its last parts, as far as it is too long: a line that wraps cannot be redrawn."""
        parts = [part for part in self._parts() if part]
        while parts and len("  ".join(parts)) > room:
            parts.pop()
        return "  ".join(parts)

    def _parts(self) -> list[str]:
        """The most important first."""
        if not self._counts:
            return [f"checking jobs: {self._checked:,}", clock(time.monotonic() - self._started)]
        total = sum(self._counts.values()) - self._count("cancelled")
        bought = f"{self._reserved:,} bought" + ("" if self._allowed is None else f" of {self._allowed:,}")
        without = self._count("refused", "failed", "unfetched", "abandoned")
        return [
            f"{self._count('saved'):,} of {total:,} saved",
            bought,
            f"{self._count('sending', 'submitted', 'finished'):,} in flight",
            f"{self._count('in doubt'):,} in doubt" if self._count("in doubt") else "",
            f"{without:,} without video" if without else "",
            *self._speed(),
            f"waiting: {one_line(self._waiting)}" if self._waiting else "",
        ]

    def _speed(self) -> list[str]:
        """How many jobs end per second or minute, and how long the rest takes."""
        now = time.monotonic()
        ended = self._count("saved", "refused", "failed", "unfetched")
        self._ended.append((now, ended))
        while len(self._ended) > 2 and now - self._ended[0][0] > _WINDOW:
            self._ended.popleft()
        since, before = self._ended[0]
        if now - since < 1 or ended <= before:
            return []
        per_second = (ended - before) / (now - since)
        room = None if self._allowed is None else max(self._allowed - self._reserved, 0)
        ready = self._count("ready") if room is None else min(self._count("ready"), room)
        left = ready + self._count("sending", "submitted", "finished")
        speed = f"{per_second:.1f}/s" if per_second >= 1 else f"{per_second * 60:.1f}/min"
        return [speed, f"ETA {clock(left / per_second)}"]


def tell_about(loaded: Loaded, output: Output) -> None:
    """What is left out, and what has changed since the last run."""
    for problem in problems_of(loaded.wrong, loaded.left_out):
        output.inform(f"left out: {one_line(problem.name)}: {one_line(problem.message)}")
    if changes := _changes(loaded):
        output.inform(f"the list has changed since the last run: {', '.join(changes)}")


def _changes(loaded: Loaded) -> list[str]:
    """What became of the list since the last run, in words."""
    added = loaded.added
    if added is None or not added.known:
        return []
    counts = {
        "added": added.new,
        "changed before they were bought": added.changed,
        "missing, and cancelled": added.withdrawn,
        "missing, but bought or in doubt": added.kept,
    }
    return [f"{count:,} {change}" for change, count in counts.items() if count]
