"""``modelstream studio`` as a process: where it listens, what it prints and opens, and how it ends."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from http import HTTPStatus
from pathlib import Path

import pytest

from modelstream.gateway import GATEWAY
from modelstream_runtime.about import install_advice
from modelstream_runtime.studio.server.options import HOST, PORT
from tests.support.command import PATIENCE, run_script, surroundings
from tests.support.studio import KEY, studio_process, until

HAS_KEY = {GATEWAY.api_key_variable: KEY}


def test_without_a_key_it_starts_on_the_mock_and_says_so(tmp_path: Path) -> None:
    with studio_process("--no-browser", "--port=0", home=tmp_path) as (started, visitor):
        session = visitor.get("/api/session").json
        started.send_signal(signal.SIGINT)
        assert f"{GATEWAY.api_key_variable} is not set: videos come from the built-in mock" in started.stderr.read()
    assert session["mock"] is True


def test_with_a_key_it_uses_the_gateway_unless_told_otherwise(tmp_path: Path) -> None:
    for words, mock in (((), False), (("--mock",), True)):
        with studio_process("--no-browser", "--port=0", *words, home=tmp_path, **HAS_KEY) as (started, visitor):
            session = visitor.get("/api/session")
            started.send_signal(signal.SIGINT)
            printed = started.stdout.read() + started.stderr.read()
        assert session.json["mock"] is mock
        assert (tmp_path / ("mock/journal.sqlite" if mock else "journal.sqlite")).is_file()
        assert KEY not in printed + session.body.decode()


def test_a_gateway_on_this_machine_has_a_journal_of_its_own(tmp_path: Path) -> None:
    with studio_process("--no-browser", "--port=0", "--base-url=http://127.0.0.1:9", home=tmp_path, **HAS_KEY) as (
        _,
        visitor,
    ):
        visitor.get("/api/session")
        assert [path.name for path in tmp_path.iterdir()] == ["mock"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_at_once_and_quietly(tmp_path: Path, number: signal.Signals) -> None:
    with studio_process("--no-browser", "--port=0", "--mock", home=tmp_path) as (started, visitor):
        visitor.get("/api/session")
        started.send_signal(number)
        assert started.wait(PATIENCE) == 0
        assert "Traceback" not in started.stderr.read()


def test_the_default_port_falls_back_to_a_free_one_and_says_so(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind((HOST, PORT))
            other.listen()
        except OSError:
            pass  # Another studio of this machine has it, which is just as well.
        with studio_process("--no-browser", "--mock", home=tmp_path) as (started, visitor):
            assert visitor.get("/api/session").status == HTTPStatus.OK
            started.send_signal(signal.SIGINT)
            assert f"Port {PORT} is taken" in started.stderr.read()
    assert not visitor.authority.endswith(f":{PORT}")


def test_a_port_that_somebody_asked_for_is_the_port_or_an_error(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as other:
        port = other.getsockname()[1]
        ended = run_script("studio", "--no-browser", "--mock", f"--port={port}", cwd=tmp_path)
    assert (ended.status, ended.out) == (1, "")
    assert f"cannot listen on {HOST}:{port}" in ended.err
    assert "Traceback" not in ended.err


def test_the_browser_gets_an_address_that_works_once(tmp_path: Path) -> None:
    """The list of processes shows it to everybody on the machine."""
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {opened}.part && mv {opened}.part {opened}\n', encoding="utf-8")
    browser.chmod(0o700)
    with studio_process("--mock", "--port=0", home=tmp_path, BROWSER=f"{browser} %s") as (_, visitor):
        until(opened.exists)
        url = opened.read_text(encoding="utf-8")
        assert visitor.address.token not in url
        path = url.removeprefix(visitor.address.url)
        replies = [visitor.get(path, x_studio_token=None, sec_fetch_site="none") for _ in range(2)]
    assert [reply.status for reply in replies] == [HTTPStatus.SEE_OTHER, HTTPStatus.GONE]
    assert replies[0].headers["location"] == f"/#token={visitor.address.token}"


def test_no_text_browser_takes_over_the_terminal(tmp_path: Path) -> None:
    browser = tmp_path / "www-browser"
    browser.write_text(f"#!/bin/sh\ntouch {tmp_path}/opened\n", encoding="utf-8")
    browser.chmod(0o700)
    with studio_process("--mock", "--port=0", home=tmp_path, PATH=str(tmp_path)) as (started, visitor):
        visitor.get("/api/session")
        started.send_signal(signal.SIGINT)
        started.wait(PATIENCE)
    assert not (tmp_path / "opened").exists()


@pytest.mark.parametrize("missing", ["jsonschema", "starlette", "uvicorn"])
def test_a_missing_extra_is_reported(missing: str, tmp_path: Path) -> None:
    code = f"import sys; sys.modules[{missing!r}] = None\nfrom modelstream.cli import main; sys.exit(main(['studio']))"
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=surroundings(), cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "needs the extra 'studio'" in ended.stderr
    assert install_advice("studio") in ended.stderr


def test_a_malformed_key_is_reported_before_anything_starts(tmp_path: Path) -> None:
    ended = run_script("studio", cwd=tmp_path, environment={GATEWAY.api_key_variable: "two words"})
    assert (ended.status, ended.out) == (3, "")
