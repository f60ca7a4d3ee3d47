"""The process: standard output belongs to the protocol, and signals do not cut off paid requests."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from modelstream.gateway import GATEWAY
from modelstream.mock import MockGateway
from modelstream_runtime.mock.messages import Request
from modelstream_runtime.mock.server import running
from tests.support.agents import bought_at_a_mock, wanted
from tests.support.command import PATIENCE, SCRIPT, run_script, surroundings
from tests.support.mcp_server import call_line
from tests.support.process import process
from tests.support.server import Received, Reply, serve


@contextmanager
def server(folder: Path, url: str | None = None, command: Sequence[str | Path] = (SCRIPT, "mcp")) -> Iterator[Any]:
    """The server, with pipes."""
    given = {"MODELSTREAM_HOME": str(folder)}
    given |= {GATEWAY.api_key_variable: "sk-mock", GATEWAY.base_url_variable: url} if url else {}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with process(command, env=surroundings(given), cwd=folder, **pipes) as started:
        yield started


def send(started: Any, name: str, arguments: dict[str, Any]) -> None:
    """Call a tool."""
    started.stdin.write(call_line(name, arguments).encode())
    started.stdin.flush()


class HeldGateway:
    """The mock gateway, which answers a paid request when it is let go."""

    def __init__(self) -> None:
        self.mock = MockGateway()
        self.asked = threading.Event()
        self.let_go = threading.Event()

    def __call__(self, received: Received, number: int) -> Reply:
        self.asked.set()
        assert self.let_go.wait(PATIENCE)
        headers = {name.lower(): value for name, value in received.headers}
        response = self.mock.handle(
            Request(
                method=received.method,
                path=received.path,
                headers=headers,
                body=received.body,
                origin=f"http://{received.host}",
            )
        )
        lines = [f"HTTP/1.1 {response.status} X", *(f"{name}: {value}" for name, value in response.headers.items())]
        return Reply("\r\n".join([*lines, "", ""]).encode() + response.body)


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 143), (None, 0)], ids=["SIGTERM", "SIGINT", "EOF"]
)
def test_a_paid_request_under_way_is_finished_before_the_end(
    number: signal.Signals | None, status: int, tmp_path: Path
) -> None:
    gateway = HeldGateway()
    with serve(gateway) as at, server(tmp_path, at.url) as started:
        send(started, "submit_video", wanted("Boat"))
        assert gateway.asked.wait(PATIENCE)
        if number is not None:
            started.send_signal(number)
        else:
            started.stdin.close()
        gateway.let_go.set()
        assert started.wait(PATIENCE) == status
    assert [purchase.state for purchase in bought_at_a_mock(tmp_path)] == ["submitted"]
    assert gateway.mock.journal.bought == 1


def test_whoever_asks_twice_need_not_wait_and_leaves_a_doubt(tmp_path: Path) -> None:
    gateway = HeldGateway()
    with serve(gateway) as at:
        with server(tmp_path, at.url) as started:
            send(started, "submit_video", wanted("Boat"))
            assert gateway.asked.wait(PATIENCE)
            for _ in range(2):
                started.send_signal(signal.SIGTERM)
                time.sleep(0.3)  # The system delivers two signals as one if the first is still pending.
            assert started.wait(PATIENCE) == 143
        with server(tmp_path, at.url) as started:
            send(started, "submit_video", wanted("Boat"))
            answer = json.loads(started.stdout.readline())
        gateway.let_go.set()
    assert answer["result"]["structuredContent"]["state"] == "in_doubt"
    assert gateway.mock.journal.bought <= 1


NOISY = """
import os, subprocess, sys
from modelstream.catalog import CATALOG
from modelstream_runtime.agents import service
from modelstream_runtime.cli import run

def noisy(catalog):
    print("printed")
    os.write(1, b"written\\n")
    subprocess.run(["echo", "by a child"])
    return {"models": []}

service.list_models = noisy
sys.exit(run(CATALOG, ["mcp", "--mock"]))
"""


def test_whatever_prints_prints_to_standard_error(tmp_path: Path) -> None:
    with server(tmp_path, None, [sys.executable, "-c", NOISY]) as started:
        send(started, "list_models", {})
        line = started.stdout.readline()
        rest, err = started.communicate(timeout=PATIENCE)
    assert rest == b""
    assert json.loads(line)["result"]["structuredContent"] == {"models": []}
    assert {b"printed", b"written", b"by a child"} <= set(err.splitlines())


def test_garbage_does_not_end_the_server(tmp_path: Path) -> None:
    with server(tmp_path, None, [SCRIPT, "mcp", "--mock"]) as started:
        for line in (b"not JSON", b"{}", b"[]", b'{"jsonrpc": "2.0", "method": "x"}', b"\xff\xfe", b""):
            started.stdin.write(line + b"\n")
        send(started, "list_models", {})
        assert b'"models"' in started.stdout.readline()
        started.communicate(timeout=PATIENCE)
    assert started.returncode == 0


def test_a_person_ends_a_doubt_with_the_command_that_the_agent_is_told(tmp_path: Path) -> None:
    lost = MockGateway(scenario="cut-submit")
    with running(lost) as url, server(tmp_path, url) as started:
        send(started, "submit_video", wanted("Boat"))
        told = json.loads(started.stdout.readline())["result"]["structuredContent"]
    assert told["state"] == "in_doubt"
    (bought,) = [str(entry.task_id) for entry in lost.journal if entry.bought]
    program, *words = re.search(r"(modelstream tasks resolve .*?) ID", told["next"])[1].split()  # type: ignore[index]
    ended = run_script(*words, bought, cwd=tmp_path, environment={"MODELSTREAM_HOME": str(tmp_path)})
    assert (program, ended.status) == (SCRIPT.name, 0), ended
    assert [purchase.state for purchase in bought_at_a_mock(tmp_path)] == ["submitted"]
