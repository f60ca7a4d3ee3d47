"""Waiting for a task: every shape and spelling of a response, through transient errors, to the end or the deadline."""

from __future__ import annotations

import asyncio
import pickle
import random
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest

from modelstream import (
    APIError,
    AsyncModelStream,
    AuthenticationError,
    ModelStream,
    ModelStreamError,
    NotFoundError,
    TaskFailed,
    TaskTimeout,
    UnknownStatusWarning,
)
from modelstream.gateway import GATEWAY
from tests.support.process import process, send_while_it_waits
from tests.support.server import Received, Reply, cut_after, response, serve

KEY = "sk-very-secret"
MP4 = "https://videos.example/v.mp4"
DTO: dict[str, Any] = {
    "id": 7,
    "task_id": "task_1",
    "platform": "50",
    "quota": 100,
    "progress": "100%",
    "properties": {},
}
DONE = {"status": "completed", "url": MP4}


def wait_sync(url: str, **options: Any) -> Any:
    with ModelStream(KEY, base_url=url) as client:
        return client.task("task_1").wait(**{"interval": 0.01, "timeout": 10} | options)


def wait_async(url: str, **options: Any) -> Any:
    async def run() -> Any:
        async with AsyncModelStream(KEY, base_url=url) as client:
            return await client.task("task_1").wait(**{"interval": 0.01, "timeout": 10} | options)

    return asyncio.run(run())


both = pytest.mark.parametrize("wait", [wait_sync, wait_async])
Wait = Callable[..., Any]


FINISHED = {
    "flat": {"task_id": "a", "status": "completed", "url": MP4, "format": "mp4", "error": {"code": 0, "message": "x"}},
    "flat, error null": {"task_id": "a", "status": "succeeded", "url": MP4, "metadata": None, "error": None},
    "task": {
        "code": "success",
        "message": "",
        "data": DTO | {"status": "SUCCESS", "fail_reason": "", "result_url": MP4},
    },
    "task, old: url as reason": {"code": "success", "data": DTO | {"status": "SUCCESS", "fail_reason": MP4}},
    "gemini": {"code": "success", "data": {"task_id": "t", "status": "succeeded", "url": MP4, "error": None}},
    "openai": {"id": "t", "object": "video", "status": "completed", "progress": 100, "metadata": {"url": MP4}},
    "output_url": {"id": "t", "status": "completed", "output_url": MP4},
    "kling": {"code": 0, "data": DTO | {"status": "SUCCESS", "data": {"task_result": {"videos": [{"url": MP4}]}}}},
    "vidu": {"code": 200, "data": DTO | {"status": "SUCCESS", "data": {"creations": [{"url": MP4}]}}},
    "ali": {"code": "success", "data": DTO | {"status": "SUCCESS", "data": {"output": {"video_url": MP4}}}},
    "doubao": {"code": "success", "data": DTO | {"status": "SUCCESS", "data": {"content": {"video_url": MP4}}}},
}


@both
@pytest.mark.parametrize("name", FINISHED)
def test_every_shape_of_a_finished_task(wait: Wait, name: str) -> None:
    with serve([FINISHED[name]]) as server:
        task = wait(server.url)
        assert (task.status, task.url, task.progress, task.reason) == ("completed", MP4, 100, None)
        assert task.body == FINISHED[name]
        assert server.received[0].path == "/v1/video/generations/task_1"


@both
def test_an_address_is_not_believed_before_the_video_is_there(wait: Wait) -> None:
    reported: list[str | None] = []
    with serve([{"status": "in_progress", "url": MP4}, {"status": "completed"}]) as server:
        task = wait(server.url, on_update=lambda task: reported.append(task.url))
        assert reported == [None, task.url]
        assert task.url == f"{server.url}/v1/videos/task_1/content"


@pytest.mark.parametrize(
    "body",
    [
        {"created_at": 1, "fail_reason": "", "progress": "100%", "status": "SUCCESS", "task_id": "t"},
        {"status": "completed", "url": ""},
        {"code": "success", "data": DTO | {"status": "SUCCESS", "result_url": "not a url"}},
    ],
)
def test_a_success_without_a_url_is_at_the_gateway(body: Any) -> None:
    with serve([body]) as server:
        assert wait_sync(server.url).url == f"{server.url}/v1/videos/task_1/content"


