"""Where the journal of a batch is at home: in the folder of the videos, or in PostgreSQL for many machines."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Protocol

from modelstream_runtime.batch.results import RESULTS
from modelstream_runtime.batch.run import Outcome, Run
from modelstream_runtime.journal import operations
from modelstream_runtime.journal.database import JournalError, Transaction
from modelstream_runtime.journal.journal import Journal
from modelstream_runtime.journal.records import Purchase
from modelstream_runtime.part_file import remove_leftovers_in
from modelstream_runtime.purchases.advance import Advancer
from modelstream_runtime.purchases.naming import file_name

JOURNAL = "journal.sqlite"
"""The file in the folder of the videos. Without it, nobody knows what is paid."""

LOCK = "journal.lock"
"""The file beside it that says who runs it."""

HEARTBEAT = 10.0
"""Seconds between two signs of life of a worker on PostgreSQL."""


class Running(Protocol):
    """A process that advances purchases."""

    async def run(self) -> Outcome:
        """Advance them until nothing is left."""
        ...

    def stop(self) -> None:
        """Buy nothing more, and leave what is bought to others. Paid requests under way are finished."""
        ...


class Home(Protocol):
    """Where the journal is."""

    def opened(self, *, create: bool) -> AbstractAsyncContextManager[Journal]:
        """The journal, to run it."""
        ...

    def changed(self) -> AbstractAsyncContextManager[Journal]:
        """The journal, to decide about its purchases, even while others run it."""
        ...

    def viewed(self) -> AbstractAsyncContextManager[Journal]:
        """The journal, to look at, even while others run it."""
        ...

    async def tidy(self, journal: Journal) -> None:
        """What a run does before it goes on."""
        ...

    def running(self, journal: Journal, advancer: Advancer, *, in_flight: int) -> AbstractAsyncContextManager[Running]:
        """What advances the purchases."""
        ...


class NamedAfterJobs:
    """The videos in the folder of a batch, each named after its job."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path_of(self, purchase: Purchase) -> Path:
        """The file of a job."""
        return self._folder / file_name(purchase.id)

    def recorded(self, path: Path) -> str:
        """The name of the file, so that the folder may move."""
        return path.name


class FolderHome:
    """A journal in the folder of the videos, for one machine.

    Args:
        folder: the folder.
        take_over: accept a journal that belongs to another folder or machine.
    """

    def __init__(self, folder: Path, *, take_over: bool) -> None:
        self._folder = folder
        self._path = folder / JOURNAL
        self._take_over = take_over

    @asynccontextmanager
    async def opened(self, *, create: bool) -> AsyncIterator[Journal]:
        """The journal, for nobody else meanwhile. A new one that stays empty is removed."""
        had_folder = self._folder.exists()
        is_new = create and not (self._path.exists() and self._path.stat().st_size)
        if is_new:
            self._refuse_foreign_folder()
            self._make_folder()
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
                for name in (JOURNAL, f"{JOURNAL}-wal", f"{JOURNAL}-shm", LOCK):
                    (self._folder / name).unlink(missing_ok=True)
                if not had_folder:
                    with suppress(OSError):
                        self._folder.rmdir()

    @asynccontextmanager
    async def changed(self) -> AsyncIterator[Journal]:
        """The journal, to decide about its purchases."""
        journal = await Journal.open_file(self._path, exclusive=False, take_over=self._take_over)
        try:
            yield journal
        finally:
            await journal.close()

    @asynccontextmanager
    async def viewed(self) -> AsyncIterator[Journal]:
        """The journal, even if it is a copy."""
        journal = await Journal.view_file(self._path)
        try:
            yield journal
        finally:
            await journal.close()

    async def tidy(self, journal: Journal) -> None:
        """Drop pieces of downloads, and look whether the videos are still there."""
        await asyncio.to_thread(remove_leftovers_in, self._folder)
        if strange := await journal.read(self._unexpected):
            raise JournalError(
                f"{strange} is in {self._folder}, but according to {JOURNAL} it was not bought yet. Is that an older "
                "copy of the journal? Restore the newest one, or move the file away to buy it again"
            )
        await journal.let_go_on()
        for number, file in await journal.read(self._missing):
            await journal.unfetched(number, f"{file} is not in the folder any more")
        await journal.refetch()

    @asynccontextmanager
    async def running(self, journal: Journal, advancer: Advancer, *, in_flight: int) -> AsyncIterator[Running]:
        """This process alone."""
        yield Run(journal, advancer, in_flight=in_flight)

    def _make_folder(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise JournalError(f"{self._folder}: {error.strerror}; choose a folder that you can write to") from error

    def _refuse_foreign_folder(self) -> None:
        """Without its journal, a folder with videos would be bought a second time."""
        if not self._folder.is_dir():
            return
        names = {path.name for path in self._folder.iterdir()}
        traces = [name for name in sorted(names) if name.endswith(".mp4")]
        traces += [name for name in (RESULTS, f"{JOURNAL}-wal") if name in names]
        if traces:
            raise JournalError(
                f"{self._folder} has {traces[0]} but no {JOURNAL}: without it, everything would be bought again. "
                f"Restore {JOURNAL}, or choose an empty folder"
            )

    def _unexpected(self, tx: Transaction) -> str | None:
        """A video that is there although it was not bought."""
        if not any(path.suffix == ".mp4" for path in self._folder.iterdir()):
            return None
        names = (file_name(id) for _, id, _ in operations.ids(tx, "ready"))
        return next((name for name in names if self._has(name)), None)

    def _missing(self, tx: Transaction) -> list[tuple[int, str | None]]:
        saved = operations.ids(tx, "saved")
        return [(number, file) for number, _, file in saved if file is None or not self._has(file)]

    def _has(self, name: str) -> bool:
        return os.path.exists(os.path.join(self._folder, name))  # noqa: PTH110, PTH118 - there may be a million


class ServerHome:
    """A journal in PostgreSQL, for any number of processes on any number of machines.

    Args:
        url: of the database.
        folder: where this process saves its videos.
    """

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._folder = folder

    @asynccontextmanager
    async def opened(self, *, create: bool) -> AsyncIterator[Journal]:
        """The journal."""
        async with self._open(create=create, running=True) as journal:
            yield journal

    @asynccontextmanager
    async def changed(self) -> AsyncIterator[Journal]:
        """The journal."""
        async with self._open(create=False, running=False) as journal:
            yield journal

    @asynccontextmanager
    async def viewed(self) -> AsyncIterator[Journal]:
        """The journal."""
        async with self._open(create=False, running=False) as journal:
            yield journal

    async def tidy(self, journal: Journal) -> None:
        """Make the folder, and drop pieces of downloads. Others may have their videos elsewhere."""
        self._folder.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(remove_leftovers_in, self._folder)
        await journal.let_go_on()
        await journal.refetch()

    @asynccontextmanager
    async def running(self, journal: Journal, advancer: Advancer, *, in_flight: int) -> AsyncIterator[Running]:
        """One worker of many."""
        from modelstream_runtime.batch.queue import Queue
        from modelstream_runtime.batch.worker import BatchWorker

        async with Queue.opened(self._url, journal, heartbeat=HEARTBEAT) as queue:
            yield BatchWorker(journal, queue, advancer, in_flight=in_flight, heartbeat=HEARTBEAT)

    @asynccontextmanager
    async def _open(self, *, create: bool, running: bool) -> AsyncIterator[Journal]:
        journal = await Journal.open_server(self._url, create=create, running=running)
        try:
            yield journal
        finally:
            await journal.close()
