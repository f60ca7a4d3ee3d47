"""Every scenario of the mock gateway, as the clients of this package meet it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from modelstream import (
    AsyncModelStream,
    ModelStream,
    ModelStreamError,
    QuotaExhaustedError,
    RateLimitError,
    SubmitUnknown,
    TaskFailed,
)
from modelstream.mock import SCENARIOS, URL, MockGateway, MockTransport, running
from modelstream_runtime.mock.video import make_video

pytestmark = pytest.mark.usefixtures("modelstream_without_pauses")

VIDEO = make_video(5, "16:9").content
"""The video of a request that sets neither length nor shape, by the defaults of its model."""
SHORT, LONG = 0.2, 30.0
"""Timeouts in seconds: of what should time out, and of what should not, however busy the machine is."""


class Outcome(NamedTuple):
    """How a client ends (``saved``, or the name of an error), how often it posted, and how many tasks it bought."""

    end: str
    posts: int = 1
    bought: int = 1


EXPECTED = {
    "ok": Outcome("saved"),
    "400": Outcome("BadRequestError", bought=0),
    "401": Outcome("AuthenticationError", bought=0),
    "402": Outcome("QuotaExhaustedError", bought=0),
    "403": Outcome("PermissionDeniedError", bought=0),
    "429": Outcome("RateLimitError", posts=3, bought=0),
    "429-retry-after": Outcome("RateLimitError", posts=3, bought=0),
    "500": Outcome("SubmitUnknown"),
    "503": Outcome("ServerError", posts=2, bought=0),
    "failed": Outcome("TaskFailed"),
    "never-ending": Outcome("TaskTimeout"),
    "url-missing": Outcome("saved"),
    "url-expired": Outcome("saved"),
    "slow": Outcome("SubmitUnknown"),
    "cut": Outcome("saved"),
    "cut-submit": Outcome("SubmitUnknown"),
    "reset": Outcome("SubmitUnknown"),
    "reset-task": Outcome("TaskTimeout"),
    "reset-download": Outcome("DownloadError"),
    "lenient": Outcome("saved"),
}


def response_timeout(scenario: str) -> float:
    """How long a client waits for a response. Only those of one scenario come too late."""
    return SHORT if scenario == "slow" else LONG


def wait_timeout(scenario: str) -> float:
    """How long a client waits for the video."""
    return SHORT if EXPECTED[scenario].end == "TaskTimeout" else LONG


Play = Callable[[MockGateway, str, str, Path], str]


def play(gateway: MockGateway, url: str, scenario: str, path: Path, key: str = "sk-mock") -> str:
    """A synchronous client from the request to the file. Returns how it ended."""
    inside = url == URL
    with httpx.Client(transport=MockTransport(gateway) if inside else None, trust_env=False) as http:
        client = ModelStream(key, base_url=url, timeout=response_timeout(scenario), max_retries=2, http_client=http)
        headers = {"X-Mock-Scenario": scenario} if key == "sk-mock" else None
        try:
            task = client.submit("kling-v3", prompt="A cup of coffee", extra_headers=headers)
            task.wait(timeout=wait_timeout(scenario), interval=0.01).save(path)
        except ModelStreamError as error:
            return type(error).__name__
        return "saved"


def play_async(gateway: MockGateway, url: str, scenario: str, path: Path) -> str:
    """As `play`, with an asynchronous client."""

    async def run() -> str:
        async with httpx.AsyncClient(transport=MockTransport(gateway), trust_env=False) as http:
            client = AsyncModelStream(
                "sk-mock", base_url=url, timeout=response_timeout(scenario), max_retries=2, http_client=http
            )
            headers = {"X-Mock-Scenario": scenario}
            try:
                task = await client.submit("kling-v3", prompt="A cup of coffee", extra_headers=headers)
                await (await task.wait(timeout=wait_timeout(scenario), interval=0.01)).save(path)
            except ModelStreamError as error:
                return type(error).__name__
            return "saved"

    return asyncio.run(run())


@pytest.fixture(autouse=True)
def without_retry_after(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients do not wait for a Retry-After, which one scenario has."""
    monkeypatch.setattr("modelstream_runtime.retry.LONGEST_RETRY_AFTER", 0.0)
    monkeypatch.setattr("modelstream._sync.task.LONGEST_RETRY_AFTER", 0.0)
    monkeypatch.setattr("modelstream_runtime._async.task.LONGEST_RETRY_AFTER", 0.0)


def test_every_scenario_is_expected_to_end_somehow() -> None:
    assert EXPECTED.keys() == SCENARIOS.keys()
    assert all(scenario.sentence.endswith(".") for scenario in SCENARIOS.values())


