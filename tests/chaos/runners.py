"""What the processes do that the chaos kills: run a batch, or do without one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from signal import SIGKILL
from typing import Literal

from modelstream import AsyncModelStream, KlingV3, ModelStreamError
from modelstream.batch import Batch
from modelstream_runtime import retry

KEY = "sk-chaos"
IN_FLIGHT = 12
ENDINGS = {"complete": 0, "budget": 3, "stopped": 4, "interrupted": 5, "broken": 6}
"""Exit statuses."""


def request_of(number: int) -> KlingV3:
    """The request of a row. No two have the same prompt, and the videos of neighbours differ."""
    return KlingV3(prompt=name_of(number), duration=length_of(number))


def name_of(number: int) -> str:
    """The name of a row: its id, its prompt and its file."""
    return f"row-{number}"


def length_of(number: int) -> int:
    """The seconds of a row's video."""
    return 10 if number % 2 else 5


def batch(*, folder: str, url: str, rows: int, budget: int | Literal["all"], die_at: str | None = None) -> int:
    """Run a batch, and die at a named point of it, or while it is loading its jobs."""
    _hurry()

    def die(point: str) -> None:
        if point == die_at:
            os.kill(os.getpid(), SIGKILL)

    def jobs() -> Iterator[tuple[str, KlingV3]]:
        for number in range(rows):
            yield name_of(number), request_of(number)
            die("loading")

    client = AsyncModelStream(KEY, base_url=url, max_connections=64)
    result = Batch(folder, jobs(), client=client).run(
        max_purchases=budget, max_in_flight=IN_FLIGHT, interval=0.01, checkpoint=die
    )
    return ENDINGS[result.ending]


def loop(*, folder: str, url: str, rows: int) -> int:
    """What people write without a batch: call the client for every video that is not there yet."""
    _hurry()
    asyncio.run(_loop(Path(folder), url, rows))
    return 0


async def _loop(folder: Path, url: str, rows: int) -> None:
    free = asyncio.Semaphore(IN_FLIGHT)

    async def one(client: AsyncModelStream, number: int) -> None:
        path = folder / f"{name_of(number)}.mp4"
        async with free:
            if not path.exists():
                try:
                    task = await client.generate(request_of(number), interval=0.01)
                    await task.save(path)
                except ModelStreamError:
                    pass  # The next run tries again.

    async with AsyncModelStream(KEY, base_url=url, max_connections=64) as client:
        await asyncio.gather(*(one(client, number) for number in range(rows)))


def _hurry() -> None:
    retry.FIRST_DELAY, retry.LONGEST_DELAY = 0.001, 0.002
