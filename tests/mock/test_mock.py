"""The mock gateway: what it rejects and how, its dialects, its video, its journal and its server."""

from __future__ import annotations

import importlib.util
import io
import json
import re
import shlex
import socket
import struct
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction
from http.client import HTTPConnection
from typing import Any

import av
import httpx
import pytest

import modelstream
from modelstream.catalog import CATALOG
from modelstream.mock import SCENARIOS, URL, MissingExtra, MockGateway, MockTransport, PortTaken, running, serve
from modelstream_runtime.about import install_advice
from modelstream_runtime.mock.application import Protocol
from modelstream_runtime.mock.messages import Request, Response
from modelstream_runtime.mock.scenarios import choose
from modelstream_runtime.mock.video import SHAPES, make_video
from tests.support.golden import ROOT, Golden, documented
from tests.support.process import process

SUBMIT = "/v1/video/generations"
BODY = {"model": "kling-v3", "prompt": "A cup of coffee"}
KEY = {"authorization": "Bearer sk-mock"}
VIDEO = make_video(5, "16:9").content
"""The video of `BODY`, by the defaults of its model."""
JSON = {"content-type": "application/json"}


class Clock:
    """A clock that stands still until it is moved."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def submit(gateway: MockGateway, body: Any = BODY, **headers: str) -> Response:
    """Post a body."""
    return send(gateway, "POST", SUBMIT, body if isinstance(body, bytes) else json.dumps(body).encode(), **headers)


def send(gateway: MockGateway, method: str, path: str, body: bytes = b"", **headers: str) -> Response:
    """One exchange; underscores in names of headers stand for dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return gateway.handle(Request(method=method, path=path, headers=KEY | JSON | named, body=body, origin=URL))


def body_of(response: Response) -> Any:
    """The JSON body of a response."""
    return json.loads(response.body)


def new_task(gateway: MockGateway, **headers: str) -> str:
    """A task's id."""
    task_id = body_of(submit(gateway, **headers))["task_id"]
    assert isinstance(task_id, str)
    return task_id


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gateway(clock: Clock) -> MockGateway:
    return MockGateway(clock=clock)


# What the gateway rejects.


def test_all_problems_are_reported_at_once_and_in_words(gateway: MockGateway) -> None:
    body = BODY | {"duration": 99, "mode": "prro", "promt": "x", "metadata": {"cfg_scale": "high"}}
    error = body_of(submit(gateway, body))["error"]
    assert error == {
        "message": (
            "4 problems: "
            "duration: 99 is more than 15 (3 to 15); "
            "mode: 'prro' is none of 'std', 'pro'; did you mean 'pro'?; "
            "metadata.cfg_scale (form field cfg_scale): 'high' is not a number; "
            "promt: no such parameter; did you mean 'prompt'?"
        ),
        "type": "invalid_request_error",
        "param": "duration",
        "code": "invalid_parameter",
    }
    assert len(gateway.journal[-1].problems) == 4


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (BODY | {"duration": "5"}, "duration: '5' is not an integer"),
        (BODY | {"metadata": {"multi_shot": 1}}, "metadata.multi_shot (form field multi_shot): 1 is not true or false"),
        (BODY | {"prompt": ""}, "prompt: is empty"),
        (BODY | {"prompt": "x" * 2501}, "prompt: 2501 characters are more than 2500"),
        (
            BODY | {"image": "data:image/png;base64,AAAA"},
            "image: 'data:image/png;base64,AAAA' is not an http or https URL, or Base64 without a data URI's head",
        ),
        (
            BODY | {"metadata": {"image_tail": "https://example.com/a.png"}},
            "image: is required: a last frame needs a first frame",
        ),
        (
            BODY | {"cfg_scale": 0.3},
            "cfg_scale: no such parameter; the form field cfg_scale travels as metadata.cfg_scale",
        ),
        (["kling-v3"], 'body: ["kling-v3"] is not an object'),
    ],
)
def test_a_problem_in_words(gateway: MockGateway, body: Any, message: str) -> None:
    assert body_of(submit(gateway, body))["error"]["message"] == message


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b'{"model": "kling-v3", "prompt": "p", "metadata": {"cfg_scale": NaN}}', "NaN is not a number"),
        (b'{"model": "kling-v3", "prompt": "p", "metadata": {"cfg_scale": 1e999}}', "1e999 is too large"),
        (b'{"model": "kling-v3", "prompt": "\xff"}', "not JSON"),
        (b'{"a":' * 200 + b"1" + b"}" * 200, "deep"),
        (b"[" * 100_000, "deep"),
    ],
)
def test_a_body_that_is_not_json_is_rejected(gateway: MockGateway, text: bytes, reason: str) -> None:
    response = submit(gateway, text)
    assert response.status == 400
    assert body_of(response)["error"]["code"] == "invalid_json"
    assert reason in body_of(response)["error"]["message"]


