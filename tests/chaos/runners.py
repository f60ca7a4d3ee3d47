"""What the processes do that the chaos kills: run a batch, or do without one."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from signal import SIGKILL
from typing import Literal

from modelstream import AsyncModelStream, KlingV3, ModelStreamError
from modelstream.batch import Batch
from modelstream.catalog import CATALOG
from modelstream_runtime import retry
from modelstream_runtime.agents import buying
from modelstream_runtime.agents.mcp import server as mcp_server
from modelstream_runtime.batch import home
from modelstream_runtime.batch import worker as worker_module
from modelstream_runtime.batch.queue import Queue
from modelstream_runtime.cli import run
from modelstream_runtime.gateway import Polling
from modelstream_runtime.journal.database import Transaction
from modelstream_runtime.journal.journal import Journal
from modelstream_runtime.purchases import purchases as purchases_module

_IMPORTED = (mcp_server, CATALOG.async_client)
"""What a forked server needs not import again."""
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
    die = _death(die_at)

    def jobs() -> Iterator[tuple[str, KlingV3]]:
        for number in range(rows):
            yield name_of(number), request_of(number)
            die("loading")

    client = AsyncModelStream(KEY, base_url=url, max_connections=64)
    result = Batch(folder, jobs(), client=client).run(
        max_purchases=budget, max_in_flight=IN_FLIGHT, interval=0.01, checkpoint=die
    )
    return ENDINGS[result.ending]


def load(*, folder: str, url: str, rows: int, journal: str, budget: int | Literal["all"]) -> int:
    """Put a batch into a journal in PostgreSQL."""
    jobs = ((name_of(number), request_of(number)) for number in range(rows))
    Batch(folder, jobs, journal=journal).load(max_purchases=budget)
    return 0


def worker(*, folder: str, url: str, journal: str, die_at: str | None = None) -> int:
    """One of many workers on PostgreSQL. It may die at a named point."""
    _hurry()
    client = AsyncModelStream(KEY, base_url=url, max_connections=64)
    result = Batch(folder, client=client, journal=journal).run(
        max_in_flight=IN_FLIGHT, interval=0.01, checkpoint=_death(die_at)
    )
    return ENDINGS[result.ending]


def engine(*, folder: str, url: str, journal: str) -> int:
    """What people write with an engine alone: its step calls the client. Jobs of workers that are gone are requeued."""
    _hurry()
    asyncio.run(_engine(Path(folder), url, journal))
    return 0


async def _engine(folder: Path, url: str, address: str) -> None:
    async with AsyncModelStream(KEY, base_url=url, max_connections=64) as client:

        async def step(number: int) -> None:
            await _generate(client, folder, number - 1)

        journal = await Journal.open_server(address)
        async with Queue.opened(address, journal, heartbeat=home.HEARTBEAT) as queue:
            if not (await journal.notes()).get("filled"):
                await journal.note("filled", "yes")
                await queue.fill(journal, buying=True, before=0)
            runner = queue.worker(step, concurrency=IN_FLIGHT)

            async def tend() -> None:
                while await journal.read(_has_jobs):
                    await queue.requeue()
                    await asyncio.sleep(home.HEARTBEAT)
                runner.stop()

            tasks = [asyncio.create_task(tend()), asyncio.create_task(runner.run())]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait(tasks[1:], timeout=1)
        await journal.close()


def _has_jobs(tx: Transaction) -> bool:
    return tx.one("SELECT 1 FROM procrastinate_jobs WHERE status IN ('todo', 'doing')") is not None


def agents(*, folder: str, url: str, budget: int, socket_at: str, careless: bool) -> int:
    """The tools of agents on standard input and output, which are a socket here.

    Args:
        careless: give each call a key of its own, as tools do that leave that to the agent.
    """
    _hurry()
    purchases_module._AGAIN = 0.05
    CATALOG.gateway = CATALOG.gateway._replace(polling=Polling(first=0.01, factor=1.0, longest=0.01))
    if careless:
        setattr(buying, "purchase_key", lambda *request: secrets.token_hex(8))  # noqa: B010 - mypy takes it for a typo
    os.environ |= {CATALOG.gateway.api_key_variable: KEY, "MODELSTREAM_HOME": folder}
    host = socket.socket(socket.AF_UNIX)
    host.connect(socket_at)
    for number in (0, 1):
        os.dup2(host.fileno(), number)
    host.close()
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - the one it had has read ahead
    words = ["mcp", "--base-url", url, "--out", folder, "--max-purchases", str(budget), "--quiet"]
    return run(CATALOG, words)


def loop(*, folder: str, url: str, rows: int) -> int:
    """What people write without a batch: call the client for every video that is not there yet."""
    _hurry()
    asyncio.run(_loop(Path(folder), url, rows))
    return 0


async def _loop(folder: Path, url: str, rows: int) -> None:
    free = asyncio.Semaphore(IN_FLIGHT)

    async def one(client: AsyncModelStream, number: int) -> None:
        async with free:
            await _generate(client, folder, number)

    async with AsyncModelStream(KEY, base_url=url, max_connections=64) as client:
        await asyncio.gather(*(one(client, number) for number in range(rows)))


async def _generate(client: AsyncModelStream, folder: Path, number: int) -> None:
    path = folder / f"{name_of(number)}.mp4"
    if not path.exists():
        with suppress(ModelStreamError):  # The next run tries again.
            task = await client.generate(request_of(number), interval=0.01)
            await task.save(path)


def _death(die_at: str | None) -> Callable[[str], None]:
    def pass_by(point: str) -> None:
        if point == die_at:
            os.kill(os.getpid(), SIGKILL)

    return pass_by


def _hurry() -> None:
    home.HEARTBEAT = 0.5
    worker_module._AGAIN = 0.3
    retry.FIRST_DELAY, retry.LONGEST_DELAY = 0.001, 0.002