SPELLINGS = {
    "queued": "queued QUEUED NOT_START SUBMITTED submitted pending PENDING created queueing initializing waiting "
    "accepted",
    "in_progress": "in_progress IN_PROGRESS processing PROCESSING RUNNING running generating In-Progress",
    "completed": "completed succeeded succeed success SUCCESS SUCCEEDED",
    "failed": "failed FAILED FAILURE fail error expired",
    "cancelled": "cancelled CANCELED",
}


@pytest.mark.parametrize(
    ("status", "spelling"), [(status, s) for status, all_of_them in SPELLINGS.items() for s in all_of_them.split()]
)
def test_every_spelling(status: str, spelling: str) -> None:
    reported: list[str] = []
    end = nullcontext() if status not in ("failed", "cancelled") else pytest.raises(TaskFailed)
    with serve([{"status": spelling}, DONE]) as server, end:
        wait_sync(server.url, on_update=lambda task: reported.append(task.status))
    assert reported[0] == status
    assert len(reported) == (2 if GATEWAY.meanings[status] == "waiting" else 1)


@both
def test_a_failure_says_why(wait: Wait) -> None:
    bodies = [
        {"status": "failed", "error": {"code": "x", "message": "the sky is no prompt"}},
        {"code": "success", "data": DTO | {"status": "FAILURE", "fail_reason": "the sky is no prompt"}},
        {
            "code": "success",
            "data": DTO | {"status": "FAILURE", "fail_reason": "", "result_url": "the sky is no prompt"},
        },
    ]
    for body in bodies:
        with (
            serve([{"status": "running", "progress": "30%"}, body]) as server,
            pytest.raises(TaskFailed) as failed,
        ):
            wait(server.url)
        error = failed.value
        assert (error.task_id, error.status, error.reason) == ("task_1", "failed", "the sky is no prompt")
        assert error.body == body
        assert error.task.url is None
        assert "the sky is no prompt" in str(error)


@both
def test_transient_errors_do_not_end_a_wait(wait: Wait) -> None:
    faults = [
        {"code": "success", "data": None},
        Reply(b"", "cut"),
        Reply(b"", "reset"),
        cut_after(response(200, DONE), 50),
        response(500, {"error": {"message": "x"}}),
        response(502, raw=b"<html>"),
        response(503, raw=b""),
        response(429, raw=b"", headers=["Retry-After: 0"]),
        response(408, raw=b""),
        response(200, raw=b""),
        response(200, raw=b"<html>"),
        response(200, []),
        response(200, {"code": "get_task_failed", "message": "x"}),
        response(400, {"code": "task_not_exist", "message": "not yet"}),
    ]
    with serve([*faults, DONE]) as server:
        assert wait(server.url).url == MP4
        assert server.count("GET") == len(faults) + 1


@both
def test_a_task_that_never_existed(wait: Wait) -> None:
    with serve([response(400, {"code": "task_not_exist", "message": "no such task"})]) as server:
        with pytest.raises(NotFoundError) as caught:
            wait(server.url)
        assert 1 < server.count("GET") < 10
    [note] = caught.value.__notes__
    assert note == "The gateway knows no task 'task_1': check the id, and whose key you use"


@both
def test_a_key_that_is_refused_ends_it_at_once(wait: Wait) -> None:
    with serve([response(401, {"error": {"message": "Invalid token", "type": "new_api_error"}})]) as server:
        with pytest.raises(AuthenticationError) as caught:
            wait(server.url)
        assert server.count("GET") == 1
    assert "client.task('task_1')" in caught.value.__notes__[0]


@both
@pytest.mark.parametrize("status", [402, 403, 418, 422])
def test_a_refusal_that_will_not_pass_ends_it_at_once(wait: Wait, status: int) -> None:
    with serve([response(status, {"error": {"message": "no", "type": "x"}}), DONE]) as server:
        with pytest.raises(APIError) as caught:
            wait(server.url)
        assert server.count("GET") == 1
    assert caught.value.status_code == status


@both
def test_the_deadline(wait: Wait) -> None:
    with serve([{"status": "processing", "progress": "40%"}]) as server, pytest.raises(TaskTimeout) as late:
        wait(server.url, timeout=0.2)
    assert (late.value.task_id, late.value.status, late.value.progress) == ("task_1", "in_progress", 40)
    assert "client.task('task_1').wait()" in str(late.value)
    assert isinstance(late.value, TimeoutError)


@both
def test_no_time_at_all_asks_once(wait: Wait) -> None:
    with serve([{"status": "processing"}]) as server:
        with pytest.raises(TaskTimeout):
            wait(server.url, timeout=0)
        assert server.count("GET") == 1