def test_another_content_type_is_rejected(gateway: MockGateway) -> None:
    response = submit(gateway, content_type="application/x-www-form-urlencoded")
    assert (response.status, body_of(response)["error"]["code"]) == (400, "invalid_json")
    assert submit(gateway, content_type="application/json; charset=utf-8").status == 200


def test_half_a_surrogate_pair_is_reported(gateway: MockGateway) -> None:
    response = submit(gateway, b'{"model": "kling-v3", "prompt": "p", "mode": "\\ud800"}')
    assert body_of(response)["error"]["param"] == "mode"


def test_a_body_that_is_too_large(gateway: MockGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelstream_runtime.mock.bodies.MAX_BYTES", 50)
    assert submit(gateway, BODY | {"prompt": "x" * 50}).status == 413


@pytest.mark.parametrize("model", [{}, {"model": None}, {"model": ""}])
def test_no_model(gateway: MockGateway, model: dict[str, Any]) -> None:
    response = submit(gateway, {"prompt": "p", **model})
    assert (response.status, body_of(response)["error"]["code"]) == (400, "missing_model")


def test_an_unknown_model() -> None:
    response = submit(MockGateway(), {"model": "kling-v9", "prompt": "p"})
    assert (response.status, body_of(response)["error"]["code"]) == (503, "model_not_found")
    assert body_of(response)["error"]["message"] == "no channel serves the model 'kling-v9'; did you mean 'kling-v3'?"
    response = submit(MockGateway(), {"model": "sora", "prompt": "p"})
    assert body_of(response)["error"]["message"].startswith(
        "no channel serves the model 'sora'; this mock serves kling-v1, kling-v3, "
    )
    assert submit(MockGateway(any_model=True), {"model": "kling-v9", "prompt": "p"}).status == 200


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (None, "has no key"),
        ("", "has no key"),
        ("Bearer", "has no key"),
        ("Basic c2s6", "has no key"),
        ("Bearer <token>", "replace it with a key"),
        ("Bearer sk-other", "not valid"),
        ("Bearer sk-mock-nothing", "unknown scenario 'nothing'"),
    ],
)
@pytest.mark.parametrize("path", [SUBMIT, f"{SUBMIT}/abc", "/v1/videos/abc/content", "/v1/videos/abc"])
def test_keys(header: str | None, reason: str, path: str) -> None:
    gateway = MockGateway(keys=["sk-good"])
    headers = JSON | ({} if header is None else {"authorization": header})
    method = "POST" if path == SUBMIT else "GET"
    response = gateway.handle(Request(method=method, path=path, headers=headers, body=json.dumps(BODY).encode()))
    assert response.status == (400 if "scenario" in reason else 401)
    assert reason in body_of(response)["error"]["message"]
    assert submit(gateway, authorization="bearer sk-good").status == 200


def test_a_task_is_hidden_from_other_keys(gateway: MockGateway) -> None:
    task_id = new_task(gateway)
    response = send(gateway, "GET", f"{SUBMIT}/{task_id}", authorization="Bearer sk-other")
    assert (response.status, body_of(response)["error"]["code"]) == (404, "task_not_exist")
    assert send(gateway, "GET", f"{SUBMIT}/{task_id}").status == 200


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", SUBMIT, "POST"),
        ("DELETE", f"{SUBMIT}/abc", "GET"),
        ("POST", "/v1/videos/abc/content", "GET, HEAD"),
    ],
)
def test_other_methods(gateway: MockGateway, method: str, path: str, allowed: str) -> None:
    response = send(gateway, method, path)
    assert (response.status, response.headers["allow"]) == (405, allowed)


