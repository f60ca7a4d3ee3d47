# Made from runtime/modelstream_runtime/_async/task.py.
# Do not edit it here: change its source, then run "nox -s generate".
"""A task at the gateway: poll it, wait for it, save its video."""

from __future__ import annotations

import logging
import random
import time
import warnings
from collections.abc import Callable, Iterator
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

from modelstream._sync.download import save_video
from modelstream_runtime._sync.concurrency import in_background, sleep
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
from modelstream_runtime.part_file import find_target, remove_leftovers
from modelstream_runtime.responses import GatewayResponse, read_task
from modelstream_runtime.retry import LONGEST_RETRY_AFTER, delay_before, is_transient

if TYPE_CHECKING:
    from modelstream._sync.connection import Connection, Settings
    from modelstream_runtime.request import Request

logger = logging.getLogger(PACKAGE)

DEFAULT_WAIT = 1800.0
"""Seconds."""
_MAX_ID_LENGTH = 512
MAX_CONSECUTIVE_404 = 3
"""Just after a submission, the gateway may report that there is no such task. More reports than this are final."""


def check_task_id(task_id: str) -> None:
    """Raise a `ValueError` if this cannot be the id of a task."""
    if not isinstance(task_id, str) or not task_id.strip("./ ") or not task_id.isprintable():
        raise ValueError(f"{task_id!r} is not a task id")
    if len(task_id) > _MAX_ID_LENGTH:
        raise ValueError(f"a task id has at most {_MAX_ID_LENGTH} characters, not {len(task_id)}")


