"""``wait_video``: wait for what is bought, and save it. It costs nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from modelstream_runtime._async.client import AsyncClient
from modelstream_runtime._text import shown
from modelstream_runtime.agents.advice import ADVICE
from modelstream_runtime.agents.host import Host
from modelstream_runtime.agents.results import ToolResult, foreign
from modelstream_runtime.agents.shop import Shop
from modelstream_runtime.agents.videos import video_of
from modelstream_runtime.errors import DownloadError, InvalidRequest, NotFoundError, Problem, TaskFailed, TaskTimeout
from modelstream_runtime.journal.records import Purchase
from modelstream_runtime.journal.states import PAID, State
from modelstream_runtime.purchases.fetching import state_after
from modelstream_runtime.purchases.naming import file_name
from modelstream_runtime.purchases.purchases import Progress, Purchases

Report = Callable[[str, int | None], None]
"""Called with the status of a task and its progress in percent."""
_ONE_POLL: Final = 1.0
"""Seconds in which a gateway tells how a task is doing."""
_RECHECK: Final = 0.2


async def wait(shop: Shop, task_id: str, seconds: float, host: Host) -> ToolResult:
    """Wait for a task at most so many seconds, and save its video.

    A download goes on behind the calls, or else is waited for, if nothing goes on after this call.

    Raises:
        InvalidRequest: there is no such task.
        ModelStreamError: the gateway cannot be asked.
    """
    client, purchases = await shop.opened()
    purchase = await purchases.find_task(task_id)
    started = time.monotonic()

    def report(status: str, percent: int | None) -> None:
        shown = status if percent is None else f"{status}, {percent}%"
        host.progress(time.monotonic() - started, seconds, shown)

    if purchase is None:
        return await _stranger(shop, client, purchases.videos, task_id, seconds, report)
    number = purchase.number

    def listener(changed: Purchase, progress: Progress) -> None:
        if changed.number == number:
            report(progress.status, progress.percent)

    purchases.listen(listener)
    try:
        purchase = await purchases.follow(number, timeout=max(seconds, _ONE_POLL) if shop.for_one_call else seconds)
        saving = shop.for_one_call
        while saving:
            saving = _is_saving(shop, purchases, number)
            purchase = await purchases.purchase(number)  # After the look, so that it has what came of it.
            await asyncio.sleep(_RECHECK if saving else 0)
        return video_of(shop, purchase, purchases.progress(number))
    finally:
        purchases.ignore(listener)


def _is_saving(shop: Shop, purchases: Purchases, number: int) -> bool:
    """Whether this process downloads the video of a purchase at this moment, and nothing is in its way."""
    progress = purchases.progress(number)
    if progress is None or progress.trouble:
        return False
    return shop.catalog.gateway.meanings.get(progress.status) == "done"


async def _stranger(
    shop: Shop, client: AsyncClient, folder: Path, task_id: str, seconds: float, report: Report
) -> ToolResult:
    """Wait for a task that is not in the journal: a person, or another machine, has bought it."""
    path = folder / file_name(task_id)
    if path.is_file():  # A video gets its name when it is complete.
        return _result("saved", task_id, path)
    try:
        task = client.task(task_id)
    except ValueError:
        raise _unknown(task_id) from None
    started = time.monotonic()
    try:
        await task.wait(timeout=seconds, on_update=lambda polled: report(polled.status, polled.progress))
        download = shop.saving(task, path)
        left = None if shop.for_one_call else max(0.0, seconds - (time.monotonic() - started))
        await asyncio.wait([download], timeout=left)
        if download.done() and not download.cancelled():  # The end of the shop cancels it.
            return _result("saved", task_id, download.result())
        return _result("finished", task_id, gateway_status=task.status, gateway_progress=task.progress)
    except NotFoundError:
        raise _unknown(task_id) from None
    except (TaskFailed, DownloadError) as error:
        state, reason = state_after(error)
        return _result(state, task_id, gateway_message=foreign(reason))
    except TaskTimeout as error:
        message = foreign(error.reason)
        return _result(
            *("submitted", task_id),
            gateway_status=error.status,
            gateway_progress=error.progress,
            gateway_message=message,
        )


def _result(state: State, task_id: str, path: Path | None = None, **facts: Any) -> ToolResult:
    """As `video_of`, of a task of which the journal knows nothing."""
    advice = ADVICE[state]
    facts |= {"path": str(path), "bytes": path.stat().st_size} if path is not None else {}
    content = {
        "state": advice.state,
        "paid": PAID[state],
        "next": advice.next.format(take=1, resolve=""),
        "task_id": task_id,
    }
    content |= {name: fact for name, fact in facts.items() if fact is not None}
    return ToolResult(content, advice.is_error, path)


def _unknown(task_id: str) -> InvalidRequest:
    message = f"the gateway has no task {shown(task_id)} for this account; list_videos has those of this machine"
    return InvalidRequest("wait_video", [Problem("task_id", message, value=task_id)], subject="call of wait_video")
