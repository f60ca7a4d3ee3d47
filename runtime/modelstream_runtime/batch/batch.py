"""`Batch`: a list of requests and the folder in which they become videos."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple

from modelstream_runtime._async.client import AsyncClient
from modelstream_runtime.about import PACKAGE
from modelstream_runtime.batch.advance import Advancer, Checkpoint
from modelstream_runtime.batch.check import Checked, WrongJob
from modelstream_runtime.batch.drafts import Draft
from modelstream_runtime.batch.jobs import Job, jobs_of
from modelstream_runtime.batch.results import RESULTS, write_results
from modelstream_runtime.batch.run import Ending, Outcome, Run
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.journal import operations
from modelstream_runtime.journal.database import JournalError, Transaction
from modelstream_runtime.journal.journal import Journal
from modelstream_runtime.journal.records import Added, Budget, Pace, Purchase
from modelstream_runtime.journal.states import State
from modelstream_runtime.part_file import remove_leftovers_in

logger = logging.getLogger(PACKAGE)

JOURNAL = "journal.sqlite"
"""The file in the folder of the videos. Without it, nobody knows what is paid."""

IN_FLIGHT = 16
SUBMITTING = 4
WAIT = 1800.0


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
        wrong: jobs that were left out, if ``skip_invalid`` allowed it.
        results: the file with a line for each job.
    """

    ending: Ending
    reason: str
    counts: Mapping[State, int]
    budget: Budget
    added: Added | None
    wrong: tuple[WrongJob, ...]
    results: Path

    @property
    def all_saved(self) -> bool:
        """Whether every job that was not withdrawn has its video."""
        return not self.wrong and all(state in ("saved", "cancelled") for state, count in self.counts.items() if count)


