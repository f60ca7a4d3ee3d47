"""Where the tools buy: a client and the journal of this machine, opened when the first call needs them.

Neither is needed to list models or to check a request, and importing both takes longer than to answer such a call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.credentials import is_on_this_machine
from modelstream_runtime.purchases.place import resolve_command

if TYPE_CHECKING:
    from modelstream_runtime._async.client import AsyncClient
    from modelstream_runtime._async.task import AsyncTask
    from modelstream_runtime.purchases.place import Place
    from modelstream_runtime.purchases.purchases import Purchases


class Shop:
    """The gateway at which one process buys.

    Args:
        catalog: its models.
        base_url: its address, which is part of the key of each purchase.
        make_client: makes the client, which the shop closes.
        place: the place of the journal; by default the one of this machine and user.
        videos: the folder for videos; by default the one beside the journal.
        mock: the gateway sells nothing real, so its purchases go into a journal of their own.
        redact: removes the API key from a text.
        for_one_call: nothing goes on after the call, so a video that is being saved then would never be complete.
    """

    def __init__(
        self,
        catalog: Catalog,
        base_url: str,
        make_client: Callable[[], AsyncClient],
        *,
        place: Place | None = None,
        videos: Path | None = None,
        mock: bool = False,
        redact: Callable[[str], str] = str,
        for_one_call: bool = False,
    ) -> None:
        self.catalog = catalog
        self.base_url = base_url
        self.redact = redact
        self.for_one_call = for_one_call
        self._make_client = make_client
        self._place = place
        self._videos = videos
        self._mock = mock or is_on_this_machine(base_url)
        self._stack = AsyncExitStack()
        self._opening: asyncio.Task[tuple[AsyncClient, Purchases]] | None = None
        self._saving: dict[str, asyncio.Task[Path]] = {}

    def resolve_command(self, number: int) -> str:
        """The command with which a person ends the doubt about a purchase."""
        return resolve_command(self.catalog.package, number, mock=self._mock)

    async def opened(self) -> tuple[AsyncClient, Purchases]:
        """The client and the journal.

        Raises:
            JournalError: the journal cannot be opened. The next call tries again.
            ModelStreamError: there is no API key, or it is malformed.
        """
        if self._opening is None or (self._opening.done() and self._opening.exception() is not None):
            self._opening = asyncio.create_task(self._open())
        return await asyncio.shield(self._opening)  # Other calls wait for it, too.

    def saving(self, task: AsyncTask, path: Path) -> asyncio.Task[Path]:
        """The download of a video that is no purchase of the journal. It goes on behind calls, until the shop closes.

        Args:
            task: which is done.
            path: of the file.
        """
        if task.id not in self._saving:
            download = self._saving[task.id] = asyncio.create_task(task.save(path))
            download.add_done_callback(lambda ended: self._saved(task.id, ended))
        return self._saving[task.id]

    async def close(self) -> None:
        """Finish the paid requests under way, and leave the journal to others. Downloads end."""
        if self._opening is not None:
            await asyncio.wait([self._opening])
        if under_way := [*self._saving.values()]:
            for download in under_way:
                download.cancel()
            await asyncio.wait(under_way)
        await self._stack.aclose()

    def _saved(self, task_id: str, download: asyncio.Task[Path]) -> None:
        self._saving.pop(task_id, None)
        if not download.cancelled():
            download.exception()  # Whoever waited for it has seen it. If nobody did, the next call tries again.

    async def _open(self) -> tuple[AsyncClient, Purchases]:
        from modelstream_runtime.purchases.place import machine_place
        from modelstream_runtime.purchases.purchases import Purchases

        place = self._place or machine_place(self.catalog.package, mock=self._mock)
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(self._make_client())
            purchases = await stack.enter_async_context(Purchases.opened(client, "agent", place, videos=self._videos))
            self._stack = stack.pop_all()
        return client, purchases
