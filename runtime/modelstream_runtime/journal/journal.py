"""The journal as asynchronous code uses it."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self, TypeVar

from modelstream_runtime.about import PACKAGE
from modelstream_runtime.journal import operations
from modelstream_runtime.journal.database import Database, JournalError, Row, Transaction
from modelstream_runtime.journal.lock import FileLock, is_held
from modelstream_runtime.journal.records import (
    NOT_BOUGHT,
    Added,
    Allowance,
    Attempt,
    Budget,
    Claim,
    NewPurchase,
    Pace,
    Purchase,
    Source,
)
from modelstream_runtime.journal.sqlite import SqliteDatabase, require_file
from modelstream_runtime.journal.states import State
from modelstream_runtime.journal.tables import CHANGES, TABLES, VERSION
from modelstream_runtime.journal.texts import path_as_text, readable

T = TypeVar("T")

_REMEMBERED = 30 * 86_400.0
"""Seconds for which the journal knows of a runner that has ended."""


class NoPurchase(JournalError):
    """The journal has no purchase of that number."""


class Journal:
    """The purchases of one folder, or of one database, and what became of them.

    Every method that changes something returns when the change is durable.

    Args:
        database: where it is kept.
        runner: this process, as the journal names it.
        clock: seconds since 1970.
    """

    def __init__(self, database: Database, runner: str, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self._lock: FileLock | None = None
        self._has_ended: Callable[[Transaction, str], bool] = _everybody_has
        self._runners: Path | None = None
        self._runs = False
        self.runner = runner

    @classmethod
    async def open_file(
        cls, path: Path, *, create: bool = False, exclusive: bool = True, take_over: bool = False
    ) -> Self:
        """Open a journal in a file.

        Args:
            create: make it if there is none.
            exclusive: let no other process run it meanwhile. Those who only look need no lock.
            take_over: accept a journal from another folder or machine. Make sure that nobody runs the original.

        Raises:
            JournalError: it cannot be opened, somebody else runs it, or it is a copy.
        """
        if not create:
            require_file(path)
        lock = FileLock(path.with_suffix(".lock")) if exclusive else None
        try:
            journal = cls(SqliteDatabase(path, create=create), _new_runner())
            journal._lock = lock
            try:
                await journal._prepare(_home(path), take_over=take_over)
                if exclusive:
                    await journal._start()
            except BaseException:
                await journal._database.close()
                raise
        except BaseException:
            if lock is not None:
                lock.release()
            raise
        return journal

    @classmethod
    async def open_shared(cls, path: Path) -> Self:
        """Open a journal in a file that any number of processes of this machine run at the same time.

        Each holds a lock on a file of its own as long as it lives, so that the others know at once when it has ended,
        however it did.

        Raises:
            JournalError: it cannot be opened.
        """
        runners = path.with_suffix(".runners")
        _make_private(path, runners)
        runner = _new_runner()
        lock = FileLock(runners / runner, temporary=True)
        try:
            journal = cls(SqliteDatabase(path, create=True), runner)
            journal._lock = lock
            journal._runners = runners
            journal._has_ended = lambda tx, other: not is_held(runners / other)
            try:
                await journal._prepare({}, take_over=False)
                await journal._start()
            except BaseException:
                await journal._database.close()
                raise
        except BaseException:
            lock.release()
            raise
        return journal

    @classmethod
    async def open_server(cls, url: str, *, create: bool = False, running: bool = True) -> Self:
        """Open a journal in PostgreSQL, which any number of processes may run at the same time.

        Args:
            create: make it if there is none.
            running: this process may buy. Those who only look or decide may not.

        Raises:
            JournalError: it cannot be opened, or a package is missing.
        """
        from modelstream_runtime.journal.postgres import PostgresDatabase, has_ended

        runner = _new_runner()
        journal = cls(await asyncio.to_thread(PostgresDatabase, url, runner), runner)
        journal._has_ended = has_ended
        try:
            if not create and not await journal._database.read(lambda tx: tx.has_table("meta")):
                raise JournalError("the database has no journal yet; load the jobs first: batch run JOBS --journal URL")
            await journal._prepare({}, take_over=False)
            if running:
                await journal._start()
        except BaseException:
            await journal._database.close()
            raise
        return journal

    @classmethod
    async def view_file(cls, path: Path) -> Self:
        """Open a journal in a file only to read it: anybody may, at any time.

        Raises:
            JournalError: it cannot be opened.
        """
        journal = cls(SqliteDatabase(path), _new_runner())
        try:
            meta = await journal._database.read(_readable)
            if _version(meta) < VERSION:
                await journal._database.write(lambda tx: _upgrade(tx, _readable(tx)))
        except BaseException:
            await journal._database.close()
            raise
        return journal

    async def close(self) -> None:
        """Leave the journal to others."""
        try:
            try:
                if self._runs:
                    await self._database.write(lambda tx: operations.orphaned(tx, self.runner, self._clock()))
            finally:
                await self._database.close()
        finally:
            if self._lock is not None:
                self._lock.release()

    async def add(self, purchases: Iterable[NewPurchase], *, verify: Callable[[], None] = lambda: None) -> Added:
        """Make these the journal's purchases, as far as they are not bought yet; see `operations.add`.

        Args:
            verify: called at the end. If it raises, the journal stays as it was.
        """

        consumed = False

        def add(tx: Transaction) -> Added:
            nonlocal consumed
            if consumed:
                raise JournalError("the database was lost while the jobs were read; run the same again")
            consumed = True
            added = operations.add(tx, purchases, self._clock())
            verify()
            return added

        return await self._database.write(add, alone=True)

    async def enter(self, entry: NewPurchase, source: Source) -> Purchase:
        """Add one purchase, or find the one that has its id; see `operations.enter`."""
        return await self._step(operations.enter, entry, source)

    async def enter_claimed(
        self, entry: NewPurchase, source: Source, *, reference: str, account: str, payload_digest: str
    ) -> Purchase:
        """Add one purchase that the caller sends now; see `operations.enter_claimed`."""
        return await self._step(
            operations.enter_claimed,
            *(entry, source),
            reference=reference,
            runner=self.runner,
            account=account,
            payload_digest=payload_digest,
        )

    async def claim(
        self,
        number: int,
        *,
        reference: str,
        account: str,
        payload_digest: str,
        pace: Pace,
        allowance: Allowance | None = None,
    ) -> Claim:
        """Take a purchase, right before its paid request is sent."""
        return await self._database.write(
            lambda tx: operations.claim(
                tx,
                number,
                reference=reference,
                runner=self.runner,
                account=account,
                payload_digest=payload_digest,
                pace=pace,
                allowance=allowance,
                now=self._clock(),
            )
        )

    async def unsendable(self, number: int, reason: str) -> bool:
        """The request cannot be made any more, for example because a file has changed."""
        return await self._step(operations.unsendable, number, readable(reason))

    async def submitted(self, reference: str, task_id: str) -> bool:
        """The gateway accepted an attempt."""
        return await self._step(operations.submitted, reference, task_id)

    async def not_bought(
        self, reference: str, reason: str, *, pause: float = 0, stop: str | None = None, outcome: str = NOT_BOUGHT
    ) -> bool:
        """The gateway certainly did not charge an attempt, and the purchase may be sent again."""
        reason, stop = readable(reason), stop and readable(stop)
        return await self._step(operations.not_bought, reference, reason, pause=pause, stop=stop, outcome=outcome)

    async def refused(self, reference: str, reason: str) -> bool:
        """The gateway rejected the request itself."""
        return await self._step(operations.refused, reference, readable(reason))

    async def lost(self, reference: str, reason: str) -> bool:
        """Nobody knows the fate of an attempt."""
        return await self._step(operations.lost, reference, readable(reason))

    async def take(self, number: int) -> bool:
        """Go on with a purchase that is bought, unless another runner does."""
        return await self._database.write(lambda tx: operations.take(tx, number, self.runner))

    async def leave(self, number: int) -> bool:
        """Let others go on with a purchase that is bought."""
        return await self._step(operations.leave, number, self.runner)

    async def finished(self, number: int, url: str | None) -> bool:
        """The video is made, and has an address."""
        return await self._step(operations.finished, number, url)

    async def saved(self, number: int, file: str, size: int, sha256: str) -> bool:
        """The video is on the disk."""
        return await self._step(operations.saved, number, path_as_text(file), size, sha256)

    async def failed(self, number: int, reason: str) -> bool:
        """The task ended without a video."""
        return await self._step(operations.failed, number, readable(reason))

    async def unfetched(self, number: int, reason: str) -> bool:
        """The video cannot be fetched now."""
        return await self._step(operations.unfetched, number, readable(reason))

    async def resolve(self, id: str, state: State, *, task_id: str | None = None) -> State | None:
        """A person ends a doubt; see `operations.resolve`."""
        return await self._step(operations.resolve, id, task_id=task_id, state=state)

    async def restart(self, *states: State) -> int:
        """Make purchases ready again that ended without a video."""
        return await self._database.write(lambda tx: operations.restart(tx, states, self._clock()))

    async def refetch(self, number: int | None = None) -> int:
        """Try again to fetch what could not be fetched: one purchase, or all."""
        return await self._step(operations.refetch, number)

    async def cancel(self) -> int:
        """Take back everything that is not bought yet."""
        return await self._step(operations.cancel)

    async def allow(self, purchases: int | None) -> None:
        """Set how many purchases are allowed in all; ``None``: any number."""
        await self._database.write(lambda tx: operations.allow(tx, purchases))

    async def let_go_on(self) -> None:
        """Forget why nobody could buy: a person has started a new run."""
        await self._database.write(operations.let_go_on)

    async def retry_account(self, account: str) -> None:
        """Forget why nobody could buy with a key, but for pauses that the gateway asked for."""
        await self._database.write(lambda tx: operations.retry_account(tx, account))

    async def budget(self) -> Budget:
        """How much of the budget is reserved."""
        return await self._database.read(operations.budget)

    async def setbacks(self, account: str) -> int:
        """How many attempts in a row failed with a key."""
        return await self._database.read(lambda tx: operations.setbacks(tx, account))

    async def counts(self) -> dict[State, int]:
        """How many purchases are in each state."""
        return await self._database.read(operations.counts)

    async def purchase(self, number: int) -> Purchase:
        """A purchase by its number."""
        found = await self._database.read(lambda tx: operations.purchase(tx, number))
        if found is None:
            raise NoPurchase(f"the journal has no purchase {number}")
        return found

    async def find(self, id: str) -> Purchase | None:
        """A purchase by its id."""
        return await self._database.read(lambda tx: operations.find(tx, id))

    async def find_task(self, task_id: str) -> Purchase | None:
        """The purchase that goes on with a task."""
        return await self._database.read(lambda tx: operations.find_task(tx, task_id))

    async def latest(
        self,
        *,
        before: int | None = None,
        limit: int | None = None,
        states: tuple[State, ...] = (),
        hidden: bool = False,
        requests: bool = True,
    ) -> list[Purchase]:
        """The purchases, the last one that was added first; see `operations.latest`."""
        return await self._database.read(
            lambda tx: operations.latest(
                tx, before=before, limit=limit, states=states, hidden=hidden, requests=requests
            )
        )

    async def hide(self, number: int) -> bool:
        """Leave a purchase out of lists; see `operations.hide`."""
        return await self._database.write(lambda tx: operations.hide(tx, number))

    async def spent(self, source: Source, seconds: float) -> int:
        """How many purchases a source made in the last seconds, or may have made."""
        return await self._database.read(lambda tx: operations.spent(tx, source, self._clock() - seconds))

    async def attempts(self, number: int) -> list[Attempt]:
        """The attempts of a purchase."""
        return await self._database.read(lambda tx: operations.attempts(tx, number))

    async def numbers(self, *states: State, after: int = 0, limit: int = 1000) -> list[tuple[int, int]]:
        """Position and number of purchases in the input's order."""
        return await self._database.read(lambda tx: operations.numbers(tx, states, after=after, limit=limit))

    async def read(self, operation: Callable[[Transaction], T]) -> T:
        """Run an operation that reads more than fits into memory, in a thread."""
        return await self._database.read(operation)

    async def note(self, name: str, value: str) -> None:
        """Remember something about the journal itself."""
        await self._database.write(lambda tx: _set_meta(tx, name, value))

    async def notes(self) -> dict[str, str]:
        """What the journal remembers about itself."""
        return dict(await self._database.read(lambda tx: tx.rows("SELECT name, value FROM meta")))

    async def _step(self, operation: Callable[..., T], *arguments: Any, **options: Any) -> T:
        return await self._database.write(lambda tx: operation(tx, *arguments, now=self._clock(), **options))

    async def _prepare(self, home: dict[str, str], *, take_over: bool) -> None:
        """Make the tables if there are none. Check that they are ours."""

        def prepare(tx: Transaction) -> None:
            tx.exclude_others()
            if not tx.has_table("meta"):
                for statement in TABLES:
                    tx.change(statement)
                for name, value in {"version": str(VERSION), "made by": PACKAGE, **home}.items():
                    _set_meta(tx, name, value)
                return
            meta = _readable(tx)
            _upgrade(tx, meta)
            moved = [name for name, value in home.items() if meta.get(name) != value]
            if moved and not take_over:
                origin = f"{meta.get('path')} on {meta.get('host')}"
                raise JournalError(
                    f"this journal belongs to {origin}. If it is a copy and both run, you pay twice. If the "
                    "original is gone or will never run again, take it over with --take-over"
                )
            for name in moved:
                _set_meta(tx, name, home[name])

        await self._database.write(prepare)

    async def bury(self) -> int:
        """Put into doubt what runners that are gone left in the middle, and leave the rest of their work to others.

        Returns:
            How many purchases are in doubt now because of it.
        """
        gone: list[str] = []
        doubts = await self._database.write(lambda tx: self._bury(tx, gone))
        self._remove_locks(gone)
        return doubts

    async def _start(self) -> None:
        gone: list[str] = []

        def start(tx: Transaction) -> None:
            self._bury(tx, gone)
            tx.change("DELETE FROM runners WHERE ended < ?", self._clock() - _REMEMBERED)
            tx.change(
                "INSERT INTO runners (runner, host, pid, started) VALUES (?, ?, ?, ?)",
                *(self.runner, socket.gethostname(), os.getpid(), self._clock()),
            )

        await self._database.write(start)
        self._runs = True
        self._remove_locks(gone)

    def _bury(self, tx: Transaction, gone: list[str]) -> int:
        """As `bury`. The list gets the runners that are gone."""
        # If the transaction is repeated, one of them may be back.
        gone[:] = [runner for runner in operations.running(tx) if runner != self.runner and self._has_ended(tx, runner)]
        return sum(operations.orphaned(tx, runner, self._clock()) for runner in gone)

    def _remove_locks(self, gone: list[str]) -> None:
        """Remove what runners that were killed could not remove. The journal knows by now that they are gone."""
        for runner in gone:
            if self._runners is not None and Path(runner).name == runner:
                with suppress(OSError):
                    (self._runners / runner).unlink()