def test_other_paths(gateway: MockGateway) -> None:
    assert send(gateway, "GET", "/v1/chat/completions").status == 404
    assert send(gateway, "GET", "/__mock/nothing").status == 404


def test_wrong_settings() -> None:
    wrongs: list[dict[str, Any]] = [
        {"dialect": "klingon"},
        {"scenario": "418"},
        {"polls": 0},
        {"keep": 0},
        {"realtime": -1},
    ]
    for wrong in wrongs:
        with pytest.raises(ValueError, match=r"choose one of|at least"):
            MockGateway(**wrong)
    assert submit(MockGateway(), x_mock_dialect="klingon").status == 400
    assert submit(MockGateway(), x_mock_scenario="418").status == 400


@pytest.mark.parametrize("text", ["ok:2", "failed:1", "429:", "429:x", "429:-1", "429:²", ""])
def test_wrong_scenarios(text: str) -> None:
    with pytest.raises(ValueError, match=r"choose one of|after the colon|takes no count"):
        choose(text)


# How tasks progress.


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


# The video.


def finished(gateway: MockGateway, **headers: str) -> str:
    """The id of a task that has ended."""
    task_id = new_task(gateway, **headers)
    for _ in range(3):
        send(gateway, "GET", f"{SUBMIT}/{task_id}")
    return task_id


@pytest.mark.parametrize("path", ["/v1/videos/{}/content", "/results/{}.mp4"])
@pytest.mark.parametrize(
    ("wanted", "status", "first", "last"),
    [
        (None, 200, 0, None),
        ("bytes=0-0", 206, 0, 0),
        ("bytes=10-19", 206, 10, 19),
        ("bytes=1000-", 206, 1000, -1),
        ("bytes=-10", 206, -10, -1),
        ("bytes=-99999", 206, 0, -1),
        ("bytes=0-99999", 206, 0, -1),
        ("bytes=99999-", 416, None, None),
        ("bytes=-0", 416, None, None),
        ("bytes=5-1", 200, 0, None),
        ("bytes=-", 200, 0, None),
        ("bytes=0-1,5-6", 200, 0, None),
        ("seconds=0-1", 200, 0, None),
    ],
)
def test_parts_of_the_video(
    gateway: MockGateway, path: str, wanted: str | None, status: int, first: int | None, last: int | None
) -> None:
    where = path.format(finished(gateway))
    headers: dict[str, str] = {"range": wanted} if wanted else {}
    response = send(gateway, "GET", where, b"", **headers)
    content, length = VIDEO, len(VIDEO)
    assert response.status == status
    assert response.headers["content-length"] == str(len(response.body))
    assert response.headers["accept-ranges"] == "bytes"
    if status == 200:
        assert response.body == content
    elif status == 416:
        assert response.headers["content-range"] == f"bytes */{length}"
    else:
        assert first is not None
        assert last is not None
        start, end = first % length, last % length
        assert response.body == content[start : end + 1]
        assert response.headers["content-range"] == f"bytes {start}-{end}/{length}"


def test_if_range_with_another_etag_gets_the_whole_video(gateway: MockGateway) -> None:
    where = f"/v1/videos/{finished(gateway)}/content"
    tag = send(gateway, "GET", where).headers["etag"]
    assert send(gateway, "GET", where, range="bytes=5-", if_range=tag).status == 206
    assert send(gateway, "GET", where, range="bytes=5-", if_range='"other"').status == 200


def test_head_has_the_headers_of_get(gateway: MockGateway) -> None:
    for where in (f"/v1/videos/{finished(gateway)}/content", f"/results/{finished(gateway)}.mp4"):
        head, whole = send(gateway, "HEAD", where), send(gateway, "GET", where)
        assert head.body == b""
        assert _without_id(head.headers) == _without_id(whole.headers)
        # A part can only be wanted of a GET.
        assert send(gateway, "HEAD", where, range="bytes=0-1").status == 200


