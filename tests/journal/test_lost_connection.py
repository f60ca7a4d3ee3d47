"""The connection to PostgreSQL is lost, and comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import psycopg
import pytest

from modelstream_runtime.journal.database import JournalError
from modelstream_runtime.journal.journal import Journal
from modelstream_runtime.journal.records import Claimed, NewPurchase, Pace

PURCHASES = [NewPurchase(f"row-{n}", "a-model", lambda: "{}", "digest") for n in range(3)]


def cut(url: str) -> None:
    """End all sessions of the database."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def run(url: str, body: Callable[[Journal], Awaitable[None]]) -> None:
    async def opened() -> None:
        journal = await Journal.open_server(url, create=True)
        try:
            await body(journal)
        finally:
            await journal.close()

    asyncio.run(opened())


async def claim(journal: Journal, number: int, reference: str) -> object:
    return await journal.claim(number, reference=reference, account="key", payload_digest="d", pace=Pace())


def test_a_runner_goes_on_and_still_lives(postgres_url: str) -> None:
    async def body(journal: Journal) -> None:
        await journal.add(PURCHASES)
        assert await claim(journal, 1, "r1") == Claimed("r1")
        cut(postgres_url)
        claims = await asyncio.gather(claim(journal, 2, "r2"), claim(journal, 3, "r3"), journal.submitted("r1", "t1"))
        assert list(claims) == [Claimed("r2"), Claimed("r3"), True]
        cut(postgres_url)
        assert await journal.counts() == {"submitted": 1, "sending": 2}
        assert await journal.submitted("r2", "t2")
        other = await Journal.open_server(postgres_url)
        assert await other.counts() == {"submitted": 2, "sending": 1}, "nobody takes it for dead"
        await other.close()

    run(postgres_url, body)


def test_a_runner_that_was_taken_for_dead_brings_its_answers(postgres_url: str) -> None:
    async def body(journal: Journal) -> None:
        await journal.add(PURCHASES)
        await claim(journal, 1, "r1")
        cut(postgres_url)
        other = await Journal.open_server(postgres_url)
        assert await other.counts() == {"in doubt": 1, "ready": 2}
        assert await journal.submitted("r1", "t1")
        assert await claim(journal, 2, "r2") == Claimed("r2")
        lives = "SELECT COUNT(*) FROM runners WHERE runner = ? AND ended IS NULL"
        assert await other.read(lambda tx: tx.one(lives, journal.runner)) == (1,), "it lives again"
        assert await other.bury() == 0
        assert await other.counts() == {"submitted": 1, "sending": 1, "ready": 1}
        await other.close()

    run(postgres_url, body)


def test_a_list_is_read_once(postgres_url: str) -> None:
    """Its jobs cannot be read again."""

    def jobs() -> Iterator[NewPurchase]:
        yield PURCHASES[0]
        cut(postgres_url)
        yield PURCHASES[1]

    async def body(journal: Journal) -> None:
        with pytest.raises(JournalError, match="run the same again"):
            await journal.add(jobs())
        assert await journal.counts() == {}
        assert (await journal.add(PURCHASES)).new == 3

    run(postgres_url, body)
