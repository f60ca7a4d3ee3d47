"""What costs nothing: the models, their forms, and what becomes of a form."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from collections.abc import Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from modelstream_runtime.about import __version__
from modelstream_runtime.studio.forms import described, listing
from modelstream_runtime.studio.preview import GENERIC, preview
from modelstream_runtime.studio.server.replies import (
    LARGE,
    MB,
    Cached,
    Refused,
    json_response,
    read_object,
    result_of,
    text_in,
)
from modelstream_runtime.studio.server.studio import Studio
from modelstream_runtime.studio.switching import switched
from modelstream_runtime.studio.uploads import Uploads

MAX_FILE: Final = 200 * MB


class Reading:
    """The endpoints that buy nothing.

    Args:
        studio: what is served.
        uploads: keeps the files that the page hands in.
    """

    def __init__(self, studio: Studio, uploads: Uploads) -> None:
        self._studio = studio
        self._uploads = uploads
        self._adding = asyncio.Lock()
        self._cache: dict[str, Cached] = {}

    def routes(self) -> list[Route]:
        """Their addresses."""
        return [
            Route("/api/session", self._session),
            Route("/api/catalog", self._catalog),
            Route("/api/models/{model}", self._model),
            Route("/api/preview", self._preview, methods=["POST"]),
            Route("/api/switch", self._switch, methods=["POST"]),
            Route("/api/files", self._add_file, methods=["POST"]),
        ]

    async def _session(self, request: Request) -> Response:
        studio = self._studio
        return json_response(
            {
                "package": studio.catalog.package,
                "version": __version__,
                "gateway": studio.catalog.gateway.title,
                "address": studio.address,
                "mock": studio.mock,
                "folder": str(studio.folder),
                "journal": str(studio.place.journal),
            }
        )

    async def _catalog(self, request: Request) -> Response:
        cached = await self._cached("", lambda: listing(self._studio.catalog))
        return cached.response(request)

    async def _model(self, request: Request) -> Response:
        model = self._known(request.path_params["model"])
        cached = await self._cached(model, lambda: described(self._studio.catalog, model))
        return cached.response(request)

    def _known(self, model: str) -> str:
        catalog = self._studio.catalog
        if model not in catalog.models and (model != GENERIC or catalog.generic is None):
            raise Refused(404, "no model", f"there is no form for the model {model!r}")
        return model

    async def _cached(self, name: str, make: Callable[[], Any]) -> Cached:
        """What follows from the package alone is made when somebody asks for it, once."""
        if name not in self._cache:
            content = await asyncio.to_thread(make)  # It may import the class of a model.
            self._cache[name] = Cached(json.dumps(content).encode(), "application/json")
        return self._cache[name]

    async def _preview(self, request: Request) -> Response:
        content = await read_object(request)
        text, whole = text_in(content, "text"), content.get("whole") is True
        shown = await result_of(preview, self._takes_long(text), self._studio.catalog, text, self._uploads, whole=whole)
        return json_response(shown.as_json())

    async def _switch(self, request: Request) -> Response:
        content = await read_object(request)
        text, model = text_in(content, "text"), self._known(text_in(content, "model"))
        made = await result_of(switched, self._takes_long(text), self._studio.catalog, text, model, self._uploads)
        return json_response(made.as_json())

    def _takes_long(self, text: str) -> bool:
        return len(text) > LARGE or len(self._uploads) > 0

    async def _add_file(self, request: Request) -> Response:
        # Base64 takes four bytes for three.
        content = await read_object(request, limit=MAX_FILE * 4 // 3 + MB)
        name, encoded = text_in(content, "name"), text_in(content, "base64")
        try:
            file = await asyncio.to_thread(base64.b64decode, encoded, validate=True)
        except (binascii.Error, ValueError) as error:
            raise Refused(400, "no file", f"the file is not Base64: {error}") from None
        async with self._adding:
            return json_response({"id": await asyncio.to_thread(self._uploads.add, name, file)})
