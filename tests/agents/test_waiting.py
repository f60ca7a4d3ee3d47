"""Waiting costs nothing, saves the video, and never takes a call longer than asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from modelstream_runtime.agents.results import ToolResult
from modelstream_runtime.agents.tools import MOST_LISTED
from modelstream_runtime.journal.journal import Journal
from modelstream_runtime.journal.records import NewPurchase
from modelstream_runtime.purchases.content import Content
from tests.support.agents import MODEL, Desk, Person, at, wanted
from tests.support.batches import Shop, refusal
from tests.support.pauses import poll_every


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Shop:
    poll_every(monkeypatch, 0.01)
    return Shop(polls=2)


async def bought(desk: Desk, prompt: str = "Boat") -> str:
    """The id of a task."""
    result = await desk.call("submit_video", **wanted(prompt))
    task_id: str = result.content["task_id"]
    return task_id


def test_the_video_is_saved_below_the_folder_and_its_path_returned(gateway: Shop, tmp_path: Path) -> None:
    person = Person()

    async def wait(desk: Desk) -> list[ToolResult]:
        task_id = await bought(desk)
        return [await desk.call("wait_video", person, task_id=task_id) for _ in range(2)]

    desk = Desk(gateway, tmp_path)
    first, second = at(desk, wait)
    assert (first.content["state"], first.is_error) == ("saved", False)
    assert first.video is not None
    assert str(first.video) == first.content["path"]
    assert [*desk.videos.iterdir()] == [first.video]
    assert first.video.stat().st_size == first.content["bytes"]
    assert second.content == first.content
    assert [report[2] for report in person.reports][-1].startswith("completed")
    assert [report[0] for report in person.reports] == sorted(report[0] for report in person.reports)


def test_when_time_is_up_the_state_is_returned_and_the_task_goes_on(gateway: Shop, tmp_path: Path) -> None:
    async def wait(desk: Desk) -> list[ToolResult]:
        task_id = await bought(desk)
        return [await desk.call("wait_video", task_id=task_id, seconds=seconds) for seconds in (0, 20)]

    first, second = at(Desk(gateway, tmp_path), wait)
    assert (first.content["state"], first.is_error, first.video) == ("submitted", False, None)
    assert "wait_video" in first.content["next"]
    assert second.content["state"] == "saved"


def test_a_task_that_the_journal_does_not_know_is_waited_for_as_well(gateway: Shop, tmp_path: Path) -> None:
    elsewhere = Desk(gateway, tmp_path / "elsewhere")
    task_id = at(elsewhere, bought)
    person = Person()

    async def wait(desk: Desk) -> list[ToolResult]:
        return [await desk.call("wait_video", person, task_id=task_id, seconds=seconds) for seconds in (0, 20, 20)]

    early, first, second = at(Desk(gateway, tmp_path), wait)
    assert (early.content["state"], first.content["state"], second.content) == ("submitted", "saved", first.content)
    assert first.video is not None
    assert first.video.parent == tmp_path / "videos"
    assert person.reports


class HeldVideos(Shop):
    """A gateway whose videos come to no end until they are let go."""

    def __init__(self) -> None:
        super().__init__()
        self.downloads = 0
        self.asked = asyncio.Event()
        self.let_go = asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        if response.headers["content-type"] != "video/mp4":
            return response
        self.downloads += 1
        self.asked.set()
        held = _Held(await response.aread(), self.let_go)
        return httpx.Response(response.status_code, headers=response.headers, stream=held)


class _Held(httpx.AsyncByteStream):
    def __init__(self, content: bytes, let_go: asyncio.Event) -> None:
        self._content = content
        self._let_go = let_go

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content[:100]
        await self._let_go.wait()
        yield self._content[100:]


async def bought_elsewhere(gateway: Shop, folder: Path) -> str:
    """The id of a task that only the journal of another machine knows."""
    async with Desk(gateway, folder / "elsewhere") as elsewhere:
        return await bought(elsewhere)


def test_no_download_takes_a_call_longer_than_asked_for_and_it_goes_on_behind(tmp_path: Path) -> None:
    held = HeldVideos()

    async def wait(desk: Desk) -> None:
        task_id = await bought_elsewhere(held, tmp_path)
        for _ in range(2):
            early = await desk.call("wait_video", task_id=task_id, seconds=0)
            assert (early.content["state"], early.content["paid"], early.video) == ("submitted", "yes", None)
        calls = [desk.call("wait_video", task_id=task_id, seconds=20) for _ in range(2)]
        waiting = asyncio.gather(*calls)
        held.let_go.set()
        for result in await waiting:
            assert result.content["state"] == "saved"
            assert result.video is not None
            assert result.video.stat().st_size == result.content["bytes"] > 100

    at(Desk(held, tmp_path), wait)
    assert held.downloads == 1


def test_the_end_of_the_server_ends_a_download(tmp_path: Path) -> None:
    held = HeldVideos()

    async def leave(desk: Desk) -> None:
        task_id = await bought_elsewhere(held, tmp_path)
        await desk.call("wait_video", task_id=task_id, seconds=0)
        await held.asked.wait()

    at(Desk(held, tmp_path), leave)
    assert not [*(tmp_path / "videos").iterdir()]


@pytest.mark.parametrize("task_id", ["unknown", "", "../../x", "a\nb", "x" * 1000])
def test_a_task_that_nobody_knows_is_a_problem_of_the_call(task_id: str, gateway: Shop, tmp_path: Path) -> None:
    result = at(Desk(gateway, tmp_path), lambda desk: desk.call("wait_video", task_id=task_id))
    assert result.is_error
    assert [problem["field"] for problem in result.content["problems"]] == ["task_id"]
    assert "list_videos" in result.content["problems"][0]["message"]


def test_a_gateway_that_cannot_be_reached_does_not_look_like_a_failed_task(tmp_path: Path, gateway: Shop) -> None:
    class Gone(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("no route")

    task_id = at(Desk(gateway, tmp_path), bought)
    gateway._inner = Gone()  # type: ignore[assignment]
    result = at(Desk(gateway, tmp_path), lambda desk: desk.call("wait_video", task_id=task_id, seconds=0))
    assert (result.content["state"], result.content["paid"]) == ("submitted", "yes")


def test_what_the_gateway_repeats_gets_into_no_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Chatty(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            return refusal(403, "no whales here")

    gateway = Shop()
    gateway._inner = Chatty()  # type: ignore[assignment]
    with caplog.at_level("INFO"):
        result = at(Desk(gateway, tmp_path), lambda desk: desk.call("wait_video", task_id="elsewhere"))
    assert "no whales here" in result.content["gateway_message"]
    assert "PermissionDeniedError" in caplog.text
    assert "whales" not in caplog.text


def test_cancelling_a_wait_costs_nothing_and_can_be_repeated(gateway: Shop, tmp_path: Path) -> None:
    async def cancel(desk: Desk) -> ToolResult:
        task_id = await bought(desk)
        call = asyncio.create_task(desk.call("wait_video", task_id=task_id))
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        return await desk.call("wait_video", task_id=task_id)

    assert at(Desk(gateway, tmp_path), cancel).content["state"] == "saved"
    assert gateway.sold == {"Boat": 1}


def test_videos_are_listed_page_by_page_newest_first(gateway: Shop, tmp_path: Path) -> None:
    count = 2 * MOST_LISTED + 5

    async def fill(desk: Desk) -> list[ToolResult]:
        for number in range(count):
            await bought(desk, f"Boat {number}")
        pages = [await desk.call("list_videos", limit=MOST_LISTED)]
        while "before" in pages[-1].content:
            pages.append(await desk.call("list_videos", limit=MOST_LISTED, before=pages[-1].content["before"]))
        return pages

    pages = at(Desk(gateway, tmp_path, max_purchases=count), fill)
    assert [len(page.content["videos"]) for page in pages] == [MOST_LISTED, MOST_LISTED, 5]
    prompts = [video["params"]["prompt"] for page in pages for video in page.content["videos"]]
    assert prompts == [f"Boat {number}" for number in reversed(range(count))]
    assert {video["model"] for video in pages[0].content["videos"]} == {MODEL}


def test_a_page_stays_short_in_a_journal_of_1000_videos(gateway: Shop, tmp_path: Path) -> None:
    async def fill() -> None:
        journal = await Journal.open_shared(tmp_path / "journal.sqlite")
        try:
            for number in range(1000):
                content = Content.of_values(MODEL, {"prompt": f"Boat {number} " * 100})
                await journal.enter(NewPurchase(f"b-{number}", MODEL, content.stored, content.digest), "agent")
        finally:
            await journal.close()

    asyncio.run(fill())

    async def look(desk: Desk) -> list[ToolResult]:
        pages = [await desk.call("list_videos")]
        while "before" in pages[-1].content:
            pages.append(await desk.call("list_videos", limit=MOST_LISTED, before=pages[-1].content["before"]))
        return pages

    first, *others = at(Desk(gateway, tmp_path), look)
    assert len(first.content["videos"]) + sum(len(page.content["videos"]) for page in others) == 1000
    assert len(first.text) < 6000


def test_an_empty_journal_has_no_videos(gateway: Shop, tmp_path: Path) -> None:
    result = at(Desk(gateway, tmp_path), lambda desk: desk.call("list_videos"))
    assert (result.content, result.is_error) == ({"videos": []}, False)