@both
def test_a_silent_gateway_does_not_outlast_the_deadline(wait: Wait) -> None:
    with serve([Reply(b"", "hang")]) as server:
        started = time.monotonic()
        with pytest.raises(TaskTimeout) as late:
            wait(server.url, timeout=0.3)
        assert time.monotonic() - started < 5
    assert "Timeout" in (late.value.reason or "")


def test_an_unknown_status_waits_and_is_reported_once() -> None:
    states = [{"status": "pondering"}, {"status": "pondering"}, DONE]
    with serve(states) as server, warnings.catch_warnings(record=True) as issued:
        warnings.simplefilter("always")
        assert wait_sync(server.url).status == "completed"
    assert [w.category for w in issued if "pondering" in str(w.message)] == [UnknownStatusWarning]


@both
def test_updates_are_reported_when_something_changes(wait: Wait) -> None:
    reported: list[str] = []
    states = ["queued", ("processing", "10%"), ("processing", "10%"), ("processing", "60%")]
    bodies = [{"status": s} if isinstance(s, str) else {"status": s[0], "progress": s[1]} for s in states]
    with serve([*bodies, DONE]) as server:
        wait(server.url, on_update=lambda task: reported.append(str(task)))
    assert reported == ["task_1 queued", "task_1 in_progress 10%", "task_1 in_progress 60%", "task_1 completed 100%"]


@both
def test_one_connection_serves_many_polls(wait: Wait) -> None:
    with serve([*[{"status": "running"}] * 20, DONE]) as server:
        wait(server.url)
        assert server.connections == 1


def test_pauses_grow_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("modelstream._sync.task.sleep", slept.append)
    monkeypatch.setattr(random, "uniform", lambda low, high: (low + high) / 2)
    with (
        serve([*[{"status": "running"}] * 8, DONE]) as server,
        ModelStream(KEY, base_url=server.url) as client,
    ):
        client.task("task_1").wait()
    assert slept[:3] == pytest.approx([2, 3, 4.5])
    assert slept[-1] == pytest.approx(10)


def test_another_process_resumes_a_task() -> None:
    with serve([{"status": "running"}, DONE]) as server, ModelStream(KEY, base_url=server.url) as client:
        with pytest.raises(TaskTimeout) as late:
            client.task("task_1").wait(timeout=0)
        code = (
            "from modelstream import ModelStream\n"
            f"print(ModelStream({KEY!r}, base_url={server.url!r}).task({late.value.task_id!r}).wait().url)"
        )
        assert (
            subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
            == f"{MP4}\n"
        )


def test_ctrl_c_says_how_to_resume() -> None:
    arrived = threading.Event()

    def script(received: Received, number: int) -> Reply:
        arrived.set()
        return response(200, {"status": "running"})

    with serve(script) as server:
        code = (
            f"from modelstream import ModelStream\nModelStream({KEY!r}, base_url={server.url!r}).task('task_1').wait()"
        )
        with process([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True) as waiting:
            assert arrived.wait(20)
            send_while_it_waits(waiting, signal.SIGINT)
            _, output = waiting.communicate(timeout=20)
    assert "resume with client.task('task_1').wait()" in output


def test_a_task_pickles_without_the_key() -> None:
    with serve([DONE]) as server, ModelStream(KEY, base_url=server.url) as client:
        task = client.task("task_1").wait()
        frozen = pickle.dumps(task)
        assert KEY.encode() not in frozen
        thawed = pickle.loads(frozen)
        assert (thawed.id, thawed.status, thawed.url) == ("task_1", "completed", MP4)
        with pytest.raises(ModelStreamError, match=r"client\.task\('task_1'\)"):
            thawed.refresh()
        with pytest.raises(TypeError, match="cannot be pickled"):
            pickle.dumps(client)


@pytest.mark.parametrize("task_id", ["", " ", ".", "..", "a\nb", "x" * 600])
def test_what_is_no_id(task_id: str) -> None:
    with ModelStream(KEY) as client, pytest.raises(ValueError, match="task id"):
        client.task(task_id)


def test_an_id_stays_in_its_place_in_the_path() -> None:
    with serve([DONE]) as server, ModelStream(KEY, base_url=server.url) as client:
        client.task("../../admin?x=1#y").wait()
        assert server.received[0].path == "/v1/video/generations/..%2F..%2Fadmin%3Fx%3D1%23y"