class Task:
    """A video that you ordered. The gateway makes it whether or not anybody waits for it.

    Attributes:
        id: the id at the gateway. Keep it: any process can resume the task with ``client.task(id)``.
        status: ``queued``, ``in_progress``, ``completed``, ``failed``, ``cancelled`` or ``unknown``.
        raw_status: the status as the gateway spells it.
        progress: percent, if the gateway reports it.
        reason: why the task failed.
        body: the last response about the task, as JSON.
        headers: the HTTP headers of that response.
        request: the request, if this process submitted it.

    A task can be pickled, but without the API key. An unpickled task knows its id and its state; resume it with
    ``client.task(task.id)``.
    """

    def __init__(
        self, task_id: str, connection: Connection, settings: Settings, *, request: Request | None = None
    ) -> None:
        check_task_id(task_id)
        self.id = task_id
        self.status = "queued"
        self.raw_status: str | None = None
        self.progress: int | None = None
        self.reason: str | None = None
        self.body: Any = None
        self.headers: dict[str, str] = {}
        self.request = request
        self._url: str | None = None
        self._warned_status: str | None = None
        self._connection: Connection | None = connection
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
        """Whether the video is finished."""
        return self._settings.gateway.meanings.get(self.status) == "done"

    @property
    def failed(self) -> bool:
        """Whether the task ended without a video."""
        return self._settings.gateway.meanings.get(self.status) == "failed"

    @property
    def url(self) -> str | None:
        """The address of the finished video; ``None`` before that.

        Addresses of vendors expire, often within a day. If the gateway reports none, this is an address of the gateway
        itself, which requires the API key.
        """
        return (self._url or self._content_url) if self.done else None

    def refresh(self) -> Self:
        """Poll the task once, with up to ``max_retries`` retries after transient errors.

        Returns:
            The task itself.

        Raises:
            APIError: the gateway responded with an error.
            APIConnectionError: the client cannot reach the gateway.
        """
        retries = 0
        while True:
            try:
                self._poll()
            except (APIConnectionError, APIError) as error:
                if retries >= self._settings.max_retries or not _is_transient(error):
                    raise
                retries += 1
                sleep(delay_before(retries, getattr(error, "retry_after", None)))
            else:
                return self

    def wait(
        self,
        *,
        timeout: float | None = DEFAULT_WAIT,
        interval: float | None = None,
        on_update: Callable[[Self], object] | None = None,
    ) -> Self:
        """Wait until the video is finished. Transient errors do not end the wait.

        Args:
            timeout: seconds to wait. ``None`` waits forever.
            interval: seconds between two polls. By default they grow from 2 to 10. The gateway polls its vendors on a
                timer, so less than about 5 gains nothing.
            on_update: called with the task whenever its status or progress changes, for example ``print``.

        Returns:
            The task itself, finished: it has a `url`, and you can `save` it.

        Raises:
            TaskFailed: the task ended without a video.
            TaskTimeout: the video is not finished yet. The task continues; wait again, here or in another process.
            APIError: the gateway rejects the polls, for example because of the API key.
        """
        started = time.monotonic()
        polling = self._settings.gateway.polling
        pause = polling.first if interval is None else interval
        poll_error: str | None = None
        consecutive_404 = 0
        reported: tuple[str, int | None] | None = None
        try:
            while not self.done:
                remaining = None if timeout is None else timeout - (time.monotonic() - started)
                retry_after: float | None = None
                try:
                    self._poll(timeout=None if remaining is None else max(remaining, 1.0))
                    poll_error, consecutive_404 = None, 0
                except (APIConnectionError, APIError) as error:
                    consecutive_404 = consecutive_404 + 1 if isinstance(error, NotFoundError) else 0
                    if not _is_transient(error) and not 0 < consecutive_404 <= MAX_CONSECUTIVE_404:
                        raise
                    poll_error, retry_after = str(error), getattr(error, "retry_after", None)
                    logger.info("polling task %s again: %s", self.id, poll_error)
                if on_update is not None and reported != (self.status, self.progress):
                    reported = (self.status, self.progress)
                    on_update(self)
                if self.failed:
                    raise TaskFailed(self)
                if self.done:
                    break
                waited = time.monotonic() - started
                if timeout is not None and waited >= timeout:
                    raise TaskTimeout(self, waited=waited, reason=poll_error)
                length = min(retry_after or 0.0, LONGEST_RETRY_AFTER) or pause * random.uniform(0.85, 1.15)
                sleep(length if timeout is None else max(0.0, min(length, timeout - waited)))
                if interval is None:
                    pause = min(pause * polling.factor, polling.longest)
        except (TaskFailed, TaskTimeout):
            raise
        except NotFoundError as error:
            error.add_note(f"The gateway knows no task {self.id!r}: check the id, and whose key you use")
            raise
        except BaseException as error:
            error.add_note(f"Task {self.id} continues at the gateway; resume with client.task({self.id!r}).wait()")
            raise
        return self

    def save(
        self,
        path: str | PathLike[str],
        *,
        overwrite: bool = True,
        on_progress: Callable[[int, int | None], object] | None = None,
        sha256: str | None = None,
    ) -> Path:
        """Download the finished video in constant memory, resume after a cut, and rename the file when it is complete.

        Args:
            path: the file to write. If the path is a folder or ends with a slash, the file is named after the task.
            overwrite: whether to replace an existing file.
            on_progress: called with the number of bytes received and the number expected, which may be ``None``.
            sha256: hexadecimal digest that the video must have.

        Returns:
            The path of the file.

        Raises:
            DownloadError: the client could not download the complete video, or its digest differs. The path is
                untouched.
            ModelStreamError: the task is not finished.
            FileExistsError: the file exists, and ``overwrite`` is false. An existing file is noticed before anything
                is downloaded, and one that appears meanwhile is not replaced either.
            OSError: the file cannot be written.
        """
        target = find_target(path, self.id, overwrite=overwrite)
        in_background(remove_leftovers, target)
        return self._save(target, overwrite=overwrite, on_progress=on_progress, sha256=sha256)

    def _save(
        self,
        target: Path,
        *,
        overwrite: bool = True,
        on_progress: Callable[[int, int | None], object] | None = None,
        sha256: str | None = None,
    ) -> Path:
        """As `save`, for a caller that has removed the leftovers of earlier processes from the folder."""
        if not self.done:
            self.refresh()
        if not self.done:
            raise ModelStreamError(f"task {self.id} is {self.status}; wait() for it before you save its video")
        return save_video(
            self._addresses(),
            target,
            task_id=self.id,
            connection=self._linked(),
            settings=self._settings,
            overwrite=overwrite,
            on_progress=on_progress,
            sha256=sha256,
        )

    @property
    def _content_url(self) -> str:
        return self._settings.base_url + self._path(self._settings.gateway.content_path)

    def _path(self, template: str) -> str:
        return template.format(task_id=quote(self.id, safe=""))

    def _addresses(self) -> Iterator[str]:
        """The addresses of the video, best first: the known one, a new one if it has changed, the gateway's own."""
        first = self._url
        if first:
            yield first
        try:
            self.refresh()
        except (APIError, APIConnectionError) as error:
            logger.info("task %s: cannot get a new address: %s", self.id, error)
        if self._url and self._url != first:
            yield self._url
        yield self._content_url

    def _linked(self) -> Connection:
        if self._connection is None:
            raise ModelStreamError(
                f"this task was unpickled and has no API key; resume it with client.task({self.id!r})"
            )
        return self._connection

    def _poll(self, *, timeout: float | None = None) -> None:
        url = self._settings.base_url + self._path(self._settings.gateway.task_path)
        response = self._linked().get(url, self._settings, seconds=timeout)
        if response.body is None:
            raise APIConnectionError(f"the response about task {self.id} is not JSON (HTTP {response.status_code})")
        self._update_from(response)

    def _update_from(self, response: GatewayResponse, *, warn: bool = True) -> None:
        """Set the state from a response.

        Args:
            response: to a submission or a poll.
            warn: whether to warn of an unknown status. A filter may turn the warning into an error, which must not
                stand in the place of a task that was just bought; the first poll warns.
        """
        state = read_task(response.body, self._settings.gateway)
        if warn and state.status == "unknown" and state.raw_status != self._warned_status:
            self._warned_status = state.raw_status
            message = f"task {self.id} has the unknown status {state.raw_status!r}; the client keeps waiting"
            logger.warning("%s", message)
            warnings.warn(message, UnknownStatusWarning, stacklevel=2)
        self.body = response.body
        self.headers = dict(response.headers)
        self.status = state.status
        self.raw_status = state.raw_status
        self.progress = 100 if self.done else state.progress if state.progress is not None else self.progress
        self.reason = state.reason
        self._url = state.url or self._url


Task.__module__ = PACKAGE  # The module that users import it from.


def _is_transient(error: Exception) -> bool:
    return is_transient(error) if isinstance(error, APIError) else True
