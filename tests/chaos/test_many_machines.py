"""Three workers on PostgreSQL that are killed again and again, one at a time, buy nothing twice."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from signal import SIGKILL

import pytest

from modelstream.batch import Batch
from modelstream_runtime.batch.batch import SUBMITTING
from modelstream_runtime.journal import operations
from modelstream_runtime.journal.records import Budget, Purchase
from modelstream_runtime.purchases.advance import POINTS
from tests.chaos.conftest import Chaos
from tests.chaos.gateway import ChaosGateway
from tests.chaos.promises import check_end, check_money
from tests.chaos.runners import ENDINGS
from tests.chaos.stable import Stable, stable
from tests.support.server import Server

WORKERS = 3


@pytest.fixture(scope="module")
def stables() -> Iterator[list[Stable]]:
    with ExitStack() as stack:
        yield [stack.enter_context(stable()) for _ in range(WORKERS)]


def purchases_in(journal: str) -> tuple[list[Purchase], Budget]:
    async def read() -> tuple[list[Purchase], Budget]:
        async with Batch("unused", journal=journal).viewed() as opened:
            return await opened.read(lambda tx: list(operations.purchases(tx))), await opened.budget()

    return asyncio.run(read())


def kill_often(chaos: Chaos, gateway: ChaosGateway, stables: list[Stable], name: str, **arguments: object) -> list[int]:
    """Run three, kill one in the middle of an exchange and start it again, and so on. Then let them end.

    Returns:
        Their exit statuses, those of the killed ones first.
    """
    dice = random.Random(chaos.seed)
    runners = [one.start(name, **arguments) for one in stables]
    statuses: list[int] = []
    # One that ends by itself before it is struck, because others were faster, was not killed.
    while statuses.count(-SIGKILL) < chaos.kills and len(statuses) < 2 * chaos.kills:
        chosen = dice.randrange(WORKERS)
        gateway.strike_after(dice.randint(1, max(2, 5 * chaos.rows // chaos.kills)), runners[chosen].kill)
        statuses.append(runners[chosen].wait())
        runners[chosen] = stables[chosen].start(name, **arguments)
    gateway.strike_after(0, lambda: None)
    return statuses + [runner.wait() for runner in runners]


def test_kills_at_random_moments(
    chaos: Chaos, gateway: ChaosGateway, server: Server, stables: list[Stable], postgres_url: str, tmp_path: Path
) -> None:
    budget = chaos.rows * 9 // 10
    arguments = {"folder": str(tmp_path), "url": server.url, "journal": postgres_url}
    assert stables[0].start("load", **arguments, rows=chaos.rows, budget=budget).wait() == 0
    statuses = kill_often(chaos, gateway, stables, "worker", **arguments)
    assert statuses.count(-SIGKILL) > chaos.kills / 2
    assert statuses[-WORKERS:] == [ENDINGS["budget"]] * WORKERS
    check_money(gateway, budget)
    purchases, spent = purchases_in(postgres_url)
    assert spent == (budget, budget)
    assert sum(purchase.paid != "no" for purchase in purchases) == budget

    assert stables[0].start("load", **arguments, rows=chaos.rows, budget="all").wait() == 0
    runners = [one.start("worker", **arguments) for one in stables]
    assert [runner.wait() for runner in runners] == [ENDINGS["complete"]] * WORKERS
    check_money(gateway)
    check_end(gateway, purchases_in(postgres_url)[0], tmp_path, chaos.rows)


def test_a_kill_at_each_point(
    gateway: ChaosGateway, server: Server, stables: list[Stable], postgres_url: str, tmp_path: Path
) -> None:
    """Of one worker after the other. Each takes over from the one before."""
    arguments = {"folder": str(tmp_path), "url": server.url, "journal": postgres_url}
    rows = 6 * len(POINTS)
    assert stables[0].start("load", **arguments, rows=rows, budget="all").wait() == 0
    for point in POINTS:
        gateway.rejections = SUBMITTING + 1  # So that every worker passes "rejected", too.
        assert stables[0].start("worker", **arguments, die_at=point).wait() == -SIGKILL, point
    assert stables[0].start("worker", **arguments).wait() == ENDINGS["complete"]
    check_money(gateway)
    check_end(gateway, purchases_in(postgres_url)[0], tmp_path, rows)


def test_an_engine_whose_step_calls_the_client_buys_twice_in_the_same_chaos(
    chaos: Chaos, gateway: ChaosGateway, server: Server, stables: list[Stable], postgres_url: str, tmp_path: Path
) -> None:
    arguments = {"folder": str(tmp_path), "url": server.url, "journal": postgres_url}
    assert stables[0].start("load", **arguments, rows=chaos.rows, budget="all").wait() == 0
    statuses = kill_often(chaos, gateway, stables, "engine", **arguments)
    assert statuses.count(-SIGKILL) > chaos.kills / 2
    with pytest.raises(AssertionError):
        check_money(gateway)