class BaseBatch:
    """A list of requests, and the folder in which they become videos. A generated package binds the `catalog`.

    Args:
        folder: where the videos and the journal go. It is made if necessary.
        jobs: requests, mappings with ``model`` and ``values`` or with a ``body``, or pairs of an id and one of these;
            read one after the other, so a generator may yield millions. ``None``: go on with those in the journal.
        model: the model of jobs that name none.
        values: values of the form that jobs do not give themselves.
        client: buys and fetches; by default a client with the settings of the environment.
        take_over: accept a journal that belongs to another folder or machine. Make sure that nobody runs the original.
    """

    catalog: ClassVar[Catalog]

    def __init__(
        self,
        folder: str | Path,
        jobs: Iterable[Any] | None = None,
        *,
        model: str | None = None,
        values: Mapping[str, Any] | None = None,
        client: AsyncClient | None = None,
        take_over: bool = False,
    ) -> None:
        self.folder = Path(folder)
        self._jobs = jobs
        self._model = model
        self._values = values
        self._client = client
        self._take_over = take_over

    def run(self, **options: Any) -> BatchResult:
        """As `arun`, for code that is not asynchronous."""
        return asyncio.run(self.arun(**options))

    async def arun(
        self,
        *,
        max_purchases: int | Literal["all"] | None = None,
        max_in_flight: int = IN_FLIGHT,
        max_submitting: int = SUBMITTING,
        rate: float | None = None,
        timeout: float | None = WAIT,
        interval: float | None = None,
        skip_invalid: bool = False,
        on_update: Callable[[Update], object] | None = None,
        on_start: Callable[[Mapping[State, int]], object] | None = None,
        checkpoint: Checkpoint = lambda name: None,
    ) -> BatchResult:
        """Check all jobs, finish what is paid, buy the rest, and save every video. Run it again to go on.

        Args:
            max_purchases: how many purchases are allowed in all, over all runs; ``all``: any number. The first run
                needs it.
            max_in_flight: how many jobs to advance at once.
            max_submitting: how many paid requests may be under way at once. After a crash, they are in doubt.
            rate: at most so many purchases per second.
            timeout: seconds to wait for one video; ``None`` waits forever. The next run goes on waiting.
            interval: seconds between two polls. By default they grow from 2 to 10.
            skip_invalid: leave out jobs that are wrong, instead of buying nothing.
            on_update: called after each durable step.
            on_start: called with the counts when all jobs are checked.
            checkpoint: for tests; called between durable steps.

        Returns:
            How the run ended, and how many jobs are in each state.

        Raises:
            InvalidBatch: some jobs are wrong. Nothing was bought.
            JournalError: the journal is in use, is a copy, or cannot be written.
            ModelStreamError: there is no API key, or ``max_purchases`` is missing.
        """
        async with self._opened(create=True) as journal, self._connected() as client:
            added, wrong = await self._load(journal, skip_invalid)
            await self._set_budget(journal, max_purchases)
            await self._tidy(journal)
            counts = dict(await journal.counts())
            if on_start is not None:
                on_start(counts)
            steps = _Steps(counts, on_update)
            advancer = Advancer(
                journal,
                client,
                self.folder,
                pace=Pace(per_second=rate),
                submitting=asyncio.Semaphore(max_submitting),
                timeout=timeout,
                interval=interval,
                on_step=steps,
                checkpoint=checkpoint,
            )
            run = Run(journal, advancer, in_flight=max_in_flight)
            steps.run = run
            try:
                outcome = await run.run()
            except asyncio.CancelledError:
                outcome = Outcome("interrupted", "no new purchases; what is bought goes on at the gateway")
                # The rest is short, and a second interruption may end it: the journal has everything.
                _forget_cancellation()
            if steps.error is not None:
                raise steps.error
            return await self._result(journal, outcome, added, wrong)

    def check(self) -> Checked:
        """Check all jobs without touching the folder, and without buying anything.

        Raises:
            InvalidBatch: some jobs are wrong.
        """
        checked = self._checked()
        for purchase in checked:
            purchase.request()
        checked.raise_if_wrong()
        return checked

    def bodies(self, count: int) -> list[dict[str, Any]]:
        """The bodies of the first jobs. Consumes a generator."""
        bodies = []
        for job, _ in zip(self._job_list(), range(count), strict=False):
            bodies.append(Draft(job, model=self._model, values=self._values or {}).request(self.catalog).to_payload())
        return bodies

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Journal]:
        """The journal of the folder, for nobody else meanwhile."""
        async with self._opened(create=False) as journal:
            yield journal

    @asynccontextmanager
    async def viewed(self) -> AsyncIterator[Journal]:
        """The journal of the folder, to look at, even while another process runs it."""
        journal = await Journal.open_file(self._path, exclusive=False, take_over=True)
        try:
            yield journal
        finally:
            await journal.close()

    @property
    def _path(self) -> Path:
        return self.folder / JOURNAL

    def _job_list(self) -> Iterable[Job]:
        return jobs_of(self._jobs or ())

    def _checked(self) -> Checked:
        return Checked(self._job_list(), self.catalog, model=self._model, values=self._values)

    @asynccontextmanager
    async def _opened(self, *, create: bool) -> AsyncIterator[Journal]:
        is_new = create and not self._path.exists()
        if is_new:
            self._refuse_foreign_folder()
            self.folder.mkdir(parents=True, exist_ok=True)
        journal = await Journal.open_file(self._path, create=create, take_over=self._take_over)
        keep = not is_new
        try:
            try:
                yield journal
                keep = True
            finally:
                keep = keep or bool(await journal.counts())
                await journal.close()
        finally:
            if not keep:
                for name in (JOURNAL, f"{JOURNAL}-wal", f"{JOURNAL}-shm", self._path.with_suffix(".lock").name):
                    (self.folder / name).unlink(missing_ok=True)

    def _refuse_foreign_folder(self) -> None:
        """Without its journal, a folder with videos would be bought a second time."""
        if not self.folder.is_dir():
            return
        found = next(
            (path.name for path in self.folder.iterdir() if path.suffix == ".mp4" or path.name == RESULTS), None
        )
        if found is not None:
            raise JournalError(
                f"{self.folder} has {found} but no {JOURNAL}: without it, everything would be bought again. Restore "
                f"{JOURNAL}, or choose an empty folder"
            )

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncClient]:
        if self._client is not None:
            yield self._client
            return
        client: AsyncClient = self.catalog.async_client(max_connections=64)
        async with client:
            yield client

    async def _load(self, journal: Journal, skip_invalid: bool) -> tuple[Added | None, tuple[WrongJob, ...]]:
        if self._jobs is None:
            return None, ()
        checked = self._checked()
        added = await journal.add(checked, verify=(lambda: None) if skip_invalid else checked.raise_if_wrong)
        return added, tuple(checked.wrong)

    async def _set_budget(self, journal: Journal, given: int | Literal["all"] | None) -> None:
        known = "budget" in await journal.notes()
        if given is None:
            if not known:
                raise JournalError(
                    "say how many purchases are allowed in all: max_purchases=500, or 'all' for any number"
                )
            return
        await journal.allow(None if given == "all" else given)
        await journal.note("budget", json.dumps(given))

    async def _tidy(self, journal: Journal) -> None:
        """What a run does before it goes on: drop pieces of downloads, and look whether the videos are still there."""
        await asyncio.to_thread(remove_leftovers_in, self.folder)
        await journal.let_go_on()
        for purchase in await journal.read(self._missing):
            await journal.unfetched(purchase.number, f"{purchase.file} is not in the folder any more")

    def _missing(self, tx: Transaction) -> list[Purchase]:
        there = {path.name for path in self.folder.iterdir()}
        return [saved for saved in operations.purchases(tx, ("saved",)) if saved.file not in there]

    async def _result(
        self, journal: Journal, outcome: Outcome, added: Added | None, wrong: tuple[WrongJob, ...]
    ) -> BatchResult:
        results = await journal.read(lambda tx: write_results(tx, self.folder))
        counts, budget = await journal.counts(), await journal.budget()
        return BatchResult(outcome.ending, outcome.reason, counts, budget, added, wrong, results)


class _Steps:
    """Counts the durable steps of a run, and tells them to the caller."""

    def __init__(self, counts: dict[State, int], on_update: Callable[[Update], object] | None) -> None:
        self._counts = counts
        self._on_update = on_update
        self.run: Run | None = None
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
                self.run.stop_buying(Outcome("stopped", f"on_update raised {type(error).__name__}"))


def _forget_cancellation() -> None:
    task = asyncio.current_task()
    while task is not None and task.cancelling():
        task.uncancel()
