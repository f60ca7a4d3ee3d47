"""What one refusal of the gateway says about the next try."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from modelstream_runtime import retry
from tests.support.batches import Shop, coffees, refusal, results_of

NO_CHANNEL = {"error": {"message": "no channel", "type": "x", "code": "model_not_found"}}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_DELAY", 0.001)
    monkeypatch.setattr(retry, "LONGEST_DELAY", 0.001)


def no_channel() -> httpx.Response:
    return httpx.Response(503, json=NO_CHANNEL)


def test_a_pause_is_no_failure_of_the_row(tmp_path: Path) -> None:
    """A missing channel is worth one more try, however often the gateway asked for a pause before."""
    shop = Shop()
    answers = [refusal(429), refusal(429), no_channel()]
    shop.answer = lambda number: answers[number] if number < len(answers) else None
    shop.run(tmp_path, coffees(1))
    assert results_of(tmp_path)["cup-0"]["state"] == "saved"


def test_a_second_missing_channel_ends_the_row(tmp_path: Path) -> None:
    shop = Shop()
    answers = [no_channel(), refusal(429), no_channel()]
    shop.answer = lambda number: answers[number] if number < len(answers) else None
    shop.run(tmp_path, coffees(1))
    result = results_of(tmp_path)["cup-0"]
    assert (result["state"], result["paid"]) == ("refused", "no")
    assert [attempt["outcome"] for attempt in result["attempts"]] == ["retried once", "not bought", "refused"]


def test_a_task_that_is_not_finished_after_all_is_left_to_the_next_run(tmp_path: Path) -> None:
    shop = Shop(polls=4)
    shop.run(tmp_path, coffees(2), timeout=0)

    async def finish() -> None:
        async with shop.batch(tmp_path).changed() as journal:
            await journal.finished(1, None)

    asyncio.run(finish())
    result = shop.run(tmp_path, coffees(2), timeout=0)
    assert (result.ending, dict(result.counts)) == ("complete", {"finished": 1, "submitted": 1})
    assert shop.run(tmp_path, coffees(2)).counts == {"saved": 2}
