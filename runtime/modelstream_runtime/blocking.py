"""The synchronous client as the runtime uses it. Generated packages contain it, derived from `_async`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    from modelstream_runtime.request import Request


class BlockingTask(Protocol):
    """A task whose methods block. See `modelstream_runtime._async.task.AsyncTask`."""

    id: str
    status: str
    raw_status: str | None
    progress: int | None
    reason: str | None
    body: Any

    @property
    def done(self) -> bool: ...
    @property
    def failed(self) -> bool: ...
    @property
    def url(self) -> str | None: ...
    def refresh(self) -> Self: ...
    def wait(
        self,
        *,
        timeout: float | None = ...,
        interval: float | None = ...,
        on_update: Callable[[Self], object] | None = ...,
    ) -> Self: ...
    def save(
        self,
        path: str | PathLike[str],
        *,
        overwrite: bool = ...,
        on_progress: Callable[[int, int | None], object] | None = ...,
    ) -> Path: ...


class BlockingClient(AbstractContextManager["BlockingClient", None], Protocol):
    """A client whose methods block. See `modelstream_runtime._async.client.AsyncClient`."""

    @property
    def account(self) -> str: ...
    def submit(
        self,
        request: Request,
        /,
        *,
        extra_body: Mapping[str, Any] | None = ...,
        extra_headers: Mapping[str, str] | None = ...,
    ) -> BlockingTask: ...
    def task(self, task_id: str) -> BlockingTask: ...
