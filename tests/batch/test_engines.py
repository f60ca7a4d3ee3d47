"""`Batch.advance` in the hands of an engine that calls it whenever it likes."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from modelstream import AsyncModelStream
from modelstream.batch import Batch
from modelstream.mock import MockGateway
from modelstream.mock.server import running
from modelstream_runtime.batch import worker
from modelstream_runtime.batch.batch import BaseBatch
from tests.support.batches import Shop, coffees, refusal, results_of
from tests.support.command import PATIENCE

JOBS = 6
PAGE = Path(__file__).parents[2] / "docs" / "batches.md"


def test_the_examples_of_other_engines_call_what_there_is() -> None:
    """The engines are not installed here, so nobody can run them."""
    examples = re.findall(r"^```py\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert len(examples) == 3
    for example in examples:
        calls = [node for node in ast.walk(ast.parse(example)) if isinstance(node, ast.Call)]
        ours = {node.func.attr: node for node in calls if isinstance(node.func, ast.Attribute) and is_batch(node.func)}
        assert ours.keys() & {"advance", "aadvance"}
        for name, call in ours.items():
            options = {str(keyword.arg): None for keyword in call.keywords}
            asynchronous = "aadvance" if name == "advance" else name  # Its twin passes all options on.
            inspect.signature(getattr(BaseBatch, asynchronous)).bind(None, *call.args, **options)


def is_batch(function: ast.Attribute) -> bool:
    return ast.unparse(function.value).startswith(("batch", "Batch("))


def test_an_engine_may_call_advance_at_any_time_and_any_number_of_times(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = MockGateway(polls=1)
    with running(gateway) as url:
        monkeypatch.setenv("MODELSTREAM_API_KEY", "sk-mock")
        monkeypatch.setenv("MODELSTREAM_BASE_URL", url)
        Batch(tmp_path, coffees(JOBS), journal=postgres_url).load(max_purchases=JOBS)
        batch = Batch(tmp_path, journal=postgres_url)
        numbers = batch.numbers()
        assert numbers == [1, 2, 3, 4, 5, 6]
        with ThreadPoolExecutor(4) as engine:
            again = [*engine.map(lambda number: batch.advance(number, interval=0.01), numbers * 3)]
        assert set(again) <= {None, 10.0}
        assert gateway.journal.bought == JOBS
        assert batch.numbers() == []
        assert {path.stem for path in tmp_path.glob("*.mp4")} == {f"cup-{n}" for n in range(JOBS)}


def test_advance_says_when_to_come_again(postgres_url: str, tmp_path: Path) -> None:
    gateway = MockGateway(polls=3)
    with running(gateway) as url:

        def batch() -> Batch:
            return Batch(tmp_path, journal=postgres_url, client=AsyncModelStream("sk-mock", base_url=url))

        Batch(tmp_path, coffees(2), journal=postgres_url).load(max_purchases=2)
        assert batch().advance(1, timeout=0) == 10
        assert batch().numbers() == [1, 2]
        soon = batch().advance(2, max_in_flight_total=1)
        assert soon is not None
        assert soon <= 1
        assert batch().advance(1, interval=0.01) is None
        assert batch().advance(2, interval=0.01, max_in_flight_total=1) is None
        assert batch().run().ending == "complete"
    assert {result["state"] for result in results_of(tmp_path).values()} == {"saved"}
    assert gateway.journal.bought == 2


@pytest.mark.parametrize(("stops", "state"), [(1, "submitted"), (2, "in doubt")])
def test_a_worker_finishes_its_paid_requests_unless_it_is_stopped_twice(
    stops: int, state: str, postgres_url: str, tmp_path: Path
) -> None:
    shop = Shop(polls=10**6)
    batch = shop.batch(tmp_path, coffees(1), journal=postgres_url)

    async def stop(number: int) -> None:
        for _ in range(stops):
            batch.stop()
        # The request goes on for a while, or until it is cancelled.
        await asyncio.sleep(0.1 if stops == 1 else PATIENCE)

    shop.after = stop
    result = batch.run(max_purchases=1, interval=0.01)
    assert (result.ending, dict(result.counts)) == ("interrupted", {state: 1})


def test_workers_stop_buying_when_the_key_is_shut_out(postgres_url: str, tmp_path: Path) -> None:
    shop = Shop()
    shop.answer = lambda number: refusal(402, "no credit") if number >= 2 else None
    result = shop.batch(tmp_path, coffees(50), journal=postgres_url).run(
        max_purchases=50, max_submitting=1, max_in_flight=10, interval=0.01
    )
    assert (result.ending, dict(result.counts)) == ("stopped", {"saved": 2, "ready": 48})
    assert "no credit" in result.reason
    assert len(shop.headers) == 3, "one refusal is enough"
    shop.answer = lambda number: None
    assert shop.batch(tmp_path, journal=postgres_url).run(interval=0.01).counts == {"saved": 50}


def test_a_worker_whose_disk_takes_no_videos_leaves_the_rest_to_others(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_AGAIN", 0.0)  # The next worker takes up at once what is under way.
    shop = Shop()
    (tmp_path / "here" / "cup-0.mp4").mkdir(parents=True)
    result = shop.batch(tmp_path / "here", coffees(30), journal=postgres_url).run(
        max_purchases=30, max_submitting=1, max_in_flight=1, interval=0.01
    )
    assert result.ending == "stopped"
    assert "cup-0.mp4" in result.reason
    assert shop.sold.total() < 30
    assert shop.batch(tmp_path / "there", journal=postgres_url).run(interval=0.01).counts == {"saved": 30}
    assert shop.sold.total() == 30