@pytest.mark.parametrize("dialect", ["documented", "newapi"])
@pytest.mark.parametrize("play", [play, play_async])
@pytest.mark.parametrize("scenario", EXPECTED)
def test_chosen_by_header(scenario: str, play: Play, dialect: str, tmp_path: Path) -> None:
    gateway = MockGateway(dialect=dialect)
    end = play(gateway, URL, scenario, tmp_path / "coffee.mp4")
    assert_expected(gateway, scenario, end, tmp_path)


@pytest.mark.parametrize("scenario", EXPECTED)
def test_chosen_by_key(scenario: str, tmp_path: Path) -> None:
    gateway = MockGateway()
    end = play(gateway, URL, scenario, tmp_path / "coffee.mp4", key=f"sk-mock-{scenario}")
    assert_expected(gateway, scenario, end, tmp_path)


@pytest.mark.parametrize("scenario", EXPECTED)
def test_chosen_for_the_gateway(scenario: str, tmp_path: Path) -> None:
    gateway = MockGateway(scenario=scenario)
    end = play(gateway, URL, scenario, tmp_path / "coffee.mp4", key="sk-plain")
    assert_expected(gateway, scenario, end, tmp_path)


@pytest.mark.parametrize("scenario", EXPECTED)
def test_over_a_real_connection(scenario: str, tmp_path: Path) -> None:
    gateway = MockGateway()
    with running(gateway) as url:
        end = play(gateway, url, scenario, tmp_path / "coffee.mp4")
    assert_expected(gateway, scenario, end, tmp_path)


def assert_expected(gateway: MockGateway, scenario: str, end: str, folder: Path) -> None:
    posts = gateway.journal.submissions
    assert Outcome(end, len(posts), gateway.journal.bought) == EXPECTED[scenario]
    files = [path.read_bytes() for path in folder.iterdir()]
    assert files == ([VIDEO] if end == "saved" else [])
    assert {entry.scenario for entry in posts} == {scenario}


# What single scenarios are for.


def test_a_rejected_submission_is_retried(
    modelstream_mock: MockGateway, modelstream_client: ModelStream, tmp_path: Path
) -> None:
    task = modelstream_client.submit("kling-v3", prompt="p", extra_headers={"X-Mock-Scenario": "429:2"})
    task.wait().save(tmp_path / "a.mp4")
    assert [entry.status for entry in modelstream_mock.journal.submissions] == [429, 429, 200]
    assert modelstream_mock.journal.bought == 1


def test_a_lost_response_is_not_retried(modelstream_mock: MockGateway, modelstream_client: ModelStream) -> None:
    with pytest.raises(SubmitUnknown) as caught:
        modelstream_client.submit("kling-v3", prompt="p", extra_headers={"X-Mock-Scenario": "reset"})
    [entry] = modelstream_mock.journal.submissions
    assert entry.bought
    assert entry.status == 0
    assert entry.reference == caught.value.reference


def test_a_poll_that_meets_a_reset_is_retried(modelstream_mock: MockGateway, modelstream_client: ModelStream) -> None:
    task = modelstream_client.submit("kling-v3", prompt="p", extra_headers={"X-Mock-Scenario": "reset-task:3"})
    task.wait()
    # The task progresses with every poll, also with those whose responses were lost.
    assert [entry.status for entry in modelstream_mock.journal.of("task")] == [0, 0, 0, 200]


def test_retry_after(modelstream_client: ModelStream) -> None:
    client = modelstream_client.with_options(max_retries=0)
    with pytest.raises(RateLimitError) as caught:
        client.submit("kling-v3", prompt="p", extra_headers={"X-Mock-Scenario": "429-retry-after"})
    assert caught.value.retry_after == 1
    with pytest.raises(RateLimitError) as caught:
        client.submit("kling-v3", prompt="p", extra_headers={"X-Mock-Scenario": "429"})
    assert caught.value.retry_after is None


def test_no_credit_in_the_dialect_of_new_api(modelstream_client: ModelStream) -> None:
    headers = {"X-Mock-Scenario": "402", "X-Mock-Dialect": "newapi"}
    with pytest.raises(QuotaExhaustedError) as caught:
        modelstream_client.submit("kling-v3", prompt="p", extra_headers=headers)
    assert (caught.value.status_code, caught.value.code) == (403, "insufficient_user_quota")


