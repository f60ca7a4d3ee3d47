"""Saving a video: whole or not at all, resumed after a cut, and with the key for nobody but the gateway."""

from __future__ import annotations

import asyncio
import base64
import errno
import hashlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from typing import Any

import httpx
import pytest

from modelstream import AsyncModelStream, DownloadError, ModelStream
from modelstream_runtime import retry
from tests.support.server import Received, Reply, response, serve

KEY = "sk-very-secret"
VIDEO = bytes(range(256)) * 400


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_DELAY", 0.005)
    monkeypatch.setattr(retry, "LONGEST_DELAY", 0.01)


def save_sync(url: str, path: Path, **options: Any) -> Path:
    with ModelStream(KEY, base_url=url) as client:
        return client.task("task_1").save(path, **options)


def save_async(url: str, path: Path, **options: Any) -> Path:
    async def run() -> Path:
        async with AsyncModelStream(KEY, base_url=url) as client:
            return await client.task("task_1").save(path, **options)

    return asyncio.run(run())


both = pytest.mark.parametrize("save", [save_sync, save_async])
Save = Callable[..., Path]


def video(
    received: Received, *, status: int | None = None, headers: tuple[str, ...] = (), until: int | None = None
) -> Reply:
    """The video, or the requested part of it; broken off after some bytes of this response."""
    match = re.fullmatch(r"bytes=(\d+)-", received.header("range") or "")
    start = int(match[1]) if match else 0
    if start >= len(VIDEO):
        return response(416, raw=b"", headers=[f"Content-Range: bytes */{len(VIDEO)}"])
    part = VIDEO[start:]
    lines = [
        f"HTTP/1.1 {status or (206 if match else 200)} X",
        "Content-Type: video/mp4",
        f"Content-Length: {len(part)}",
    ]
    if match:
        lines.append(f"Content-Range: bytes {start}-{len(VIDEO) - 1}/{len(VIDEO)}")
    head = "\r\n".join([*lines, *headers, "", ""]).encode()
    return Reply(head + part[:until], "keep" if until is None else "cut")


def gateway(download: Callable[[Received, int], Reply], *, host: str = "localhost", url: str | None = None) -> Any:
    """A gateway with a finished task whose video is at another host, which `download` plays."""
    downloads = 0

    def script(received: Received, number: int) -> Reply:
        nonlocal downloads
        if received.path.startswith("/v1/video/generations/"):
            address = url or f"http://{host}:{received.port}/v.mp4"
            return response(200, {"status": "completed", "url": address})
        downloads += 1
        return download(received, downloads - 1)

    return serve(script)


def only(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))  # noqa: PTH208


@both
def test_a_video_at_another_host(save: Save, tmp_path: Path) -> None:
    progress: list[tuple[int, int | None]] = []
    with gateway(lambda received, number: video(received)) as server:
        saved = save(server.url, tmp_path / "v.mp4", on_progress=lambda *p: progress.append(p))
        asked = [received for received in server.received if received.path == "/v.mp4"]
    assert saved == tmp_path / "v.mp4"
    assert saved.read_bytes() == VIDEO
    assert only(tmp_path) == ["v.mp4"]
    assert progress[-1] == (len(VIDEO), len(VIDEO))
    assert len(asked) == 1
    assert "authorization" not in asked[0].headers


class Sluggish(FileIO):
    """A file that takes fewer bytes at once than it is given, as one on a network may."""

    def write(self, data: Any) -> int:
        return super().write(memoryview(data)[:1000])


@both
def test_a_disk_that_takes_less_than_it_is_given(save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "open", lambda path, mode, **options: Sluggish(path, mode))
    with gateway(lambda received, number: video(received)) as server:
        save(server.url, tmp_path / "v.mp4")
    assert (tmp_path / "v.mp4").stat().st_size == len(VIDEO)
    monkeypatch.undo()
    assert (tmp_path / "v.mp4").read_bytes() == VIDEO


@both
@pytest.mark.parametrize("size", [0, 1, 1000, len(VIDEO) - 1])
def test_a_cut_is_resumed(save: Save, tmp_path: Path, size: int) -> None:
    tag = ('ETag: "1"',)
    with gateway(lambda received, number: video(received, headers=tag, until=None if number else size)) as server:
        assert save(server.url, tmp_path / "v.mp4").read_bytes() == VIDEO
        again = server.received[-1]
    assert again.header("range") == (f"bytes={size}-" if size else None)
    assert again.header("if-range") == ('"1"' if size else None)


@both
def test_many_cuts(save: Save, tmp_path: Path) -> None:
    with gateway(lambda received, number: video(received, until=5000 if number < 15 else None)) as server:
        assert save(server.url, tmp_path / "v.mp4").read_bytes() == VIDEO