def _without_id(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name != "x-oneapi-request-id"}


def test_no_video_before_the_end(gateway: MockGateway) -> None:
    task_id = new_task(gateway)
    early = send(gateway, "GET", f"/v1/videos/{task_id}/content")
    assert (early.status, body_of(early)["error"]["code"]) == (400, "task_not_completed")
    assert send(gateway, "GET", f"/results/{task_id}.mp4").status == 404
    assert send(gateway, "GET", f"/v1/videos/{finished(gateway, x_mock_scenario='failed')}/content").status == 400


def test_the_address_of_the_video_takes_no_key(gateway: MockGateway) -> None:
    path = f"/results/{finished(gateway)}.mp4"
    assert gateway.handle(Request(method="GET", path=path)).body == VIDEO


@pytest.mark.parametrize("shape", SHAPES)
def test_a_video_is_small_and_plays_while_it_loads(shape: str) -> None:
    content = make_video(1, shape).content
    assert len(content) < 2048
    assert len(make_video(15, shape).content) < 6000
    boxes = _boxes(content)
    assert boxes[0] == "ftyp"
    assert boxes.index("moov") < boxes.index("mdat")
    assert content[8:12] in (b"isom", b"mp42")
    assert b"avc1" in content


def _boxes(content: bytes) -> list[str]:
    """The names of the outermost boxes, which fill the file."""
    names, at = [], 0
    while at < len(content):
        length, name = struct.unpack_from(">I4s", content, at)
        assert 8 <= length <= len(content) - at
        names.append(name.decode("ascii"))
        at += length
    return names


@pytest.mark.parametrize("seconds", [0.5, 1, 3.25, 5, 15])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_video_is_what_its_facts_say(shape: str, seconds: float) -> None:
    video = make_video(seconds, shape)
    facts = video.facts
    with av.open(io.BytesIO(video.content), "r") as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        assert container.duration == facts["duration"] * 1_000_000 == seconds * 1_000_000
        assert stream.codec_context.name == "h264"
        assert stream.average_rate == facts["fps"]
    assert {(frame.width, frame.height, frame.format.name) for frame in frames} == {
        (facts["width"], facts["height"], "yuv420p")
    }
    assert [frame.time for frame in frames] == [number / facts["fps"] for number in range(round(seconds * 8))]
    assert f"{Fraction(int(facts['width']), int(facts['height']))}" == {"21:9": "7/3", "1:1": "1"}.get(
        shape, shape.replace(":", "/")
    )
    light = [bytes(frame.planes[0])[0] for frame in frames]
    second = light[:8]
    assert second == sorted(second[:5]) + sorted(second[5:], reverse=True)
    assert len(set(second)) > 3
    assert light == (second * 15)[: len(light)]


