"""Many small videos: as a batch with its journal, and as a loop without one."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks.workloads import memory

if TYPE_CHECKING:
    from modelstream_runtime.batch.batch import BaseBatch

ROWS = 2_000
SHARED = 1_000
"""Rows that several workers share."""
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


def load(count: int) -> None:
    """Check jobs and put them into a journal. Prints the time, and the growth of memory."""
    from modelstream.batch import Batch

    jobs: Iterator[dict[str, object]] = (
        {"id": f"row-{number}", "model": "kling-v3", "values": {"prompt": f"Cup {number}"}} for number in range(count)
    )
    with _folder() as folder:
        Batch(Path(folder) / "warm", [{"model": "kling-v3", "values": {"prompt": "Cup"}}]).load(max_purchases="all")
        batch = Batch(Path(folder) / "videos", jobs)
        before, started = memory.start(), perf_counter()
        loaded = batch.load(max_purchases="all")
        time, peak = perf_counter() - started, memory.peak()
        assert loaded.counts == {"ready": count}
    print(json.dumps({"job": time / count, "growth": peak - before}))


def check(count: int) -> None:
    """Check the same requests, and forget them."""
    from modelstream.catalog import CATALOG

    CATALOG.request_for("kling-v3", prompt="Cup").to_payload()
    before, started = memory.start(), perf_counter()
    for number in range(count):
        CATALOG.request_for("kling-v3", prompt=f"Cup {number}").to_payload()
    print(json.dumps({"job": (perf_counter() - started) / count, "growth": memory.peak() - before}))


def workers(count: int) -> None:
    """Many workers on PostgreSQL. Prints how many videos they make per second, from the first claim to the last."""
    from modelstream.batch import Batch
    from tests.support.postgres import fresh_database, postgres

    jobs = ((f"row-{n}", {"model": "kling-v3", "values": {"prompt": f"Cup {n}"}}) for n in range(SHARED))
    with _folder() as folder, postgres() as server:
        url = fresh_database(server)
        Batch(folder, jobs, journal=url).load(max_purchases="all")
        command = [sys.executable, "-c", "from benchmarks.workloads import batching; batching.worker()"]
        surroundings = os.environ | {"BENCHMARK_JOURNAL": url, "BENCHMARK_FOLDER": folder}
        for process in [subprocess.Popen(command, env=surroundings) for _ in range(count)]:
            assert process.wait() == 0
        first, last = asyncio.run(_first_and_last(Batch(folder, journal=url)))
    print(json.dumps({"rate": SHARED / (last - first)}))


def worker() -> None:
    """One of them."""
    from modelstream import AsyncModelStream
    from modelstream.batch import Batch

    client = AsyncModelStream(_KEY, base_url=_URL, max_connections=IN_FLIGHT)
    batch = Batch(os.environ["BENCHMARK_FOLDER"], client=client, journal=os.environ["BENCHMARK_JOURNAL"])
    result = batch.run(max_in_flight=IN_FLIGHT)
    assert result.counts == {"saved": SHARED}, result


async def _first_and_last(batch: BaseBatch) -> tuple[float, float]:
    async with batch.viewed() as journal:
        sql = "SELECT MIN(a.started), MAX(p.updated) FROM attempts a JOIN purchases p ON p.number = a.number"
        ((first, last),) = await journal.read(lambda tx: tx.rows(sql))
    return first, last
