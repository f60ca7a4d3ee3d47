"""A list of requests becomes a folder of videos, and running it again buys nothing twice."""

from __future__ import annotations

import asyncio
import inspect
import shutil
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from modelstream import IgnoredFieldWarning, KlingV3, ViduQ2ProFast
from modelstream.batch import Batch, InvalidBatch, JournalError, Update
from modelstream_runtime.batch import results
from modelstream_runtime.batch.home import JOURNAL
from modelstream_runtime.journal.operations import LONGEST_PAUSE
from modelstream_runtime.part_file import remove_leftovers_in
from tests.support.batches import Shop, coffees, refusal, results_of

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "videos"


def videos(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.mp4"))


def test_every_kind_of_job_becomes_a_video(shop: Shop, folder: Path) -> None:
    jobs = [
        KlingV3(prompt="A request"),
        ("shot-1", KlingV3(prompt="A pair")),
        {"id": "shot-2", "model": "kling-v3", "values": {"prompt": "Values"}},
        {"id": "shot-3", "body": {"model": "kling-v3", "prompt": "A body"}},
        {"custom_id": "shot-4", "method": "POST", "url": "/v1", "body": {"model": "kling-v3", "prompt": "Their line"}},
    ]
    result = shop.run(folder, jobs)
    assert (result.ending, result.counts, result.all_saved) == ("complete", {"saved": 5}, True)
    assert sum(shop.sold.values()) == 5
    assert [f"shot-{number}.mp4" in videos(folder) for number in range(1, 5)] == [True] * 4
    assert len(videos(folder)) == 5
    assert [record["paid"] for record in results_of(folder).values()] == ["yes"] * 5


def test_running_it_again_buys_nothing(shop: Shop, folder: Path) -> None:
    shop.run(folder, coffees(3))
    again = shop.run(folder, coffees(3))
    assert (again.counts, set(shop.sold.values())) == ({"saved": 3}, {1})


def test_added_and_changed_and_removed_jobs(shop: Shop, folder: Path) -> None:
    assert shop.run(folder, coffees(4), max_purchases=2, max_in_flight=1).ending == "budget"
    jobs = [*coffees(3), *coffees(5)[4:]]
    jobs[2]["values"]["prompt"] = "Tea"
    result = shop.run(folder, jobs)
    assert result.added is not None
    assert result.added._asdict() == {"new": 1, "known": 3, "changed": 1, "withdrawn": 1, "kept": 0}
    assert result.counts == {"saved": 4, "cancelled": 1}
    assert dict(shop.sold) == {"Cup 0": 1, "Cup 1": 1, "Tea": 1, "Cup 4": 1}


def test_jobs_that_changed_after_their_purchase_are_all_told(shop: Shop, folder: Path) -> None:
    shop.run(folder, coffees(3))
    jobs = coffees(4)
    jobs[0]["values"]["prompt"] = jobs[2]["values"]["prompt"] = "Tea"
    with pytest.raises(InvalidBatch) as caught:
        shop.run(folder, jobs)
    assert [(wrong.place, wrong.id, wrong.problems[0].field) for wrong in caught.value.wrong] == [
        ("job 1", "cup-0", "id"),
        ("job 3", "cup-2", "id"),
    ]
    assert "was bought with another request" in str(caught.value)
    assert sum(shop.sold.values()) == 3
    assert shop.run(folder, jobs, skip_invalid=True).counts == {"saved": 4}


def test_no_jobs_at_all_withdraw_nothing(shop: Shop, folder: Path) -> None:
    jobs = iter(coffees(2))
    batch = shop.batch(folder, jobs)
    assert batch.run(max_purchases=1, max_in_flight=1, interval=0).ending == "budget"
    with pytest.raises(InvalidBatch, match="there are no jobs"):
        batch.run(max_purchases=2, interval=0)
    assert shop.run(folder, None).counts == {"saved": 2}


def test_without_jobs_there_must_be_a_journal(shop: Shop, folder: Path) -> None:
    with pytest.raises(JournalError, match="there is no journal"):
        shop.run(folder)
    assert not folder.exists()


def test_the_first_run_needs_a_budget_and_writes_nothing_without_one(shop: Shop, folder: Path) -> None:
    with pytest.raises(ValueError, match="max_purchases"):
        shop.run(folder, coffees(2), max_purchases=None)
    assert not folder.exists()
    assert shop.run(folder, coffees(2), max_purchases=1, max_in_flight=1).ending == "budget"
    assert shop.run(folder, coffees(2), max_purchases=None).budget == (1, 1)


@pytest.mark.parametrize("budget", [-1, True, 1.5, "some"])
def test_a_strange_budget(shop: Shop, folder: Path, budget: Any) -> None:
    with pytest.raises(ValueError, match="max_purchases"):
        shop.run(folder, coffees(1), max_purchases=budget)


@pytest.mark.parametrize("options", [{"max_in_flight": 0}, {"max_submitting": 0}, {"rate": 0}, {"rate": -1}])
def test_strange_limits(shop: Shop, folder: Path, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        shop.run(folder, coffees(1), **options)
    assert not folder.exists()


def test_values_for_all_jobs_do_not_fit_a_body(shop: Shop, folder: Path) -> None:
    jobs = [{"id": "a", "body": {"model": "kling-v3", "prompt": "A cup"}}]
    with pytest.raises(InvalidBatch, match="a body"):
        shop.batch(folder, jobs, values={"mode": "pro"}).run(max_purchases="all")
    assert not shop.headers


def test_a_changed_picture_is_not_sent_and_the_next_run_checks_it_again(
    shop: Shop, folder: Path, tmp_path: Path
) -> None:
    picture = tmp_path / "hero.png"
    picture.write_bytes(PNG)
    jobs = [("hero", {"model": "viduq2-pro-fast", "values": {"prompt": "A hero", "image": picture}})]
    assert shop.run(folder, jobs, max_purchases=0).ending == "budget"
    picture.write_bytes(PNG + b"other")
    assert shop.run(folder).counts == {"refused": 1}
    assert "hero.png has changed" in results_of(folder)["hero"]["reason"]
    assert shop.run(folder, jobs).counts == {"saved": 1}


def test_a_picture_that_is_gone_is_told_before_anything_is_bought(shop: Shop, folder: Path, tmp_path: Path) -> None:
    picture = tmp_path / "hero.png"
    picture.write_bytes(PNG)
    jobs: list[Any] = [("hero", {"model": "viduq2-pro-fast", "values": {"prompt": "A hero", "image": picture}})]
    shop.run(folder, jobs, max_purchases=0)
    picture.unlink()
    with pytest.raises(InvalidBatch, match=r"job 1 \(hero\): image: there is no file"):
        shop.run(folder, jobs)
    assert not shop.headers


def test_a_row_that_the_gateway_refused_is_not_sent_again(shop: Shop, folder: Path) -> None:
    shop.answer = lambda number: refusal(400, "not this prompt")
    assert shop.run(folder, coffees(1)).counts == {"refused": 1}
    assert shop.run(folder, coffees(1)).counts == {"refused": 1}
    assert len(shop.headers) == 1


def test_a_deleted_video_is_fetched_again_without_buying(shop: Shop, folder: Path) -> None:
    shop.run(folder, coffees(2))
    (folder / "cup-1.mp4").unlink()
    assert shop.run(folder, coffees(2)).counts == {"saved": 2}
    assert videos(folder) == ["cup-0.mp4", "cup-1.mp4"]
    assert set(shop.sold.values()) == {1}


def test_an_account_that_may_not_buy_stops_at_once(shop: Shop, folder: Path) -> None:
    shop.answer = lambda number: refusal(402, "no credit") if number else None
    result = shop.run(folder, coffees(50), max_in_flight=2, max_submitting=1)
    assert (result.ending, "no credit" in result.reason) == ("stopped", True)
    assert len(shop.headers) <= 3
    assert (result.counts["saved"], result.budget.reserved) == (1, 1)
    shop.answer = lambda number: None
    assert shop.run(folder).counts == {"saved": 50}


def test_too_many_requests_slow_everybody_down_and_fail_nobody(shop: Shop, folder: Path) -> None:
    shop.answer = lambda number: refusal(429, retry_after="0") if number < 3 else None
    assert shop.run(folder, coffees(4)).counts == {"saved": 4}
    assert set(shop.sold.values()) == {1}


def test_a_lost_answer_is_in_doubt_and_never_sent_again(shop: Shop, folder: Path) -> None:
    async def lose(number: int) -> None:
        if number == 0:
            raise httpx.ReadError("cut")

    shop.after = lose
    result = shop.run(folder, coffees(2), max_in_flight=1, max_purchases=2)
    assert result.counts == {"in doubt": 1, "saved": 1}
    assert shop.run(folder, coffees(3), max_in_flight=1).counts == {"in doubt": 1, "saved": 2}
    assert shop.sold["Cup 0"] == 1
    doubt = results_of(folder)["cup-0"]
    assert (doubt["paid"], doubt["reference"]) == ("perhaps", shop.headers[0]["x-client-request-id"])


def test_in_doubt_rows_count_against_the_budget(shop: Shop, folder: Path) -> None:
    shop.answer = lambda number: refusal(500)
    result = shop.run(folder, coffees(3), max_in_flight=1, max_purchases=2)
    assert (result.ending, result.counts, result.budget) == ("budget", {"in doubt": 2, "ready": 1}, (2, 2))


def test_stopping_finishes_the_purchase_and_leaves_the_rest(shop: Shop, folder: Path) -> None:
    batch = shop.batch(folder, coffees(5))

    async def stop(number: int) -> None:
        batch.stop()
        await asyncio.sleep(0)  # So that the cancellation comes in the middle of the request.

    shop.after = stop
    result = batch.run(max_purchases="all", max_in_flight=3, max_submitting=1, interval=0)
    assert (result.ending, result.counts) == ("interrupted", {"submitted": 1, "ready": 4})
    assert sum(shop.sold.values()) == 1
    shop.after = None
    assert shop.run(folder).counts == {"saved": 5}
    assert set(shop.sold.values()) == {1}


def test_stopping_twice_leaves_the_purchase_in_doubt(shop: Shop, folder: Path) -> None:
    batch = shop.batch(folder, coffees(5))

    async def hang(number: int) -> None:
        batch.stop()
        asyncio.get_running_loop().call_soon(batch.stop)
        await asyncio.Event().wait()

    shop.after = hang
    result = batch.run(max_purchases="all", max_in_flight=3, max_submitting=1, interval=0)
    assert (result.ending, result.counts) == ("interrupted", {"in doubt": 1, "ready": 4})


def test_stopping_while_jobs_are_read_leaves_the_journal_as_it_was(shop: Shop, folder: Path) -> None:
    batch: Batch

    def endless() -> Iterator[KlingV3]:
        for number in range(10**9):
            if number == 10:
                batch.stop()
            yield KlingV3(prompt=f"Cup {number}")

    batch = shop.batch(folder, endless())
    with pytest.raises(asyncio.CancelledError):
        batch.run(max_purchases="all")
    assert not shop.headers
    assert not folder.exists()


def test_a_cancelled_run_raises_the_cancellation(shop: Shop, folder: Path) -> None:
    async def cancelled() -> None:
        task = asyncio.create_task(shop.batch(folder, coffees(5)).arun(max_purchases="all", interval=0))

        async def cancel(number: int) -> None:
            shop.after = None  # A second cancellation would leave the other purchases under way in doubt.
            task.cancel()
            await asyncio.sleep(0)

        shop.after = cancel
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    shop.after = None
    assert shop.run(folder).counts == {"saved": 5}
    assert set(shop.sold.values()) == {1}


def test_run_inside_a_loop_says_what_to_call(shop: Shop, folder: Path) -> None:
    async def nested() -> None:
        shop.run(folder, coffees(1))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeError, match=r"await .*arun"):
            asyncio.run(nested())


def test_an_on_update_that_raises_ends_the_run_between_purchases(shop: Shop, folder: Path) -> None:
    def broken(update: Update) -> None:
        if update.state == "submitted":
            raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        shop.run(folder, coffees(20), on_update=broken, max_in_flight=2, max_submitting=1)
    assert sum(shop.sold.values()) <= 2
    assert shop.run(folder).counts == {"saved": 20}
    assert set(shop.sold.values()) == {1}


def test_updates_say_what_happens(shop: Shop, folder: Path) -> None:
    updates: list[str] = []
    shop.run(folder, coffees(1), on_update=lambda update: updates.append(str(update)))
    assert updates == [f"cup-0 {state} (0 of 1 saved)" for state in ("sending", "submitted", "finished")] + [
        "cup-0 saved (1 of 1 saved)"
    ]


def test_warnings_are_summed_up(shop: Shop, folder: Path) -> None:
    jobs = [
        (
            f"boat-{n}",
            {"model": "kling-v3", "values": {"prompt": "x", "image": "https://a/b.png", "aspect_ratio": "1:1"}},
        )
        for n in range(30)
    ]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        shop.run(folder, jobs)
    assert [warning.category for warning in caught] == [IgnoredFieldWarning]
    assert str(caught[0].message).startswith("job 1 (boat-0) and 29 more: kling-v3: aspect_ratio is ignored")


def test_a_journal_of_an_older_state_beside_newer_videos_buys_nothing(shop: Shop, folder: Path, tmp_path: Path) -> None:
    shop.run(folder, coffees(2), max_purchases=0)
    shutil.copy(folder / JOURNAL, tmp_path / "backup")
    shop.run(folder)
    shutil.copy(tmp_path / "backup", folder / JOURNAL)
    with pytest.raises(JournalError, match=r"cup-0\.mp4.* older"):
        shop.run(folder)
    assert set(shop.sold.values()) == {1}


@pytest.mark.parametrize("left", ["nothing", "an empty file"])
def test_videos_without_their_journal_are_not_bought_again(shop: Shop, folder: Path, left: str) -> None:
    shop.run(folder, coffees(1))
    (folder / JOURNAL).unlink()
    if left == "an empty file":
        (folder / JOURNAL).touch()
    with pytest.raises(JournalError, match=r"has cup-0\.mp4 but no journal"):
        shop.run(folder, coffees(1))
    assert shop.sold == {"Cup 0": 1}


def test_a_copied_journal_is_refused_until_somebody_takes_it_over(shop: Shop, folder: Path, tmp_path: Path) -> None:
    shop.run(folder, coffees(2), max_purchases=1, max_in_flight=1)
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    for _ in range(2):  # Looking at it takes nothing over.
        asyncio.run(_look(shop.batch(copy)))
        with pytest.raises(JournalError, match=r"belongs to .*videos.*--take-over"):
            shop.run(copy)
    assert shop.batch(copy, take_over=True).run(max_purchases="all", interval=0).counts == {"saved": 2}
    assert shop.batch(copy).run(interval=0).counts == {"saved": 2}


async def _look(batch: Batch) -> None:
    async with batch.viewed() as journal:
        assert await journal.counts() == {"saved": 1, "ready": 1}


def test_two_runs_at_once(shop: Shop, folder: Path) -> None:
    told: list[BaseException] = []

    def run_another(update: Update) -> None:
        if not told:
            try:
                shop.run(folder)
            except Exception as error:
                told.append(error)

    def in_thread(update: Update) -> None:
        thread = threading.Thread(target=run_another, args=(update,))
        thread.start()
        thread.join()

    assert shop.run(folder, coffees(2), on_update=in_thread).counts == {"saved": 2}
    assert "is using" in str(told[0])
    assert set(shop.sold.values()) == {1}


@pytest.mark.parametrize("per_second", [2.0, 1 / 3600])
@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0])
def test_a_clock_that_jumps_holds_nobody_up_and_keeps_the_rate(
    shop: Shop, folder: Path, per_second: float, jump: float
) -> None:
    from modelstream_runtime.journal.journal import Journal
    from modelstream_runtime.journal.records import Claimed, Pace, Wait

    shop.run(folder, coffees(4), max_purchases=0)
    now = [1_800_000_000.0]

    async def claims() -> None:
        journal = await Journal.open_file(folder / JOURNAL)
        journal._clock = lambda: now[0]
        await journal.allow(None)

        async def claim(number: int) -> object:
            return await journal.claim(
                number,
                reference=f"r{number}-{now[0]}",
                account="a",
                payload_digest="",
                pace=Pace(per_second=per_second),
            )

        assert isinstance(await claim(1), Claimed)
        waiting = await claim(2)
        assert isinstance(waiting, Wait)
        assert waiting.seconds == pytest.approx(1 / per_second)
        now[0] += jump
        assert isinstance(await claim(2), Claimed)
        assert isinstance(await claim(3), Wait)
        await journal.not_bought("r1-1800000000.0", "busy", pause=LONGEST_PAUSE)
        await journal.close()

    asyncio.run(claims())


def test_a_run_that_tidies_the_folder_leaves_the_results_of_another_alone(
    shop: Shop, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = results._records

    def tidied(tx: Any) -> Iterator[dict[str, Any]]:
        yield from written(tx)
        remove_leftovers_in(folder)

    monkeypatch.setattr(results, "_records", tidied)
    shop.run(folder, coffees(2))
    assert list(results_of(folder)) == ["cup-0", "cup-1"]


def test_editors_and_help_see_the_options() -> None:
    run, arun = inspect.signature(Batch.run), inspect.signature(Batch.arun)
    assert list(run.parameters) == list(arun.parameters)
    assert [str(parameter) for parameter in run.parameters.values()] == [
        str(parameter) for parameter in arun.parameters.values()
    ]
    assert "max_purchases" in run.parameters
    assert Batch.run.__doc__ == Batch.arun.__doc__ or "max_purchases" in str(Batch.run.__doc__)


def test_a_request_class_keeps_its_media(shop: Shop, folder: Path) -> None:
    assert shop.run(folder, [ViduQ2ProFast(prompt="A car", image=PNG)]).counts == {"saved": 1}
