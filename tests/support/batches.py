"""Batches at a gateway in this process, which counts what it sells."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx

from modelstream import AsyncModelStream
from modelstream.batch import Batch, BatchResult
from modelstream.mock import URL, MockGateway
from modelstream_runtime.mock.transport import MockTransport


class Shop(httpx.AsyncBaseTransport):
    """A gateway that sells every valid request, unless ``answer`` answers before it.

    Args:
        options: of the mock gateway.

    Attributes:
        sold: the prompts that were bought, with how often.
        headers: those of every paid request.
        answer: called with the number of each paid request, from 0. A response that it returns replaces the purchase.
        after: called after each purchase, before its response leaves.
    """

    def __init__(self, **options: Any) -> None:
        usual: dict[str, Any] = {"polls": 1, "keep": 10_000}
        self._inner = MockTransport(MockGateway(**usual | options))
        self.sold: Counter[str] = Counter()
        self.headers: list[httpx.Headers] = []
        self.answer: Callable[[int], httpx.Response | None] = lambda number: None
        self.after: Callable[[int], Awaitable[None]] | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method != "POST":
            return await self._inner.handle_async_request(request)
        number = len(self.headers)
        self.headers.append(request.headers)
        if (answered := self.answer(number)) is not None:
            return answered
        response = await self._inner.handle_async_request(request)
        if response.status_code == 200:
            self.sold[json.loads(request.content)["prompt"]] += 1
            if self.after is not None:
                await self.after(number)
        return response

    def client(self, key: str = "sk-mock", **options: Any) -> AsyncModelStream:
        """A client of this gateway."""
        return AsyncModelStream(key, base_url=URL, http_client=httpx.AsyncClient(transport=self), **options)

    def batch(self, folder: Path, jobs: Any = None, **options: Any) -> Batch:
        """A batch at this gateway."""
        return Batch(folder, jobs, client=self.client(), **options)

    def run(self, folder: Path, jobs: Any = None, **options: Any) -> BatchResult:
        """Run a batch at this gateway, without pauses."""
        usual: dict[str, Any] = {"max_purchases": "all", "interval": 0}
        return self.batch(folder, jobs).run(**usual | options)


def refusal(status: int, message: str = "no", **headers: str) -> httpx.Response:
    """A response that refuses a request."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json={"error": {"message": message, "type": "x", "code": ""}}, headers=named)


def coffees(count: int) -> list[dict[str, Any]]:
    """Jobs that differ."""
    return [
        {"id": f"cup-{number}", "model": "kling-v3", "values": {"prompt": f"Cup {number}"}} for number in range(count)
    ]


def results_of(folder: Path) -> dict[str, dict[str, Any]]:
    """The lines of ``results.jsonl`` by id."""
    lines = (folder / "results.jsonl").read_text(encoding="utf-8").splitlines()
    return {record["id"]: record for record in map(json.loads, lines)}
