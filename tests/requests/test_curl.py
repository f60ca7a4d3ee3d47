"""The curl command of a request with a file in it works in a real shell, however long its body is."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path

import pytest

from modelstream import KlingV3, VideoRequest
from modelstream_runtime.curl import MAX_ARGUMENT
from tests.support.server import serve

PNG = b"\x89PNG\r\n\x1a\n"
SHELLS = {
    "bash": ["bash", "--norc", "--noprofile"],
    "sh": ["sh"],
    # At a prompt, the shell also expands "!".
    "bash at a prompt": ["bash", "--norc", "--noprofile", "-i"],
}
NASTY = "JSON\nEOF\nJSON'\n'\"$(touch canary)`touch canary`${HOME}\\ !! <<'JSON' \\\n日本語 🎬 \x1b[2J\u2028 -d @-"
LONG = [
    KlingV3(prompt="p", image=PNG + bytes(150_000)),
    VideoRequest(model="m", prompt=NASTY * 2_000, metadata={NASTY: [NASTY, None]}),
]
STUB = '#!/bin/sh\nprintf "%s\\0" "$@" > arguments\ncat > body\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a program ``curl`` that keeps what it gets. As a program, it has the limits of the system."""
    stub = tmp_path / "bin" / "curl"
    stub.parent.mkdir()
    stub.write_text(STUB)
    stub.chmod(0o755)
    return tmp_path


def run(shell: str, command: str, folder: Path) -> tuple[list[str], str]:
    """The arguments and the standard input that curl gets from the command, followed by another one."""
    path = f"{folder / 'bin'}:{os.environ['PATH']}"
    environment = {"PATH": path, "LC_ALL": "C.UTF-8", "HISTFILE": "", "HOME": str(folder)}
    lines = f"{command}\ntouch after\n".encode()
    done = subprocess.run(SHELLS[shell], input=lines, cwd=folder, env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr[-500:]
    assert (folder / "after").exists()
    assert not list(folder.rglob("canary"))
    arguments = (folder / "arguments").read_bytes().decode().split("\0")[:-1]
    return arguments, (folder / "body").read_bytes().decode()


@pytest.mark.parametrize("request_", LONG, ids=["a picture", "hostile texts"])
@pytest.mark.parametrize("shell", SHELLS)
def test_a_long_body_comes_from_a_here_document(shell: str, request_: KlingV3 | VideoRequest, folder: Path) -> None:
    arguments, body = run(shell, request_.to_curl("k!'\"$(touch canary)"), folder)
    assert arguments[:2] == ["-X", "POST"]
    assert arguments[4] == "Authorization: Bearer k!'\"$(touch canary)"
    assert arguments[-2:] == ["-d", "@-"]
    assert json.loads(body) == request_.to_payload()


def test_a_long_command_says_the_same_as_a_short_one() -> None:
    command = LONG[0].to_curl()
    short = KlingV3(prompt="p", image="https://example.com/a.png").to_curl()
    head, _, rest = command.partition("  -d @- <<'JSON'\n")
    assert head == short.partition("  -d '")[0]
    body, _, end = rest.rpartition("\nJSON")
    assert (body, end) == (json.dumps(LONG[0].to_payload(), indent=2, ensure_ascii=False), "")


def test_the_documented_form_stays_as_long_as_a_shell_takes_it() -> None:
    def sized(size: int) -> str:
        return KlingV3(prompt="p", image="https://example.com/" + "a" * size).to_curl()

    spare = MAX_ARGUMENT - len(shlex.split(sized(0))[-1])
    assert shlex.split(sized(spare))[-2] == "-d"
    assert len(shlex.split(sized(spare))[-1]) == MAX_ARGUMENT
    assert "-d @- <<'JSON'\n" in sized(spare + 1)


def test_the_limit_counts_bytes() -> None:
    assert "-d @-" in VideoRequest(model="m", prompt="字" * (MAX_ARGUMENT // 3 + 1)).to_curl()


def test_curl_itself_sends_the_body(tmp_path: Path) -> None:
    with serve([{"task_id": "task_1"}]) as server:
        for request in LONG:
            command = request.to_curl("sk-1", base_url=server.url)
            subprocess.run(["bash", "-s"], input=command.encode(), check=True, capture_output=True, cwd=tmp_path)
            assert server.received[-1].json == request.to_payload()
            assert server.received[-1].header("content-type") == "application/json"
