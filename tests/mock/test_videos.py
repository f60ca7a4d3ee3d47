"""The videos of the mock gateway: their length, their shape, and how it sends them."""

from __future__ import annotations

import importlib.util
import io
import struct
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import av
import pytest

from modelstream.mock import MockGateway
from modelstream_runtime.mock.messages import Request
from modelstream_runtime.mock.video import SHAPES, make_video
from tests.support.golden import ROOT
from tests.support.mock import SUBMIT, VIDEO, body_of, finished, new_task, send, submit


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
