"""How tasks of the mock gateway progress, and the responses of its dialects."""

from __future__ import annotations

from typing import Any

import pytest

from modelstream.mock import SCENARIOS, URL, MockGateway
from tests.support.mock import BODY, SUBMIT, Clock, body_of, new_task, send, submit


def test_a_task_progresses_with_each_poll(gateway: MockGateway) -> None:
    task_id = new_task(gateway)
    states = [body_of(send(gateway, "GET", f"{SUBMIT}/{task_id}")) for _ in range(4)]
    assert [state["status"] for state in states] == ["queued", "in_progress", "completed", "completed"]
    assert [state["url"] for state in states[:2]] == [None, None]
    assert states[2] == states[3]


def test_a_task_progresses_with_the_clock(clock: Clock) -> None:
    gateway = MockGateway(clock=clock, realtime=10)
    task_id = new_task(gateway, x_mock_dialect="newapi")
    states = []
    for seconds in (0, 1.9, 3, 5, 5, 9, 10, 1000):
        clock.now = Clock.now + seconds
        data = body_of(send(gateway, "GET", f"{SUBMIT}/{task_id}"))["data"]
        states.append((data["status"], data["progress"], data["finish_time"] - int(Clock.now)))
    unfinished = -int(Clock.now)
    assert states == [
        ("QUEUED", "20%", unfinished),
        ("QUEUED", "20%", unfinished),
        ("IN_PROGRESS", "48%", unfinished),
        ("IN_PROGRESS", "60%", unfinished),
        ("IN_PROGRESS", "60%", unfinished),
        ("IN_PROGRESS", "84%", unfinished),
        ("SUCCESS", "100%", 10),
        ("SUCCESS", "100%", 10),
    ]


@pytest.mark.parametrize(("realtime", "ended"), [(True, False), (False, False), (0, True), (None, False)])
def test_values_of_realtime(clock: Clock, realtime: float | bool | None, ended: bool) -> None:
    gateway = MockGateway(clock=clock, realtime=realtime)
    status = body_of(send(gateway, "GET", f"{SUBMIT}/{new_task(gateway)}"))["status"]
    assert (status == "completed") is ended


def test_the_same_seed_gives_the_same_answers(clock: Clock) -> None:
    def story(seed: int) -> list[bytes]:
        gateway = MockGateway(clock=clock, seed=seed)
        task_id = new_task(gateway)
        return [send(gateway, "GET", f"{SUBMIT}/{task_id}").body for _ in range(3)]

    assert story(1) == story(1)
    assert story(1) != story(2)


# What the gateway responds.


def test_the_documented_dialect(gateway: MockGateway) -> None:
    submitted = body_of(submit(gateway, BODY | {"metadata": {}}))
    task_id = submitted["task_id"]
    assert submitted == {"task_id": task_id, "status": "queued"}
    for _ in range(2):
        send(gateway, "GET", f"{SUBMIT}/{task_id}")
    state = body_of(send(gateway, "GET", f"{SUBMIT}/{task_id}"))
    seed = state["metadata"].pop("seed")
    assert isinstance(seed, int)
    assert state == {
        "task_id": task_id,
        "status": "completed",
        "url": f"{URL}/results/{task_id}.mp4",
        "format": "mp4",
        "metadata": {"duration": 5, "fps": 8, "width": 128, "height": 72},
        "error": None,
    }


def test_the_dialect_of_new_api(gateway: MockGateway) -> None:
    submitted = body_of(submit(gateway, x_mock_dialect="newapi"))
    task_id, created = submitted["task_id"], int(Clock.now)
    assert task_id.startswith("task_")
    assert len(task_id) == len("task_") + 32
    assert submitted == {
        "id": task_id,
        "task_id": task_id,
        "object": "video",
        "model": "kling-v3",
        "status": "queued",
        "progress": 0,
        "created_at": created,
    }
    # The task keeps the dialect of its submission.
    answers = [body_of(send(gateway, "GET", f"{SUBMIT}/{task_id}")) for _ in range(3)]
    assert [(answer["code"], answer["message"]) for answer in answers] == [("success", "")] * 3
    data = [answer["data"] for answer in answers]
    assert [each["status"] for each in data] == ["QUEUED", "IN_PROGRESS", "SUCCESS"]
    assert [each["result_url"] for each in data] == ["", "", f"{URL}/results/{task_id}.mp4"]
    assert (data[-1]["progress"], data[-1]["fail_reason"], data[-1]["task_id"]) == ("100%", "", task_id)