def test_the_script_makes_videos_like_the_samples() -> None:
    path = ROOT / "scripts/make_sample_video.py"
    spec = importlib.util.spec_from_file_location("make_sample_video", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert [name.replace("x", ":") for name in module.SIZES] == list(SHAPES)
    for shape, (width, height) in zip(SHAPES, module.SIZES.values(), strict=True):
        # Other versions of the encoder may make other bytes.
        assert _boxes(module.make_video(width, height)) == _boxes(make_video(1, shape).content)
        assert {"width": width, "height": height}.items() <= make_video(1, shape).facts.items()


@pytest.mark.parametrize(
    ("body", "seconds", "size"),
    [
        ({"model": "kling-v3"}, 5, (128, 72)),
        ({"model": "kling-v3", "duration": 12, "metadata": {"aspect_ratio": "9:16"}}, 12, (72, 128)),
        ({"model": "kling-v3", "metadata": {"aspect_ratio": "1:1"}}, 5, (96, 96)),
        ({"model": "wan2.7-r2v", "duration": 2, "metadata": {"parameters": {"ratio": "3:4"}}}, 2, (72, 96)),
        ({"model": "wan2.7-r2v", "size": "720P"}, 5, (128, 72)),
        ({"model": "viduq2-pro-fast", "images": ["https://example.com/1.png"], "duration": 10}, 10, (128, 72)),
        ({"model": "new", "duration": 3, "width": 1080, "height": 1920}, 3, (72, 128)),
        ({"model": "new", "metadata": {"seconds": "4", "size": "2560x1080"}}, 4, (168, 72)),
        ({"model": "new", "metadata": {"ratio": "0:0", "width": 0, "height": True}}, 5, (128, 72)),
    ],
)
def test_the_video_has_the_length_and_the_shape_of_the_request(
    body: dict[str, Any], seconds: int, size: tuple[int, int]
) -> None:
    gateway = MockGateway(any_model=True)
    if body["model"] == "wan2.7-r2v":
        media = {"input": {"media": [{"type": "reference_image", "url": "https://example.com/1.png"}]}}
        body = body | {"metadata": body.get("metadata", {}) | media}
    task_id = body_of(submit(gateway, {"prompt": "p"} | body))["task_id"]
    state = [body_of(send(gateway, "GET", f"{SUBMIT}/{task_id}")) for _ in range(3)][-1]
    assert (state["metadata"]["duration"], state["metadata"]["width"], state["metadata"]["height"]) == (seconds, *size)
    video = body_of(send(gateway, "GET", f"/v1/videos/{task_id}"))
    assert (video["seconds"], video["size"]) == (str(seconds), "x".join(map(str, size)))
    content = send(gateway, "GET", f"/v1/videos/{task_id}/content").body
    with av.open(io.BytesIO(content), "r") as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, container.duration) == (*size, seconds * 1_000_000)
    assert send(gateway, "GET", f"/results/{task_id}.mp4").body == content


def test_a_video_of_a_day_is_cut_short() -> None:
    video = make_video(86_400, "16:9")
    assert video.facts["duration"] == 3600
    assert len(video.content) < 2_000_000


# The journal.


def test_the_journal_records_each_exchange(gateway: MockGateway) -> None:
    submit(gateway, x_client_request_id="abc")
    submit(gateway, BODY | {"duration": 99})
    submit(gateway, x_mock_scenario="reset")
    first, second, third = gateway.journal
    assert (first.exchange, first.status, first.bought, first.model) == ("submit", 200, True, "kling-v3")
    assert (first.body, first.reference, first.at, first.number) == (BODY, "abc", Clock.now, 1)
    assert (second.status, second.bought, second.problems) == (400, False, ("duration: 99 is more than 15 (3 to 15)",))
    assert (third.status, third.bought, third.scenario) == (0, True, "reset")
    assert gateway.journal.bought == 2
    assert str(second) == f"POST {SUBMIT} 400 [kling-v3] [duration: 99 is more than 15 (3 to 15)]"
    assert gateway.journal[:2] == [first, second]


def test_the_gateway_does_not_remember_keys(clock: Clock) -> None:
    gateway = MockGateway(clock=clock, keys=["sk-very-secret"])
    assert submit(gateway, authorization="Bearer sk-very-secret").status == 200
    assert "very-secret" not in repr(gateway.journal[0]) + json.dumps(gateway.journal.as_json()) + repr(gateway)
    assert [text for text in _texts(gateway, set()) if "very-secret" in text] == []


