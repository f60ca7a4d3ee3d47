"""Waiting for many tasks at once in one event loop."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from time import process_time
from typing import TYPE_CHECKING

from benchmarks.workloads import memory
from benchmarks.workloads.submitting import HEADERS, PATH, URL

if TYPE_CHECKING:
    from httpx import AsyncClient

Wait = Callable[[str], Awaitable[object]]

_TASKS = 1000
_INTERVAL = 4.0
_POLLS = 3
"""The poll at which a task is completed."""


def measure(client: Callable[[], AbstractAsyncContextManager[Wait]]) -> None:
    """Print the CPU time of a poll and the largest growth of memory."""
    asyncio.run(_measure(client))


async def _measure(client: Callable[[], AbstractAsyncContextManager[Wait]]) -> None:
    chance = random.Random(_TASKS)

    async def start_at_random(number: int) -> object:
        await asyncio.sleep(chance.uniform(0, _INTERVAL))
        return await wait(f"after-{_POLLS}-{number}")

    async with client() as wait:
        await wait("after-1-first")  # Opens a connection.
        before, started = memory.start(), process_time()
        await asyncio.gather(*map(start_at_random, range(_TASKS)))
        cpu, growth = process_time() - started, memory.peak() - before
    print(json.dumps({"poll": cpu / (_TASKS * _POLLS), "growth": growth}))


@asynccontextmanager
async def modelstream() -> AsyncIterator[Wait]:
    from modelstream import AsyncModelStream

    async with AsyncModelStream("a-key", base_url=URL) as client:
        yield lambda task_id: client.task(task_id).wait(interval=_INTERVAL)


@asynccontextmanager
async def httpx() -> AsyncIterator[Wait]:
    from httpx import AsyncClient

    async with AsyncClient(base_url=URL, headers=HEADERS, timeout=60) as client:
        yield _by_httpx(client)


@asynccontextmanager
async def httpx_aiohttp() -> AsyncIterator[Wait]:
    from httpx_aiohttp import HttpxAiohttpClient

    async with HttpxAiohttpClient(base_url=URL, headers=HEADERS, timeout=60) as client:
        yield _by_httpx(client)


def _by_httpx(client: AsyncClient) -> Wait:
    async def wait(task_id: str) -> object:
        while True:
            response = await client.get(f"{PATH}/{task_id}")
            response.raise_for_status()
            task = response.json()
            if task["status"] == "completed":
                return task
            await asyncio.sleep(_INTERVAL * random.uniform(0.85, 1.15))

    return wait
