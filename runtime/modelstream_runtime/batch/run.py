"""One process that advances all purchases of a journal."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Literal, NamedTuple

from modelstream_runtime.about import PACKAGE
from modelstream_runtime.journal.database import JournalError
from modelstream_runtime.journal.journal import Journal
from modelstream_runtime.journal.records import BudgetSpent, Stopped, Wait
from modelstream_runtime.journal.states import UNDER_WAY, State
from modelstream_runtime.purchases.advance import Advancer, Ended, PurchaseNotJournaled

logger = logging.getLogger(PACKAGE)

_CHUNK = 1000
"""Purchases whose numbers are read at once."""

Ending = Literal["complete", "budget", "stopped", "interrupted", "broken"]
"""``complete``: every purchase was taken as far as it goes. ``budget``: no more purchases are allowed. ``stopped``: the
gateway lets this account buy nothing. ``interrupted``: a person asked for the end. ``broken``: the journal cannot be
written.
"""


_URGENCY: tuple[Ending, ...] = ("complete", "budget", "stopped", "interrupted", "broken")
"""If a run has several reasons to end, it tells the last one in this list."""


class Outcome(NamedTuple):
    """How a run ended, and why."""

    ending: Ending
    reason: str = ""


class Run:
    """Advances the purchases of a journal: first those that are paid, then those to be bought, in the input's order.

    Args:
        journal: the purchases.
        advancer: advances one.
        in_flight: how many to advance at once.
        buying: whether to buy. Otherwise only what is paid is fetched.
    """

    def __init__(self, journal: Journal, advancer: Advancer, *, in_flight: int, buying: bool = True) -> None:
        self._journal = journal
        self._advancer = advancer
        self._in_flight = in_flight
        self._buying = buying
        self._outcome = Outcome("complete")
        self._workers: list[asyncio.Task[None]] = []
        self._numbers: deque[int] = deque()
        self._states: deque[tuple[State, ...]] = deque([UNDER_WAY, ("ready",)])
        self._position = 0
        self._reading = asyncio.Lock()
        self._gate = _Gate()

    async def run(self) -> Outcome:
        """Advance everything. Cancelling it ends the run: paid requests under way are finished first.

        Raises:
            JournalError: the journal cannot be written.
        """
        self._workers = [asyncio.create_task(self._work()) for _ in range(self._in_flight)]
        try:
            await asyncio.wait(self._workers, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            await self._end()
        errors = [worker.exception() for worker in self._workers if not worker.cancelled()]
        for error in errors:
            if error is not None:
                raise error
        return self._outcome

    def stop(self) -> None:
        """Buy nothing more, and leave what is bought to the next run. Paid requests under way are finished.

        The second call cancels these, too, and leaves them in doubt.
        """
        self.stop_buying(Outcome("interrupted", "no new purchases; what is bought goes on at the gateway"))
        for worker in self._workers:
            worker.cancel()

    def stop_buying(self, outcome: Outcome) -> None:
        """Buy nothing more, and finish what is bought."""
        if self._buying or _URGENCY.index(outcome.ending) > _URGENCY.index(self._outcome.ending):
            self._outcome = outcome
        self._buying = False
        self._gate.open()

    async def _end(self) -> None:
        """Wait for the workers. Cancelling this cancels their paid requests, too."""
        for worker in self._workers:
            worker.cancel()
        try:
            await asyncio.wait(self._workers)
        except asyncio.CancelledError:
            for worker in self._workers:
                worker.cancel()
            await asyncio.wait(self._workers)
            raise

    async def _work(self) -> None:
        while (following := await self._next()) is not None:
            try:
                await self._advance(*following)
            except PurchaseNotJournaled as error:
                logger.critical("%s", error)
                self.stop_buying(Outcome("broken", str(error)))
            except JournalError as error:
                self.stop_buying(Outcome("broken", str(error)))
                raise

    async def _advance(self, number: int, paid: bool) -> None:
        while True:
            if not paid:
                await self._gate.passed()
                if not self._buying:
                    return
            advanced = await self._advancer.advance(number)
            match advanced:
                case Wait(seconds):
                    if not self._buying:
                        return
                    self._gate.close(seconds)
                case Stopped(reason):
                    self.stop_buying(Outcome("stopped", reason))
                    return
                case BudgetSpent(reserved, allowed):
                    self.stop_buying(Outcome("budget", f"{reserved} of {allowed} purchases are made or in doubt"))
                    return
                case Ended():
                    return

    async def _next(self) -> tuple[int, bool] | None:
        """The next purchase to advance, and whether it is paid."""
        async with self._reading:
            while self._states:
                paid = self._states[0] is UNDER_WAY
                if not paid and not self._buying:
                    return None
                if self._numbers:
                    return self._numbers.popleft(), paid
                found = await self._journal.numbers(*self._states[0], after=self._position, limit=_CHUNK)
                if found:
                    self._position = found[-1][0]
                    self._numbers.extend(number for _, number in found)
                else:
                    self._states.popleft()
                    self._position = 0
            return None


class _Gate:
    """Where everybody waits while nobody may buy."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = 0.0
        self._opened = asyncio.Event()

    def close(self, seconds: float) -> None:
        self._until = max(self._until, self._clock() + seconds)
        self._opened.clear()

    def open(self) -> None:
        self._until = 0.0
        self._opened.set()

    async def passed(self) -> None:
        while (remaining := self._until - self._clock()) > 0:
            try:
                async with asyncio.timeout(remaining):
                    await self._opened.wait()
            except TimeoutError:
                continue
