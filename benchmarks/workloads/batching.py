"""Many small videos: as a batch with its journal, and as a loop without one."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path

ROWS = 2_000
MANY = 1_000_000
IN_FLIGHT = 50
_URL = os.environ.get("BENCHMARK_URL", "") + "/small"
_KEY = "a-key"


def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(dir=os.environ["BENCHMARK_SCRATCH"])


def batch() -> None:
    """Every row through the journal."""
    from modelstream import AsyncModelStream, KlingV3
    from modelstream.batch import Batch

    jobs = ((f"row-{number}", KlingV3(prompt=f"Cup {number}")) for number in range(ROWS))
    with _folder() as folder:
        client = AsyncModelStream(_KEY, base_url=_URL, max_connections=IN_FLIGHT)
        result = Batch(folder, jobs, client=client).run(max_purchases="all", max_in_flight=IN_FLIGHT)
        assert result.counts == {"saved": ROWS}, result


def loop() -> None:
    """What people write without a batch: a semaphore, and the client."""
    with _folder() as folder:
        asyncio.run(_loop(Path(folder)))
        assert len(list(Path(folder).iterdir())) == ROWS


async def _loop(folder: Path) -> None:
    from modelstream import AsyncModelStream, KlingV3

    free = asyncio.Semaphore(IN_FLIGHT)

    async def one(number: int) -> None:
        async with free:
            task = await client.generate(KlingV3(prompt=f"Cup {number}"))
            await task.save(folder / f"row-{number}.mp4")

    async with AsyncModelStream(_KEY, base_url=_URL, max_connections=IN_FLIGHT) as client:
        await asyncio.gather(*(one(number) for number in range(ROWS)))
