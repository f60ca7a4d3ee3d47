"""What anybody does who fetches the video of a purchase that is bought. It costs nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

from modelstream_runtime.errors import DownloadError, NotFoundError, TaskFailed
from modelstream_runtime.journal.journal import Journal
from modelstream_runtime.journal.records import Purchase
from modelstream_runtime.journal.states import State

NO_VIDEO = (TaskFailed, NotFoundError, DownloadError)
"""Errors after which waiting longer is useless."""


def state_after(error: TaskFailed | NotFoundError | DownloadError) -> tuple[State, str]:
    """The state of a purchase after one of `NO_VIDEO`, and the reason."""
    if isinstance(error, TaskFailed):
        return "failed", error.reason or "no reason given"
    return "unfetched", str(error)


async def journal_end(journal: Journal, number: int, state: State, reason: str) -> None:
    """Enter such a state."""
    await (journal.failed(number, reason) if state == "failed" else journal.unfetched(number, reason))


async def fetch_again(journal: Journal, purchase: Purchase) -> None:
    """Let a purchase be fetched again that could not be fetched, or whose file is gone."""
    is_gone = purchase.state == "saved" and not await asyncio.to_thread(_is_there, purchase.path)
    if is_gone:
        await journal.unfetched(purchase.number, "the file is gone")
    if is_gone or purchase.state == "unfetched":
        await journal.refetch(purchase.number)


def _is_there(path: Path | None) -> bool:
    return path is not None and path.is_file()
