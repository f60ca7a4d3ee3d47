"""A task at the gateway: ask for it, wait for it, save its video."""

from __future__ import annotations

import logging
import random
import time
import warnings
from collections.abc import AsyncIterator, Callable
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

from modelstream_runtime._async.concurrency import sleep
from modelstream_runtime._async.download import save_video
from modelstream_runtime.about import PACKAGE
from modelstream_runtime.errors import (
    APIConnectionError,
    APIError,
    ModelStreamError,
    NotFoundError,
    TaskFailed,
    TaskTimeout,
    UnknownStatusWarning,
)
from modelstream_runtime.responses import Answer, read_task
from modelstream_runtime.retry import LONGEST_RETRY_AFTER, delay_before, is_passing

if TYPE_CHECKING:
    from modelstream_runtime._async.connection import AsyncConnection, Settings
    from modelstream_runtime.request import Request

logger = logging.getLogger(PACKAGE)

DEFAULT_WAIT = 1800.0
"""Seconds."""
_LONGEST_ID = 512
MAX_CONSECUTIVE_404 = 3
"""A gateway may not know a task right after it accepted it. More "no such task" responses than this mean it."""


class AsyncTask:
    """One video that was ordered. It is made at the gateway, whether or not anybody waits for it.

    Attributes:
        id: the id at the gateway; keep it, and any process can go on with ``client.task(id)``.
        status: ``queued``, ``in_progress``, ``completed``, ``failed``, ``cancelled`` or ``unknown``.
        raw_status: the status as the gateway spells it.
        progress: percent, if the gateway told it.
        reason: why it failed.
        body: the last answer about it, as JSON.
        headers: the HTTP headers of that answer.
        request: the request, if it was submitted by this process.

    A task can be pickled. The key does not go with it, so that an unpickled task tells its id and state, and is gone
    on with by ``client.task(task.id)``.
    """

    def __init__(
        self, task_id: str, connection: AsyncConnection, settings: Settings, *, request: Request | None = None
    ) -> None:
        if not isinstance(task_id, str) or not task_id.strip("./ ") or not task_id.isprintable():
            raise ValueError(f"{task_id!r} is no task id")
        if len(task_id) > _LONGEST_ID:
            raise ValueError(f"a task id has at most {_LONGEST_ID} characters, not {len(task_id)}")
        self.id = task_id
        self.status = "queued"
        self.raw_status: str | None = None
        self.progress: int | None = None
        self.reason: str | None = None
        self.body: Any = None
        self.headers: dict[str, str] = {}
        self.request = request
        self._url: str | None = None
        self._connection: AsyncConnection | None = connection
        self._settings = settings

    def __repr__(self) -> str:
        progress = f", progress={self.progress}" if self.progress is not None else ""
        return f"{type(self).__name__}({self.id!r}, status={self.status!r}{progress})"

    def __str__(self) -> str:
        return f"{self.id} {self.status}" + (f" {self.progress}%" if self.progress is not None else "")

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_connection": None}

    @property
    def done(self) -> bool:
        """Whether there is a video."""
        return self._settings.gateway.meanings.get(self.status) == "done"

    @property
    def failed(self) -> bool:
        """Whether there will be none."""
        return self._settings.gateway.meanings.get(self.status) == "failed"

    @property
    def url(self) -> str | None:
        """Where the finished video is; ``None`` before that.

        Addresses of vendors expire, often within a day. Where the gateway told none it is the gateway's own, which
        wants the key.
        """
        return (self._url or self._content_url) if self.done else None

    async def refresh(self) -> Self:
        """Ask for the state, repeating what fails in passing up to ``max_retries`` times.

        Returns:
            The task itself.

        Raises:
            APIError: the gateway answered with an error.
            APIConnectionError: it could not be reached.
        """
        repetition = 0
        while True:
            try:
                await self._ask()
            except (APIConnectionError, APIError) as error:
                if repetition >= self._settings.max_retries or not _passes(error):
                    raise
                repetition += 1
                await sleep(delay_before(repetition, getattr(error, "retry_after", None)))
            else:
                return self

    async def wait(
        self,
        *,
        timeout: float | None = DEFAULT_WAIT,
        interval: float | None = None,
        on_update: Callable[[Self], object] | None = None,
    ) -> Self:
        """Wait until the video is there, through every passing fault.

        Args:
            timeout: seconds to wait at most; ``None`` waits for ever.
            interval: seconds between two questions; by default growing from 2 to 10. The gateway asks its vendors on
                a timer, so that less than about 5 gains nothing.
            on_update: called with the task whenever its status or progress changes, such as ``print``.

        Returns:
            The task itself, finished: it has a `url` and can `save`.

        Raises:
            TaskFailed: there will be no video.
            TaskTimeout: it is not done yet. The task goes on; wait again, here or in another process.
            APIError: the gateway refuses the question for good, for instance because of the key.
        """
        started = time.monotonic()
        polling = self._settings.gateway.polling
        pause = polling.first if interval is None else interval
        fault: str | None = None
        absences = 0
        told: tuple[str, int | None] | None = None
        try:
            while not self.done:
                left = None if timeout is None else timeout - (time.monotonic() - started)
                wanted_pause: float | None = None
                try:
                    await self._ask(timeout=None if left is None else max(left, 1.0))
                    fault, absences = None, 0
                except (APIConnectionError, APIError) as error:
                    absences = absences + 1 if isinstance(error, NotFoundError) else 0
                    if not _passes(error) and not 0 < absences <= MAX_CONSECUTIVE_404:
                        raise
                    fault, wanted_pause = str(error), getattr(error, "retry_after", None)
                    logger.info("asking for task %s again: %s", self.id, fault)
                if on_update is not None and told != (self.status, self.progress):
                    told = (self.status, self.progress)
                    on_update(self)
                if self.failed:
                    raise TaskFailed(self)
                if self.done:
                    break
                waited = time.monotonic() - started
                if timeout is not None and waited >= timeout:
                    raise TaskTimeout(self, waited=waited, reason=fault)
                length = min(wanted_pause or 0.0, LONGEST_RETRY_AFTER) or pause * random.uniform(0.85, 1.15)
                await sleep(length if timeout is None else max(0.0, min(length, timeout - waited)))
                if interval is None:
                    pause = min(pause * polling.factor, polling.longest)
        except (TaskFailed, TaskTimeout):
            raise
        except BaseException as error:
            error.add_note(f"Task {self.id} goes on at the gateway; wait on with client.task({self.id!r}).wait()")
            raise
        return self

    async def save(
        self,
        path: str | PathLike[str],
        *,
        on_progress: Callable[[int, int | None], object] | None = None,
        sha256: str | None = None,
    ) -> Path:
        """Save the finished video: streamed, resumed after a cut, and under its final name only when it is whole.

        Args:
            path: file to write, replaced if it exists; in a folder, or for a path that ends with a slash, the file is
                named after the task.
            on_progress: called with the bytes received and the bytes expected, which may be ``None``.
            sha256: hexadecimal digest that the video must have.

        Returns:
            The path of the file.

        Raises:
            DownloadError: it could not be fetched whole, or the digest is another. Nothing is left under the path.
            ModelStreamError: the task is not finished.
            OSError: the file cannot be written.
        """
        if not self.done:
            await self.refresh()
        if not self.done:
            raise ModelStreamError(f"task {self.id} is {self.status}; wait() for it before saving its video")
        return await save_video(
            self._addresses(),
            path,
            task_id=self.id,
            connection=self._linked(),
            settings=self._settings,
            on_progress=on_progress,
            sha256=sha256,
        )

    @property
    def _content_url(self) -> str:
        return self._settings.base_url + self._path(self._settings.gateway.content_path)

    def _path(self, template: str) -> str:
        return template.format(task_id=quote(self.id, safe=""))

    async def _addresses(self) -> AsyncIterator[str]:
        """Where to fetch the video, best first: the result's address, a fresh one if it changed, the gateway's own."""
        first = self._url
        if first:
            yield first
        try:
            await self.refresh()
        except (APIError, APIConnectionError) as error:
            logger.info("task %s: no fresh address: %s", self.id, error)
        if self._url and self._url != first:
            yield self._url
        yield self._content_url

    def _linked(self) -> AsyncConnection:
        if self._connection is None:
            raise ModelStreamError(f"this task was unpickled and has no key; go on with client.task({self.id!r})")
        return self._connection

    async def _ask(self, *, timeout: float | None = None) -> None:
        url = self._settings.base_url + self._path(self._settings.gateway.task_path)
        answer = await self._linked().ask(url, self._settings, seconds=timeout)
        if answer.body is None:
            raise APIConnectionError(f"the answer about task {self.id} is no JSON (HTTP {answer.status_code})")
        self._update_from(answer)

    def _update_from(self, answer: Answer) -> None:
        """Take over the state from a response."""
        seen = read_task(answer.body, self._settings.gateway)
        if seen.status == "unknown" and seen.raw_status != self.raw_status:
            logger.warning("task %s has the unknown status %r; it counts as running", self.id, seen.raw_status)
            warnings.warn(f"unknown task status {seen.raw_status!r}", UnknownStatusWarning, stacklevel=2)
        self.body = answer.body
        self.headers = dict(answer.headers)
        self.status = seen.status
        self.raw_status = seen.raw_status
        self.progress = 100 if self.done else seen.progress if seen.progress is not None else self.progress
        self.reason = seen.reason
        self._url = seen.url or self._url


AsyncTask.__module__ = PACKAGE  # Where users import it from.


def _passes(error: Exception) -> bool:
    return is_passing(error) if isinstance(error, APIError) else True
