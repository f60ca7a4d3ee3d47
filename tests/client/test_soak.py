"""Hundreds of tasks under random faults, with a fixed seed: nothing is lost silently, and nothing is bought twice."""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from modelstream import (
    APIError,
    AsyncModelStream,
    DownloadError,
    KlingV3,
    ModelStream,
    SubmitUnknown,
    TaskFailed,
)
from modelstream_runtime import retry
from tests.conftest import through_aiohttp
from tests.support.pauses import poll_every
from tests.support.server import Received, Reply, cut_after, response, serve

TASKS = 150
VIDEO = bytes(5000)


class Chaos:
    """A gateway that goes wrong in every way, and remembers what it accepted."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.lock = threading.Lock()
        self.accepted: Counter[str] = Counter()
        self.doomed: set[str] = set()

    def __call__(self, received: Received, number: int) -> Reply:
        with self.lock:
            luck = self.dice.random()
            if received.method == "POST":
                return self._submit(received, luck)
            if received.path.startswith("/v1/video/generations/"):
                return self._state(received, luck)
            return self._video(luck)

    def _submit(self, received: Received, luck: float) -> Reply:
        name = received.json["prompt"]
        if luck < 0.15:
            return response(429, raw=b"", headers=["Retry-After: 0"])
        if luck < 0.2:
            return response(503, {"error": {"message": "no channel", "code": "model_not_found"}})
        if luck < 0.25:
            return response(400, {"error": {"message": "no", "type": "x", "param": "prompt", "code": ""}})
        # From here on it is bought, whether or not the response arrives.
        self.accepted[name] += 1
        accepted = response(200, {"task_id": name, "status": "queued"})
        if luck < 0.3:
            return Reply(b"", "reset")
        if luck < 0.35:
            return cut_after(accepted, int(luck * 200))
        if luck < 0.4:
            return response(500, {"code": "do_request_failed", "message": "timeout"})
        if luck < 0.45:
            self.doomed.add(name)
        return accepted

    def _state(self, received: Received, luck: float) -> Reply:
        name = received.path.rpartition("/")[2]
        if luck < 0.1:
            return Reply(b"", "reset")
        if luck < 0.2:
            return response(502, raw=b"<html>")
        if luck < 0.3:
            return response(200, {"code": "success", "data": None})
        if luck < 0.5:
            return response(200, {"status": "processing", "progress": "50%"})
        if name in self.doomed:
            return response(200, {"status": "FAILURE", "fail_reason": "doomed"})
        return response(200, {"status": "completed", "url": f"http://{received.host}/v.mp4"})

    def _video(self, luck: float) -> Reply:
        whole = response(200, raw=VIDEO, kind="video/mp4")
        return cut_after(whole, int(luck * len(whole.data))) if luck < 0.3 else whole


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_DELAY", 0.001)
    monkeypatch.setattr(retry, "LONGEST_DELAY", 0.002)
    poll_every(monkeypatch, 0.001)


def outcome_of(error: Exception) -> str:
    return {SubmitUnknown: "unknown", TaskFailed: "failed", DownloadError: "not saved"}.get(type(error), "refused")


def one_sync(client: ModelStream, name: str, folder: Path) -> str:
    try:
        client.submit(KlingV3(prompt=name)).wait(timeout=60).save(folder / f"{name}.mp4")
    except (APIError, SubmitUnknown, TaskFailed, DownloadError) as error:
        return outcome_of(error)
    return "saved"


async def one_async(client: AsyncModelStream, name: str, folder: Path) -> str:
    try:
        task = await client.submit(KlingV3(prompt=name))
        await (await task.wait(timeout=60)).save(folder / f"{name}.mp4")
    except (APIError, SubmitUnknown, TaskFailed, DownloadError) as error:
        return outcome_of(error)
    return "saved"


def all_sync(url: str, names: list[str], folder: Path) -> list[str]:
    with ModelStream("sk-x", base_url=url) as client, ThreadPoolExecutor(10) as threads:
        return list(threads.map(lambda name: one_sync(client, name, folder), names))


def all_async(url: str, names: list[str], folder: Path) -> list[str]:
    async def run() -> list[str]:
        async with AsyncModelStream("sk-x", base_url=url) as client:
            return await asyncio.gather(*(one_async(client, name, folder) for name in names))

    return asyncio.run(run())


def all_aiohttp(url: str, names: list[str], folder: Path) -> list[str]:
    with through_aiohttp():
        return all_async(url, names, folder)


@pytest.mark.parametrize("run", [all_sync, all_async, all_aiohttp])
def test_every_purchase_has_a_known_end(run: Callable[..., list[str]], tmp_path: Path) -> None:
    names = [f"task-{number}" for number in range(TASKS)]
    chaos = Chaos(seed=20261121)
    with serve(chaos) as server:
        outcomes = dict(zip(names, run(server.url, names, tmp_path), strict=True))
    assert max(chaos.accepted.values()) == 1, "something was bought twice"
    for name, outcome in outcomes.items():
        bought = chaos.accepted[name] == 1
        match outcome:
            case "saved":
                assert bought
                assert (tmp_path / f"{name}.mp4").read_bytes() == VIDEO
            case "failed":
                assert name in chaos.doomed
            case "unknown":
                assert bought
            case "refused":
                assert not bought
            case _:
                pytest.fail(f"{name} ended as {outcome}")
    assert {path.name for path in tmp_path.iterdir()} == {f"{n}.mp4" for n, o in outcomes.items() if o == "saved"}
    assert Counter(outcomes.values()).keys() == {"saved", "failed", "unknown", "refused"}
