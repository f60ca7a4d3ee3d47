"""What costs nothing: the models, their forms, and what becomes of a form."""

from __future__ import annotations

from modelstream_runtime.about import __version__
from modelstream_runtime.studio.server.extra import MissingExtra
from modelstream_runtime.studio.server.replies import MB, json_response, read_object, text_in
from modelstream_runtime.studio.server.studio import Studio
from modelstream_runtime.studio.server.uploads import MAX_FILE, Uploads

try:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route
except ImportError as error:
    raise MissingExtra(error.name) from error


class Reading:
    """The endpoints that buy nothing."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self.uploads = Uploads()

    def routes(self) -> list[Route]:
        """Their addresses."""
        return [
            Route("/api/session", self._session),
            Route("/api/files", self._add_file, methods=["POST"]),
        ]

    async def _session(self, request: Request) -> Response:
        catalog = self._studio.catalog
        return json_response(
            {
                "package": catalog.package,
                "version": __version__,
                "gateway": catalog.gateway.title,
                "address": self._studio.address,
                "mock": self._studio.mock,
                "has_key": self._studio.has_key,
            }
        )

    async def _add_file(self, request: Request) -> Response:
        # Base64 takes four bytes for three.
        content = await read_object(request, limit=MAX_FILE * 4 // 3 + MB)
        return json_response({"id": self.uploads.add(text_in(content, "base64"))})
