"""The queue of a batch on many machines: jobs of Procrastinate, beside the journal in the same database.

A job says that somebody should advance a purchase, and nothing else. Jobs may get lost, come twice or run at the same
time: what is bought is decided in the journal. Only the next purchases have a job, so the queue stays short.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol, Self

from modelstream_runtime.about import PACKAGE
from modelstream_runtime.journal.database import Transaction
from modelstream_runtime.journal.extra import MissingExtra
from modelstream_runtime.journal.journal import Journal
from modelstream_runtime.journal.postgres import SCHEMA
from modelstream_runtime.journal.states import UNDER_WAY, State

try:
    from procrastinate import App, PsycopgConnector, RetryStrategy
    from procrastinate.exceptions import ConnectorException
    from procrastinate.worker import Worker
except ImportError as error:
    raise MissingExtra(error.name) from error

logger = logging.getLogger(PACKAGE)

QueueError = ConnectorException
"""The database refuses, or cannot be reached."""

NAME = "advance"
"""Of the task and of its queue."""
_LONG_ENOUGH = 1000
"""Jobs that wait. With so many, none is added."""
_AFTER_ERROR = 10
"""Seconds until a job that raised is tried again."""


class JobRunner(Protocol):
    """A worker of Procrastinate."""

    async def run(self) -> None:
        """Run jobs until it is stopped."""
        ...

    def stop(self) -> None:
        """Cancel the jobs, and end."""
        ...


class Queue:
    """The jobs in one database.

    Args:
        app: Procrastinate, connected.
        heartbeat: seconds between two signs of life of a worker. After three without one, its jobs go to others.
    """

    def __init__(self, app: App, heartbeat: float) -> None:
        self._app = app
        self._heartbeat = heartbeat

    @classmethod
    @asynccontextmanager
    async def opened(cls, url: str, journal: Journal, *, heartbeat: float) -> AsyncIterator[Self]:
        """The queue beside a journal. It is made if there is none."""
        # Its own tables are in the journal's schema, too.
        connector = PsycopgConnector(conninfo=url, kwargs={"options": f"-c search_path={SCHEMA}"}, min_size=1)
        async with App(connector=connector).open_async() as app:
            if not await journal.read(lambda tx: tx.has_table("procrastinate_jobs")):
                # Of two workers that start at the same time, the second fails, and may go on all the same.
                with contextlib.suppress(QueueError):
                    await app.schema_manager.apply_schema_async()
            yield cls(app, heartbeat)

    def worker(self, advance: Callable[[int], Awaitable[None]], *, concurrency: int) -> JobRunner:
        """A worker, which calls ``advance`` with the numbers of purchases."""

        @self._app.task(name=NAME, queue=NAME, retry=RetryStrategy(wait=_AFTER_ERROR))
        async def run(number: int) -> None:
            await advance(number)

        return Worker(
            self._app,
            queues=[NAME],
            concurrency=concurrency,
            fetch_job_polling_interval=1.0,
            shutdown_graceful_timeout=0,  # The next worker goes on. A paid request under way is finished all the same.
            delete_jobs="successful",
            install_signal_handlers=False,
            update_heartbeat_interval=self._heartbeat,
            stalled_worker_timeout=3 * self._heartbeat,
        )

    async def requeue(self) -> int:
        """Give the jobs of workers without a sign of life to others.

        Returns:
            How many there were.
        """
        count = 0
        for job in await self._app.job_manager.get_stalled_jobs(seconds_since_heartbeat=3 * self._heartbeat):
            try:
                await self._app.job_manager.retry_job(job)
                count += 1
            except QueueError as error:
                logger.debug("another worker has requeued the job %s: %s", job.id, error)
        return count

    async def fill(self, journal: Journal, *, buying: bool, before: float) -> int:
        """Add jobs for purchases that nobody advances, if few jobs wait.

        Args:
            buying: whether those that are not bought need a job, too.
            before: those that are under way need one if their last step was before this time.

        Returns:
            How many were added.
        """
        numbers = await journal.read(lambda tx: _without_a_job(tx, buying=buying, before=before))
        if numbers:
            arguments: list[dict[str, Any]] = [{"number": number} for number in numbers]
            await self._app.configure_task(NAME, queue=NAME).batch_defer_async(*arguments)
        return len(numbers)


def _without_a_job(tx: Transaction, *, buying: bool, before: float) -> list[int]:
    row = tx.one("SELECT COUNT(*) FROM procrastinate_jobs WHERE status = 'todo'")
    waiting = int(row[0]) if row else 0
    found: list[int] = []
    wanted: list[tuple[State, float]] = [(state, before) for state in UNDER_WAY]
    if buying:
        wanted.append(("ready", float("inf")))
    for state, until in wanted:
        limit = _LONG_ENOUGH - waiting - len(found)
        if waiting < _LONG_ENOUGH / 2 and limit > 0:
            found += _purchases_without_a_job(tx, state, until, limit)
    return found


def _purchases_without_a_job(tx: Transaction, state: State, before: float, limit: int) -> list[int]:
    parameters: tuple[Any, ...] = (state, before, limit)
    rows = tx.rows(
        "SELECT number FROM purchases WHERE state = ? AND updated < ? AND runner IS NULL AND number NOT IN "
        "(SELECT (args ->> 'number')::bigint FROM procrastinate_jobs WHERE status IN ('todo', 'doing')) "
        "ORDER BY position LIMIT ?",
        *parameters,
    )
    return [int(number) for (number,) in rows]