def _texts(value: Any, seen: set[int]) -> Iterator[str]:
    """All texts that an object of the mock gateway holds on to."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(key, seen)
            yield from _texts(item, seen)
    elif isinstance(value, Collection):
        for item in value:
            yield from _texts(item, seen)
    elif "mock" in type(value).__module__.split("."):
        for name in (*getattr(value, "__dict__", ()), *getattr(value, "__slots__", ())):
            yield from _texts(getattr(value, name), seen)


def test_the_oldest_exchanges_and_tasks_are_dropped(clock: Clock) -> None:
    gateway = MockGateway(clock=clock, keep=3)
    tasks = [new_task(gateway) for _ in range(5)]
    assert len(gateway.journal) == 3
    assert gateway.journal.forgotten == 2
    assert gateway.journal.bought == 5
    assert [entry.number for entry in gateway.journal] == [3, 4, 5]
    assert send(gateway, "GET", f"{SUBMIT}/{tasks[1]}").status == 404
    assert send(gateway, "GET", f"{SUBMIT}/{tasks[2]}").status == 200
    submit(gateway, BODY | {"image": "A" * 200_000})
    assert gateway.journal[-1].body is None
    assert gateway.journal[-1].size > 200_000


def test_the_oldest_fault_counts_are_dropped(clock: Clock) -> None:
    gateway = MockGateway(clock=clock, keep=3)
    for number in range(20):
        statuses = [submit(gateway, x_mock_scenario="429:1", x_client_request_id=str(number)).status for _ in range(2)]
        assert statuses == [429, 200]
    assert len(gateway._faults) <= 4


def test_a_reset_forgets_everything(gateway: MockGateway) -> None:
    task_id = new_task(gateway)
    assert body_of(send(gateway, "GET", "/__mock/journal"))["entries"][0]["task_id"] == task_id
    assert body_of(send(gateway, "POST", "/__mock/reset")) == {"reset": True}
    assert body_of(send(gateway, "GET", "/__mock/journal")) == {"entries": [], "forgotten": 0}
    assert send(gateway, "GET", f"{SUBMIT}/{task_id}").status == 404
    gateway.reset()
    assert new_task(gateway) == task_id


def test_an_entry_is_one_line_of_printable_characters(gateway: MockGateway) -> None:
    submit(gateway, {"model": "a\nPOST /forged 200 \x1b[31m", "prompt": "p"})
    submit(gateway, b'{"model": "\\ud800", "prompt": "p"}')
    assert [str(entry) for entry in gateway.journal] == [
        rf"POST {SUBMIT} 503 [a\nPOST /forged 200 \x1b[31m]",
        rf"POST {SUBMIT} 503 [\ud800]",
    ]


def test_its_own_pages(gateway: MockGateway) -> None:
    assert b"/__mock/journal" in send(gateway, "GET", "/").body
    assert body_of(send(gateway, "GET", "/__mock/scenarios")).keys() == SCENARIOS.keys()
    assert send(gateway, "POST", "/__mock/scenarios").status == 404
    for path in ("/", "/openapi.json", "/__mock/journal"):
        head, page = send(gateway, "HEAD", path), send(gateway, "GET", path)
        assert (head.status, head.headers, head.body) == (200, page.headers, b"")
    assert len(gateway.journal) == 0


def test_listeners_hear_of_every_exchange(gateway: MockGateway) -> None:
    heard: list[int] = []
    gateway.listeners.append(lambda entry: heard.append(entry.status))
    submit(gateway)
    submit(gateway, b"")
    assert heard == [200, 400]


# The server.


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running(MockGateway()) as url:
        yield url


@pytest.mark.parametrize("golden", documented(), ids=str)
def test_documented_curls_are_accepted_as_they_stand(url: str, golden: Golden) -> None:
    text = golden.curl.replace("https://api.modelstream.ai", url).replace("<token>", "sk-mock")
    command = [*shlex.split(text.replace("\\\n", "")), "--silent", "--noproxy", "*", "--max-time", "20"]
    answer = subprocess.run(command, check=True, capture_output=True, timeout=30).stdout
    assert json.loads(answer)["status"] == "queued"
    assert json.loads(answer).keys() == {"task_id", "status"}


def test_the_placeholder_of_the_documentation_is_no_key(url: str) -> None:
    with httpx.Client(base_url=url, trust_env=False) as http:
        response = http.post(SUBMIT, json=BODY, headers={"Authorization": "Bearer <token>"})
    assert response.status_code == 401


def test_the_server_sends_the_responses_of_the_gateway(url: str) -> None:
    with httpx.Client(base_url=url, trust_env=False, headers=KEY) as http:
        task_id = http.post(SUBMIT, json=BODY).json()["task_id"]
        state = [http.get(f"{SUBMIT}/{task_id}").json() for _ in range(3)][-1]
        assert state["url"] == f"{url}/results/{task_id}.mp4"
        assert httpx.get(state["url"], trust_env=False).content == VIDEO
        head = http.head(f"/v1/videos/{task_id}/content")
        assert (head.status_code, head.headers["content-length"], head.content) == (200, str(len(VIDEO)), b"")
        part = http.get(f"/v1/videos/{task_id}/content", headers={"Range": "bytes=5-9"})
        assert (part.status_code, part.content) == (206, VIDEO[5:10])
        assert http.get("/%0A/x%2Fy").status_code == 404
        assert http.get("/__mock/journal").json()["entries"][-1]["path"] == "/%0A/x%2Fy"


def test_responses_on_a_kept_alive_connection_do_not_wait_for_acknowledgements(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without the option, each exchange takes 40 ms longer than it should."""
    connections: list[int] = []
    accept = Protocol.connection_made

    def connection_made(self: Protocol, transport: Any) -> None:
        accept(self, transport)
        connections.append(transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    monkeypatch.setattr(Protocol, "connection_made", connection_made)
    with running(MockGateway()) as url:
        connection = HTTPConnection("127.0.0.1", _port(url))
        for _ in range(2):
            connection.request("GET", "/__mock/journal")
            assert connection.getresponse().read().startswith(b'{"entries"')
        connection.close()
    [no_delay] = connections
    assert no_delay != 0


def test_a_body_that_is_too_large_for_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelstream_runtime.mock.bodies.MAX_BYTES", 1000)
    with running(MockGateway()) as url, httpx.Client(base_url=url, trust_env=False, headers=KEY) as http:
        response = http.post(SUBMIT, json=BODY | {"prompt": "x" * 100_000})
    assert response.status_code == 413


def test_a_body_that_is_too_large_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelstream_runtime.mock.bodies.MAX_BYTES", 1000)
    head = f"POST {SUBMIT} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sk-mock\r\nContent-Length: 1000000\r\n\r\n"
    with running(MockGateway()) as url, socket.create_connection(("127.0.0.1", _port(url)), timeout=10) as connection:
        connection.sendall(head.encode() + b"x" * 2000)
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def _port(url: str) -> int:
    return int(url.rpartition(":")[2])


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=f"127.0.0.1:{port}"), running(MockGateway(), port=port):
            pass
        with pytest.raises(PortTaken, match="another port"):
            serve(port=port)


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("::1", "[::1]"),
        ("0.0.0.0", "127.0.0.1"),  # noqa: S104
        ("::", "[::1]"),
        ("localhost", "127.0.0.1"),
    ],
)
def test_addresses_to_listen_on(host: str, shown: str) -> None:
    if ":" in host and not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    command = [sys.executable, "-m", "modelstream.mock", "--port", "0", "--log", "json", "--host", host]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            url = json.loads(process.stdout.readline())["url"]
            assert re.fullmatch(rf"http://{re.escape(shown)}:\d+", url)
            assert httpx.get(url, trust_env=False).status_code == 200
        finally:
            process.terminate()


