"""The first minute of a new user: a mock gateway, a video from the command line, Ctrl-C, and the video all the same."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.process import process

MODELSTREAM = [sys.executable, "-m", "modelstream"]


@pytest.fixture
def surroundings(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment that ``modelstream mock`` says to set."""
    with process([*MODELSTREAM, "mock", "--port", "0"], stdout=subprocess.PIPE, text=True) as mock:
        said = mock.stdout.readline() + mock.stdout.readline()
        settings = dict(re.findall(r"(MODELSTREAM_\w+)=(\S+)", said))
        assert settings.keys() == {"MODELSTREAM_BASE_URL", "MODELSTREAM_API_KEY"}
        yield os.environ | settings | {"XDG_CACHE_HOME": os.devnull}


def run(surroundings: dict[str, str], folder: Path, *arguments: str) -> str:
    command = [*MODELSTREAM, *arguments]
    done = subprocess.run(command, env=surroundings, cwd=folder, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def test_a_video_from_the_command_line(surroundings: dict[str, str], tmp_path: Path) -> None:
    run(
        surroundings,
        tmp_path,
        "generate",
        "kling-v3",
        "--prompt",
        "A cup of coffee",
        "--interval",
        "0.01",
        "-o",
        "a.mp4",
    )
    assert (tmp_path / "a.mp4").read_bytes()[4:8] == b"ftyp"


def test_an_interrupted_wait_is_resumed(surroundings: dict[str, str], tmp_path: Path) -> None:
    """Submit in Python, press Ctrl-C while waiting, and fetch the video in another process as the error advises."""
    code = (
        "from modelstream import KlingV3, ModelStream\n"
        "task = ModelStream().submit(KlingV3(prompt='A cup of coffee'))\n"
        "task.wait(interval=30, on_update=lambda task: print(task, flush=True))"
    )
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with process([sys.executable, "-c", code], env=surroundings, **pipes) as waiting:
        assert "queued" in waiting.stdout.readline()
        waiting.send_signal(signal.SIGINT)
        _, said = waiting.communicate(timeout=20)
    advice = re.search(r"client\.task\('(\w+)'\)\.wait\(\)", said)
    assert advice is not None
    run(surroundings, tmp_path, "wait", advice[1], "--interval", "0.01", "-o", "b.mp4")
    assert (tmp_path / "b.mp4").read_bytes()[4:8] == b"ftyp"