def test_a_failure_in_both_dialects(gateway: MockGateway) -> None:
    reason = "the vendor's safety check refused the prompt"
    task_id = new_task(gateway, x_mock_scenario="failed")
    states = [body_of(send(gateway, "GET", f"{SUBMIT}/{task_id}")) for _ in range(3)]
    assert (states[-1]["status"], states[-1]["error"]) == ("failed", {"code": 400, "message": reason})
    data = body_of(send(gateway, "GET", f"{SUBMIT}/{task_id}", x_mock_dialect="newapi"))["data"]
    assert (data["status"], data["fail_reason"], data["result_url"]) == ("FAILURE", reason, reason)
    video = body_of(send(gateway, "GET", f"/v1/videos/{task_id}"))
    assert (video["status"], video["error"]["message"]) == ("failed", reason)


def test_a_task_in_the_shape_of_openai(gateway: MockGateway) -> None:
    task_id = new_task(gateway)
    states = [body_of(send(gateway, "GET", f"/v1/videos/{task_id}")) for _ in range(3)]
    assert [(state["status"], state["progress"]) for state in states] == [
        ("queued", 20),
        ("in_progress", 70),
        ("completed", 100),
    ]
    assert states[-1]["metadata"] == {"url": f"{URL}/results/{task_id}.mp4"}
    assert (states[-1]["seconds"], states[-1]["size"]) == ("5", "128x72")


@pytest.mark.parametrize(
    ("scenario", "status", "body"),
    [
        (
            "401",
            401,
            {"error": {"message": "无效的令牌 (request id: mock-000001)", "type": "new_api_error", "code": ""}},
        ),
        ("402", 403, {"code": "insufficient_user_quota", "message": "用户额度不足", "data": None}),
        (
            "500",
            500,
            {
                "code": "do_request_failed",
                "message": "do request failed: the vendor did not respond in time",
                "data": None,
            },
        ),
        (
            "503",
            503,
            {
                "error": {
                    "message": "当前分组下对于模型无可用渠道 (request id: mock-000001)",
                    "type": "new_api_error",
                    "code": "model_not_found",
                }
            },
        ),
    ],
)
def test_errors_of_new_api(scenario: str, status: int, body: dict[str, Any]) -> None:
    response = submit(MockGateway(dialect="newapi", scenario=scenario))
    assert (response.status, body_of(response)) == (status, body)


def test_errors_of_new_api_about_tasks_and_bodies() -> None:
    gateway = MockGateway(dialect="newapi")
    assert body_of(submit(gateway, BODY | {"duration": 99})) == {
        "code": "invalid_request",
        "message": "duration: 99 is more than 15 (3 to 15)",
        "data": None,
    }
    unknown = send(gateway, "GET", f"{SUBMIT}/nothing")
    assert (unknown.status, body_of(unknown)["code"]) == (400, "task_not_exist")
    crowded = submit(gateway, x_mock_scenario="429")
    assert (crowded.status, crowded.body) == (429, b"")
    assert submit(gateway, x_mock_scenario="429-retry-after").headers["retry-after"] == "1"


def test_every_answer_has_an_id_and_its_length(gateway: MockGateway) -> None:
    for number, scenario in enumerate(SCENARIOS, start=1):
        response = submit(gateway, x_mock_scenario=scenario)
        assert response.headers["x-oneapi-request-id"] == f"mock-{number:06d}"
        assert response.headers["content-length"] == str(len(response.body))
