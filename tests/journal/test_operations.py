"""Each step of a purchase, in both databases: it happens as a whole or not at all, and only once."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from modelstream_runtime.journal import operations
from modelstream_runtime.journal.database import JournalError, Row, Transaction
from modelstream_runtime.journal.journal import Journal, NoPurchase
from modelstream_runtime.journal.records import (
    Budget,
    BudgetSpent,
    Claim,
    Claimed,
    NewPurchase,
    NotReady,
    Pace,
    Stopped,
    Wait,
)
from modelstream_runtime.journal.sqlite import SqliteDatabase
from modelstream_runtime.journal.states import State

Open = Callable[[], AbstractAsyncContextManager[Journal]]
Body = Callable[[Journal], Awaitable[None]]
ANY_PACE = Pace()
NOW = 1_800_000_000.0


@pytest.fixture(params=["sqlite", "postgres"])
def open_journal(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Opens a journal, always the same one."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else None

    @asynccontextmanager
    async def opened() -> AsyncIterator[Journal]:
        if url:
            journal = await Journal.open_server(url, create=True)
        else:
            journal = await Journal.open_file(tmp_path / "journal.sqlite", create=True)
        journal._clock = lambda: NOW
        try:
            yield journal
        finally:
            await journal.close()

    return opened


def row(number: int, request: str = "{}", **options: Any) -> NewPurchase:
    return NewPurchase(f"row-{number}", "a-model", lambda: request, f"digest of {request}", **options)


def rows(count: int) -> list[NewPurchase]:
    return [row(number) for number in range(1, count + 1)]


async def claim(
    journal: Journal, number: int, reference: str = "r1", pace: Pace = ANY_PACE, account: str = "key"
) -> Claim:
    return await journal.claim(number, reference=reference, account=account, payload_digest="d", pace=pace)


async def state(journal: Journal, number: int = 1) -> State:
    return (await journal.purchase(number)).state


def test_a_claim_takes_a_purchase_once(open_journal: Open) -> None:
    async def run() -> None:
        async with open_journal() as journal:
            await journal.add(rows(2))
            claims = await asyncio.gather(*(claim(journal, 1, f"r{n}") for n in range(20)))
            assert sorted(claims, key=str) == [Claimed("r0"), *[NotReady("sending")] * 19]
            assert await journal.budget() == Budget(1, None)
            assert await claim(journal, 1, "r0") == Claimed("r0"), "its own second try"
            assert await journal.budget() == Budget(1, None)
            assert len(await journal.attempts(1)) == 1

    asyncio.run(run())


def test_the_budget_holds_for_claims_at_the_same_time(open_journal: Open) -> None:
    async def run() -> None:
        async with open_journal() as journal:
            await journal.add(rows(20))
            await journal.allow(7)
            claims = await asyncio.gather(*(claim(journal, n, f"r{n}") for n in range(1, 21)))
            assert sum(isinstance(one, Claimed) for one in claims) == 7
            assert claims.count(BudgetSpent(7, 7)) == 13
            assert await journal.counts() == {"ready": 13, "sending": 7}

    asyncio.run(run())


def test_what_was_not_bought_gets_its_budget_back(open_journal: Open) -> None:
    async def run() -> None:
        async with open_journal() as journal:
            await journal.add(rows(3))
            for number in (1, 2, 3):
                await claim(journal, number, f"r{number}")
            assert await journal.not_bought("r1", "slow down", pause=5)
            assert await journal.refused("r2", "bad prompt")
            assert await journal.lost("r3", "cut")
            assert not await journal.not_bought("r1", "slow down", pause=5)
            assert [await state(journal, n) for n in (1, 2, 3)] == ["ready", "refused", "in doubt"]
            assert await journal.budget() == Budget(1, None)
            assert await claim(journal, 1, "r4") == Wait(5, "the gateway asked for a pause")

    asyncio.run(run())


def test_a_key_that_is_shut_out_buys_nothing_and_others_do(open_journal: Open) -> None:
    async def run() -> None:
        async with open_journal() as journal:
            await journal.add(rows(3))
            await claim(journal, 1)
            await journal.not_bought("r1", "no credit", stop="no credit")
            assert await claim(journal, 2, "r2") == Stopped("no credit")
            assert await claim(journal, 2, "r3", account="other key") == Claimed("r3")
            await journal.let_go_on()
            assert await claim(journal, 1, "r4") == Claimed("r4")

    asyncio.run(run())


def test_pace_and_purchases_in_flight_are_limited_per_key(open_journal: Open) -> None:
    async def run() -> None:
        async with open_journal() as journal:
            await journal.add(rows(9))
            assert await claim(journal, 1, "r1", Pace(per_second=4)) == Claimed("r1")
            assert await claim(journal, 2, "r2", Pace(per_second=4)) == Wait(0.25, "the rate")
            assert await claim(journal, 2, "r2", Pace(in_flight=2)) == Claimed("r2")
            full = await claim(journal, 3, "r3", Pace(in_flight=2))
            assert isinstance(full, Wait)
            assert full.reason == "the limit of purchases in flight"
            assert await claim(journal, 3, "r3", Pace(in_flight=2), account="other key") == Claimed("r3")
            await journal.submitted("r1", "task-1")
            await journal.finished(1, None)
            assert await claim(journal, 4, "r4", Pace(in_flight=2)) == Claimed("r4")

    asyncio.run(run())


def test_a_late_answer_settles_a_doubt(open_journal: Open) -> None:
    async def run() -> None:
        async with open_journal() as journal:
            await journal.add(rows(4))
            for number in (1, 2, 3, 4):
                await claim(journal, number, f"r{number}")
                await journal.lost(f"r{number}", "cut")
            assert await journal.submitted("r1", "task-1")
            assert await journal.submitted("r1", "task-1"), "a second time it is the same"
            assert await journal.not_bought("r2", "429")
            await journal.resolve("row-3", "abandoned")
            assert await journal.submitted("r3", "task-3")
            await journal.resolve("row-4", "submitted", task_id="task-x")
            assert not await journal.submitted("r4", "task-4"), "a person knew better"
            assert [await state(journal, n) for n in (1, 2, 3, 4)] == ["submitted", "ready", "submitted", "submitted"]
            assert await journal.budget() == Budget(3, None)

    asyncio.run(run())


def test_a_late_answer_keeps_a_purchase_from_being_bought_again(open_journal: Open) -> None:
    """A person said that it was not bought, but it was."""

    async def run() -> None:
        async with open_journal() as journal:
            await journal.add(rows(1))
            await claim(journal, 1)
            await journal.lost("r1", "cut")
            assert await journal.resolve("row-1", "ready") == "in doubt"
            assert await journal.budget() == Budget(0, None)
            assert await journal.submitted("r1", "task-1")
            assert await claim(journal, 1, "r2") == NotReady("submitted")
            assert await journal.budget() == Budget(1, None)

    asyncio.run(run())


def test_an_answer_that_comes_again_does_not_undo_a_retry(open_journal: Open) -> None:
    async def run() -> None:
        async with open_journal() as journal:
            await journal.add(rows(1))
            await claim(journal, 1)
            await journal.submitted("r1", "task-1")
            await journal.failed(1, "no")
            assert await journal.restart("failed") == 1
            assert not await journal.submitted("r1", "task-1")
            assert await claim(journal, 1, "r2") == Claimed("r2")

    asyncio.run(run())


def test_steps_that_do_not_fit_change_nothing(open_journal: Open) -> None:
    async def run() -> None:
        async with open_journal() as journal:
            await journal.add(rows(1))
            assert not await journal.finished(1, "https://x/v.mp4")
            assert not await journal.saved(1, "v.mp4", 1, "x")
            assert not await journal.failed(1, "no")
            assert not await journal.take(1)
            assert await journal.resolve("row-1", "abandoned") == "ready"
            assert await journal.resolve("row-7", "abandoned") is None
            assert await state(journal) == "ready"
            await claim(journal, 1)
            await journal.submitted("r1", "task-1")
            assert await journal.finished(1, "https://x/v.mp4")
            assert await journal.saved(1, "v.mp4", 1, "x")
            assert not await journal.saved(1, "w.mp4", 1, "x")
            assert not await journal.failed(1, "no")
            assert (await journal.purchase(1)).file == "v.mp4"

    asyncio.run(run())


def fail() -> None:
    raise ZeroDivisionError


def test_a_list_that_is_given_again(open_journal: Open) -> None:
    async def run() -> None:
        async with open_journal() as journal:
            added = await journal.add(rows(4))
            assert added == (4, 0, 0, 0, 0)
            await claim(journal, 1)
            await claim(journal, 4, "r4")
            states: list[State] = []
            changed = row(1, '{"other": true}', conflict=states.append)
            added = await journal.add([row(5), changed, row(2, '{"other": true}')])
            assert states == ["sending"]
            assert (added.new, added.known, added.changed, added.withdrawn, added.kept) == (1, 2, 1, 1, 1)
            assert await journal.counts() == {"ready": 2, "cancelled": 1, "sending": 2}
            assert [number for _, number in await journal.numbers("ready")] == [5, 2]
            with pytest.raises(operations.DuplicateId):
                await journal.add([row(7), row(8), row(7)])
            with pytest.raises(ZeroDivisionError):
                await journal.add([row(7)], verify=fail)
            assert await journal.find("row-7") is None
            assert len(await journal.read(lambda tx: list(operations.purchases(tx)))) == 5

    asyncio.run(run())


def test_one_operation_that_fails_takes_no_other_with_it(open_journal: Open) -> None:
    async def run() -> None:
        async with open_journal() as journal:
            await journal.add(rows(3))

            def broken(tx: Transaction) -> None:
                operations.cancel(tx, NOW)
                raise ZeroDivisionError

            first, second, third = await asyncio.gather(
                claim(journal, 1), journal._database.write(broken), claim(journal, 2, "r2"), return_exceptions=True
            )
            assert (first, third) == (Claimed("r1"), Claimed("r2"))
            assert isinstance(second, ZeroDivisionError)
            assert await state(journal, 3) == "ready"

    asyncio.run(run())


@pytest.mark.parametrize("number", [0, -1, 10**30, -(10**30)])
def test_a_number_that_no_purchase_has(open_journal: Open, number: int) -> None:
    async def run() -> None:
        async with open_journal() as journal:
            await journal.add(rows(2))
            with pytest.raises(NoPurchase, match=f"no purchase {number}"):
                await journal.purchase(number)
            assert not await journal.hide(number)
            assert len(await journal.latest(before=number)) == (2 if number > 0 else 0)
            assert len(await journal.latest(limit=number)) == (2 if number > 0 else 0)

    asyncio.run(run())


def test_a_budget_larger_than_any_number_is_as_good_as_none(open_journal: Open) -> None:
    async def run() -> None:
        async with open_journal() as journal:
            await journal.add(rows(1))
            await journal.allow(10**30)
            assert await claim(journal, 1) == Claimed("r1")

    asyncio.run(run())


def test_a_list_may_leave_out_the_requests(open_journal: Open) -> None:
    async def run() -> None:
        async with open_journal() as journal:
            await journal.add(rows(2))
            [last, first] = await journal.latest()
            assert (last.number, last.request) == (2, "{}")
            assert await journal.latest(requests=False) == [replace(each, request="") for each in (last, first)]

    asyncio.run(run())


def test_a_text_that_is_not_utf_8_is_an_error_and_changes_nothing(open_journal: Open) -> None:
    async def run() -> None:
        async with open_journal() as journal:
            await journal.add(rows(2))
            ended = await asyncio.gather(
                claim(journal, 1),
                journal.enter(row(3)._replace(id="row \udcff"), "agent"),
                claim(journal, 2, "r2"),
                return_exceptions=True,
            )
            assert (ended[0], ended[2]) == (Claimed("r1"), Claimed("r2"))
            assert isinstance(ended[1], JournalError)
            assert str(ended[1]) == "the journal cannot keep a text that is not UTF-8"
            with pytest.raises(JournalError, match="not UTF-8"):
                await journal.find("row \udcff")
            assert await journal.counts() == {"sending": 2}

    asyncio.run(run())


def test_a_path_keeps_its_bytes_and_a_reason_shows_them(open_journal: Open) -> None:
    path = os.fsdecode(b"/videos 100%/\xff\xe4.mp4")

    async def run() -> None:
        async with open_journal() as journal:
            await journal.add(rows(6))
            for number in range(1, 7):
                await claim(journal, number, f"r{number}")
            await journal.submitted("r1", "task-1")
            await journal.saved(1, path, 1, "x")
            purchase = await journal.purchase(1)
            assert (purchase.file, purchase.path) == ("file:///videos%20100%25/%FF%E4.mp4", Path(path))
            assert [file for _, _, file in await journal.read(lambda tx: [*operations.ids(tx, "saved")])] == [
                purchase.file
            ]
            reason = f"{path} is gone"
            await journal.unfetched(1, reason)
            await journal.not_bought("r2", reason)
            await journal.unsendable(2, reason)
            await journal.not_bought("r3", reason, stop=reason)
            await journal.refused("r4", reason)
            await journal.lost("r5", reason)
            await journal.submitted("r6", "task-6")
            await journal.failed(6, reason)
            reasons = {(await journal.purchase(number)).reason for number in range(1, 7)}
            assert reasons == {r"/videos 100%/\udcff\udce4.mp4 is gone"}

    asyncio.run(run())


def test_a_runner_that_is_gone_leaves_doubts_and_the_rest_of_its_work(open_journal: Open) -> None:
    async def run() -> None:
        async with open_journal() as journal:
            await journal.add(rows(3))
            await claim(journal, 1)
            await claim(journal, 2, "r2")
            await journal.submitted("r2", "task-2")
            assert not await journal.bury(), "it lives"
            journal._runs = False  # So that it cannot say goodbye.
        async with open_journal() as journal:
            assert [await state(journal, n) for n in (1, 2, 3)] == ["in doubt", "submitted", "ready"]
            assert await journal.take(2)
            assert (await journal.attempts(1))[0].outcome == "lost"
            assert await journal.budget() == Budget(2, None)
            assert await journal.submitted("r1", "task-1"), "the answer was only late"

    asyncio.run(run())


def test_the_tables_of_a_newer_version_are_left_alone(open_journal: Open) -> None:
    async def run() -> None:
        async with open_journal() as journal:
            await journal.note("version", "99")
        with pytest.raises(JournalError, match="newer version"):
            async with open_journal():
                pass

    asyncio.run(run())


def test_no_step_looks_through_all_purchases(tmp_path: Path) -> None:
    """Or a step of one among a million would take a second."""
    said: list[str] = []

    async def run() -> list[Row]:
        journal = await Journal.open_file(tmp_path / "journal.sqlite", create=True)
        try:
            await journal.add(rows(4))
            database = cast(SqliteDatabase, journal._database)
            database._writer.set_trace_callback(said.append)
            for number, end in enumerate((journal.refused, journal.not_bought, journal.lost, journal.submitted), 1):
                await claim(journal, number, f"r{number}", Pace(per_second=1000, in_flight=10))
                await end(f"r{number}", "because")
            await journal.take(4)
            await journal.finished(4, None)
            await journal.saved(4, "v.mp4", 1, "x")
            await journal._database.write(lambda tx: operations.orphaned(tx, "somebody", NOW))
            database._writer.set_trace_callback(None)
            steps = [text for text in said if text.split()[0] in ("SELECT", "UPDATE")]
            return [row for text in steps for row in database._writer.execute(f"EXPLAIN QUERY PLAN {text}")]
        finally:
            await journal.close()

    plans = [str(row[3]) for row in asyncio.run(run())]
    assert plans
    assert {plan for plan in plans if plan.startswith(("SCAN purchases", "SCAN attempts"))} == set()