@both
def test_a_server_that_cannot_resume(save: Save, tmp_path: Path) -> None:
    def whole(received: Received, number: int) -> Reply:
        bare = Received(received.method, received.path, [], b"")
        return video(bare, until=None if number else 1000)

    with gateway(whole) as server:
        assert save(server.url, tmp_path / "v.mp4").read_bytes() == VIDEO


@both
def test_a_part_that_was_not_requested(save: Save, tmp_path: Path) -> None:
    def shifted(received: Received, number: int) -> Reply:
        if number != 1:
            return video(received, until=None if number else 1000)
        span = f"Content-Range: bytes 0-{len(VIDEO) - 1}/{len(VIDEO)}"
        return response(206, raw=VIDEO, kind="video/mp4", headers=[span])

    with gateway(shifted) as server:
        assert save(server.url, tmp_path / "v.mp4").read_bytes() == VIDEO


@both
def test_no_length_and_cut_short(save: Save, tmp_path: Path) -> None:
    """A proxy that cuts and still says 200: the client requests the byte after the end."""

    def lengthless(received: Received, number: int) -> Reply:
        if number:
            return video(received)
        return Reply(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nConnection: close\r\n\r\n" + VIDEO[:3000], "cut")

    with gateway(lengthless) as server:
        assert save(server.url, tmp_path / "v.mp4").read_bytes() == VIDEO


@both
def test_no_length_and_whole(save: Save, tmp_path: Path) -> None:
    def lengthless(received: Received, number: int) -> Reply:
        if number:
            return video(received)
        return Reply(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + VIDEO, "cut")

    with gateway(lengthless) as server:
        assert save(server.url, tmp_path / "v.mp4").read_bytes() == VIDEO
        assert server.received[-1].header("range") == f"bytes={len(VIDEO)}-"


@both
def test_chunks_that_break_off(save: Save, tmp_path: Path) -> None:
    def chunked(received: Received, number: int) -> Reply:
        if number:
            return video(received)
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        return Reply(head + b"%x\r\n" % 3000 + VIDEO[:3000] + b"\r\n", "cut")

    with gateway(chunked) as server:
        assert save(server.url, tmp_path / "v.mp4").read_bytes() == VIDEO


@both
def test_a_download_that_never_gets_further(save: Save, tmp_path: Path) -> None:
    (tmp_path / "v.mp4").write_bytes(b"the old one")
    with gateway(lambda received, number: video(received, until=0)) as server, pytest.raises(DownloadError) as caught:
        save(server.url, tmp_path / "v.mp4")
    assert caught.value.task_id == "task_1"
    assert only(tmp_path) == ["v.mp4"]
    assert (tmp_path / "v.mp4").read_bytes() == b"the old one"


@both
def test_an_expired_address_is_replaced_by_a_new_one(save: Save, tmp_path: Path) -> None:
    asked = 0

    def script(received: Received, number: int) -> Reply:
        nonlocal asked
        port = received.port
        if received.path.startswith("/v1/video/generations/"):
            asked += 1
            return response(200, {"status": "completed", "url": f"http://localhost:{port}/v{asked}.mp4"})
        return video(received) if received.path == "/v2.mp4" else response(403, raw=b"<Error>Expired</Error>")

    with serve(script) as server:
        assert save(server.url, tmp_path / "v.mp4").read_bytes() == VIDEO


@both
def test_then_the_gateway_itself(save: Save, tmp_path: Path) -> None:
    def script(received: Received, number: int) -> Reply:
        if received.path == "/v1/videos/task_1/content":
            return video(received)
        if received.path.startswith("/v1/video/generations/"):
            return response(200, {"status": "completed", "url": f"http://localhost:{received.port}/v.mp4"})
        return response(404, raw=b"gone")

    with serve(script) as server:
        assert save(server.url, tmp_path / "v.mp4").read_bytes() == VIDEO
        keys = {received.path: received.header("authorization") for received in server.received}
    assert keys["/v1/videos/task_1/content"] == f"Bearer {KEY}"
    assert keys["/v.mp4"] is None


@both
def test_redirects_take_no_key_along(save: Save, tmp_path: Path) -> None:
    def script(received: Received, number: int) -> Reply:
        port = received.port
        if received.path.startswith("/v1/video/generations/"):
            return response(200, {"status": "completed"})
        if received.path == "/v1/videos/task_1/content":
            return response(302, raw=b"", headers=[f"Location: http://localhost:{port}/elsewhere"])
        return video(received)

    with serve(script) as server:
        save(server.url, tmp_path / "v.mp4")
        keys = [(received.path, received.header("authorization")) for received in server.received[-2:]]
    assert keys == [("/v1/videos/task_1/content", f"Bearer {KEY}"), ("/elsewhere", None)]


@both
def test_another_port_of_the_gateways_host_is_another_host(save: Save, tmp_path: Path) -> None:
    with serve(lambda received, number: video(received)) as storage:
        with gateway(lambda received, number: video(received), url=f"{storage.url}/v.mp4") as server:
            save(server.url, tmp_path / "v.mp4")
        assert [received.header("authorization") for received in storage.received] == [None]


def test_a_callers_own_secrets_stay_at_home(tmp_path: Path) -> None:
    with gateway(lambda received, number: video(received)) as server:
        own = {"Authorization": "Bearer own", "X-Api-Key": "own", "Cookie": "session=own"}
        with httpx.Client(headers=own, auth=("user", "own")) as http:
            ModelStream(KEY, base_url=server.url, http_client=http).task("task_1").save(tmp_path / "v.mp4")
        [download] = [received for received in server.received if received.path == "/v.mp4"]
    assert "own" not in str(download.headers)
    assert KEY not in str(download.headers)


@both
def test_redirects_without_end(save: Save, tmp_path: Path) -> None:
    with gateway(lambda received, number: response(302, raw=b"", headers=["Location: /again"])) as server:
        with pytest.raises(DownloadError, match="redirects"):
            save(server.url, tmp_path / "v.mp4")
        assert server.count("GET") < 40
    assert only(tmp_path) == []


@both
@pytest.mark.parametrize("headers", [[], ["Location: http://[bad"]])
def test_a_redirect_to_nowhere_leaves_the_next_address(save: Save, tmp_path: Path, headers: list[str]) -> None:
    with (
        serve([response(302, raw=b"", headers=headers)]) as storage,
        gateway(lambda received, number: video(received), url=f"{storage.url}/v.mp4") as server,
    ):
        assert save(server.url, tmp_path / "v.mp4").read_bytes() == VIDEO
    assert only(tmp_path) == ["v.mp4"]


@both
@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://localhost/v", "http://"])
def test_what_is_no_address(save: Save, tmp_path: Path, address: str) -> None:
    with gateway(lambda received, number: response(404, raw=b""), url=address) as server, pytest.raises(DownloadError):
        save(server.url, tmp_path / "v.mp4")
    assert only(tmp_path) == []


@both
def test_a_data_uri(save: Save, tmp_path: Path) -> None:
    uri = f"data:video/mp4;base64,{base64.b64encode(VIDEO).decode()}"
    with gateway(lambda received, number: response(404, raw=b""), url=uri) as server:
        assert save(server.url, tmp_path / "v.mp4").read_bytes() == VIDEO
        assert server.count("GET") == 1


@both
def test_a_page_is_no_video(save: Save, tmp_path: Path) -> None:
    page = response(200, raw=b"<html>please log in</html>", kind="text/html")
    with gateway(lambda received, number: page) as server, pytest.raises(DownloadError, match="text/html"):
        save(server.url, tmp_path / "v.mp4")
    assert only(tmp_path) == []


@both
def test_a_digest(save: Save, tmp_path: Path) -> None:
    with gateway(lambda received, number: video(received)) as server:
        save(server.url, tmp_path / "v.mp4", sha256=hashlib.sha256(VIDEO).hexdigest().upper())
        with pytest.raises(DownloadError, match="SHA-256"):
            save(server.url, tmp_path / "w.mp4", sha256="0" * 64)
    assert only(tmp_path) == ["v.mp4"]


def test_names_from_the_network_choose_nothing(tmp_path: Path) -> None:
    lure = ('Content-Disposition: attachment; filename="../../evil.mp4"',)
    with (
        gateway(lambda received, number: video(received, headers=lure)) as server,
        ModelStream(KEY, base_url=server.url) as client,
    ):
        saved = client.task("../../evil").save(tmp_path)
        assert saved.parent == tmp_path
        assert re.fullmatch(r"modelstream-[A-Za-z0-9_-]+\.mp4", saved.name)
        assert client.task("task_1").save(f"{tmp_path}/new/").parent == tmp_path / "new"


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with gateway(lambda received, number: video(received)) as server, pytest.raises(OSError):  # noqa: PT011
        save_sync(server.url, tmp_path / "file" / "v.mp4")
    assert only(tmp_path) == ["file"]


def test_an_interrupted_download_leaves_nothing(tmp_path: Path) -> None:
    def stop(received: int, expected: int | None) -> None:
        raise KeyboardInterrupt

    with gateway(lambda received, number: video(received)) as server, pytest.raises(KeyboardInterrupt):
        save_sync(server.url, tmp_path / "v.mp4", on_progress=stop)
    assert only(tmp_path) == []


MEASURE = """
import resource, sys
from modelstream import ModelStream
client = ModelStream("sk-x", base_url=sys.argv[1])
task = client.task("small").wait()
task.save(sys.argv[2])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
client.task("large").save(sys.argv[2])
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


def test_memory_stays_flat(tmp_path: Path) -> None:
    """200 MB take no more memory than a hundredth of it."""
    size = 200_000_000
    head = f"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: {size}\r\n\r\n".encode()
    large = Reply(head + bytes(size))

    def script(received: Received, number: int) -> Reply:
        if received.path.startswith("/v1/video/generations/"):
            return response(200, {"status": "completed", "url": f"http://{received.host}/{received.path[-5:]}"})
        return large if received.path == "/large" else video(received)

    target = tmp_path / "v.mp4"
    with serve(script) as server:
        command = [sys.executable, "-c", MEASURE, server.url, str(target)]
        grown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert target.stat().st_size == size
    assert float(grown) < 20


# Files that are there already, and files that another process left.


@both
def test_an_existing_file_is_replaced_by_default(save: Save, tmp_path: Path) -> None:
    (tmp_path / "v.mp4").write_bytes(b"the old one")
    with gateway(lambda received, number: video(received)) as server:
        assert save(server.url, tmp_path / "v.mp4").read_bytes() == VIDEO


@both
@pytest.mark.parametrize("kind", ["file", "dangling link", "named after the task"])
def test_an_existing_file_is_kept_on_request(save: Save, tmp_path: Path, kind: str) -> None:
    target = tmp_path / ("modelstream-task_1.mp4" if kind == "named after the task" else "v.mp4")
    if kind == "dangling link":
        target.symlink_to(tmp_path / "nowhere")
    else:
        target.write_bytes(b"the old one")
    with gateway(lambda received, number: video(received)) as server:
        with pytest.raises(FileExistsError) as caught:
            save(server.url, tmp_path if kind == "named after the task" else target, overwrite=False)
        assert server.received == []
    assert caught.value.filename == str(target)
    assert "overwrite=True" in str(caught.value)
    assert only(tmp_path) == [target.name]
    assert kind == "dangling link" or target.read_bytes() == b"the old one"


@both
def test_nothing_is_replaced_that_appears_during_the_download(save: Save, tmp_path: Path) -> None:
    def appear(received: int, expected: int | None) -> None:
        (tmp_path / "v.mp4").write_bytes(b"another one")

    with gateway(lambda received, number: video(received)) as server, pytest.raises(FileExistsError) as caught:
        save(server.url, tmp_path / "v.mp4", overwrite=False, on_progress=appear)
    assert caught.value.filename == str(tmp_path / "v.mp4")
    assert (tmp_path / "v.mp4").read_bytes() == b"another one"
    assert only(tmp_path) == ["v.mp4"]


@both
@pytest.mark.parametrize("links", [True, False])
def test_a_new_file_without_overwriting(
    save: Save, tmp_path: Path, links: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise PermissionError(errno.EPERM, "this file system has no hard links")

    if not links:
        monkeypatch.setattr(Path, "hardlink_to", refuse)
    with gateway(lambda received, number: video(received)) as server:
        assert save(server.url, tmp_path / "v.mp4", overwrite=False).read_bytes() == VIDEO
        with pytest.raises(FileExistsError):
            save(server.url, tmp_path / "v.mp4", overwrite=False)
    assert only(tmp_path) == ["v.mp4"]


def test_nothing_is_replaced_without_hard_links_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise PermissionError(errno.EPERM, "this file system has no hard links")

    def appear(received: int, expected: int | None) -> None:
        (tmp_path / "v.mp4").write_bytes(b"another one")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    with gateway(lambda received, number: video(received)) as server, pytest.raises(FileExistsError):
        save_sync(server.url, tmp_path / "v.mp4", overwrite=False, on_progress=appear)
    assert (tmp_path / "v.mp4").read_bytes() == b"another one"
    assert only(tmp_path) == ["v.mp4"]


def test_a_failed_rename_without_hard_links_leaves_no_empty_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise PermissionError(errno.EPERM, "not on this file system")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    monkeypatch.setattr(Path, "replace", refuse)
    with gateway(lambda received, number: video(received)) as server, pytest.raises(OSError, match=r"v\.mp4"):
        save_sync(server.url, tmp_path / "v.mp4", overwrite=False)
    assert only(tmp_path) == []


KILLED = """
import os, signal, sys
from modelstream import ModelStream
def die(received, expected):
    os.kill(os.getpid(), signal.SIGKILL)
ModelStream("sk-x", base_url=sys.argv[1]).task("task_1").save(sys.argv[2], on_progress=die)
"""


@both
def test_what_a_killed_process_left_is_removed_by_the_next_save(save: Save, tmp_path: Path) -> None:
    target = tmp_path / "v.mp4"
    with gateway(lambda received, number: video(received)) as server:
        died = subprocess.run([sys.executable, "-c", KILLED, server.url, str(target)])
        assert died.returncode == -signal.SIGKILL
        [left] = only(tmp_path)
        assert left.endswith(".part")
        others = [".w.mp4.0123abcd.part", ".v.mp4.mine.part", "v.mp4.0123abcd.part", ".v.mp4.0123abcd.part.txt"]
        for name in others:
            (tmp_path / name).write_bytes(b"not ours")
        save(server.url, tmp_path / "x.mp4")
        assert only(tmp_path) == sorted([left, "x.mp4", *others])
        save(server.url, target)
    assert only(tmp_path) == sorted(["v.mp4", "x.mp4", *others])


@both
def test_the_part_file_of_a_living_process_stays(save: Save, tmp_path: Path) -> None:
    """Another save to the same file, by this or another process, is not one of our business."""
    target = tmp_path / "v.mp4"
    inner: list[bytes] = []

    def save_meanwhile(received: int, expected: int | None) -> None:
        if not inner:
            inner.append(b"")
            with gateway(lambda received, number: video(received)) as other:
                code = "import sys; from modelstream import ModelStream as M\n"
                code += "M('sk-x', base_url=sys.argv[1]).task('task_1').save(sys.argv[2])"
                subprocess.run([sys.executable, "-c", code, other.url, str(target)], check=True)
                inner.append(save_sync(other.url, target).read_bytes())

    with gateway(lambda received, number: video(received)) as server:
        assert save(server.url, target, on_progress=save_meanwhile).read_bytes() == VIDEO
    assert inner[1:] == [VIDEO]
    assert only(tmp_path) == ["v.mp4"]


def test_a_planted_link_or_pipe_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"precious")
    folder = tmp_path / "videos"
    folder.mkdir()
    (folder / ".v.mp4.0123abcd.part").symlink_to(outside)
    os.mkfifo(folder / ".v.mp4.4567abcd.part")
    (folder / ".v.mp4.89abcdef.part").mkdir()
    with gateway(lambda received, number: video(received)) as server:
        save_sync(server.url, folder / "v.mp4")
    assert outside.read_bytes() == b"precious"
    assert "v.mp4" in only(folder)


# Errors of the file system name the file that the caller named.


@both
@pytest.mark.parametrize("path", ["/proc/x", "/proc/x/y.mp4", "file/v.mp4", "n" * 300 + ".mp4"])
def test_a_target_that_cannot_be_written_is_named(
    save: Save, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    with gateway(lambda received, number: video(received)) as server, pytest.raises(OSError) as caught:  # noqa: PT011
        save(server.url, Path(path))
    assert caught.value.filename == path
    assert caught.value.errno
    assert ".part" not in str(caught.value)
    assert "choose a path that you can write to" in str(caught.value)
    assert only(tmp_path) == ["file"]


class Full(FileIO):
    """A file on a disk that is full."""

    def write(self, data: Any) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@both
def test_a_full_disk(save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "open", lambda path, mode, **options: Full(path, mode))
    with (
        gateway(lambda received, number: video(received)) as server,
        pytest.raises(OSError, match="free some") as caught,
    ):
        save(server.url, tmp_path / "v.mp4")
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(tmp_path / "v.mp4"))
    assert only(tmp_path) == []


@both
def test_an_error_of_the_callers_own_stays_as_it_is(save: Save, tmp_path: Path) -> None:
    def fail(received: int, expected: int | None) -> None:
        raise BrokenPipeError(errno.EPIPE, "the terminal is gone")

    with gateway(lambda received, number: video(received)) as server, pytest.raises(BrokenPipeError) as caught:
        save(server.url, tmp_path / "v.mp4", on_progress=fail)
    assert str(caught.value) == f"[Errno {errno.EPIPE}] the terminal is gone"


@both
def test_a_long_name_in_another_script(save: Save, tmp_path: Path) -> None:
    """The name of the part file is longer, and a name has at most 255 bytes."""
    with gateway(lambda received, number: video(received)) as server:
        assert save(server.url, tmp_path / ("字" * 83 + ".mp4")).read_bytes() == VIDEO
