"""The purchases of this machine: one journal for the studio, agents' tools and the command line."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, Self

from modelstream_runtime._async.client import AsyncClient
from modelstream_runtime._async.task import AsyncTask
from modelstream_runtime.errors import ModelStreamError
from modelstream_runtime.journal.database import JournalError
from modelstream_runtime.journal.journal import Journal
from modelstream_runtime.journal.records import (
    Allowance,
    BudgetSpent,
    NewPurchase,
    Pace,
    Purchase,
    Source,
    Stopped,
    Wait,
)
from modelstream_runtime.journal.states import UNBOUGHT, UNDER_WAY
from modelstream_runtime.purchases.advance import Advancer, Ended
from modelstream_runtime.purchases.content import Content, payload_digest
from modelstream_runtime.purchases.fetching import fetch_again
from modelstream_runtime.purchases.naming import file_name
from modelstream_runtime.purchases.place import Place
from modelstream_runtime.request import Request

_SUBMITTING = 8
"""Paid requests of one process under way at once."""
_AGAIN = 5.0
"""Seconds until following is tried again, and until it is worth looking what another process has reached."""


class KeyReused(ModelStreamError):
    """A key was used for another request before.

    Attributes:
        purchase: what was bought under the key, or is to be bought.
    """

    def __init__(self, purchase: Purchase) -> None:
        super().__init__(f"the key {purchase.id!r} belongs to another {purchase.model} request; use a new key")
        self.purchase = purchase


class AllowanceSpent(ModelStreamError):
    """All purchases that are allowed for now are made, or in doubt. Nothing was sent.

    Attributes:
        spent: how many were made, or may have been.
        allowed: how many are allowed in a period.
        seconds: until the next one is allowed; ``None``: never, because none are allowed.
    """

    def __init__(self, spent: BudgetSpent) -> None:
        super().__init__(f"{spent.reserved} of {spent.allowed} allowed purchases are made or in doubt")
        self.spent, self.allowed, self.seconds = spent


class Progress(NamedTuple):
    """What this process knows of a purchase that it follows.

    Attributes:
        status: of the task, as `AsyncTask.status`.
        percent: if the gateway reports it.
        trouble: why polling or saving failed the last time. It is tried again.
    """

    status: str
    percent: int | None = None
    trouble: str = ""


Listener = Callable[[Purchase, Progress], object]


class Purchases:
    """The purchases in a journal that any number of processes share. Open it with `opened`.

    Args:
        journal: the journal.
        client: buys, polls and saves.
        source: who buys here.
        videos: the folder for videos.
    """

    def __init__(self, journal: Journal, client: AsyncClient, source: Source, videos: Path) -> None:
        self._journal = journal
        self._client = client
        self._source: Source = source
        self._listeners: list[Listener] = []
        self._progress: dict[int, Progress] = {}
        self._submitting: dict[str, asyncio.Task[Purchase]] = {}
        self._following: dict[int, asyncio.Task[Purchase]] = {}
        self._advancer = Advancer(
            journal,
            client,
            _NamedAfterModels(videos),
            pace=Pace(),
            submitting=asyncio.Semaphore(_SUBMITTING),
            timeout=None,
            interval=None,
            on_poll=self._polled,
            obstacle=self._obstacle,
        )
        self._ending = asyncio.Event()
        self.videos = videos

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, client: AsyncClient, source: Source, place: Place, *, videos: Path | None = None
    ) -> AsyncIterator[Self]:
        """Open the journal in a place. At the end, paid requests under way are finished, and those that wait not sent.

        Args:
            client: buys, polls and saves. It stays open.
            source: who buys here.
            place: where the journal is.
            videos: the folder for videos; by default the one of the place.

        Raises:
            JournalError: the journal cannot be opened.
        """
        journal = await Journal.open_shared(place.journal)
        try:
            purchases = cls(journal, client, source, (videos or place.videos).absolute())
            try:
                yield purchases
            finally:
                await purchases._finish()
        finally:
            await journal.close()

    async def submit(
        self,
        key: str,
        request: Request | Content,
        *,
        checked: Request | None = None,
        allowance: Allowance | None = None,
        patience: float = 0.0,
    ) -> Purchase:
        """Buy a request once. The purchase is durable before the request is sent, and the same key never buys twice.

        The paid request is finished and journaled although the caller is cancelled.

        Args:
            key: the caller's name of the purchase. If it was used before, this returns what became of it; only what was
                certainly not charged is sent again.
            request: the request, or the content that becomes one.
            checked: what the content became when somebody checked it. If a file has changed since, nothing is sent.
            allowance: how many purchases of this source are allowed in a period.
            patience: seconds to wait at most where the gateway asks for a pause, or cannot be reached.

        Returns:
            The purchase, whose state says it all: ``submitted`` or beyond (it has a task), ``refused`` or ``ready``
            (not bought, and the reason), ``in doubt`` (never sent again; a person has to look), or ``sending``, if
            another process sends it at this moment.

        Raises:
            InvalidRequest: the values break the model's limits. Nothing is journaled.
            KeyReused: the key belongs to another request.
            AllowanceSpent: no more purchases are allowed for now.
            JournalError: the journal cannot be written, or is being closed. Nothing is sent that is not journaled.
        """
        entry = await asyncio.to_thread(self._entry, key, request, checked)
        while earlier := self._submitting.get(key):
            await asyncio.wait([earlier])
            if earlier.exception() is None and earlier.result().digest == entry.digest:
                return earlier.result()
        if obstacle := self._obstacle():
            raise JournalError(obstacle.reason)
        task = self._submitting[key] = asyncio.create_task(self._submit(entry, allowance, patience))
        task.add_done_callback(lambda ended: self._submitted(key, ended))
        return await asyncio.shield(task)

    async def follow(self, number: int, *, timeout: float | None = None) -> Purchase:
        """Wait for a video that is bought, and save it. This costs nothing.

        The process goes on with it in the background, however this call ends, until `leave` or the end.

        Args:
            number: of the purchase.
            timeout: seconds until this returns at the latest.

        Returns:
            The purchase as it is by then. If it is still under way, `progress` knows more.
        """
        await fetch_again(self._journal, await self.purchase(number))
        if number not in self._following:
            self._progress[number] = Progress("unknown")
            task = self._following[number] = asyncio.create_task(self._follow(number))
            task.add_done_callback(lambda ended: self._followed(number, ended))
        await asyncio.wait([self._following[number]], timeout=timeout)
        return await self.purchase(number)

    async def leave(self, number: int) -> None:
        """Stop following a purchase. Its video is made all the same, and can be followed again."""
        if task := self._following.get(number):
            task.cancel()
            await asyncio.wait([task])
            await self._journal.leave(number)

    def progress(self, number: int) -> Progress | None:
        """What this process knows of a purchase that it follows; ``None``: it does not follow it."""
        return self._progress.get(number)

    def listen(self, listener: Listener) -> None:
        """Have a function called with each change of a task that this process follows."""
        self._listeners.append(listener)

    def ignore(self, listener: Listener) -> None:
        """Call a function no longer."""
        self._listeners.remove(listener)

    async def purchase(self, number: int) -> Purchase:
        """A purchase by its number.

        Raises:
            JournalError: there is none.
        """
        return await self._current(await self._journal.purchase(number))

    async def find(self, key: str) -> Purchase | None:
        """A purchase by its key."""
        found = await self._journal.find(key)
        return found and await self._current(found)

    async def find_task(self, task_id: str) -> Purchase | None:
        """The purchase that bought a task."""
        return await self._journal.find_task(task_id)

    async def latest(self, *, before: int | None = None, limit: int = 50) -> list[Purchase]:
        """The purchases of all sources that nobody has hidden, the last one that was added first.

        Args:
            before: only those with a smaller number.
        """
        await self._journal.bury()
        return await self._journal.latest(before=before, limit=limit)

    async def under_way(self) -> list[Purchase]:
        """All purchases that are bought and not saved yet, without their requests."""
        await self._journal.bury()
        return await self._journal.latest(states=UNDER_WAY, requests=False)

    async def hide(self, number: int) -> bool:
        """Leave a purchase out of lists. Its key stays taken. What is in doubt cannot be hidden."""
        return await self._journal.hide(number)

    async def spent(self, allowance: Allowance) -> int:
        """How many purchases of this source count against an allowance now."""
        return await self._journal.spent(self._source, allowance.seconds)

    async def _submit(self, entry: NewPurchase, allowance: Allowance | None, patience: float) -> Purchase:
        found = await self._journal.find(entry.id)
        if found is None or (found.digest == entry.digest and found.state in UNBOUGHT):
            # Files are read here, and not in the transaction, in which nobody else can write.
            stored = await asyncio.to_thread(entry.request)
            entry = entry._replace(request=lambda: stored)
        entered = await self._current(await self._journal.enter(entry, self._source))
        if entered.digest != entry.digest:
            raise KeyReused(entered)
        if entered.state != "ready":
            return entered
        # Whoever asks for a purchase wants it tried, whatever stopped the ones before.
        await self._journal.retry_account(self._client.account)
        waited = 0.0
        while True:
            match await self._advancer.buy(entered.number, payload=entry.digest, allowance=allowance):
                case BudgetSpent() as spent:
                    raise AllowanceSpent(spent)
                case Wait(seconds) if waited + seconds <= patience:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(seconds):
                            await self._ending.wait()
                    waited += seconds
                case Wait(seconds, reason):
                    reason = f"{reason}; try again in {math.ceil(seconds)} s"
                    return replace(await self.purchase(entered.number), reason=reason)
                case Stopped(reason):
                    return replace(await self.purchase(entered.number), reason=reason)
                case Ended():
                    return await self.purchase(entered.number)

    def _obstacle(self) -> Stopped | None:
        return Stopped("this program is ending; nothing was sent") if self._ending.is_set() else None

    def _entry(self, key: str, given: Request | Content, checked: Request | None) -> NewPurchase:
        content = given if isinstance(given, Content) else Content.of_request(given)
        request = checked or content.request(self._client.catalog)
        return NewPurchase(key, content.model, content.stored, payload_digest(request.to_payload()))

    async def _current(self, purchase: Purchase) -> Purchase:
        """The purchase, after a look whether the process that sends it is still there."""
        if purchase.state != "sending":
            return purchase
        if purchase.runner == self._journal.runner:
            await self._advancer.write_again()
        else:
            await self._journal.bury()
        return await self._journal.purchase(purchase.number)

    async def _follow(self, number: int) -> Purchase:
        while True:
            ended = await self._advancer.fetch(number)
            purchase = await self._journal.purchase(number)
            if purchase.state not in UNDER_WAY:
                return purchase
            trouble = ended.reason if isinstance(ended, (Stopped, Ended)) else ""
            self._progress[number] = self._progress[number]._replace(trouble=trouble)
            await asyncio.sleep(_AGAIN)
            await self._journal.bury()  # Whoever follows it may be gone.

    def _polled(self, purchase: Purchase, task: AsyncTask) -> None:
        progress = self._progress[purchase.number] = Progress(task.status, task.progress)
        for listener in tuple(self._listeners):
            listener(purchase, progress)

    def _submitted(self, key: str, task: asyncio.Task[Purchase]) -> None:
        self._submitting.pop(key, None)
        if not task.cancelled():
            task.exception()  # Whoever waited for it has seen it. If nobody did, the journal says it.

    def _followed(self, number: int, task: asyncio.Task[Purchase]) -> None:
        self._following.pop(number, None)
        self._progress.pop(number, None)
        if not task.cancelled():
            task.exception()  # Whoever looks at the purchase sees the journal, or the same error.

    async def _finish(self) -> None:
        self._ending.set()
        for task in self._following.values():
            task.cancel()
        if under_way := [*self._submitting.values(), *self._following.values()]:
            await asyncio.wait(under_way)
        with suppress(JournalError):  # Whoever opens the journal next finds a doubt.
            await self._advancer.write_again()


class _NamedAfterModels:
    """Videos in a folder, each named after the model and number of its purchase."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path_of(self, purchase: Purchase) -> Path:
        mark = sha256(purchase.id.encode("utf-8", "surrogatepass")).hexdigest()[:6]  # Another journal counts, too.
        return self._folder / file_name(f"{purchase.model}-{purchase.number}-{mark}")

    def recorded(self, path: Path) -> str:
        return str(path)
