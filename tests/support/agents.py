"""The tools of agents in this process, at a gateway that counts what it sells."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Self, TypeVar

from modelstream import InvalidRequest
from modelstream.catalog import CATALOG
from modelstream.mock import URL
from modelstream_runtime.agents.files import Files
from modelstream_runtime.agents.host import Answer
from modelstream_runtime.agents.limits import Limits
from modelstream_runtime.agents.results import ToolResult
from modelstream_runtime.agents.service import Service
from modelstream_runtime.agents.shop import Shop as AgentShop
from modelstream_runtime.agents.tools import tools_of
from modelstream_runtime.journal.journal import Journal
from modelstream_runtime.journal.records import Purchase
from modelstream_runtime.purchases.place import Place
from tests.support.batches import Shop

T = TypeVar("T")


def _takes_a_prompt(model: str) -> bool:
    try:
        return bool(CATALOG.request_for(model, prompt="A boat"))
    except InvalidRequest:
        return False


MODEL = next(filter(_takes_a_prompt, CATALOG.models))
"""A model that needs nothing but a prompt."""


def wanted(prompt: str, **more: Any) -> dict[str, Any]:
    """The arguments that ask for a video."""
    return {"model": MODEL, "params": {"prompt": prompt}, **more}


class Person:
    """A host with somebody in front of it, who answers all questions alike."""

    def __init__(self, answer: Answer = "yes") -> None:
        self.answer: Answer = answer
        self.questions: list[str] = []
        self.reports: list[tuple[float, float, str]] = []

    async def confirm(self, key: str, question: str) -> Answer:
        """Answer."""
        self.questions.append(question)
        return self.answer

    def progress(self, seconds: float, total: float, message: str) -> None:
        """Look at it."""
        self.reports.append((seconds, total, message))


class Desk:
    """A service on a journal of its own.

    Args:
        gateway: what it buys from.
        folder: of the journal and the videos.
        limits: as in `Limits`.
    """

    def __init__(
        self,
        gateway: Shop,
        folder: Path,
        *,
        max_purchases: int = 10,
        confirm: bool = False,
        files: Path | None = None,
        key: str = "sk-mock",
        models: tuple[str, ...] = (),
    ) -> None:
        self.videos = folder / "videos"
        self.shop = AgentShop(
            CATALOG,
            URL,
            lambda: gateway.client(key),
            place=Place(folder / "journal.sqlite", self.videos),
            redact=lambda text: text.replace(key, "***"),
        )
        limits = Limits(max_purchases, confirm, Files(files))
        self.service = Service(self.shop, tools_of(CATALOG, models), limits)

    async def call(self, name: str, host: Person | None = None, **arguments: Any) -> ToolResult:
        """Call a tool."""
        return await self.service.call(name, arguments, host)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.shop.close()


def at(desk: Desk, use: Callable[[Desk], Awaitable[T]]) -> T:
    """Use a service until its end."""

    async def run() -> T:
        async with desk:
            return await use(desk)

    return asyncio.run(asyncio.wait_for(run(), 30))


def bought_at_a_mock(home: Path) -> list[Purchase]:
    """The purchases in the journal for what is bought at a mock, which may be open elsewhere."""

    async def read() -> list[Purchase]:
        journal = await Journal.view_file(home / "mock" / "journal.sqlite")
        try:
            return await journal.latest(limit=1000)
        finally:
            await journal.close()

    return asyncio.run(read())