@pytest.mark.parametrize("dialect", ["documented", "newapi"])
def test_a_failed_task_reports_why(modelstream_client: ModelStream, dialect: str) -> None:
    headers = {"X-Mock-Scenario": "failed", "X-Mock-Dialect": dialect}
    with pytest.raises(TaskFailed, match="the vendor's safety check refused the prompt"):
        modelstream_client.generate("kling-v3", prompt="p", extra_headers=headers)


def test_a_cut_download_is_resumed(
    modelstream_mock: MockGateway, modelstream_client: ModelStream, tmp_path: Path
) -> None:
    video = modelstream_client.generate("kling-v3", prompt="p", extra_headers={"X-Mock-Scenario": "cut"})
    video.save(tmp_path / "a.mp4", sha256=hashlib.sha256(VIDEO).hexdigest())
    assert [entry.status for entry in modelstream_mock.journal.of("result")] == [200, 206]


def test_a_video_without_a_url_is_fetched_from_the_gateway(
    modelstream_mock: MockGateway, modelstream_client: ModelStream, tmp_path: Path
) -> None:
    video = modelstream_client.generate("kling-v3", prompt="p", extra_headers={"X-Mock-Scenario": "url-missing"})
    assert video.body["url"] is None
    video.save(tmp_path / "a.mp4")
    assert modelstream_mock.journal.of("result") == []
    assert [entry.status for entry in modelstream_mock.journal.of("content")] == [200]


def test_an_expired_url_is_replaced_by_the_content_of_the_gateway(
    modelstream_mock: MockGateway, modelstream_client: ModelStream, tmp_path: Path
) -> None:
    video = modelstream_client.generate("kling-v3", prompt="p", extra_headers={"X-Mock-Scenario": "url-expired"})
    video.save(tmp_path / "a.mp4")
    assert [entry.status for entry in modelstream_mock.journal.of("result")] == [403]
    assert [entry.status for entry in modelstream_mock.journal.of("content")] == [200]


@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize(("scenario", "error"), [("cut-submit", httpx.RemoteProtocolError), ("reset", httpx.ReadError)])
def test_how_a_connection_breaks(scenario: str, error: type[Exception], inside: bool) -> None:
    gateway = MockGateway(scenario=scenario)
    body = {"model": "kling-v3", "prompt": "p"}
    with (
        running(gateway) as url,
        httpx.Client(
            transport=MockTransport(gateway) if inside else None,
            trust_env=False,
            headers={"Authorization": "Bearer sk-mock"},
        ) as http,
        pytest.raises(error),
    ):
        http.post(f"{url}/v1/video/generations", json=body)
    assert gateway.journal.bought == 1


def test_the_key_goes_to_the_gateway_only(tmp_path: Path) -> None:
    gateway = MockGateway(results_origin="https://videos.example.com")
    assert play(gateway, URL, "ok", tmp_path / "a.mp4") == "saved"
    assert [entry.with_key for entry in gateway.journal.of("result")] == [False]
    assert all(entry.with_key for entry in gateway.journal.of("task"))


def test_parameters_newer_than_the_schemas(modelstream_client: ModelStream, modelstream_mock: MockGateway) -> None:
    extra = {"metadata": {"newer": 1}}
    lenient = {"X-Mock-Scenario": "lenient"}
    modelstream_client.submit("kling-v3", prompt="p", extra_body=extra, extra_headers=lenient)
    with pytest.raises(ModelStreamError, match="newer"):
        modelstream_client.submit("kling-v3", prompt="p", extra_body=extra)
    with pytest.raises(ModelStreamError, match="duration"):
        modelstream_client.submit("kling-v3", prompt="p", extra_body={"duration": 99}, extra_headers=lenient)


def test_a_slow_response_arrives_within_the_timeout(tmp_path: Path) -> None:
    gateway = MockGateway(slow=0.01)
    assert play(gateway, URL, "slow", tmp_path / "a.mp4") == "saved"
    assert play_async(gateway, URL, "slow", tmp_path / "a.mp4") == "saved"
    with running(gateway) as url:
        assert play(gateway, url, "slow", tmp_path / "a.mp4") == "saved"


async def _both(client: AsyncModelStream, path: Path) -> None:
    tasks = [await client.submit("kling-v3", prompt=f"p{number}") for number in range(2)]
    videos = await asyncio.gather(*(task.wait() for task in tasks))
    await asyncio.gather(*(video.save(path / f"{video.id}.mp4") for video in videos))


def test_the_asynchronous_fixture(
    modelstream_mock: MockGateway, async_modelstream_client: AsyncModelStream, tmp_path: Path
) -> None:
    asyncio.run(_both(async_modelstream_client, tmp_path))
    assert modelstream_mock.journal.bought == 2
    assert len(list(tmp_path.iterdir())) == 2
