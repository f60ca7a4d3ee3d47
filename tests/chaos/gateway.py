"""A gateway at which everything goes wrong that can, and which counts what it sells."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from modelstream.mock import MockGateway
from modelstream_runtime.mock.journal import Entry
from modelstream_runtime.mock.messages import Request, Response
from tests.support.server import Received, Reply

SUBMITTING = {"429": 0.08, "503": 0.03, "500": 0.03, "cut-submit": 0.02, "reset": 0.02}
POLLING = {"429": 0.05, "reset-task": 0.05}
DOWNLOADING = {"cut": 0.15, "reset-download": 0.05}
"""How likely each scenario of the mock is."""
_DRIPPING = 0.03
_DRIP = 0.0005
"""Seconds before each byte."""
_EXCHANGES = 1_000_000


class ChaosGateway:
    """The mock gateway as a script of the test server, with faults by chance.

    Args:
        seed: of the dice. Which exchange they hit depends on the order in which the exchanges arrive.
    """

    def __init__(self, seed: int) -> None:
        self.rejections = 0
        """How many of the next submissions to reject, whatever the dice say."""
        self.mock = MockGateway(keep=_EXCHANGES, polls=2, seed=seed)
        self.sold: Counter[str] = Counter()
        """How many tasks the gateway made of each prompt."""
        self.tasks: dict[str, str] = {}
        """The last task of each prompt."""
        self.references: Counter[str] = Counter()
        """How many tasks the gateway made for each reference of a client."""
        self.mock.listeners.append(self._count)
        self._dice = random.Random(seed)
        self._lock = threading.Lock()
        self._countdown = 0
        self._strike: Callable[[], object] = lambda: None

    def strike_after(self, exchanges: int, strike: Callable[[], object]) -> None:
        """Call something in the middle of an exchange, after so many others."""
        with self._lock:
            self._countdown, self._strike = exchanges, strike

    def __call__(self, received: Received, number: int) -> Reply:
        with self._lock:
            self._countdown -= 1
            now, after_all = self._countdown == 0, self._dice.random() < 0.5
            if now and not after_all:
                self._strike()
            response = self.mock.handle(self._request(received))
            if now and after_all:
                self._strike()
            drip = _DRIP if received.method == "POST" and self._dice.random() < _DRIPPING else 0.0
        return _reply(response, drip)

    def _request(self, received: Received) -> Request:
        headers = {name.lower(): value for name, value in received.headers}
        if received.method == "POST":
            odds = {"429": 1.0} if self.rejections else SUBMITTING
            self.rejections = max(0, self.rejections - 1)
        else:
            odds = DOWNLOADING if received.path.endswith((".mp4", "/content")) else POLLING
        luck = self._dice.random()
        for scenario, share in odds.items():
            luck -= share
            if luck < 0:
                headers["x-mock-scenario"] = scenario
                break
        origin = f"http://{received.host}"
        return Request(
            method=received.method, path=received.path, headers=headers, body=received.body, origin=origin, local=True
        )

    def _count(self, entry: Entry) -> None:
        if entry.bought:
            prompt = entry.body["prompt"]
            self.sold[prompt] += 1
            self.tasks[prompt] = str(entry.task_id)
            self.references[str(entry.reference)] += 1


def _reply(response: Response, drip: float) -> Reply:
    if response.reset:
        return Reply(b"", "reset")
    lines = [f"HTTP/1.1 {response.status} X", *(f"{name}: {value}" for name, value in response.headers.items())]
    head = "\r\n".join([*lines, "", ""]).encode("latin-1")
    if response.cut is not None:
        return Reply(head + response.body[: response.cut], "cut")
    return replace(Reply(head + response.body), drip=drip)
