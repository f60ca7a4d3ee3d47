"""What costs money: each purchase is submitted once, followed, and kept in the journal of this machine."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from modelstream_runtime.credentials import is_on_this_machine
from modelstream_runtime.documents import UnreadableValue
from modelstream_runtime.errors import InvalidRequest
from modelstream_runtime.journal.journal import NoPurchase
from modelstream_runtime.journal.records import Purchase
from modelstream_runtime.journal.states import UNDER_WAY
from modelstream_runtime.purchases.content import has_files
from modelstream_runtime.purchases.place import resolve_command
from modelstream_runtime.purchases.purchases import KeyReused, Purchases
from modelstream_runtime.studio.preview import request_of
from modelstream_runtime.studio.server.files import delete_video
from modelstream_runtime.studio.server.replies import Refused, json_response, read_object, text_in
from modelstream_runtime.studio.server.studio import Studio
from modelstream_runtime.studio.server.told import told, written
from modelstream_runtime.studio.server.videos import FOLDER, Videos
from modelstream_runtime.studio.uploads import Uploads

_KEY: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")
_PATIENCE: Final = 20.0
"""Seconds to wait where the gateway asks for a pause before it sells."""
_PAGE: Final = 50
_FOLLOWED_AGAIN: Final = 7 * 86_400
"""Seconds for which a video is still waited for after a restart. Gateways keep results for less."""
_SHORT: Final = 20_000
"""Characters of a request that a list still has. Pictures make it longer."""

Report = Callable[[str], object]


class Buying:
    """The endpoints of purchases.

    Args:
        studio: what is served.
        uploads: files that requests name.
        report: takes a line for the person at the terminal.
    """

    def __init__(self, studio: Studio, uploads: Uploads, report: Report) -> None:
        self._catalog = studio.catalog
        self._is_mock = studio.mock or is_on_this_machine(studio.address)
        self._uploads = uploads
        self._report = report
        self._videos = Videos()
        self._opened: Purchases | None = None
        self.sending: set[asyncio.Task[Purchase]] = set()
        """What submits. It goes on although the page goes away."""

    def routes(self) -> list[Route]:
        """Their addresses."""
        one = "/api/purchases/{number:int}"
        return [
            Route("/api/purchases", self._latest, methods=["GET"]),
            Route("/api/purchases", self._submit, methods=["POST"]),
            Route(one, self._look),
            Route(f"{one}/request", self._request),
            Route(f"{one}/follow", self._follow, methods=["POST"]),
            Route(f"{one}/leave", self._leave, methods=["POST"]),
            Route(f"{one}/hide", self._hide, methods=["POST"]),
            Route(f"{FOLDER}{{proof}}/{{number:int}}.mp4", self._video),
        ]

    async def start(self, purchases: Purchases) -> None:
        """Use these purchases, and wait on for the videos that an earlier studio waited for."""
        self._opened = purchases
        recent = time.time() - _FOLLOWED_AGAIN
        for purchase in await purchases.under_way():
            if purchase.source == "studio" and purchase.updated > recent:
                await purchases.follow(purchase.number, timeout=0)

    @property
    def _purchases(self) -> Purchases:
        assert self._opened is not None, "the server answers only after it has started"
        return self._opened

    async def _submit(self, request: Request) -> Response:
        content = await read_object(request)
        key, text = text_in(content, "key"), text_in(content, "text")
        if not _KEY.fullmatch(key):
            raise Refused(400, "wrong body", "'key' must be 16 to 64 letters, digits, '-' or '_'")
        task = asyncio.create_task(self._bought(key, text))
        self.sending.add(task)
        task.add_done_callback(self._sent)
        purchase = await asyncio.shield(task)
        if purchase.state in UNDER_WAY:
            await self._purchases.follow(purchase.number, timeout=0)
        return json_response(await self._told(purchase))

    def _sent(self, task: asyncio.Task[Purchase]) -> None:
        self.sending.discard(task)
        if not task.cancelled():
            task.exception()  # If the page is gone, nobody sees it; the journal has what became of the purchase.

    async def _bought(self, key: str, text: str) -> Purchase:
        try:
            request = await asyncio.to_thread(request_of, self._catalog, text, self._uploads)
        except (UnreadableValue, InvalidRequest) as error:
            # The page may ask again for what it has bought, after a restart that lost the files of the request.
            if found := await self._purchases.find(key):
                return found
            raise _invalid(error) from None
        try:
            purchase = await self._purchases.submit(key, request, patience=_PATIENCE)
        except KeyReused as error:
            told = await self._told(error.purchase)
            raise Refused(409, "KeyReused", str(error), purchase=told) from None
        outcome = f"task {purchase.task_id}" if purchase.task_id else purchase.state
        self._report(f"{purchase.model}, purchase {purchase.number}: {outcome}")
        return purchase

    async def _latest(self, request: Request) -> Response:
        before = request.query_params.get("before", "")
        if before and not re.fullmatch("[0-9]{1,15}", before, re.ASCII):
            raise Refused(400, "wrong query", "'before' must be the number of a purchase")
        found = await self._purchases.latest(before=int(before) if before else None, limit=_PAGE)
        return json_response(
            {
                "purchases": [await self._told(purchase) for purchase in found],
                "before": found[-1].number if len(found) == _PAGE else None,
            }
        )

    async def _look(self, request: Request) -> Response:
        return json_response(await self._told(await self._purchase(request)))

    async def _request(self, request: Request) -> Response:
        purchase = await self._purchase(request)
        return json_response(await asyncio.to_thread(written, purchase, self._catalog))

    async def _follow(self, request: Request) -> Response:
        await read_object(request)
        purchase = await self._purchase(request)
        return json_response(await self._told(await self._purchases.follow(purchase.number, timeout=0)))

    async def _leave(self, request: Request) -> Response:
        await read_object(request)
        purchase = await self._purchase(request)
        await self._purchases.leave(purchase.number)
        return json_response(await self._told(await self._purchase(request)))

    async def _hide(self, request: Request) -> Response:
        content = await read_object(request)
        purchase = await self._purchase(request)
        if purchase.state in ("sending", "in doubt"):
            raise Refused(409, "in doubt", "nobody knows yet whether this was bought, so it stays in the list")
        await self._purchases.leave(purchase.number)
        if content.get("delete_file") is True:
            await asyncio.to_thread(delete_video, purchase)
        await self._purchases.hide(purchase.number)
        return json_response({})

    async def _video(self, request: Request) -> Response:
        number = request.path_params["number"]
        self._videos.check(request.path_params["proof"], number)
        return self._videos.response(await self._purchases.purchase(number))

    async def _purchase(self, request: Request) -> Purchase:
        number = request.path_params["number"]
        try:
            return await self._purchases.purchase(number)
        except NoPurchase as error:
            raise Refused(404, "no purchase", str(error)) from None

    async def _told(self, purchase: Purchase) -> dict[str, Any]:
        video = self._videos.address(purchase)
        resolve = resolve_command(self._catalog.package, purchase.number, mock=self._is_mock)
        progress = self._purchases.progress(purchase.number)
        facts = told(purchase, progress=progress, video=video, resolve=resolve)
        # Pictures are only told to who asks for this request; those in files would be read each time.
        if len(purchase.request) > _SHORT or has_files(purchase.request):
            return facts | {"text": None, "python": None}
        return facts | await asyncio.to_thread(written, purchase, self._catalog)


def _invalid(error: UnreadableValue | InvalidRequest) -> Refused:
    problems = error.problems if isinstance(error, InvalidRequest) else ()
    listed = [{"field": problem.field, "message": problem.message, "path": problem.path} for problem in problems]
    return Refused(422, type(error).__name__, str(error), problems=listed)
