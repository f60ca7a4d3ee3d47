"""The mock's own pages, which the real gateway does not have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.mock.cors import is_foreign
from modelstream_runtime.mock.dialects import Documented
from modelstream_runtime.mock.error_replies import ERROR_REPLIES, ErrorReply
from modelstream_runtime.mock.journal import Journal
from modelstream_runtime.mock.messages import Request, Response, json_response, make_response
from modelstream_runtime.mock.scenarios import SCENARIOS

_PAGES = {
    "GET /__mock/journal": "the exchanges so far",
    "GET /__mock/scenarios": "the failures that it simulates",
    "POST /__mock/reset": "forget all tasks and exchanges",
    "GET /openapi.json": "the gateway's OpenAPI document, with the address of this mock",
}


class AdminPages:
    """The pages of one gateway.

    Args:
        reset: makes the gateway forget everything.
    """

    def __init__(self, catalog: Catalog, journal: Journal, reset: Callable[[], None]) -> None:
        self._catalog = catalog
        self._journal = journal
        self._reset = reset

    def has(self, path: str) -> bool:
        """Whether a path belongs to these pages."""
        return path in ("/", "/openapi.json") or path.startswith("/__mock/")

    def respond(self, request: Request) -> Response:
        """The response to a request for one of them."""
        if request.method == "HEAD":
            return replace(self.respond(replace(request, method="GET")), body=b"")
        if request.path.startswith("/__mock/") and is_foreign(request):
            return self._error(ERROR_REPLIES["foreign"])
        match f"{request.method} {request.path}":
            case "GET /":
                return make_response(200, self._welcome().encode(), "text/plain; charset=utf-8")
            case "GET /__mock/journal":
                return json_response(200, self._journal.as_json())
            case "GET /__mock/scenarios":
                return json_response(200, {name: scenario.sentence for name, scenario in SCENARIOS.items()})
            case "GET /openapi.json":
                return json_response(200, self._catalog.schemas.openapi() | {"servers": [{"url": request.origin}]})
            case "POST /__mock/reset":
                self._reset()
                return json_response(200, {"reset": True})
            case _:
                return self._error(ERROR_REPLIES["path"].about(f"unknown page; the mock has {', '.join(_PAGES)}"))

    def _error(self, reply: ErrorReply) -> Response:
        return Documented(self._catalog.gateway).error(reply, "mock")

    def _welcome(self) -> str:
        width = max(map(len, _PAGES))
        title = self._catalog.gateway.title
        line = (
            f"This is a mock of the {title} gateway. It runs no model, returns small sample videos, and costs nothing."
        )
        return "\n".join([line, *(f"{page:<{width}}  {purpose}" for page, purpose in _PAGES.items()), ""])
