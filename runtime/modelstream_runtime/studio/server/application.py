"""The studio as an ASGI application."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
from collections.abc import AsyncIterator, Callable
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from modelstream_runtime.about import PACKAGE
from modelstream_runtime.errors import ModelStreamError
from modelstream_runtime.purchases.purchases import Purchases
from modelstream_runtime.studio.server.buying import Buying, Report
from modelstream_runtime.studio.server.gate import Gate
from modelstream_runtime.studio.server.page_files import page_files
from modelstream_runtime.studio.server.reading import Reading
from modelstream_runtime.studio.server.replies import Refused
from modelstream_runtime.studio.server.studio import Studio
from modelstream_runtime.studio.server.videos import FOLDER
from modelstream_runtime.studio.uploads import Uploads

logger = logging.getLogger(PACKAGE)

OPENING: Final = "/open/"
"""Below it is the address that works once."""
_TICK: Final = 0.05
"""Seconds until somebody in a hurry is noticed."""


class Application:
    """The studio as an ASGI application.

    Args:
        studio: what to serve.
        port: that it is served at.
        token: what the page must know.
        once: the address below `OPENING` that leads to the page with the token, once.
        report: takes a line for the person at the terminal.

    Attributes:
        failure: why it could not start, or not end well.
        on_start: called when it is ready.
        is_pressed: says whether a person wants it to end, however much is under way.
    """

    def __init__(self, studio: Studio, *, port: int, token: str, once: str, report: Report) -> None:
        self.failure: Exception | None = None
        self.on_start: Callable[[], object] = lambda: None
        self.is_pressed: Callable[[], bool] = lambda: False
        self._studio = studio
        self._token = token
        self._once: str | None = once
        self._page = page_files()
        self._report = report
        uploads = Uploads()
        self._buying = Buying(studio, uploads, report)
        routes = [
            *(Route(path, self._page_file) for path in self._page),
            Route(f"{OPENING}{{once}}", self._open),
            *Reading(studio, uploads).routes(),
            *self._buying.routes(),
        ]
        starlette = Starlette(
            routes=routes,
            lifespan=self._lifespan,
            exception_handlers={
                Refused: _refused,
                HTTPException: _not_there,
                ModelStreamError: _told,
                Exception: _failed,
            },
        )
        self._gate = Gate(starlette, port=port, token=token, public=self._page, public_below=(OPENING, FOLDER))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._gate(scope, receive, send)

    @contextlib.asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        opened = contextlib.AsyncExitStack()
        try:
            try:
                client = await opened.enter_async_context(self._studio.client)
                purchases = await opened.enter_async_context(
                    Purchases.opened(client, "studio", self._studio.place, videos=self._studio.videos)
                )
                await self._buying.start(purchases)
                self.on_start()
                yield
            finally:
                await self._close(opened)
        except (ModelStreamError, OSError) as error:
            self.failure = error
            raise

    async def _close(self, opened: contextlib.AsyncExitStack) -> None:
        """Let paid requests under way be finished first, unless a person is in a hurry."""
        if self._buying.sending:
            self._report(
                "A paid request is under way: the studio ends when the gateway has answered. "
                "If you press Ctrl-C again, nobody will know whether it was bought."
            )
        closing = asyncio.create_task(opened.aclose())
        while not closing.done():
            if self.is_pressed():
                closing.cancel()
            await asyncio.wait([closing], timeout=_TICK)
        if not closing.cancelled():
            await closing

    async def _page_file(self, request: Request) -> Response:
        return self._page[request.url.path].response(request)

    async def _open(self, request: Request) -> Response:
        given = request.path_params["once"].encode()
        if self._once is None or not hmac.compare_digest(given, self._once.encode()):
            raise Refused(410, "opened", "this address worked once; open the one that the terminal shows")
        self._once = None
        return RedirectResponse(f"/#token={self._token}", 303, headers={"cache-control": "no-store"})


async def _told(request: Request, error: Exception) -> Response:
    # Such as a journal that cannot be written.
    return Refused(503, type(error).__name__, str(error)).response


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    response = error.response
    if error.status == 413:  # Nobody reads the rest of the body.
        response.headers["connection"] = "close"
    return response


async def _not_there(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    response = Refused(
        error.status_code, "nothing here", f"{request.method} {request.url.path}: {error.detail}"
    ).response
    response.headers.update(error.headers or {})
    return response


async def _failed(request: Request, error: Exception) -> Response:
    logger.error("the studio failed at %s %s", request.method, request.url.path, exc_info=error)
    return Refused(500, type(error).__name__, "the studio failed; the terminal has the details").response
