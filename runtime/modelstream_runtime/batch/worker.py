"""One of many processes that advance the purchases of a journal in PostgreSQL, on as many machines as you like."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from typing import NamedTuple

from modelstream_runtime.about import PACKAGE
from modelstream_runtime.batch.queue import Queue, QueueError
from modelstream_runtime.batch.run import Outcome
from modelstream_runtime.journal import operations
from modelstream_runtime.journal.database import Transaction
from modelstream_runtime.journal.journal import Journal
from modelstream_runtime.journal.records import BudgetSpent, Stopped, Wait
from modelstream_runtime.purchases.advance import Advancer

logger = logging.getLogger(PACKAGE)

_TENDING = 0.5
"""Seconds between two looks at the queue."""
_PAUSE = 1.0
"""Seconds after which a worker that was dropped starts anew."""
_AGAIN = 10.0
"""Seconds until a purchase under way is taken up again, for example after its video took too long."""


class Prospect(NamedTuple):
    """What is left to do.

    Attributes:
        obstacle: why nobody can buy with this worker's key; ``None``: somebody can.
        ready: purchases that are not bought yet.
        under_way: purchases that are inside a paid request, or bought and not saved.
    """

    obstacle: Stopped | BudgetSpent | None
    ready: int
    under_way: int

    @property
    def nothing_left(self) -> bool:
        """Whether every purchase was taken as far as it goes."""
        return not self.under_way and (not self.ready or self.obstacle is not None)


class BatchWorker:
    """Advances purchases for which the queue has jobs, and keeps the queue in order.

    Args:
        journal: the purchases.
        queue: the jobs.
        advancer: advances one purchase.
        in_flight: how many purchases to advance at once.
        heartbeat: seconds between two looks for workers that are gone.
    """

    def __init__(
        self,
        journal: Journal,
        queue: Queue,
        advancer: Advancer,
        *,
        in_flight: int,
        heartbeat: float,
    ) -> None:
        self._journal = journal
        self._queue = queue
        self._advancer = advancer
        self._heartbeat = heartbeat
        self._runner = queue.worker(self._advance, concurrency=in_flight)
        self._outcome: Outcome | None = None
        self._advancing: set[asyncio.Task[object]] = set()

    async def run(self) -> Outcome:
        """Work until nothing is left, or until `stop`."""
        tending = asyncio.create_task(self._tend())
        try:
            while self._outcome is None and not tending.done():
                with suppress(QueueError):
                    await self._runner.run()
                if self._outcome is None:
                    # It gave no sign of life for too long, or the connection was lost. It starts anew.
                    logger.warning("the queue has dropped this worker; it starts anew")
                    await asyncio.sleep(_PAUSE)
        finally:
            tending.cancel()
            await asyncio.wait([tending])
        if not tending.cancelled():
            tending.result()
        assert self._outcome is not None
        return self._outcome

    def stop(self) -> None:
        """Buy nothing more, and leave everything to other workers. Paid requests under way are finished.

        The second call cancels these, too, and leaves them in doubt.
        """
        if self._outcome is not None:
            for task in self._advancing:
                task.cancel()
        self._end(Outcome("interrupted", "no new purchases; other workers go on"))

    def _end(self, outcome: Outcome) -> None:
        self._outcome = self._outcome or outcome
        self._runner.stop()

    async def _advance(self, number: int) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._advancing.add(task)
        try:
            await self._advance_to_the_end(number)
        finally:
            self._advancing.discard(task)

    async def _advance_to_the_end(self, number: int) -> None:
        while self._outcome is None:
            match await self._advancer.advance(number):
                case Wait(seconds):
                    await asyncio.sleep(seconds)
                case Stopped(reason):
                    if (await self._prospect()).obstacle is None:  # It is no matter of the key, but of this machine.
                        self._end(Outcome("stopped", reason))
                    return
                case _:
                    return

    async def _tend(self) -> None:
        """Keep the queue filled, take over from workers that are gone, and notice the end."""
        try:
            looked = 0.0
            while True:
                prospect = await self._prospect()
                if prospect.nothing_left:
                    self._end(_outcome(prospect))
                    return
                look = time.monotonic() - looked > self._heartbeat
                if look:
                    looked = time.monotonic()
                    if doubts := await self._journal.bury():
                        logger.warning("a worker is gone; %d purchases are in doubt because of it", doubts)
                try:
                    if look:
                        await self._queue.requeue()
                    before = time.time() - _AGAIN
                    await self._queue.fill(self._journal, buying=prospect.obstacle is None, before=before)
                except QueueError as error:
                    logger.warning("the queue cannot be read now: %s", error)
                await asyncio.sleep(_TENDING)
        except BaseException:
            self._runner.stop()
            raise

    async def _prospect(self) -> Prospect:
        return await self._journal.read(self._look)

    def _look(self, tx: Transaction) -> Prospect:
        counts = operations.counts(tx)
        under_way = sum(counts.get(state, 0) for state in ("sending", "submitted", "finished"))
        return Prospect(operations.obstacle(tx, self._advancer.account), counts.get("ready", 0), under_way)


def _outcome(prospect: Prospect) -> Outcome:
    match prospect.obstacle if prospect.ready else None:
        case Stopped(reason):
            return Outcome("stopped", reason)
        case BudgetSpent(reserved, allowed):
            return Outcome("budget", f"{reserved} of {allowed} purchases are made or in doubt")
        case None:
            return Outcome("complete")
