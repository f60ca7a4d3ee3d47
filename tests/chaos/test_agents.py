"""A host that kills its server after each message, and an agent that says everything three times, buy nothing twice."""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, Self, get_args

import pytest

from tests.chaos.conftest import Chaos
from tests.chaos.gateway import ChaosGateway
from tests.chaos.promises import check_money
from tests.chaos.stable import Runner, Stable, stable
from tests.support.agents import bought_at_a_mock, wanted
from tests.support.mcp_server import call_line
from tests.support.server import Server

Kill = Literal["before the answer", "after the answer", "in an exchange", "never"]
KILLS: tuple[Kill, ...] = get_args(Kill)
_LAST: Kill = "never"
TIMES = 3
"""How often the agent says everything."""
_PATIENCE = 60.0


@pytest.fixture(scope="module")
def runners() -> Iterator[Stable]:
    with stable() as started:
        yield started


class Host:
    """Starts a server when it needs one, and kills it."""

    def __init__(self, gateway: ChaosGateway, runners: Stable, folder: Path, **arguments: Any) -> None:
        self.kills = 0
        self._gateway = gateway
        self._runners = runners
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / "host"))
        self._listener.listen()
        self._listener.settimeout(_PATIENCE)
        self._arguments = arguments | {"folder": str(folder), "socket_at": str(folder / "host")}
        self._server: Runner | None = None
        self._wire: Any = None

    def call(self, kill: Kill, name: str, arguments: dict[str, Any]) -> dict[str, Any] | None:
        """The structured content of the result; ``None`` if the server was killed before it answered."""
        if self._server is None:
            self._server = self._runners.start("agents", **self._arguments)
            connection, _ = self._listener.accept()
            connection.settimeout(_PATIENCE)
            with connection:
                self._wire = connection.makefile("rw", encoding="utf-8")
        if kill == "in an exchange":
            self._gateway.strike_after(1, self._server.kill)
        line = ""
        with suppress(BrokenPipeError, ConnectionResetError):
            self._wire.write(call_line(name, arguments))
            self._wire.flush()
            if kill == "before the answer":
                self._server.kill()
            line = self._wire.readline()
        self._gateway.strike_after(0, lambda: None)
        if kill == "after the answer":
            self._server.kill()
        if kill in ("before the answer", "after the answer") or not line:
            self.kills += 1
            self._end()
        content: dict[str, Any] | None = json.loads(line)["result"]["structuredContent"] if line else None
        return content

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._end()
        self._listener.close()

    def _end(self) -> None:
        """Close the connection, and wait for the end of the server."""
        if self._server is not None:
            with suppress(BrokenPipeError, ConnectionResetError):
                self._wire.close()
            self._server.wait()
            self._server = None


def insist(host: Host, dice: random.Random, prompts: list[str]) -> dict[str, dict[str, Any]]:
    """Have an agent say everything three times, and return the last answer about each prompt."""
    told: dict[str, dict[str, Any]] = {}
    for prompt in prompts:
        kills: list[Kill] = [dice.choice(KILLS) for _ in range(TIMES)]
        for kill in (*kills, _LAST):
            told[prompt] = host.call(kill, "submit_video", wanted(prompt)) or told.get(prompt, {})
        for kill in (*reversed(kills), _LAST):
            if task_id := told[prompt].get("task_id"):
                told[prompt] = host.call(kill, "wait_video", {"task_id": task_id}) or told[prompt]
    return told


def test_killed_after_each_message_it_buys_nothing_twice(
    chaos: Chaos, gateway: ChaosGateway, server: Server, runners: Stable, tmp_path: Path
) -> None:
    prompts = [f"row-{number}" for number in range(max(4, chaos.rows // 10))]
    budget = len(prompts) - 1
    with Host(gateway, runners, tmp_path, url=server.url, budget=budget, careless=False) as host:
        told = insist(host, random.Random(chaos.seed), prompts)
    assert host.kills > len(prompts)
    check_money(gateway, budget)
    purchases = {json.loads(each.request)["values"]["prompt"]: each for each in bought_at_a_mock(tmp_path)}
    assert set(gateway.sold) <= set(purchases)
    for prompt, purchase in purchases.items():
        assert told[prompt].get("paid") in (purchase.paid, None), (told[prompt], purchase)
        match purchase.state:
            case "saved":
                assert (gateway.tasks[prompt], Path(purchase.file or "").stat().st_size) == (
                    purchase.task_id,
                    purchase.bytes,
                )
            case "ready" | "refused":
                assert not gateway.sold[prompt], purchase
            case "in doubt":
                assert "do not submit" in told[prompt]["next"]
            case other:
                raise AssertionError(f"{purchase} is {other}: {told[prompt]}")


def test_tools_that_leave_the_key_to_the_agent_buy_twice_in_the_same_chaos(
    chaos: Chaos, gateway: ChaosGateway, server: Server, runners: Stable, tmp_path: Path
) -> None:
    prompts = [f"row-{number}" for number in range(3)]
    with Host(gateway, runners, tmp_path, url=server.url, budget=1000, careless=True) as host:
        insist(host, random.Random(chaos.seed), prompts)
    with pytest.raises(AssertionError):
        check_money(gateway)
