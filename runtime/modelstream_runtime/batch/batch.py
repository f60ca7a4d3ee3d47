"""`Batch`: a list of requests and the folder in which they become videos."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple

from modelstream_runtime._async.client import AsyncClient
from modelstream_runtime._caller import warn_caller
from modelstream_runtime.about import PACKAGE
from modelstream_runtime.batch.check import Checked, WrongJob
from modelstream_runtime.batch.home import FolderHome, Home, NamedAfterJobs, Running, ServerHome
from modelstream_runtime.batch.jobs import Job, jobs_of
from modelstream_runtime.batch.read import JobsFile
from modelstream_runtime.batch.results import RESULTS, write_results
from modelstream_runtime.batch.run import Ending, Outcome
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.errors import ModelStreamError
from modelstream_runtime.journal import operations
from modelstream_runtime.journal.journal import Journal
from modelstream_runtime.journal.records import Added, Budget, Pace, Wait
from modelstream_runtime.journal.states import UNDER_WAY, State
from modelstream_runtime.purchases.advance import Advancer, Checkpoint, Ended, no_checkpoint
from modelstream_runtime.purchases.content import request_of

IN_FLIGHT = 16
SUBMITTING = 4
WAIT = 1800.0
_LATER = 10.0
"""Seconds until it is worth looking again at a job that somebody else works on, or whose video takes long."""
_LEFT: tuple[State, ...] = (*UNDER_WAY, "ready")

logger = logging.getLogger(PACKAGE)


class Update(NamedTuple):
    """A durable step of one job.

    Attributes:
        id: the id of the job.
        state: the state that it has now.
        reason: why, where the state does not say it all.
        counts: how many jobs are in each state now.
    """

    id: str
    state: State
    reason: str
    counts: Mapping[State, int]

    def __str__(self) -> str:
        total, saved = sum(self.counts.values()), self.counts.get("saved", 0)
        reason = f": {self.reason}" if self.reason else ""
        return f"{self.id} {self.state}{reason} ({saved} of {total} saved)"


class BatchResult(NamedTuple):
    """How a run ended.

    Attributes:
        ending: ``complete``, ``budget``, ``stopped``, ``interrupted`` or ``broken``.
        reason: why it ended, if it is not complete.
        counts: how many jobs are in each state.
        budget: how many purchases are made or in doubt, and how many are allowed.
        added: what became of the list of jobs; ``None``: the run had no list.
        wrong: jobs that were left out, if ``skip_invalid`` allowed it; at most the first thousand.
        left_out: how many they are.
        results: the file with a line for each job.
    """

    ending: Ending
    reason: str
    counts: Mapping[State, int]
    budget: Budget
    added: Added | None
    wrong: tuple[WrongJob, ...]
    left_out: int
    results: Path

    @property
    def all_saved(self) -> bool:
        """Whether every job that was not withdrawn has its video."""
        return not self.wrong and all(state in ("saved", "cancelled") for state, count in self.counts.items() if count)


class Loaded(NamedTuple):
    """What a journal has when all jobs are in it, and before anything is bought.

    Attributes:
        counts: how many jobs are in each state.
        budget: how many purchases are made or in doubt, and how many are allowed.
        added: what became of the list of jobs; ``None``: there was no list.
        wrong: jobs that are wrong and left out; at most the first thousand.
        left_out: how many they are.
    """

    counts: Mapping[State, int]
    budget: Budget
    added: Added | None
    wrong: tuple[WrongJob, ...]
    left_out: int


class NoBudget(ModelStreamError, ValueError):
    """The first run of a batch was not told how many purchases are allowed."""

    def __str__(self) -> str:
        return "say how many purchases are allowed in all, over all runs: max_purchases=500, or 'all' for any number"


class Preview(NamedTuple):
    """What a batch would buy.

    Attributes:
        total: how many jobs there are.
        models: how many right jobs there are for each model.
        bodies: ids and bodies of the first of them.
        wrong: jobs that are wrong; at most the first thousand.
        left_out: how many they are.
    """

    total: int
    models: Mapping[str, int]
    bodies: tuple[tuple[str, dict[str, Any]], ...]
    wrong: tuple[WrongJob, ...]
    left_out: int


class BaseBatch:
    """A list of requests, and the folder in which they become videos. No request is bought twice.

    Args:
        folder: where the videos and the journal go. It is made if necessary.
        jobs: requests, mappings with ``model`` and ``values`` or with a ``body``, or pairs of an id and one of these;
            read one after the other in a thread, so a generator may yield millions. Or the path of a file of jobs,
            JSON lines or CSV. ``None``: go on with those in the journal.
        model: the model of jobs that name none.
        values: values of the form that jobs do not give themselves.
        client: buys and fetches; by default a client with the settings of the environment.
        journal: ``postgresql://user@host/database``, to share the work among many machines; see docs/batches.md. By
            default, the journal is a file in the folder.
        take_over: accept a journal that belongs to another folder or machine. Make sure that nobody runs the original.
    """

    catalog: ClassVar[Catalog]
    """The gateway and its models. A generated package sets it."""

    def __init__(
        self,
        folder: str | Path,
        jobs: Iterable[Any] | str | os.PathLike[str] | None = None,
        *,
        model: str | None = None,
        values: Mapping[str, Any] | None = None,
        client: AsyncClient | None = None,
        journal: str | None = None,
        take_over: bool = False,
    ) -> None:
        self.folder = Path(folder)
        self._jobs = jobs
        self._model = model
        self._values = values
        self._client = client
        self._home: Home = (
            FolderHome(self.folder, take_over=take_over) if journal is None else ServerHome(journal, self.folder)
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._run: Running | None = None
        self._stopped = False

    def run(
        self,
        *,
        max_purchases: int | Literal["all"] | None = None,
        max_in_flight: int = IN_FLIGHT,
        max_submitting: int = SUBMITTING,
        max_in_flight_total: int | None = None,
        rate: float | None = None,
        timeout: float | None = WAIT,
        interval: float | None = None,
        skip_invalid: bool = False,
        on_update: Callable[[Update], object] | None = None,
        on_start: Callable[[Loaded], object] | None = None,
        checkpoint: Checkpoint | None = None,
    ) -> BatchResult:
        """Check all jobs, finish what is paid, buy the rest, and save every video. Run it again to go on.

        Args:
            max_purchases: how many purchases are allowed in all, over all runs; ``all``: any number. The first run
                needs it.
            max_in_flight: how many jobs to advance at once.
            max_submitting: how many paid requests may be under way at once. After a crash, they are in doubt.
            max_in_flight_total: how many jobs of one account to have bought and not finished at once, over all workers
                on PostgreSQL.
            rate: at most so many purchases per second, over all workers.
            timeout: seconds to wait for one video; ``None`` waits forever. The next run goes on waiting.
            interval: seconds between two polls. By default they grow from 2 to 10.
            skip_invalid: leave out jobs that are wrong, instead of buying nothing.
            on_update: called after each durable step.
            on_start: called when all jobs are checked and in the journal, before anything is bought.
            checkpoint: for tests; called before and after durable steps.

        Returns:
            How the run ended, and how many jobs are in each state.

        Raises:
            InvalidBatch: some jobs are wrong, or there are none. Nothing was bought.
            JournalError: the journal is in use, is a copy, or cannot be written.
            ModelStreamError: there is no API key.
            NoBudget: ``max_purchases`` is missing.
            asyncio.CancelledError: it was stopped before all jobs were checked. Nothing was bought.
            KeyboardInterrupt: somebody pressed Ctrl-C. Nothing is lost: paid requests under way were finished.
        """
        _refuse_inside_a_loop()
        return asyncio.run(
            self.arun(
                max_purchases=max_purchases,
                max_in_flight=max_in_flight,
                max_submitting=max_submitting,
                max_in_flight_total=max_in_flight_total,
                rate=rate,
                timeout=timeout,
                interval=interval,
                skip_invalid=skip_invalid,
                on_update=on_update,
                on_start=on_start,
                checkpoint=checkpoint,
            )
        )

    async def arun(
        self,
        *,
        max_purchases: int | Literal["all"] | None = None,
        max_in_flight: int = IN_FLIGHT,
        max_submitting: int = SUBMITTING,
        max_in_flight_total: int | None = None,
        rate: float | None = None,
        timeout: float | None = WAIT,
        interval: float | None = None,
        skip_invalid: bool = False,
        on_update: Callable[[Update], object] | None = None,
        on_start: Callable[[Loaded], object] | None = None,
        checkpoint: Checkpoint | None = None,
    ) -> BatchResult:
        """As `run`, in asynchronous code. Cancelling it finishes paid requests that are under way; nothing is lost."""
        if max_in_flight < 1 or max_submitting < 1 or (rate is not None and not rate > 0):
            raise ValueError("max_in_flight and max_submitting are at least 1, and rate is more than 0")
        self._loop, self._stopped = asyncio.get_running_loop(), False
        checkpoint = checkpoint or no_checkpoint
        async with self._home.opened(create=self._jobs is not None) as journal, self._connected() as client:
            await self._check_budget(journal, max_purchases)
            checked, added = await self._load(journal, skip_invalid)
            checkpoint("loaded")
            await self._set_budget(journal, max_purchases)
            await self._home.tidy(journal)
            counts = dict(await journal.counts())
            if on_start is not None:
                on_start(Loaded(counts, await journal.budget(), added, tuple(checked.wrong), checked.count))
            steps = _Steps(counts, on_update)
            advancer = Advancer(
                journal,
                client,
                NamedAfterJobs(self.folder),
                pace=Pace(per_second=rate, in_flight=max_in_flight_total),
                submitting=asyncio.Semaphore(max_submitting),
                timeout=timeout,
                interval=interval,
                on_step=steps,
                checkpoint=checkpoint,
            )
            async with self._home.running(journal, advancer, in_flight=max_in_flight) as run:
                steps.run = self._run = run
                try:
                    if self._stopped:
                        raise asyncio.CancelledError
                    outcome = await run.run()
                finally:
                    self._run, self._stopped = None, False
            if steps.error is not None:
                raise steps.error
            return await self._result(journal, outcome, added, checked)

    def load(self, *, max_purchases: int | Literal["all"] | None = None, skip_invalid: bool = False) -> Loaded:
        """As `aload`, for code that is not asynchronous."""
        _refuse_inside_a_loop()
        return asyncio.run(self.aload(max_purchases=max_purchases, skip_invalid=skip_invalid))

    async def aload(self, *, max_purchases: int | Literal["all"] | None = None, skip_invalid: bool = False) -> Loaded:
        """Check all jobs and put them into the journal, for other processes to run. Nothing is bought.

        Args:
            max_purchases: as in `run`.
            skip_invalid: as in `run`.

        Raises:
            InvalidBatch: some jobs are wrong, or there are none.
            JournalError: the journal is in use, is a copy, or cannot be written.
            NoBudget: ``max_purchases`` is missing.
        """
        async with self._home.opened(create=self._jobs is not None) as journal:
            await self._check_budget(journal, max_purchases)
            checked, added = await self._load(journal, skip_invalid)
            await self._set_budget(journal, max_purchases)
            await journal.let_go_on()
            return Loaded(await journal.counts(), await journal.budget(), added, tuple(checked.wrong), checked.count)

    def advance(self, number: int, **options: Any) -> float | None:
        """As `aadvance`, for code that is not asynchronous."""
        _refuse_inside_a_loop()
        return asyncio.run(self.aadvance(number, **options))

    async def aadvance(
        self,
        number: int,
        *,
        rate: float | None = None,
        max_in_flight_total: int | None = None,
        timeout: float | None = WAIT,
        interval: float | None = None,
    ) -> float | None:
        """Take one job as far as it goes: buy it if nobody has, wait for its video, and save it.

        This is all that an engine such as Celery has to call, with the `numbers` of a batch whose journal is in
        PostgreSQL. It may call it at any time, any number of times, and in any process: nothing is bought twice.

        Args:
            number: of the job.
            rate: as in `run`.
            max_in_flight_total: as in `run`.
            timeout: as in `run`.
            interval: as in `run`.

        Returns:
            Seconds until it is worth calling it again; ``None``: nothing is left to do, or nobody may buy now.
        """
        async with self._home.opened(create=False) as journal, self._connected() as client:
            self.folder.mkdir(parents=True, exist_ok=True)
            pace = Pace(per_second=rate, in_flight=max_in_flight_total)
            submitting = asyncio.Semaphore(1)
            advancer = Advancer(
                journal,
                client,
                NamedAfterJobs(self.folder),
                pace=pace,
                submitting=submitting,
                timeout=timeout,
                interval=interval,
            )
            match await advancer.advance(number):
                case Wait(seconds):
                    return seconds
                case Ended(state) if state in ("sending", *UNDER_WAY):
                    return _LATER
                case _:
                    return None

    def numbers(self) -> list[int]:
        """The numbers of all jobs for which something is left to do, in the order of the list, for `advance`."""
        _refuse_inside_a_loop()
        return asyncio.run(self.anumbers())

    async def anumbers(self) -> list[int]:
        """As `numbers`, in asynchronous code."""
        async with self.changed() as journal:
            await journal.let_go_on()
            await journal.refetch()
            return await journal.read(lambda tx: [each[0] for state in _LEFT for each in operations.ids(tx, state)])

    def stop(self) -> None:
        """End the run under way, from any thread, or from a handler of a signal: no new purchases.

        Paid requests under way are finished, and what is bought is left to the next run. The second call cancels the
        paid requests, too, and leaves them in doubt.
        """
        self._stopped = True  # Ends the reading of the jobs, too.
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop_run)

    def preview(self, count: int = 3, *, skip_invalid: bool = False) -> Preview:
        """Check all jobs without touching the folder, and without buying anything.

        Args:
            count: how many bodies to show.
            skip_invalid: do not mind jobs that are wrong, if the others are right.

        Raises:
            InvalidBatch: some jobs are wrong, or there are none.
        """
        checked = self._checked()
        bodies: list[tuple[str, dict[str, Any]]] = []
        for purchase in checked:
            stored = purchase.request()
            if stored is not None and len(bodies) < count:
                bodies.append((purchase.id, request_of(self.catalog, purchase.model, stored).to_payload()))
        checked.verify(skip_invalid=skip_invalid)
        self._warn(checked)
        return Preview(checked.total, checked.models, tuple(bodies), tuple(checked.wrong), checked.count)

    @asynccontextmanager
    async def changed(self) -> AsyncIterator[Journal]:
        """The journal, to decide about its purchases, even while another process runs it."""
        async with self._home.changed() as journal:
            yield journal

    @asynccontextmanager
    async def viewed(self) -> AsyncIterator[Journal]:
        """The journal, to look at, even while another process runs it, and even if it is a copy."""
        async with self._home.viewed() as journal:
            yield journal

    def _job_list(self) -> Iterator[Job]:
        given = () if self._jobs is None else self._jobs
        if isinstance(given, (str, os.PathLike)):
            given = JobsFile(given, self.catalog, model=self._model)
        for job in jobs_of(given):
            if self._stopped:
                raise _Stopped
            yield job

    def _checked(self) -> Checked:
        return Checked(self._job_list(), self.catalog, model=self._model, values=self._values)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncClient]:
        if self._client is not None:
            yield self._client
            return
        client: AsyncClient = self.catalog.async_client(max_connections=64)
        async with client:
            yield client

    async def _load(self, journal: Journal, skip_invalid: bool) -> tuple[Checked, Added | None]:
        checked = self._checked()
        if self._jobs is None:
            return checked, None
        try:
            # The thread that writes the journal also reads the jobs. Nobody who waits for it can be cancelled.
            adding = asyncio.ensure_future(
                journal.add(checked, verify=lambda: checked.verify(skip_invalid=skip_invalid))
            )
            try:
                added = await asyncio.shield(adding)
            except asyncio.CancelledError:
                self._stopped = True
                await asyncio.wait([adding])
                raise
        except _Stopped:
            self._stopped = False
            raise asyncio.CancelledError("stopped before all jobs were checked") from None
        self._warn(checked)
        return checked, added

    def _warn(self, checked: Checked) -> None:
        for text, category in checked.remarks():
            warn_caller(text, category)

    async def _check_budget(self, journal: Journal, given: int | Literal["all"] | None) -> None:
        if given is None:
            if "budget" not in await journal.notes():
                raise NoBudget
        elif given != "all" and (not isinstance(given, int) or isinstance(given, bool) or given < 0):
            raise ValueError(f"max_purchases is a number of purchases or 'all', and not {given!r}")

    async def _set_budget(self, journal: Journal, given: int | Literal["all"] | None) -> None:
        if given is not None:
            await journal.allow(None if given == "all" else given)
            await journal.note("budget", json.dumps(given))

    async def _result(self, journal: Journal, outcome: Outcome, added: Added | None, checked: Checked) -> BatchResult:
        results = self.folder / RESULTS
        try:
            await journal.read(lambda tx: write_results(tx, self.folder))
        except OSError as error:
            # A full disk must not hide how the run ended. The journal has everything, and the next run tries again.
            logger.warning("%s could not be written: %s", results, error.strerror or error)
        counts, budget = await journal.counts(), await journal.budget()
        return BatchResult(
            outcome.ending, outcome.reason, counts, budget, added, tuple(checked.wrong), checked.count, results
        )

    def _stop_run(self) -> None:
        if self._run is not None:
            self._run.stop()


class _Steps:
    """Counts the durable steps of a run, and tells them to the caller."""

    def __init__(self, counts: dict[State, int], on_update: Callable[[Update], object] | None) -> None:
        self._counts = counts
        self._on_update = on_update
        self.run: Running | None = None
        self.error: Exception | None = None

    def __call__(self, id: str, old: State, new: State, reason: str) -> None:
        self._counts[old] = self._counts.get(old, 0) - 1
        self._counts[new] = self._counts.get(new, 0) + 1
        if self._on_update is None or self.error is not None:
            return
        try:
            self._on_update(Update(id, new, reason, self._counts))
        except Exception as error:
            # The caller's mistake must not fall into the middle of a purchase. It is raised at the end.
            self.error = error
            if self.run is not None:
                self.run.stop()


class _Stopped(Exception):
    """The caller stopped the run while its jobs were read."""


def _refuse_inside_a_loop() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise RuntimeError("an event loop is running here; call: await batch.arun(...)")