def _new_runner() -> str:
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"


def _make_private(path: Path, runners: Path) -> None:
    """Make the file and the folder of a shared journal for this user alone: the prompts are in it."""
    try:
        runners.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
    except OSError as error:
        raise JournalError(f"{runners}: {error.strerror}; choose a folder that you can write to") from error


def _everybody_has(tx: Transaction, runner: str) -> bool:
    """In a file, whoever has the lock is alone."""
    return True


def _home(path: Path) -> dict[str, str]:
    """Where a journal in a file is at home."""
    return {"host": socket.gethostname(), "path": path_as_text(str(path.resolve()))}


def _readable(tx: Transaction) -> dict[str, str]:
    """What a journal that we can read remembers about itself."""
    if not tx.has_table("meta"):
        raise JournalError(f"there is no journal of {PACKAGE} in it")
    meta: dict[str, str] = dict(_pairs(tx.rows("SELECT name, value FROM meta")))
    if _version(meta) > VERSION:
        raise JournalError(
            f"the journal was made by a newer version of {PACKAGE} (its tables have version {meta['version']}, "
            f"and this one knows {VERSION}); upgrade {PACKAGE}"
        )
    return meta


def _version(meta: dict[str, str]) -> int:
    return int(meta.get("version", 0))


def _upgrade(tx: Transaction, meta: dict[str, str]) -> None:
    """Give a journal of an earlier version the tables of this one."""
    for version in range(_version(meta) + 1, VERSION + 1):
        for statement in CHANGES[version]:
            tx.change(statement)
        _set_meta(tx, "version", str(version))


def _set_meta(tx: Transaction, name: str, value: str) -> None:
    tx.change("INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)


def _pairs(rows: list[Row]) -> Iterable[tuple[str, str]]:
    return ((str(name), str(value)) for name, value in rows)
