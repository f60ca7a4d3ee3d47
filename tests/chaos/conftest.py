"""How much chaos: `nox -s chaos` asks for a lot, an ordinary run of the tests for a little."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.chaos.gateway import ChaosGateway
from tests.support.server import Server, serve

pytest.register_assert_rewrite("tests.chaos.promises")


class Chaos(NamedTuple):
    """How many rows, how many kills at random moments, and the seed of the dice."""

    rows: int
    kills: int
    seed: int


def pytest_addoption(parser: pytest.Parser) -> None:
    """Without them every run is small, and the same."""
    parser.addoption("--rows", type=int, default=40, metavar="N", help="how many rows of a batch (default: 40)")
    parser.addoption("--kills", type=int, default=6, metavar="N", help="how often to kill the process (default: 6)")
    parser.addoption("--chaos-seed", type=int, default=0, metavar="N", help="seed of the dice (default: 0)")


@pytest.fixture
def chaos(pytestconfig: pytest.Config) -> Chaos:
    """How much."""
    # An option is only known where this file was read before the command line was.
    return Chaos(
        rows=pytestconfig.getoption("--rows", 40) or 40,
        kills=pytestconfig.getoption("--kills", 6) or 6,
        seed=pytestconfig.getoption("--chaos-seed", 0) or 0,
    )


@pytest.fixture
def gateway(chaos: Chaos) -> ChaosGateway:
    return ChaosGateway(chaos.seed)


@pytest.fixture
def server(gateway: ChaosGateway) -> Iterator[Server]:
    with serve(gateway) as running:
        yield running