def test_the_server_goes_on_when_nobody_reads_its_log() -> None:
    command = [sys.executable, "-m", "modelstream.mock", "--port", "0", "--log", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert process.stderr
            url = json.loads(process.stdout.readline())["url"]
            process.stdout.close()
            with httpx.Client(base_url=url, trust_env=False, headers=KEY) as http:
                assert [http.post(SUBMIT, json=BODY).status_code for _ in range(2)] == [200, 200]
        finally:
            process.terminate()
        assert "Traceback" not in process.stderr.read()


@pytest.mark.parametrize("log", ["text", "json", "none"])
def test_the_command_prints_its_address_and_each_exchange(log: str) -> None:
    command = [sys.executable, "-m", "modelstream.mock", "--port", "0", "--log", log]
    with process(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as mock:
        first = mock.stdout.readline()
        url = json.loads(first)["url"] if log == "json" else first.split()[3]
        assert url.startswith("http://127.0.0.1:")
        with httpx.Client(base_url=url, trust_env=False, headers=KEY) as http:
            task_id = http.post(SUBMIT, json=BODY).json()["task_id"]
        mock.terminate()
        rest, errors = mock.stdout.read(), mock.stderr.read()
    assert errors == ""
    if log == "json":
        assert json.loads(rest)["task_id"] == task_id
        return
    assert (f"POST {SUBMIT} 200 [kling-v3] [{task_id}]" in rest) is (log == "text")
    assert f'curl -X POST "{url}{SUBMIT}" -H "Authorization: Bearer sk-mock"' in rest
    assert f"export MODELSTREAM_BASE_URL={url} MODELSTREAM_API_KEY=sk-mock" in rest


def test_the_curl_to_try_works(url: str) -> None:
    from modelstream_runtime.mock.welcome import welcome

    _, _, command = welcome(CATALOG, url).partition("Try it:\n")
    words = [*shlex.split(command.replace("\\\n", "")), "--silent", "--noproxy", "*", "--max-time", "20"]
    answer = subprocess.run(words, check=True, capture_output=True, timeout=30).stdout
    assert json.loads(answer)["status"] == "queued"


@pytest.mark.parametrize("arguments", [["--scenario", "418"], ["--polls", "0"], ["--port", "99999"]])
def test_a_command_that_the_gateway_rejects(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "modelstream.mock", *arguments]
    result = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)
    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("arguments", [["--dialect", "klingon"], ["--polls", "many"], ["--log", "loud"]])
def test_a_command_with_a_wrong_option(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "modelstream.mock", *arguments]
    result = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)
    assert result.returncode == 2
    assert f"argument {arguments[0]}: invalid" in result.stderr.splitlines()[-1]


