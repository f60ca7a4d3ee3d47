"""Many callers in one event loop; each submits one request after another."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from statistics import quantiles
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks.workloads.submitting import HEADERS, PATH, PROMPT, URL

if TYPE_CHECKING:
    from httpx import AsyncClient

Submit = Callable[[], Awaitable[object]]

_CALLERS = 50
_SUBMISSIONS = 40
"""Submissions of each caller."""
_PAYLOAD = {
    "model": "kling-v3",
    "prompt": PROMPT,
    "duration": 5,
    "mode": "pro",
    "metadata": {
        "cfg_scale": 0.5,
        "aspect_ratio": "16:9",
        "multi_shot": False,
        "watermark_info": {"enabled": False},
    },
}


def measure(client: Callable[[], AbstractAsyncContextManager[Submit]]) -> None:
    """Print the calls per second and the 99th percentile of the duration of a call."""
    asyncio.run(_measure(client))


async def _measure(client: Callable[[], AbstractAsyncContextManager[Submit]]) -> None:
    times: list[float] = []

    async def call_repeatedly() -> None:
        for _ in range(_SUBMISSIONS):
            started = perf_counter()
            await submit()
            times.append(perf_counter() - started)

    async with client() as submit:
        await asyncio.gather(*(submit() for _ in range(_CALLERS)))  # Opens the connections.
        started = perf_counter()
        await asyncio.gather(*(call_repeatedly() for _ in range(_CALLERS)))
        wall = perf_counter() - started
    print(json.dumps({"rate": len(times) / wall, "p99": quantiles(times, n=100)[-1]}))


@asynccontextmanager
async def modelstream() -> AsyncIterator[Submit]:
    from modelstream import AsyncModelStream, KlingV3

    request = KlingV3(prompt=PROMPT, mode="pro")
    async with AsyncModelStream("a-key", base_url=URL) as client:
        yield lambda: client.submit(request)


@asynccontextmanager
async def httpx() -> AsyncIterator[Submit]:
    from httpx import AsyncClient

    async with AsyncClient(base_url=URL, headers=HEADERS, timeout=300) as client:
        yield _by_httpx(client)


@asynccontextmanager
async def httpx_aiohttp() -> AsyncIterator[Submit]:
    from httpx_aiohttp import HttpxAiohttpClient

    async with HttpxAiohttpClient(base_url=URL, headers=HEADERS, timeout=300) as client:
        yield _by_httpx(client)


def _by_httpx(client: AsyncClient) -> Submit:
    async def submit() -> object:
        response = await client.post(PATH, json=_PAYLOAD)
        response.raise_for_status()
        return response.json()["task_id"]

    return submit


@asynccontextmanager
async def aiohttp() -> AsyncIterator[Submit]:
    from aiohttp import ClientSession

    async with ClientSession(URL, headers=HEADERS, raise_for_status=True) as session:

        async def submit() -> object:
            async with session.post(PATH, json=_PAYLOAD) as response:
                return (await response.json())["task_id"]

        yield submit
