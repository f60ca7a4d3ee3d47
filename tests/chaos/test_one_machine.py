"""A batch that is killed again and again, at a gateway at which everything goes wrong, buys nothing twice."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
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
from tests.chaos.promises import check_end, check_money, check_results
from tests.chaos.runners import ENDINGS
from tests.chaos.stable import Stable, stable
from tests.support.server import Server

FEW = 12
"""Rows, where the kills are aimed."""
COMPLETE, BUDGET = ENDINGS["complete"], ENDINGS["budget"]


@pytest.fixture(scope="module")
def runners() -> Iterator[Stable]:
    with stable() as started:
        yield started


def purchases_in(folder: Path) -> tuple[list[Purchase], Budget]:
    async def read() -> tuple[list[Purchase], Budget]:
        async with Batch(folder).viewed() as journal:
            return await journal.read(lambda tx: list(operations.purchases(tx))), await journal.budget()

    return asyncio.run(read())


def kill_often(chaos: Chaos, gateway: ChaosGateway, runners: Stable, name: str, **arguments: object) -> int:
    """Run it, kill it in the middle of an exchange, and run it again, until nothing is left or it was killed enough."""
    dice = random.Random(chaos.seed)
    killed = 0
    for _ in range(chaos.kills):
        runner = runners.start(name, **arguments)
        gateway.strike_after(dice.randint(1, max(2, 6 * chaos.rows // chaos.kills)), runner.kill)
        killed += runner.wait() == -SIGKILL
    gateway.strike_after(0, lambda: None)
    return killed


def test_kills_at_random_moments(
    chaos: Chaos, gateway: ChaosGateway, server: Server, runners: Stable, tmp_path: Path
) -> None:
    budget = chaos.rows * 9 // 10
    arguments = {"folder": str(tmp_path), "url": server.url, "rows": chaos.rows}
    assert kill_often(chaos, gateway, runners, "batch", **arguments, budget=budget) > chaos.kills / 2
    assert runners.start("batch", **arguments, budget=budget).wait() == BUDGET
    check_money(gateway, budget)
    purchases, spent = purchases_in(tmp_path)
    assert spent == (budget, budget)
    assert sum(purchase.paid != "no" for purchase in purchases) == budget

    assert runners.start("batch", **arguments, budget="all").wait() == COMPLETE
    check_money(gateway)
    purchases, _ = purchases_in(tmp_path)
    check_end(gateway, purchases, tmp_path, chaos.rows)
    check_results(tmp_path, purchases)


@pytest.mark.parametrize("point", ["loading", *POINTS])
def test_a_kill_at_each_point(
    point: str, gateway: ChaosGateway, server: Server, runners: Stable, tmp_path: Path
) -> None:
    arguments = {"folder": str(tmp_path), "url": server.url, "rows": FEW, "budget": "all"}
    for _ in range(2):
        # So that every run passes "rejected", too. Requests of the run before may still arrive, and be rejected first.
        gateway.rejections = SUBMITTING + 1
        assert runners.start("batch", **arguments, die_at=point).wait() == -SIGKILL
    assert runners.start("batch", **arguments).wait() == COMPLETE
    check_money(gateway)
    purchases, _ = purchases_in(tmp_path)
    check_end(gateway, purchases, tmp_path, FEW)


def test_a_loop_without_a_journal_buys_twice_in_the_same_chaos(
    chaos: Chaos, gateway: ChaosGateway, server: Server, runners: Stable, tmp_path: Path
) -> None:
    arguments = {"folder": str(tmp_path), "url": server.url, "rows": chaos.rows}
    assert kill_often(chaos, gateway, runners, "loop", **arguments) > chaos.kills / 2
    with pytest.raises(AssertionError):
        check_money(gateway)