# What is imported, and when.

_WITHOUT = "import sys\nsys.modules[{missing!r}] = None\n"


@pytest.mark.parametrize("missing", ["jsonschema", "starlette", "uvicorn"])
def test_a_missing_extra_is_reported(missing: str) -> None:
    code = f"{_WITHOUT.format(missing=missing)}import runpy\nrunpy.run_module('modelstream.mock', run_name='__main__')"
    result = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=30)
    assert result.returncode == 1
    assert result.stderr == (
        f"the mock gateway needs the package {missing}, which the extra 'mock' installs; {install_advice('mock')}\n"
    )


def test_inside_the_process_no_web_framework_is_needed() -> None:
    code = (
        _WITHOUT.format(missing="starlette")
        + _WITHOUT.format(missing="uvicorn")
        + "import httpx\nfrom modelstream.mock import MockGateway, MockTransport, URL\n"
        + "http = httpx.Client(transport=MockTransport(MockGateway()))\n"
        + "assert http.get(URL + '/__mock/journal').status_code == 200\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)


@pytest.mark.parametrize("module", ["modelstream", "modelstream.mock", "modelstream.mock.pytest_plugin"])
def test_nothing_is_imported_before_it_is_used(module: str) -> None:
    heavy = {"httpx", "pydantic", "jsonschema", "starlette", "uvicorn", "modelstream.mock.core"}
    code = f"import sys, {module}\nprint(sorted({sorted(heavy)} & sys.modules.keys()))".replace(
        str(sorted(heavy)), f"set({sorted(heavy)})"
    )
    result = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=30)
    assert result.stdout.strip() == "[]"


def test_public_names() -> None:
    import modelstream.mock as mock

    for name in mock.__all__:
        assert getattr(mock, name) is not None
    assert set(mock.__all__) <= set(dir(mock))
    with pytest.raises(AttributeError, match="nothing"):
        _ = mock.nothing  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    assert issubclass(MissingExtra, ImportError)
    assert issubclass(MissingExtra, modelstream.ModelStreamError)


def test_the_transport_hands_over_whatever_host_it_is_for(gateway: MockGateway) -> None:
    with httpx.Client(transport=MockTransport(gateway)) as http:
        response = http.post(f"https://elsewhere.example.com:8443{SUBMIT}?x=1", json=BODY, headers=KEY)
        assert response.status_code == 200
        task_id = response.json()["task_id"]
        where = f"https://elsewhere.example.com:8443{SUBMIT}/{task_id}"
        state = [http.get(where, headers=KEY).json() for _ in range(3)][-1]
    assert state["url"] == f"https://elsewhere.example.com:8443/results/{task_id}.mp4"
